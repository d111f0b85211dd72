"""Every operation of Good2Go: its method on the client, its path, and whether it can be repeated.

Not repeatable is what makes something, deletes something or sends e-mail.
"""

from __future__ import annotations

from typing import Final

from proofbridge.vendors.operation import Operation, delete, get, post, put

_JOBS = "/api/v1/jobs"
_JOB = _JOBS + "/{job_guid}"
_NOTIFICATIONS = _JOB + "/notifications"

LIST_JOBS = get("jobs.list", _JOBS, "Get job list")
GET_JOB = get("jobs.get", _JOB, "Get job information")
CREATE_FOLDER = post("jobs.create_folder", _JOBS, "Create a new job")
UPDATE_JOB = put("jobs.update", _JOB, "Update an existing job")
DELETE_JOB = delete("jobs.delete", _JOB, "Delete an existing job")
DUPLICATE_JOB = post("jobs.duplicate", _JOB + "/duplicate", "Duplicate document")

GET_CUSTOMER = get("customers.get", _JOB + "/customer", "Get job's customer information")
SET_CUSTOMER = put("customers.set", _JOB + "/customer", "Update job's customer")
REMOVE_CUSTOMER = delete("customers.remove", _JOB + "/customer", "Unassign job's customer")
GET_PARTNER = get("partners.get", _JOB + "/partner", "Get job's partner information")
SET_PARTNER = put("partners.set", _JOB + "/partner", "Update job's partner")
REMOVE_PARTNER = delete("partners.remove", _JOB + "/partner", "Unassign job's partner")

GET_OWNERSHIP = get("jobs.ownership", _JOB + "/ownership", "Get job owner information")
MOVE_JOB = post("jobs.move", _JOB + "/ownership", "Update job owner and parent folder", retry_safe=True)

REVISE_FILE = post("files.revise", _JOB + "/revision", "Upload a file revision", transfer=True)
UPLOAD_FILE = post("files.upload", "/api/v1/upload", "Upload and create a file", transfer=True)
DOWNLOAD_FILE = get(
    "files.download",
    "/review/download/{job_guid}/document/{name}",
    "Download document",
    transfer=True,
    authenticated=False,
)

GET_DEFAULT_TASK = get("tasks.default", _JOBS + "/tasks/default", "Get default task")
LIST_TASKS = get("tasks.list", _JOB + "/tasks", "Get task list")
GET_TASK = get("tasks.get", _JOB + "/tasks/{id}", "Get task information")
CREATE_TASK = post("tasks.create", _JOB + "/tasks", "Create a new task")
UPDATE_TASK = put("tasks.update", _JOB + "/tasks/{id}", "Update existing task")
NOTIFY_TASK = put(
    "tasks.notify", _JOB + "/tasks/{task_id}/notify", "Send notification email", retry_safe=False
)
DELETE_TASK = delete("tasks.delete", _JOB + "/tasks/{task_id}", "Delete a job task")

LIST_REMINDERS = get("reminders.list", _JOB + "/reminders", "Get list of reminders")
GET_REMINDER = get("reminders.get", _JOB + "/reminders/{id}", "Get job reminder information")
CREATE_REMINDER = post("reminders.create", _JOB + "/reminders", "Create a new reminder")
UPDATE_REMINDER = put("reminders.update", _JOB + "/reminders/{id}", "Update existing job reminder")
DELETE_REMINDER = delete("reminders.delete", _JOB + "/reminders/{reminder_id}", "Delete a job reminder")

NOTIFICATION_HISTORY = get(
    "notifications.history", _NOTIFICATIONS + "/history", "Get notifications history log"
)
GET_NOTIFICATION = get("notifications.get", _NOTIFICATIONS + "/{kind}", "Get notification")
CREATE_NOTIFICATION = post("notifications.create", _NOTIFICATIONS, "Create a new manual notification")

APPLY_ACTION = post("jobs.apply", _JOB + "/action/{action}", "Apply a job action")
ASSIGN_JOB = post("jobs.assign", _JOB + "/assign", "Assign to team member")
LIST_CHANGELOGS = get("jobs.changelogs", _JOB + "/changelogs", "Get job history")
LATEST_CHANGELOG = get("jobs.latest_changelog", _JOB + "/changelogs/latest", "Get latest job comments")
GET_LOCK = get("jobs.lock_state", _JOB + "/locking", "Get lock state of a job")
SET_LOCK = post("jobs.set_locked", _JOB + "/locking", "Lock or unlock a job", retry_safe=True)
SEND_STATUS_UPDATE = post("jobs.send_status_update", _JOB + "/send/update", "Send status update")
ACCOUNT_ANALYTICS = get("analytics.account", "/api/v1/analytics/jobs", "Get analytical data")
FOLDER_ANALYTICS = get(
    "analytics.folder", "/api/v1/analytics/jobs/{job_guid}", "Get analytical data for files in a folder"
)

OPERATIONS: Final = Operation.all_in(globals())
"""All of them, in the order of the documentation's areas."""
