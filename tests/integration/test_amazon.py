"""E-mail and the bus as targets of actions, on AWS in memory; where calls get lost, a server plays SES."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.ses.models import ses_backends

from proofbridge.actions.perform import Status
from proofbridge.domain.actions import Action, Cause
from proofbridge.domain.items import Vendor
from proofbridge.recovery.retry import retry_action
from proofbridge.stores.amazon import Amazon, sesv2
from proofbridge.stores.event_bus import EventBus
from proofbridge.stores.ledger import EffectState
from proofbridge.vendors.aws.gateway import AwsGateway
from proofbridge.vendors.catalogue import ActionName
from tests.integration.cloud import BUS, QUEUES, REGION, Cloud
from tests.integration.desk import Desk
from tests.integration.ticking import TickingClock
from tests.unit.observations import JOB

ACCOUNT = "123456789012"
"""That of moto."""
SENDER = "proofs@studio.test"
EMAIL = Action(
    "k-email",
    ActionName.EMAIL_SEND,
    Vendor.AWS,
    {
        "to": ["boss@studio.test", "press@studio.test"],
        "subject": "Ale is approved",
        "message": "Print it!\nNow.",
    },
)
EVENT = Action(
    "k-event",
    ActionName.BUS_PUBLISH,
    Vendor.AWS,
    {"type": "studio.proof.approved", "data": {"name": "ale", "copies": 3}},
    cause=Cause(ref=str(JOB)),
)
BOTH = {"email": (EMAIL, "SendEmail"), "event": (EVENT, "PutEvents")}


@pytest.fixture
def gateway(tables: Cloud, clock: TickingClock) -> AwsGateway:
    tables.sesv2.create_email_identity(EmailIdentity=SENDER)
    tables.events.create_event_bus(Name=BUS)
    amazon = Amazon(lambda: tables.sesv2, lambda: EventBus(tables.events, BUS), clock.now)
    return AwsGateway(amazon, SENDER, clock.now)


@pytest.fixture
def desk(tables: Cloud, clock: TickingClock, gateway: AwsGateway) -> Desk:
    return Desk(tables, clock, gateway)


def sent() -> list[Any]:
    """Return the e-mails that SES has taken."""
    return list(ses_backends[ACCOUNT][REGION].sent_messages)


def published(cloud: Cloud) -> list[dict[str, Any]]:
    """Return the CloudEvents that were put on the bus."""
    calls = [call for call in cloud.calls if call.operation == "PutEvents"]
    return [json.loads(entry["Detail"]) for call in calls for entry in call.params["Entries"]]


def refusal(code: str, status: int, message: str = "No.") -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        "SendEmail",
    )


# -- done, once


def test_email_goes_out_once_as_plain_text_when_its_message_comes_twice(desk: Desk) -> None:
    assert desk.perform(EMAIL).fate is Status.DONE
    assert desk.perform(EMAIL).fate is Status.DUPLICATE
    (mail,) = sent()
    assert (mail.source, mail.subject, mail.body) == (SENDER, "Ale is approved", "Print it!\nNow.")
    assert mail.destinations == {"ToAddresses": ["boss@studio.test", "press@studio.test"]}


def test_event_is_a_cloud_event_with_the_actions_own_id_when_published(desk: Desk, tables: Cloud) -> None:
    assert desk.perform(EVENT).fate is Status.DONE
    assert desk.perform(EVENT).fate is Status.DUPLICATE
    (event,) = published(tables)
    assert event.pop("time").endswith("Z")
    identity = event.pop("id")
    assert event == {
        "specversion": "1.0",
        "source": "/proofbridge/routes",
        "type": "studio.proof.approved",
        "subject": str(JOB),
        "datacontenttype": "application/json",
        "data": {"name": "ale", "copies": 3},
    }
    (call,) = [call for call in tables.calls if call.operation == "PutEvents"]
    (entry,) = call.params["Entries"]
    assert (entry["Source"], entry["DetailType"]) == ("proofbridge", "studio.proof.approved")
    assert len(identity) == 32


def test_email_is_sent_once_to_each_and_no_header_can_slip_in(desk: Desk) -> None:
    params = {
        "to": ["boss@studio.test", "boss@studio.test"],
        "subject": "Approved\r\nBcc: everybody@else.test\x00 very",
        "message": "Bcc: nobody",
    }
    assert desk.perform(Action("k", ActionName.EMAIL_SEND, Vendor.AWS, params)).fate is Status.DONE
    (mail,) = sent()
    assert mail.destinations == {"ToAddresses": ["boss@studio.test"]}
    assert (mail.subject, mail.body) == ("Approved Bcc: everybody@else.test very", "Bcc: nobody")


@pytest.mark.parametrize(
    ("to", "problem"),
    [
        ([], "at least 1 item"),
        ([f"{n}@studio.test" for n in range(51)], "at most 50 items"),
        (["boss@studio.test, all@studio.test"], "one e-mail address"),
        (["boss@studio.test\nBcc: all@studio.test"], "one e-mail address"),
        (["Somebody"], "one e-mail address"),
    ],
)
def test_email_is_parked_when_a_text_came_out_as_no_address(desk: Desk, to: list[str], problem: str) -> None:
    action = Action("k", ActionName.EMAIL_SEND, Vendor.AWS, {**EMAIL.params, "to": to})
    outcome = desk.perform(action)
    assert outcome.fate is Status.PARKED
    assert problem in (outcome.reason or "")
    assert sent() == []


# -- refused, limited, failed


@pytest.mark.parametrize("what", sorted(BOTH))
@pytest.mark.parametrize(
    "code", ["TooManyRequestsException", "ThrottlingException", "LimitExceededException"]
)
def test_gate_closes_for_a_minute_when_calls_are_limited(
    desk: Desk, tables: Cloud, what: str, code: str
) -> None:
    action, operation = BOTH[what]
    tables.fail(operation, refusal(code, 429))
    assert desk.perform(action).fate is Status.DEFERRED
    assert desk.entry(action.key).state is EffectState.WAITING
    until = desk.gates.closed_until(Vendor.AWS, desk.clock.now())
    assert until is not None
    assert timedelta(seconds=59) < until - desk.clock.now() <= timedelta(minutes=1)
    desk.clock.advance(minutes=1)
    assert desk.perform_again().fate is Status.DONE
    assert len(sent()) + len(published(tables)) == 1


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("MessageRejected", "Verify the sender in SES"),
        ("MailFromDomainNotVerifiedException", "MAIL FROM domain"),
        ("AccountSuspendedException", "reputation page"),
        ("SendingPausedException", "Resume sending in SES"),
        ("AccessDeniedException", "Deploy with MailIdentity="),
        ("BadRequestException", "Correct the request"),
    ],
)
def test_email_is_parked_with_what_to_do_when_ses_refuses_it(
    desk: Desk, tables: Cloud, code: str, advice: str
) -> None:
    tables.fail("SendEmail", refusal(code, 400, "x" * 400))
    outcome = desk.perform(EMAIL)
    assert (outcome.fate, desk.entry(EMAIL.key).unclear) == (Status.PARKED, False)
    assert f"{code}: xxx" in (outcome.reason or "")
    assert advice in (outcome.reason or "")
    assert "e-mail to boss@studio.test and 1 more" in (outcome.reason or "")


def test_email_is_parked_when_the_sender_is_not_verified(
    tables: Cloud, clock: TickingClock, desk: Desk
) -> None:
    amazon = Amazon(lambda: tables.sesv2, lambda: EventBus(tables.events, BUS), clock.now)
    for sender, reason in (("stranger@else.test", "Verify the sender in SES"), (None, "names none: [email]")):
        other = Desk(tables, clock, AwsGateway(amazon, sender, clock.now))
        outcome = other.perform(Action(f"k-{sender}", EMAIL.name, Vendor.AWS, EMAIL.params))
        assert outcome.fate is Status.PARKED
        assert reason in (outcome.reason or "")
    assert desk.perform(EMAIL).fate is Status.DONE


def test_event_is_published_again_under_the_same_id_when_the_answer_was_lost(
    desk: Desk, tables: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = tables.events.put_events
    answers = iter([{"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure"}]}])
    # EventBridge has taken it, whatever it says.
    monkeypatch.setattr(tables.events, "put_events", lambda **call: next(answers, put(**call)))
    assert desk.perform(EVENT).fate is Status.DEFERRED
    assert desk.entry(EVENT.key).state is EffectState.UNKNOWN
    assert desk.perform_again().fate is Status.DONE
    assert {event["id"] for event in published(tables)} == {published(tables)[0]["id"]}


# -- e-mail whose answer was lost: SES can't be asked


class FakeSes:
    """SES as a server that counts what comes in, and answers as told."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.status: int | None = 200
        """None: the connection is closed without an answer."""


