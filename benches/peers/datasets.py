"""The data sets: groups of 8-bit pictures as files of samples, and lists of .npy files. Made once, kept under `target/`."""

from __future__ import annotations

import hashlib
import json
import pathlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
import PIL.Image

import flat
import sources

MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}

PHOTO_GROUPS = ["photo 224²", "photo", "big photo", "grey photo", "texture"]
FLAT_GROUPS = ["heat map", "mask", "drawing", "text", "screen"]
SMALL_GROUPS = ["28×28", "64×64"]
OTHER_GROUPS = ["from JPEGs", "made larger", "other heat maps", "pattern", "transparent", "noise"]
GROUPS = PHOTO_GROUPS + FLAT_GROUPS + SMALL_GROUPS + OTHER_GROUPS


@dataclass(frozen=True)
class Picture:
    """A picture of a data set; `path` holds its samples, row by row."""

    group: str
    name: str
    mode: str
    width: int
    height: int
    path: str

    def request(self, op: str, **more: object) -> dict:
        """A request about it, as workers take them."""
        return {"op": op, **asdict(self), **more}

    def size(self) -> int:
        """Bytes of samples."""
        return self.width * self.height * len(self.mode)


def digits() -> np.ndarray:
    """scikit-learn's digits, 28 pixels a side as MNIST's are, on black."""
    import sklearn.datasets

    found = []
    for digit in sklearn.datasets.load_digits().images:
        small = PIL.Image.fromarray((digit * (255 / 16)).astype(np.uint8))
        canvas = PIL.Image.new("L", (28, 28))
        canvas.paste(small.resize((20, 20), PIL.Image.Resampling.BICUBIC), (4, 4))
        found.append(np.asarray(canvas))
    return np.stack(found)


