"""Whether the encoders are right, judged by others, on the data sets that they are timed on and on awkward sizes.

PNG: Pillow, OpenCV (libpng), the `png` crate and pngcheck find the very pixels; fresh buffers, used ones, and 1, 2, 3 or 7
threads give the same file. JPEG and BMP: the file is Pillow's, byte for byte. `benches/peers/check` starts this.
"""

from __future__ import annotations

import argparse
import pathlib
import subprocess
import sys

import numpy as np

import datasets
from datasets import Picture
from measure import HERE, Worker, empty

EFFORTS = ("fast", "balanced", "small")
SIZES = [
    (1, 1),
    (1, 2),
    (2, 1),
    (3, 5),
    (7, 7),
    (8, 8),
    (9, 16),
    (17, 15),
    (1, 300),
    (300, 1),
    (3, 7_000),
    (7_000, 3),
    (129, 65),
]


def awkward(folder: pathlib.Path, sizes: list[tuple[int, int]]) -> list[Picture]:
    """Every mode in every size: waves with a little noise, which no filter makes even."""
    found = []
    rng = np.random.default_rng(0)
    for width, height in sizes:
        y, x = np.mgrid[:height, :width]
        for channels, mode in datasets.MODES.items():
            waves = [np.sin(x / (3 + c)) * 60 + np.cos(y / (5 + c)) * 60 + 128 for c in range(channels)]
            samples = np.stack(waves, axis=-1) + rng.integers(-3, 4, (height, width, channels))
            path = folder / f"{width}x{height}-{mode}.raw"
            path.write_bytes(samples.astype(np.uint8).tobytes())
            found.append(Picture("awkward", path.stem, mode, width, height, str(path)))
    return found


class Judge:
    """Asks everybody, and remembers what was wrong."""

    def __init__(self, ours: Worker, theirs: Worker, folder: pathlib.Path) -> None:
        self.ours, self.theirs, self.folder = ours, theirs, folder
        self.passed = 0
        self.failures: list[str] = []

    def expect(self, right: bool, what: str) -> None:
        """Count a check."""
        self.passed += right
        if not right:
            self.failures.append(what)
            print(f"wrong: {what}", file=sys.stderr)

    def png(self, picture: Picture, effort: str) -> None:
        """One file for all decoders; they must find the same pixels."""
        title = f"{picture.name} {picture.mode} {effort}"
        file = str(self.folder / f"{picture.group}-{picture.name}-{picture.mode}-{effort}.png")
        used = self.ours.ask(picture.request("png", effort=effort, save=file))
        self.expect(self.theirs.ask(picture.request("decode", file=file))["equal"], f"{title}: Pillow or OpenCV")
        self.expect(self.ours.ask(picture.request("decode", file=file))["equal"], f"{title}: the png crate")
        fresh = self.ours.ask(picture.request("same", effort=effort))
        self.expect(fresh["sha256"] == used["sha256"], f"{title}: used buffers give another file")
        self.expect(not fresh["differing"], f"{title}: {fresh['differing']} threads give another file")

    def exact(self, picture: Picture, kind: str) -> None:
        """The file is Pillow's."""
        mine = self.ours.ask(picture.request("file", type=kind))
        other = self.theirs.ask(picture.request("pillow", type=kind))
        self.expect(mine["sha256"] == other["sha256"], f"{picture.name} {picture.mode} {kind}: not Pillow's bytes")

    def pngcheck(self) -> None:
        """All files at once, by a decoder that complains about what others forgive."""
        files = sorted(str(file) for file in self.folder.glob("*.png"))
        for start in range(0, len(files), 200):
            some = files[start : start + 200]
            result = subprocess.run(["pngcheck", "-q", *some], capture_output=True, text=True)
            self.expect(result.returncode == 0, f"pngcheck: {result.stdout.strip()}")


def main() -> None:
    """Judge all pictures."""
    parser = argparse.ArgumentParser(prog="benches/peers/check", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two pictures of each group up to 512², and one of several bands")
    parser.add_argument("--worker", required=True)
    parser.add_argument("--root", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    arguments.root.mkdir(parents=True, exist_ok=True)
    judge = Judge(
        Worker([arguments.worker]), Worker([sys.executable, str(HERE / "worker.py")]), empty(arguments.root / "check")
    )
    pictures = datasets.load(arguments.root)
    sizes = SIZES
    if arguments.quick:
        small = [picture for picture in pictures if picture.width * picture.height <= 512 * 512]
        groups = [[picture for picture in small if picture.group == group] for group in datasets.GROUPS]
        large = [picture for picture in pictures if picture.name == "collage-0"]
        pictures = [picture for group in groups for picture in group[:2]] + large
    else:
        sizes = SIZES + [(3, 70_000), (70_000, 3)] + [(side, side + 1) for side in range(20, 41)]
    pictures += awkward(judge.folder, sizes)
    for picture in pictures:
        for effort in EFFORTS:
            judge.png(picture, effort)
        if picture.mode != "LA":
            if picture.mode != "RGBA" and max(picture.width, picture.height) <= 65_500:
                judge.exact(picture, "jpg")
            judge.exact(picture, "bmp")
    judge.pngcheck()
    print(f"{judge.passed} passed, {len(judge.failures)} failed")
    sys.exit(bool(judge.failures))


if __name__ == "__main__":
    main()
