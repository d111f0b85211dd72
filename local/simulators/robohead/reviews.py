"""RoboHead's operations on single reviews: get, add, update."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from pydantic import Field, Json

from local.simulators.robohead.account import Account, Item, ItemVersion, Review, Stage
from local.simulators.robohead.contents import ReviewItem, ReviewItems, ReviewStage
from local.simulators.robohead.course import Course
from local.simulators.robohead.paging import Command
from local.simulators.robohead.settings import settings_of
from local.simulators.robohead.views import Views, success
from local.simulators.robohead.words import (
    STATUS_NAMES,
    Autocomplete,
    Id,
    Ids,
    ReviewerStatus,
    ReviewStatus,
    ReviewType,
    Text,
    UsDay,
    text_of,
)
from local.simulators.validation import Strict
from local.simulators.vendor import ViolationError, operation


class ReviewQuery(Command):
    """Names a review."""

    review_id: Id = Field(alias="reviewId")


Stages = Annotated[tuple[ReviewStage, ...], Field(min_length=1)]


class ReviewFields(Strict):
    """What a new review and an updated one have in common."""

    start: UsDay | None = Field(alias="startDate", default=None)
    end: UsDay | None = Field(alias="endDate", default=None)
    autocomplete: Annotated[Autocomplete, text_of(Autocomplete)] | None = Field(
        alias="autocompleteOption", default=None
    )
    owner_ids: Ids | None = Field(alias="reviewOwners", default=None)
    items: Json[ReviewItems] | None = Field(alias="reviewItems", default=None)
    stages: Json[Stages] | None = Field(alias="reviewStages", default=None)


class NewReview(ReviewFields):
    """AddReview."""

    name: Text = Field(alias="reviewName")
    project_id: Id = Field(alias="projectId")
    type: Annotated[ReviewType, text_of(ReviewType)] = Field(alias="reviewType")


class UpdatedReview(ReviewFields):
    """UpdateReview; what is not given stays."""

    review_id: Id = Field(alias="reviewId")
    name: Text | None = Field(alias="reviewName", default=None)
    project_id: Id | None = Field(alias="projectId", default=None)
    type: Annotated[ReviewType, text_of(ReviewType)] | None = Field(alias="reviewType", default=None)
    status: Annotated[ReviewStatus, text_of(ReviewStatus)] | None = Field(alias="reviewStatus", default=None)


class NewComment(Strict):
    """A comment on a review. The parameters' names are an assumption, as the command's is."""

    review_id: Id = Field(alias="reviewId")
    comment: Text


class Reviews:
    """The handlers."""

    def __init__(self, account: Account, course: Course, views: Views) -> None:
        self._account = account
        self._course = course
        self._views = views
        self._simulator = account.simulator

    @operation("GET", "/review.do", section="Review Module")
    def get_review(self, query: ReviewQuery) -> dict[str, Any]:
        """Return a review with its items and stages."""
        self._course.start_due()
        review = self._account.review(query.review_id)
        return success(**{settings_of(self._simulator).review_field: self._views.review(review)})

    @operation("POST", "/review.do", section="Json format for review item and stage, add")
    def add_review(self, query: Command, fields: NewReview) -> dict[str, Any]:
        """Create a review. It starts on its start date, at once without one, and asks the reviewers."""
        del query
        self._account.project(fields.project_id)
        self._check(fields.start, fields.end, fields.owner_ids)
        items = [] if fields.items is None else fields.items.review_items
        self._check_items(None, items)
        self._check_stages(None, fields.stages or ())
        me, now = settings_of(self._simulator).user_id, self._account.now
        review = Review(
            id=self._account.new_id(),
            name=fields.name,
            project_id=fields.project_id,
            type=fields.type,
            creator_id=me,
            created_at=now,
            modifier_id=me,
            modified_at=now,
            start=fields.start,
            end=fields.end,
            autocomplete=fields.autocomplete or Autocomplete.NEVER,
            owner_ids=fields.owner_ids or (me,),
        )
        self._account.reviews[review.id] = review
        self._put_items(review, items)
        self._put_stages(review, fields.stages or ())
        emails = self._course.start(review)
        self._effect("add_review", review, emails)
        field = settings_of(self._simulator).review_id_field
        return success(customParams={field: review.id})

    @operation("POST", "/review.do", section="Json format for review item and stage, update")
    def update_review(self, query: Command, fields: UpdatedReview) -> dict[str, Any]:
        """Change a review; a new version of an item asks everybody again."""
        del query
        review = self._account.review(fields.review_id)
        self._check_update(review, fields)
        for name in ("name", "project_id", "type", "start", "end", "autocomplete", "owner_ids"):
            value = getattr(fields, name)
            if value is not None:
                setattr(review, name, value)
        items = [] if fields.items is None else fields.items.review_items
        self._put_items(review, items)
        self._put_stages(review, fields.stages or ())
        self._remove_unnamed(review, fields)
        review.modifier_id, review.modified_at = settings_of(self._simulator).user_id, self._account.now
        renewed = any(item.new_version for item in items)
        emails = self._course.restart(review) if renewed else self._course.start(review)
        if fields.status is not None:
            review.status = fields.status
        self._effect("update_review", review, emails, fields=sorted(fields.given()))
        return success()

    @operation("POST", "/review.do", section="outside")
    def add_comment(self, query: Command, fields: NewComment) -> dict[str, Any]:
        """Say something on the first item of a review, as the key's user."""
        del query
        review = self._account.review(fields.review_id)
        me, now = settings_of(self._simulator).user_id, self._account.now
        review.say(self._account.new_id(), me, fields.comment, now)
        review.modifier_id, review.modified_at = me, now
        self._effect("add_comment", review, [], comment=fields.comment)
        return success()

    def _check(self, start: date | None, end: date | None, owner_ids: Sequence[int] | None) -> None:
        if start is not None and end is not None and end < start:
            raise ViolationError("endDate: is before startDate")
        self._check_users("reviewOwners", owner_ids or ())

    def _check_users(self, parameter: str, user_ids: Sequence[int]) -> None:
        unknown = [str(user_id) for user_id in user_ids if user_id not in self._account.users]
        if unknown:
            raise ViolationError(f"{parameter}: no user {', '.join(unknown)}")

    def _check_update(self, review: Review, fields: UpdatedReview) -> None:
        if fields.project_id is not None:
            self._account.project(fields.project_id)
        self._check(fields.start or review.start, fields.end or review.end, fields.owner_ids)
        status = fields.status or review.status
        review_type = fields.type or review.type
        if status not in STATUS_NAMES[review_type]:
            raise ViolationError(f"reviewStatus: {status} is no status of a review of type {review_type}")
        self._check_items(review, [] if fields.items is None else fields.items.review_items)
        self._check_stages(review, fields.stages or ())

    def _check_items(self, review: Review | None, items: list[ReviewItem]) -> None:
        known = {item.id: item for item in ([] if review is None else review.items)}
        for given in items:
            if given.file_id is not None:
                self._account.file(given.file_id)
            if given.id == 0:
                continue
            if given.id not in known:
                raise ViolationError(f"reviewItems: the review has no item {given.id}")
            current = known[given.id].current
            if given.new_version and given.version not in {current.number, current.number + 1}:
                raise ViolationError(f"reviewItems: version {current.number + 1} of item {given.id} is next")
            if given.new_version and given.file_id == current.file_id:
                raise ViolationError(f"reviewItems: the new version of item {given.id} is the present file")
            if not given.new_version:
                self._check_kept(given, current)

    def _check_kept(self, given: ReviewItem, current: ItemVersion) -> None:
        required = settings_of(self._simulator).version_id_required
        if given.review_version_id is None and required:
            raise ViolationError(f"reviewItems: item {given.id} is kept and lacks reviewVersionId")
        if given.review_version_id not in {None, current.id} or given.version != current.number:
            raise ViolationError(
                f"reviewItems: item {given.id} has version {current.number}, id {current.id}"
            )

    def _check_stages(self, review: Review | None, stages: Sequence[ReviewStage]) -> None:
        known = set() if review is None else {stage.id for stage in review.stages}
        for given in stages:
            if given.id not in {0, *known}:
                raise ViolationError(f"reviewStages: the review has no stage {given.id}")
            self._check_users("existingUsers", given.user_ids)
            self._check_users("existingCCUsers", given.cc_user_ids or ())

    def _put_items(self, review: Review, items: list[ReviewItem]) -> None:
        for given in items:
            if given.id == 0:
                item = Item(self._account.new_id(), given.file_name, given.upload_type, [])
                review.items.append(item)
            else:
                item = review.item(given.id)
            if given.id == 0 or given.new_version:
                number = len(item.versions) + 1
                version = ItemVersion(self._account.new_id(), number, given.file_id, self._account.now)
                item.versions.append(version)
            item.file_name, item.upload_type = given.file_name, given.upload_type
            item.optional_title, item.description = given.optional_title, given.description
            item.sort_order, item.default_thumbnail = given.sort_order, given.default_thumbnail
            item.entire_website = given.entire_website or False
            item.enable_annotation = given.enable_annotation or False
            item.source_file_id, item.source_object_type = given.source_file_id, given.source_object_type

    def _put_stages(self, review: Review, stages: Sequence[ReviewStage]) -> None:
        for given in stages:
            if given.id == 0:
                stage = Stage(self._account.new_id(), given.name, {})
                review.stages.append(stage)
            else:
                stage = review.stage(given.id)
            stage.reviewers = {
                user_id: stage.reviewers.get(user_id, ReviewerStatus.INITIAL) for user_id in given.user_ids
            }
            stage.cc_user_ids = given.cc_user_ids or ()
            for name in _PLAIN_STAGE_FIELDS:
                setattr(stage, name, getattr(given, name))
            stage.status = given.status or stage.status

    def _remove_unnamed(self, review: Review, fields: UpdatedReview) -> None:
        if settings_of(self._simulator).update_missing == "keep":
            return
        if fields.items is not None:
            named = {item.id for item in fields.items.review_items}
            new = sum(item.id == 0 for item in fields.items.review_items)
            review.items = _kept(review.items, named, new)
        if fields.stages is not None:
            named = {stage.id for stage in fields.stages}
            review.stages = _kept(review.stages, named, sum(stage.id == 0 for stage in fields.stages))

    def _effect(self, name: str, review: Review, emails: list[str], **fields: Any) -> None:
        self._simulator.effect(
            name,
            str(review.id),
            name=review.name,
            status=review.status.value,
            versions=[f"{item.file_name}: {item.current.number}" for item in review.items],
            emails=emails,
            **fields,
        )


_PLAIN_STAGE_FIELDS = (
    "name",
    "due",
    "start_condition",
    "notify_me_on_response",
    "notify_author_on_reply",
    "download",
    "show_responses",
    "digital_signature",
    "email_subject",
    "email_message",
)


def _kept(things: list[Any], named: set[int], new: int) -> list[Any]:
    """Return the things that were named, and the last `new` ones, which have just been added."""
    added = things[len(things) - new :]
    return [thing for thing in things if thing.id in named or thing in added]
