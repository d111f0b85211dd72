"""Every operation of Good2Go: its method on the client, its path, and whether it can be repeated.

Not repeatable is what makes something, deletes something or sends e-mail.
"""

from __future__ import annotations

from typing import Final

from proofbridge.vendors.operation import Operation

_JOBS = "/api/v1/jobs"
_JOB = f"{_JOBS}/{{job_guid}}"

LIST_JOBS: Final = Operation("jobs.list", "GET", _JOBS, "Get job list", retry_safe=True)
GET_JOB: Final = Operation("jobs.get", "GET", _JOB, "Get job information", retry_safe=True)
CREATE_FOLDER: Final = Operation("jobs.create_folder", "POST", _JOBS, "Create a new job", retry_safe=False)
UPDATE_JOB: Final = Operation("jobs.update", "PUT", _JOB, "Update an existing job", retry_safe=True)
DELETE_JOB: Final = Operation("jobs.delete", "DELETE", _JOB, "Delete an existing job", retry_safe=False)
DUPLICATE_JOB: Final = Operation(
    "jobs.duplicate", "POST", f"{_JOB}/duplicate", "Duplicate document", retry_safe=False
)

GET_CUSTOMER: Final = Operation(
    "customers.get", "GET", f"{_JOB}/customer", "Get job's customer information", retry_safe=True
)
SET_CUSTOMER: Final = Operation(
    "customers.set", "PUT", f"{_JOB}/customer", "Update job's customer", retry_safe=True
)
REMOVE_CUSTOMER: Final = Operation(
    "customers.remove", "DELETE", f"{_JOB}/customer", "Unassign job's customer", retry_safe=False
)
GET_PARTNER: Final = Operation(
    "partners.get", "GET", f"{_JOB}/partner", "Get job's partner information", retry_safe=True
)
SET_PARTNER: Final = Operation(
    "partners.set", "PUT", f"{_JOB}/partner", "Update job's partner", retry_safe=True
)
REMOVE_PARTNER: Final = Operation(
    "partners.remove", "DELETE", f"{_JOB}/partner", "Unassign job's partner", retry_safe=False
)

GET_OWNERSHIP: Final = Operation(
    "jobs.ownership", "GET", f"{_JOB}/ownership", "Get job owner information", retry_safe=True
)
MOVE_JOB: Final = Operation(
    "jobs.move", "POST", f"{_JOB}/ownership", "Update job owner and parent folder", retry_safe=True
)

REVISE_FILE: Final = Operation(
    "files.revise", "POST", f"{_JOB}/revision", "Upload a file revision", retry_safe=False, transfer=True
)
UPLOAD_FILE: Final = Operation(
    "files.upload", "POST", "/api/v1/upload", "Upload and create a file", retry_safe=False, transfer=True
)
DOWNLOAD_FILE: Final = Operation(
    "files.download",
    "GET",
    "/review/download/{job_guid}/document/{name}",
    "Download document",
    retry_safe=True,
    transfer=True,
    authenticated=False,
)

GET_DEFAULT_TASK: Final = Operation(
    "tasks.default", "GET", f"{_JOBS}/tasks/default", "Get default task", retry_safe=True
)
LIST_TASKS: Final = Operation("tasks.list", "GET", f"{_JOB}/tasks", "Get task list", retry_safe=True)
GET_TASK: Final = Operation(
    "tasks.get", "GET", f"{_JOB}/tasks/{{id}}", "Get task information", retry_safe=True
)
CREATE_TASK: Final = Operation("tasks.create", "POST", f"{_JOB}/tasks", "Create a new task", retry_safe=False)
UPDATE_TASK: Final = Operation(
    "tasks.update", "PUT", f"{_JOB}/tasks/{{id}}", "Update existing task", retry_safe=True
)
NOTIFY_TASK: Final = Operation(
    "tasks.notify", "PUT", f"{_JOB}/tasks/{{task_id}}/notify", "Send notification email", retry_safe=False
)
DELETE_TASK: Final = Operation(
    "tasks.delete", "DELETE", f"{_JOB}/tasks/{{task_id}}", "Delete a job task", retry_safe=False
)

LIST_REMINDERS: Final = Operation(
    "reminders.list", "GET", f"{_JOB}/reminders", "Get list of reminders", retry_safe=True
)
GET_REMINDER: Final = Operation(
    "reminders.get", "GET", f"{_JOB}/reminders/{{id}}", "Get job reminder information", retry_safe=True
)
CREATE_REMINDER: Final = Operation(
    "reminders.create", "POST", f"{_JOB}/reminders", "Create a new reminder", retry_safe=False
)
UPDATE_REMINDER: Final = Operation(
    "reminders.update", "PUT", f"{_JOB}/reminders/{{id}}", "Update existing job reminder", retry_safe=True
)
DELETE_REMINDER: Final = Operation(
    "reminders.delete",
    "DELETE",
    f"{_JOB}/reminders/{{reminder_id}}",
    "Delete a job reminder",
    retry_safe=False,
)

NOTIFICATION_HISTORY: Final = Operation(
    "notifications.history",
    "GET",
    f"{_JOB}/notifications/history",
    "Get notifications history log",
    retry_safe=True,
)
GET_NOTIFICATION: Final = Operation(
    "notifications.get", "GET", f"{_JOB}/notifications/{{kind}}", "Get notification", retry_safe=True
)
CREATE_NOTIFICATION: Final = Operation(
    "notifications.create",
    "POST",
    f"{_JOB}/notifications",
    "Create a new manual notification",
    retry_safe=False,
)

APPLY_ACTION: Final = Operation(
    "jobs.apply", "POST", f"{_JOB}/action/{{action}}", "Apply a job action", retry_safe=False
)
ASSIGN_JOB: Final = Operation(
    "jobs.assign", "POST", f"{_JOB}/assign", "Assign to team member", retry_safe=False
)
LIST_CHANGELOGS: Final = Operation(
    "jobs.changelogs", "GET", f"{_JOB}/changelogs", "Get job history", retry_safe=True
)
LATEST_CHANGELOG: Final = Operation(
    "jobs.latest_changelog", "GET", f"{_JOB}/changelogs/latest", "Get latest job comments", retry_safe=True
)
GET_LOCK: Final = Operation(
    "jobs.lock_state", "GET", f"{_JOB}/locking", "Get lock state of a job", retry_safe=True
)
SET_LOCK: Final = Operation(
    "jobs.set_locked", "POST", f"{_JOB}/locking", "Lock or unlock a job", retry_safe=True
)
SEND_STATUS_UPDATE: Final = Operation(
    "jobs.send_status_update", "POST", f"{_JOB}/send/update", "Send status update", retry_safe=False
)
ACCOUNT_ANALYTICS: Final = Operation(
    "analytics.account", "GET", "/api/v1/analytics/jobs", "Get analytical data", retry_safe=True
)
FOLDER_ANALYTICS: Final = Operation(
    "analytics.folder",
    "GET",
    "/api/v1/analytics/jobs/{job_guid}",
    "Get analytical data for files in a folder",
    retry_safe=True,
)

OPERATIONS: Final[tuple[Operation, ...]] = tuple(
    value for value in list(globals().values()) if isinstance(value, Operation)
)
"""All of them, in the order of the documentation's areas."""
