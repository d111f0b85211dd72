from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from local.simulators import Simulator
from proofbridge.vendors.errors import Happened, InvalidRequestError, NotFoundError, RejectedError
from proofbridge.vendors.good2go import operations
from proofbridge.vendors.good2go.client import Good2Go
from proofbridge.vendors.good2go.enums import (
    AssignableJobStatus,
    AssigneeFilter,
    DateField,
    Inheritable,
    JobAction,
    JobSort,
    JobState,
    JobStatus,
    JobStatusFilter,
    Schedule,
    SortDirection,
    TaskStatus,
    UploadReason,
)
from proofbridge.vendors.good2go.inputs import (
    AssignmentCreate,
    AssignTask,
    ContactUpdate,
    FolderCreate,
    JobFilter,
    JobUpdate,
    TaskDefaults,
)
from tests.contract.operations_called import known, offered, resolve
from tests.contract.proofs import CUSTOMER, FOLDER, MISSING, act, effects, new_proof

DUE = datetime(2030, 11, 30, 8, 37, 46, 123000, tzinfo=UTC)
CONTACT = ContactUpdate(
    c_email=CUSTOMER,
    address="40 Canal Street",
    alt_phone="1",
    c_name="Tom",
    city="Shickshinny",
    company="Brand",
    group="g" * 64,
    identity="i" * 64,
    phone="2",
    state="PA",
    zip_code="12345",
)


def test_every_operation_has_a_method_when_walked(good2go: Good2Go, good2go_simulator: Simulator) -> None:
    assert known(operations.OPERATIONS) == offered(type(good2go_simulator.vendor))
    assert len(operations.OPERATIONS) == 41
    assert len({operation.name for operation in operations.OPERATIONS}) == 41
    for operation in operations.OPERATIONS:
        assert callable(resolve(good2go, operation))


def test_folder_is_made_when_everything_is_said_of_it(good2go: Good2Go, good2go_simulator: Simulator) -> None:
    folder = good2go.jobs.create_folder(
        FolderCreate(
            name="Spring",
            parent_guid=FOLDER,
            alt_text="a" * 255,
            c_email=CUSTOMER,
            cus_download=True,
            due_at=DUE,
            is_portal=True,
            label="l" * 64,
            p_email="partner@press.test",
            show_job_spec=True,
            show_preflight=False,
            status=AssignableJobStatus.APPROVED,
            type="t" * 255,
        )
    )
    assert (folder.name, folder.is_folder, folder.parent_guid) == ("Spring", True, FOLDER)
    assert (folder.c_email, folder.p_email, folder.due_at) == (CUSTOMER, "partner@press.test", DUE)
    assert folder.status is JobStatus.APPROVED
    stored = next(job for job in good2go_simulator.vendor.state()["jobs"] if job["guid"] == folder.guid)
    assert (stored["label"], stored["show_job_spec"], stored["is_portal"]) == ("l" * 64, True, True)


def test_job_is_read_when_it_is_there(good2go: Good2Go) -> None:
    made = new_proof(good2go, "Größe & Co.pdf")
    job = good2go.jobs.get(made.guid)
    assert job == made
    assert (job.name, job.type, job.version, job.status) == (
        "Größe & Co.pdf",
        "application/pdf",
        1,
        JobStatus.NEW,
    )
    assert job.ac is not None
    assert job.ac.delete_options is not None
    assert job.ac.delete_options.action == "trash"
    assert job.created_at is not None
    assert job.created_at.tzinfo is UTC
    assert job.size == 18


def test_only_what_is_given_changes_when_job_is_updated(good2go: Good2Go) -> None:
    made = new_proof(good2go)
    changed = good2go.jobs.update(
        made.guid,
        JobUpdate(
            parent_guid=FOLDER,
            alt_text="x",
            c_email="other@brand.test",
            cus_download=True,
            due_at=DUE,
            is_folder=False,
            is_portal=False,
            label="Send for review",
            name="New name.pdf",
            p_email="partner@press.test",
            show_job_spec=True,
            show_preflight=True,
            status=AssignableJobStatus.CHANGE_REQUESTED,
            type="application/pdf",
        ),
    )
    assert (changed.parent_guid, changed.due_at, changed.name) == (FOLDER, DUE, "New name.pdf")
    assert changed.status is JobStatus.CHANGE_REQUESTED
    again = good2go.jobs.update(made.guid, JobUpdate(label="Other"))
    assert (again.due_at, again.name, again.status) == (DUE, "New name.pdf", JobStatus.CHANGE_REQUESTED)
    emptied = good2go.jobs.update(made.guid, JobUpdate(parent_guid=None, due_at=None))
    assert (emptied.parent_guid, emptied.due_at) == (None, None)


