#!/usr/bin/env python3
"""The embedded AWS as the AWS CLI sees it, held against what wharf says of it.

Expects AWS's usual environment variables to point to a running `wharf demo-server`.
"""

import argparse
import json
import subprocess


def said(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def aws(*arguments):
    code, out, err = said("aws", *arguments, "--output", "json")
    assert code == 0, f"aws {' '.join(arguments)}: {err}"
    return json.loads(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wharf", required=True, help="the binary")
    wharf = parser.parse_args().wharf

    code, out, err = said(wharf, "status", "--json")
    assert code == 1, f"the story has services in trouble, but status ended with {code}: {err}"
    shown = {service["arn"]: service for service in json.loads(out)["services"]}

    caller = aws("sts", "get-caller-identity")
    assert caller["Account"] == "111122223333", caller
    listed = set()
    for cluster in aws("ecs", "list-clusters")["clusterArns"]:
        arns = aws("ecs", "list-services", "--cluster", cluster)["serviceArns"]
        listed.update(arns)
        for start in range(0, min(len(arns), 10), 10):
            batch = arns[start : start + 10]
            described = aws("ecs", "describe-services", "--cluster", cluster, "--services", *batch)
            assert described["failures"] == [], described["failures"]
            for service in described["services"]:
                mine = shown[service["serviceArn"]]
                counts = [mine[count] for count in ("desired", "running", "pending")]
                theirs = [service[f"{count}Count"] for count in ("desired", "running", "pending")]
                assert counts == theirs, f"{service['serviceArn']}: wharf {counts}, aws {theirs}"
    assert listed == set(shown), f"only one of the two names {sorted(listed ^ set(shown))}"

    code, _, err = said("aws", "ecs", "list-services", "--cluster", "nowhere")
    assert code != 0 and "ClusterNotFoundException" in err, err
    print(f"the AWS CLI and wharf agree on {len(listed)} services")


if __name__ == "__main__":
    main()
