from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from local.simulators import Simulator
from proofbridge.vendors.errors import InvalidRequestError, RejectedError
from proofbridge.vendors.robohead.area import ALL
from proofbridge.vendors.robohead.client import RoboHead
from proofbridge.vendors.robohead.enums import Comparison, FieldType, FileProgress, ReviewType
from proofbridge.vendors.robohead.filters import (
    AuthorFilter,
    CommentCountFilter,
    CommentedOnFilter,
    CommentFilter,
    CreatorFilter,
    EndDateFilter,
    FileNameFilter,
    FileProgressFilter,
    ProjectNameFilter,
    ProjectNumberFilter,
    ReviewFilter,
    ReviewNameFilter,
    ReviewStatusFilter,
    ReviewTypeFilter,
    StartDateFilter,
    VersionFilter,
)
from proofbridge.vendors.robohead.inputs import FileUpload
from proofbridge.vendors.robohead.settings import Commands
from tests.contract.proofs import act
from tests.contract.robohead_calls import OWNER, REVIEWER, SECOND, bare_review, new_review, pdf

IS, IS_NOT, NOT_IN = Comparison.IS, Comparison.IS_NOT, Comparison.NOT_IN
SPRING = date(2090, 3, 1)
SUMMER = date(2090, 6, 1)
ONE_DAY_SECONDS = 86_400

REVIEW_CASES: list[tuple[list[ReviewFilter], set[str]]] = [
    ([ReviewNameFilter(comparator=IS, value="Label, front")], {"Label, front"}),
    ([ReviewNameFilter(comparator=IS_NOT, value="Label, front")], {"Carton", "Notes"}),
    ([ReviewNameFilter(comparator="contains", value="o")], {"Label, front", "Carton", "Notes"}),
    ([ProjectNameFilter(comparator=IS, value="Artwork")], {"Label, front", "Carton", "Notes"}),
    ([ProjectNumberFilter(comparator=IS, value="P-000501")], {"Label, front", "Carton", "Notes"}),
    ([ProjectNumberFilter(comparator=IS, value="501")], set()),
    ([CommentCountFilter(comparator=IS, value=0)], {"Carton", "Notes"}),
    ([CommentCountFilter(comparator="more than", value=1)], {"Label, front"}),
    ([ReviewTypeFilter(comparator=IS, value=1)], {"Notes"}),
    ([ReviewTypeFilter(comparator=IS_NOT, value=1)], {"Label, front", "Carton"}),
    ([CreatorFilter(comparator=IS, value=OWNER)], {"Label, front", "Carton", "Notes"}),
    ([CreatorFilter(comparator=IS, value=REVIEWER)], set()),
    ([ReviewStatusFilter(comparator="in", value=(1, 2))], {"Label, front", "Carton", "Notes"}),
    ([ReviewStatusFilter(comparator=NOT_IN, value=(1,))], {"Label, front"}),
    ([FileProgressFilter(comparator="in", value=(FileProgress.NOT_UPLOADED,))], {"Notes"}),
    (
        [
            FileProgressFilter(
                comparator=NOT_IN, value=(FileProgress.NOT_UPLOADED, FileProgress.REVIEWERS_NOTIFIED)
            )
        ],
        {"Carton"},
    ),
    ([StartDateFilter(comparator=IS, value=SPRING)], {"Carton"}),
    ([EndDateFilter(comparator="on or before", value=SPRING)], {"Label, front"}),
    ([EndDateFilter(comparator="after", value=SPRING)], {"Carton"}),
    (
        [
            ReviewTypeFilter(comparator=IS, value=2),
            EndDateFilter(comparator="after", value=SPRING),
            ReviewNameFilter(comparator="starts with", value="C"),
        ],
        {"Carton"},
    ),
    ([ReviewNameFilter(comparator=1, value="Notes")], {"Notes"}),
    ([], {"Label, front", "Carton", "Notes"}),
]


@pytest.fixture
def account(robohead: RoboHead, robohead_simulator: Simulator) -> RoboHead:
    """Three reviews: one in progress with two comments, one to start later, one without anything."""
    label = new_review(robohead, "Label, front", end_date=SPRING)
    new_review(robohead, "Carton", start_date=SPRING, end_date=SUMMER)
    bare_review(robohead, "Notes")
    act(robohead_simulator, "comment", review=label, by=REVIEWER, comment="More «red»")
    robohead_simulator.clock.advance(ONE_DAY_SECONDS)
    robohead.files.upload(
        pdf("Label.pdf", b"better"), FileUpload(review_id=label, add_version_by_file_name=True)
    )
    act(robohead_simulator, "comment", review=label, by=SECOND, comment="Less")
    return robohead


@pytest.mark.parametrize(("filters", "names"), REVIEW_CASES)
def test_reviews_are_those_that_fit_when_filtered(
    account: RoboHead, filters: list[ReviewFilter], names: set[str]
) -> None:
    assert {review.review_name for review in account.reviews.list(filters)} == names


def test_every_column_of_the_reviews_is_tried_when_cases_are_walked() -> None:
    tried = {type(condition) for filters, _ in REVIEW_CASES for condition in filters}
    assert tried == set(ReviewFilter.__subclasses__())


