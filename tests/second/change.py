#!/usr/bin/env python3
"""Changing: scale, redeploy and undo on the console and without it, each seen by boto3, on each AWS in the same way.

Expects AWS's usual environment variables to point to the AWS that `--cloud` names, with its services in it.
"""

import argparse
import os
import signal
import subprocess
import time

from clouds import BROKEN, CLOUDS, push, stable
from console import DEADLINE, Wharf

# How a verb ends.
DONE, NOT_UNDERSTOOD, REFUSED, UNREAD = 0, 2, 3, 5
# What the console says below a plan that `y` confirms, and of a step that AWS took.
YES, TAKEN = "y carries it out", "1 done"
# Seconds within which wharf ends once it is told to.
ENDING = 10


def opened(console, service):
    """Opens a service from the fleet."""
    console.filter(service.environment)
    console.press("Enter")
    console.at(service.environment)
    console.filter(service.name)
    console.press("Enter")
    console.at(service.path)
    console.has("DEPLOYMENTS", "PRIMARY")


def planned(console, *texts):
    """Waits for a plan that can be confirmed, with these texts."""

    def fits(screen):
        lines = [line.strip() for line in screen.splitlines()]
        return any(line.startswith("PLAN") for line in lines) and all(text in screen for text in texts)

    return console.shows(f"a plan with {texts}", fits)


def scaled(console, count, *texts):
    """Asks for so many tasks, up to the plan."""
    console.press("S")
    console.has("How many tasks?")
    console.type(str(count))
    console.press("Enter")
    planned(console, "scale", *texts)


def rested(console, cloud):
    """Waits for the end of a change: done, and stable where this AWS lets anything become stable; then boto3 agrees."""
    console.has(TAKEN)
    if "settling" not in cloud.lacks:
        console.shows("that it is stable", lambda screen: "stable" in screen.replace("not stable", ""))
        agreed(cloud.service)


def agreed(service):
    """The waiters of boto3 and of the AWS CLI find the service stable; wharf said so, so they need not wait."""
    stable(service.cluster, service.name)
    asked = ["aws", "ecs", "wait", "services-stable", "--cluster", service.cluster, "--services", service.name]
    start = time.monotonic()
    assert subprocess.run(asked, check=False, timeout=DEADLINE).returncode == 0, "the CLI's waiter failed"
    assert time.monotonic() - start < 15, "wharf said that it was stable before it was"


def state(service):
    """What a change of ours changes."""
    now = service.now()
    return now["desiredCount"], service.primary()["id"]


def check_scale_and_undo(wharf, cloud):
    """From 2 to 3 and back, and boto3 sees each; a scale is no deployment."""
    service = cloud.service
    before = state(service)
    assert before[0] == 2, before
    with wharf.console() as console:
        opened(console, service)
        scaled(console, 3, YES)
        assert state(service) == before, "it was changed before it was confirmed"
        console.press("y")
        service.wants(3)
        rested(console, cloud)
        assert state(service) == (3, before[1])
        console.press("U")
        planned(console, service.path, YES)
        assert state(service) == (3, before[1]), "it was undone before it was confirmed"
        console.press("y")
        service.wants(2)
        rested(console, cloud)
        console.leave()
    assert state(service) == before


def check_redeploy(wharf, cloud):
    """One new deployment, of the same definition and for as many tasks."""
    service = cloud.service
    before, old = state(service), service.primary()
    with wharf.console() as console:
        opened(console, service)
        console.press("R")
        planned(console, "redeploy", YES)
        assert state(service) == before, "it was changed before it was confirmed"
        console.press("y")
        new = service.deploys(after=old)
        assert new["taskDefinition"] == old["taskDefinition"], new
        rested(console, cloud)
        console.leave()
    assert state(service) == (before[0], new["id"]), "it was deployed twice"


def check_second_thoughts(wharf, cloud):
    """`enter` alone confirms nothing, and a plan that is left changes nothing."""
    service = cloud.service
    before = state(service)
    with wharf.console() as console:
        opened(console, service)
        console.press("R")
        planned(console, "redeploy", YES)
        console.press("Enter")
        planned(console, "redeploy")
        console.press("Escape")
        console.at(service.path)
        console.has("DEPLOYMENTS", "PRIMARY")
        console.leave()
    assert state(service) == before


def check_words(wharf, cloud):
    """What is protected loses a task only after its environment was typed."""
    service = cloud.protected
    before = state(service)
    fewer = before[0] - 1
    with wharf.console() as console:
        opened(console, service)
        scaled(console, fewer, f"type {service.environment}, then enter")
        console.type("y")
        console.press("Enter")
        console.has("not confirmed", service.environment)
        assert state(service) == before, "`y` was enough"
        console.press("C-u")
        console.type(service.environment)
        console.press("Enter")
        service.wants(fewer)
        console.has(TAKEN)
        console.leave()
    assert state(service) == (fewer, before[1])


