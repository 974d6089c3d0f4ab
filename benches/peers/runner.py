"""Runs programs and tells what they took. A process of its own that imports next to nothing, because the kernel counts
into a program's peak memory what the process held that started it. Standard input and output as in `worker.py`."""

import json
import os
import sys
import time

DEVNULL = os.open(os.devnull, os.O_WRONLY)

for line in sys.stdin:
    request = json.loads(line)
    command = request["command"]
    start = time.perf_counter()
    quiet = [(os.POSIX_SPAWN_DUP2, DEVNULL, 1)]
    process = os.posix_spawnp(command[0], command, request["environment"] or os.environ, file_actions=quiet)
    _, status, usage = os.wait4(process, 0)
    answer = {
        "wall": time.perf_counter() - start,
        "status": os.waitstatus_to_exitcode(status),
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak": usage.ru_maxrss * 1024,
    }
    print(json.dumps(answer), flush=True)