def pictures() -> Iterator[tuple[str, str, np.ndarray]]:
    """Every picture with its group and name."""
    photographs = sources.photographs()
    for n, (name, photo) in enumerate(photographs.items()):
        for side, group in ((224, "photo 224²"), (512, "photo")):
            part = sources.crop(photo, side, n)
            if part is not None:
                yield group, f"{name}-{side}", part
        if max(photo.shape) < 1000:
            yield "photo", name, photo
        yield "64×64", f"{name}-64", sources.crop(photo, 64, n)
        shade = np.linspace(0, 255, 224).astype(np.uint8)
        alpha = np.broadcast_to(shade[:, None, None], (224, 224, 1))
        yield "transparent", f"{name}-alpha", np.concatenate([sources.crop(photo, 224, n + 50), alpha], axis=2)
    yield "big photo", "retina", photographs["retina"]
    yield "big photo", "hubble", photographs["hubble_deep_field"]
    for n in range(3):
        yield "big photo", f"collage-{n}", sources.collage(1024, n)
    for n, (name, photo) in enumerate(sources.grey_photographs().items()):
        yield "grey photo", name, photo
        yield "64×64", f"{name}-64", sources.crop(photo, 64, n)
    for name, texture in sources.textures().items():
        yield "texture", name, texture
    made = {
        "heat map": flat.heat_maps,
        "mask": flat.masks,
        "drawing": flat.drawings,
        "text": flat.texts,
        "screen": flat.screens,
        "other heat maps": flat.other_heat_maps,
        "pattern": flat.patterns,
    }
    for group, make in made.items():
        for name, picture in make().items():
            yield group, name, picture
    for n, digit in enumerate(digits()[:60]):
        yield "28×28", f"digit-{n}", digit
    for n, photo in enumerate(sources.from_jpegs()):
        for side in (224, 512):
            part = sources.crop(photo, side, n)
            if part is not None:
                yield "from JPEGs", f"web-{n}-{side}", part
            small = sources.shrunk(photo, side)
            if small is not None:
                yield "from JPEGs", f"web-{n}-{side}-resized", (small * 255).astype(np.uint8)
    for n, (name, photo) in enumerate(photographs.items()):
        for method, factor in (("BILINEAR", 2), ("BILINEAR", 4), ("BICUBIC", 4)):
            part = sources.crop(photo, 512 // factor, n)
            if part is not None:
                large = sources.resized(part, 512, PIL.Image.Resampling[method])
                yield "made larger", f"{name}-{method.lower()}-{factor}", (large * 255).astype(np.uint8)
    rng = np.random.default_rng(0)
    yield "noise", "grey", rng.integers(0, 256, (256, 256), dtype=np.uint8)
    yield "noise", "colour", rng.integers(0, 256, (256, 256, 3), dtype=np.uint8)


def fingerprint() -> str:
    """Changes when the scripts that make the data do."""
    here = pathlib.Path(__file__).parent
    texts = [(here / name).read_bytes() for name in ("sources.py", "flat.py", "datasets.py")]
    return hashlib.sha256(b"".join(texts)).hexdigest()


def load(root: pathlib.Path) -> list[Picture]:
    """The pictures, made if they are not there."""
    index = root / "pictures.json"
    if index.exists():
        kept = json.loads(index.read_text())
        if kept["fingerprint"] == fingerprint():
            return [Picture(**picture) for picture in kept["pictures"]]
    folder = root / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for group, name, picture in pictures():
        height, width, channels = picture.shape if picture.ndim == 3 else (*picture.shape, 1)
        path = folder / f"{len(found):03}-{name}.raw"
        path.write_bytes(np.ascontiguousarray(picture).tobytes())
        found.append(Picture(group, name, MODES[channels], width, height, str(path)))
    index.write_text(json.dumps({"fingerprint": fingerprint(), "pictures": [asdict(p) for p in found]}))
    return found


def float_files(root: pathlib.Path, side: int, count: int) -> list[str]:
    """`count` .npy files of photographs in float32, in [0, 1]: bytes over 255, and where there are larger ones, resampled."""
    folder = root / f"float-{side}-{fingerprint()[:8]}"
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"photo-{n:03}.npy" for n in range(count)]
    if not paths[-1].exists():
        photographs = sources.photographs().values()
        crops = [crop for seed in range(8) for photo in photographs if (crop := sources.crop(photo, side, seed)) is not None]
        shrunk = [small for photo in photographs if (small := sources.shrunk(photo, side)) is not None]
        for n, path in enumerate(paths):
            if n % 3 == 2 and n // 3 < len(shrunk):
                picture = shrunk[n // 3]
            else:
                picture = crops[n % len(crops)] if side <= 512 else sources.collage(side, n)
            floats = picture if picture.dtype == np.float32 else picture.astype(np.float32) / np.float32(255)
            np.save(path, floats)
    return [str(path) for path in paths]


def resized_files(root: pathlib.Path, side: int) -> list[str]:
    """.npy files of all photographs in float32, in [0, 1], each resampled to this size as loaders of data do it."""
    folder = root / f"resized-{side}-{fingerprint()[:8]}"
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, photo in sources.photographs().items():
        paths.append(folder / f"{name}.npy")
        if not paths[-1].exists():
            np.save(paths[-1], sources.resized(photo, side, PIL.Image.Resampling.BILINEAR))
    return [str(path) for path in paths]


def digit_files(root: pathlib.Path, count: int) -> list[str]:
    """`count` .npy files of 28×28 bytes, all different."""
    folder = root / "digits"
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{n:06}.npy" for n in range(count)]
    if not paths[-1].exists():
        every = digits()
        rng = np.random.default_rng(0)
        for n, path in enumerate(paths):
            digit = np.roll(every[n % len(every)], rng.integers(-3, 4, 2), (0, 1))
            np.save(path, np.clip(digit.astype(int) + rng.integers(0, 2, (28, 28)) * (digit > 0), 0, 255).astype(np.uint8))
    return [str(path) for path in paths]
