"""The arrays and options of the committed cases, by class. Says what is tried; `make.py` finds out what is expected."""

from __future__ import annotations

import io
import itertools
from typing import Protocol

import numpy as np

from reference import run_wandb
from rule import Options

FILE_TYPES = ("png", "jpg", "jpeg", "bmp")
MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK", "YCbCr", "RGBX")
INTEGERS = ("u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8")
FLOATS = ("f2", "f4", "f8")


class Collector(Protocol):
    """What takes the cases."""

    def add(self, kind: str, name: str, array: np.ndarray, options: Options = ..., *, npy: bytes | None = None) -> None:
        """Add one case, judged by wandb and the rule."""

    def refuse(self, kind: str, name: str, npy: bytes, arguments: list[str], reason: str) -> None:
        """Add a case that has to fail, given as raw bytes and arguments."""


def npy_bytes(array: np.ndarray, version: tuple[int, int] | None = None) -> bytes:
    """An array as NumPy writes it, with a chosen header version."""
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, version=version, allow_pickle=False)
    return buffer.getvalue()


def npy_with_header(header: str, body: bytes) -> bytes:
    """A version 1 file with a header of one's own, padded to 16 bytes as old NumPy did."""
    padded = header + " " * (-(len(header) + 11) % 16) + "\n"
    return b"\x93NUMPY\x01\x00" + len(padded).to_bytes(2, "little") + padded.encode() + body


