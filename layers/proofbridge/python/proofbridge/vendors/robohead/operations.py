"""Every operation of RoboHead: its method on the client, its path, and whether it can be repeated.

The documentation at hand gives no HTTP method and no path. Reads are GET with a query and writes are POST
with a form, which is assumed.
"""

from __future__ import annotations

from typing import Final

from proofbridge.vendors.operation import Operation

from .settings import Commands


class Operations:
    """The operations under the names that an account's settings give them."""

    def __init__(self, commands: Commands) -> None:
        self.list_reviews: Final = Operation(
            "reviews.list",
            "GET",
            commands.list_reviews.path,
            "filters for list calls; output columns of the review list",
            retry_safe=True,
        )
        self.get_review: Final = Operation(
            "reviews.get", "GET", commands.get_review.path, "outside", retry_safe=True, outside=True
        )
        self.add_review: Final = Operation(
            "reviews.add",
            "POST",
            commands.add_review.path,
            "review item add and update; review stage add and update",
            retry_safe=False,
        )
        self.update_review: Final = Operation(
            "reviews.update",
            "POST",
            commands.update_review.path,
            "review item add and update; review stage add and update",
            retry_safe=True,
        )
        """Repeatable as long as it adds no item, version or stage; the client sees to that."""
        self.list_comments: Final = Operation(
            "comments.list",
            "GET",
            commands.list_comments.path,
            "filters for the list of all review comments",
            retry_safe=True,
        )
        self.add_comment: Final = (
            None
            if commands.add_comment is None
            else Operation(
                "comments.add", "POST", commands.add_comment.path, "outside", retry_safe=False, outside=True
            )
        )
        """None where no command is named for it."""
        self.upload_file: Final = Operation(
            "files.upload",
            "POST",
            commands.upload_file.module_path,
            "outside",
            retry_safe=False,
            outside=True,
            transfer=True,
        )
        self.list_comparators: Final = Operation(
            "comparators.list",
            "GET",
            commands.list_comparators.path,
            "comparatorId: ListFieldComparator of the form module",
            retry_safe=True,
        )
        self.list_options: Final = Operation(
            "lists.by_type",
            "GET",
            commands.list_options.path,
            "filterValue: GetListByType of the list module",
            retry_safe=True,
        )
        self.list_users: Final = Operation(
            "users.list",
            "GET",
            commands.list_users.path,
            "filterValue: ListAccountActiveUser of the user module",
            retry_safe=True,
        )


OPERATIONS: Final[tuple[Operation, ...]] = tuple(filter(None, vars(Operations(Commands())).values()))
"""All that have a default name."""
