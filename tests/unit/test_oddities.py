"""What lands in a drop folder and is no proof."""

from __future__ import annotations

import pytest

from proofbridge.config.destinations import Destination
from proofbridge.domain.files.drops import FileDrop
from proofbridge.uploads.ignored_files import IgnoreReason, ignore_reason, treatment
from tests.unit.observations import START

CASES: list[tuple[str, int, IgnoreReason | None]] = [
    ("labels/", 0, IgnoreReason.FOLDER_MARKER),
    ("labels/sub/", 0, IgnoreReason.FOLDER_MARKER),
    ("labels_$folder$", 0, IgnoreReason.FOLDER_MARKER),
    ("labels/.DS_Store", 6148, IgnoreReason.HIDDEN),
    ("labels/._a.pdf", 4096, IgnoreReason.HIDDEN),
    ("labels/Thumbs.db", 9, IgnoreReason.HIDDEN),
    ("labels/desktop.ini", 9, IgnoreReason.HIDDEN),
    ("labels/__MACOSX/a.pdf", 9, IgnoreReason.HIDDEN),
    ("labels/Icon\r", 0, IgnoreReason.HIDDEN),
    ("labels/ehthumbs_vista.db", 9, IgnoreReason.HIDDEN),
    ("labels/.afpDeleted1A2B", 9, IgnoreReason.HIDDEN),
    ("labels/.a.pdf.Xy12Ab", 9, IgnoreReason.HIDDEN),
    ("labels/.goutputstream-X1Y2", 9, IgnoreReason.HIDDEN),
    ("labels/.Spotlight-V100/Store-V2/0.indexHead", 9, IgnoreReason.HIDDEN),
    ("labels/.Trashes/501/a.pdf", 9, IgnoreReason.HIDDEN),
    ("labels/$RECYCLE.BIN/S-1-5/a.pdf", 9, IgnoreReason.HIDDEN),
    ("labels/System Volume Information/tracking.log", 9, IgnoreReason.HIDDEN),
    ("labels/@eaDir/a.pdf/SYNOPHOTO_THUMB_M.jpg", 9, IgnoreReason.HIDDEN),
    ("labels/a/.sync/b/a.pdf.part", 9, IgnoreReason.HIDDEN),
    ("labels/~$brief.docx", 162, IgnoreReason.TEMPORARY),
    ("labels/.~lock.brief.odt#", 99, IgnoreReason.TEMPORARY),
    ("labels/~carton~x7k2.idlk", 0, IgnoreReason.TEMPORARY),
    ("labels/~syncthing~a.pdf.tmp", 9, IgnoreReason.TEMPORARY),
    ("labels/.a.txt.swp", 9, IgnoreReason.TEMPORARY),
    ("labels/#a.txt#", 9, IgnoreReason.TEMPORARY),
    ("labels/a.pdf.filepart", 9, IgnoreReason.TEMPORARY),
    ("labels/a.pdf.1a2b3c4d.partial", 9, IgnoreReason.TEMPORARY),
    ("labels/a.pdf.ocTransferId77.part", 9, IgnoreReason.TEMPORARY),
    ("labels/a.pdf.download/a.pdf", 9, IgnoreReason.TEMPORARY),
    ("labels/a.pdf.part", 9, IgnoreReason.TEMPORARY),
    ("labels/a.pdf.CRDOWNLOAD", 9, IgnoreReason.TEMPORARY),
    ("labels/~WRL0001.tmp", 9, IgnoreReason.TEMPORARY),
    ("labels/a.pdf~", 9, IgnoreReason.TEMPORARY),
    ("labels/a.pdf.part", 0, IgnoreReason.TEMPORARY),
    ("labels/a.pdf", 0, IgnoreReason.EMPTY),
    ("labels/a.pdf", 1, None),
    ("labels/a+b (1) ü%20.pdf", 9, None),
    ("labels/part.pdf", 9, None),
    ("labels/v1.2 a~b.pdf", 9, None),
    ("labels/_0042X_Order #7.pdf", 9, None),
    ("labels/Download/locked.tmp.pdf", 9, None),
    ("labels/100% [final] @work/~1.pdf", 9, None),
]


@pytest.mark.parametrize(("key", "size_bytes", "oddity"), CASES)
def test_object_is_known_for_what_it_is(key: str, size_bytes: int, oddity: IgnoreReason | None) -> None:
    drop = FileDrop("bucket", f"drop/{key}", "V1", "01", size_bytes, START)
    assert ignore_reason(drop) is oddity


def test_folder_of_a_destination_may_have_any_name() -> None:
    hidden = Destination.model_validate(
        {"prefix": ".in/#recycle", "vendor": "good2go", "recipient": "a@b.test"}
    )
    for name, oddity in (("a.pdf", None), (".git/a.pdf", IgnoreReason.HIDDEN)):
        drop = FileDrop("bucket", f"drop/.in/#recycle/{name}", "V1", "01", 9, START)
        assert ignore_reason(drop, hidden) is oddity


def test_each_kind_is_treated_as_its_destination_says() -> None:
    data = {"prefix": "labels", "vendor": "good2go", "recipient": "a@b.test"}
    usual = Destination.model_validate(data)
    assert [treatment(each, usual) for each in IgnoreReason] == ["ignore", "ignore", "ignore", "report"]
    keys = ("folder_markers", "hidden_files", "temporary_files", "empty_files")
    for key, oddity in zip(keys, IgnoreReason, strict=True):
        turned = "ignore" if oddity is IgnoreReason.EMPTY else "report"
        changed = Destination.model_validate({**data, key: turned})
        assert treatment(oddity, changed) == turned
    assert treatment(IgnoreReason.FOLDER_MARKER, None) == "ignore"
    assert treatment(IgnoreReason.HIDDEN, None) == "report"
