"""Thousands of damaged copies of the fixtures in one call: every one is a row or one line of its own, the whole ones among
them are converted, and the directory is clean.

    mutations.py BIN [COPIES [SEED [OPTION...]]]        COPIES of each fixture (20); a minute for 150
"""
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time

BIN = os.path.abspath(sys.argv[1])
COPIES = int(sys.argv[2]) if len(sys.argv) > 2 else 20
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else 1
FIXTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fixtures")
EXTENSIONS = (".npy", ".npz", ".pt", ".safetensors", ".png", ".jpg", ".bmp", ".gif", ".webp", ".tiff")
# What --max-memory allows by default, and what threads and the program itself reserve.
ADDRESS_SPACE = 3 << 30


def mutate(data, rng):
    data = bytearray(data)
    kind = rng.randrange(6)
    if kind == 0:
        return data[:rng.randrange(len(data))]
    for _ in range(1 << rng.randrange(5)):
        # Headers are where the lies are.
        at = rng.randrange(min(len(data), 256) if rng.random() < 0.6 else len(data))
        if kind <= 2:
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 3:
            data[at:at + 4] = rng.choice([b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f", b"\x00\x00\x00\x80"])
        elif kind == 4:
            del data[at:at + 1 + rng.randrange(8)]
        else:
            start = rng.randrange(len(data))
            data[at:at] = data[start:start + rng.randrange(64)]
        if not data:
            break
    return data


def main():
    rng = random.Random(SEED)
    here = tempfile.mkdtemp(prefix="wbimg-mutations-")
    os.makedirs(f"{here}/in/whole")
    count, whole = 0, 0
    for folder, _, names in sorted(os.walk(FIXTURES)):
        for name in sorted(names):
            path = os.path.join(folder, name)
            if not name.endswith(EXTENSIONS) or os.path.getsize(path) > 1 << 18 or "objects" in name:
                continue
            with open(path, "rb") as file:
                data = file.read()
            stem, extension = os.path.splitext(name)
            for n in range(COPIES):
                with open(f"{here}/in/{os.path.basename(folder)}-{stem}-{extension[1:]}-{n}{extension}", "wb") as file:
                    file.write(mutate(data, rng))
                count += 1
    for n in range(50):
        shutil.copy(f"{FIXTURES}/images/rgb.png", f"{here}/in/whole/{n}.png")
        whole += 1
    command = [BIN, "convert", "in", "-o", "out", "-j", "2", "--json", *sys.argv[4:]]
    start = time.time()
    done = subprocess.run(command, cwd=here, capture_output=True, timeout=60 + count,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE)))
    stderr = done.stderr.decode()
    wrong = []
    if done.returncode not in (0, 1):
        wrong.append(f"exit {done.returncode}")
    if re.search(r"panicked|overflow|RUST_BACKTRACE|a bug in wbimg|memory allocation", stderr):
        wrong.append("a panic")
    lines = stderr.splitlines()
    odd = [line for line in lines if not re.match(r"wbimg: (error|warning|note): ", line)]
    wrong += [f"a line of another kind: {line[:200]}" for line in odd[:5]]
    errors = [line for line in lines if line.startswith("wbimg: error: ")]
    failed = {re.match(r"wbimg: error: (in/[^:\[]*)", line).group(1) for line in errors}
    rows = re.findall(rb'^\{"source":"(in/[^"]*)"', done.stdout, re.M)
    converted = {row.decode() for row in rows}
    if len(failed | converted) != count + whole:
        wrong.append(f"{count + whole} inputs, but {len(failed | converted)} were heard of")
    if sum(name.startswith("in/whole/") for name in converted) != whole:
        wrong.append("a whole file was lost")
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    verified = subprocess.run([BIN, "verify", "out"], cwd=here, capture_output=True, text=True)
    if verified.returncode != 0 or len(verified.stderr.splitlines()) != 1:
        wrong.append(f"verify: {verified.stderr[:500]}")
    print(f"{count} damaged files: {len(failed)} refused, {len(converted) - whole} converted all the same, "
          f"{time.time() - start:.0f} s, {usage.ru_maxrss >> 10} MB at the most")
    for what in wrong:
        print(f"wrong: {what}")
    if wrong:
        print(f"see {here}")
    else:
        shutil.rmtree(here)
    return bool(wrong)


sys.exit(main())
