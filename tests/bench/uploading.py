"""Uploads a file to a sink as the relay does; run as a process, it says how much memory that took.

`python -m tests.bench.uploading SINK_URL S3_URL SIZE_BYTES` prints the peak above idle, in bytes.
"""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from proofbridge.domain.files.drops import FileDrop
from proofbridge.stores.file_source import HashedSource
from proofbridge.vendors.good2go.client import Good2Go
from proofbridge.vendors.good2go.enums import UploadReason
from proofbridge.vendors.good2go.inputs import Upload
from proofbridge.vendors.local_file import LocalFile
from proofbridge.vendors.multipart import Source

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class FastS3:
    """The fastest stand-in for S3's stream that there can be: a file on this machine, read as it is."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get_object(self, **_: Any) -> dict[str, Any]:
        """Return the file as S3's answer."""
        body = self._path.open("rb", buffering=0)
        return {"Body": body, "ContentLength": self._path.stat().st_size, "ETag": '"1"'}


def upload(sink_url: str, s3: S3Client, size_bytes: int) -> str:
    """Send a dropped file as the relay does; return its SHA-256."""
    drop = FileDrop("bucket", "drop/labels/large.pdf", "v1", "01", size_bytes, datetime.now(UTC))
    source = HashedSource(s3, drop)
    send(sink_url, source)
    return source.sha256 or ""


def send(sink_url: str, source: Source) -> None:
    """Send a file by a vendor's client."""
    with Good2Go(token="bench", base_url=sink_url) as client:
        client.files.upload(
            Upload(reason=UploadReason.NOTIFY_TASK), LocalFile(source, "large.pdf", "application/pdf")
        )


def s3_client(url: str) -> S3Client:
    """Return a real client of S3."""
    return boto3.client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="bench",
        aws_secret_access_key="bench",
        config=Config(s3={"addressing_style": "path"}, proxies={}),
    )


def main(sink_url: str, s3_url: str, size_bytes: int) -> None:
    """Upload a small file first, so that everything is loaded; then the one that counts."""
    s3 = s3_client(s3_url)
    upload(sink_url, s3, 1)
    idle_bytes = _memory("VmRSS")
    upload(sink_url, s3, size_bytes)
    print(_memory("VmHWM") - idle_bytes)


def _memory(line: str) -> int:
    """Return a line of this process's status in bytes. (`ru_maxrss` would begin with its parent's peak.)"""
    (found,) = re.findall(rf"^{line}:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    return int(found) * 1024


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
