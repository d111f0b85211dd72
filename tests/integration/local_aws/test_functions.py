"""How processes are started, shared, timed, lost and replaced."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError

from local.aws import LocalAws


def invoke(aws: LocalAws, function: str, payload: Any) -> Any:
    return aws.client("lambda").invoke(FunctionName=function, Payload=json.dumps(payload), LogType="Tail")


def failure(answer: Any) -> dict[str, Any]:
    assert answer["FunctionError"] == "Unhandled"
    told: dict[str, Any] = json.loads(answer["Payload"].read())
    return told


def test_process_is_kept_when_invocations_follow_each_other(aws: LocalAws) -> None:
    first, second = (aws.invoke("EchoFunction", {"probe": "context"}) for _ in range(2))
    assert first["pid"] == second["pid"]
    assert first["request_id"] != second["request_id"]


def test_context_tells_the_deadline_and_the_names_when_asked(aws: LocalAws) -> None:
    context = aws.invoke("EchoFunction", {"probe": "context"})
    assert 9_000 < context["remaining_ms"] <= 10_000
    assert context["name"] == "EchoFunction"
    assert context["memory"] == "256"
    assert context["arn"] == aws.outputs["EchoFunctionArn"]


def test_process_is_killed_and_replaced_when_it_takes_too_long(aws: LocalAws) -> None:
    told = failure(invoke(aws, "BusyFunction", {"do": "sleep", "seconds": 30}))
    assert told["errorType"] == "Sandbox.Timedout"
    assert told["errorMessage"].endswith("Task timed out after 1.00 seconds")
    assert aws.invoke("BusyFunction", {"do": "nothing"})["pid"]
    duration = [each for each in aws.invocations() if "timed out" in (each["error"] or "")][-1]
    assert 1_000 <= duration["duration_ms"] < 5_000


def test_crash_is_reported_with_its_output_when_process_ends(aws: LocalAws) -> None:
    before = aws.invoke("BusyFunction", {"do": "nothing"})["pid"]
    answer = invoke(aws, "BusyFunction", {"do": "exit", "status": 3})
    told = failure(answer)
    assert told["errorType"] == "Runtime.ExitError"
    assert told["errorMessage"].endswith("Runtime exited with error: exit status 3")
    assert "about to go" in aws.log_text("BusyFunction")
    # The runner shows it, too: nobody reads a log file that they don't know they should.
    assert "about to go" in aws.log_text()
    assert aws.invoke("BusyFunction", {"do": "nothing"})["pid"] != before


def test_error_carries_its_traceback_when_handler_raises(aws: LocalAws) -> None:
    told = failure(invoke(aws, "WorkFunction", {"Records": [{"body": "{}"}]}))
    assert told["errorType"] == "KeyError"
    assert any("work/handler.py" in line for line in told["stackTrace"])


def test_import_error_is_reported_when_a_layer_lacks_a_package(aws: LocalAws) -> None:
    told = failure(invoke(aws, "BrokenFunction", {}))
    assert told["errorType"] == "Runtime.ImportModuleError"
    assert "No module named 'rich'" in told["errorMessage"]


def meet(aws: LocalAws, place: Path, parties: int) -> list[Any]:
    """Invoke so that each invocation ends only when as many are running at once."""
    client = aws.client("lambda", config=Config(retries={"total_max_attempts": 1}))
    order = json.dumps({"do": "meet", "place": str(place), "parties": parties})
    answers: list[Any] = []

    def one() -> None:
        try:
            answer = client.invoke(FunctionName="BusyFunction", Payload=order)
            answers.append({**answer, "Payload": json.loads(answer["Payload"].read())})
        except ClientError as error:
            answers.append(error)

    threads = [threading.Thread(target=one) for _ in range(parties)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_requests_get_processes_of_their_own_when_concurrent(aws: LocalAws, tmp_path: Path) -> None:
    answers = meet(aws, tmp_path, 2)
    assert not [answer for answer in answers if "FunctionError" in answer]
    assert len({answer["Payload"]["pid"] for answer in answers}) == 2


def test_request_is_throttled_when_reserved_concurrency_is_used_up(aws: LocalAws, tmp_path: Path) -> None:
    # Three would have to meet, and two may run: these wait for the third until their second is over.
    answers = meet(aws, tmp_path, 3)
    errors = sorted(type(answer).__name__ for answer in answers if isinstance(answer, ClientError))
    assert errors == ["TooManyRequestsException"]
    assert [answer["FunctionError"] for answer in answers if isinstance(answer, dict)] == ["Unhandled"] * 2


def test_log_has_lambdas_lines_when_format_is_json(aws: LocalAws) -> None:
    request_id = aws.invoke("EchoFunction", {"probe": "context"})["request_id"]
    log = aws.log_text("EchoFunction")
    lines = [json.loads(line) for line in log.splitlines() if request_id in line]
    assert [line["type"] for line in lines] == ["platform.start", "platform.report"]
    assert "this was printed" in log


def test_big_answer_is_refused_when_over_lambdas_limit(aws: LocalAws) -> None:
    assert len(aws.invoke("EchoFunction", {"probe": "big", "size": 6_000_000})) == 6_000_000
    told = failure(invoke(aws, "EchoFunction", {"probe": "big", "size": 6_300_000}))
    assert told["errorType"] == "Function.ResponseSizeTooLarge"
