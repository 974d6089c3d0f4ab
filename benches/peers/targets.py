"""What was set out to be reached, and where in the results it is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """A line of the table of targets. `measured` gives a number; `better` says which way it should go."""

    work: str
    must: float
    stretch: float
    measured: Callable[[dict], float]
    better: str = "more"
    form: str = "{:.1f}×"

    def verdict(self, results: dict) -> tuple[float, str] | None:
        """The number, and which bar it clears; nothing if it was not measured."""
        try:
            value = self.measured(results)
        except KeyError:
            return None
        clears = (lambda bar: value >= bar) if self.better == "more" else (lambda bar: value <= bar)
        return value, "stretch" if clears(self.stretch) else "must" if clears(self.must) else "missed"


BYTES = {"better": "less", "form": "{:.3f}×"}
CLASSIC, NG = "wandb on zlib 1.2.13", "wandb on zlib-ng"


def png(title: str, field: str, part: str = "png") -> Callable[[dict], float]:
    """A field of a group of the PNG comparison."""
    return lambda results: results[part][title][field]


def convert(side: int, peer: str, field: str = "speed") -> Callable[[dict], float]:
    """A field of the whole pipeline against a peer."""
    return lambda results: results["convert"][f"{side}²"][field][peer]


PHOTO, FLAT, SMALL = "photographs and natural textures", "flat pictures", "small pictures"

TARGETS = [
    Target("PNG encoder, photographs and natural textures, against Pillow on zlib 1.2.13", 50, 90, png(PHOTO, "speed")),
    Target("… their bytes in total", 1.0, 0.96, png(PHOTO, "bytes"), **BYTES),
    Target("… the worst picture's bytes", 1.03, 1.02, png(PHOTO, "worst"), **BYTES),
    Target("PNG encoder, flat pictures (heat maps, masks, drawings, text, screens)", 4, 8, png(FLAT, "speed")),
    Target("… their bytes in total", 1.0, 0.95, png(FLAT, "bytes"), **BYTES),
    Target("… the worst picture's bytes", 1.05, 1.05, png(FLAT, "worst"), **BYTES),
    Target("PNG, small pictures (28×28, 64×64), bytes in total", 1.0, 0.98, png(SMALL, "bytes"), **BYTES),
    Target("`--compress fast`, photographs", 100, 100, png(PHOTO, "speed", "fast")),
    Target("`--compress small`, photographs: bytes", 0.93, 0.93, png(PHOTO, "bytes", "small"), **BYTES),
    Target("`--compress small` against oxipng `-o2`, time", 1, 1, lambda results: results["oxipng"]["speed"]),
    *(
        Target(f"`convert` of {side}² f32 against a warm loop of `wandb.Image`", must, stretch, convert(side, CLASSIC))
        for side, must, stretch in ((224, 30, 40), (512, 50, 70), (1024, 45, 60))
    ),
    *(
        Target(f"… bytes at {side}²", 1.0, 1.0, convert(side, CLASSIC, "bytes"), **BYTES)
        for side in (224, 512, 1024)
    ),
    *(
        Target(f"`convert` of {side}² f32 against `wandb.Image` on zlib-ng", must, stretch, convert(side, NG))
        for side, must, stretch in ((224, 12, 16), (512, 14, 19), (1024, 11, 16))
    ),
    *(
        Target(f"`convert` of {side}² f32 against OpenCV", must, 6, convert(side, "OpenCV"))
        for side, must in ((224, 4.5), (512, 5.5), (1024, 4))
    ),
    *(
        Target(f"… bytes against OpenCV's at {side}²", 1.0, 1.0, convert(side, "OpenCV", "bytes"), **BYTES)
        for side in (224, 512, 1024)
    ),
    Target("`convert` of many 28×28 u8 against `wandb.Image`", 6, 9, lambda r: r["digits"]["speed"][CLASSIC]),
    Target("JPEG at 75, 4:2:0, share of files byte-identical to Pillow's", 1, 1, lambda r: r["jpg"]["identical"] / r["jpg"]["of"]),
    Target("JPEG encoder against Pillow's (libjpeg-turbo)", 1, 1, lambda r: r["jpg"]["speed"]),
    *(
        Target(
            f"`convert --file-type jpg` of {side}² f32 against `wandb.Image`", 2.5, 4,
            lambda results, side=side: results["convert-jpg"][f"{side}²"]["speed"][CLASSIC],
        )
        for side in (224, 512, 1024)
    ),
    Target("BMP, share of files byte-identical to Pillow's", 1, 1, lambda r: r["bmp"]["identical"] / r["bmp"]["of"]),
    Target("scan and rescale of f32 in the cache, GB/s", 25, 40, lambda r: r["kernels"]["float32 hwc"]["gb_per_s"], form="{:.1f}"),
    *(
        Target(f"one {side}² picture, start to exit, wall, against Python + wandb", must, stretch,
               lambda results, side=side: results["once"][f"{side}²"]["speed"]["Python + wandb"])
        for side, must, stretch in ((224, 200, 300), (1024, 60, 100))
    ),
    Target("peak memory, 200 × 1024² on two threads, MB", 64, 45, lambda r: r["threads"]["peak"]["200"], "less", "{:.0f}"),
    Target("two threads against one, wall", 1.8, 1.95, lambda r: r["threads"]["two_threads"], form="{:.2f}×"),
    Target("… on one picture of 4096² u8", 1.8, 1.95, lambda r: r["threads"]["one_large"], form="{:.2f}×"),
]  # fmt: skip
