"""What the template promises: narrow roles, encryption, retention, queues that fit their functions."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from local.aws import template
from proofbridge.domain.items import ITEM_KINDS, Vendor
from proofbridge.domain.waiting import PATIENCE
from proofbridge.recovery.sweep import FILE_PATIENCE
from proofbridge.uploads.ordering import LOST_AFTER
from proofbridge.vendors.gates import CREDENTIALS_PAUSE
from tests.infra.stack_template import ROOT, functions, resources, resources_of, text_of

FUNCTIONS = sorted(functions())
LAYER = ROOT / "layers/proofbridge/python"


def handler_path(name: str) -> Path:
    return ROOT / "functions" / Path(*functions()[name]["Handler"].split(".")[:-1]).with_suffix(".py")


def environment_fields(name: str) -> set[str]:
    """The variables that a handler reads: the fields of its _Environment."""
    tree = ast.parse(handler_path(name).read_text())
    (record,) = (n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "_Environment")
    return {
        n.target.id.upper()
        for n in record.body
        if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)
    }


def lease_seconds(name: str) -> float:
    """The lease that a handler takes on effects: LEASE = timedelta(seconds=N)."""
    tree = ast.parse(handler_path(name).read_text())
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "LEASE":
            (seconds,) = (k.value for k in node.value.keywords)  # type: ignore[attr-defined]
            return float(ast.literal_eval(seconds))
    raise AssertionError(f"{name} takes no lease")


def queues_of(name: str) -> list[str]:
    """The logical ids of the queues that start a function."""
    mappings = resources_of("AWS::Lambda::EventSourceMapping").values()
    return [each["EventSourceArn"]["GetAtt"][0] for each in mappings if each["FunctionName"] == {"Ref": name}]


def statements(role: dict[str, Any]) -> list[dict[str, Any]]:
    return [s for policy in role["Policies"] for s in policy["PolicyDocument"]["Statement"]]


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_logical_ids_are_those_of_stacks_that_were_deployed() -> None:
    """Another logical id is another queue, table or secret: the old one would be left, with what it holds."""
    document = template.read(ROOT / "template.yaml")
    values = template.parameter_values(document, {}, {})
    translated = template.translate(document, base=ROOT, parameters=values, region="us-east-1")
    deployed: dict[str, Any] = json.loads(text_of("tests/infra/resources.json"))

    found: dict[str, list[str]] = {}
    for logical_id, resource in sorted(translated.resources.items()):
        # A layer's id has a digest of what is in it.
        if resource["Type"] != "AWS::Lambda::LayerVersion":
            found.setdefault(resource["Type"], []).append(logical_id)
    assert found == deployed["resources"]
    assert sorted(translated.body["Outputs"]) == deployed["outputs"]
    assert sorted(translated.parameters) == deployed["parameters"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_code_is_named_by_each_function_itself(name: str) -> None:
    """In a template with loops `sam build` adapts no path under Globals: `sam deploy` would find no code."""
    assert functions()[name]["CodeUri"] == "functions/"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_environment_matches_handler_when_deployed(name: str) -> None:
    everywhere = {"STAGE", "CONFIG_DIR", "POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE"}
    own = set(functions()[name].get("Environment", {}).get("Variables", {}))

    assert environment_fields(name) - everywhere == own


@pytest.mark.parametrize("name", FUNCTIONS)
def test_role_is_the_functions_own_and_names_every_resource(name: str) -> None:
    role_id = functions()[name]["Role"]["GetAtt"][0]

    assert [n for n in FUNCTIONS if functions()[n]["Role"]["GetAtt"][0] == role_id] == [name]
    role = resources()[role_id]["Properties"]
    assert "ManagedPolicyArns" not in role
    for statement in statements(role):
        assert statement["Effect"] == "Allow"
        assert all("*" not in action for action in as_list(statement["Action"]))
        for resource in as_list(statement["Resource"]):
            text = resource if isinstance(resource, str) else str(resource)
            # A star is allowed only for the keys below a folder of one bucket.
            assert "*" not in re.sub(r"/(drop|receipts|errors|relayed)/\*", "", text), text


BUCKET_RIGHTS = {
    # Files are read, tagged and hidden by a deletion marker, not written over, and no version is destroyed.
    "/drop/*": {
        *("s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectVersionTagging"),
        *("s3:PutObjectVersionTagging", "s3:DeleteObject"),
    },
    "/receipts/*": {"s3:GetObject", "s3:PutObject"},
    "/errors/*": {"s3:GetObject", "s3:PutObject", "s3:DeleteObject"},
    # A large file is copied by parts, which are given up where one fails.
    "/relayed/*": {"s3:PutObject", "s3:PutObjectTagging", "s3:AbortMultipartUpload"},
    "": {"s3:ListBucket"},
}


def test_only_the_relay_reaches_the_bucket_and_no_further_than_each_folder_needs() -> None:
    given: dict[tuple[str, str], set[str]] = {}
    for name in FUNCTIONS:
        for statement in statements(resources()[functions()[name]["Role"]["GetAtt"][0]]["Properties"]):
            actions = {action for action in as_list(statement["Action"]) if action.startswith("s3:")}
            for resource in as_list(statement["Resource"]) if actions else []:
                folder = resource["Sub"].removeprefix("${DropBucket.Arn}") if "Sub" in resource else ""
                given.setdefault((name, folder), set()).update(actions)
    assert given == {("RelayUploadFunction", folder): rights for folder, rights in BUCKET_RIGHTS.items()}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_logs_are_json_and_kept_for_a_bounded_time_when_written(name: str) -> None:
    logging = functions()[name]["LoggingConfig"]
    group = resources()[logging["LogGroup"]["Ref"]]

    assert logging["LogFormat"] == "JSON"
    assert logging["ApplicationLogLevel"] == "INFO"
    assert group["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if queues_of(name)])
def test_queue_outlasts_function_when_it_runs_to_its_timeout(name: str) -> None:
    for queue in queues_of(name):
        assert resources()[queue]["Properties"]["VisibilityTimeout"] >= 6 * functions()[name]["Timeout"]


def test_lost_file_is_put_back_and_waited_for_longer_than_its_message_comes_back() -> None:
    queue = resources()["Good2GoUploadsQueue"]["Properties"]
    comes_back = queue["VisibilityTimeout"] * queue["RedrivePolicy"]["maxReceiveCount"]
    assert timedelta(seconds=comes_back) < FILE_PATIENCE < LOST_AFTER < PATIENCE


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if queues_of(name)])
def test_lease_outlasts_function_and_ends_before_its_message_returns(name: str) -> None:
    lease = lease_seconds(name)

    assert lease > functions()[name]["Timeout"]
    for queue in queues_of(name):
        assert lease < resources()[queue]["Properties"]["VisibilityTimeout"]


@pytest.mark.parametrize("name", sorted(resources_of("AWS::SQS::Queue")))
def test_queue_is_encrypted_and_loses_nothing(name: str) -> None:
    queue = resources_of("AWS::SQS::Queue")[name]

    assert queue["SqsManagedSseEnabled"] is True
    assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600
    assert name.endswith("DeadLetterQueue") or "deadLetterTargetArn" in queue["RedrivePolicy"]


@pytest.mark.parametrize(
    "name", [name for name in resources_of("AWS::SQS::Queue") if name.endswith("DeadLetterQueue")]
)
def test_an_alarm_rings_when_a_dead_letter_arrives(name: str) -> None:
    watched = [
        alarm["Dimensions"][0]["Value"]["GetAtt"][0]
        for alarm in resources_of("AWS::CloudWatch::Alarm").values()
        if alarm.get("Namespace") == "AWS/SQS"
    ]

    assert name in watched


@pytest.mark.parametrize("name", sorted(resources_of("AWS::DynamoDB::Table")))
def test_table_is_encrypted_and_recoverable(name: str) -> None:
    table = resources_of("AWS::DynamoDB::Table")[name]

    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["TimeToLiveSpecification"]["Enabled"] is True


def test_drop_bucket_is_private_versioned_and_encrypted() -> None:
    bucket = resources()["DropBucket"]["Properties"]

    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    (denial,) = resources()["DropBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert (denial["Effect"], denial["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


@pytest.mark.parametrize(
    "name",
    ["InboxTable", "StateTable", "DropBucket", *sorted(resources_of("AWS::SecretsManager::Secret"))],
)
def test_data_outlives_the_stack_when_it_is_deleted(name: str) -> None:
    resource = resources()[name]

    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_secrets_hold_nothing_in_the_template() -> None:
    assert {secret["SecretString"] for secret in resources_of("AWS::SecretsManager::Secret").values()} == {
        "{}"
    }


def test_every_wildcard_has_its_reason_beside_it() -> None:
    lines = text_of("template.yaml").splitlines()
    for number, line in enumerate(lines):
        if (
            re.search(r"(Action|Resource|Principal): .*\*", line)
            and "drop/*" not in line
            and "receipts/*" not in line
        ):
            assert any("#" in above for above in lines[max(0, number - 4) : number]), line


@pytest.mark.parametrize(
    "metric",
    [
        "ActionsParked",
        "CredentialsRefused",
        "EventsParked",
        "EventsQuarantined",
        "VendorDown",
        "WebhooksContradicted",
    ],
)
def test_an_alarm_rings_when_a_person_is_needed(metric: str) -> None:
    watched = {alarm["MetricName"]: alarm for alarm in resources_of("AWS::CloudWatch::Alarm").values()}

    assert watched[metric]["Namespace"] == "Proofbridge"
    assert watched[metric]["Dimensions"] == [{"Name": "stage", "Value": {"Ref": "Stage"}}]
    assert any(f'"{metric}"' in path.read_text() for path in LAYER.rglob("*.py"))


def test_alarm_about_credentials_stays_on_from_one_try_to_the_next() -> None:
    alarm = resources()["CredentialsAlarm"]["Properties"]

    assert alarm["DatapointsToAlarm"] == 1
    assert alarm["EvaluationPeriods"] * alarm["Period"] >= 2 * CREDENTIALS_PAUSE.total_seconds()


def test_stream_carries_new_events_only_and_gives_up_into_a_queue() -> None:
    stream = functions()["ProcessEventFunction"]["Events"]["Inbox"]["Properties"]

    assert stream["FilterCriteria"]["Filters"] == [
        {"Pattern": '{"dynamodb": {"NewImage": {"state": {"S": ["received"]}}}}'}
    ]
    assert stream["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert stream["DestinationConfig"]["OnFailure"]["Destination"] == {
        "GetAtt": ["EventsDeadLetterQueue", "Arn"]
    }


def test_each_schedule_tells_its_moment() -> None:
    schedules = [
        event["Properties"]
        for function in functions().values()
        for event in function.get("Events", {}).values()
        if event["Type"] == "ScheduleV2"
    ]

    assert len(schedules) == 10
    for schedule in schedules:
        assert '"time": "<aws.scheduler.scheduled-time>"' in schedule["Input"]
        assert schedule["DeadLetterConfig"]


@pytest.mark.parametrize("vendor", sorted({vendor for vendor in Vendor if ITEM_KINDS[vendor]}))
def test_each_vendor_is_polled_often_and_read_whole_every_day(vendor: Vendor) -> None:
    sync = functions()["SyncVendorFunction"]
    schedules = [event["Properties"] for event in sync["Events"].values()]
    every = {
        bool(told.get("everything")): schedule["ScheduleExpression"]
        for schedule in schedules
        if (told := json.loads(schedule["Input"]))["vendor"] == vendor
    }

    assert every[False] == "rate(5 minutes)"
    assert re.fullmatch(r"cron\(\d+ 1 \* \* \? \*\)", every[True])
    # The pass that time cut short is put down before the next tick takes it up.
    assert sync["Timeout"] == 300


def test_dependencies_layer_is_what_the_lock_says() -> None:
    """The exported requirements, which `sam build` installs, are those of uv.lock."""
    exported = subprocess.run(  # noqa: S603 - our own tool
        [ROOT / ".venv/bin/uv", "export", "-q", "--frozen", "--no-dev", "--no-emit-project", "--no-header"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert text_of("layers/dependencies/requirements.txt").strip() == exported.strip()
