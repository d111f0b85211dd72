"""Every operation of Approval Studio: its method on the client, its path, and whether it can be repeated.

Not repeatable is what makes something, deletes something or sends e-mail. Several repeatable writes are
refused the second time (406, 410): the client takes that for success after a lost answer. Where the
documentation at hand lost an operation it is from outside, and its HTTP method an assumption.
"""

from __future__ import annotations

from typing import Final

from proofbridge.vendors.operation import OUTSIDE, Operation, delete, get, post, put

_API = "/api/v1"

LOG_IN = post("token.login", _API + "/token/login", retry_safe=True, authenticated=False)

LIST_PROJECTS = get("projects.list", _API + "/project")
CREATE_PROJECT = post("projects.create", _API + "/project")
EDIT_PROJECT = put("projects.edit", _API + "/project")
DELETE_PROJECT = delete("projects.delete", _API + "/project")
PROJECT_PROOF_REPORT = get("projects.proof_report", _API + "/project/proofreport")
SET_PROJECT_STATE = put("projects.set_state", _API + "/project/state")

GET_ASSET = get("assets.get", _API + "/asset")
DELETE_ASSET = delete("assets.delete", _API + "/asset")
UPLOAD_ASSET = post("assets.upload", _API + "/asset/upload", transfer=True)
DOWNLOAD_ASSET = get("assets.download", _API + "/asset/download", "Asset management", transfer=True)
ASSET_PROOF_REPORT = get("assets.proof_report", _API + "/asset/proofreport", "Asset management")

LIST_TASKS = get("tasks.list", _API + "/task/all", OUTSIDE)
GET_TASK = get("tasks.get", _API + "/task", OUTSIDE)
CREATE_ASSET_UPLOAD = post("tasks.request_assets", _API + "/task/asset_upload", OUTSIDE)
CREATE_REF_DOC_UPLOAD = post("tasks.request_ref_docs", _API + "/task/refdoc_upload", OUTSIDE)
CREATE_REVIEW = post("tasks.review", _API + "/task/review_asset")
CREATE_EXTERNAL_REVIEW = post("tasks.review_externally", _API + "/task/review_asset_ext")
COMPLETE_TASK = put("tasks.complete", _API + "/task/complete", OUTSIDE)
DELETE_TASK = delete("tasks.delete", _API + "/task", OUTSIDE)

LIST_ANNOTATIONS = get("annotations.list", _API + "/annotation/all", OUTSIDE)
HIDE_ANNOTATION = put("annotations.hide", _API + "/annotation/hide", OUTSIDE)
COMPLETE_ANNOTATION = put("annotations.complete", _API + "/annotation/complete", OUTSIDE)
UNCOMPLETE_ANNOTATION = put("annotations.uncomplete", _API + "/annotation/uncomplete", OUTSIDE)
DELETE_ANNOTATION = delete("annotations.delete", _API + "/annotation", OUTSIDE)

GET_REF_DOC = get("ref_docs.get", _API + "/refdoc", OUTSIDE)
UPLOAD_REF_DOC = post("ref_docs.upload", _API + "/refdoc/upload", OUTSIDE, transfer=True)
DOWNLOAD_REF_DOC = get("ref_docs.download", _API + "/refdoc/download", OUTSIDE, transfer=True)
DELETE_REF_DOC = delete("ref_docs.delete", _API + "/refdoc", OUTSIDE)

LIST_WEBHOOKS = get("webhooks.list", _API + "/webhook", "Webhook management")
CREATE_WEBHOOK = post("webhooks.create", _API + "/webhook")
DELETE_WEBHOOK = delete("webhooks.delete", _API + "/webhook")
TEST_WEBHOOK = put("webhooks.test", _API + "/webhook/test", retry_safe=False)

LIST_USERS = get("users.list", _API + "/users", OUTSIDE)

OPERATIONS: Final = Operation.all_in(globals())
"""All of them, in the order of the documentation."""