def test_copy_is_made_when_job_is_duplicated(good2go: Good2Go) -> None:
    made = new_proof(good2go)
    copy = good2go.jobs.duplicate(made.guid, c_email="second@brand.test")
    assert copy.guid != made.guid
    assert (copy.name, copy.c_email) == (made.name, "second@brand.test")
    assert good2go.jobs.duplicate(made.guid).c_email != "second@brand.test"


@pytest.mark.parametrize("who", ["customers", "partners"])
def test_contact_is_set_read_and_removed_when_job_has_one(good2go: Good2Go, who: str) -> None:
    area = getattr(good2go, who)
    guid = good2go.jobs.create_folder(FolderCreate(name="x")).guid
    with pytest.raises(NotFoundError, match="not defined"):
        area.get(guid)
    written = area.set(guid, CONTACT)
    assert area.get(guid) == written
    assert {**CONTACT.fields()}.items() <= written.model_dump().items()
    assert written.valid_email is True
    area.remove(guid)
    with pytest.raises(NotFoundError):
        area.get(guid)


def test_job_moves_when_given_another_folder(good2go: Good2Go) -> None:
    made = new_proof(good2go)
    assert good2go.jobs.move(made.guid, FOLDER).parent_guid == FOLDER
    ownership = good2go.jobs.ownership(made.guid)
    assert ownership.owner is not None
    assert ownership.parent is not None
    assert (ownership.guid, ownership.owner.email) == (made.guid, "owner@printshop.test")
    assert (ownership.parent_guid, ownership.parent.guid, ownership.parent.name) == (FOLDER, FOLDER, "Proofs")
    assert ownership.parent.model_dump() == good2go.jobs.get(FOLDER).model_dump()
    assert good2go.jobs.move(made.guid, None).parent_guid is None
    assert good2go.jobs.ownership(made.guid).parent is None


def test_actions_are_applied_when_documented(good2go: Good2Go, good2go_simulator: Simulator) -> None:
    good2go.jobs.update(FOLDER, JobUpdate(alt_text="from the folder", due_at=DUE))
    made = new_proof(good2go, parent=FOLDER)
    inherited = good2go.jobs.apply(
        made.guid, JobAction.INHERIT, ignore=[Inheritable.C_EMAIL, Inheritable.ALT_TEXT]
    )
    assert (inherited.due_at, inherited.c_email) == (DUE, CUSTOMER)
    act(good2go_simulator, "set-status", job=made.guid, status="expired")
    assert good2go.jobs.apply(made.guid, JobAction.RENEW).status is JobStatus.NEW
    good2go.jobs.apply(made.guid, JobAction.SEND_TO_MIS)
    entries = [e for e in good2go_simulator.effects.entries() if e["operation"] == "apply_action"]
    assert [e["action"] for e in entries] == ["inherit", "renew", "send-to-mis"]


def test_action_is_refused_when_vendor_forbids_it(good2go: Good2Go, good2go_simulator: Simulator) -> None:
    made = new_proof(good2go)
    with pytest.raises(RejectedError, match="Parent job is not a folder") as caught:
        good2go.jobs.apply(made.guid, JobAction.INHERIT)
    assert caught.value.status == 422
    good2go_simulator.settings.actions_permitted = False  # type: ignore[attr-defined]
    with pytest.raises(RejectedError, match="not permitted") as caught:
        good2go.jobs.apply(made.guid, JobAction.RENEW)
    assert caught.value.status == 403


def test_action_is_refused_when_vendor_no_longer_knows_it(
    good2go: Good2Go, good2go_simulator: Simulator
) -> None:
    ids = {"job_guid": new_proof(good2go).guid, "action": "archive"}
    with pytest.raises(RejectedError, match="Acceptable action ids") as caught:
        good2go._api.do(operations.APPLY_ACTION, ids=ids, json=b"{}")
    assert (caught.value.status, caught.value.happened) == (406, Happened.NO)
    assert effects(good2go_simulator) == ["upload"]


