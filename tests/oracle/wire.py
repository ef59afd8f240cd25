"""Clients whose every answer is held against the model, and requests that no client would send."""

import datetime
import json

import boto3
import botocore.awsrequest
import botocore.auth
import botocore.config
import botocore.credentials
import botocore.httpsession

import shapes

KEY = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")


class Wire:
    """An endpoint, and the report that its answers go into."""

    def __init__(self, endpoint, report):
        self.endpoint = endpoint
        self.report = report
        self.operations = {}

    def client(self, service, region="us-east-1", retry=True, key=KEY):
        """A client of boto3; each raw answer it gets is validated before boto3 itself reads it."""
        config = botocore.config.Config(
            retries={"mode": "standard", "max_attempts": 12 if retry else 1},
            parameter_validation=False,
            connect_timeout=5,
            read_timeout=20,
        )
        client = boto3.session.Session().client(
            service,
            region_name=region,
            endpoint_url=self.endpoint,
            aws_access_key_id=key[0],
            aws_secret_access_key=key[1],
            config=config,
        )

        def received(response_dict, event_name, **_):
            if response_dict is not None:
                operation = event_name.rsplit(".", 1)[-1]
                self.validate(
                    service, operation, response_dict["status_code"], response_dict["headers"], response_dict["body"]
                )

        client.meta.events.register("response-received", received)
        return client

    def validate(self, service, operation, status, headers, body):
        found = list(shapes.answer_faults(service, operation, status, headers, body))
        self.report.check(not found, f"{service} {operation} ({status}): {'; '.join(found[:5])}")
        self.operations[operation] = self.operations.get(operation, 0) + 1

    def raw(self, service, operation, body, target=None, sign=True, scope=None, region="us-east-1"):
        """Sends `body` as it is; gives the status, the headers and the body of the answer."""
        metadata = shapes.model(service).metadata
        headers = {"content-type": "application/x-www-form-urlencoded"}
        if metadata["protocol"] == "json":
            headers = {
                "content-type": f"application/x-amz-json-{metadata['jsonVersion']}",
                "x-amz-target": target or f"{metadata['targetPrefix']}.{operation}",
            }
        request = botocore.awsrequest.AWSRequest("POST", f"{self.endpoint}/", data=body, headers=headers)
        if sign:
            name = scope or metadata.get("signingName", metadata["endpointPrefix"])
            botocore.auth.SigV4Auth(botocore.credentials.Credentials(*KEY), name, region).add_auth(request)
        answer = botocore.httpsession.URLLib3Session(timeout=10).send(request.prepare())
        return answer.status_code, answer.headers, answer.content


def code(body):
    """The code of an error's JSON."""
    try:
        return json.loads(body).get("__type")
    except (ValueError, AttributeError):
        return None


def now():
    return datetime.datetime.now(datetime.timezone.utc)
