"""gevent's side of the micro rows, the same shapes as in green/. Usage: gevent_micro.py ROW

Prints units and the CPU seconds (for parked: the bytes) that they took.
"""

import gc
import os
import re
import sys
import time

import gevent
from gevent.lock import BoundedSemaphore
from gevent.pool import Pool


def take_turns(turns):
    for _ in range(turns):
        gevent.sleep(0)


def run_yield(turns):
    gevent.joinall([gevent.spawn(take_turns, turns) for _ in range(100)])
    return 100 * turns


def run_spawn(batches):
    for _ in range(batches):
        gevent.joinall([gevent.spawn(int) for _ in range(100)])
    return 100 * batches


def run_pool(batches):
    pool = Pool(100)
    for _ in range(batches):
        jobs = [pool.spawn(int, number) for number in range(5000)]
        for number, job in enumerate(jobs):
            assert job.get() == number
    return 5000 * batches


def run_lock(rounds):
    lock, owner, handoffs = BoundedSemaphore(1), None, 0

    def work(me):
        nonlocal owner, handoffs
        for _ in range(rounds):
            lock.acquire()
            if owner != me:
                owner, handoffs = me, handoffs + 1
            lock.release()
            gevent.sleep(0)  # gevent's lock lets its releaser barge in again: without this there is no hand-off

    gevent.joinall([gevent.spawn(work, number) for number in range(10)])
    return handoffs


def resident_bytes():
    gc.collect()
    with open("/proc/self/smaps_rollup") as file:
        return 1024 * int(re.search(r"Pss:\s*(\d+) kB", file.read())[1])


def measure_parked():
    resident_bytes()
    before = resident_bytes()
    kept = [gevent.spawn(gevent.sleep, 600) for _ in range(100000)]
    gevent.sleep(0)
    gevent.sleep(0)
    print(len(kept), resident_bytes() - before, flush=True)
    os._exit(0)  # ends at once: unwinding 100 000 greenlets is not what is measured


row = sys.argv[1]
if row == "parked":
    measure_parked()
run, warm_up, counted = {
    "yield": (run_yield, 200, 5000),
    "spawn": (run_spawn, 20, 500),
    "pool": (run_pool, 1, 6),
    "lock": (run_lock, 200, 5000),
}[row]
run(warm_up)
start = time.process_time()
units = run(counted)
print(units, time.process_time() - start)
