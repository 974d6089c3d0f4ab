"""Shares of one list on a Dask cluster whose machines see the same folders: on_dask.py SCHEDULER [N]"""
import os
import subprocess
import sys

from dask.distributed import Client

SHARES = int(sys.argv[2]) if len(sys.argv) > 2 else 4


def convert(share, folder):
    call = ["wbimg", "convert", "data", "-o", "out", "-j", "1", "--shard", f"{share}/{SHARES}"]
    return subprocess.run(call, cwd=folder, capture_output=True, text=True)


with Client(sys.argv[1]) as client:
    results = client.gather(client.map(convert, range(1, SHARES + 1), folder=os.getcwd(), pure=False))
sys.stderr.write("".join(result.stderr for result in results))
sys.exit(max(result.returncode for result in results))
