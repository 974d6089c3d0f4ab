"""A W&B server as far as `wandb sync` talks to one: GraphQL, storage and file streams on loopback, kept in memory.

It answers what clients ask, remembers what they send, and complains (in `Server.complaints`) about what it does not
know, so that a test that passes has seen everything.
"""

import gzip
import hashlib
import json
import re
import threading
import urllib.parse
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ENTITY = "somebody"


@dataclass
class Run:
    """What was sent of one run."""

    upserts: list = field(default_factory=list)
    files: dict = field(default_factory=dict)  # name: bytes
    announced: set = field(default_factory=set)  # names that CreateRunFiles was asked for
    streams: dict = field(default_factory=dict)  # name: {offset: line}
    exit_code: int | None = None
    complete: bool = False
    finishes: int = 0
    replaced_lines: int = 0

    def hashes(self):
        return {name: hashlib.sha256(data).hexdigest() for name, data in self.files.items()}

    def history(self):
        lines = self.streams.get("wandb-history.jsonl", {})
        assert sorted(lines) == list(range(len(lines))), "history lines are missing"
        return [json.loads(lines[offset]) for offset in sorted(lines)]

    def summary(self):
        lines = self.streams.get("wandb-summary.json", {})
        return json.loads(lines[max(lines)]) if lines else None

    def config(self):
        configs = [upsert["config"] for upsert in self.upserts if upsert.get("config")]
        config = json.loads(configs[-1]) if configs else {}
        return {key: value["value"] for key, value in config.items()}

    def said(self, name):
        """The last value of a field of the run that was not null."""
        values = [upsert[name] for upsert in self.upserts if upsert.get(name) is not None]
        return values[-1] if values else None


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 4096

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.lock = threading.Lock()
        # Clients send thousands of files at a time; not all of them are served at a time.
        self.turns = threading.Semaphore(16)
        self.runs = {}  # (entity, project, name): Run
        self.complaints = []
        self.requests = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def process_request(self, request, address):
        self.turns.acquire()
        super().process_request(request, address)

    def process_request_thread(self, request, address):
        try:
            super().process_request_thread(request, address)
        finally:
            self.turns.release()

    def handle_error(self, request, address):
        """A client that hangs up is no news."""

    def run(self, entity, project, name):
        return self.runs.setdefault((entity, project, name), Run())


def bucket(server, entity, project, name, run):
    entity_of = {"id": "ZQ==", "name": entity}
    return {
        "id": "id-" + name,
        "name": name,
        "displayName": run.said("displayName") or name,
        "description": None,
        "notes": None,
        "config": None,
        "tags": [],
        "sweepName": None,
        "groupName": None,
        "jobType": None,
        "historyLineCount": 0,
        "commit": None,
        "project": {"id": "id-" + project, "name": project, "entity": entity_of},
        "files": {"edges": []},
    }


def upsert_bucket(server, variables):
    entity = variables.get("entity") or ENTITY
    project = variables.get("project") or "uncategorized"
    with server.lock:
        name = variables.get("name") or (variables.get("id") or "").removeprefix("id-")
        if not variables.get("name"):
            known = [key for key in server.runs if key[2] == name]
            entity, project, name = known[0]
        is_new = (entity, project, name) not in server.runs
        run = server.run(entity, project, name)
        run.upserts.append(variables)
        answer = bucket(server, entity, project, name, run)
    return {"upsertBucket": {"bucket": answer, "inserted": is_new}}


def create_run_files(server, variables):
    entity, project = variables.get("entity") or ENTITY, variables["project"]
    name = variables.get("run")
    with server.lock:
        run = server.run(entity, project, name)
        run.announced.update(variables["files"])
    place = "/".join(urllib.parse.quote(part, safe="") for part in (entity, project, name))
    files = [
        {
            "name": file,
            "displayName": file,
            "uploadUrl": f"{server.url}/storage/{place}?" + urllib.parse.urlencode({"file": file}),
        }
        for file in variables["files"]
    ]
    return {"createRunFiles": {"runID": "id-" + name, "uploadHeaders": [], "files": files}}


def viewer(server, variables):
    teams = {"edges": [{"node": {"name": ENTITY}}]}
    me = {"id": "dXNlcg==", "entity": ENTITY, "username": ENTITY, "email": "", "flags": "{}", "teams": teams}
    me |= {"name": ENTITY, "admin": False, "apiKeys": {"edges": []}}
    latest = {"latestVersionString": "0.80.0", "versionOnThisInstanceString": "0.80.0"}
    info = {"cliVersionInfo": {"max_cli_version": "99.0.0", "min_cli_version": "0.0.1"}, "latestLocalVersionInfo": latest}
    return {"viewer": me, "serverInfo": info | {"features": []}}


def resume_status(server, variables):
    return {"model": None}


ANSWERS = {
    "UpsertBucket": upsert_bucket,
    "CreateRunFiles": create_run_files,
    "Viewer": viewer,
    "ServerFeaturesQuery": viewer,
    "RunResumeStatus": resume_status,
}


class Handler(BaseHTTPRequestHandler):
    """One request per connection: what is kept open would keep its turn."""

    def log_message(self, *args):
        pass

    def body(self):
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return gzip.decompress(data) if self.headers.get("Content-Encoding") == "gzip" else data

    def answer(self, value, status=200):
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def complain(self, text):
        self.server.complaints.append(text)
        self.answer({"errors": [{"message": text}]}, 400)

    def do_GET(self):
        self.complain(f"GET {self.path}")

    def do_PUT(self):
        data = self.body()
        url = urllib.parse.urlsplit(self.path)
        parts = [urllib.parse.unquote(part) for part in url.path.split("/")[1:]]
        file = urllib.parse.parse_qs(url.query).get("file", [""])[0]
        if parts[0] != "storage" or len(parts) != 4 or not file:
            return self.complain(f"PUT {self.path}")
        with self.server.lock:
            self.server.run(*parts[1:]).files[file] = data
        self.answer({})

    def do_POST(self):
        data = self.body()
        path = urllib.parse.urlsplit(self.path).path
        if path == "/graphql":
            return self.graphql(json.loads(data))
        parts = [urllib.parse.unquote(part) for part in path.strip("/").split("/")]
        if parts[0] == "files" and len(parts) == 5 and parts[4] == "file_stream":
            return self.file_stream(*parts[1:4], json.loads(data))
        self.complain(f"POST {self.path}")

    def graphql(self, request):
        query = request["query"]
        name = request.get("operationName") or re.search(r"\b(?:query|mutation)\s+(\w+)", query)[1]
        self.server.requests.append(name)
        if name not in ANSWERS:
            return self.complain(f"GraphQL {name}: {query}")
        self.answer({"data": ANSWERS[name](self.server, request.get("variables") or {})})

    def file_stream(self, entity, project, name, request):
        with self.server.lock:
            run = self.server.run(entity, project, name)
            for file, chunk in (request.get("files") or {}).items():
                lines = run.streams.setdefault(file, {})
                for offset, line in enumerate(chunk["content"], chunk["offset"]):
                    run.replaced_lines += offset in lines
                    lines[offset] = line
            if request.get("complete"):
                run.complete = True
                run.finishes += 1
                run.exit_code = request.get("exitcode")
        self.answer({"exitcode": None, "limits": {}})
