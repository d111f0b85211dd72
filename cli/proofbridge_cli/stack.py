"""The deployed stack, found by its name: what its tables, queues and addresses are called."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config as ClientConfig
from botocore.exceptions import ClientError, EndpointConnectionError

from proofbridge.domain.items import Vendor
from proofbridge.stores.circuits import CircuitStates
from proofbridge.stores.decisions import LatestDecisions
from proofbridge.stores.drop_folder import DropFolder
from proofbridge.stores.dropped_files import DroppedFiles
from proofbridge.stores.history import EventHistory
from proofbridge.stores.inbox import Inbox
from proofbridge.stores.items import Items
from proofbridge.stores.ledger import Ledger
from proofbridge.stores.queues import ActionQueues, UploadQueues
from proofbridge.stores.slots import Slots

from .errors import CommandError, usage_error

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

DEFAULT_NAME: Final = "proofbridge"
LOCAL_REGION: Final = "us-east-1"
LOCAL_AWS_PORT: Final = 5000
LOCAL_HTTP_API_PORT: Final = 3000
LOGICAL_IDS: Final = {
    Vendor.GOOD2GO: "Good2Go",
    Vendor.APPROVAL_STUDIO: "ApprovalStudio",
    Vendor.GOODDAY: "GoodDay",
    Vendor.ROBOHEAD: "RoboHead",
    Vendor.AWS: "Aws",
}
"""What the template's resources and parameters of a vendor begin with."""

UPLOAD_VENDORS: Final = (Vendor.GOOD2GO, Vendor.APPROVAL_STUDIO, Vendor.ROBOHEAD)
"""Those that take files."""

_SETTINGS: Final = ClientConfig(connect_timeout=5, read_timeout=30, retries={"total_max_attempts": 3})

_HEAD_SIGNED: Final = _SETTINGS.merge(ClientConfig(signature_version="s3"))
"""Without TLS bodies are signed too, and the signer prints a traceback when one ends early, by Ctrl-C."""


class Stack:
    """A deployed Proofbridge: its stores, opened with the operator's own credentials."""

    def __init__(
        self,
        name: str,
        description: Mapping[str, Any],
        client: Callable[[str], Any],
        *,
        port_offset: int | None,
    ) -> None:
        self.name = name
        self._outputs: dict[str, str] = {
            each["OutputKey"]: each["OutputValue"] for each in description.get("Outputs", ())
        }
        self._parameters: dict[str, str] = {
            each["ParameterKey"]: each.get("ParameterValue", "") for each in description.get("Parameters", ())
        }
        self.client = client
        self._port_offset = port_offset

    @property
    def stage(self) -> str:
        """Part of the names of the secrets."""
        return self._parameters.get("Stage", "dev")

    @property
    def http_api_url(self) -> str:
        """Where the vendors send their webhooks, without a slash at its end."""
        if self._port_offset is not None:
            return f"http://127.0.0.1:{LOCAL_HTTP_API_PORT + self._port_offset}"
        if "HttpApiUrl" not in self._outputs:
            raise self._lacks("the output HttpApiUrl")
        return self._outputs["HttpApiUrl"].rstrip("/")

    def base_url(self, vendor: Vendor) -> str | None:
        """Return a vendor's origin as the stack knows it, None if it has no such parameter."""
        return self._parameters.get(f"{LOGICAL_IDS[vendor]}BaseUrl") or None

    def secret_id(self, vendor: Vendor) -> str:
        """Return the name of a vendor's secret."""
        return f"proofbridge/{self.stage}/{vendor}"

    @functools.cached_property
    def journal(self) -> EventHistory:
        """The Inbox, to be read."""
        return EventHistory(self.client("dynamodb"), self._named("InboxTableName", "InboxTable"))

    @functools.cached_property
    def items(self) -> Items:
        """The items and proofs."""
        return Items(self.client("dynamodb"), self._named("StateTableName", "StateTable"))

    @functools.cached_property
    def words(self) -> LatestDecisions:
        """Who decided last about each proof."""
        return LatestDecisions(self.client("dynamodb"), self._named("StateTableName", "StateTable"))

    @functools.cached_property
    def inbox(self) -> Inbox:
        """The Inbox, to be written to."""
        return Inbox(self.client("dynamodb"), self._named("InboxTableName", "InboxTable"))

    @functools.cached_property
    def gates(self) -> CircuitStates:
        """Until when vendors want no calls."""
        return CircuitStates(self.client("dynamodb"), self._named("StateTableName", "StateTable"))

    @functools.cached_property
    def ledger(self) -> Ledger:
        """The effect ledger."""
        return Ledger(self.client("dynamodb"), self._named("StateTableName", "StateTable"))

    @functools.cached_property
    def slots(self) -> Slots:
        """The reminder slots."""
        return Slots(self.client("dynamodb"), self._named("StateTableName", "StateTable"))

    def queues(self, *vendors: Vendor) -> ActionQueues:
        """Return the queues of the vendors."""
        urls = {
            vendor: self._named(f"{LOGICAL_IDS[vendor]}ActionsQueueUrl", f"{LOGICAL_IDS[vendor]}ActionsQueue")
            for vendor in set(vendors)
        }
        return ActionQueues(self.client("sqs"), urls)

    @functools.cached_property
    def files(self) -> DroppedFiles:
        """How far dropped files have come."""
        return DroppedFiles(self.client("dynamodb"), self._named("StateTableName", "StateTable"))

    @functools.cached_property
    def uploads(self) -> UploadQueues:
        """The queues of dropped files."""
        urls = {
            vendor: self._named(f"{LOGICAL_IDS[vendor]}UploadsQueueUrl", f"{LOGICAL_IDS[vendor]}UploadsQueue")
            for vendor in UPLOAD_VENDORS
        }
        return UploadQueues(self.client("sqs"), self._named("UploadsQueueUrl", "UploadsQueue"), urls)

    @functools.cached_property
    def folder(self) -> DropFolder:
        """The drop folder."""
        return DropFolder(self.client("s3"))

    @property
    def drop_bucket(self) -> str:
        """The bucket of the drop folder."""
        return self._named("DropBucketName", "DropBucket")

    def _named(self, output: str, resource: str) -> str:
        """Return what an output says, or where it is no output the name of the resource."""
        if output in self._outputs:
            return self._outputs[output]
        cloudformation: CloudFormationClient = self.client("cloudformation")
        try:
            answer = cloudformation.describe_stack_resource(StackName=self.name, LogicalResourceId=resource)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ValidationError":
                raise
            raise self._lacks(f"the resource {resource}") from None
        return answer["StackResourceDetail"]["PhysicalResourceId"]

    def _lacks(self, what: str) -> CommandError:
        return CommandError(
            f"the stack {self.name} can't be used",
            f"it lacks {what}",
            "Deploy this version of Proofbridge, or name another stack by --stack.",
        )


