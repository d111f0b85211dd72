"""What an object's metadata say of it."""

from __future__ import annotations

import pytest

from proofbridge.uploads.sidecars import Sidecar, SidecarError, read_metadata


@pytest.mark.parametrize(("said", "create"), [("true", True), ("TRUE", True), ("False", False)])
def test_metadata_say_whether_a_project_is_made(said: str, *, create: bool) -> None:
    assert read_metadata({"proofbridge-create": said}) == Sidecar(create=create)


def test_wrong_word_is_told_when_it_is_neither_yes_nor_no() -> None:
    with pytest.raises(SidecarError, match=r"^create: Input should be a valid boolean$"):
        read_metadata({"proofbridge-create": "yes"})
