"""Proofbridge put together as its handlers do it, on AWS in memory and simulated vendors, run by hand."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from proofbridge.actions import perform
from proofbridge.config.destinations import Destination
from proofbridge.config.loader import Config
from proofbridge.decisions.conflicts import ConflictResolver
from proofbridge.decisions.observations import submit_observation
from proofbridge.domain.actions import Action
from proofbridge.domain.changes import StoredItem
from proofbridge.domain.files.messages import UploadMessage
from proofbridge.domain.items import ItemRef, Observation, Vendor, moment_text
from proofbridge.events.auto_linking import AutoLinker
from proofbridge.events.process import Processor
from proofbridge.events.readers import readers
from proofbridge.polling.sync import Swept, Sync
from proofbridge.runtime.connections import Connections
from proofbridge.runtime.environment import Endpoint
from proofbridge.stores.amazon import Amazon
from proofbridge.stores.circuits import CircuitStates
from proofbridge.stores.cursors import Cursors
from proofbridge.stores.decisions import LatestDecisions
from proofbridge.stores.drop_folder import DropFolder
from proofbridge.stores.dropped_files import DroppedFiles
from proofbridge.stores.event_bus import EventBus
from proofbridge.stores.inbox import Event, Inbox, event_from_stream
from proofbridge.stores.items import Items
from proofbridge.stores.ledger import Ledger
from proofbridge.stores.locks import Locks
from proofbridge.stores.names import Names
from proofbridge.stores.places import Places
from proofbridge.stores.queues import ActionQueues, UploadQueues
from proofbridge.stores.references import References
from proofbridge.stores.secrets import Secrets
from proofbridge.stores.slots import Slots
from proofbridge.stores.throughputs import Throughputs
from proofbridge.uploads.completion import Completion
from proofbridge.uploads.intake import Arrived, Intake
from proofbridge.uploads.name_conflicts import NameConflicts
from proofbridge.uploads.outcomes import Outcome
from proofbridge.uploads.relay import Relay
from proofbridge.uploads.transfer import Transfer
from proofbridge.vendors.catalogue import ActionName
from proofbridge.vendors.circuit_breaker import CircuitBreaker
from proofbridge.vendors.deadline import Deadline
from tests.integration.cloud import BUCKET, BUS, QUEUES, UPLOAD_QUEUES, UPLOADS, Cloud, Letter
from tests.integration.site import Site
from tests.integration.ticking import TickingClock

T = TypeVar("T")
CUSTOMER = "customer@brand.test"
FOLDER = "6f1f4c1e-0b1d-4c53-9a55-0d6f1a2b3c4d"
SECRETS = {
    Vendor.GOOD2GO: {"token": "g2g-local-token"},
    Vendor.GOODDAY: {"token": "gd-local-token", "user_id": "USRBRG"},
}
MORE_SECRETS = {
    Vendor.APPROVAL_STUDIO: {"username": "studio@proofbridge.test", "password": "local-studio-password"},
    Vendor.ROBOHEAD: {"api_key": "rh-local-key"},
}
TRACKING = {
    "vendor": "goodday",
    "project": "PRJART",
    "assignee": "USRDSG",
    "title": "Proof: {file.stem}",
    "message": "With {proof.recipient}, due {proof.due}: {proof.url}",
}
DESTINATION = {
    "prefix": "labels",
    "vendor": "good2go",
    "folder": FOLDER,
    "recipient": CUSTOMER,
    "due": "+3 days 17:00 UTC",
    "tracking": TRACKING,
}
CONFIG = Config.model_validate(
    {
        "vendors": {
            "goodday": {
                "projects": ["PRJART"],
                "statuses": {
                    "not_started": ["STNEW"],
                    "in_review": ["STREV"],
                    "changes_requested": ["STCHG"],
                    "completed": ["STDONE"],
                    "cancelled": ["STCNC"],
                },
            }
        },
        "destinations": [DESTINATION],
        "routes": [
            {
                "name": "approval",
                "when": {"vendor": "good2go", "change": "status", "to": ["approved"]},
                "then": [
                    {
                        "action": "goodday.set_status",
                        "status": "completed",
                        "message": "{change.by}: {change.to_words}{change.quoted_comment}",
                    }
                ],
            },
            {
                "name": "changes",
                "when": {"vendor": "good2go", "change": "status", "to": ["changes_requested"]},
                "then": [
                    {"action": "goodday.set_status", "status": "changes_requested"},
                    {"action": "goodday.comment", "message": "{change.by} asks for changes."},
                ],
            },
            {
                "name": "version",
                "when": {"vendor": "good2go", "change": "version"},
                "then": [{"action": "goodday.set_status", "status": "in_review"}],
            },
            {
                "name": "gone",
                "when": {"vendor": "good2go", "change": "deleted"},
                "then": [{"action": "goodday.set_status", "status": "cancelled"}],
            },
        ],
        "reminders": [{"name": "due-now", "vendor": "good2go", "offsets": "0"}],
    }
)

_WRITES = {"PutObject", "CopyObject", "CreateMultipartUpload", "UploadPart", "UploadPartCopy"}
_REMOVALS = {"DeleteObject", "DeleteObjects"}


class Bridge:
    """All use cases on one set of stores. What a queue keeps back can be taken at once."""

    def __init__(self, cloud: Cloud, clock: TickingClock, good2go: Site, goodday: Site) -> None:
        self.cloud = cloud
        self.clock = clock
        self.good2go = good2go
        self.goodday = goodday
        self.config = CONFIG
        self.patience_seconds = 5.0
        self.seconds_left = 885.0
        self.inbox = Inbox(cloud.dynamodb, "inbox")
        self.items = Items(cloud.dynamodb, "state")
        self.words = LatestDecisions(cloud.dynamodb, "state")
        self.ledger = Ledger(cloud.dynamodb, "state")
        self.gates = CircuitStates(cloud.dynamodb, "state")
        self.cursors = Cursors(cloud.dynamodb, "state")
        self.slots = Slots(cloud.dynamodb, "state")
        self.throughputs = Throughputs(cloud.dynamodb, "state")
        self.relays = Places(cloud.dynamodb, "state")
        self.folder = DropFolder(cloud.s3)
        self.queues = ActionQueues(
            cloud.sqs, {vendor: cloud.queue_urls[name] for vendor, name in QUEUES.items()}
        )
        self.uploads = UploadQueues(
            cloud.sqs,
            cloud.queue_urls[UPLOADS],
            {vendor: cloud.queue_urls[name] for vendor, name in UPLOAD_QUEUES.items()},
        )
        self.files = DroppedFiles(cloud.dynamodb, "state")
        self.endpoints = {
            vendor: Endpoint(site.url, f"proofbridge/test/{vendor}")
            for vendor, site in ((Vendor.GOOD2GO, good2go), (Vendor.GOODDAY, goodday))
        }
        for vendor, value in SECRETS.items():
            cloud.secretsmanager.create_secret(
                Name=self.endpoints[vendor].secret_id, SecretString=json.dumps(value)
            )
        self.secrets = Secrets(lambda: cloud.secretsmanager, 300, clock=lambda: clock.now().timestamp())
        self._all_connections: list[Connections] = []
        self.connections = self.connect()
        self._drops = 0

    def join(self, vendor: Vendor, site: Site) -> Site:
        """Have one more vendor; returns its site."""
        endpoint = self.endpoints[vendor] = Endpoint(site.url, f"proofbridge/test/{vendor}")
        self.cloud.secretsmanager.create_secret(
            Name=endpoint.secret_id, SecretString=json.dumps(MORE_SECRETS[vendor])
        )
        self.connections = self.connect()
        return site

    def close(self) -> None:
        """Close the connections to the vendors."""
        for connections in self._all_connections:
            for _, client in connections._clients.values():
                client.close()  # type: ignore[attr-defined] # every client has it

    def connect(self, **base_urls: str) -> Connections:
        """Return connections to the vendors, some of them at another address."""
        endpoints = {
            vendor: Endpoint(base_urls.get(vendor.name.lower(), endpoint.base_url), endpoint.secret_id)
            for vendor, endpoint in self.endpoints.items()
        }
        amazon = Amazon(lambda: self.cloud.sesv2, lambda: EventBus(self.cloud.events, BUS), self.clock.now)
        connections = Connections(endpoints, self.secrets, self.config.vendors, self.clock.now, amazon)
        self._all_connections.append(connections)
        return connections

    def destine(self, **changes: Any) -> None:
        """Change what the one destination says; None takes a key away."""
        data = {key: value for key, value in {**DESTINATION, **changes}.items() if value is not None}
        self.config = self.config.model_copy(update={"destinations": (Destination.model_validate(data),)})

    def put_secret(self, vendor: Vendor, value: Mapping[str, Any]) -> None:
        """Change a vendor's secret."""
        self.cloud.secretsmanager.put_secret_value(
            SecretId=self.endpoints[vendor].secret_id, SecretString=json.dumps(value)
        )

    def advance(self, **duration: float) -> None:
        """Let time pass, here and at the vendors."""
        self.clock.advance(**duration)
        for site in (self.good2go, self.goodday):
            site.advance(timedelta(**duration).total_seconds())

    # -- use cases

    def deadline(self) -> Deadline:
        """Return how long calls may take together."""
        return Deadline.after(self.patience_seconds)

    def perform(self, action: Action) -> perform.Outcome:
        """Perform one delivery of an action, as a function of its own."""
        return perform.Performer(
            ledger=self.ledger,
            items=self.items,
            inbox=self.inbox,
            words=self.words,
            queues=self.queues,
            slots=self.slots,
            access=self.access(lambda vendor: self.connections.gateway(vendor, self.deadline())),
            now=self.clock.now,
            lease=timedelta(seconds=90),
        ).perform(action)

    def access(self, gateway: Callable[[Vendor], T]) -> CircuitBreaker[T]:
        """Return the way to the vendors."""
        return CircuitBreaker(self.gates, gateway, self.connections.renew, self.clock.now)

    def take_in(self, event: Mapping[str, Any]) -> Arrived:
        """Take in one delivery of S3's event, as a function of its own."""
        stores = self.folder, self.files, self.relays, self.ledger, self.uploads
        intake = Intake(self.config, *stores, self.clock.now)
        with self._leaving_files():
            return intake.take(event)

    def relay(self, event: Mapping[str, Any]) -> Outcome:
        """Relay one delivery of a dropped file, as a function of its own; S3's event is taken in before."""
        if "detail" in event:
            assert self.take_in(event) is Arrived.HANDED_ON
            *others, letter = self.letters()
            if others:
                self.cloud.mail[self.cloud.queue_urls[UPLOAD_QUEUES[Vendor.GOOD2GO]]] = others
            event = json.loads(letter.body)
        return self.deliver(UploadMessage.from_message(json.dumps(event)))

    def deliver(self, delivery: UploadMessage) -> Outcome:
        """Relay one file to one vendor, as a function of its own."""
        relay = Relay(
            config=self.config,
            folder=self.folder,
            relays=self.relays,
            ledger=self.ledger,
            items=self.items,
            uploads=self.uploads,
            standings=Completion(
                self.folder, self.files, self.items, self.inbox, self.queues, self.clock.now
            ),
            access=self.access(lambda vendor: self.connections.uploads(vendor, self.deadline())),
            transfer=Transfer(
                throughputs=self.throughputs,
                locks=Locks(self.cloud.dynamodb, "state"),
                deadline=Deadline.after(self.seconds_left),
                whole_seconds=885,
                url_above_bytes=self.config.vendors.good2go.url_above_mb * 1_000_000,
                now=self.clock.now,
            ),
            namesakes=NameConflicts(Names(self.cloud.dynamodb, "state"), self.ledger, self.clock.now),
            now=self.clock.now,
            lease=timedelta(seconds=960),
        )
        with self._leaving_files():
            return relay.relay(delivery)

    @contextlib.contextmanager
    def _leaving_files(self) -> Iterator[None]:
        """Let nobody write over a dropped file; nor remove or copy one, unless the destination says so."""
        first = len(self.cloud.calls)
        try:
            yield
        finally:
            wanted = any(destination.after != "keep" for destination in self.config.destinations)
            touched = [
                call
                for call in self.cloud.calls[first:]
                if (call.operation in _WRITES and call.key.startswith("drop/"))
                or (call.operation in _REMOVALS and call.key.startswith("drop/") and not wanted)
                or ("CopySource" in call.params and not wanted)
                or (call.operation in _REMOVALS and "VersionId" in call.params)
            ]
            assert touched == []

    def sync(
        self,
        vendor: Vendor,
        *,
        everything: bool = False,
        seconds_left: float = 300,
        at: datetime | None = None,
    ) -> Swept:
        """Poll a vendor, as its schedule does."""
        deadline = Deadline.after(seconds_left)
        return Sync(
            items=self.items,
            inbox=self.inbox,
            cursors=self.cursors,
            access=self.access(lambda vendor: self.connections.gateway(vendor, deadline)),
            now=self.clock.now,
            deadline=deadline,
        ).run(vendor, at or self.clock.now(), everything=everything)

    def process(self, event: Event) -> None:
        """Process one event of the Inbox."""
        Processor(
            inbox=self.inbox,
            items=self.items,
            words=self.words,
            queues=self.queues,
            bus=EventBus(self.cloud.events, BUS),
            court=ConflictResolver(self.config.routes, self.config.authority),
            readers=readers(self.config.vendors),
            linker=AutoLinker(
                self.config.links,
                items=self.items,
                references=References(self.cloud.dynamodb, "state"),
                inbox=self.inbox,
                now=self.clock.now,
            ),
            now=self.clock.now,
        ).process(event)

    # -- running what waits

    def received(self) -> list[Event]:
        """Return the events that wait to be processed, in order, as the stream carries them."""
        waiting = [image for image in self.cloud.records("inbox") if image["state"]["S"] == "received"]
        return [event_from_stream(i) for i in sorted(waiting, key=lambda i: str(i["received_at"]["S"]))]

    def letters(self, vendor: Vendor | None = None) -> list[Letter]:
        """Take all messages out of a vendor's action queue; for None, of Good2Go's upload queue."""
        return self.cloud.letters(UPLOAD_QUEUES[Vendor.GOOD2GO] if vendor is None else QUEUES[vendor])

    def actions(self, vendor: Vendor) -> list[Action]:
        """Take all actions out of a vendor's queue."""
        return [letter.action for letter in self.letters(vendor)]

    def settle(self) -> None:
        """Process and perform until nothing waits any more."""
        busy = True
        while busy:
            busy = False
            for event in self.received():
                self.process(event)
                busy = True
            for vendor in Vendor:
                for action in self.actions(vendor):
                    self.perform(action)
                    busy = True

    # -- making something happen

    def drop(self, data: bytes, name: str = "summer-ale.pdf", *, prefix: str = "labels") -> dict[str, Any]:
        """Put a file into the drop folder; returns S3's event."""
        key = f"drop/{prefix}/{name}"
        version = self.cloud.s3.put_object(Bucket=BUCKET, Key=key, Body=data)["VersionId"]
        self._drops += 1
        return {
            "source": "aws.s3",
            "detail-type": "Object Created",
            "time": moment_text(self.clock.now()),
            "detail": {
                "bucket": {"name": BUCKET},
                "object": {
                    "key": key,
                    "size": len(data),
                    "version-id": version,
                    "sequencer": f"00617F08{self._drops:08X}",
                },
            },
        }

    def object(self, key: str) -> Any:
        """Return a JSON object of the drop bucket, None if there is none."""
        try:
            return json.loads(self.cloud.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
        except self.cloud.s3.exceptions.NoSuchKey:
            return None

    def start_proof(self, data: bytes = b"%PDF artwork") -> str:
        """Have a proof under review and tracked; returns the job's GUID."""
        self.relay(self.drop(data))
        self.settle()
        guid: str = self.good2go.job()["guid"]
        return guid

    def start_task(self) -> str:
        """Have a proof that is nothing but a task yet, which is quicker; returns the task's id."""
        self.perform(
            Action(
                key="track|PB1",
                name=ActionName.GOODDAY_CREATE_TASK,
                vendor=Vendor.GOODDAY,
                params={"project": "PRJART", "title": "Proof: summer-ale", "message": "See there."},
                proof_id="PB1",
            )
        )
        task: str = self.goodday.task()["id"]
        return task

    @property
    def proof_id(self) -> str:
        """The id of the one proof."""
        keys = {record["pk"]["S"] for record in self.cloud.records("state")}
        (proof,) = (key for key in keys if key.startswith("PROOF#"))
        return str(proof).removeprefix("PROOF#")

    def ref_at(self, vendor: Vendor) -> ItemRef:
        """Return the one proof's item at a vendor."""
        (ref,) = self.items.of_proof(self.proof_id, vendor)
        return ref

    def stored(self, vendor: Vendor) -> StoredItem:
        """Return the one proof's item at a vendor, as it is stored."""
        stored = self.items.get(self.ref_at(vendor))
        assert stored is not None
        return stored

    def read_job(self) -> None:
        """Read the one proof's job, as after a webhook, and put what is new into the Inbox."""
        gateway = self.connections.good2go(self.deadline())
        self.note(gateway.observe(self.ref_at(Vendor.GOOD2GO)))

    def note(self, observation: Observation) -> bool:
        """Put an observation into the Inbox, if it says something new."""
        return submit_observation(self.items, self.inbox, observation, self.clock.now())

    def state_of(self, key: str) -> str:
        """Return the state of an effect."""
        entry = self.ledger.get(key)
        assert entry is not None, f"no effect {key}"
        return str(entry.state)
