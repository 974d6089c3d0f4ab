"""Pictures with large even areas: heat maps, masks, drawings, text, screens. All are made here, from fixed seeds."""

from __future__ import annotations

import io
from collections.abc import Iterable

import matplotlib
import numpy as np
import PIL.Image
import PIL.ImageDraw
from matplotlib import pyplot
from scipy import ndimage

from sources import SCANNED_TEXT, font, photographs, skimage_file

WORDS = (
    "the quick brown fox jumps over a lazy dog while epoch loss accuracy learning rate batch gradient step "
    "validation metric run config sweep table image mask box caption"
).split()


def smooth_field(side: int, sigma: float, seed: int) -> np.ndarray:
    """Blurred noise in [0, 1]."""
    rng = np.random.default_rng(seed)
    field = ndimage.gaussian_filter(rng.standard_normal((side, side)), sigma, mode="wrap")
    return (field - field.min()) / np.ptp(field)


def bumps(side: int, places: Iterable[tuple[float, float, float]]) -> np.ndarray:
    """The largest of Gaussian bumps at each pixel, of these centres and widths in sides: of scores, or keypoints."""
    y, x = np.mgrid[:side, :side] / side
    return np.max([np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * width**2)) for cx, cy, width in places], axis=0)


def heat_maps() -> dict[str, np.ndarray]:
    """Fields through matplotlib's colour maps, as a saliency or attention map is shown."""
    found = {}
    for n, name in enumerate(("viridis", "jet", "inferno", "turbo")):
        colours = matplotlib.colormaps[name]
        for side, sigma in ((256, 12), (512, 30)):
            found[f"{name}-{side}"] = colours(smooth_field(side, sigma, n), bytes=True)[..., :3]
        coarse = np.random.default_rng(n).random((14, 14))
        found[f"{name}-attention"] = colours(np.clip(ndimage.zoom(coarse, 16, order=1), 0, 1), bytes=True)[..., :3]
    return found


def other_heat_maps() -> dict[str, np.ndarray]:
    """Through other colour maps, and grey, in other sizes, as depths, attention and scores come."""
    found = {}
    for n, name in enumerate(("magma", "hot", "coolwarm", "gray", "Reds")):
        colours = matplotlib.colormaps[name]
        channels = 1 if name == "gray" else 3
        for side, sigma in ((224, 9), (1024, 40)):
            found[f"{name}-{side}"] = colours(smooth_field(side, sigma, 20 + n), bytes=True)[..., :channels].squeeze()
        for cells, side in ((7, 224), (14, 768)):
            coarse = np.random.default_rng(20 + n).random((cells, cells))
            fine = np.clip(ndimage.zoom(coarse, side / cells, order=3), 0, 1)
            found[f"{name}-attention-{side}"] = colours(fine, bytes=True)[..., :channels].squeeze()
    for n, name in enumerate(("jet", "hot", "viridis")):
        colours = matplotlib.colormaps[name]
        for side in (640, 1024):
            one = bumps(side, [(0.5, 0.5, 0.2)])
            found[f"{name}-bump-{side}"] = colours(one, bytes=True)[..., :3]
            several = np.random.default_rng(30 + n).uniform([0, 0, 0.05], [1, 1, 0.2], (5, 3))
            found[f"{name}-bumps-{side}"] = colours(bumps(side, several), bytes=True)[..., :3]
    return found


