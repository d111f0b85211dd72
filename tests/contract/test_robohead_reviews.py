from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from local.simulators import Simulator
from local.simulators.robohead.settings import COMMANDS
from proofbridge.domain.items import Decision, ReviewStatus
from proofbridge.vendors.errors import (
    AuthenticationError,
    Happened,
    NotFoundError,
    RejectedError,
    VendorError,
)
from proofbridge.vendors.robohead import mapping
from proofbridge.vendors.robohead.client import RoboHead
from proofbridge.vendors.robohead.enums import (
    ApprovalReviewStatus,
    AutocompleteOption,
    FeedbackReviewStatus,
    FileProgress,
    ReviewerStatus,
    ReviewStageStatus,
    ReviewType,
    ReviewVersionStatus,
    SourceObjectType,
    UploadType,
)
from proofbridge.vendors.robohead.inputs import (
    FileUpload,
    ItemInput,
    ReviewCreate,
    ReviewUpdate,
    StageInput,
    file_size,
)
from proofbridge.vendors.robohead.models import ReviewItem
from proofbridge.vendors.robohead.operations import OPERATIONS
from proofbridge.vendors.robohead.settings import Commands
from tests.contract.operations_called import resolve
from tests.contract.proofs import act, effects
from tests.contract.robohead_calls import (
    MISSING,
    OWNER,
    PROJECT,
    REVIEWER,
    SECOND,
    bare_review,
    new_item,
    new_review,
    pdf,
)

DAY = date(2030, 1, 2)


def status_of(client: RoboHead, review: int) -> ReviewStatus | None:
    return mapping.review_status(client.reviews.get(review).status)


def test_every_operation_has_a_method_when_walked(robohead: RoboHead, robohead_simulator: Simulator) -> None:
    named = [one for one in type(robohead_simulator.vendor).operations() if one.name in COMMANDS]
    known = [(one.method, one.path.partition("?")[0]) for one in OPERATIONS]
    assert sorted(known) == sorted((one.method, one.path) for one in named)
    commands = [getattr(Commands(), name) for name in Commands.__slots__ if name != "comparator_ids"]
    assert {command.name for command in commands if command is not None} == set(COMMANDS.values())
    for operation in OPERATIONS:
        assert callable(resolve(robohead, operation))


# --- add -------------------------------------------------------------------------------------------------