def test_job_is_assigned_when_to_a_team_member(good2go: Good2Go, good2go_simulator: Simulator) -> None:
    made = new_proof(good2go)
    assignment = good2go.jobs.assign(
        made.guid,
        AssignmentCreate(
            assignee="prepress@printshop.test",
            recipient="owner@printshop.test",
            reason=UploadReason.NOTIFY_TASK,
            schedule=Schedule.NOW,
            comments="Add bleed",
            default=TaskDefaults(comments=False, task=True),
            task=AssignTask(due_at=DUE, req_confirm=True, status=TaskStatus.NEW),
        ),
    )
    assert assignment.task is not None
    assert (assignment.assignee, assignment.comments) == ("prepress@printshop.test", "Add bleed")
    assert (assignment.task.category, assignment.task.due_at) == ("assign-task", DUE)
    assert good2go.jobs.get(made.guid).asg_email == "prepress@printshop.test"
    sent = good2go_simulator.effects.entries()[-1]
    assert sent["emails"] == ["prepress@printshop.test"]
    with pytest.raises(RejectedError, match="not a team member"):
        good2go.jobs.assign(
            made.guid, AssignmentCreate(assignee="a@else.test", reason=UploadReason.SEND_MESSAGE)
        )


def test_history_is_told_when_asked(good2go: Good2Go, good2go_simulator: Simulator) -> None:
    made = new_proof(good2go)
    act(good2go_simulator, "approve", job=made.guid, by=CUSTOMER, comment="Looks fine")
    latest = good2go.jobs.latest_changelog(made.guid)
    assert latest is not None
    assert (latest.from_email, latest.job_guid) == (CUSTOMER, made.guid)
    assert latest.comments is not None
    assert "Looks fine" in latest.comments
    entries = good2go.jobs.changelogs(made.guid)
    assert latest in entries
    with pytest.raises(NotFoundError):
        good2go.jobs.latest_changelog(FOLDER)  # of which nobody has said anything
    assert len(entries) >= 3


def test_lock_is_set_and_read_when_asked(good2go: Good2Go) -> None:
    made = new_proof(good2go)
    assert good2go.jobs.lock_state(made.guid).locked is False
    assert good2go.jobs.set_locked(made.guid, locked=True).locked is True
    state = good2go.jobs.lock_state(made.guid)
    assert (state.guid, state.locked) == (made.guid, True)


def test_label_is_set_when_status_update_is_sent(good2go: Good2Go, good2go_simulator: Simulator) -> None:
    made = new_proof(good2go)
    assert good2go.jobs.send_status_update(made.guid, "l" * 64).guid == made.guid
    assert good2go_simulator.effects.entries()[-1]["label"] == "l" * 64


def test_numbers_are_told_when_asked(good2go: Good2Go) -> None:
    new_proof(good2go, parent=FOLDER)
    account = good2go.analytics.account()
    assert (account.live_files, account.data_size_mb, account.guid) == (1, 0, None)
    folder = good2go.analytics.folder(FOLDER)
    assert (folder.live_files, folder.guid, folder.name) == (1, FOLDER, "Proofs")
    made = new_proof(good2go)
    with pytest.raises(RejectedError, match="not a folder") as caught:
        good2go.analytics.folder(made.guid)
    assert caught.value.status == 422


# --- the list --------------------------------------------------------------------------------------------


def test_all_jobs_are_listed_when_they_fill_many_pages(
    good2go: Good2Go, good2go_simulator: Simulator
) -> None:
    good2go_simulator.settings.per_page = 7  # type: ignore[attr-defined]
    names = [f"Proof {number:02d}.pdf" for number in range(20)]
    for name in names:
        new_proof(good2go, name, parent=FOLDER)
    query = JobFilter(parent=FOLDER, sort_column=JobSort.NAME, sort_direction=SortDirection.ASC)
    assert [job.name for job in good2go.jobs.list(query)] == names
    pages = list(good2go.jobs.pages(query))
    assert [len(page.data) for page in pages] == [7, 7, 6]
    assert pages[0].guid == FOLDER
    assert pages[0].name == "Proofs"
    assert pages[0].meta is not None
    assert (pages[0].meta.total, pages[0].meta.last_page, pages[0].meta.from_) == (20, 3, 1)
    assert [len(page.data) for page in good2go.jobs.pages(query, first=3)] == [6]


