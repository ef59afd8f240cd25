#!/usr/bin/env python3
"""`wharf logs --follow` beside boto3, which puts lines while it runs.

On moto: 600 lines, some of them late, each exactly once. The service is made for it and has no task: its lines are
found by the stream prefix of its task definition. On the demo: a line in a task's own stream, within five seconds,
and wharf and boto3 see the same lines. Expects AWS's usual environment variables to point to the AWS that `--cloud` names.
"""

import argparse
import json
import queue
import signal
import subprocess
import threading
import time

import boto3

from clouds import CLOUDS

CLUSTER, SERVICE, GROUP, STREAM = "logs", "initech-staging-web", "/ecs/initech", "web/web/0123456789abcdef"
LINES, DEADLINE = 600, 60


def made():
    """A service without a task, and its log."""
    ecs, logs = boto3.client("ecs"), boto3.client("logs")
    options = {"awslogs-group": GROUP, "awslogs-region": "us-east-1", "awslogs-stream-prefix": "web"}
    container = {
        "name": "web",
        "image": "web:v1",
        "cpu": 128,
        "memory": 128,
        "logConfiguration": {"logDriver": "awslogs", "options": options},
    }
    definition = ecs.register_task_definition(family=SERVICE, containerDefinitions=[container])["taskDefinition"]
    ecs.create_cluster(clusterName=CLUSTER)
    ecs.create_service(
        cluster=CLUSTER,
        serviceName=SERVICE,
        taskDefinition=definition["taskDefinitionArn"],
        desiredCount=0,
        launchType="EC2",
        tags=[{"key": "tenant", "value": "initech"}, {"key": "environment", "value": "staging"}],
    )
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_stream(logGroupName=GROUP, logStreamName=STREAM)
    return logs


def put(logs, numbers, late):
    """Puts the lines of these numbers, written `late` seconds ago."""
    now = int(time.time() * 1000) - late * 1000
    events = [{"timestamp": now, "message": f"line {number:03} \x1b[31mred"} for number in numbers]
    logs.put_log_events(logGroupName=GROUP, logStreamName=STREAM, logEvents=events)


class Follower:
    """A command that follows logs, and the lines that it has printed."""

    def __init__(self, *command):
        self.running = subprocess.Popen([*command, "--follow"], stdout=subprocess.PIPE, text=True)
        self.said = queue.Queue()
        self.reading = threading.Thread(target=lambda: [self.said.put(line) for line in self.running.stdout], daemon=True)
        self.reading.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.running.kill()

    def next(self):
        return self.said.get(timeout=DEADLINE)

    def ends(self, how=signal.SIGTERM):
        self.running.send_signal(how)
        ended = self.running.wait(timeout=10)
        assert ended == 0, f"it ended with {ended} when it was told to end"

    def rest(self):
        """What it had printed besides by the time it ended."""
        self.reading.join(timeout=10)
        return [self.said.get() for _ in range(self.said.qsize())]


def check_moto(wharf):
    logs = made()
    with Follower(wharf, "logs", f"initech/staging/{SERVICE}") as follower:
        # The first line shows that it follows.
        put(logs, [0], 0)
        seen = [follower.next()]
        for start in range(1, LINES, 50):
            numbers = range(start, min(start + 50, LINES))
            put(logs, [number for number in numbers if number % 3], 0)
            put(logs, [number for number in numbers if number % 3 == 0], 20)
        while len(seen) < LINES:
            seen.append(follower.next())
        follower.ends()
        seen += follower.rest()
    numbers = sorted(int(line.split("line ")[1][:3]) for line in seen)
    assert numbers == list(range(LINES)), f"{len(numbers)} lines, {len(set(numbers))} of them different"
    assert all("\x1b" not in line and "\u241b[31mred" in line for line in seen), seen[0]
    print(f"{LINES} lines, each once, though a third of them came 20 s late")


def check_demo(wharf):
    logs, service = boto3.client("logs"), CLOUDS["demo"].service
    group, task = f"/ecs/{service.cluster}-{service.name}", service.tasks()[0]
    streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
    stream = next(stream["logStreamName"] for stream in streams if stream["logStreamName"].endswith(task))
    with Follower(wharf, "logs", service.path, "--since", "10s") as follower:
        follower.next()
        put_at = time.monotonic()
        event = {"timestamp": int(time.time() * 1000), "message": "boto3 was here"}
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[event])
        while "boto3 was here" not in follower.next():
            pass
        took = time.monotonic() - put_at
        assert took < 5, f"the line took {took:.1f} s"
        follower.ends()
    # What lies so far back has arrived, late lines too.
    until = int(time.time()) - 40
    said = subprocess.run([wharf, "logs", service.path, "--since", "10m", "--json"], capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    lines = [json.loads(line) for line in said.stdout.splitlines()]
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, startTime=(until - 300) * 1000, endTime=until * 1000
    )
    theirs = {event["eventId"] for page in pages for event in page["events"]}
    ours = {line["id"] for line in lines}
    assert theirs and theirs <= ours, f"wharf lacks {len(theirs - ours)} of {len(theirs)} lines"
    print(f"a line of boto3's after {took:.1f} s; {len(theirs)} lines that boto3 sees, wharf sees too")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wharf", required=True, help="the binary")
    parser.add_argument("--cloud", required=True, choices=("demo", "moto"))
    given = parser.parse_args()
    {"demo": check_demo, "moto": check_moto}[given.cloud](given.wharf)


if __name__ == "__main__":
    main()
