#!/usr/bin/env python3
"""Clusters of many sizes in moto: wharf shows every service of them, however many calls that takes.

Expects AWS's usual environment variables to point to a running `moto_server`, which is emptied first.
"""

import argparse
import os
import urllib.request
from collections import Counter

import boto3

from console import Wharf, row_with

# Services of a cluster: around the sizes of batches (10) and of pages (100).
SIZES = [0, 1, 9, 10, 11, 101, 250]


def fill():
    """Clusters of all sizes, with services that want one task each."""
    urllib.request.urlopen(urllib.request.Request(f"{os.environ['AWS_ENDPOINT_URL']}/moto-api/reset", method="POST"))
    ecs = boto3.client("ecs")
    container = {"name": "web", "image": "web:v1", "memory": 128}
    ecs.register_task_definition(family="web", containerDefinitions=[container])
    for size in SIZES:
        ecs.create_cluster(clusterName=f"load{size}")
        for number in range(size):
            name = f"web{number}"
            ecs.create_service(cluster=f"load{size}", serviceName=name, taskDefinition="web", desiredCount=1)


def check_document(wharf):
    """Every service of every cluster is in the document, once."""
    document = wharf.document("status", ends=(0, 1))
    assert document["complete"] and document["errors"] == [], document["errors"]
    named = [(service["cluster"].rsplit("/", 1)[-1], service["name"]) for service in document["services"]]
    expected = [(f"load{size}", f"web{number}") for size in SIZES for number in range(size)]
    assert sorted(named) == sorted(expected), f"differs by {set(named) ^ set(expected)}"
    assert all(service["desired"] == 1 for service in document["services"])
    return Counter(cluster for cluster, _ in named)


def check_tenants(wharf):
    """One line a service, its first column a path of three parts without spaces."""
    done = wharf.said("tenants")
    assert done.returncode == 0, done.stderr
    paths = [line.split("\t")[0] for line in done.stdout.splitlines()]
    assert len(set(paths)) == sum(SIZES), len(set(paths))
    assert all(path.count("/") == 2 and " " not in path for path in paths), paths[:3]
    one = wharf.document("status", paths[0], ends=(0, 1))
    assert [service["path"] for service in one["services"]] == paths[:1], one


def check_console(wharf):
    """The console shows how many tasks are wanted in each cluster, whose tenant is a guess."""
    with wharf.console() as console:
        for size in SIZES[1:]:
            console.shows(
                f"{size} tasks wanted in load{size}",
                lambda screen: row_with(screen, f"~load{size}/unknown ", f"0/{size} "),
            )
        console.leave()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wharf", required=True, help="the binary")
    wharf = Wharf(parser.parse_args().wharf)
    fill()
    counts = check_document(wharf)
    check_tenants(wharf)
    check_console(wharf)
    print(f"wharf shows all of {sum(counts.values())} services")


if __name__ == "__main__":
    main()
