"""Fails the N-th system call of each kind, N = 1, 2, 3, ...: whatever happens to `wbimg convert` then, no row may
refer to a file that is missing, nothing that was there may be lost, and the same command again must give what it
gives undisturbed.

    faults.py BIN [-v]        needs strace and NumPy; some 2 minutes

Injections into writes to standard error, and into reads of a sidecar (which is then left alone, with a note), are
reported although they are no faults of the store.
"""
import collections
import json
import os
import shutil
import subprocess
import sys
import tempfile

import numpy as np

BIN = os.path.abspath(sys.argv[1])
HERE = tempfile.mkdtemp(prefix="wbimg-faults-")
CALLS = ("rename,renameat2", "write", "mkdir", "openat", "unlink", "ftruncate", "flock", "statx", "fsync,syncfs",
         "read", "close", "getdents64", "lseek")
FAULTS = ("error=EIO", "error=ENOSPC", "signal=KILL")


def make_inputs():
    os.makedirs(f"{HERE}/in")
    for i in range(2):
        np.save(f"{HERE}/in/x{i}.npy", np.arange(48, dtype="u1").reshape(4, 4, 3) * (i + 1))
    box = {"position": {"minX": 0, "maxX": 1, "minY": 0, "maxY": 1}, "class_id": 0}
    sidecar = {"boxes": {"p": {"box_data": [box]}}, "masks": {"m": {"mask_data": [[0] * 4] * 4}}}
    with open(f"{HERE}/in/x1.json", "w") as file:
        json.dump(sidecar, file)


def tree(out):
    files = {}
    for folder, _, names in os.walk(f"{HERE}/{out}"):
        for name in names:
            path = os.path.join(folder, name)
            if name != ".wbimg-lock" and not name.startswith(".wbimg-cache"):
                with open(path, "rb") as file:
                    files[os.path.relpath(path, f"{HERE}/{out}")] = file.read()
    return files


def run(command):
    return subprocess.run(command, cwd=HERE, capture_output=True, text=True)


def convert(out, before=(), more=()):
    return run([*before, BIN, "convert", "in", "-o", out, "-j", "1", *more])


def prepare(out, start):
    shutil.rmtree(f"{HERE}/{out}", ignore_errors=True)
    if start == "some":
        assert run([BIN, "convert", "in/x0.npy", "--key", "first", "-o", out]).returncode == 0


def faults(start, whole, call, fault, outcomes):
    """Yields what is wrong after each fault."""
    for n in range(1, 1000):
        prepare("o", start)
        inject = ["strace", "-f", "-qq", "-o", f"{HERE}/log", "-e", f"trace={call}",
                  "-e", f"inject={call}:{fault}:when={n}"]
        result = convert("o", inject, ["--sync"] if "sync" in call else [])
        with open(f"{HERE}/log") as log:
            text = log.read()
        if "INJECTED" not in text and "SIGKILL" not in text:
            return
        outcomes[call, fault, result.returncode] += 1
        if "-v" in sys.argv:
            print(start, call, fault, n, result.returncode, result.stderr.strip()[:160])
        errors = [line for line in result.stderr.splitlines() if "error" in line]
        if "panick" in result.stderr or result.returncode in (1, 2) and not errors:
            yield n, f"exit {result.returncode}: {result.stderr[:200]}"
        rows = []
        if os.path.exists(f"{HERE}/o/manifest.jsonl"):
            with open(f"{HERE}/o/manifest.jsonl") as manifest:
                rows = [json.loads(line) for line in manifest]
        for row in rows:
            path = f"{HERE}/o/{row['media']['path']}"
            if not os.path.exists(path) or os.path.getsize(path) != row["media"]["size"]:
                yield n, "a row without its file"
        if start == "some" and not any(row["key"] == "first" for row in rows):
            yield n, "a row is lost"
        visible = {name: data for name, data in tree("o").items() if not name.startswith(".wbimg-journal")}
        if result.returncode == 0 and visible != whole:
            yield n, f"exit 0, but another tree: {result.stderr[:200]}"
        result = convert("o")
        if result.returncode != 0 or tree("o") != whole:
            yield n, f"the same again gives another tree: {result.stderr[:200]} {set(tree('o')) ^ set(whole)}"
        result = run([BIN, "verify", "o"])
        if result.returncode != 0 or len(result.stderr.splitlines()) != 1:
            yield n, f"verify: {result.stderr[:200]}"


def main():
    make_inputs()
    outcomes, wrong = collections.Counter(), 0
    for start in ("some", "none"):
        prepare("whole", start)
        assert convert("whole").returncode == 0
        whole = tree("whole")
        for call in CALLS:
            for fault in FAULTS:
                if call == "close" and "error" in fault:
                    continue
                for n, what in faults(start, whole, call, fault, outcomes):
                    wrong += 1
                    print(f"{start}: {call} {n} {fault}: {what}")
    for (call, fault, status), count in sorted(outcomes.items()):
        print(f"{call} {fault}: exit {status} x {count}")
    print(f"{wrong} wrong")
    shutil.rmtree(HERE)
    return wrong > 0


sys.exit(main())
