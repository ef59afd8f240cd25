#!/usr/bin/env python3
"""AWS's own waiters, of its CLI and of boto3, against an AWS in which rollouts take their time.

Expects AWS's usual environment variables to point to the AWS that `--cloud` names, with its services in it.
"""

import argparse
import subprocess

import boto3

from clouds import CLOUDS, stable
from console import DEADLINE


def check_changes_of_boto3(cloud):
    """They pass after a scale and after a redeploy, not before these have come to rest, and find what was wished."""
    grown, renewed = cloud.beside
    ecs = boto3.client("ecs")
    before = [service.primary() for service in (grown, renewed)]
    count = grown.now()["desiredCount"] + 1
    ecs.update_service(cluster=grown.cluster, service=grown.name, desiredCount=count)
    ecs.update_service(cluster=renewed.cluster, service=renewed.name, forceNewDeployment=True)
    grown.wants(count)
    after = [grown.primary(), renewed.deploys(before[1])]
    assert len(renewed.now()["deployments"]) > 1, "the rollout took no time"
    # The CLI looks every 15 s; meanwhile boto3 looks every second.
    names = [grown.name, renewed.name]
    asked = ["aws", "ecs", "wait", "services-stable", "--cluster", grown.cluster, "--services", *names]
    waiting = subprocess.Popen(asked)
    stable(grown.cluster, *names)
    for service in (grown, renewed):
        now = service.now()
        assert now["runningCount"] == now["desiredCount"] and now["pendingCount"] == 0, now
        assert len(now["deployments"]) == 1, now["deployments"]
        tasks = service.tasks()
        assert len(tasks) == now["desiredCount"], tasks
        often = {"Delay": 1, "MaxAttempts": 60}
        ecs.get_waiter("tasks_running").wait(cluster=service.cluster, tasks=tasks, WaiterConfig=often)
    assert before[0]["id"] == after[0]["id"] == grown.primary()["id"], "a scale is no deployment"
    assert renewed.primary()["id"] == after[1]["id"], "it was deployed twice"
    assert waiting.wait(timeout=DEADLINE) == 0, "the CLI's waiter failed"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cloud", required=True, choices=CLOUDS)
    check_changes_of_boto3(CLOUDS[parser.parse_args().cloud])
    print("boto3's and the AWS CLI's waiters pass after changes that boto3 made")


if __name__ == "__main__":
    main()