def spread(dtype: str, low: float, high: float, shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    """Values from low to high (both of them present), shuffled, in a dtype."""
    count = int(np.prod(shape))
    values = np.linspace(low, high, count)
    np.random.default_rng(seed).shuffle(values)
    kind = np.dtype(dtype).kind
    return (np.rint(values) if kind in "iu" else values).astype(dtype).reshape(shape)


def picture_of(channels: int, height: int = 11, width: int = 13) -> np.ndarray:
    """A small picture with smooth parts, a hard edge, saturated corners and some noise."""
    y, x = np.mgrid[0:height, 0:width]
    planes = [
        x * 255 // (width - 1),
        y * 255 // (height - 1),
        (x * 37 + y * 91) % 256,
        255 - (x + y) * 255 // (width + height - 2),
    ]
    image = np.stack(planes[-channels:] if channels == 2 else planes[:channels], -1).astype(np.uint8)
    image[height // 2 :, : width // 3] = [[[250, 3, 128, 77][:channels]]] if channels != 1 else 250
    return image[..., 0] if channels == 1 else image


def add_value_ranges(cases: Collector) -> None:
    """Every dtype through every branch, normalised and not."""
    shape = (7, 5)
    for dtype in ("bool", *INTEGERS, *FLOATS, "c8", "c16"):
        signed = np.dtype(dtype).kind in "ifc"
        ranges = {
            "unit": (0, 1),
            "bytes": (0, 127 if dtype == "i1" else 255),
            "flat0": (0, 0),
            "flat1": (1, 1),
            "flat7": (7, 7),
        }
        if signed:
            ranges |= {"signed": (-1, 1), "negative": (-1, -1), "wide": (-128, 127) if dtype == "i1" else (-300, 700)}
        elif dtype != "bool":
            ranges |= {"wide": (0, 255 if dtype == "u1" else 700)}
        if np.dtype(dtype).kind in "iu":
            limits = np.iinfo(dtype)
            array = np.array([[limits.min, 0, 1], [limits.max, 100, limits.max // 2]], dtype)
            cases.add("value-range", f"{dtype}-limits", array)
        for name, (low, high) in ranges.items():
            if dtype == "bool" and name not in ("unit", "flat0", "flat1"):
                continue
            array = spread(dtype, low, high, shape)
            cases.add("value-range", f"{dtype}-{name}", array)
            cases.add("value-range", f"{dtype}-{name}-as-is", array, Options(normalize=False))
    for dtype in FLOATS:
        cases.add(
            "value-range", f"{dtype}-fractions-as-is", spread(dtype, -0.99, 255.5, shape), Options(normalize=False)
        )
        cases.add(
            "value-range", f"{dtype}-rgb-alpha-decides", np.array([[[0.5, 0.25, 1, 1.5], [0, 1, 0.75, 0.5]]] * 2, dtype)
        )
    for dtype in ("u2", "i4", "f4", "f8"):
        cases.add("value-range", f"{dtype}-rgb", spread(dtype, 0, 300, (5, 4, 3)))
        cases.add("value-range", f"{dtype}-rgba", spread(dtype, 0, 300, (5, 4, 4)))


def add_half_precision(cases: Collector) -> None:
    """Every finite half-precision number, through every branch."""
    patterns = np.arange(65536, dtype=np.uint16).view(np.float16)
    finite = patterns[np.isfinite(patterns)]

    def image(values: np.ndarray, filler: float) -> np.ndarray:
        padded = np.full(-(-values.size // 256) * 256, filler, np.float16)
        padded[: values.size] = values
        return padded.reshape(-1, 256)

    unit = finite[(finite >= 0) & (finite <= 1)]
    signed = finite[np.abs(finite) <= 1]
    cases.add("half-precision", "f2-all-unit", image(unit, 1))
    cases.add("half-precision", "f2-all-signed", image(signed, -1))
    cases.add("half-precision", "f2-all-finite", image(finite, 2))
    cases.add("half-precision", "f2-all-finite-as-is", image(finite, 2), Options(normalize=False))
    inside = finite[(finite > -1) & (finite < 256)]
    cases.add("half-precision", "f2-all-in-range-as-is", image(inside, 1), Options(normalize=False))


def signed_branch_disagreements() -> tuple[np.ndarray, np.ndarray]:
    """The f32 values in [-1,1] whose signed branch comes out otherwise in f64, and otherwise with a fused multiply-add.

    They can only lie beside the 256 places where the result steps, so only those neighbourhoods are searched.
    """
    candidates = []
    for step in range(257):
        centre = np.float32(step / 127.5 - 1)
        bits = int(np.abs(centre).view(np.uint32)) + np.arange(-70_000, 70_001)
        values = bits[(bits >= 0)].astype(np.uint32).view(np.float32)
        values = np.concatenate([values, -values])
        candidates.append(values[np.abs(values - centre) < 1e-6])
    values = np.unique(np.concatenate(candidates))
    values = values[(values >= -1) & (values <= 1)]
    single = (np.float32(127.5) * (values + np.float32(1))).astype(np.uint8)
    wide = values.astype(np.float64)
    double = (127.5 * (wide + 1)).astype(np.uint8)
    # 127.5 * x and its sum with 127.5 are exact or rounded far below f32 in f64: this is the fused operation
    fused = (wide * 127.5 + 127.5).astype(np.float32).astype(np.uint8)
    return values[single != double], values[single != fused]


def add_single_precision(cases: Collector) -> None:
    """The f32 values that tell f32 arithmetic from f64 and from fused arithmetic."""
    double, fused = signed_branch_disagreements()
    for name, values in (("f64", double), ("fused", fused)):
        padded = np.full(-(-values.size // 16) * 16 + 16, -1, np.float32)
        padded[: values.size] = values
        cases.add("single-precision", f"f4-not-{name}", padded.reshape(-1, 16))
    steps = np.concatenate(
        [np.nextafter(np.float32(k / 255), np.float32(d)) for k in range(256) for d in (-1, k / 255, 2)], axis=None
    )
    cases.add("single-precision", "f4-unit-steps", np.clip(steps, 0, 1).astype(np.float32).reshape(16, -1))
    for dtype in ("f4", "f8"):
        fine = np.array(
            [
                [np.nextafter(np.dtype(dtype).type(k / 127.5 - 1), np.dtype(dtype).type(side)) for side in (-2, 2)]
                for k in range(256)
            ],
            dtype,
        )
        cases.add("single-precision", f"{dtype}-signed-steps", np.clip(fine, -1, 1).reshape(16, -1))
        unit = np.array(
            [
                [np.nextafter(np.dtype(dtype).type(k / 255), np.dtype(dtype).type(side)) for side in (-2, 2)]
                for k in range(256)
            ],
            dtype,
        )
        cases.add("single-precision", f"{dtype}-unit-edges", np.clip(unit, 0, 1).reshape(16, -1))


def add_boundaries(cases: Collector) -> None:
    """Values on and just beside the tests that choose the branch."""
    for dtype in FLOATS:
        kind = np.dtype(dtype).type
        info = np.finfo(dtype)
        tiny = info.smallest_subnormal
        rows = {
            "exactly-unit": [0, 1, 0.5, 0.25],
            "above-one": [0, np.nextafter(kind(1), kind(2)), 0.5, 1],
            "below-zero": [-tiny, 1, 0.5, 0],
            "exactly-signed": [-1, 1, 0, 0.5],
            "below-minus-one": [np.nextafter(kind(-1), kind(-2)), 1, 0.5, 0],
            "minus-zero": [-0.0, 1, 0.5, 0.0],
            "all-minus-zero": [-0.0] * 4,
            "denormal": [tiny, 2 * tiny, info.tiny, 1],
            "negative-denormal": [-tiny, -info.tiny, 0, 1],
            "below-one": [0, np.nextafter(kind(1), kind(0)), 0.5, 0.75],
            "inf": [0, np.inf, 0.5, 200],
            "minus-inf": [-np.inf, 0.5, 1, 90],
            "both-inf": [-np.inf, np.inf, 0, 1],
            "only-inf": [np.inf] * 4,
            "largest": [info.max, info.min, 0, 77],
            "byte-edges": [254.99, 255, 255.5, 256],
            "clip-fractions": [-0.5, 0.999, 1.5, 254.75],
            "small": [1e-3, 2e-3, 0, 5e-4],
        }
        for name, values in rows.items():
            with np.errstate(all="ignore"):
                array = np.array(values).astype(dtype).reshape(2, 2)
            cases.add("boundary", f"{dtype}-{name}", array)
    for dtype in ("i1", "i2", "i8"):
        for name, values in {
            "signed": [-1, 0, 1, 1],
            "two": [0, 1, 2, 0],
            "minus-two": [-2, 0, 1, 0],
            "minus-one": [-1, -1, 0, 0],
        }.items():
            cases.add("boundary", f"{dtype}-edge-{name}", np.array(values, dtype).reshape(2, 2))


def add_complex(cases: Collector) -> None:
    """The real part is drawn, and NumPy's order of complex numbers (real, then imaginary) chooses the branch."""
    for dtype in ("c8", "c16"):
        rows = {
            "imaginary-dropped": [0, 0.5 + 3j, 0.25 - 9j, 0.999 + 1j],
            "top-edge-plus-i": [0, 0.5, 1 + 0.001j, 1],
            "top-edge-minus-i": [0, 0.5, 1 - 0.001j, 0.3],
            "zero-edge-minus-i": [-1j, 0.5, 0.3, 0.2],
            "zero-edge-plus-i": [1j, 0.5, 0.3, 0.2],
            "low-edge-minus-i": [-1 - 1j, 0.5, 0.3, 0.2],
            "signed": [-0.5 + 1j, 0.5, 0.3, 0.2],
            "clip": [3 - 1j, 0, 255 + 2j, 300],
        }
        for name, values in rows.items():
            cases.add("complex", f"complex-{dtype}-{name}", np.array(values, dtype).reshape(2, 2))
        cases.add("complex", f"complex-{dtype}-rgb", (spread("f4", -1, 1, (3, 4, 3)) + 2j).astype(dtype))


def add_storage(cases: Collector) -> None:
    """The same values in every way that `.npy` stores them."""
    for dtype in ("u2", "u4", "u8", "i2", "i4", "i8", "f2", "f4", "f8", "c8", "c16"):
        low = 0 if dtype[0] == "u" else -1
        high = 700 if dtype[0] in "ui" else 1
        cases.add("storage", f"{dtype}-big-endian", spread(dtype, low, high, (4, 5, 3)).astype(f">{dtype}"))
        cases.add("storage", f"{dtype}-fortran", np.asfortranarray(spread(dtype, low, high, (4, 5, 3))))
    for version in ((1, 0), (2, 0), (3, 0)):
        array = spread("f4", 0, 1, (4, 5, 3))
        cases.add("storage", f"version-{version[0]}", array, npy=npy_bytes(array, version))
        big = np.asfortranarray(spread("f8", -1, 1, (3, 4, 4)).astype(">f8"))
        cases.add("storage", f"version-{version[0]}-big-fortran", big, npy=npy_bytes(big, version))
    cases.add("storage", "fortran-2d", np.asfortranarray(spread("u1", 0, 255, (5, 8))))
    cases.add("storage", "fortran-4d", np.asfortranarray(spread("u1", 0, 255, (1, 5, 8, 3))))
    array = spread("u1", 0, 255, (3, 4))
    cases.add("storage", "trailing-bytes", array, npy=npy_bytes(array) + b"left over")
    for name, header in {
        "old-alignment": "{'descr': '|u1', 'fortran_order': False, 'shape': (3, 4), }",
        "other-key-order": "{'shape': (3, 4), 'fortran_order': False, 'descr': '|u1'}",
        "python-2-shape": "{'descr': '|u1', 'fortran_order': False, 'shape': (3L, 4L), }",
        "double-quotes": '{"descr": "|u1", "fortran_order": False, "shape": (3, 4)}',
        "no-byte-order": "{'descr': 'u1', 'fortran_order': False, 'shape': (3, 4), }",
        "native-byte-order": "{'descr': '=u1', 'fortran_order': False, 'shape': (3, 4), }",
    }.items():
        data = npy_with_header(header, array.tobytes())
        if not np.array_equal(np.load(io.BytesIO(data)), array):
            raise AssertionError(f"NumPy reads {name} otherwise")
        cases.add("storage", name, array, npy=data)


def add_shapes(cases: Collector) -> None:
    """Every form of shape: plain, with surplus axes, squeezed by wandb (D2), several images (D5), and refused."""
    plain = [
        (6, 5),
        (1, 1),
        (1, 7),
        (7, 1),
        (1, 3),
        (3, 3),
        (2, 2),
        (6, 5, 1),
        (6, 5, 3),
        (6, 5, 4),
        (2, 2, 1),
        (2, 3, 4),
        (3, 6, 4),
        (4, 4, 4),
        (3, 3, 3),
        (1, 6, 5),
        (1, 6, 2),
        (1, 6, 5, 1),
        (1, 6, 5, 3),
        (1, 6, 5, 4),
        (1, 1, 6, 5, 3),
        (1, 1, 1, 6, 5, 4),
        (1, 1, 6, 5),
        (1, 1, 1, 6, 5),
        (3, 6, 1),
        (4, 6, 1),
        (6, 3, 1),
        (100, 2, 3),
    ]
    squeezed = [
        (1, 1, 1),
        (1, 1, 3),
        (1, 1, 4),
        (1, 7, 3),
        (7, 1, 3),
        (1, 7, 4),
        (7, 1, 4),
        (7, 1, 1),
        (1, 7, 1),
        (3, 1, 1),
        (1, 1, 3, 3),
        (1, 1, 7, 3),
        (1, 7, 1, 3),
        (5, 1, 5),
        (6, 1, 2),
        (1, 1, 1, 1),
    ]
    several = [
        (2, 6, 5, 3),
        (3, 6, 5, 1),
        (2, 6, 5, 4),
        (3, 6, 5),
        (4, 6, 5),
        (2, 3, 6, 5),
        (2, 4, 6, 5),
        (2, 1, 6, 5),
        (1, 3, 6, 5),
        (1, 1, 3, 6, 5),
        (5, 5, 1, 3),
        (5, 1, 5, 3),
        (6, 5, 1, 1),
        (3, 3, 3, 3),
        (1, 2, 6, 5, 3),
    ]
    refused = [
        (),
        (2,),
        (5,),
        (6, 5, 2),
        (2, 6, 5),
        (5, 6, 7),
        (6, 5, 5),
        (2, 5, 6, 7),
        (2, 2, 6, 5, 3),
        (0, 3),
        (3, 0),
        (4, 0, 3),
        (0, 4, 3),
        (4, 4, 0),
        (0,),
        (1, 1, 5),
    ]
    for group in (plain, squeezed, several, refused):
        for shape in group:
            name = "x".join(map(str, shape)) or "scalar"
            cases.add("shape", f"shape-{name}", spread("u1", 10, 250, shape))
    for shape in ((2, 6, 5, 3), (3, 6, 5), (1, 6, 5, 3), (7, 1, 3), (2, 3, 6, 5)):
        cases.add("shape", f"shape-f4-{'x'.join(map(str, shape))}", spread("f4", -1, 1, shape))
    each = np.stack([spread("f4", 0, 1, (4, 5, 3)), spread("f4", -1, 1, (4, 5, 3)), spread("f4", 0, 200, (4, 5, 3))])
    cases.add("shape", "each-frame-has-its-own-branch", each)
    for shape in ((6, 5, 2), (1, 6, 5, 2), (1, 6, 2), (6, 1, 2), (1, 1, 2)):
        for mode in ("LA", "L", "RGBA"):
            cases.add(
                "shape",
                f"shape-{'x'.join(map(str, shape))}-as-{mode}",
                spread("u1", 10, 250, shape),
                Options(mode=mode),
            )
    for shape in ((5,), (3,), (1,)):
        cases.add("shape", f"vector-{shape[0]}-as-L", spread("u1", 10, 250, shape), Options(mode="L"))
    cases.add("shape", "vector-3", spread("u1", 10, 250, (3,)))
    cases.add("shape", "vector-1", spread("u1", 10, 10, (1,)))
    layouts = [
        ("hw", (6, 5)),
        ("hwc", (6, 5, 3)),
        ("hwc", (3, 6, 4)),
        ("chw", (3, 6, 5)),
        ("chw", (4, 6, 4)),
        ("chw", (1, 6, 5)),
        ("nhw", (3, 6, 5)),
        ("nhw", (2, 6, 3)),
        ("nhwc", (2, 6, 5, 3)),
        ("nhwc", (3, 3, 5, 4)),
        ("nchw", (2, 3, 6, 5)),
        ("nchw", (2, 1, 6, 5)),
        ("nchw", (2, 3, 5, 3)),
        ("chw", (3, 5, 3)),
    ]
    for layout, shape in layouts:
        cases.add(
            "shape",
            f"layout-{layout}-{'x'.join(map(str, shape))}",
            spread("u1", 10, 250, shape),
            Options(layout=layout),
        )


def add_modes(cases: Collector) -> None:
    """Every mode against every file type, from every kind of source."""
    for source, channels in (("L", 1), ("LA", 2), ("RGB", 3), ("RGBA", 4)):
        image = picture_of(channels)
        for mode, file_type in itertools.product(MODES, FILE_TYPES):
            name = f"{source}-to-{mode}-{file_type}".replace(";", "")
            cases.add("mode", name, image, Options(mode=mode, file_type=file_type))
        for file_type in FILE_TYPES:
            cases.add("mode", f"{source}-guessed-{file_type}", image, Options(file_type=file_type))
        cases.add("mode", f"{source}-to-I16B", image, Options(mode="I;16B"))
        for mode in MODES[:7]:
            if mode != "L":
                scaled = (image / np.float32(127.5) - np.float32(1)).astype(np.float32)
                cases.add("mode", f"{source}-signed-to-{mode}".replace(";", ""), scaled, Options(mode=mode))


def add_dither_and_jpeg(cases: Collector) -> None:
    """Larger pictures, where dithering carries errors far and JPEG has whole and cut blocks."""
    y, x = np.mgrid[0:40, 0:33]
    noise = np.random.default_rng(5).integers(0, 256, (24, 29, 3), np.uint8)
    greys = {
        "ramp": (x * 255 // 32).astype(np.uint8),
        "grey127": np.full((24, 24), 127, np.uint8),
        "grey128": np.full((24, 24), 128, np.uint8),
        "grey1": np.full((24, 24), 1, np.uint8),
        "grey254": np.full((16, 40), 254, np.uint8),
        "diagonal": ((x + y) * 255 // 71).astype(np.uint8),
        "row": (x[:1] * 255 // 32).astype(np.uint8),
        "column": (y[:, :1] * 255 // 39).astype(np.uint8),
        "dot": np.full((1, 1), 129, np.uint8),
    }
    colours = {
        "planes": np.stack([x * 255 // 32, y * 255 // 39, (x * y) % 256], -1).astype(np.uint8),
        "noise": noise,
        "flat": np.tile(np.array([200, 30, 77], np.uint8), (21, 22, 1)),
        "blue": np.stack([x * 0, y * 0, x * 255 // 32], -1).astype(np.uint8),
        "web": (np.random.default_rng(6).integers(0, 6, (12, 14, 3)) * 51).astype(np.uint8),
    }
    for name, image in (greys | colours).items():
        cases.add("dither", f"{name}-to-1", image, Options(mode="1"))
        cases.add("dither", f"{name}-to-1-bmp", image, Options(mode="1", file_type="bmp"))
        cases.add("dither", f"{name}-to-P", image, Options(mode="P"))
        cases.add("jpeg", f"{name}-jpg", image, Options(file_type="jpg"))
    for name in ("planes", "noise"):
        for mode in ("YCbCr", "CMYK", "L", "1", "RGBX"):
            cases.add("jpeg", f"{name}-to-{mode}-jpg", colours[name], Options(mode=mode, file_type="jpg"))
    for mode in ("YCbCr", "CMYK", "RGB"):
        cases.add("jpeg", f"ramp-to-{mode}-jpg", greys["ramp"], Options(mode=mode, file_type="jpg"))
    for height, width in ((1, 1), (8, 8), (16, 16), (17, 15), (1, 33), (33, 1), (7, 64)):
        cases.add(
            "jpeg",
            f"grey-{height}x{width}-jpg",
            (y[0:1, 0:1] + np.arange(height * width).reshape(height, width) * 5 % 256).astype(np.uint8),
            Options(file_type="jpg"),
        )
        if 1 not in (height, width):
            cases.add(
                "jpeg",
                f"colour-{height}x{width}-jpg",
                (np.arange(height * width * 3).reshape(height, width, 3) * 3 % 256).astype(np.uint8),
                Options(file_type="jpg"),
            )
    alpha = np.dstack([colours["planes"], (255 - x * 255 // 32).astype(np.uint8)])
    for options in (
        Options(file_type="jpg"),
        Options(file_type="jpeg"),
        Options(mode="RGB", file_type="jpg"),
        Options(mode="RGBA", file_type="jpg"),
        Options(mode="P"),
        Options(mode="P", file_type="bmp"),
        Options(mode="1"),
        Options(mode="LA"),
        Options(file_type="bmp"),
    ):
        cases.add(
            "jpeg" if options.file_type in ("jpg", "jpeg") else "dither",
            f"alpha-{options.mode}-{options.file_type}",
            alpha,
            options,
        )
    for width in range(2, 10):
        cases.add("bmp", f"bmp-grey-{width}", (x[:5, :width] * 9).astype(np.uint8), Options(file_type="bmp"))
        cases.add(
            "bmp", f"bmp-1-{width}", (x[:5, :width] * 29 % 256).astype(np.uint8), Options(mode="1", file_type="bmp")
        )
        cases.add("bmp", f"bmp-rgb-{width}", colours["planes"][:3, :width], Options(file_type="bmp"))


def add_differences(cases: Collector) -> None:
    """What wandb wraps, loses or crashes on (D1, D3, D4)."""
    for dtype in (*INTEGERS[1:], *FLOATS):
        low = 0 if dtype[0] == "u" else -120
        high = 127 if dtype == "i1" else 600
        cases.add("difference", f"{dtype}-wraps", spread(dtype, low, high, (5, 6)), Options(normalize=False))
    for dtype in FLOATS:
        cases.add(
            "difference",
            f"{dtype}-infinite-as-is",
            np.array([[np.inf, -np.inf], [3, 4]], dtype),
            Options(normalize=False),
        )
        nan = {
            "unit": [np.nan, 0, 0.5, 1],
            "signed": [np.nan, -1, 0.5, 1],
            "clip": [np.nan, -7, 100, 300],
            "only": [np.nan] * 4,
            "infinite": [np.nan, np.inf, 0.5, 1],
            "low": [np.nan, np.nan, -0.25, 0.25],
            "zero": [np.nan, 0, 0, 0],
        }
        for name, values in nan.items():
            cases.add("difference", f"{dtype}-nan-{name}", np.array(values, dtype).reshape(2, 2))
    pixels = spread("f4", 0, 1, (4, 5, 4))
    pixels[1, 2, 3] = np.nan
    cases.add("difference", "f4-nan-in-alpha", pixels)
    cases.add("difference", "i1-zero-one", np.array([[0, 1], [1, 0]], np.int8))
    cases.add("difference", "i1-zero", np.zeros((3, 2), np.int8))
    cases.add("difference", "i1-zero-one-rgb", (spread("f4", 0, 1, (3, 4, 3)) > 0.5).astype(np.int8))


def add_refused(cases: Collector) -> None:
    """Options and files that are errors on both sides."""
    image = picture_of(3, 4, 5)
    for mode in ("HSV", "LAB", "I", "F", "PA", "La", "RGBa", "I;16L", "rgb", "nope"):
        for file_type in ("png", "jpg"):
            outcome = run_wandb(image, Options(mode=mode, file_type=file_type))
            if not isinstance(outcome, str):
                raise AssertionError(f"wandb writes {mode} as {file_type}")
            cases.refuse(
                "refused",
                f"mode-{mode}-{file_type}".replace(";", ""),
                npy_bytes(image),
                ["--mode", mode, "--file-type", file_type],
                outcome,
            )
    for file_type in ("PNG", "gif", "webp", "tiff", ".png"):
        outcome = run_wandb(image, Options(file_type=file_type))
        cases.refuse("refused", f"file-type-{file_type}", npy_bytes(image), ["--file-type", file_type], str(outcome))
    for name, array in {
        "text": np.array([["a", "b"]]),
        "bytes": np.array([[b"a", b"b"]]),
        "date": np.array([[1, 2]], "M8[s]"),
        "record": np.zeros((2, 2), [("a", "u1"), ("b", "f4")]),
        "void": np.zeros((2, 2), "V3"),
    }.items():
        outcome = run_wandb(array, Options())
        if not isinstance(outcome, str):
            raise AssertionError(f"wandb draws {name}")
        cases.refuse("refused", f"dtype-{name}", npy_bytes(array), [], outcome)
    buffer = io.BytesIO()
    np.save(buffer, np.array([[{}, 1]], object), allow_pickle=True)
    whole = npy_bytes(picture_of(1))
    broken = {
        "pickle": buffer.getvalue(),
        "cut-data": whole[:-1],
        "cut-header": whole[:60],
        "only-magic": whole[:8],
        "empty": b"",
        "version-9": whole[:6] + b"\x09\x00" + whole[8:],
        "not-an-array": b"hello, world\n" * 9,
        "negative-shape": whole.replace(b"(11, 13)", b"(-1, 13)"),
        "huge-shape": npy_with_header(
            "{'descr': '|u1', 'fortran_order': False, 'shape': (1099511627776, 9), }", b"12345678"
        ),
    }
    for name, data in broken.items():
        try:
            np.load(io.BytesIO(data), allow_pickle=False)
        except Exception as error:  # NumPy must refuse it, however it does
            cases.refuse("refused", f"file-{name}", data, [], f"{type(error).__name__}: {error}"[:120])
        else:
            raise AssertionError(f"NumPy reads {name}")


ALL = (
    add_value_ranges,
    add_half_precision,
    add_single_precision,
    add_boundaries,
    add_complex,
    add_storage,
    add_shapes,
    add_modes,
    add_dither_and_jpeg,
    add_differences,
    add_refused,
)
