"""Every operation of Approval Studio: its method on the client, its path, and whether it can be repeated.

Not repeatable is what makes something, deletes something or sends e-mail. Several repeatable writes are
refused the second time (406, 410): the client takes that for success after a lost answer. Where the
documentation at hand lost an operation it is from outside, and its HTTP method an assumption.
"""

from __future__ import annotations

from typing import Final

from proofbridge.vendors.operation import Operation

_API = "/api/v1"

LOG_IN: Final = Operation(
    "token.login",
    "POST",
    f"{_API}/token/login",
    "POST /api/v1/token/login",
    retry_safe=True,
    authenticated=False,
)

LIST_PROJECTS: Final = Operation(
    "projects.list", "GET", f"{_API}/project", "GET /api/v1/project", retry_safe=True
)
CREATE_PROJECT: Final = Operation(
    "projects.create", "POST", f"{_API}/project", "POST /api/v1/project", retry_safe=False
)
EDIT_PROJECT: Final = Operation(
    "projects.edit", "PUT", f"{_API}/project", "PUT /api/v1/project", retry_safe=True
)
DELETE_PROJECT: Final = Operation(
    "projects.delete", "DELETE", f"{_API}/project", "DELETE /api/v1/project", retry_safe=False
)
PROJECT_PROOF_REPORT: Final = Operation(
    "projects.proof_report",
    "GET",
    f"{_API}/project/proofreport",
    "GET /api/v1/project/proofreport",
    retry_safe=True,
)
SET_PROJECT_STATE: Final = Operation(
    "projects.set_state", "PUT", f"{_API}/project/state", "PUT /api/v1/project/state", retry_safe=True
)

GET_ASSET: Final = Operation("assets.get", "GET", f"{_API}/asset", "GET /api/v1/asset", retry_safe=True)
DELETE_ASSET: Final = Operation(
    "assets.delete", "DELETE", f"{_API}/asset", "DELETE /api/v1/asset", retry_safe=False
)
UPLOAD_ASSET: Final = Operation(
    "assets.upload",
    "POST",
    f"{_API}/asset/upload",
    "POST /api/v1/asset/upload",
    retry_safe=False,
    transfer=True,
)
DOWNLOAD_ASSET: Final = Operation(
    "assets.download",
    "GET",
    f"{_API}/asset/download",
    "Asset management",
    retry_safe=True,
    transfer=True,
)
ASSET_PROOF_REPORT: Final = Operation(
    "assets.proof_report", "GET", f"{_API}/asset/proofreport", "Asset management", retry_safe=True
)

LIST_TASKS: Final = Operation(
    "tasks.list", "GET", f"{_API}/task/all", "outside", retry_safe=True, outside=True
)
GET_TASK: Final = Operation("tasks.get", "GET", f"{_API}/task", "outside", retry_safe=True, outside=True)
CREATE_ASSET_UPLOAD: Final = Operation(
    "tasks.request_assets", "POST", f"{_API}/task/asset_upload", "outside", retry_safe=False, outside=True
)
CREATE_REF_DOC_UPLOAD: Final = Operation(
    "tasks.request_ref_docs", "POST", f"{_API}/task/refdoc_upload", "outside", retry_safe=False, outside=True
)
CREATE_REVIEW: Final = Operation(
    "tasks.review", "POST", f"{_API}/task/review_asset", "POST /api/v1/task/review_asset", retry_safe=False
)
CREATE_EXTERNAL_REVIEW: Final = Operation(
    "tasks.review_externally",
    "POST",
    f"{_API}/task/review_asset_ext",
    "POST /api/v1/task/review_asset_ext",
    retry_safe=False,
)
COMPLETE_TASK: Final = Operation(
    "tasks.complete", "PUT", f"{_API}/task/complete", "outside", retry_safe=True, outside=True
)
DELETE_TASK: Final = Operation(
    "tasks.delete", "DELETE", f"{_API}/task", "outside", retry_safe=False, outside=True
)

LIST_ANNOTATIONS: Final = Operation(
    "annotations.list", "GET", f"{_API}/annotation/all", "outside", retry_safe=True, outside=True
)
HIDE_ANNOTATION: Final = Operation(
    "annotations.hide", "PUT", f"{_API}/annotation/hide", "outside", retry_safe=True, outside=True
)
COMPLETE_ANNOTATION: Final = Operation(
    "annotations.complete", "PUT", f"{_API}/annotation/complete", "outside", retry_safe=True, outside=True
)
UNCOMPLETE_ANNOTATION: Final = Operation(
    "annotations.uncomplete", "PUT", f"{_API}/annotation/uncomplete", "outside", retry_safe=True, outside=True
)
DELETE_ANNOTATION: Final = Operation(
    "annotations.delete", "DELETE", f"{_API}/annotation", "outside", retry_safe=False, outside=True
)

GET_REF_DOC: Final = Operation(
    "ref_docs.get", "GET", f"{_API}/refdoc", "outside", retry_safe=True, outside=True
)
UPLOAD_REF_DOC: Final = Operation(
    "ref_docs.upload",
    "POST",
    f"{_API}/refdoc/upload",
    "outside",
    retry_safe=False,
    outside=True,
    transfer=True,
)
DOWNLOAD_REF_DOC: Final = Operation(
    "ref_docs.download",
    "GET",
    f"{_API}/refdoc/download",
    "outside",
    retry_safe=True,
    outside=True,
    transfer=True,
)
DELETE_REF_DOC: Final = Operation(
    "ref_docs.delete", "DELETE", f"{_API}/refdoc", "outside", retry_safe=False, outside=True
)

LIST_WEBHOOKS: Final = Operation(
    "webhooks.list", "GET", f"{_API}/webhook", "Webhook management", retry_safe=True
)
CREATE_WEBHOOK: Final = Operation(
    "webhooks.create", "POST", f"{_API}/webhook", "POST /api/v1/webhook", retry_safe=False
)
DELETE_WEBHOOK: Final = Operation(
    "webhooks.delete", "DELETE", f"{_API}/webhook", "DELETE /api/v1/webhook", retry_safe=False
)
TEST_WEBHOOK: Final = Operation(
    "webhooks.test", "PUT", f"{_API}/webhook/test", "PUT /api/v1/webhook/test", retry_safe=False
)

LIST_USERS: Final = Operation("users.list", "GET", f"{_API}/users", "outside", retry_safe=True, outside=True)

OPERATIONS: Final[tuple[Operation, ...]] = tuple(
    value for value in list(globals().values()) if isinstance(value, Operation)
)
"""All of them, in the order of the documentation."""
