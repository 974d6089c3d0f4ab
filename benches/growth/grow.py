"""Measure how cost grows and draw it. `benches/growth/run` starts this with everything installed."""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import subprocess
import sys
from dataclasses import dataclass

import numpy as np

import datasets
import plots
import sources
from measure import HERE, Cost, Runner, Worker, empty


@dataclass
class Growth:
    """What is measured, where, and how far up."""

    wbimg: pathlib.Path
    root: pathlib.Path
    quick: bool
    runner: Runner

    def convert(self, names: list[str], jobs: int) -> Cost:
        """One call over all names."""
        listed = self.root / "names"
        listed.write_bytes(b"\0".join(name.encode() for name in names))
        out = empty(self.root / "out")
        return self.again(jobs, out)

    def again(self, jobs: int, out: pathlib.Path) -> Cost:
        """The last call, over what is in `out`."""
        command = [str(self.wbimg), "convert", "-q", "-j", str(jobs), "--files0-from", str(self.root / "names")]
        return self.runner.run([*command, "-o", str(out)])

    def best(self, names: list[str], jobs: int, rounds: int) -> Cost:
        """The least of several runs of each: what the work takes when nothing else happens."""
        costs = [self.convert(names, jobs) for _ in range(rounds)]
        return Cost(*(min(getattr(cost, field) for cost in costs) for field in ("cpu", "wall", "peak")))


def picture(growth: Growth, side: int, kind: str) -> str:
    """A square collage of photographs, in bytes or in floats."""
    path = growth.root / f"{kind}-{side}.npy"
    if not path.exists():
        # Big pictures repeat one of 2048²: far more than any window of deflate.
        part = sources.collage(min(side, 2048), seed=side)
        bytes_ = np.tile(part, (-(-side // 2048), -(-side // 2048), 1))
        np.save(path, bytes_ if kind == "u8" else bytes_.astype(np.float32) / np.float32(255))
    return str(path)


def by_side(growth: Growth) -> list[dict]:
    """One picture, 32² to 8192² (floats to 4096²), and wandb on pictures to 2048²."""
    wandb = Worker([sys.executable, str(HERE / "worker.py")])
    sides = [2**n for n in range(5, 12 if growth.quick else 14)]
    found = []
    for side in sides:
        few = side >= 2048
        # Several at once where one would drown in the start of the process.
        count = max(1, min(64, 2**20 // side**2))
        point = {"side": side}
        for kind in ("u8", "f32"):
            if kind == "f32" and side > 4096:
                continue
            original = picture(growth, side, kind)
            names = [original]
            folder = empty(growth.root / "copies")
            for n in range(1, count):
                os.link(original, folder / f"{n:02}.npy")
                names.append(str(folder / f"{n:02}.npy"))
            cost = growth.best(names, 1, 2 if few else 5)
            point[kind] = {"cpu": cost.cpu / count, "peak": cost.peak}
            once = growth.best([original], 1, 3 if few else 7)
            two = growth.best([original], 2, 3 if few else 7)
            point[kind] |= {"wall": once.wall, "wall_two": two.wall, "peak_one": once.peak}
            if kind == "f32" and side <= 2048:
                request = {"op": "wandb_files", "paths": names[: max(1, count // 4)]}
                wandb.ask(request)
                point["wandb"] = wandb.ask(request)["cpu"] / len(request["paths"])
        found.append(point)
        print(f"{side}²", file=sys.stderr)
    wandb.close()
    return found


def by_length(growth: Growth) -> list[dict]:
    """Lists of 28×28 pictures, 1 to 100 000."""
    most = 10_000 if growth.quick else 100_000
    originals = datasets.digit_files(growth.root, 2_000)
    folder = growth.root / "list"
    if not folder.exists() or len(os.listdir(folder)) < most:
        empty(folder)
        for n in range(most):
            os.link(originals[n % len(originals)], folder / f"{n:06}.npy")
    names = [str(folder / f"{n:06}.npy") for n in range(most)]
    found = []
    for length in (1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000):
        if length > most:
            break
        cost = growth.best(names[:length], 1, 7 if length <= 1_000 else 2)
        again = growth.again(1, growth.root / "out")
        found.append({"length": length, "cpu": cost.cpu, "wall": cost.wall, "peak": cost.peak, "again": again.cpu})
        print(f"{length} inputs", file=sys.stderr)
    return found


def by_threads(growth: Growth) -> list[dict]:
    """Lists of 512² floats and one large picture, 1 to twice as many threads as there are cores."""
    cores = len(os.sched_getaffinity(0))
    counts = sorted({1, 2, cores, 2 * cores} | set(range(1, min(cores, 8) + 1)))
    lists = {
        "64 × 512² f32": datasets.float_files(growth.root, 512, 64),
        "2 000 × 28² u8": datasets.digit_files(growth.root, 2_000),
        "one 4096² u8": [picture(growth, 2048 if growth.quick else 4096, "u8")],
    }
    found = [{"threads": count, "wall": {}, "cpu": {}} for count in counts]
    for title, names in lists.items():
        rounds = {count: [] for count in counts}
        for _ in range(3 if growth.quick else 7):
            for count in counts:
                rounds[count].append(growth.convert(names, count))
        for point in found:
            costs = rounds[point["threads"]]
            point["wall"][title] = min(cost.wall for cost in costs)
            point["cpu"][title] = min(cost.cpu for cost in costs)
    return found


def main() -> None:
    """Measure and draw."""
    parser = argparse.ArgumentParser(prog="benches/growth/run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="to 2048² and 10 000 inputs")
    parser.add_argument("--wbimg", type=pathlib.Path, required=True)
    parser.add_argument("--root", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    growth = Growth(arguments.wbimg, arguments.root, arguments.quick, Runner())
    growth.root.mkdir(parents=True, exist_ok=True)
    results = {"side": by_side(growth), "length": by_length(growth), "threads": by_threads(growth)}
    (growth.root / "growth.json").write_text(json.dumps(results, indent=1))
    plots.draw(results, growth.root if growth.quick else pathlib.Path(__file__).parent)
    for name in ("copies", "list", "out"):
        subprocess.run(["rm", "-rf", growth.root / name], check=True)


if __name__ == "__main__":
    main()