@pytest.mark.parametrize("first", [0, -1])
def test_pages_are_refused_before_sending_when_counted_from_nothing(
    good2go: Good2Go, good2go_simulator: Simulator, first: int
) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        next(good2go.jobs.pages(first=first))
    assert caught.value.field == "first"
    assert good2go_simulator.requests.entries() == []


def test_list_is_filtered_when_every_filter_is_given(good2go: Good2Go, good2go_simulator: Simulator) -> None:
    made = new_proof(good2go, "Needle.pdf", parent=FOLDER)
    good2go.jobs.update(made.guid, JobUpdate(due_at=DUE, p_email="partner@press.test"))
    new_proof(good2go, "Other.pdf", parent=FOLDER)
    everything = JobFilter(
        assignee=AssigneeFilter.ANY,
        customer=CUSTOMER,
        date_for=DateField.DUE_AT,
        start_date=DUE - timedelta(days=1),
        end_date=DUE + timedelta(days=1),
        file_only=True,
        flat=True,
        name="Needle",
        parent=FOLDER,
        p_email="partner@press.test",
        sort_column=JobSort.UPDATED_AT,
        sort_direction=SortDirection.DESC,
        status=JobStatusFilter.NEW,
        type="application/pdf",
    )
    assert [job.guid for job in good2go.jobs.list(everything)] == [made.guid]
    assert good2go_simulator.requests.entries()[-1]["query"].count("&") == 14


def test_list_takes_every_word_when_filtered(good2go: Good2Go) -> None:
    new_proof(good2go)
    for assignee, date_for in itertools.product(AssigneeFilter, DateField):
        list(good2go.jobs.list(JobFilter(assignee=assignee, date_for=date_for)))
    for column in JobSort:
        list(good2go.jobs.list(JobFilter(sort_column=column)))
    for status in JobStatusFilter:
        found = list(good2go.jobs.list(JobFilter(status=status, file_only=True)))
        assert len(found) == (1 if status is JobStatusFilter.NEW else 0)


def test_trash_is_listed_when_asked_for(good2go: Good2Go) -> None:
    made = new_proof(good2go)
    good2go.jobs.delete(made.guid)
    (trashed,) = good2go.jobs.list(JobFilter(state=JobState.DELETED))
    assert trashed.guid == made.guid
    assert trashed.deleted_at is not None
    assert made.guid not in {job.guid for job in good2go.jobs.list()}


# --- what isn't there ------------------------------------------------------------------------------------


def test_missing_job_is_told_when_anything_is_asked_of_it(
    good2go: Good2Go, good2go_simulator: Simulator
) -> None:
    jobs = good2go.jobs
    calls: list[Callable[[], object]] = [
        lambda: jobs.get(MISSING),
        lambda: jobs.update(MISSING, JobUpdate(name="x")),
        lambda: jobs.delete(MISSING),
        lambda: jobs.duplicate(MISSING),
        lambda: jobs.ownership(MISSING),
        lambda: jobs.move(MISSING, None),
        lambda: jobs.apply(MISSING, JobAction.RENEW),
        lambda: jobs.changelogs(MISSING),
        lambda: jobs.latest_changelog(MISSING),
        lambda: jobs.lock_state(MISSING),
        lambda: jobs.set_locked(MISSING, locked=True),
        lambda: jobs.send_status_update(MISSING, "x"),
        lambda: good2go.customers.get(MISSING),
        lambda: good2go.partners.set(MISSING, CONTACT),
        lambda: good2go.partners.remove(MISSING),
        lambda: good2go.analytics.folder(MISSING),
    ]
    for call in calls:
        with pytest.raises(NotFoundError) as caught:
            call()
        assert MISSING in str(caught.value)
    with pytest.raises(NotFoundError, match=r"folder 'Spring'.*Resource not found"):
        jobs.create_folder(FolderCreate(name="Spring", parent_guid=MISSING))
    assert effects(good2go_simulator) == []
