"""Whole pipelines: from files on disk to hashed pictures on disk, by `wbimg convert` and by what a user would write."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np

import datasets
import sources
from measure import Bench, empty, fresh, media_bytes, median


def lists(bench: Bench, paths: list[str], rounds: int, kind: str | None = None) -> dict:
    """CPU time of one list of files: `convert -j 1` against warm loops of the peers, in turn."""
    names = bench.root / "names"
    names.write_bytes(b"\0".join(path.encode() for path in paths))
    arguments = ["-j", "1", "--files0-from", str(names)]
    if kind:
        arguments += ["--file-type", kind]
    peers = {
        "wandb on zlib 1.2.13": (bench.classic, "wandb_files"),
        "wandb on zlib-ng": (bench.ng, "wandb_files"),
        "OpenCV": (bench.classic, "opencv_files"),
        "libvips": (bench.classic, "vips_files"),
    }
    for worker, op in peers.values():
        worker.ask({"op": op, "paths": paths[:1], "out": str(fresh(bench.root)), "type": kind or "png"})
    # Reads the files, too, so that nobody is the first.
    bench.convert(arguments)
    # Nor does anybody share the processor with the system's writing of files that were just made, or get new memory.
    bench.settle()
    ratios = {name: [] for name in peers}
    ours = []
    sizes = {}
    for _ in range(rounds):
        for name, (worker, op) in peers.items():
            cost, out = bench.convert(arguments)
            ours.append(cost.cpu)
            request = {"op": op, "paths": paths, "out": str(fresh(bench.root)), "type": kind or "png"}
            theirs = worker.ask(request)
            ratios[name].append(theirs["cpu"] / cost.cpu)
            sizes[name] = media_bytes(out) / theirs["bytes"]
    return {
        "images": len(paths),
        "microseconds": median(ours) / len(paths) * 1e6,
        "speed": {name: median(found) for name, found in ratios.items()},
        "bytes": sizes,
    }


def photographs(bench: Bench, kind: str | None = None) -> dict[str, dict]:
    """Float photographs of three sizes: pieces of large ones and, as PNG, whole ones resized."""
    counts = {224: 24, 512: 8, 1024: 3} if bench.quick else {224: 64, 512: 24, 1024: 12}
    files = {f"{side}²": datasets.float_files(bench.root, side, count) for side, count in counts.items()}
    if kind is None and not bench.quick:
        files |= {f"{side}² resized": datasets.resized_files(bench.root, side) for side in counts}
    rounds = bench.rounds(2, 5)
    return {title: lists(bench, paths, rounds, kind) for title, paths in files.items()}


def digits(bench: Bench) -> dict:
    """A long list of tiny pictures, and the system calls that each costs."""
    paths = datasets.digit_files(bench.root, 2_000 if bench.quick else 20_000)
    found = lists(bench, paths, rounds=2)
    found["calls"] = calls_per_picture(bench, paths)
    return found


def calls_per_picture(bench: Bench, paths: list[str]) -> dict[str, float]:
    """System calls that 500 further pictures cost, each, by name."""
    counts = []
    for count in (500, 1_000):
        names = bench.root / "names"
        names.write_bytes(b"\0".join(path.encode() for path in paths[:count]))
        out, report = fresh(bench.root), bench.root / "strace.txt"
        command = ["strace", "-f", "-c", "-S", "calls", "-U", "calls,name", "-o", str(report)]
        command += [str(bench.wbimg), "convert", "-q", "-j", "1", "--files0-from", str(names), "-o", str(out)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        lines = [line.split() for line in report.read_text().splitlines()]
        counts.append(
            {line[1]: int(line[0]) for line in lines if len(line) == 2 and line[0].isdigit() and line[1] != "total"}
        )
    few, many = counts
    return {name: n for name in many if (n := (many[name] - few.get(name, 0)) / 500) >= 0.05}


WANDB_ONCE = "import sys, numpy, wandb; wandb.Image(numpy.load(sys.argv[1]))"


def once(bench: Bench, side: int) -> dict:
    """One picture, from the start of a process to its end, by the clock on the wall."""
    path = datasets.float_files(bench.root, side, 1)[0]
    raw = bench.root / "once.rgb"
    (np.load(path) * np.float32(255)).astype(np.uint8).tofile(raw)
    silent = {"WANDB_MODE": "offline", "WANDB_SILENT": "true"}
    peers = {
        "Python + wandb": ([sys.executable, "-c", WANDB_ONCE, path], os.environ),
        "Python + wandb on zlib-ng": ([sys.executable, "-c", WANDB_ONCE, path], bench.with_zlib_ng),
        "ImageMagick": (
            ["/usr/bin/convert", "-size", f"{side}x{side}", "-depth", "8", f"rgb:{raw}", str(bench.root / "once.png")],
            os.environ,
        ),
    }
    ratios = {name: [] for name in peers}
    walls = []
    for _ in range(bench.rounds(3, 9)):
        for name, (command, environment) in peers.items():
            cost, _ = bench.convert([path])
            walls.append(cost.wall)
            ratios[name].append(bench.runner.run(command, {**environment, **silent}).wall / cost.wall)
    return {"milliseconds": median(walls) * 1e3, "speed": {name: median(found) for name, found in ratios.items()}}


def memory_and_threads(bench: Bench) -> dict:
    """200 pictures of 1024² (20 files under ten names each): peak memory, and two threads against one; and one of 4096²."""
    large = bench.root / "large.npy"
    np.save(large, sources.collage(4096, seed=1))
    alone = []
    bench.settle()
    for _ in range(bench.rounds(3, 15)):
        one, two = bench.convert(["-j", "1", str(large)])[0], bench.convert(["-j", "2", str(large)])[0]
        alone.append(one.wall / two.wall)
    originals = datasets.float_files(bench.root, 1024, 20)
    folder = empty(bench.root / "links")
    for n in range(200):
        os.link(originals[n % 20], folder / f"{n:03}.npy")
    peaks = {count: 0 for count in (20, 200)}
    for count in peaks:
        names = sorted(str(path) for path in folder.iterdir())[:count]
        peaks[count] = bench.convert(["-j", "2", *names])[0].peak
    ratios, work = [], []
    names = sorted(str(path) for path in folder.iterdir())[: bench.rounds(40, 200)]
    for _ in range(bench.rounds(2, 5)):
        one, two = bench.convert(["-j", "1", *names])[0], bench.convert(["-j", "2", *names])[0]
        ratios.append(one.wall / two.wall)
        work.append(two.cpu / one.cpu)
    return {
        "peak": {str(count): peak / 1e6 for count, peak in peaks.items()},
        "two_threads": median(ratios),
        "best_of_rounds": max(ratios),
        "work": median(work),
        "one_large": median(alone),
    }
