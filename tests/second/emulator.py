#!/usr/bin/env python3
"""wharf against moto, an AWS that nobody here wrote: it shows every service, and survives what moto lacks.

Expects AWS's usual environment variables to point to a running, empty `moto_server`.
"""

import argparse
import json
import subprocess
from collections import Counter

import boto3

from console import Console

# Services of a cluster: around the sizes of batches (10) and of pages (100).
SIZES = [0, 1, 9, 10, 11, 101, 250]

# What moto answers with a web page and status 500, and what it lacks besides.
LACKS = {
    "ListServiceDeployments": "not implemented: HTTP 500 with a web page",
    "tasks of services": "CreateService starts none: every service stays at none of one",
    "events": "always empty",
}


def fill():
    """Clusters of all sizes, with services that want one task each."""
    ecs = boto3.client("ecs")
    container = {"name": "web", "image": "web:v1", "memory": 128}
    ecs.register_task_definition(family="web", containerDefinitions=[container])
    for size in SIZES:
        ecs.create_cluster(clusterName=f"load{size}")
        for number in range(size):
            name = f"web{number}"
            ecs.create_service(cluster=f"load{size}", serviceName=name, taskDefinition="web", desiredCount=1)


def said(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False)


def check_document(wharf):
    """Every service of every cluster is in the document, once."""
    done = said(wharf, "status", "--json")
    assert done.returncode in (0, 1), f"status ended with {done.returncode}: {done.stderr}"
    document = json.loads(done.stdout)
    assert document["complete"] and document["errors"] == [], document["errors"]
    named = [(service["cluster"].rsplit("/", 1)[-1], service["name"]) for service in document["services"]]
    expected = [(f"load{size}", f"web{number}") for size in SIZES for number in range(size)]
    assert sorted(named) == sorted(expected), f"differs by {set(named) ^ set(expected)}"
    assert all(service["desired"] == 1 for service in document["services"])
    return Counter(cluster for cluster, _ in named)


def check_tenants(wharf):
    """One line a service, its first column a path of three parts without spaces."""
    done = said(wharf, "tenants")
    assert done.returncode == 0, done.stderr
    paths = [line.split("\t")[0] for line in done.stdout.splitlines()]
    assert len(set(paths)) == sum(SIZES), len(set(paths))
    assert all(path.count("/") == 2 and " " not in path for path in paths), paths[:3]
    one = said(wharf, "status", "--json", paths[0])
    assert [service["path"] for service in json.loads(one.stdout)["services"]] == paths[:1], one.stderr


def row_of(screen, size):
    """Whether a row says that `size` tasks are wanted in that cluster, whose tenant is a guess."""
    return any(f"~load{size}/unknown " in line and f"0/{size} " in line for line in screen.splitlines())


def check_console(wharf):
    """The console shows the counts, and says what moto lacks without losing a step."""
    with Console(wharf) as console:
        for size in SIZES[1:]:
            console.shows(f"{size} tasks wanted in load{size}", lambda screen: row_of(screen, size))
        console.press("g", "g", "Enter")
        console.shows("the one service", lambda screen: "SERVICE" in screen and "web0" in screen)
        console.press("Enter")
        console.shows("the error that moto's web page is", lambda screen: "errors (" in screen)
        console.press("!")
        console.shows("what moto lacks", lambda screen: "ListServiceDeployments" in screen and "web page" in screen)
        console.press("q")
        console.shows("the service again", lambda screen: "web0" in screen)
        console.press("C-c")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wharf", required=True, help="the binary")
    wharf = parser.parse_args().wharf
    fill()
    counts = check_document(wharf)
    check_tenants(wharf)
    check_console(wharf)
    print(f"wharf shows all of {sum(counts.values())} services; known gaps of moto: {', '.join(LACKS)}")


if __name__ == "__main__":
    main()
