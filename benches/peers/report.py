"""The results as Markdown."""

from __future__ import annotations

import datetime
import os
import pathlib
import platform
import re
import subprocess

from measure import Bench
from targets import CLASSIC, NG, TARGETS


def machine(bench: Bench) -> dict:
    """What was measured, on what."""
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    ours = subprocess.run([bench.wbimg, "--version"], capture_output=True, text=True, check=True)
    classic, ng = bench.classic.ask({"op": "versions"}), bench.ng.ask({"op": "versions"})
    return {
        "cpu": cpu[1] if cpu else platform.processor(),
        "system": " ".join([platform.system(), *platform.libc_ver()]),
        "cores": len(os.sched_getaffinity(0)),
        "wbimg": ours.stdout.strip(),
        "classic": classic,
        "ng": ng,
        "date": datetime.date.today().isoformat(),
    }


def table(heads: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def targets(results: dict) -> str:
    """Must, stretch and measured."""
    rows = []
    for target in TARGETS:
        if verdict := target.verdict(results):
            value, word = verdict
            bars = [target.form.format(bar) for bar in (target.must, target.stretch)]
            mark = {"stretch": "✔✔", "must": "✔", "missed": "✘"}[word]
            rows.append([target.work, *bars, target.form.format(value), mark])
    return table(["work", "must", "stretch", "measured", ""], rows)


def encoder_table(groups: dict[str, dict]) -> str:
    """A PNG comparison."""
    rows = [
        [
            title, str(group["pictures"]), f"{group['mb_per_s']:.0f}", f"{group['speed']:.1f}×", f"{group['together']:.1f}×",
            f"{group['slowest']:.1f}× ({group['slowest_name']})",
            f"{group['bytes']:.3f}", f"{group['worst']:.3f} ({group['worst_name']})",
        ]
        for title, group in groups.items()
    ]  # fmt: skip
    return table(["pictures", "", "MB/s", "speed, median", "all together", "slowest", "bytes", "worst picture's bytes"], rows)


def pipeline_table(lists: dict) -> str:
    """Whole pipelines, by the size of the pictures."""
    peers = list(next(iter(lists.values()))["speed"])
    rows = [
        [
            title, str(found["images"]), f"{found['microseconds']:.0f}",
            *(f"{found['speed'][peer]:.1f}× ({found['bytes'][peer]:.3f})" for peer in peers),
        ]
        for title, found in lists.items()
    ]  # fmt: skip
    return table(["pictures", "", "CPU µs each", *peers], rows)


ENCODERS = {
    "png": "PNG encoder against Pillow's default on zlib 1.2.13",
    "png-ng": "PNG encoder against Pillow's default on zlib-ng",
    "png-opencv": "PNG encoder against OpenCV's default",
    "fast": "`--compress fast` against Pillow's default on zlib 1.2.13",
    "small": "`--compress small` against Pillow's default on zlib 1.2.13",
}

PREAMBLE = """\
# `wbimg` against its peers

`benches/peers/run` measured this on {date} and wrote it. Every figure is a ratio of CPU times on one thread, taken in
turn, round by round, in one run; the median of the rounds is shown (× is how many times as fast `wbimg` is; bytes are
`wbimg`'s over the other's, less is smaller). Absolute times move by a factor of two with the machine's mood, ratios by about
a tenth. Wall clock appears only where it says so.

- machine: {cpu}, {cores} cores, {system}, load {load}
- {wbimg}{quick}
- Python {classic[python]}, wandb {classic[wandb]}, NumPy {classic[numpy]}, Pillow {classic[pillow]}, OpenCV
  {classic[opencv-python-headless]}, pyvips {classic[pyvips]}, libjpeg-turbo {classic[libjpeg-turbo]}
- Pillow's wheel uses the system's zlib, so its users' speed depends on their distribution. "zlib 1.2.13": Debian's; Pillow
  says that it runs on {classic[zlib]}. "zlib-ng": the same packages on {ng[zlib]}, as on Fedora

Photographs: scikit-image's, scikit-learn's and matplotlib's, whole and in crops, and collages of them at 1024²; natural textures:
scikit-image's brick, grass and gravel, and 1/f noise; heat maps, masks, drawings, text and screens: made by `flat.py`.

"""


def tables(results: dict) -> str:
    """Everything that was measured."""
    machine = results["machine"]
    quick = "; `--quick`: few pictures, few rounds" if results["quick"] else ""
    text = PREAMBLE.format(**machine | {"quick": quick, "load": results["load"][0]})
    text += "## Targets\n\n✔✔ clears the second bar, ✔ the first, ✘ none.\n\n" + targets(results) + "\n"
    for part, title in ENCODERS.items():
        if part in results:
            text += f"## {title}\n\n{encoder_table(results[part])}\n"
    if "oxipng" in results:
        found = results["oxipng"]
        text += f"## `--compress small` against oxipng `-o2`\n\n{found['speed']:.1f}× as fast on photographs, {found['bytes']:.3f} of its bytes ({found['pictures']} pictures; {found['version']}).\n\n"
    if "convert" in results:
        text += f"## `convert` of f32 photographs, in brackets the bytes\n\n{pipeline_table(results['convert'])}\n"
    if "convert-jpg" in results:
        text += f"## `convert --file-type jpg` of f32 photographs\n\n{pipeline_table(results['convert-jpg'])}\n"
    if "digits" in results:
        text += digits(results["digits"])
    for kind in ("jpg", "bmp"):
        if kind in results:
            found = results[kind]
            text += f"## {kind.upper()} encoder\n\n{found['identical']} of {found['of']} files are Pillow's to the byte; "
            text += f"{found['speed']:.2f}× Pillow's speed on photographs, hash included, {found['mb_per_s']:.0f} MB/s.\n\n"
    if "kernels" in results:
        rows = [
            [name, f"{k['gb_per_s']:.1f}", f"{k['memcpys']:.1f}", f"{k['numpy']:.1f}×"] for name, k in results["kernels"].items()
        ]
        text += "## Scan and rescaling in the cache\n\n"
        text += table(["array", "GB/s of input", "in memcpys", "against NumPy"], rows) + "\n"
    if "once" in results:
        rows = [
            [side, f"{o['milliseconds']:.1f}", *(f"{speed:.0f}×" for speed in o["speed"].values())]
            for side, o in results["once"].items()
        ]
        text += "## One picture, from the start of the process to its end, wall\n\n"
        text += table(["picture", "ms", *next(iter(results["once"].values()))["speed"]], rows) + "\n"
    if "threads" in results:
        found = results["threads"]
        peaks = ", ".join(f"{peak:.0f} MB with {count} inputs" for count, peak in found["peak"].items())
        text += f"## Memory and threads, 1024² f32\n\nPeak on two threads: {peaks}. Two threads take {found['two_threads']:.2f}× less "
        text += f"wall time than one (best round {found['best_of_rounds']:.2f}×), and {found['work']:.2f}× the CPU time. "
        text += f"One picture of 4096² u8: {found['one_large']:.2f}× less.\n"
    return text


def digits(found: dict) -> str:
    """The long list of tiny pictures."""
    text = f"## `convert` of 28×28 u8\n\n{pipeline_table({'28×28': found})}\n"
    calls = sorted(found["calls"].items(), key=lambda call: -call[1])
    text += f"System calls for each picture: {sum(found['calls'].values()):.1f} ("
    return text + ", ".join(f"{name} {count:.1f}" for name, count in calls) + ").\n\n"


def readme_table(results: dict) -> str:
    """The short table."""
    rows = []
    for title, lists in (("", results["convert"]), ("JPEG, ", results["convert-jpg"])):
        for side, found in lists.items():
            speeds = (f"{found['speed'][peer]:.1f}× ({found['bytes'][peer]:.2f})" for peer in (CLASSIC, NG, "OpenCV", "libvips"))
            rows.append([f"{title}{side} f32", *speeds])
    digits = results["digits"]
    speeds = (f"{digits['speed'][peer]:.1f}× ({digits['bytes'][peer]:.2f})" for peer in (CLASSIC, NG, "OpenCV", "libvips"))
    rows.append(["28×28 u8", *speeds])
    return table(["`convert`, CPU for each picture", CLASSIC, NG, "OpenCV", "libvips"], rows)


def update_readme(path: pathlib.Path, results: dict) -> None:
    """Put the short table between its two marks."""
    text = path.read_text()
    start, end = "<!-- speed: written by benches/peers/run -->\n", "<!-- /speed -->"
    if start in text:
        before, rest = text.split(start)
        path.write_text(before + start + readme_table(results) + end + rest.split(end)[1])
