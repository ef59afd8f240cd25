#!/usr/bin/env python3
"""A make-believe Docker Engine: it answers as a daemon would and runs nothing.

MiniStack starts the tasks of a service as containers of a Docker Engine, through the Python package `docker`.
With this one behind it, tasks start, run, write log lines and stop, and rollouts take their time, without Docker.
What an image does, its name says: `…bad…` cannot be pulled, `…crash…` ends with code 1, every other one runs.

Only what MiniStack asks of an engine is here; every other request is refused and named on the standard error,
so that a newer MiniStack which wants more fails loudly. It listens on loopback only. The API's reference:
https://docs.docker.com/reference/api/engine/version/v1.45/
"""

import argparse
import hashlib
import json
import re
import struct
import sys
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

# Seconds. MiniStack takes a task for healthy once it has run for one second, so a crash has to come sooner.
PULLING, CRASHING, BETWEEN_LINES = 0.4, 0.2, 1.0
API = "1.45"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


def moment(seconds):
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat().replace("+00:00", "Z")


def manifest(image):
    """The manifest of `image`, as pushed: put into ECR under that name, ECR gives the same digest for it."""
    layer = {"mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip", "size": 1, "digest": sha256(image)}
    config = {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 1, "digest": sha256(image)}
    return json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer]})


def sha256(text):
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


@dataclass
class Container:
    """One container; `ended` is set, and everyone who waits woken, as soon as it no longer runs."""

    id: str
    name: str
    image: str
    labels: dict
    created: float
    started: float | None = None
    finished: float | None = None
    code: int = 0
    ended: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, image):
        self.started = time.time()
        if "crash" in image:
            crash = threading.Timer(CRASHING, self.end, [1])
            crash.daemon = True
            crash.start()

    def end(self, code):
        """Ends it with `code`, if it still runs: whoever comes first says how it ended."""
        with self.lock:
            if self.started and not self.ended.is_set():
                self.code, self.finished = code, time.time()
                self.ended.set()

    def status(self):
        if not self.started:
            return "created"
        return "exited" if self.ended.is_set() else "running"

    def shown(self):
        """What `docker inspect` shows, as far as anybody looks."""
        status = self.status()
        never = "0001-01-01T00:00:00Z"
        return {
            "Id": self.id,
            "Name": f"/{self.name}",
            "Created": moment(self.created),
            "Image": sha256(self.image),
            "Config": {"Image": self.image, "Labels": self.labels, "Tty": False},
            "State": {
                "Status": status,
                "Running": status == "running",
                "ExitCode": self.code,
                "StartedAt": moment(self.started) if self.started else never,
                "FinishedAt": moment(self.finished) if self.finished else never,
            },
            "NetworkSettings": {"IPAddress": "127.0.0.1", "Networks": {}},
        }

    def listed(self):
        """Its row in a list of containers."""
        short = {"Id": self.id, "Names": [f"/{self.name}"], "Image": self.image, "Labels": self.labels}
        return short | {"State": self.status(), "Created": int(self.created)}


class Engine:
    """All containers by id, and for each digest that was given out, the name of its image."""

    def __init__(self):
        self.containers = {}
        self.images = {}

    def named(self, image):
        """The image's own name, where `image` may say `repository@digest`."""
        return self.images.get(image.rpartition("@")[2], image)

    def find(self, key):
        """The container of this id or name; the first characters of an id will do."""
        fits = (c for c in list(self.containers.values()) if c.id.startswith(key) or c.name == key)
        return next(fits, None) if key else None


class Refused(Exception):
    """An answer that says no: its status, and the reason."""


