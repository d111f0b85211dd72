"""How RoboHead shows things: numbers for states, 1 and 2 for booleans, lists of users joined by commas."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from local.simulators.robohead.account import Account, Comment, File, Item, ItemVersion, Review, Stage
from local.simulators.robohead.course import Course
from local.simulators.robohead.settings import settings_of
from local.simulators.robohead.words import (
    REVIEW_TYPE_NAMES,
    STATUS_NAMES,
    Progress,
    file_size,
    iso_moment,
    us_day,
)

_PROGRESS_NAMES = {
    Progress.NOT_READY: "not ready",
    Progress.PROCESSED: "file processing complete",
    Progress.PROCESSING_FAILED: "file processing failed",
    Progress.REVIEWERS_NOTIFIED: "reviewers notified",
    Progress.COMPLETE: "complete",
    Progress.PENDING: "pending",
    Progress.NOT_UPLOADED: "file not uploaded",
}


class Views:
    """Turns what the account holds into the vendor's JSON."""

    def __init__(self, account: Account, course: Course) -> None:
        self._account = account
        self._course = course

    def row(self, review: Review) -> dict[str, Any]:
        """Return a review as the list shows it: the documented columns, and its id."""
        project = self._account.projects[review.project_id]
        return {
            "id": review.id,
            "reviewName": review.name,
            "startDate": self._day(review.start),
            "statusString": STATUS_NAMES[review.type][review.status],
            "numComments": len(review.comments),
            "creatorDisplayName": self._account.users[review.creator_id].name,
            "createdOn": iso_moment(review.created_at),
            "endDate": self._day(review.end),
            "modifierDisplayName": self._account.users[review.modifier_id].name,
            "modifiedOn": iso_moment(review.modified_at),
            "progressString": _PROGRESS_NAMES[self._course.progress(review)],
            "reviewOwners": joined(review.owner_ids),
            "reviewTypeString": REVIEW_TYPE_NAMES[review.type],
            "projectName": project.name,
            "projectNumber": project.id,
        }

    def review(self, review: Review) -> dict[str, Any]:
        """Return a single review, with its items and stages."""
        return {
            **self.row(review),
            "projectId": review.project_id,
            "formattedProjectNumber": self._account.projects[review.project_id].formatted_number,
            "reviewType": review.type.value,
            "reviewStatus": review.status.value,
            "autocompleteOption": review.autocomplete.value,
            "reviewItems": [self._item(item) for item in review.items],
            "reviewStages": [self._stage(stage) for stage in review.stages],
        }

    def comment(self, comment: Comment) -> dict[str, Any]:
        """Return a comment."""
        return {
            "id": comment.id,
            "author": comment.author_id,
            "authorDisplayName": self._account.users[comment.author_id].name,
            "comment": comment.text,
            "createdOn": iso_moment(comment.created_at),
            "reviewItemId": comment.item_id,
            "fileName": comment.file_name,
            "version": comment.version,
        }

    def _item(self, item: Item) -> dict[str, Any]:
        version = item.current
        file = self._account.files.get(version.file_id or 0)
        return {
            "id": item.id,
            "reviewItemId": item.id,
            "fileName": item.file_name,
            "createdOn": iso_moment(version.created_at),
            "version": version.number,
            "versionStatus": version.status.value,
            "uploadType": str(item.upload_type.value),
            "fileSize": None if file is None else file_size(file.blob.size_bytes),
            "isDefaultThumbnail": flag(value=item.default_thumbnail),
            "isNewVersion": flag(value=False),
            "fileId": version.file_id,
            "optionalTitle": item.optional_title,
            "processEntireWebsite": flag(value=item.entire_website),
            "enableAnnotation": flag(value=item.enable_annotation),
            "sourceFileId": item.source_file_id,
            "sourceObjectType": item.source_object_type,
            "sortOrder": item.sort_order,
            "thumbnailUrl": f"{self._account.simulator.url}/thumbnails/{version.id}.jpg",
            "reviewVersionId": version.id,
            "description": item.description,
            "versions": [_version(each) for each in item.versions],
        }

    def _stage(self, stage: Stage) -> dict[str, Any]:
        return {
            "id": stage.id,
            "stageName": stage.name,
            "stageDueDate": us_day(stage.due),
            "startStageCondition": stage.start_condition,
            "notifyMeOnResponseSubmission": flag(value=stage.notify_me_on_response),
            "notifyCommentAuthorOnReply": flag(value=stage.notify_author_on_reply),
            "downloadFlag": flag(value=stage.download),
            "showResponsesToAllReviewers": flag(value=stage.show_responses),
            "requireDigitalSignature": flag(value=stage.digital_signature),
            "existingUsers": joined(stage.reviewers),
            "existingCCUsers": joined(stage.cc_user_ids),
            "emailSubject": stage.email_subject,
            "emailMessage": stage.email_message,
            "stageStatus": stage.status.value,
            "reviewers": [
                {
                    "userId": user_id,
                    "displayName": self._account.users[user_id].name,
                    "email": self._account.users[user_id].email,
                    "reviewerStatus": status.value,
                }
                for user_id, status in stage.reviewers.items()
            ],
        }

    def _day(self, day: date | None) -> str | None:
        if day is None or settings_of(self._account.simulator).date_form == "us":
            return us_day(day)
        return day.isoformat()


def flag(*, value: bool) -> int:
    """Write a boolean."""
    return 1 if value else 2


def joined(ids: Iterable[int]) -> str:
    """Write a list of users."""
    return ",".join(str(each) for each in ids)


def success(**fields: Any) -> dict[str, Any]:
    """Return the answer of a call that worked."""
    return {"returnCode": 0, "success": True, **fields}


def _version(version: ItemVersion) -> dict[str, Any]:
    return {
        "reviewVersionId": version.id,
        "version": version.number,
        "versionStatus": version.status.value,
        "fileId": version.file_id,
        "createdOn": iso_moment(version.created_at),
    }


def file_view(file: File) -> dict[str, Any]:
    """Return what the answer of an upload says besides the file's id."""
    return {"fileName": file.name, "fileSize": file_size(file.blob.size_bytes)}