def patterns() -> dict[str, np.ndarray]:
    """What formulas give: slopes, waves, rings, chess boards, bits."""
    found = {}
    for side in (256, 1024):
        y, x = np.mgrid[:side, :side]
        radius = np.hypot(x - side / 2, y - side / 2)
        slope = x * 255 // (side - 1)
        wave = 127.5 * (1 + np.sin(x / 9) * np.cos(y / 13))
        board = (x // 32 + y // 32) % 2
        shapes = {
            "slope": slope,
            "slopes": np.dstack([slope, slope.T, (slope + slope.T) // 2]),
            "spot": 255 * np.exp(-((radius / (side / 6)) ** 2) / 2),
            "rings": 127.5 * (1 + np.sin(radius / 4)),
            "wave": wave,
            "waves": np.dstack([wave, 127.5 * (1 + np.sin(x / 17 + y / 11)), 255 - wave]),
            "board": board * 255,
            "boards": board[..., None] * np.array([180, 200, 220]) + np.array([10, 20, 30]),
            "bits": (x ^ y) & 255,
        }
        found |= {f"{name}-{side}": shape.astype(np.uint8) for name, shape in shapes.items()}
    return found


def masks() -> dict[str, np.ndarray]:
    """Label masks: ids as grey values, class colours, and black and white."""
    found = {}
    for n, side in enumerate((256, 512, 512)):
        rng = np.random.default_rng(n)
        points = rng.integers(0, side, (20 + 20 * n, 2))
        wobble = np.stack([smooth_field(side, 8, 10 * n + axis) for axis in (0, 1)], axis=-1) * 60
        place = np.stack(np.mgrid[:side, :side], axis=-1) + wobble
        nearest = np.argmin([((place - point) ** 2).sum(-1) for point in points], axis=0)
        ids = (nearest % 21).astype(np.uint8)
        palette = rng.integers(0, 256, (21, 3), dtype=np.uint8)
        found[f"ids-{n}"] = ids
        found[f"colours-{n}"] = palette[ids]
        found[f"binary-{n}"] = np.where(smooth_field(side, 15, n) > 0.55, 255, 0).astype(np.uint8)
    return found


def drawings() -> dict[str, np.ndarray]:
    """Plots by matplotlib, and lines and shapes with hard edges by Pillow."""
    found = {}
    for n in range(4):
        rng = np.random.default_rng(n)
        figure, axes = pyplot.subplots(figsize=(6.4, 4.8), dpi=100)
        if n % 2 == 0:
            for _ in range(4):
                axes.plot(np.cumsum(rng.standard_normal(300)))
        else:
            axes.scatter(*rng.standard_normal((2, 200)), c=rng.random(200), cmap="viridis")
        axes.set_title(f"run {n}")
        axes.grid(True)
        stream = io.BytesIO()
        figure.savefig(stream, format="png")
        pyplot.close(figure)
        found[f"plot-{n}"] = np.asarray(PIL.Image.open(stream).convert("RGB"))
        image = PIL.Image.new("RGB", (400, 400), "white")
        draw = PIL.ImageDraw.Draw(image)
        for _ in range(30):
            x, y, dx, dy = (int(v) for v in rng.integers(10, 300, 4))
            colour = tuple(int(v) for v in rng.integers(0, 256, 3))
            if rng.random() < 0.5:
                draw.line((x, y, x + dx, y + dy), fill=colour, width=int(rng.integers(1, 5)))
            else:
                draw.ellipse((x, y, x + dx // 3, y + dy // 3), outline=colour, width=3)
        found[f"lines-{n}"] = np.asarray(image)
    return found


def sentence(rng: np.random.Generator, words: int) -> str:
    """Words without meaning."""
    return " ".join(WORDS[i] for i in rng.integers(0, len(WORDS), words))


def texts() -> dict[str, np.ndarray]:
    """Black on white in several sizes, and scanned pages."""
    found = {name[:-4]: skimage_file(name) for name in SCANNED_TEXT}
    for n, size in enumerate((10, 14, 22)):
        rng = np.random.default_rng(n)
        image = PIL.Image.new("L" if n == 0 else "RGB", (600, 500), "white")
        draw = PIL.ImageDraw.Draw(image)
        for y in range(10, 480, size + 6):
            draw.text((12, y), sentence(rng, 90 // size + 4), fill="black", font=font(size))
        found[f"text-{size}"] = np.asarray(image)
    return found


def screens() -> dict[str, np.ndarray]:
    """Windows with a side bar, a table, buttons and a small photograph."""
    found = {}
    thumbnails = list(photographs().values())
    for n, (width, height) in enumerate(((800, 600), (1280, 720), (1024, 768))):
        rng = np.random.default_rng(n)
        dark = n == 1
        back, ink = ("#1e1f24", "#d0d4dc") if dark else ("#ffffff", "#24292f")
        image = PIL.Image.new("RGB", (width, height), back)
        draw = PIL.ImageDraw.Draw(image)
        draw.rectangle((0, 0, width, 36), fill="#30343c" if dark else "#eef0f3")
        draw.rectangle((0, 36, 180, height), fill="#26282e" if dark else "#f6f8fa")
        draw.text((12, 9), "wandb / project / runs", fill=ink, font=font(14))
        for y in range(50, height - 30, 26):
            draw.ellipse((12, y + 3, 22, y + 13), fill=tuple(int(v) for v in rng.integers(40, 255, 3)))
            draw.text((30, y), sentence(rng, 2), fill=ink, font=font(12))
        for y in range(60, height - 200, 28):
            draw.line((200, y + 22, width - 20, y + 22), fill="#888888")
            for x in range(210, width - 120, 120):
                draw.text((x, y), f"{rng.random():.4f}", fill=ink, font=font(12))
        for m in range(3):
            thumbnail = PIL.Image.fromarray(thumbnails[(n + m) % len(thumbnails)]).resize((120, 120))
            image.paste(thumbnail, (210 + 140 * m, height - 140))
        draw.rounded_rectangle((width - 130, height - 60, width - 30, height - 28), 8, fill="#2f81f7")
        found[f"screen-{n}"] = np.asarray(image)
    return found