class Handler(BaseHTTPRequestHandler):
    """One connection; a request is led to the function that ROUTES names for it."""

    protocol_version = "HTTP/1.1"
    engine = Engine()

    def log_message(self, *_):
        """Says nothing: MiniStack looks at every container ten times a second."""

    def respond(self):
        url = urlsplit(self.path)
        path = re.sub(r"^/v1\.\d+", "", unquote(url.path))
        self.query = {name: values[0] for name, values in parse_qs(url.query).items()}
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            for method, pattern, answer in ROUTES:
                if method == self.command and (match := re.fullmatch(pattern, path)):
                    return answer(self, *match.groups())
            print(f"not understood: {self.command} {path}", file=sys.stderr, flush=True)
            raise Refused(501, f"this engine has no {self.command} {path}")
        except Refused as refused:
            status, message = refused.args
            return self.say({"message": message}, status)

    do_GET = do_HEAD = do_POST = do_DELETE = respond

    def say(self, document=None, status=200):
        body = b"" if document is None else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    # The engine itself

    def ping(self):
        self.say("OK")

    def version(self):
        self.say({"Version": "0", "ApiVersion": API, "MinAPIVersion": "1.24", "Os": "linux", "Arch": "amd64"})

    # Images. MiniStack asks for the digest behind a tag, pulls by the digest, then tags what it pulled.

    def wanted(self, image, otherwise="manifest for {} not found: manifest unknown: manifest unknown"):
        """The image's own name, if it can be had."""
        name = self.engine.named(image)
        if "bad" in name:
            raise Refused(404, otherwise.format(name))
        return name

    def describe(self, image):
        name = self.wanted(image)
        found = sha256(manifest(name))
        self.engine.images[found] = name
        self.say({"Descriptor": {"mediaType": MANIFEST, "digest": found, "size": 1}, "Platforms": []})

    def pull(self):
        image, tag = self.query["fromImage"], self.query.get("tag", "latest")
        name = self.wanted(f"{image}{'@' if ':' in tag else ':'}{tag}")
        time.sleep(PULLING)
        self.say({"status": f"Status: Downloaded newer image for {name}"})

    def image(self, image):
        name = self.wanted(image, "No such image: {}")
        self.say({"Id": sha256(name), "RepoTags": [name], "Config": {}, "Os": "linux", "Architecture": "amd64"})

    def tag(self, image):
        self.wanted(image)
        self.say(status=201)

    # Containers

    def create(self):
        asked = json.loads(self.body)
        container = Container(
            id=uuid.uuid4().hex * 2,
            name=self.query.get("name", uuid.uuid4().hex),
            image=asked["Image"],
            labels=asked.get("Labels") or {},
            created=time.time(),
        )
        self.engine.containers[container.id] = container
        self.say({"Id": container.id, "Warnings": []}, 201)

    def list(self):
        wanted = json.loads(self.query.get("filters", "{}")).get("label", [])
        all_of_them = self.query.get("all", "0").lower() in ("1", "true")

        def fits(container):
            labels = {f"{name}={value}" for name, value in container.labels.items()} | set(container.labels)
            return labels.issuperset(wanted) and (all_of_them or container.status() == "running")

        self.say([c.listed() for c in list(self.engine.containers.values()) if fits(c)])

    def container(self, key):
        found = self.engine.find(key)
        if found is None:
            raise Refused(404, f"No such container: {key}")
        return found

    def inspect(self, key):
        self.say(self.container(key).shown())

    def start(self, key):
        container = self.container(key)
        container.start(self.engine.named(container.image))
        self.say(status=204)

    def stop(self, key):
        """With code 0, as a program that listens to SIGTERM ends."""
        self.container(key).end(0)
        self.say(status=204)

    def kill(self, key):
        """With code 137: 128 and the number of SIGKILL."""
        self.container(key).end(137)
        self.say(status=204)

    def wait(self, key):
        container = self.container(key)
        container.ended.wait()
        self.say({"StatusCode": container.code})

    def remove(self, key):
        container = self.container(key)
        container.end(137)
        self.engine.containers.pop(container.id, None)
        self.say(status=204)

    def logs(self, key):
        """A line a second for as long as it runs, each in a frame of its own, until the connection is closed."""
        container = self.container(key)
        follow = self.query.get("follow", "0").lower() in ("1", "true")
        self.send_response(200)
        self.send_header("Content-Type", "application/vnd.docker.multiplexed-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        number = 0
        try:
            while True:
                number += 1
                line = f"{container.id[:12]} says line {number}\n".encode()
                self.wfile.write(struct.pack(">BxxxL", 1, len(line)) + line)
                if not follow or container.ended.wait(BETWEEN_LINES):
                    return
        except OSError:
            """Whoever read them has left."""


ROUTES = [
    ("GET", "/_ping", Handler.ping),
    ("HEAD", "/_ping", Handler.ping),
    ("GET", "/version", Handler.version),
    ("GET", "/distribution/(.+)/json", Handler.describe),
    ("POST", "/images/create", Handler.pull),
    ("GET", "/images/(.+)/json", Handler.image),
    ("POST", "/images/(.+)/tag", Handler.tag),
    ("POST", "/containers/create", Handler.create),
    ("GET", "/containers/json", Handler.list),
    ("GET", "/containers/([^/]*)/json", Handler.inspect),
    ("POST", "/containers/([^/]+)/start", Handler.start),
    ("POST", "/containers/([^/]+)/stop", Handler.stop),
    ("POST", "/containers/([^/]+)/kill", Handler.kill),
    ("POST", "/containers/([^/]+)/wait", Handler.wait),
    ("GET", "/containers/([^/]+)/logs", Handler.logs),
    ("DELETE", "/containers/([^/]+)", Handler.remove),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0, help="of loopback; 0 takes a free one")
    ThreadingHTTPServer.daemon_threads, ThreadingHTTPServer.request_queue_size = True, 128
    server = ThreadingHTTPServer(("127.0.0.1", parser.parse_args().port), Handler)
    print(f"a make-believe Docker Engine listens on tcp://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
