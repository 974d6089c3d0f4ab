"""Asking workers in turn, running programs, and what is made of the times: ratios within one round, then their median."""

from __future__ import annotations

import atexit
import json
import mmap
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass

HERE = pathlib.Path(__file__).resolve().parent


class Worker:
    """A process that answers requests."""

    def __init__(self, command: list[str], environment: dict[str, str] | None = None) -> None:
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment)

    def ask(self, request: dict) -> dict:
        """Send a request and wait for its answer."""
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.process.args[0]} died on {request}")
        return json.loads(line)

    def close(self) -> None:
        """Let the process end."""
        self.process.stdin.close()
        self.process.wait()


@dataclass(frozen=True)
class Cost:
    """What one run of a program took."""

    cpu: float
    wall: float
    peak: int
    """Most resident memory, in bytes."""


class Runner(Worker):
    """Runs programs and measures them."""

    def __init__(self) -> None:
        super().__init__([sys.executable, "-I", "-S", str(HERE / "runner.py")])

    def run(self, command: list[str], environment: dict[str, str] | None = None) -> Cost:
        """Run a program to its end. Its status must be 0."""
        answer = self.ask({"command": command, "environment": environment})
        if status := answer.pop("status"):
            raise SystemExit(f"{' '.join(command[:4])} … failed with {status}")
        return Cost(**answer)


def empty(folder: pathlib.Path) -> pathlib.Path:
    """The folder, new and empty."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def fresh(root: pathlib.Path) -> pathlib.Path:
    """A new folder for an output. None is removed before the end: for some seconds after files were deleted, ext4 takes
    ten times as long to make others."""
    runs = root / "runs"
    if not runs.exists():
        atexit.register(shutil.rmtree, runs, ignore_errors=True)
        runs.mkdir(parents=True)
    return pathlib.Path(tempfile.mkdtemp(dir=runs))


@dataclass
class Bench:
    """Everybody who takes part, and how long to look."""

    wbimg: pathlib.Path
    runner: Runner
    ours: Worker
    classic: Worker
    """Python's peers on the system's zlib."""
    ng: Worker
    """The same on zlib-ng."""
    with_zlib_ng: dict[str, str]
    """The environment in which zlib is zlib-ng."""
    oxipng: pathlib.Path
    root: pathlib.Path
    """Where data and results go."""
    quick: bool
    each: bool
    """Whether to print a line for each picture of the encoders' comparisons."""

    def rounds(self, quick: int, full: int) -> int:
        """How often to repeat."""
        return quick if self.quick else full

    def settle(self) -> None:
        """Waits until all files are on the disk, and uses some memory and gives it back, so that what programs get has been
        in use. On a virtual machine a page's first use is its host's work, which takes longer than all else, now and then."""
        os.sync()
        size = self.rounds(1, 3) << 30
        with mmap.mmap(-1, size) as memory:
            for page in range(0, size, mmap.PAGESIZE):
                memory[page] = 1

    def convert(self, arguments: list[str]) -> tuple[Cost, pathlib.Path]:
        """Run `wbimg convert` into an empty directory."""
        out = fresh(self.root)
        return self.runner.run([str(self.wbimg), "convert", "-q", "-o", str(out), *arguments]), out


def median(values: list[float]) -> float:
    """The median, of at least one value."""
    return statistics.median(values)


def media_bytes(out: pathlib.Path) -> int:
    """Bytes of all pictures in an output directory."""
    return sum(path.stat().st_size for path in (out / "media" / "images").iterdir())
