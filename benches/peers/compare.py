"""Measure `wbimg` against its peers and write the tables. `benches/peers/run` starts this with everything installed."""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import sys
import time

import datasets
import encoders
import kernels
import pipelines
import report
from measure import HERE, Bench, Runner, Worker


def parts(bench: Bench, pictures: list[datasets.Picture]) -> dict:
    """Everything that is measured, by the name that `--only` takes."""
    photos, groups = datasets.PHOTO_GROUPS, datasets.GROUPS
    return {
        "png": lambda: encoders.png(bench, pictures, "balanced", groups),
        "png-ng": lambda: encoders.png(bench, pictures, "balanced", groups, "ng"),
        "png-opencv": lambda: encoders.png(bench, pictures, "balanced", photos + datasets.FLAT_GROUPS, "opencv"),
        "fast": lambda: encoders.png(bench, pictures, "fast", photos),
        "small": lambda: encoders.png(bench, pictures, "small", photos + datasets.FLAT_GROUPS),
        "jpg": lambda: encoders.exact(bench, pictures, "jpg"),
        "bmp": lambda: encoders.exact(bench, pictures, "bmp"),
        "kernels": lambda: kernels.all_types(bench),
        "convert": lambda: pipelines.photographs(bench),
        "convert-jpg": lambda: pipelines.photographs(bench, "jpg"),
        "digits": lambda: pipelines.digits(bench),
        "once": lambda: {f"{side}²": pipelines.once(bench, side) for side in (224, 1024)},
        "threads": lambda: pipelines.memory_and_threads(bench),
        "oxipng": lambda: encoders.against_oxipng(bench, pictures),
    }


def main() -> None:
    """Parse, measure, write."""
    parser = argparse.ArgumentParser(prog="benches/peers/run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer pictures and rounds; writes nothing here")
    parser.add_argument("--each", action="store_true", help="print a line for each picture that encoders were tried on")
    parser.add_argument("--wbimg", type=pathlib.Path, required=True, help="the program (default: built here)")
    parser.add_argument("--worker", type=pathlib.Path, required=True, help="the example `peer` (default: built here)")
    parser.add_argument(
        "--only", action="append", metavar="PART", help="only this part; may be repeated; writes nothing here"
    )
    parser.add_argument("--out", type=pathlib.Path, help="write the tables there, and nothing here")
    parser.add_argument("--root", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--zlib-ng", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--oxipng", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    arguments.root.mkdir(parents=True, exist_ok=True)
    peer = [sys.executable, str(HERE / "worker.py")]
    with_zlib_ng = {**os.environ, "LD_LIBRARY_PATH": str(arguments.zlib_ng)}
    bench = Bench(
        wbimg=arguments.wbimg,
        runner=Runner(),
        ours=Worker([str(arguments.worker)]),
        classic=Worker(peer),
        ng=Worker(peer, with_zlib_ng),
        with_zlib_ng=with_zlib_ng,
        oxipng=arguments.oxipng,
        root=arguments.root,
        quick=arguments.quick,
        each=arguments.each,
    )
    pictures = datasets.load(arguments.root)
    every = parts(bench, pictures)
    if unknown := set(arguments.only or ()) - set(every):
        parser.error(f"no part is called {', '.join(unknown)}; there are {', '.join(every)}")
    results = {"machine": report.machine(bench), "quick": bench.quick}
    # oxipng's installation takes minutes.
    default = [name for name in every if not (bench.quick and name == "oxipng")]
    for name in arguments.only or default:
        start = time.monotonic()
        results[name] = every[name]()
        print(f"{name}: {time.monotonic() - start:.0f} s", file=sys.stderr)
    results["load"] = pathlib.Path("/proc/loadavg").read_text().split()[:2]
    (arguments.root / "results.json").write_text(json.dumps(results, indent=1))
    text = report.tables(results)
    print(text)
    if arguments.out:
        arguments.out.write_text(text)
    elif not arguments.only and not bench.quick:
        (HERE.parent / "RESULTS.md").write_text(text)
        report.update_readme(HERE.parent.parent / "README.md", results)


if __name__ == "__main__":
    main()
