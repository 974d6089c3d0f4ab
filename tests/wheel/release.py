"""The release workflow makes the archives that `cargo binstall` looks for: `release.py` (needs PyYAML, bash, tar).

Its archiving step is run here as it stands, with a stand-in for the program.
"""

import os
import subprocess
import tarfile
import tempfile
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]


def fill(template, **values):
    """`{ name }` in binstall's templates."""
    for name, value in values.items():
        template = template.replace("{ %s }" % name, value)
    assert "{" not in template, template
    return template


def main():
    package = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]
    binstall = package["metadata"]["binstall"]
    workflow = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text())
    job = workflow["jobs"]["programs"]
    (archive_step,) = [step["run"] for step in job["steps"] if step.get("name") == "Archive"]
    triples = [entry["target"] for entry in job["strategy"]["matrix"]["include"]]
    for entry in job["strategy"]["matrix"]["include"]:
        target, form = entry["target"], binstall["pkg-fmt"]
        form = binstall["overrides"].get(target, {}).get("pkg-fmt", form)
        assert form == entry["archive"], target
        url = fill(
            binstall["pkg-url"],
            repo="REPO",
            version=package["version"],
            name=package["name"],
            target=target,
            **{"archive-suffix": f".{form}"},
        )
        start = f"REPO/releases/download/v{package['version']}/"
        assert url.startswith(start), url
        program = fill(binstall["bin-dir"], name=package["name"], target=target, bin="wbimg", **{"binary-ext": ""})
        if form == "tgz":
            check_archive(archive_step, entry, url.removeprefix(start), program)
    assert set(binstall["overrides"]) <= set(triples), "an override for what is not built"
    print(f"{len(triples)} archives are where cargo binstall looks for them")


def check_archive(step, entry, name, program):
    """Runs the step, and looks for the program in the archive."""
    target = entry["target"]
    with tempfile.TemporaryDirectory() as folder:
        built = Path(folder) / "target" / target / "release/wbimg"
        built.parent.mkdir(parents=True)
        built.write_text("#!/bin/sh\n")
        built.chmod(0o755)
        for file in ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE", "assets", "completions"]:
            (Path(folder) / file).symlink_to(ROOT / file)
        step = step.replace("${{ matrix.archive }}", entry["archive"])
        environment = {"PATH": os.environ["PATH"], "TARGET": target, "RUNNER_OS": "Linux"}
        subprocess.run(["bash", "-euo", "pipefail", "-c", step], cwd=folder, env=environment, check=True)
        dist = Path(folder) / "dist"
        assert sorted(path.name for path in dist.iterdir()) == [name, f"{name}.sha256"]
        subprocess.run(["sha256sum", "--check", "--quiet", f"{name}.sha256"], cwd=dist, check=True)
        with tarfile.open(dist / name) as archive:
            assert archive.getmember(program).mode & 0o111, "the program cannot be run"


if __name__ == "__main__":
    main()
