"""The programs under test, and the folders that they work in."""

import contextlib
import hashlib
import json
import os
import subprocess
import tempfile
from pathlib import Path

import mock

WBIMG = os.environ["WBIMG"]
VENVS = Path(os.environ["WBIMG_VENVS"])
OLD = VENVS / "reference/bin"
NEWEST = VENVS / "wandb-newest/bin"
TERMINAL = VENVS / "terminal/bin"

# Every way in which a run is uploaded today.
UPLOADERS = {
    "0.28.2 sync": [OLD / "wandb", "sync"],
    "0.28.2 beta sync": [OLD / "wandb", "beta", "sync"],
    "0.28.2 sync --legacy": [OLD / "wandb", "sync", "--legacy"],
    "newest sync": [NEWEST / "wandb", "sync"],
    "newest beta sync": [NEWEST / "wandb", "beta", "sync"],
}


def environment(home, url="http://127.0.0.1:9"):
    """No settings of this machine, no server but `url`, and a proxy that nobody answers for the rest of the world."""
    nobody = "http://127.0.0.1:9"
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "WANDB_BASE_URL": url,
        "WANDB_API_KEY": "0123456789abcdef0123456789abcdef01234567",
        "WANDB_ERROR_REPORTING": "false",
        "HTTP_PROXY": nobody,
        "HTTPS_PROXY": nobody,
        "NO_PROXY": "127.0.0.1",
    }


class Folder:
    """A folder of its own, with one output directory in it, `out`, and the runs made of it, in `wandb`."""

    def __init__(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="wandb-run-")
        self.path = Path(self.temporary.name)
        self.home = self.path / "home"
        self.home.mkdir()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.temporary.cleanup()

    def convert(self, *args):
        subprocess.run([WBIMG, "convert", *map(str, args), "-q", "-o", "out"], cwd=self.path, check=True, stdout=subprocess.DEVNULL)

    def wandb_run(self, *args):
        """The path that the command prints."""
        call = subprocess.run([WBIMG, "wandb-run", "out", *args], cwd=self.path, check=True, capture_output=True, text=True)
        (line,) = call.stdout.splitlines()
        return self.path / line

    def notes(self):
        """What the command says on standard error."""
        call = subprocess.run([WBIMG, "wandb-run", "out"], cwd=self.path, check=True, capture_output=True, text=True)
        return call.stderr

    def rows(self):
        return json_lines(self.path / "out/manifest.jsonl")

    def history(self):
        return json_lines(self.path / "out/history.jsonl")

    def summary(self):
        """What a run that logged the history has as its summary: the last value of each key."""
        return {key: value for row in self.history() for key, value in row.items()}

    def labels(self):
        return json.loads((self.path / "out/config.json").read_text())["_wandb"]

    def media(self):
        """SHA-256 by path of all that the rows refer to as media, read from the output directory."""
        hashes = {}
        for row in self.rows():
            media = row["media"]
            layers = [*(media.get("boxes") or {}).values(), *(media.get("masks") or {}).values()]
            for reference in [media, *layers]:
                data = (self.path / "out" / reference["path"]).read_bytes()
                assert hashlib.sha256(data).hexdigest() == reference["sha256"]
                hashes[reference["path"]] = reference["sha256"]
        return hashes

    @contextlib.contextmanager
    def server(self):
        server = mock.Server()
        try:
            yield server
        finally:
            server.shutdown()
            server.server_close()

    def upload(self, server, uploader, *args, timeout=300):
        """Uploads; what the client says is the error if it fails or complains."""
        command = [str(word) for word in [*UPLOADERS[uploader], *args]]
        call = subprocess.run(command, cwd=self.path, env=environment(self.home, server.url), timeout=timeout, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        said = call.stdout + call.stderr
        if call.returncode != 0 or server.complaints:
            raise AssertionError(f"{uploader}: exit {call.returncode}\n{said}\n{server.complaints}")
        return said


def json_lines(path):
    return [json.loads(line) for line in path.read_text().split("\n") if line]
