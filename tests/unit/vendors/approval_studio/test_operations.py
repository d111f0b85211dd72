from __future__ import annotations

from proofbridge.vendors.approval_studio.operations import OPERATIONS

REPEATABLE = {
    "token.login": True,
    "projects.list": True,
    "projects.create": False,
    "projects.edit": True,
    "projects.delete": False,
    "projects.proof_report": True,
    "projects.set_state": True,
    "assets.get": True,
    "assets.delete": False,
    "assets.upload": False,
    "assets.download": True,
    "assets.proof_report": True,
    "tasks.list": True,
    "tasks.get": True,
    "tasks.request_assets": False,
    "tasks.request_ref_docs": False,
    "tasks.review": False,
    "tasks.review_externally": False,
    "tasks.complete": True,
    "tasks.delete": False,
    "annotations.list": True,
    "annotations.hide": True,
    "annotations.complete": True,
    "annotations.uncomplete": True,
    "annotations.delete": False,
    "ref_docs.get": True,
    "ref_docs.upload": False,
    "ref_docs.download": True,
    "ref_docs.delete": False,
    "webhooks.list": True,
    "webhooks.create": False,
    "webhooks.delete": False,
    "webhooks.test": False,
    "users.list": True,
}


def test_repeating_is_allowed_as_tabled_when_all_operations_are_walked() -> None:
    assert {operation.name: operation.retry_safe for operation in OPERATIONS} == REPEATABLE


def test_reads_are_repeatable_and_deletes_are_not_when_told_by_method() -> None:
    assert all(operation.retry_safe for operation in OPERATIONS if operation.method == "GET")
    assert not any(operation.retry_safe for operation in OPERATIONS if operation.method == "DELETE")


def test_paths_are_singular_below_the_api_when_walked() -> None:
    assert all(operation.path.startswith("/api/v1/") for operation in OPERATIONS)
    assert not any("/assets" in operation.path for operation in OPERATIONS)


def test_time_of_a_transfer_is_given_when_a_file_moves() -> None:
    transfers = {operation.name for operation in OPERATIONS if operation.transfer}
    assert transfers == {"assets.upload", "assets.download", "ref_docs.upload", "ref_docs.download"}


def test_credentials_stay_home_only_when_logging_in() -> None:
    assert [operation.name for operation in OPERATIONS if not operation.authenticated] == ["token.login"]
