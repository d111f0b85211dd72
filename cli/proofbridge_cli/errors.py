"""What can go wrong, said in one line: what, why, and what to do."""

from __future__ import annotations

from typing import Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
)

from proofbridge.config.loader import ConfigError
from proofbridge.events.manual_linking import CantJoinError
from proofbridge.events.replay import CantReplayError
from proofbridge.recovery.retry import CantRetryError
from proofbridge.stores.secrets import SecretError
from proofbridge.vendors.errors import VendorError, bounded

FAILURE: Final = 1
USAGE: Final = 2
INTERRUPTED: Final = 130


class CommandError(Exception):
    """A command that can't be carried out; `status` is the exit status."""

    def __init__(self, what: str, why: str, what_to_do: str, *, status: int = FAILURE) -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.what_to_do = what_to_do
        self.status = status

    def __str__(self) -> str:
        return f"{self.what}: {self.why.rstrip('.')}. {self.what_to_do}"

    def to_dict(self) -> dict[str, dict[str, str]]:
        """Return the error for scripts."""
        return {"error": {"what": self.what, "why": self.why, "what_to_do": self.what_to_do}}


def usage_error(what: str, why: str, what_to_do: str) -> CommandError:
    """Return the error for a command line that makes no sense."""
    return CommandError(what, why, what_to_do, status=USAGE)


def explained(error: Exception) -> CommandError | None:
    """Return an error that was foreseen as what the command says of it; None for one that was not."""
    if isinstance(error, CommandError):
        return error
    if isinstance(error, ClientError | BotoCoreError):
        return _of_aws(error)
    if isinstance(error, VendorError):
        status = f" (HTTP {error.status})" if error.status else ""
        why = f"{error.what}{status}: {error.detail}"
        return CommandError(f"{error.vendor} {error.operation} failed", why, error.advice)
    for kind, (what, advice) in _FORESEEN.items():
        if isinstance(error, kind):
            return CommandError(what, "; ".join(str(error).splitlines()), advice)
    return None


_FORESEEN: Final = {
    ConfigError: ("the configuration can't be used", "Correct it, or name another by --config."),
    CantReplayError: ("nothing was replayed", "See what it led to: proofbridge events show ID."),
    CantJoinError: ("they can't be linked", "Unlink one first: proofbridge unlink ITEM."),
    CantRetryError: ("it can't be retried", "See: proofbridge actions show KEY."),
    SecretError: ("a secret can't be used", "Then try again."),
}


def _of_aws(error: ClientError | BotoCoreError) -> CommandError:
    match error:
        case NoCredentialsError() | PartialCredentialsError():
            advice = "Log in (aws sso login, AWS_PROFILE, …), or add --local for local AWS."
        case NoRegionError():
            advice = "Set AWS_REGION, or add --local for local AWS."
        case ProfileNotFound():
            advice = "Correct AWS_PROFILE."
        case EndpointConnectionError():
            advice = "Check the network and the region."
        case ClientError():
            what = f"AWS refused {error.operation_name}"
            code = error.response.get("Error", {}).get("Code", "unknown")
            why = error.response.get("Error", {}).get("Message") or code
            return CommandError(what, bounded(why), _ADVICE.get(code, "Read the reason, then try again."))
        case _:
            advice = "Read the reason, then try again."
    return CommandError("AWS can't be asked", bounded(str(error)), advice)


_ADVICE: Final = {
    "AccessDenied": "Use credentials that may do this.",
    "AccessDeniedException": "Use credentials that may do this.",
    "ExpiredToken": "Log in again.",
    "ExpiredTokenException": "Log in again.",
    "UnrecognizedClientException": "Log in again.",
    "InvalidClientTokenId": "Log in again.",
    "ResourceNotFoundException": "Check that the stack is deployed, with its secrets put as the README says.",
}