def check_moved_tag(wharf, cloud):
    """A tag that stands for another image by now is seen before a redeploy brings that to production."""
    service = cloud.protected
    before = state(service)
    moved = push("web", "v1", "with something else in it")
    try:
        with wharf.console() as console:
            opened(console, service)
            console.press("R")
            planned(console, moved[:14], f"type {service.environment}, then enter")
            console.press("Escape")
            console.at(service.path)
            console.leave()
    finally:
        push("web", "v1")
    assert state(service) == before


def check_failing_redeploy(wharf):
    """A redeploy that AWS took and whose tasks crash is done, and not stable."""
    old = BROKEN.primary()
    with wharf.console() as console:
        opened(console, BROKEN)
        console.press("R")
        planned(console, "redeploy", YES)
        console.press("y")
        BROKEN.deploys(after=old)
        console.has(TAKEN, "not stable")
        console.leave()


def check_guards(wharf, cloud):
    """What is not confirmed, not understood or not allowed changes nothing; the exit code says which it was."""
    service, protected = cloud.service, cloud.protected
    before = state(service), state(protected)
    for ends, *arguments in [
        (DONE, "scale", service.path, "--to", "5", "--dry-run"),
        (REFUSED, "scale", service.path, "--to", "5"),
        (REFUSED, "scale", service.path, "--to", "5", "--yes", "--read-only"),
        (REFUSED, "scale", protected.path, "--to", "0", "--yes"),
        (REFUSED, "scale", protected.path, "--to", "0", "--confirm", "nobody/nowhere"),
        (NOT_UNDERSTOOD, "scale", service.path, "--to", "many", "--yes"),
        (NOT_UNDERSTOOD, "redeploy", "nobody/nowhere", "--yes"),
    ]:
        done = wharf.said(*arguments)
        assert done.returncode == ends, f"{arguments} ended with {done.returncode}: {done.stdout}{done.stderr}"
        assert done.stdout or done.stderr, f"{arguments} ended with {ends} and without a word"
    assert (state(service), state(protected)) == before


def check_unread(wharf, cloud):
    """With nobody there to ask nothing is claimed."""
    nowhere = os.environ | {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    asked = [wharf.path, "redeploy", cloud.service.path, "--yes"]
    done = subprocess.run(asked, env=nowhere, check=False, capture_output=True, text=True, timeout=DEADLINE)
    assert done.returncode == UNREAD, f"ended with {done.returncode}: {done.stdout}{done.stderr}"


def check_headless(wharf, cloud):
    """A scale and a redeploy without a screen; what is so already is no failure."""
    service = cloud.service
    before, old = state(service), service.primary()
    assert before[0] == 2, before
    path = service.path
    carried_out(wharf, cloud, "scale", path, "--to", "+1", "--yes", seen=lambda: service.wants(3))
    assert wharf.said("scale", path, "--to", "3", "--yes").returncode == DONE, "already so is no failure"
    carried_out(wharf, cloud, "redeploy", path, "--yes", "--reason", "why not", seen=lambda: service.deploys(after=old))
    words = service.environment
    carried_out(wharf, cloud, "scale", path, "--to", "2", "--confirm", words, seen=lambda: service.wants(2))


def carried_out(wharf, cloud, *arguments, seen):
    """Runs a verb that ends well once boto3 has `seen` it; where nothing settles, it is told to end by then."""
    command = [wharf.path, *arguments, "--json"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        seen()
        told = time.monotonic()
        if "settling" in cloud.lacks:
            running.send_signal(signal.SIGTERM)
            running.communicate(timeout=DEADLINE)
            assert time.monotonic() - told < ENDING, f"{arguments} took too long to end"
            return
        out, err = running.communicate(timeout=DEADLINE)
        assert running.returncode == DONE, f"{arguments} ended with {running.returncode}: {out}{err}"
        assert '"done"' in out, out
        agreed(cloud.service)
    finally:
        running.kill()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wharf", required=True, help="the binary")
    parser.add_argument("--cloud", required=True, choices=CLOUDS)
    given = parser.parse_args()
    wharf, cloud = Wharf(given.wharf), CLOUDS[given.cloud]
    for check in (
        check_second_thoughts,
        check_scale_and_undo,
        check_redeploy,
        check_words,
        check_guards,
        check_unread,
        check_headless,
    ):
        start = time.monotonic()
        check(wharf, cloud)
        print(f"{cloud.name}: {check.__doc__.splitlines()[0]} ({time.monotonic() - start:.0f} s)", flush=True)
    # Only here both: images of our own, and tasks that say which they run.
    if cloud.name == "ministack":
        check_moved_tag(wharf, cloud)
        check_failing_redeploy(wharf)


if __name__ == "__main__":
    main()
