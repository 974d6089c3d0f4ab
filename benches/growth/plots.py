"""The plots of this folder, from what `grow.py` measured."""

from __future__ import annotations

import json
import pathlib
import sys

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot
from matplotlib.axes import Axes

# The same numbers give the same files.
pyplot.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "wbimg", "font.size": 9, "axes.grid": True,
                        "grid.color": "#dddddd", "axes.spines.top": False, "axes.spines.right": False})  # fmt: skip


def save(figure: pyplot.Figure, path: pathlib.Path) -> None:
    """Write as SVG, for the page, without the date."""
    figure.tight_layout()
    figure.savefig(path.with_suffix(".svg"), metadata={"Date": None})
    if "--png" in sys.argv:
        figure.savefig(path.with_suffix(".png"), dpi=110)
    pyplot.close(figure)


def label_sides(axes: Axes, sides: list[int]) -> None:
    """Powers of two along the bottom."""
    axes.set_xscale("log", base=2)
    axes.set_xticks(sides, [f"{side}²" for side in sides], rotation=45)
    axes.set_xlabel("pixels")


def draw_sides(points: list[dict], folder: pathlib.Path) -> None:
    """CPU time for each pixel, time for one call, and memory, by the size of the picture."""
    figure, (cost, wall, memory) = pyplot.subplots(1, 3, figsize=(11, 3.6))
    sides = [point["side"] for point in points]
    for kind, colour in (("u8", "#1f77b4"), ("f32", "#d62728")):
        some = [point for point in points if kind in point]
        xs = [point["side"] for point in some]
        cost.plot(
            xs,
            [point[kind]["cpu"] / point["side"] ** 2 * 1e9 for point in some],
            "o-",
            ms=3,
            color=colour,
            label=f"wbimg, {kind}",
        )
        wall.plot(xs, [point[kind]["wall"] * 1e3 for point in some], "o-", ms=3, color=colour, label=f"{kind}, -j 1")
        wall.plot(xs, [point[kind]["wall_two"] * 1e3 for point in some], "o--", ms=3, color=colour, label=f"{kind}, -j 2")
        memory.plot(xs, [point[kind]["peak_one"] / 1e6 for point in some], "o-", ms=3, color=colour, label=f"wbimg, {kind}")
        size = 3 if kind == "u8" else 12
        memory.plot(xs, [size * x * x / 1e6 for x in xs], ":", color=colour, label=f"the {kind} array alone")
    some = [point for point in points if "wandb" in point]
    cost.plot(
        [p["side"] for p in some],
        [p["wandb"] / p["side"] ** 2 * 1e9 for p in some],
        "s-",
        ms=3,
        color="#888888",
        label="wandb.Image, f32",
    )
    cost.set_ylabel("CPU ns for each pixel")
    wall.set_ylabel("ms for one call with one picture")
    memory.set_ylabel("peak memory, MB")
    memory.set_ylim(bottom=1)
    for axes in (cost, wall, memory):
        label_sides(axes, sides)
        axes.set_yscale("log")
        axes.legend(frameon=False, fontsize=7.5)
    save(figure, folder / "size")


def draw_lengths(points: list[dict], folder: pathlib.Path) -> None:
    """CPU time for each picture, and memory, by the length of the list."""
    figure, (cost, memory) = pyplot.subplots(1, 2, figsize=(8.5, 3.4))
    lengths = [point["length"] for point in points]
    cost.plot(lengths, [p["cpu"] / p["length"] * 1e6 for p in points], "o-", ms=3, label="first run, CPU")
    cost.plot(
        lengths, [p["wall"] / p["length"] * 1e6 for p in points], "o--", ms=3, color="#7fb0d8", label="first run, wall"
    )
    cost.plot(
        lengths,
        [p["again"] / p["length"] * 1e6 for p in points],
        "s-",
        ms=3,
        color="#2ca02c",
        label="the same command again, CPU",
    )
    cost.set_ylabel("µs for each picture")
    cost.set_yscale("log")
    cost.legend(frameon=False)
    memory.plot(lengths, [p["peak"] / 1e6 for p in points], "o-", ms=3)
    memory.set_ylabel("peak memory, MB")
    memory.set_ylim(bottom=0)
    for axes in (cost, memory):
        axes.set_xscale("log")
        axes.set_xlabel("pictures of 28×28 u8 in one call, -j 1")
    save(figure, folder / "length")


def draw_threads(points: list[dict], folder: pathlib.Path) -> None:
    """How many times as fast as one thread, and what that costs in CPU time."""
    figure, (speed, work) = pyplot.subplots(1, 2, figsize=(8.5, 3.4))
    counts = [point["threads"] for point in points]
    for title in points[0]["wall"]:
        speed.plot(counts, [points[0]["wall"][title] / p["wall"][title] for p in points], "o-", ms=3, label=title)
        work.plot(counts, [p["cpu"][title] / points[0]["cpu"][title] for p in points], "o-", ms=3, label=title)
    ideal = [min(count, counts[-1] // 2) for count in counts]
    speed.plot(counts, ideal, ":", color="#888888", label="as many as cores")
    speed.set_ylabel("times as fast as one thread, wall")
    speed.set_ylim(bottom=0)
    work.set_ylabel("CPU time, one thread being 1")
    work.set_ylim(bottom=0)
    for axes in (speed, work):
        axes.set_xlabel("threads")
        axes.set_xticks(counts)
        axes.legend(frameon=False)
    save(figure, folder / "threads")


def draw(results: dict, folder: pathlib.Path) -> None:
    """All plots."""
    draw_sides(results["side"], folder)
    draw_lengths(results["length"], folder)
    draw_threads(results["threads"], folder)


if __name__ == "__main__":
    # python plots.py growth.json FOLDER [--png]: draw again what was measured.
    draw(json.loads(pathlib.Path(sys.argv[1]).read_text()), pathlib.Path(sys.argv[2]))
