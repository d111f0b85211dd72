"""Every trap that the vendor notes name for Good2Go, by its number."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from local.simulators import Simulator
from local.simulators.faults import FaultOrder
from proofbridge.vendors.errors import InvalidRequestError, NotFoundError, ServerError
from proofbridge.vendors.good2go import enums
from proofbridge.vendors.good2go.client import Good2Go
from proofbridge.vendors.good2go.enums import (
    AssignableJobStatus,
    JobStatus,
    JobStatusFilter,
    ListedTaskCategory,
    ReminderComparator,
    ReminderUnit,
    TaskCategory,
    UploadReason,
    UploadTaskCategory,
)
from proofbridge.vendors.good2go.inputs import (
    AssignmentCreate,
    AssignTask,
    ContactUpdate,
    FolderCreate,
    JobFilter,
    JobUpdate,
    NotificationCreate,
    NotificationTask,
    NotifyTask,
    ReminderCreate,
    RemoteFile,
    Reviewer,
    Revision,
    TaskCreate,
    TaskNotify,
    TaskUpdate,
    Upload,
    UploadTask,
)
from proofbridge.vendors.good2go.models import Job, JobPage, JobSummary, Reminder, Task
from tests.contract.proofs import CUSTOMER, FOLDER, MISSING, PDF, act, effects, new_proof, pdf

DUE = datetime(2030, 11, 30, 8, 37, 46, tzinfo=UTC)


def refused(model: type[Any], **fields: Any) -> InvalidRequestError:
    with pytest.raises(InvalidRequestError) as caught:
        model(**fields)
    return caught.value


def bodies(simulator: Simulator) -> int:
    return len(simulator.requests.entries())


def test_trap_good2go_01_internal_statuses_are_read_and_filtered_but_never_written(
    good2go: Good2Go, good2go_simulator: Simulator
) -> None:
    four = {"new", "approved", "rejected", "expired"}
    internal_ones = {"pending", "processing"}
    assert set(JobStatus) == four | internal_ones | {"change-requested", "done"}
    assert set(JobStatusFilter) == four | internal_ones
    assert set(AssignableJobStatus) == four | {"change-requested", "done"}
    job = new_proof(good2go)
    for status in JobStatus:
        act(good2go_simulator, "set-status", job=job.guid, status=status.value)
        assert good2go.jobs.get(job.guid).status is status
    for internal in sorted(internal_ones):
        assert JobFilter(status=internal).query() == [("status", internal)]
        assert refused(JobUpdate, status=internal).field == "status"
        assert refused(FolderCreate, name="x", status=internal).field == "status"
        assert refused(TaskUpdate, job_status=internal).field == "job_status"
    for written in ("change-requested", "done"):
        assert good2go.jobs.update(job.guid, JobUpdate(status=AssignableJobStatus(written))).status == written
        assert refused(JobFilter, status=written).field == "status"


def test_trap_good2go_02_task_statuses_differ_by_call() -> None:
    accepted: dict[type[Any], tuple[dict[str, Any], set[str]]] = {
        TaskCreate: ({"assigned_to": CUSTOMER, "category": "review-task"}, {"new"}),
        TaskUpdate: ({}, {"closed", "done", "paused", "processing"}),
        NotifyTask: ({"category": "review-task"}, {"new", "paused", "processing"}),
        UploadTask: ({}, {"new", "paused", "processing", "done"}),
        NotificationTask: ({"category": "review-task"}, {"new", "paused", "processing", "done"}),
        AssignTask: ({}, {"new", "paused", "processing", "done"}),
    }
    for model, (fields, statuses) in accepted.items():
        for status in ("new", "paused", "processing", "done", "closed"):
            if status in statuses:
                assert model(**fields, status=status).fields()["status"] == status
            else:
                assert refused(model, **fields, status=status).field == "status"
    assert Task(id=1, status="closed").status == "closed"  # read all the same


def test_trap_good2go_03_task_categories_differ_by_call_and_are_read_whatever_they_are(
    good2go: Good2Go, good2go_simulator: Simulator
) -> None:
    six = {"assign-task", "forward-task", "quote-review-task", "review-task", "revision-task", "upload-task"}
    assert set(TaskCategory) == six
    assert set(UploadTaskCategory) == six - {"quote-review-task"}
    assert set(ListedTaskCategory) == {"review-task", "upload-task", "revision-task", "assign-task"}
    assert set(enums.NotifyTaskCategory) == {"assign-task", "forward-task", "review-task", "revision-task"}
    assert set(enums.AssignTaskCategory) == {"assign-task"}
    assert refused(UploadTask, category="quote-review-task").field == "category"
    assert refused(NotifyTask, category="upload-task").field == "category"
    assert refused(AssignTask, category="review-task").field == "category"
    assert refused(TaskCreate, assigned_to=CUSTOMER, category="review-reminders").field == "category"
    with pytest.raises(InvalidRequestError):
        good2go.tasks.list(MISSING, kinds=["forward-task"])  # type: ignore[list-item]
    good2go_simulator.settings.review_task_category_shown = "review-reminders"  # type: ignore[attr-defined]
    job = new_proof(good2go)
    assert good2go.tasks.list(job.guid)[0].category == "review-reminders"


def test_trap_good2go_04_reason_is_optional_or_required_by_call() -> None:
    assert set(enums.NotifyReason) == {"notify-task", "reset-task", "send-message", "update-task"}
    assert set(enums.UploadReason) == set(enums.NotifyReason) | {"send-message-all"}
    assert "reason" not in TaskNotify().fields()
    assert "reason" not in NotificationCreate(task={"category": "review-task"}).fields()
    assert refused(TaskNotify, reason="send-message-all").field == "reason"
    assert refused(NotificationCreate, task={"category": "review-task"}, reason="send-message-all")
    assert refused(Upload).field == "reason"
    assert refused(Revision).field == "reason"
    assert refused(AssignmentCreate, assignee=CUSTOMER).field == "reason"
    assert Upload(reason=UploadReason.SEND_MESSAGE_ALL).fields() == {"reason": "send-message-all"}


def test_trap_good2go_05_trailing_dots_are_never_sent(good2go: Good2Go, good2go_simulator: Simulator) -> None:
    for call in (
        lambda: good2go.jobs.get(f"{FOLDER}."),
        lambda: good2go.jobs.move(FOLDER, f"{FOLDER}."),
        lambda: good2go.jobs.duplicate(FOLDER, c_email="a@b.co."),
        lambda: good2go.notifications.get(FOLDER, "review-task."),  # type: ignore[arg-type]
        lambda: good2go.jobs.apply(FOLDER, "renew."),  # type: ignore[arg-type]
        lambda: good2go.tasks.default("review-task."),  # type: ignore[arg-type]
    ):
        with pytest.raises(InvalidRequestError):
            call()
    refused(TaskCreate, assigned_to="abc@xyz.com.", category="review-task")
    refused(TaskCreate, assigned_to="abc@xyz.com", category="review-task.")
    refused(TaskCreate, assigned_to="abc@xyz.com", category="review-task", due_at="2024-01-24T06:37:06.000Z.")
    refused(JobFilter, date_for="reviewed_at.")
    assert bodies(good2go_simulator) == 0


def test_trap_good2go_06_creating_a_job_makes_a_folder_only(good2go: Good2Go) -> None:
    assert refused(FolderCreate, name="x", is_folder=False).field == "is_folder"
    assert good2go.jobs.create_folder(FolderCreate(name="x")).is_folder is True
    assert new_proof(good2go).is_folder is False


def test_trap_good2go_07_due_at_needs_milliseconds_and_z(good2go: Good2Go) -> None:
    written = JobUpdate(due_at=DUE.replace(microsecond=7_999)).fields()["due_at"]
    assert written == "2030-11-30T08:37:46.007Z"
    job = new_proof(good2go, task=UploadTask(category=UploadTaskCategory.REVIEW, due_at=DUE))
    good2go.jobs.update(job.guid, JobUpdate(due_at=DUE))
    good2go.tasks.create(job.guid, TaskCreate(assigned_to=CUSTOMER, category=TaskCategory.UPLOAD, due_at=DUE))
    list(good2go.jobs.list(JobFilter(start_date=DUE, end_date=DUE)))
    assert refused(JobUpdate, due_at=datetime(2030, 1, 1)).field == "due_at"  # noqa: DTZ001 - no zone


def test_trap_good2go_08_switches_that_act_by_presence_are_left_out_when_off(good2go: Good2Go) -> None:
    new_proof(good2go)
    assert JobFilter(dir_only=False, file_only=False, flat=False).query() == []
    assert JobFilter(dir_only=True).query() == [("dir_only", "true")]
    everything = {job.guid for job in good2go.jobs.list(JobFilter(file_only=False, dir_only=False))}
    files = {job.guid for job in good2go.jobs.list(JobFilter(file_only=True))}
    folders = {job.guid for job in good2go.jobs.list(JobFilter(dir_only=True))}
    assert everything == files | folders
    assert len(files) == len(folders) == 1


def test_trap_good2go_09_pages_are_counted_by_meta_and_links_never_followed(
    good2go: Good2Go, good2go_simulator: Simulator
) -> None:
    good2go_simulator.settings.per_page = 1  # type: ignore[attr-defined]
    good2go_simulator.settings.link_origin = "http://127.0.0.1:1"  # type: ignore[attr-defined]
    for number in range(3):
        new_proof(good2go, f"{number}.pdf", parent=FOLDER)
    before = bodies(good2go_simulator)
    assert len(list(good2go.jobs.list(JobFilter(parent=FOLDER)))) == 3
    pages = [entry["query"] for entry in good2go_simulator.requests.entries(before)]
    assert [re.findall(r"page=(\d+)", query) for query in pages] == [["1"], ["2"], ["3"]]
    page = next(good2go.jobs.pages(JobFilter(parent=FOLDER)))
    assert page.links is not None
    assert page.links.next is not None
    assert page.links.next.startswith("http://127.0.0.1:1/")
    assert page.data[0].path_url is not None


def test_trap_good2go_10_delete_is_never_repeated(good2go: Good2Go, good2go_simulator: Simulator) -> None:
    job = new_proof(good2go)
    good2go_simulator.faults.add(FaultOrder(fault="status", status=503))
    with pytest.raises(ServerError):
        good2go.jobs.delete(job.guid)
    assert effects(good2go_simulator) == ["upload"]
    good2go.jobs.delete(job.guid)
    assert good2go.jobs.get(job.guid).deleted_at is not None  # in the trash
    good2go.jobs.delete(job.guid)
    with pytest.raises(NotFoundError):
        good2go.jobs.get(job.guid)  # for ever


def test_trap_good2go_11_calls_that_send_email_are_never_repeated(
    good2go: Good2Go, good2go_simulator: Simulator
) -> None:
    job = new_proof(good2go)
    for call in (
        lambda: good2go.tasks.create(
            job.guid, TaskCreate(assigned_to=CUSTOMER, category=TaskCategory.REVISION)
        ),
        lambda: good2go.notifications.create(
            job.guid, NotificationCreate(task=NotificationTask(category=TaskCategory.REVIEW))
        ),
        lambda: good2go.tasks.notify(job.guid, 1),
    ):
        done = len(effects(good2go_simulator))
        good2go_simulator.faults.add(FaultOrder(fault="drop_after"))
        with pytest.raises(Exception, match="connection failed"):
            call()
        assert len(effects(good2go_simulator)) == done + 1


def test_trap_good2go_12_upload_says_parent_and_jobs_say_parent_guid(good2go: Good2Go) -> None:
    assert refused(Upload, reason="update-task", parent_guid=FOLDER).field == "parent_guid"
    assert refused(JobUpdate, parent=FOLDER).field == "parent"
    inside, outside = new_proof(good2go, parent=FOLDER), new_proof(good2go)
    assert (inside.parent_guid, outside.parent_guid) == (FOLDER, None)
    revised = good2go.files.revise(inside.guid, Revision(reason=UploadReason.UPDATE_TASK), pdf())
    assert revised.parent_guid == FOLDER


def test_trap_good2go_13_a_file_is_either_sent_or_named_by_url(
    good2go: Good2Go, good2go_simulator: Simulator
) -> None:
    # Which of the two is the type of the argument, so both or neither can't be said.
    assert refused(Upload, reason="update-task", file_url="https://x.test/a.pdf").field == "file_url"
    assert refused(RemoteFile, url="https://x.test/a.pdf").field == "name"
    assert refused(RemoteFile, url="https://x.test/a.pdf", name="a.pdf").field == "size_bytes"
    assert refused(RemoteFile, url="https://x.test/a.pdf", name="a.pdf", size_bytes=3).field == "type"
    sent = new_proof(good2go)
    there = f"{good2go_simulator.url}/review/download/{sent.guid}/document/Label.pdf"
    remote = RemoteFile(url=there, name="Label.pdf", size_bytes=len(PDF), type="application/pdf")
    fetched = good2go.files.upload(Upload(reason=UploadReason.UPDATE_TASK), remote)
    assert (fetched.name, fetched.size, fetched.type) == ("Label.pdf", len(PDF), "application/pdf")
    uploads = [entry["operation"] for entry in good2go_simulator.requests.entries()]
    assert uploads == ["upload", "download", "upload"]  # nothing was fetched for the file that was sent


def test_trap_good2go_14_booleans_of_a_form_are_one_and_nothing(
    good2go: Good2Go, good2go_simulator: Simulator
) -> None:
    job = new_proof(good2go, task=UploadTask(category=UploadTaskCategory.REVIEW, req_confirm=True))
    assert good2go.tasks.list(job.guid)[0].req_confirm is True
    job = new_proof(
        good2go,
        task=UploadTask(category=UploadTaskCategory.REVIEW, req_confirm=False),
        default={"comments": False, "task": True, "reviewers": False},
    )
    assert good2go.tasks.list(job.guid)[0].req_confirm is False
    assert good2go_simulator.violations.entries() == []


def test_trap_good2go_15_reviewers_are_written_and_reviewer_is_read(good2go: Good2Go) -> None:
    job = new_proof(good2go, reviewers=(Reviewer(email="one@brand.test"), Reviewer(group="Legal")))
    read = good2go.notifications.get(job.guid, TaskCategory.REVIEW)
    assert [(person.email, person.group) for person in read.reviewer] == [
        ("one@brand.test", None),
        (None, "Legal"),
    ]
    refused(Reviewer)
    refused(Reviewer, email="one@brand.test", group="Legal")
    refused(Reviewer, group="")
    assert refused(Upload, reason="update-task", reviewer=()).field == "reviewer"


def test_trap_good2go_16_reminders_share_ids_and_manual_ones_have_none(
    good2go: Good2Go, good2go_simulator: Simulator
) -> None:
    job = new_proof(good2go, task=UploadTask(category=UploadTaskCategory.REVIEW, due_at=DUE))
    good2go.tasks.create(job.guid, TaskCreate(assigned_to="b@brand.test", category=TaskCategory.UPLOAD))
    made = good2go.reminders.create(
        job.guid, ReminderCreate(quantity=0, unit=ReminderUnit.NONE, comparator=ReminderComparator.NONE)
    )
    good2go.tasks.notify(job.guid, 1)
    listed = good2go.reminders.list(job.guid)
    assert [entry.id for entry in listed if entry.is_auto] == [made.id, made.id]
    manual = [entry for entry in listed if not entry.is_auto]
    assert {entry.id for entry in manual} == {-1}
    assert {(entry.created_at, entry.updated_at) for entry in manual} == {(None, None)}
    before = bodies(good2go_simulator)
    for call in (good2go.reminders.get, good2go.reminders.delete):
        with pytest.raises(InvalidRequestError):
            call(job.guid, -1)
    assert bodies(good2go_simulator) == before


def test_trap_good2go_17_numbers_as_text_and_text_as_numbers_are_read(good2go: Good2Go) -> None:
    new_proof(good2go)
    assert good2go.analytics.account().data_size_mb == 0  # sent as text
    assert Task.model_validate({"id": "10"}).id == 10
    contact = good2go.customers.set(FOLDER, ContactUpdate(c_email=CUSTOMER))
    assert contact.valid_email is True  # sent as 1
    assert Job.model_validate({"guid": 5, "version": "3", "locked": 0}).version == 3


def test_trap_good2go_18_a_partner_has_c_email_and_c_name(good2go: Good2Go) -> None:
    good2go.partners.set(FOLDER, ContactUpdate(c_email="partner@press.test", c_name="The Press"))
    partner = good2go.partners.get(FOLDER)
    assert (partner.c_email, partner.c_name) == ("partner@press.test", "The Press")
    job = good2go.jobs.get(FOLDER)
    assert (job.p_email, job.p_name, job.c_email) == ("partner@press.test", "The Press", None)


def test_trap_good2go_19_not_found_tells_a_missing_job_from_a_missing_customer(good2go: Good2Go) -> None:
    with pytest.raises(NotFoundError) as no_job:
        good2go.customers.get(MISSING)
    with pytest.raises(NotFoundError) as no_customer:
        good2go.customers.get(FOLDER)
    with pytest.raises(NotFoundError) as no_partner:
        good2go.partners.get(FOLDER)
    assert "not found" in no_job.value.detail
    assert "Customer email not defined" in no_customer.value.detail
    assert "Partner email not defined" in no_partner.value.detail


def test_trap_good2go_20_the_roots_parent_is_none_and_lists_show_other_fields(good2go: Good2Go) -> None:
    job = new_proof(good2go)
    page = next(good2go.jobs.pages())
    assert (page.guid, page.parent_guid) == (None, None)
    assert JobPage.model_validate({"data": [], "parent_guid": ""}).parent_guid is None
    assert job.parent_guid is None
    listed = next(found for found in page.data if found.guid == job.guid)
    assert isinstance(listed, JobSummary)
    assert listed.user_email == "owner@printshop.test"
    assert {"reminded_at", "set_to_me", "user_email"} == set(JobSummary.model_fields) - set(Job.model_fields)
    only_alone = {"asg_name", "assigned_at", "c_name", "more_info", "p_name", "reviewed_at"}
    assert only_alone == set(Job.model_fields) - set(JobSummary.model_fields)


def test_trap_good2go_21_history_is_text_whatever_it_holds(
    good2go: Good2Go, good2go_simulator: Simulator
) -> None:
    job = new_proof(good2go)
    act(good2go_simulator, "comment", job=job.guid, by=CUSTOMER, comment='{"not": "for us"}')
    latest = good2go.jobs.latest_changelog(job.guid)
    assert latest is not None
    assert latest.comments == '{"not": "for us"}'
    info = [entry for entry in good2go.jobs.changelogs(job.guid) if entry.category == "document-info"]
    assert info[0].comments is not None
    assert info[0].comments.startswith("{")


def test_trap_good2go_22_default_task_is_no_task_of_a_job_named_tasks(
    good2go: Good2Go, good2go_simulator: Simulator
) -> None:
    good2go.tasks.default(TaskCategory.REVIEW)
    assert good2go_simulator.requests.entries()[-1]["operation"] == "get_default_task"
    with pytest.raises(InvalidRequestError):
        good2go.tasks.list("tasks")


def test_trap_good2go_23_download_needs_the_encoded_name_and_has_its_own_errors(
    good2go: Good2Go, good2go_simulator: Simulator
) -> None:
    job = new_proof(good2go, "A/B 100% #2?.pdf")
    assert job.name is not None
    file = io.BytesIO()
    good2go.files.download(job.guid, job.name, file)
    assert file.getvalue() == PDF
    good2go_simulator.settings.download_available = False  # type: ignore[attr-defined]
    with pytest.raises(ServerError, match="Service Unavailable"):
        good2go.files.download(job.guid, job.name, file)


def test_unknown_words_stay_text_when_read() -> None:
    reminder = Reminder.model_validate({"id": "", "unit": "weeks", "comparator": "equal"})
    assert (reminder.id, reminder.unit, reminder.comparator) == (None, "weeks", ReminderComparator.EQUAL)
