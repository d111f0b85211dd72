"""What can be chosen for the RoboHead simulator."""

from __future__ import annotations

from typing import Final, Literal, cast

from pydantic import Field

from local.simulators.simulator import Simulator
from local.simulators.vendor import Settings

COMMANDS: Final = {
    "list_reviews": "ListReview",
    "get_review": "GetReview",
    "add_review": "AddReview",
    "update_review": "UpdateReview",
    "list_review_comments": "ListReviewAllComments",
    "upload_file": "UploadFile",
    "list_field_comparators": "ListFieldComparator",
    "list_by_type": "GetListByType",
    "list_active_users": "ListAccountActiveUser",
}
"""The operations, and their commands; the documentation names only the last three.

`add_comment`, of which nothing at hand tells, is there once the settings name it.
"""

COMPARATORS: Final = {
    "1": {"is": 1, "is not": 2, "contains": 3, "does not contain": 4, "starts with": 5, "ends with": 6},
    "3": {"is": 7, "is not": 8, "more than": 9, "at least": 10, "less than": 11, "at most": 12},
    "4": {"is": 13, "is not": 14, "before": 15, "after": 16, "on or before": 17, "on or after": 18},
    "7": {"is": 19, "is not": 20},
    "9": {"is": 21, "is not": 22, "in": 23, "not in": 24},
}
"""The comparators of each field type, by name; the numbers are ours."""


class RoboHeadSettings(Settings):
    """Settings. Where the documentation is silent, and it is on nearly all, the default is an assumption.

    In a table (a dict), what is not given keeps its default.

    api_key: of the header X-API-Key, of the user user_id. commands: what the operations are called.
    status_codes: "always_200" answers a failure with HTTP 200, "real" with the status that it would have
    elsewhere. comparators: by field type and name. page_size: without `limit`. date_form: how lists write a
    review's start and end, and how a filter's date is written. file_id_field, review_id_field: the names
    under `customParams` in the answers of an upload and of AddReview. review_field: under which GetReview
    answers. update_missing: what becomes of the items and stages that an UpdateReview does not name, if it
    names any. version_id_required: whether an item that is kept must say its reviewVersionId, as the text
    has it and the sample has not. file_processing: how the processing of items ends.
    """

    api_key: str = "rh-local-key"
    user_id: int = 101
    commands: dict[str, str] = COMMANDS
    status_codes: Literal["always_200", "real"] = "always_200"
    comparators: dict[str, dict[str, int]] = COMPARATORS
    page_size: int = Field(default=25, ge=1)
    date_form: Literal["us", "iso"] = "us"
    file_id_field: str = "fileId"
    review_id_field: str = "reviewId"
    review_field: str = "review"
    update_missing: Literal["keep", "remove"] = "keep"
    version_id_required: bool = True
    file_processing: Literal["succeed", "fail"] = "succeed"


def settings_of(simulator: Simulator) -> RoboHeadSettings:
    """Return the settings as they are now."""
    return cast("RoboHeadSettings", simulator.settings)  # made from this model when it started


def command_of(simulator: Simulator, operation: str) -> str | None:
    """Return what an operation is called now; None if it has no name."""
    return {**COMMANDS, **settings_of(simulator).commands}.get(operation)


def comparators_of(simulator: Simulator, field_type: str) -> dict[str, int]:
    """Return the comparators of a field type, by name."""
    return {**COMPARATORS, **settings_of(simulator).comparators}[field_type]
