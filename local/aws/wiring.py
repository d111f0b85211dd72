"""Carries out what the template declares: functions behind their API, queues, streams and schedules."""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from local.aws.children import Children
from local.aws.function import Function, Functions
from local.aws.function_log import FunctionLog
from local.aws.http_api import HttpApi, routes
from local.aws.idle import IdleWatch
from local.aws.invoke_api import InvokeApi
from local.aws.options import Options
from local.aws.queues import QueueMapping
from local.aws.schedules import Schedule
from local.aws.sources import Sources
from local.aws.stack import Resource, Stack, StackError
from local.aws.streams import StreamMapping
from local.aws.worker import FunctionSettings

if TYPE_CHECKING:
    import boto3


_OF_EVERY_MAPPING = {"EventSourceArn", "FunctionName", "BatchSize", "FunctionResponseTypes"}
_KNOWN = {
    "sqs": {*_OF_EVERY_MAPPING, "ScalingConfig"},
    "dynamodb": {
        *_OF_EVERY_MAPPING,
        *("StartingPosition", "ParallelizationFactor", "MaximumRetryAttempts", "BisectBatchOnFunctionError"),
        *("FilterCriteria", "DestinationConfig"),
    },
    "schedule": {"Name", "ScheduleExpression", "FlexibleTimeWindow", "State", "Target"},
}
"""What is carried out of a mapping's or a schedule's properties; any other is refused."""
# How soon a server notices that it is to stop.
_POLL_SECONDS = 0.1


class Wiring:
    """Everything that invokes functions. `start` begins; `close` ends it and kills their processes."""

    def __init__(
        self,
        stack: Stack,
        settings: Mapping[str, FunctionSettings],
        *,
        options: Options,
        aws: dict[str, str],
        children: Children,
        sources: Sources,
        session: boto3.Session,
    ) -> None:
        self._sources = sources
        self.functions = Functions(
            {
                logical_id: Function(
                    each,
                    aws=aws,
                    children=children,
                    log=FunctionLog(
                        options.logs / f"{logical_id}.log",
                        name=logical_id,
                        json_lines=each.json_logs,
                        verbose=options.verbose,
                    ),
                )
                for logical_id, each in settings.items()
            }
        )
        refuse_rules_to_functions(stack)
        endpoint = aws["AWS_ENDPOINT_URL"]
        self._queues: list[QueueMapping] = []
        self._streams: list[StreamMapping] = []
        sqs = session.client("sqs", endpoint_url=endpoint)
        dynamodb_streams = session.client("dynamodbstreams", endpoint_url=endpoint)
        for mapping in stack.of_type("AWS::Lambda::EventSourceMapping"):
            function = self._target(mapping, mapping.properties["FunctionName"])
            source = mapping.properties["EventSourceArn"].split(":")[2]
            refuse_unknown(mapping, source)
            if source == "sqs":
                self._queues.append(
                    QueueMapping(
                        mapping.properties, function, functions=self.functions, sources=sources, client=sqs
                    )
                )
            else:
                self._streams.append(
                    StreamMapping(
                        mapping.properties,
                        function,
                        functions=self.functions,
                        sources=sources,
                        client=dynamodb_streams,
                        queues=sqs,
                    )
                )
        idle = IdleWatch(self.functions, sources, queues=self._queues, streams=self._streams)
        self._invoke_api = InvokeApi(self.functions, wait_idle=idle.wait)
        self._http_api = HttpApi(routes(stack), self.functions, region=options.region)
        self._schedules = [
            self._schedule(resource)
            for resource in stack.of_type("AWS::Scheduler::Schedule")
            if options.schedules and resource.properties.get("State", "ENABLED") == "ENABLED"
        ]
        self._servers: list[BaseWSGIServer] = []

    def start(self, *, http_api: socket.socket, invoke_api: socket.socket) -> None:
        """Serve both APIs on the listening sockets, and begin to read queues, streams and the clock."""
        for listener, application in ((http_api, self._http_api), (invoke_api, self._invoke_api)):
            server = make_server(
                "127.0.0.1",
                listener.getsockname()[1],
                application,
                threaded=True,
                request_handler=_QuietHandler,
                fd=listener.fileno(),
            )
            threading.Thread(
                target=server.serve_forever, kwargs={"poll_interval": _POLL_SECONDS}, daemon=True
            ).start()
            self._servers.append(server)
        for queue in self._queues:
            queue.start()
        for stream in self._streams:
            stream.start()
        for schedule in self._schedules:
            schedule.start(self._sources)

    def _schedule(self, resource: Resource) -> Schedule:
        refuse_unknown(resource, "schedule")
        function = self._target(resource, resource.properties["Target"]["Arn"])
        return Schedule(resource, function, invoke=self._invoke_api.invoke_later)

    def _target(self, resource: Resource, name: str) -> Function:
        function = self.functions.find(name)
        if function is None:
            raise StackError(f"{resource.logical_id}: {name} is no function of this template")
        return function

    def close(self) -> None:
        """Take nothing more and kill the functions' processes."""
        for server in self._servers:
            server.shutdown()
            server.server_close()
        self.functions.close()


def refuse_unknown(resource: Resource, kind: str) -> None:
    """Raise StackError for a property that would change what `kind` (sqs, dynamodb, schedule) does."""
    unknown = set(resource.properties) - _KNOWN.get(kind, set())
    if unknown:
        raise StackError(f"{resource.logical_id}: {', '.join(sorted(unknown))} is not known here for {kind}")


def refuse_rules_to_functions(stack: Stack) -> None:
    """Raise StackError for an EventBridge rule that moto could not deliver."""
    for rule in stack.of_type("AWS::Events::Rule"):
        for target in rule.properties.get("Targets", []):
            if ":lambda:" in target["Arn"]:
                raise StackError(
                    f"{rule.logical_id}: a rule can't invoke a function here; put a queue between"
                )


class _QuietHandler(WSGIRequestHandler):
    def log_request(self, *_: Any) -> None:
        """Keep no access log: the functions' logs tell what ran."""
