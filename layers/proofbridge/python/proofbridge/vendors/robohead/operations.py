"""Every operation of RoboHead: its method on the client, its path, and whether it can be repeated.

The documentation at hand gives no HTTP method and no path. Reads are GET with a query and writes are POST
with a form, which is assumed.
"""

from __future__ import annotations

from typing import Final

from proofbridge.vendors.operation import OUTSIDE, Operation, get, post

from .settings import Commands


class Operations:
    """The operations under the names that an account's settings give them."""

    def __init__(self, commands: Commands) -> None:
        writing = "review item add and update; review stage add and update"
        self.list_reviews: Final = get(
            "reviews.list",
            commands.list_reviews.path,
            "filters for list calls; output columns of the review list",
        )
        self.get_review: Final = get("reviews.get", commands.get_review.path, OUTSIDE)
        self.add_review: Final = post("reviews.add", commands.add_review.path, writing)
        self.update_review: Final = post(
            "reviews.update", commands.update_review.path, writing, retry_safe=True
        )
        """Repeatable as long as it adds no item, version or stage; the client sees to that."""
        self.list_comments: Final = get(
            "comments.list", commands.list_comments.path, "filters for the list of all review comments"
        )
        comment = commands.add_comment
        self.add_comment: Final = post("comments.add", comment.path, OUTSIDE) if comment else None
        """None where no command is named for it."""
        upload = commands.upload_file.module_path
        self.upload_file: Final = post("files.upload", upload, OUTSIDE, transfer=True)
        self.list_comparators: Final = get(
            "comparators.list",
            commands.list_comparators.path,
            "comparatorId: ListFieldComparator of the form module",
        )
        self.list_options: Final = get(
            "lists.by_type", commands.list_options.path, "filterValue: GetListByType of the list module"
        )
        self.list_users: Final = get(
            "users.list",
            commands.list_users.path,
            "filterValue: ListAccountActiveUser of the user module",
        )


OPERATIONS: Final = Operation.all_in(vars(Operations(Commands())))
"""All that have a default name."""
