"""Uses the installed command as a Python program would: `check.py CHECKOUT`, in a folder of its own."""

import importlib.metadata
import json
import subprocess
import sys
import tomllib
from pathlib import Path


def wbimg(*args):
    return subprocess.run(["wbimg", *map(str, args)], check=True, capture_output=True, text=True).stdout


def main(checkout):
    package = tomllib.loads((checkout / "Cargo.toml").read_text())["package"]
    distribution = importlib.metadata.distribution("wbimg")
    assert distribution.version == package["version"]
    assert distribution.metadata["Summary"] == package["description"]
    assert wbimg("--version") == f"wbimg {package['version']}\n"

    installed = [Path(str(file)) for file in distribution.files]
    programs = [file for file in installed if file.name in ("wbimg", "wbimg.exe")]
    others = [file for file in installed if not any(part.endswith(".dist-info") for part in file.parts)]
    assert programs == others, f"more than the program is installed: {others}"
    licences = [file.name for file in installed if "licenses" in file.parts]
    assert sorted(licences) == ["LICENSE-APACHE", "LICENSE-MIT", "OFL.txt"], licences

    (path,) = wbimg("convert", checkout / "fixtures/arrays/chelsea.npy").splitlines()
    assert Path(path).read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    (row,) = map(json.loads, Path("wbimg-out/manifest.jsonl").read_text().splitlines())
    assert (row["key"], row["media"]["width"], row["media"]["height"]) == ("chelsea", 256, 192)
    (run,) = wbimg("wandb-run", "wbimg-out").splitlines()
    assert len(list(Path(run).glob("run-*.wandb"))) == 1

    failed = subprocess.run(["wbimg", "convert", "missing.npy"], capture_output=True, text=True)
    assert failed.returncode != 0 and failed.stderr.startswith("wbimg: error: missing.npy: "), failed
    print("the wheel is well")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
