"""Shares of one list on a Ray cluster whose machines see the same folders: on_ray.py [N]"""
import os
import subprocess
import sys

import ray

SHARES = int(sys.argv[1]) if len(sys.argv) > 1 else 4


@ray.remote(num_cpus=1)
def convert(share, folder):
    call = ["wbimg", "convert", "data", "-o", "out", "-j", "1", "--shard", f"{share}/{SHARES}"]
    return subprocess.run(call, cwd=folder, capture_output=True, text=True)


ray.init()
results = ray.get([convert.remote(share, os.getcwd()) for share in range(1, SHARES + 1)])
sys.stderr.write("".join(result.stderr for result in results))
sys.exit(max(result.returncode for result in results))
