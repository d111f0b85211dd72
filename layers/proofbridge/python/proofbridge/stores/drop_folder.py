"""The drop folder in S3: dropped files and what was said of them, receipts, errors and tags."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from proofbridge.config.destinations import DROP_PREFIX
from proofbridge.domain.files.drops import FileDrop, shortened
from proofbridge.stores.file_source import HashedSource
from proofbridge.uploads.progress import TransferPhase
from proofbridge.uploads.sidecars import MAX_SIDECAR_BYTES, sidecar_key

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CopySourceTypeDef

STATE_TAG: Final = "proofbridge-state"
MAX_TAGS: Final = 10
MAX_KEY_BYTES: Final = 1024
MAX_RECORD_BYTES: Final = 980
"""How much of a record's key may be its file's: beside it there is the folder, a vendor, and the ending."""
_KEPT: Final = (
    *("CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType", "Metadata"),
)
"""What is said of an object beside its bytes and tags."""
_MISSING: Final = frozenset({"404", "NoSuchKey", "NoSuchVersion", "405", "MethodNotAllowed"})


class FileGoneError(Exception):
    """The dropped version is no longer in the bucket."""


@dataclass(frozen=True, slots=True)
class FoundSidecar:
    """A sidecar as it lies in the bucket."""

    text: bytes
    put_at: datetime
    version_id: str


class DropFolder:
    """The objects of the drop bucket, and the places beside them for receipts and errors."""

    def __init__(self, client: S3Client) -> None:
        self._client = client

    def metadata(self, drop: FileDrop) -> Mapping[str, str]:
        """Return what was put beside the dropped version; FileGoneError unless it is there. One call."""
        try:
            answer = self._client.head_object(Bucket=drop.bucket, Key=drop.key, VersionId=drop.version_id)
        except ClientError as error:
            if _is_missing(error):
                raise FileGoneError(drop.key) from None
            raise
        return answer["Metadata"]

    def sidecar(self, drop: FileDrop) -> FoundSidecar | None:
        """Return the sidecar that lies beside a file now, cut to what one may have. One call.

        A file whose own key leaves no room for a sidecar's has none.
        """
        if len(sidecar_key(drop.key).encode()) > MAX_KEY_BYTES:
            return None
        try:
            answer = self._client.get_object(Bucket=drop.bucket, Key=sidecar_key(drop.key))
        except ClientError as error:
            if _is_missing(error):
                return None
            raise
        with answer["Body"] as body:
            text = body.read(MAX_SIDECAR_BYTES + 1)
        return FoundSidecar(text, answer["LastModified"], answer["VersionId"])

    def source(
        self, drop: FileDrop, on_read: Callable[[TransferPhase, int], None] | None = None
    ) -> HashedSource:
        """Return the dropped version's bytes, to be streamed as often as needed. One call each time.

        `on_read` is told what for, and how far each reading has come.
        """
        return HashedSource(self._client, drop, on_read)

    def put_receipt(self, drop: FileDrop, text: str, beside: str = "") -> None:
        """Put a receipt beside the file's record, and take away what had been wrong. Three calls to six.

        `beside` tells the records of several vendors apart. What is said of a newer version stays.
        """
        if not self._is_of_newer("receipts", drop, beside):
            self._put_record("receipts", drop, beside, text)
        self.clear_error(drop, beside)

    def put_error(self, drop: FileDrop, text: str, beside: str = "") -> None:
        """Say beside the file's record what went wrong, unless a newer version has a record. Three calls."""
        if not any(self._is_of_newer(records, drop, beside) for records in ("receipts", "errors")):
            self._put_record("errors", drop, beside, text)

    def _put_record(self, records: str, drop: FileDrop, beside: str, text: str) -> None:
        self._client.put_object(
            Bucket=drop.bucket,
            Key=_record(records, drop, beside),
            Body=text.encode(),
            ContentType="application/json",
            Metadata={"sequencer": drop.sequencer},
        )

    def _is_of_newer(self, records: str, drop: FileDrop, beside: str) -> bool | None:
        """Whether a record is about a newer version of the file; None where there is none. One call."""
        try:
            found = self._client.head_object(Bucket=drop.bucket, Key=_record(records, drop, beside))
        except ClientError as error:
            if _is_missing(error):
                return None
            raise
        return drop.comes_before(found["Metadata"].get("sequencer", ""))

    def what_to_do(self, drop: FileDrop, beside: str = "") -> str | None:
        """Return what was said is to be done about this version; None where nothing is wrong with it.

        Two calls at most. Who may not read it is told nothing.
        """
        for each in sorted({beside, ""}, reverse=True):
            try:
                answer = self._client.get_object(Bucket=drop.bucket, Key=_record("errors", drop, each))
            except ClientError as error:
                if not _is_missing(error) and error.response["Error"]["Code"] != "AccessDenied":
                    raise
                continue
            with answer["Body"] as body:
                said = json.loads(body.read())
            if said["version_id"] == drop.version_id:
                return str(said["what_to_do"])
        return None

    def clear_error(self, drop: FileDrop, beside: str = "") -> None:
        """Take away what had been wrong: at one of several vendors, and before. One call to four.

        What is wrong with a newer version stays said.
        """
        for each in sorted({beside, ""}):
            if self._is_of_newer("errors", drop, each) is False:
                self._client.delete_object(Bucket=drop.bucket, Key=_record("errors", drop, each))

    def tag(self, drop: FileDrop, state: str, *, unless: str | None = None) -> None:
        """Tag the dropped version with its state, beside the tags that it has. Two calls.

        A file that is gone, or has ten tags of its owner's, is left alone; so is one in a state of `unless`.
        """
        which: Any = {"Bucket": drop.bucket, "Key": drop.key, "VersionId": drop.version_id}
        try:
            tags = self._client.get_object_tagging(**which)["TagSet"]
            kept = [tag for tag in tags if tag["Key"] != STATE_TAG]
            is_so = unless is not None and {"Key": STATE_TAG, "Value": unless} in tags
            if len(kept) < MAX_TAGS and not is_so:
                kept.append({"Key": STATE_TAG, "Value": state})
                self._client.put_object_tagging(**which, Tagging={"TagSet": kept})
        except ClientError as error:
            if not _is_missing(error):
                raise

    def move(self, drop: FileDrop, folder: str) -> None:
        """Copy the dropped version under another folder, with its metadata and tags, then remove it.

        Several calls. It is copied by parts where it is large, and then S3 leaves both behind.
        """
        source: CopySourceTypeDef = {
            "Bucket": drop.bucket,
            "Key": drop.key,
            "VersionId": drop.version_id,
        }
        head: Any = self._client.head_object(**source)
        tags = self._client.get_object_tagging(**source)["TagSet"]
        kept = {name: head[name] for name in _KEPT if name in head}
        file = shortened(drop.key.removeprefix(DROP_PREFIX), MAX_KEY_BYTES - len(f"{folder}/".encode()))
        self._client.copy(
            source, drop.bucket, f"{folder}/{file}", ExtraArgs={**kept, "MetadataDirective": "REPLACE"}
        )
        self._client.put_object_tagging(Bucket=drop.bucket, Key=f"{folder}/{file}", Tagging={"TagSet": tags})
        self.remove(drop)

    def remove(self, drop: FileDrop) -> None:
        """Delete the file, unless a newer version lies there by now. Two calls.

        Its versions can be had back for as long as the bucket keeps them.
        """
        try:
            newest = self._client.head_object(Bucket=drop.bucket, Key=drop.key)["VersionId"]
        except ClientError as error:
            if _is_missing(error):
                return
            raise
        if newest == drop.version_id:
            self._client.delete_object(Bucket=drop.bucket, Key=drop.key)


def _record(folder: str, drop: FileDrop, beside: str) -> str:
    suffix = f".{beside}" if beside else ""
    file = shortened(drop.key.removeprefix(DROP_PREFIX), MAX_RECORD_BYTES)
    return f"{folder}/{file}{suffix}.json"


def _is_missing(error: ClientError) -> bool:
    return error.response["Error"]["Code"] in _MISSING