@contextmanager
def open_stack(name: str | None, *, local: bool = False, port_offset: int = 0) -> Iterator[Stack]:
    """Find the stack; its connections end with the block. Raise CommandError where there is none."""
    if port_offset and not local:
        raise usage_error("--port-offset makes no sense alone", "it moves local AWS's ports", "Add --local.")
    wanted = name or default_name(Path.cwd())
    endpoint = f"http://127.0.0.1:{LOCAL_AWS_PORT + port_offset}" if local else None
    session = _session(local=local)
    with ExitStack() as ends:

        @functools.cache
        def client(service: str) -> Any:
            settings = _HEAD_SIGNED if local and service == "s3" else _SETTINGS
            made = session.client(service, endpoint_url=endpoint, config=settings)  # type: ignore[call-overload]
            ends.callback(made.close)
            return made

        yield Stack(
            wanted, _describe(client("cloudformation"), wanted, endpoint), client,
            port_offset=port_offset if local else None,
        )  # fmt: skip


def default_name(folder: Path) -> str:
    """Return the stack's name in the folder's samconfig.toml; `proofbridge` where it has none."""
    try:
        environments = tomllib.loads((folder / "samconfig.toml").read_text(encoding="utf-8"))["default"]
    except (OSError, KeyError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return DEFAULT_NAME
    for command in ("deploy", "global"):
        name = environments.get(command, {}).get("parameters", {}).get("stack_name")
        if isinstance(name, str) and name:
            return name
    return DEFAULT_NAME


def _session(*, local: bool) -> boto3.Session:
    if not local:
        return boto3.Session()
    region = boto3.Session().region_name or LOCAL_REGION
    return boto3.Session(
        aws_access_key_id="local",
        aws_secret_access_key="local",  # noqa: S106 - moto takes any
        region_name=region,
    )


def _describe(cloudformation: CloudFormationClient, name: str, endpoint: str | None) -> Mapping[str, Any]:
    try:
        return cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except EndpointConnectionError:
        if endpoint is None:
            raise
        raise CommandError(
            "local AWS can't be asked",
            f"nothing answers at {endpoint}",
            "Start it by `make local`, or name its ports by --port-offset.",
        ) from None
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        raise CommandError(
            f"there is no stack {name!r}",
            f"CloudFormation in {cloudformation.meta.region_name} knows none of that name",
            "Name it by --stack, and its region by AWS_REGION.",
        ) from None
