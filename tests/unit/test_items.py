from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofbridge.domain.items import (
    MAX_ITEM_ID_LENGTH,
    Decision,
    ItemKind,
    ItemRef,
    Observation,
    Person,
    ReviewStatus,
    Vendor,
    moment_text,
    parse_moment,
)
from tests.unit.observations import JOB, observations


@pytest.mark.parametrize("vendor", sorted(set(Vendor) - {Vendor.AWS}))
@pytest.mark.parametrize("kind", ItemKind)
def test_ref_reads_back_when_written(vendor: Vendor, kind: ItemKind) -> None:
    ref = ItemRef(vendor, kind, "ä b/c|d")
    assert str(ref) == f"{vendor}#{kind}#ä b/c|d"
    assert ItemRef.parse(str(ref)) == ref


def test_ref_refused_when_its_vendor_only_takes_actions() -> None:
    with pytest.raises(ValueError, match="aws is no vendor of items"):
        ItemRef.parse("aws#task#1")


@pytest.mark.parametrize(
    "item_id",
    ["", "a#b", "x" * (MAX_ITEM_ID_LENGTH + 1), "a\nb", "a\x00", "\ud800", None, 7, ["a"], {"a": 1}, True],
)
def test_ref_refused_when_id_can_not_be_a_key(item_id: object) -> None:
    with pytest.raises(ValueError, match="is no good2go job id"):
        ItemRef(Vendor.GOOD2GO, ItemKind.JOB, item_id)  # type: ignore[arg-type]


def test_ref_accepted_when_id_has_the_greatest_length() -> None:
    assert ItemRef(Vendor.GOOD2GO, ItemKind.JOB, "x" * MAX_ITEM_ID_LENGTH).id


@pytest.mark.parametrize(
    "text",
    ["", "good2go", "good2go#job", "good2go#job#", "good3go#job#1", "good2go#blob#1", "good2go#job#1#2"],
)
def test_ref_refused_when_text_is_no_ref(text: str) -> None:
    with pytest.raises(ValueError, match=r"good|form|valid"):
        ItemRef.parse(text)


@settings(derandomize=True, max_examples=150)
@given(observations())
def test_observation_reads_back_when_written(observed: Observation) -> None:
    assert Observation.from_dict(observed.to_dict()) == observed


def test_observation_dict_names_no_absent_field_when_most_are_none() -> None:
    moment = datetime(2026, 3, 2, 9, 0, 0, 5000, UTC)
    observed = Observation(
        JOB,
        moment,
        status=ReviewStatus.APPROVED,
        reviewers=(Person("a@b.test", decision=Decision.APPROVED), Person("c@d.test", task_id="7")),
    )
    assert observed.to_dict() == {
        "ref": str(JOB),
        "observed_at": "2026-03-02T09:00:00.005Z",
        "status": "approved",
        "reviewers": [{"id": "a@b.test", "decision": "approved"}, {"id": "c@d.test", "task_id": "7"}],
        "deleted": False,
    }


def test_observation_keeps_no_reviewers_and_unknown_reviewers_apart_when_written() -> None:
    moment = datetime(2026, 3, 2, tzinfo=UTC)
    assert Observation.from_dict(Observation(JOB, moment, reviewers=()).to_dict()).reviewers == ()
    assert Observation.from_dict(Observation(JOB, moment).to_dict()).reviewers is None


@settings(derandomize=True, max_examples=150)
@given(
    st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1)),  # noqa: DTZ001 - hypothesis adds it
    st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1)),  # noqa: DTZ001
    st.integers(-14, 14),
)
def test_moment_texts_sort_as_moments_when_zones_differ(one: datetime, other: datetime, hours: int) -> None:
    first, second = one.replace(tzinfo=UTC), other.replace(tzinfo=timezone(timedelta(hours=hours)))
    texts = moment_text(first), moment_text(second)
    assert all(len(text) == len("2026-03-02T09:00:00.000Z") for text in texts)
    if abs(first - second) >= timedelta(milliseconds=1):
        assert (texts[0] < texts[1]) == (first < second)
    assert abs(parse_moment(texts[1]) - second) < timedelta(milliseconds=1)


def test_moment_refused_when_it_has_no_zone() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        moment_text(datetime(2026, 3, 2))  # noqa: DTZ001 - that is the point
    with pytest.raises(ValueError, match="no time zone"):
        parse_moment("2026-03-02T09:00:00")


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00"])
def test_moment_refused_when_utc_has_no_such_year(text: str) -> None:
    with pytest.raises(ValueError, match="beyond"):
        parse_moment(text)
    with pytest.raises(ValueError, match="beyond"):
        moment_text(datetime.fromisoformat(text))


def test_moment_is_utc_when_text_has_another_zone() -> None:
    assert parse_moment("2026-03-02T09:00:00+02:00") == datetime(2026, 3, 2, 7, tzinfo=UTC)
    assert parse_moment("2026-03-02T09:00:00+02:00").tzinfo is UTC
