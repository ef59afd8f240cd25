#!/usr/bin/env python3
"""`aws logs tail --follow` of the AWS CLI 2, boto3 and `wharf logs --follow` see the same lines of the embedded AWS.

Expects AWS's usual environment variables to point to a running `wharf demo-server`.
"""

import argparse
import json
import os
import re
import signal
import time
from datetime import datetime

import boto3

from clouds import CLOUDS
from logs import DEADLINE, Follower

# A line of the CLI's begins so; what does not goes on with the one before.
BEGINNING = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00) (\S+) (.*)", re.DOTALL)
# Lines that boto3 puts into each stream at a time, and how many times.
LINES, TIMES = 20, 3
# Seconds before now by which every line has arrived (the demo's latest take 20), and how far back is compared.
ARRIVED, BACK = 25, 200


def of_wharf(text):
    """A line of wharf's as (milliseconds, stream, message)."""
    line = json.loads(text)
    return milliseconds(line["time"]), line["stream"], line["message"].rstrip()


def of_cli(texts):
    """Lines of the CLI's, each as (milliseconds, stream, message)."""
    lines = []
    for text in texts:
        if found := BEGINNING.match(text):
            lines.append([milliseconds(found[1]), found[2], found[3]])
        else:
            lines[-1][2] += text
    return [(at, stream, message.rstrip()) for at, stream, message in lines]


def milliseconds(text):
    return round(datetime.fromisoformat(text).timestamp() * 1000)


class Put:
    """Lines that boto3 puts into streams.

    The CLI asks again only from the newest timestamp that it has seen, and so loses what arrives after a newer line:
    with the demo's own lines that happens all the time. These are dated a little ahead, so that nothing newer has been
    seen when they arrive, and each is later than the one before.
    """

    AHEAD = 5_000

    def __init__(self, logs, group, streams):
        self.logs, self.group, self.streams = logs, group, streams
        self.at, self.lines = 0, []

    def some(self):
        """Puts `LINES` into each stream, the last of them into the last."""
        for stream in self.streams:
            self.at = max(self.at, int(time.time() * 1000) + self.AHEAD)
            events = []
            for _ in range(LINES):
                self.at += 1
                events.append({"timestamp": self.at, "message": f"boto3 says {len(self.lines)}"})
                self.lines.append((self.at, stream, events[-1]["message"]))
            answer = self.logs.put_log_events(logGroupName=self.group, logStreamName=stream, logEvents=events)
            assert "rejectedLogEventsInfo" not in answer, answer


def gather(follower, lines, last):
    """What `follower` prints until `last` is among it."""
    end = time.monotonic() + DEADLINE
    while not lines or last not in lines[-1]:
        assert time.monotonic() < end, f"no line has {last!r} after {DEADLINE} s"
        lines.append(follower.next())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wharf", required=True, help="the binary")
    parser.add_argument("--aws", required=True, help="the AWS CLI 2: version 1 has no `logs tail`")
    given = parser.parse_args()

    logs, service = boto3.client("logs"), CLOUDS["demo"].service
    group, tasks = f"/ecs/{service.cluster}-{service.name}", service.tasks()
    found = logs.get_paginator("describe_log_streams").paginate(logGroupName=group)
    names = [stream["logStreamName"] for page in found for stream in page["logStreams"]]

    def of(tasks):
        return sorted(name for name in names if name.rpartition("/")[2] in tasks)

    # Those of tasks that ECS has forgotten wharf knows nothing of.
    streams = of(tasks + service.tasks("STOPPED"))
    assert len(of(tasks)) >= len(tasks) > 1, (names, tasks)
    put = Put(logs, group, of(tasks))

    began = int(time.time() * 1000)
    tail = (given.aws, "logs", "tail", group, "--since", "5m", "--format", "detailed")
    # It is a Python program that does not flush what it prints.
    os.environ["PYTHONUNBUFFERED"] = "1"
    cli = Follower(*tail, "--endpoint-url", os.environ["AWS_ENDPOINT_URL"])
    with cli, Follower(given.wharf, "logs", service.path, "--since", "5m", "--json") as wharf:
        theirs, ours = [cli.next()], [wharf.next()]
        for _ in range(TIMES):
            put.some()
            last = f"boto3 says {len(put.lines) - 1}"
            gather(cli, theirs, last)
            gather(wharf, ours, last)
        # It knows no other end than a signal; the one of ctrl-c is ignored by what runs in the background.
        cli.running.terminate()
        cli.running.wait(timeout=10)
        wharf.ends(signal.SIGTERM)
        theirs, ours = of_cli(theirs + cli.rest()), [of_wharf(line) for line in ours + wharf.rest()]

    for who, lines in [("the CLI", theirs), ("wharf", ours)]:
        assert len(set(lines)) == len(lines), f"{who} prints {len(lines)} lines, {len(set(lines))} of them different"
        mine = [line for line in lines if line[2].startswith("boto3 says")]
        assert sorted(mine) == put.lines, f"{who} prints {len(mine)} of boto3's {len(put.lines)} lines"
    # All that was there when both began; what came later the CLI may have lost.
    begin, end = began - BACK * 1000, began - ARRIVED * 1000
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, logStreamNames=streams, startTime=begin, endTime=end
    )
    events = [event for page in pages for event in page["events"]]
    boto = {(event["timestamp"], event["logStreamName"], event["message"].rstrip()) for event in events}
    there = [{line for line in lines if begin <= line[0] <= end and line[1] in streams} for lines in (theirs, ours)]
    assert boto, "there is nothing to compare"
    for who, lines in zip(("the CLI", "wharf"), there, strict=True):
        assert lines == boto, f"{who} and boto3 differ by {sorted(lines ^ boto)[:5]}"
    print(f"aws logs tail --follow, boto3 and wharf see the same {len(boto)} lines, and {len(put.lines)} put meanwhile")


if __name__ == "__main__":
    main()
