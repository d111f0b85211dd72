"""`proofbridge webhooks`: where Approval Studio sends its events. Good2Go's are set in Good2Go itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import typer
from rich.text import Text

from proofbridge.domain.items import Vendor, moment_text
from proofbridge.stores.secrets import SecretError
from proofbridge.vendors.approval_studio.client import DEFAULT_BASE_URL, ApprovalStudio
from proofbridge.vendors.approval_studio.models import Webhook

from . import options
from .errors import usage_error
from .registration import WebhookSecrets, find, register
from .screen import Listing, console, print_json
from .stack import open_stack

app = typer.Typer(help="Webhooks of Approval Studio: where it sends its events.")

PATH: Final = "/webhooks/approval-studio"
LOCAL_PORT: Final = 9002

_BaseUrl = Annotated[
    str | None,
    typer.Option("--base-url", metavar="URL", help="Approval Studio's origin, in place of the stack's."),
]
_Named = Annotated[
    str | None,
    typer.Argument(metavar="[UID]", help="Its UID or address; if left out, this stack's."),
]


@dataclass(frozen=True, slots=True)
class _Studio:
    client: ApprovalStudio
    secrets: WebhookSecrets
    own_url: str


@contextmanager
def _open(stack: str | None, *, local: bool, port_offset: int, base_url: str | None) -> Iterator[_Studio]:
    with open_stack(stack, local=local, port_offset=port_offset) as found:
        secret_id = found.secret_id(Vendor.APPROVAL_STUDIO)
        secrets = WebhookSecrets(found.client("secretsmanager"), secret_id)
        held = secrets.read()
        for key in ("username", "password"):
            if not isinstance(held.get(key), str) or not held[key]:
                raise SecretError(f"the secret {secret_id} lacks {key!r}: put it as the README says")
        simulator = f"http://127.0.0.1:{LOCAL_PORT + port_offset}" if local else None
        origin = base_url or found.base_url(Vendor.APPROVAL_STUDIO) or simulator or DEFAULT_BASE_URL
        try:
            client = ApprovalStudio(base_url=origin, username=held["username"], password=held["password"])
        except ValueError as error:
            raise usage_error(f"--base-url {origin!r} can't be used", str(error), "Correct it.") from None
        with client:
            yield _Studio(client, secrets, found.http_api_url + PATH)


@app.command("list")
def list_webhooks(
    *,
    base_url: _BaseUrl = None,
    stack: options.Stack = None,
    local: options.Local = False,
    port_offset: options.PortOffset = 0,
    as_json: options.AsJson = False,
) -> None:
    """List the webhooks, and whether the receiver knows their secrets."""
    with _open(stack, local=local, port_offset=port_offset, base_url=base_url) as studio:
        rows = [_webhook_dict(webhook, studio) for webhook in studio.client.webhooks.list()]
    if as_json:
        print_json({"webhooks": rows})
        return
    screen = console()
    if not rows:
        screen.print("Approval Studio sends no webhooks. Register the stack: proofbridge webhooks register")
        return
    table = Listing("uid", "since, UTC", "secret", "", "url", under="uid", wide=140)
    for row in rows:
        table.add(
            row["uid"],
            row["created_at"][:16].replace("T", " ") if row["created_at"] else "",
            Text("known", style="green") if row["secret_known"] else Text("not known", style="red"),
            Text("this stack", style="bold") if row["this_stack"] else "",
            row["url"] or "",
        )
    table.show(screen)


def _webhook_dict(webhook: Webhook, studio: _Studio) -> dict[str, Any]:
    return {
        "uid": webhook.webhook_uid,
        "url": None if webhook.url is None else _without_password(webhook.url),
        "created_at": None if webhook.created is None else moment_text(webhook.created),
        "secret_known": studio.secrets.holds(webhook.secret),
        "this_stack": webhook.url == studio.own_url,
    }


def _without_password(url: str) -> str:
    """Return an address without the name and password in it."""
    parts = urlsplit(url)
    *named, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"…@{host}").geturl() if any(named) else url


@app.command("register")
def register_webhook(
    *,
    url: Annotated[
        str | None, typer.Option("--url", help="Where to; the stack's own receiver if left out.")
    ] = None,
    base_url: _BaseUrl = None,
    stack: options.Stack = None,
    local: options.Local = False,
    port_offset: options.PortOffset = 0,
    as_json: options.AsJson = False,
) -> None:
    """Have events sent to the stack, once; the secret goes to Secrets Manager."""
    if url is not None and (urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname):
        raise usage_error(
            f"--url {_without_password(url)!r} can't be used", "it is no web address", "Write https://…."
        )
    with _open(stack, local=local, port_offset=port_offset, base_url=base_url) as studio:
        done = register(studio.client, studio.secrets, url or studio.own_url)
        row = _webhook_dict(done.webhook, studio)
    if as_json:
        print_json({"webhook": row, "registered_now": done.is_new, "secret_put_now": done.is_secret_new})
        return
    screen = console()
    was = "is registered" if done.is_new else "was registered already"
    screen.print(f"{row['url']} {was}, as {row['uid']}.", soft_wrap=True)
    if done.is_secret_new:
        screen.print("Its secret is in Secrets Manager. Events come after about a minute.")


@app.command("test")
def send_test(
    *,
    webhook: _Named = None,
    base_url: _BaseUrl = None,
    stack: options.Stack = None,
    local: options.Local = False,
    port_offset: options.PortOffset = 0,
    as_json: options.AsJson = False,
) -> None:
    """Have a test event sent."""
    with _open(stack, local=local, port_offset=port_offset, base_url=base_url) as studio:
        found = find(studio.client, webhook or studio.own_url)
        studio.client.webhooks.test(found.webhook_uid)
        row = _webhook_dict(found, studio)
    if as_json:
        print_json({"webhook": row, "test_sent": True})
    else:
        console().print(
            f"A test event is on its way to {row['url']}.\n"
            "It has arrived when it stands here: proofbridge events list --vendor approval-studio",
            soft_wrap=True,
        )


@app.command("remove")
def remove_webhook(
    *,
    webhook: _Named = None,
    base_url: _BaseUrl = None,
    stack: options.Stack = None,
    local: options.Local = False,
    port_offset: options.PortOffset = 0,
    as_json: options.AsJson = False,
) -> None:
    """Have no more events sent.

    The receiver takes what is still on its way: the secret stays until the next but one is registered.
    """
    with _open(stack, local=local, port_offset=port_offset, base_url=base_url) as studio:
        found = find(studio.client, webhook or studio.own_url)
        studio.client.webhooks.delete(found.webhook_uid)
        row = _webhook_dict(found, studio)
    if as_json:
        print_json({"webhook": row, "removed": True})
    else:
        console().print(f"{row['url']} gets no more events, after about a minute.", soft_wrap=True)