def test_review_is_made_when_everything_is_said_of_it(
    robohead: RoboHead, robohead_simulator: Simulator
) -> None:
    created_on = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
    file_item = new_item(
        robohead,
        "Größe.pdf",
        created_on=created_on,
        file_size=file_size(18),
        is_default_thumbnail=True,
        optional_title="Front",
        sort_order=1,
        description="The «front» label",
        thumbnail_url="https://example.com/t.png",
    )
    website = ItemInput(
        file_name="https://example.com",
        upload_type=UploadType.WEBSITE_URL,
        process_entire_website=True,
        enable_annotation=False,
        sort_order=2,
    )
    from_library = ItemInput(
        file_name="Logo.pdf",
        upload_type=UploadType.LIBRARY,
        source_file_id=7,
        source_object_type=SourceObjectType.LIBRARY,
    )
    from_project = ItemInput(
        file_name="Old.pdf",
        upload_type=UploadType.PROJECT,
        source_file_id=8,
        source_object_type=SourceObjectType.PROJECT,
    )
    first = StageInput(
        stage_name="Brand",
        stage_due_date=DAY,
        notify_me_on_response_submission=True,
        notify_comment_author_on_reply=True,
        download_flag=True,
        show_responses_to_all_reviewers=True,
        require_digital_signature=True,
        existing_users=(REVIEWER, SECOND),
        existing_cc_users=(OWNER,),
        email_subject="Please look",
        email_message="At «this»",
    )
    second = StageInput(
        stage_name="Legal",
        existing_users=(SECOND,),
        start_stage_condition=3,
        stage_status=ReviewStageStatus.NOT_STARTED,
    )
    before = datetime.now(UTC) - timedelta(seconds=2)
    added = robohead.reviews.add(
        ReviewCreate(
            review_name="Label & «Größe»",
            review_type=ReviewType.APPROVAL,
            project_id=PROJECT,
            start_date=date(2020, 1, 1),
            end_date=DAY,
            autocomplete_option=AutocompleteOption.ALL_APPROVED,
            review_owners=(OWNER, SECOND),
            review_items=(file_item, website, from_library, from_project),
            review_stages=(first, second),
        )
    )
    review = robohead.reviews.get(added.id)
    assert (review.id, review.review_name) == (added.id, "Label & «Größe»")
    assert (review.project_id, review.project_name, review.project_number) == (PROJECT, "Artwork", "501")
    assert (review.start_date, review.end_date) == (date(2020, 1, 1), DAY)
    assert (review.review_type, review.status) == (ReviewType.APPROVAL, ApprovalReviewStatus.IN_PROGRESS)
    assert review.autocomplete_option is AutocompleteOption.ALL_APPROVED
    assert review.progress_string is FileProgress.REVIEWERS_NOTIFIED
    assert review.review_owners == (str(OWNER), str(SECOND))
    assert review.created_on is not None
    assert review.created_on > before
    items = review.review_items
    assert [item.upload_type for item in items] == [
        UploadType.COMPUTER,
        UploadType.WEBSITE_URL,
        UploadType.LIBRARY,
        UploadType.PROJECT,
    ]
    front = items[0]
    assert (front.file_name, front.optional_title, front.description) == (
        "Größe.pdf",
        "Front",
        "The «front» label",
    )
    assert (front.version, front.version_status) == (1, ReviewVersionStatus.PENDING)
    assert (front.is_default_thumbnail, items[1].is_default_thumbnail) == (True, False)
    assert (front.file_id, front.file_size, front.sort_order) == (file_item.file_id, "0.01 MB", 1)
    assert (items[1].process_entire_website, items[1].enable_annotation) == (True, False)
    assert (items[2].source_file_id, items[2].source_object_type) == (7, SourceObjectType.LIBRARY)
    brand, legal = review.review_stages
    assert (brand.stage_name, brand.stage_due_date, brand.stage_status) == (
        "Brand",
        DAY,
        ReviewStageStatus.IN_PROGRESS,
    )
    assert (brand.existing_users, brand.existing_cc_users) == ((REVIEWER, SECOND), (OWNER,))
    assert (brand.email_subject, brand.email_message) == ("Please look", "At «this»")
    switches = (
        "notify_me_on_response_submission",
        "notify_comment_author_on_reply",
        "download_flag",
        "show_responses_to_all_reviewers",
        "require_digital_signature",
    )
    assert [getattr(brand, name) for name in switches] == [True] * 5
    assert [getattr(legal, name) for name in switches] == [False] * 5
    assert (legal.start_stage_condition, legal.stage_status) == (3, ReviewStageStatus.NOT_STARTED)
    assert [(who.id, who.status) for who in brand.reviewers] == [
        (REVIEWER, ReviewerStatus.NOTIFIED),
        (SECOND, ReviewerStatus.NOTIFIED),
    ]
    assert [who.status for who in legal.reviewers] == [ReviewerStatus.INITIAL]
    assert effects(robohead_simulator) == ["upload_file", "add_review"]


def test_review_is_made_when_only_the_needed_is_said_of_it(robohead: RoboHead) -> None:
    review = robohead.reviews.get(bare_review(robohead, "Bare"))
    assert (review.review_type, review.status) == (ReviewType.FEEDBACK, FeedbackReviewStatus.NOT_STARTED)
    assert (review.review_items, review.review_stages, review.end_date) == ((), (), None)
    assert review.progress_string is FileProgress.NOT_UPLOADED
    assert review.num_comments == 0


# --- update ----------------------------------------------------------------------------------------------


def test_only_what_is_given_changes_when_review_is_updated(
    robohead: RoboHead, robohead_simulator: Simulator
) -> None:
    made = new_review(robohead)
    robohead.reviews.update(made, ReviewUpdate(end_date=DAY))
    review = robohead.reviews.get(made)
    assert (review.review_name, review.end_date, review.start_date) == ("Label", DAY, None)
    robohead.reviews.update(
        made,
        ReviewUpdate(
            review_name="Another",
            review_type=ReviewType.FEEDBACK,
            review_status=FeedbackReviewStatus.COMPLETED,
            project_id=PROJECT,
            start_date=date(2029, 12, 31),
            end_date=date(2030, 1, 5),
            autocomplete_option=AutocompleteOption.NEVER,
            review_owners=(SECOND,),
        ),
    )
    review = robohead.reviews.get(made)
    assert (review.review_name, review.review_type) == ("Another", ReviewType.FEEDBACK)
    assert review.status is FeedbackReviewStatus.COMPLETED
    assert (review.start_date, review.end_date) == (date(2029, 12, 31), date(2030, 1, 5))
    assert (review.autocomplete_option, review.review_owners) == (AutocompleteOption.NEVER, (str(SECOND),))
    assert len(review.review_items) == len(review.review_stages) == 1
    assert effects(robohead_simulator)[2:] == ["update_review"] * 2


