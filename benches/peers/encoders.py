"""The encoders alone, on one core: PNG against Pillow's default, and JPEG and BMP against the very bytes of Pillow's."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass

import datasets
from datasets import Picture
from measure import Bench, empty, media_bytes, median


@dataclass(frozen=True)
class Rival:
    """How one picture went against one rival."""

    picture: Picture
    speed: float
    size: float
    times: tuple[float, float]
    """CPU seconds of all rounds, ours and theirs."""
    ours: dict
    theirs: dict


def duel(bench: Bench, rival: object, picture: Picture, ours: dict, theirs: dict, rounds: int) -> Rival:
    """Let both encode the picture in turn; the speed is the median of the rounds' ratios."""
    times = []
    for _ in range(rounds):
        mine = bench.ours.ask(picture.request(**ours))
        other = rival.ask(picture.request(**theirs))
        times.append((mine["cpu"], other["cpu"]))
    speed = median([other / mine for mine, other in times])
    both = sum(mine for mine, _ in times), sum(other for _, other in times)
    return Rival(picture, speed, mine["bytes"] / other["bytes"], both, mine, other)


def chosen(bench: Bench, pictures: list[Picture], groups: list[str], quick: int) -> list[Picture]:
    """All pictures of the groups, or with `--quick` the first few of each."""
    found = []
    for group in groups:
        members = [picture for picture in pictures if picture.group == group]
        found += members[:quick] if bench.quick else members
    return found


def totals(results: list[Rival]) -> dict:
    """Figures of a group: the median speed, that of all one after the other, the lowest; the bytes together, the most."""
    worst = max(results, key=lambda result: result.size)
    slowest = min(results, key=lambda result: result.speed)
    return {
        "pictures": len(results),
        "speed": median([result.speed for result in results]),
        "together": sum(r.times[1] for r in results) / sum(r.times[0] for r in results),
        "slowest": slowest.speed,
        "slowest_name": slowest.picture.name,
        "bytes": sum(r.ours["bytes"] for r in results) / sum(r.theirs["bytes"] for r in results),
        "worst": worst.size,
        "worst_name": worst.picture.name,
        "mb_per_s": sum(r.picture.size() for r in results) / sum(r.ours["cpu"] for r in results) / 1e6,
    }


def png(bench: Bench, pictures: list[Picture], effort: str, groups: list[str], rival: str = "classic") -> dict[str, dict]:
    """Each group against Pillow (`classic`, `ng`) or OpenCV, and the sets of groups that the targets speak of."""
    rounds = bench.rounds(2, 5)
    seconds = 0.004 if bench.quick else 0.01
    worker, op = {
        "classic": (bench.classic, "pillow"),
        "ng": (bench.ng, "pillow"),
        "opencv": (bench.classic, "opencv"),
    }[rival]
    ours = {"op": "png", "effort": effort, "seconds": seconds}
    theirs = {"op": op, "seconds": seconds}
    results = [duel(bench, worker, picture, ours, theirs, rounds) for picture in chosen(bench, pictures, groups, quick=3)]
    if bench.each:
        for result in results:
            picture = result.picture
            rate = picture.size() / result.ours["cpu"] / 1e6
            print(f"{picture.group:12} {picture.name:24} {rate:6.0f} MB/s {result.speed:6.1f}× {result.size:.3f}")
    table = {}
    for title, members in [
        ("photographs and natural textures", datasets.PHOTO_GROUPS),
        ("flat pictures", datasets.FLAT_GROUPS),
        ("small pictures", datasets.SMALL_GROUPS),
        *((group, [group]) for group in datasets.GROUPS),
    ]:
        found = [result for result in results if result.picture.group in members]
        if found:
            table[title] = totals(found)
    return table


def exact(bench: Bench, pictures: list[Picture], kind: str) -> dict:
    """JPEG or BMP: speed against Pillow, and how many files are Pillow's to the byte."""
    rounds = bench.rounds(2, 5)
    ours = {"op": "file", "type": kind, "seconds": 0.004}
    theirs = {"op": "pillow", "type": kind, "seconds": 0.004}
    members = [p for p in chosen(bench, pictures, datasets.GROUPS, quick=3) if p.mode in ("L", "RGB")]
    results = [duel(bench, bench.classic, picture, ours, theirs, rounds) for picture in members]
    photos = [result for result in results if result.picture.group in datasets.PHOTO_GROUPS]
    return {
        **totals(photos),
        "identical": sum(result.ours["sha256"] == result.theirs["sha256"] for result in results),
        "of": len(results),
    }


def against_oxipng(bench: Bench, pictures: list[Picture]) -> dict:
    """`--compress small` from pixels, against `oxipng -o2` from what Pillow wrote, on one thread, both as programs."""
    members = [p for p in pictures if p.group in datasets.PHOTO_GROUPS and p.width * p.height < 700_000][::2]
    theirs, arrays = empty(bench.root / "oxipng"), []
    empty(bench.root / "arrays")
    for picture in members:
        saved = theirs / f"{len(arrays)}.png"
        bench.classic.ask(picture.request("pillow", save=str(saved)))
        arrays.append(bench.root / "arrays" / f"{len(arrays)}-{picture.name}.npy")
        bench.classic.ask(picture.request("array", save=str(arrays[-1])))
    names = sorted(str(path) for path in theirs.iterdir())
    smaller = empty(bench.root / "oxipng-out")
    ratios = []
    for _ in range(bench.rounds(1, 3)):
        mine, out = bench.convert(["-j", "1", "--compress", "small", "--no-normalize", *map(str, arrays)])
        spent = bench.runner.run([str(bench.oxipng), "-q", "-o2", "-t1", "--dir", str(smaller), *names])
        ratios.append(spent.cpu / mine.cpu)
    size = sum(path.stat().st_size for path in smaller.iterdir())
    version = subprocess.run([bench.oxipng, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return {"speed": median(ratios), "bytes": media_bytes(out) / size, "pictures": len(members), "version": version}