def test_comments_are_those_that_fit_when_filtered(account: RoboHead, robohead_simulator: Simulator) -> None:
    (label,) = account.reviews.list([ReviewNameFilter(comparator=IS, value="Label, front")])
    assert label.id is not None
    today = robohead_simulator.clock.now().date()
    cases: list[tuple[list[CommentFilter], list[str]]] = [
        ([], ["More «red»", "Less"]),
        ([AuthorFilter(comparator="in", value=(REVIEWER,))], ["More «red»"]),
        ([AuthorFilter(comparator="in", value=(REVIEWER, SECOND))], ["More «red»", "Less"]),
        ([CommentedOnFilter(comparator=IS, value=today)], ["Less"]),
        ([CommentedOnFilter(comparator="before", value=today)], ["More «red»"]),
        ([FileNameFilter(comparator=IS, value="Label.pdf")], ["More «red»", "Less"]),
        ([FileNameFilter(comparator=IS, value="Other.pdf")], []),
        ([VersionFilter(comparator=IS, value=2)], ["Less"]),
        ([VersionFilter(comparator=IS, value=1), AuthorFilter(comparator="in", value=(SECOND,))], []),
    ]
    for filters, said in cases:
        assert [comment.comment for comment in account.comments.list(label.id, filters)] == said
    assert {type(condition) for filters, _ in cases for condition in filters} == set(
        CommentFilter.__subclasses__()
    )


def test_comment_tells_who_said_it_of_what_when_read(
    robohead: RoboHead, robohead_simulator: Simulator
) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    made = new_review(robohead)
    act(robohead_simulator, "comment", review=made, by=REVIEWER, comment="More «red»")
    (comment,) = robohead.comments.list(made)
    (item,) = robohead.reviews.get(made).review_items
    assert (comment.author, comment.author_display_name) == (str(REVIEWER), "Rex Viewer")
    assert (comment.comment, comment.file_name, comment.version) == ("More «red»", "Label.pdf", 1)
    assert comment.review_item_id == item.id
    assert comment.created_on is not None
    assert comment.created_on > before
    assert robohead.reviews.get(made).num_comments == 1


@pytest.mark.parametrize("count", [0, 1, 5, 6, 7])
@pytest.mark.parametrize("page_size", [1, 2, 3, 5, 7, 100, ALL])
def test_every_review_comes_once_when_paged(robohead: RoboHead, count: int, page_size: int) -> None:
    made = [bare_review(robohead) for _ in range(count)]
    assert [review.id for review in robohead.reviews.list(page_size=page_size)] == made
    assert [len(page) for page in robohead.reviews.pages(page_size=ALL)] == ([count] if count else [])


def test_comments_and_users_are_paged_when_there_are_many(
    robohead: RoboHead, robohead_simulator: Simulator
) -> None:
    made = new_review(robohead)
    for number in range(5):
        act(robohead_simulator, "comment", review=made, by=REVIEWER, comment=f"{number}")
    said = [comment.comment for comment in robohead.comments.list(made, page_size=2)]
    assert said == ["0", "1", "2", "3", "4"]
    assert [user.id for user in robohead.users.list(page_size=2)] == [OWNER, REVIEWER, SECOND]


def test_users_have_names_and_addresses_when_listed(robohead: RoboHead) -> None:
    users = {user.id: (user.display_name, user.email) for user in robohead.users.list()}
    assert users[REVIEWER] == ("Rex Viewer", "reviewer@brand.test")
    assert len(users) == 3


def test_options_are_those_of_the_documentation_when_listed(robohead: RoboHead) -> None:
    types = robohead.lists.review_types()
    assert robohead.lists.by_type(23) == types
    assert [(option.value, option.name) for option in types] == [
        (member.value, member.words) for member in ReviewType
    ]
    statuses = robohead.lists.review_statuses()
    threes = [option.name for option in statuses if option.value == 3]
    assert threes == ["Completed", "Completed and approved"]


@pytest.mark.parametrize("field_type", list(FieldType))
def test_comparators_are_listed_when_asked_for_a_type(robohead: RoboHead, field_type: FieldType) -> None:
    comparators = robohead.comparators.list(field_type)
    assert len({comparator.id for comparator in comparators}) == len(comparators) >= 2


def test_comparators_are_asked_for_once_when_used_by_name(
    robohead: RoboHead, robohead_simulator: Simulator
) -> None:
    for _ in range(3):
        list(robohead.reviews.list([ReviewNameFilter(comparator=IS, value="x")]))
    asked = [entry["operation"] for entry in robohead_simulator.requests.entries()]
    assert asked.count("list_field_comparators") == 1


def test_comparators_are_not_asked_for_when_settings_have_them(robohead_simulator: Simulator) -> None:
    known = Commands(comparator_ids={FieldType.TEXT: {"is": 1}})
    with RoboHead(api_key="rh-local-key", base_url=robohead_simulator.url, commands=known) as client:
        made = bare_review(client, "Notes")
        (found,) = client.reviews.list([ReviewNameFilter(comparator=IS, value="Notes")])
        assert found.id == made
    asked = [entry["operation"] for entry in robohead_simulator.requests.entries()]
    assert "list_field_comparators" not in asked


def test_comparator_is_refused_when_the_type_has_none_of_that_name(robohead: RoboHead) -> None:
    with pytest.raises(InvalidRequestError, match="before"):
        list(robohead.reviews.list([EndDateFilter(comparator="contains", value=SPRING)]))


def test_refusal_is_told_when_comparator_is_of_another_type(
    robohead: RoboHead, robohead_simulator: Simulator
) -> None:
    with pytest.raises(RejectedError, match="comparatorId"):
        list(robohead.reviews.list([EndDateFilter(comparator=1, value=SPRING)]))
    robohead_simulator.violations.clear()


def test_dates_are_read_when_vendor_writes_them_in_iso(
    robohead: RoboHead, robohead_simulator: Simulator
) -> None:
    made = new_review(robohead, start_date=SPRING, end_date=SUMMER)
    for form in ("us", "iso"):
        robohead_simulator.settings.date_form = form  # type: ignore[attr-defined]
        review = robohead.reviews.get(made)
        assert (review.start_date, review.end_date) == (SPRING, SUMMER)