def existing(item: ReviewItem, **changes: object) -> ItemInput:
    assert isinstance(item.upload_type, UploadType)
    fields = {
        "id": item.id,
        "file_name": item.file_name,
        "version": item.version,
        "upload_type": item.upload_type,
        "file_id": item.file_id,
        "review_version_id": item.review_version_id,
        **changes,
    }
    return ItemInput.model_validate(fields)


def test_item_keeps_its_version_when_its_title_changes(robohead: RoboHead) -> None:
    made = new_review(robohead)
    (item,) = robohead.reviews.get(made).review_items
    robohead.reviews.update(made, ReviewUpdate(review_items=(existing(item, optional_title="Back"),)))
    (changed,) = robohead.reviews.get(made).review_items
    assert (changed.id, changed.version, changed.optional_title) == (item.id, 1, "Back")
    assert changed.review_version_id == item.review_version_id


def test_review_begins_anew_when_item_gets_a_new_version(
    robohead: RoboHead, robohead_simulator: Simulator
) -> None:
    made = new_review(robohead)
    act(robohead_simulator, "reject", review=made, by=REVIEWER)
    assert status_of(robohead, made) is ReviewStatus.REJECTED
    (item,) = robohead.reviews.get(made).review_items
    uploaded = robohead.files.upload(pdf(data=b"%PDF-1.7 better"), FileUpload(review_id=made))
    new_version = existing(
        item, version=2, file_id=uploaded.file_id, is_new_version=True, review_version_id=None
    )
    robohead.reviews.update(made, ReviewUpdate(review_items=(new_version,)))
    review = robohead.reviews.get(made)
    (item,) = review.review_items
    assert (item.version, item.file_id, item.version_status) == (
        2,
        uploaded.file_id,
        ReviewVersionStatus.PENDING,
    )
    assert review.status is ApprovalReviewStatus.IN_PROGRESS
    assert review.review_stages[0].reviewers[0].status is ReviewerStatus.NOTIFIED


def test_items_and_stages_are_added_and_changed_when_review_is_updated(robohead: RoboHead) -> None:
    made = new_review(robohead)
    (stage,) = robohead.reviews.get(made).review_stages
    assert stage.id is not None
    robohead.reviews.update(
        made,
        ReviewUpdate(
            review_items=(new_item(robohead, "Back.pdf"),),
            review_stages=(
                StageInput(
                    id=stage.id, stage_name="Brand", existing_users=(REVIEWER, SECOND), stage_due_date=DAY
                ),
                StageInput(stage_name="Legal", existing_users=(SECOND,)),
            ),
        ),
    )
    review = robohead.reviews.get(made)
    assert [item.file_name for item in review.review_items] == ["Label.pdf", "Back.pdf"]
    brand, legal = review.review_stages
    assert (brand.id, brand.stage_name, brand.stage_due_date) == (stage.id, "Brand", DAY)
    assert (brand.existing_users, legal.existing_users) == ((REVIEWER, SECOND), (SECOND,))


# --- what people decide ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("deed", "status", "decision", "version_status"),
    [
        ("approve", ReviewStatus.APPROVED, Decision.APPROVED, ReviewVersionStatus.APPROVED),
        (
            "approve-with-changes",
            ReviewStatus.APPROVED_WITH_CHANGES,
            Decision.APPROVED_WITH_CHANGES,
            ReviewVersionStatus.APPROVED_WITH_CHANGES,
        ),
        ("reject", ReviewStatus.REJECTED, Decision.REJECTED, ReviewVersionStatus.DENIED),
    ],
)
def test_decision_is_told_in_our_words_when_reviewer_decides(
    robohead: RoboHead,
    robohead_simulator: Simulator,
    deed: str,
    status: ReviewStatus,
    decision: Decision,
    version_status: ReviewVersionStatus,
) -> None:
    made = new_review(robohead)
    assert status_of(robohead, made) is ReviewStatus.IN_REVIEW
    (reviewer,) = robohead.reviews.get(made).review_stages[0].reviewers
    assert mapping.decision(reviewer.status) is None
    act(robohead_simulator, deed, review=made, by=REVIEWER)
    review = robohead.reviews.get(made)
    assert mapping.review_status(review.status) is status
    assert mapping.decision(review.review_stages[0].reviewers[0].status) is decision
    assert review.review_items[0].version_status is version_status
    listed = next(robohead.reviews.list())
    assert mapping.review_status(listed.status) is status