@pytest.fixture
def ses() -> Iterator[tuple[FakeSes, str]]:
    fake = FakeSes()
    with _serving(fake) as url:
        yield fake, url


@contextmanager
def _serving(fake: FakeSes) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            fake.taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            if fake.status is None:
                self.close_connection = True
                return
            body = b'{"MessageId": "1"}' if fake.status == 200 else b'{"message": "Later."}'
            self.send_response(fake.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def at(tables: Cloud, clock: TickingClock, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Desk]:
    """Return a desk whose e-mail goes to a SES of one's own."""

    def desk_at(url: str) -> Desk:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", url)
        amazon = Amazon(sesv2, lambda: EventBus(tables.events, BUS), clock.now)
        return Desk(tables, clock, AwsGateway(amazon, SENDER, clock.now))

    return desk_at


@pytest.mark.parametrize("status", [None, 500, 503])
def test_email_is_sent_once_and_parked_when_its_answer_was_lost(
    at: Callable[[str], Desk], ses: tuple[FakeSes, str], status: int | None
) -> None:
    fake, url = ses
    fake.status = status
    desk = at(url)
    assert desk.perform(EMAIL).fate is Status.DEFERRED
    assert desk.entry(EMAIL.key).state is EffectState.UNKNOWN
    fake.status = 200
    outcome = desk.perform_again()
    assert (outcome.fate, desk.entry(EMAIL.key).unclear) == (Status.PARKED, True)
    assert "its answer was lost, and aws can't be asked: look there, then retry or dismiss it" in (
        outcome.reason or ""
    )
    assert len(fake.taken) == 1, "neither we nor botocore sent it again"


def test_email_goes_out_again_when_a_person_has_looked_and_wants_it(
    at: Callable[[str], Desk], ses: tuple[FakeSes, str], tables: Cloud
) -> None:
    fake, url = ses
    fake.status = None
    desk = at(url)
    desk.perform(EMAIL)
    desk.perform_again()
    fake.status = 200
    retry_action(
        desk.entry(EMAIL.key), ledger=desk.ledger, queues=lambda _: desk.queues, now=desk.clock.now()
    )
    assert desk.perform_again().fate is Status.DONE
    assert [mail["Destination"]["ToAddresses"] for mail in fake.taken] == [EMAIL.params["to"]] * 2
    assert QUEUES[Vendor.AWS] in tables.queue_urls


def test_email_waits_when_ses_cannot_be_reached(at: Callable[[str], Desk]) -> None:
    desk = at("http://127.0.0.1:9")
    assert desk.perform(EMAIL).fate is Status.DEFERRED
    assert desk.entry(EMAIL.key).state is EffectState.WAITING, "nothing can have been sent"


# -- what it can't do


def test_what_amazon_can_not_do_is_an_error(gateway: AwsGateway, clock: TickingClock) -> None:
    comment = Action("k", ActionName.GOODDAY_COMMENT, Vendor.AWS, {})
    with pytest.raises(ValueError, match=r"Amazon can't goodday\.comment"):
        gateway.perform(comment, JOB)
    with pytest.raises(ValueError, match="can't look for"):
        gateway.find(EVENT, None, clock.now())
    with pytest.raises(ValueError, match="hold no items"):
        gateway.observe(JOB)
    with pytest.raises(ValueError, match="hold no items"):
        gateway.changed_since(None)
