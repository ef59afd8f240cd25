"""Bad answers that the check must notice, and good ones that it must let pass."""

import copy
import json

import botocore.awsrequest
import botocore.parsers

import invariants
import shapes
from report import Report

GOOD = {
    "services": [
        {
            "serviceArn": "arn:aws:ecs:us-east-1:111122223333:service/prod/web",
            "serviceName": "web",
            "status": "ACTIVE",
            "desiredCount": 2,
            "runningCount": 2,
            "pendingCount": 0,
            "launchType": "FARGATE",
            "taskDefinition": "web:1",
            "createdAt": 1767225600.5,
            "deploymentConfiguration": {"maximumPercent": 200, "minimumHealthyPercent": 100},
            "deployments": [
                {
                    "id": "ecs-svc/1",
                    "status": "PRIMARY",
                    "taskDefinition": "web:1",
                    "runningCount": 2,
                    "pendingCount": 0,
                    "failedTasks": 0,
                    "rolloutState": "COMPLETED",
                    "createdAt": 1767225600.5,
                    "updatedAt": 1767225700.5,
                }
            ],
            "events": [{"id": "1", "createdAt": 1767225700.0, "message": "(service web) has reached a steady state."}],
            "tags": [{"key": "tenant", "value": "california"}],
        }
    ],
    "failures": [],
}

HEADERS = {"content-type": "application/x-amz-json-1.1", "x-amzn-requestid": "1"}

# What is wrong, and how a good service becomes so.
WRONG_SHAPES = [
    ("a time in words", lambda one: one.update(createdAt="2026-01-01T00:00:00Z")),
    ("a time in milliseconds", lambda one: one.update(createdAt=1767225600500)),
    ("a number as a string", lambda one: one.update(desiredCount="2")),
    ("a fraction of a task", lambda one: one.update(desiredCount=2.5)),
    ("null", lambda one: one.update(launchType=None)),
    ("a member nobody knows", lambda one: one.update(desiredcount=2)),
    ("a word outside the enum", lambda one: one.update(launchType="LAMBDA")),
    ("tags as a map", lambda one: one.update(tags={"tenant": "california"})),
    ("a required member missing", lambda one: one.update(networkConfiguration={"awsvpcConfiguration": {}})),
    ("a truth as a number", lambda one: one.update(enableExecuteCommand=1)),
]

WRONG_SENSE = [
    ("deployments do not add up", lambda one: one.update(runningCount=1)),
    ("too many tasks", lambda one: one["deploymentConfiguration"].update(maximumPercent=50)),
    ("a status of no service", lambda one: one.update(status="RESTING")),
    ("no primary deployment", lambda one: one["deployments"][0].update(status="ACTIVE")),
    ("times that run backwards", lambda one: one["deployments"][0].update(updatedAt=1767225600.0)),
    ("two events with one id", lambda one: one["events"].append(one["events"][0])),
    ("an event of another service", lambda one: one["events"][0].update(message="(service api) has begun.")),
]

WRONG_ERRORS = [
    ("a code nobody models", 400, {"__type": "OopsException", "message": "no"}, "OopsException"),
    ("no message", 400, {"__type": "ClientException"}, "ClientException"),
    ("header and body differ", 400, {"__type": "ClientException", "message": "no"}, "ServerException"),
    ("no code", 400, {"message": "no"}, None),
]


# A task as it was seen once, and what must not become of it.
BEFORE = {"taskArn": "arn:aws:ecs:r:1:task/c/t", "lastStatus": "RUNNING", "version": 4, "createdAt": 1, "startedAt": 9}
WRONG_COURSE = [
    ("a status that goes back", lambda task: task.update(lastStatus="PENDING")),
    ("a version that goes down", lambda task: task.update(version=3)),
    ("a time that changes", lambda task: task.update(startedAt=10)),
    ("a time that is lost", lambda task: task.pop("startedAt")),
]


def found(body, status=200, headers=None):
    return list(shapes.answer_faults("ecs", "DescribeServices", status, headers or HEADERS, json.dumps(body).encode()))


def sense(body):
    """Failed invariants of the parsed answer."""
    shape = shapes.model("ecs").operation_model("DescribeServices").output_shape
    answer = {"status_code": 200, "headers": botocore.awsrequest.HeadersDict(HEADERS), "body": json.dumps(body).encode()}
    quiet = Counting()
    invariants.service(quiet, botocore.parsers.create_parser("json").parse(answer, shape)["services"][0])
    return quiet.problems


class Counting(Report):
    """A report that keeps its problems to itself."""

    def __init__(self):
        super().__init__()
        self.problems = []

    def check(self, fine, problem):
        if not fine:
            self.problems.append(problem)


def run(report):
    report.begin("self-test")
    report.equal(found(GOOD), [], "a good answer")
    report.equal(sense(GOOD), [], "a sensible answer")
    for what, spoil in WRONG_SHAPES:
        bad = copy.deepcopy(GOOD)
        spoil(bad["services"][0])
        report.check(found(bad), f"not noticed: {what}")
    for what, spoil in WRONG_SENSE:
        bad = copy.deepcopy(GOOD)
        spoil(bad["services"][0])
        report.check(sense(bad), f"not noticed: {what}")
    for what, status, body, header in WRONG_ERRORS:
        headers = HEADERS | ({"x-amzn-errortype": header} if header else {})
        report.check(found(body, status, headers), f"not noticed: {what}")
    for what, spoil in WRONG_COURSE:
        after = dict(BEFORE)
        spoil(after)
        quiet = Counting()
        invariants.later(quiet, BEFORE, after)
        report.check(quiet.problems, f"not noticed: {what}")
    quiet = Counting()
    invariants.later(quiet, BEFORE, BEFORE | {"lastStatus": "STOPPING", "stoppingAt": 20, "version": 5})
    report.equal(quiet.problems, [], "a task that goes on")
    fine = {"__type": "ClusterNotFoundException", "message": "Cluster not found."}
    report.equal(found(fine, 400, HEADERS | {"x-amzn-errortype": fine["__type"]}), [], "a good error")
    report.check(found(GOOD, headers={"content-type": "application/json", "x-amzn-requestid": "1"}), "content type")
    report.check(found(GOOD, headers={"content-type": "application/x-amz-json-1.1"}), "no request id")
    report.equal(Report().code(), 1, "exit code of a check of nothing")
