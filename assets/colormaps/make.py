"""Writes the colormaps of this folder: 256 colours of three bytes each, as matplotlib has them.

    pip install matplotlib && python assets/colormaps/make.py

viridis, magma and inferno are by Nathaniel J. Smith, Stefan van der Walt and Eric Firing (CC0); turbo is by
Anton Mikhailov (Apache-2.0).
"""

import pathlib

import matplotlib
import numpy as np

for name in ("viridis", "magma", "inferno", "turbo", "gray"):
    colors = matplotlib.colormaps[name](np.arange(256), bytes=True)[:, :3]
    (pathlib.Path(__file__).parent / f"{name}.rgb").write_bytes(colors.tobytes())