def test_feedback_is_completed_without_a_decision_when_reviewer_finishes(
    robohead: RoboHead, robohead_simulator: Simulator
) -> None:
    made = new_review(robohead, review_type=ReviewType.FEEDBACK)
    act(robohead_simulator, "set-reviewer-status", review=made, by=REVIEWER, status=5)
    (reviewer,) = robohead.reviews.get(made).review_stages[0].reviewers
    assert (reviewer.status, mapping.decision(reviewer.status)) == (ReviewerStatus.OPENED, None)
    act(robohead_simulator, "finish", review=made, by=REVIEWER)
    review = robohead.reviews.get(made)
    assert mapping.review_status(review.status) is ReviewStatus.COMPLETED
    assert mapping.decision(review.review_stages[0].reviewers[0].status) is None


@pytest.mark.parametrize("review_type", list(ReviewType))
def test_every_status_of_ours_can_be_set_when_robohead_has_one_for_it(
    robohead: RoboHead, review_type: ReviewType
) -> None:
    made = new_review(robohead, review_type=review_type, start_date=date(2090, 1, 1))  # nothing starts itself
    for ours in ReviewStatus:
        theirs = mapping.robohead_status(review_type, ours)
        if theirs is not None:
            robohead.reviews.update(made, ReviewUpdate(review_status=theirs))
            assert robohead.reviews.get(made).status is theirs


# --- refusals --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status_codes", ["always_200", "real"])
def test_missing_review_is_told_when_anything_is_asked_of_it(
    robohead: RoboHead, robohead_simulator: Simulator, status_codes: str
) -> None:
    robohead_simulator.settings.status_codes = status_codes  # type: ignore[attr-defined]
    calls: list[Callable[[], object]] = [
        lambda: robohead.reviews.get(MISSING),
        lambda: robohead.reviews.update(MISSING, ReviewUpdate(review_name="x")),
        lambda: list(robohead.comments.list(MISSING)),
        lambda: robohead.files.upload(pdf(), FileUpload(review_id=MISSING)),
    ]
    for call in calls:
        with pytest.raises(NotFoundError, match=f"no review {MISSING}") as caught:
            call()
        assert caught.value.status == (200 if status_codes == "always_200" else 404)
        assert caught.value.happened is Happened.NO


def test_missing_project_is_told_when_review_is_added(robohead: RoboHead) -> None:
    review = ReviewCreate(review_name="x", review_type=ReviewType.FEEDBACK, project_id=MISSING)
    with pytest.raises(NotFoundError, match=f"no project {MISSING}"):
        robohead.reviews.add(review)


@pytest.mark.parametrize("status_codes", ["always_200", "real"])
def test_refusal_is_told_when_vendor_finds_something_wrong(
    robohead: RoboHead, robohead_simulator: Simulator, status_codes: str
) -> None:
    robohead_simulator.settings.status_codes = status_codes  # type: ignore[attr-defined]
    made = new_review(robohead)
    unknown_user = ReviewUpdate(review_owners=(MISSING,))
    wrong_status = ReviewUpdate(review_status=ApprovalReviewStatus.DENIED)
    robohead.reviews.update(made, ReviewUpdate(review_type=ReviewType.FEEDBACK))
    for changes in (unknown_user, wrong_status):
        with pytest.raises(RejectedError) as caught:
            robohead.reviews.update(made, changes)
        assert caught.value.happened is Happened.NO
        assert caught.value.detail != "the vendor gave no reason"
    robohead_simulator.violations.clear()


@pytest.mark.parametrize("status_codes", ["always_200", "real"])
def test_key_is_refused_when_wrong(robohead_simulator: Simulator, status_codes: str) -> None:
    robohead_simulator.settings.status_codes = status_codes  # type: ignore[attr-defined]
    with RoboHead(api_key="not-the-key", base_url=robohead_simulator.url) as client:
        with pytest.raises(AuthenticationError) as caught:
            client.reviews.get(1)
        shown = [str(caught.value), repr(caught.value), repr(client)]
        assert not any("not-the-key" in text for text in shown)
    robohead_simulator.violations.clear()


def test_command_is_unknown_when_account_calls_it_otherwise(
    robohead: RoboHead, robohead_simulator: Simulator
) -> None:
    robohead_simulator.settings.commands = {"get_review": "ReadReview"}  # type: ignore[attr-defined]
    with pytest.raises(VendorError, match="GetReview"):
        robohead.reviews.get(1)
    robohead_simulator.violations.clear()
