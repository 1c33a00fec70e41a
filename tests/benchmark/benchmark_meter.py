"""CPU, wall, memory and queries of a piece of work: Python and PostgreSQL together.

On a shared machine the wall clock says little; the CPU time of this process and of its
PostgreSQL backends says what the work costs.
"""

import gc
import os
import statistics
import time
from dataclasses import dataclass

from odoo import sql_db

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Cost:
    """What a piece of work cost; seconds, megabytes, number of queries."""

    python: float
    postgres: float | None  # None when PostgreSQL runs on another machine
    wall: float
    peak: float
    queries: int

    @property
    def cpu(self):
        return None if self.postgres is None else self.python + self.postgres

    def __truediv__(self, times):
        """The share of one of `times` equal repetitions; the peak is shared by all."""
        postgres = None if self.postgres is None else self.postgres / times
        return Cost(
            self.python / times,
            postgres,
            self.wall / times,
            self.peak,
            round(self.queries / times),
        )


class Meter:
    """``with Meter() as meter: work()``, then ``meter.cost``.

    Counts every connection of this process, as a job may open cursors of its own.
    """

    def __enter__(self):
        gc.collect()
        _reset_peak()
        self._backends = _backend_seconds()
        self._queries = sql_db.sql_counter
        self._python = time.process_time()
        self._wall = time.perf_counter()
        return self

    def __exit__(self, *_exception):
        wall = time.perf_counter() - self._wall
        python = time.process_time() - self._python
        after = _backend_seconds()
        postgres = None
        if after is not None and self._backends is not None:
            postgres = sum(
                seconds - self._backends.get(pid, 0) for pid, seconds in after.items()
            )
        self.cost = Cost(
            python, postgres, wall, _peak(), sql_db.sql_counter - self._queries
        )


def median_cost(env, work, runs):
    """The cost of one of several runs, the one in the middle by wall clock; a first run
    before them fills what stays warm.

    :param runs: odd
    """
    work()
    costs = []
    for _run in range(runs):
        env.invalidate_all()
        with Meter() as meter:
            work()
        costs.append(meter.cost)
    middle = statistics.median(cost.wall for cost in costs)
    return next(cost for cost in costs if cost.wall == middle)


def _backend_seconds():
    """CPU seconds so far of each PostgreSQL backend of this process, by its pid."""
    seconds = {}
    for pool in (sql_db._Pool, sql_db._Pool_readonly):
        for connection in pool._connections if pool else ():
            if not connection.closed:
                pid = connection.get_backend_pid()
                try:
                    seconds[pid] = _process_seconds(pid)
                except OSError:
                    return None
    return seconds


def _process_seconds(pid):
    with open(f"/proc/{pid}/comm") as name:
        if not name.read().startswith("postgres"):
            raise OSError(f"process {pid} of this machine is not the backend")
    try:
        with open(f"/proc/{pid}/schedstat") as stat:  # nanoseconds
            return int(stat.read().split()[0]) / 1e9
    except OSError:
        with open(f"/proc/{pid}/stat") as stat:  # hundredths
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


def _reset_peak():
    with open("/proc/self/clear_refs", "w") as control:
        control.write("5")


def _peak():
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
    return 0.0
