#!/usr/bin/env python3
"""Looking: from the fleet to one task and back, and without a screen, on each AWS in the same way.

Expects AWS's usual environment variables to point to the AWS that `--cloud` names; one that is not the embedded
one is empty as yet, and is filled first.
"""

import argparse
import json
import re

from clouds import BROKEN, CLOUDS, fill
from console import Wharf, row_with, until


def counts(service):
    return f"{service['runningCount']}/{service['desiredCount']}"


def check_document(wharf, cloud):
    """wharf and boto3 count the same, and a target that is not there is not understood."""
    shown = wharf.document("status", cloud.service.environment, ends=(0, 1))
    assert shown["complete"], shown["errors"]
    services = {service["path"]: service for service in shown["services"]}
    for theirs in (cloud.service, *cloud.beside):
        mine, now = services[theirs.path], theirs.now()
        assert mine["arn"] == now["serviceArn"], mine
        for count in ("desired", "running", "pending"):
            assert mine[count] == now[f"{count}Count"], f"{theirs.path}: {count} is {mine[count]}, boto3 sees {now}"
    zones = {zone for service in shown["services"] for zone in service["zones"]}
    if "tasks" not in cloud.lacks:
        assert (len(zones) > 1) != ("zones" in cloud.lacks), f"{zones}, lacking is {cloud.lacks}"
    paths = [line.split("\t")[0] for line in wharf.said("tenants").stdout.splitlines()]
    assert cloud.service.path in paths and cloud.protected.path in paths, paths
    assert wharf.said("status", "nobody/nowhere").returncode == 2


def check_way_in(wharf, cloud):
    """Fleet, environment, service, task and back, each showing what boto3 sees."""
    service = cloud.service
    tasks = counts(service.now())
    with wharf.console() as console:
        console.shows("the environment", lambda screen: row_with(screen, service.environment))
        console.filter(service.environment)
        console.shows("its row alone", lambda screen: "1 row fits" in screen and row_with(screen, service.environment))
        console.press("Enter")
        console.at(service.environment)
        console.shows("the service's tasks", lambda screen: row_with(screen, f" {service.name} ", f" {tasks} "))
        console.filter(service.name)
        console.press("Enter")
        console.at(service.path)
        console.has("TASKS BY ZONE", "DEPLOYMENTS", "PRIMARY", f"{tasks} tasks")
        if "tasks" not in cloud.lacks:
            check_task(console, service)
        check_lacks(console, cloud)
        check_images_and_logs(console, cloud)
        console.press("q")
        console.at(service.environment)
        console.press("q")
        console.at("fleet")
        console.press("Escape")
        console.shows("all rows", lambda screen: "esc all rows" not in screen)
        console.leave()


def check_task(console, service):
    """Each running task stands on the service's screen, and the first opens."""
    tasks = service.tasks()
    console.has(*(f" {task[:8]} " for task in tasks))
    # Whoever is faster than AWS has a line further down selected: the tasks came in above it.
    console.has("enter open")
    console.press("Enter")
    screen = console.shows("a task", lambda screen: any(f" {task}\n" in screen for task in tasks))
    assert "RUNNING" in screen and "CONTAINERS" in screen, screen
    console.press("q")
    console.at(service.path)


def check_images_and_logs(console, cloud):
    """The service's images lead to where they run, and its logs to its lines, or to why there are none."""
    place = cloud.service.path
    console.press("i")
    console.at(place)
    tag = "v2.9.3" if cloud.name == "demo" else "v1"
    console.shows("the image's row", lambda screen: row_with(screen, tag, "–") or row_with(screen, tag, "MB"))
    console.press("q")
    console.has("DEPLOYMENTS", "PRIMARY")
    # With a task selected its own logs would open.
    console.press("q")
    console.at(cloud.service.environment)
    console.press("Enter")
    console.at(place)
    console.has("DEPLOYMENTS", "PRIMARY")
    console.press("l")
    if "tasks" in cloud.lacks:
        console.has("logs")
    elif cloud.name == "demo":
        console.has("following", "lines of")
    else:
        screen = console.shows("three lines of each of two", lambda screen: enough(said(screen), of=2, each=3))
        for container, numbers in said(screen).items():
            expected = list(range(numbers[0], numbers[0] + len(numbers)))
            assert numbers == expected, f"{container} wrote {numbers}: {screen}"
    console.press("q")
    console.has("DEPLOYMENTS", "PRIMARY")


def said(text):
    """The numbers of the lines in `text`, by the container that our Docker Engine lets write them."""
    numbers = {}
    for container, number in re.findall(r"(\w{12}) says line (\d+)", text):
        numbers.setdefault(container, []).append(int(number))
    return numbers


def enough(numbers, of, each):
    return len(numbers) == of and all(len(lines) >= each for lines in numbers.values())


def check_lines(wharf, service):
    """Without a screen the lines are those that boto3 sees, each once."""
    before = service.lines()
    done = wharf.said("logs", service.path, "--since", "1h", "--json")
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    ours, after = [(line["stream"], line["message"]) for line in lines], service.lines()
    assert before and set(before) <= set(ours) <= set(after), f"{ours}, where boto3 sees first {before}, then {after}"
    assert len(set(ours)) == len(ours), f"{len(ours)} lines, {len(set(ours))} of them different"


def check_lacks(console, cloud):
    """Every operation that this AWS lacks is named with what it answers, and no other is."""
    operations = {name: how for name, how in cloud.lacks.items() if name[0].isupper()}
    if not operations:
        assert "errors (" not in console.screen(), console.screen()
        return
    console.has(f"! errors ({len(operations)})")
    console.press("!")
    for name, how in operations.items():
        console.has(name, how)
    console.press("q")
    console.at(cloud.service.path)


def check_failed_rollout(wharf):
    """A rollout that the circuit breaker gave up is failing, and its dead tasks are named with their exit code."""

    environment = BROKEN.environment

    def asked():
        return wharf.document("status", environment, ends=(0, 1))["services"][0]

    service = until("the rollout to fail", lambda service: service["health"]["state"] == "FAILING", asked)
    failed = [deployment for deployment in service["deployments"] if deployment["rollout"] == "FAILED"]
    assert failed and failed[0]["failed"] >= 3, service["deployments"]
    assert wharf.said("status", environment).returncode == 1
    died = wharf.said("logs", environment, "--since", "1h")
    assert died.returncode == 0 and len(said(died.stdout)) >= 3, f"{died.returncode}: {died.stdout}{died.stderr}"
    with wharf.console() as console:
        console.filter(environment)
        console.shows("the failing environment", lambda screen: row_with(screen, "FAILING", environment))
        console.press("Enter")
        console.at(environment)
        console.press("Enter")
        console.has("STOPPED WITHIN THE LAST HOUR", "error (exit 1)", "EssentialContainerExited")
        console.leave()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wharf", required=True, help="the binary")
    parser.add_argument("--cloud", required=True, choices=CLOUDS)
    given = parser.parse_args()
    wharf, cloud = Wharf(given.wharf), CLOUDS[given.cloud]
    if cloud.name != "demo":
        fill(cloud)
    check_document(wharf, cloud)
    check_way_in(wharf, cloud)
    if cloud.name == "ministack":
        check_lines(wharf, cloud.service)
        check_failed_rollout(wharf)
    lacking = "; ".join(f"{name}: {how}" for name, how in cloud.lacks.items())
    print(f"looking at {cloud.name} is well; it lacks {lacking or 'nothing'}")


if __name__ == "__main__":
    main()
