"""Scan and rescaling in the cache: GB/s of input, beside memcpy and NumPy."""

from __future__ import annotations

import numpy as np

from measure import Bench, median

SIDE = 128
TYPES = ("float32", "float64", "float16", "uint8", "int64")


def all_types(bench: Bench) -> dict[str, dict]:
    """Each element type in both layouts."""
    rng = np.random.default_rng(0)
    found = {}
    for dtype in TYPES:
        path = bench.root / f"kernel-{dtype}.raw"
        values = rng.random((SIDE, SIDE, 3)) if "float" in dtype else rng.integers(0, 256, (SIDE, SIDE, 3))
        values.astype(dtype).tofile(path)
        for layout in ("hwc", "chw"):
            request = {"op": "kernel", "path": str(path), "dtype": dtype, "layout": layout, "side": SIDE, "seconds": 0.02}
            rates, copies, ratios = [], [], []
            for _ in range(bench.rounds(3, 9)):
                mine, numpy = bench.ours.ask(request), bench.classic.ask(request)
                rates.append(mine["bytes"] / mine["cpu"] / 1e9)
                copies.append(mine["cpu"] / mine["memcpy"])
                ratios.append(numpy["cpu"] / mine["cpu"])
            found[f"{dtype} {layout}"] = {"gb_per_s": median(rates), "memcpys": median(copies), "numpy": median(ratios)}
    return found
