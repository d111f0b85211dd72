"""What lands in a drop folder and is no proof."""

from __future__ import annotations

import pytest

from proofbridge.destinations import Destination
from proofbridge.uploads.drops import FileDrop
from proofbridge.uploads.oddities import Oddity, oddity_of, treatment
from tests.unit.observations import START

CASES: list[tuple[str, int, Oddity | None]] = [
    ("labels/", 0, Oddity.FOLDER_MARKER),
    ("labels/sub/", 0, Oddity.FOLDER_MARKER),
    ("labels_$folder$", 0, Oddity.FOLDER_MARKER),
    ("labels/.DS_Store", 6148, Oddity.HIDDEN),
    ("labels/._a.pdf", 4096, Oddity.HIDDEN),
    ("labels/Thumbs.db", 9, Oddity.HIDDEN),
    ("labels/desktop.ini", 9, Oddity.HIDDEN),
    ("labels/__MACOSX/a.pdf", 9, Oddity.HIDDEN),
    ("labels/Icon\r", 0, Oddity.HIDDEN),
    ("labels/ehthumbs_vista.db", 9, Oddity.HIDDEN),
    ("labels/.afpDeleted1A2B", 9, Oddity.HIDDEN),
    ("labels/.a.pdf.Xy12Ab", 9, Oddity.HIDDEN),
    ("labels/.goutputstream-X1Y2", 9, Oddity.HIDDEN),
    ("labels/.Spotlight-V100/Store-V2/0.indexHead", 9, Oddity.HIDDEN),
    ("labels/.Trashes/501/a.pdf", 9, Oddity.HIDDEN),
    ("labels/$RECYCLE.BIN/S-1-5/a.pdf", 9, Oddity.HIDDEN),
    ("labels/System Volume Information/tracking.log", 9, Oddity.HIDDEN),
    ("labels/@eaDir/a.pdf/SYNOPHOTO_THUMB_M.jpg", 9, Oddity.HIDDEN),
    ("labels/a/.sync/b/a.pdf.part", 9, Oddity.HIDDEN),
    ("labels/~$brief.docx", 162, Oddity.TEMPORARY),
    ("labels/.~lock.brief.odt#", 99, Oddity.TEMPORARY),
    ("labels/~carton~x7k2.idlk", 0, Oddity.TEMPORARY),
    ("labels/~syncthing~a.pdf.tmp", 9, Oddity.TEMPORARY),
    ("labels/.a.txt.swp", 9, Oddity.TEMPORARY),
    ("labels/#a.txt#", 9, Oddity.TEMPORARY),
    ("labels/a.pdf.filepart", 9, Oddity.TEMPORARY),
    ("labels/a.pdf.1a2b3c4d.partial", 9, Oddity.TEMPORARY),
    ("labels/a.pdf.ocTransferId77.part", 9, Oddity.TEMPORARY),
    ("labels/a.pdf.download/a.pdf", 9, Oddity.TEMPORARY),
    ("labels/a.pdf.part", 9, Oddity.TEMPORARY),
    ("labels/a.pdf.CRDOWNLOAD", 9, Oddity.TEMPORARY),
    ("labels/~WRL0001.tmp", 9, Oddity.TEMPORARY),
    ("labels/a.pdf~", 9, Oddity.TEMPORARY),
    ("labels/a.pdf.part", 0, Oddity.TEMPORARY),
    ("labels/a.pdf", 0, Oddity.EMPTY),
    ("labels/a.pdf", 1, None),
    ("labels/a+b (1) ü%20.pdf", 9, None),
    ("labels/part.pdf", 9, None),
    ("labels/v1.2 a~b.pdf", 9, None),
    ("labels/_0042X_Order #7.pdf", 9, None),
    ("labels/Download/locked.tmp.pdf", 9, None),
    ("labels/100% [final] @work/~1.pdf", 9, None),
]


@pytest.mark.parametrize(("key", "size_bytes", "oddity"), CASES)
def test_object_is_known_for_what_it_is(key: str, size_bytes: int, oddity: Oddity | None) -> None:
    drop = FileDrop("bucket", f"drop/{key}", "V1", "01", size_bytes, START)
    assert oddity_of(drop) is oddity


def test_folder_of_a_destination_may_have_any_name() -> None:
    hidden = Destination.model_validate(
        {"prefix": ".in/#recycle", "vendor": "good2go", "recipient": "a@b.test"}
    )
    for name, oddity in (("a.pdf", None), (".git/a.pdf", Oddity.HIDDEN)):
        drop = FileDrop("bucket", f"drop/.in/#recycle/{name}", "V1", "01", 9, START)
        assert oddity_of(drop, hidden) is oddity


def test_each_kind_is_treated_as_its_destination_says() -> None:
    data = {"prefix": "labels", "vendor": "good2go", "recipient": "a@b.test"}
    usual = Destination.model_validate(data)
    assert [treatment(each, usual) for each in Oddity] == ["ignore", "ignore", "ignore", "report"]
    keys = ("folder_markers", "hidden_files", "temporary_files", "empty_files")
    for key, oddity in zip(keys, Oddity, strict=True):
        turned = "ignore" if oddity is Oddity.EMPTY else "report"
        changed = Destination.model_validate({**data, key: turned})
        assert treatment(oddity, changed) == turned
    assert treatment(Oddity.FOLDER_MARKER, None) == "ignore"
    assert treatment(Oddity.HIDDEN, None) == "report"
