"""Measure what the workbook of a report takes: memory must not grow with its items.

The ledger is that of `tests/benchmark/reports`. The item status report is written with
all its items, for the first so many of them and for all, each in a process of its own:
what the process holds most, over what it held once Odoo was loaded.
The table also goes into ``docs/performance.md``.
"""

import argparse
import json
import multiprocessing
import os
import sys
from tempfile import TemporaryDirectory

import odoo.init  # noqa: F401  (fills the namespace that the rest imports from)

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import evaluate  # noqa: E402
import reports  # noqa: E402
from benchmark_meter import Meter, _peak  # noqa: E402

GROUPS = ["status_type", "status_id"]
HEADER = (
    "| items | seconds | peak MB over the start | file, MB | queries |\n"
    "|---:|---:|---:|---:|---:|"
)


def last_id(env, items):
    """The id of the last of so many rows of the report, None for all of them."""
    report = env["dso.item.report"]
    found = report.search([], order="id", offset=items, limit=1)
    return found.id or None


def write(database, last, queue):
    """Write the workbook of the items before this one, and say what it took."""
    with evaluate.environment(database) as env, TemporaryDirectory() as folder:
        env = env(None, *reports.reader(env))
        report = env["dso.report.table"]._report_of("item_status")
        options = {
            "group_by": GROUPS,
            "domain": [("id", "<", last)] if last else [],
        }
        report._report_item_count({"group_by": GROUPS, "domain": [("id", "=", 0)]})
        path = os.path.join(folder, "report.xlsx")
        with Meter() as meter:
            start = _peak()
            _name, count = report._report_xlsx(path, options)
        queue.put(
            {
                "items": count,
                "wall": meter.cost.wall,
                "memory": meter.cost.peak - start,
                "file": os.path.getsize(path) / 2**20,
                "queries": meter.cost.queries,
            }
        )


def measure(env, sizes):
    """The figures of each size, in their order."""
    lasts = [last_id(env, items) for items in sizes]
    database = env.cr.dbname
    env.cr.commit()
    # a connection is not shared between processes: none is forked
    spawn = multiprocessing.get_context("spawn")
    rows = []
    for last in lasts:
        queue = spawn.Queue()
        process = spawn.Process(target=write, args=(database, last, queue))
        process.start()
        rows.append(queue.get(timeout=1800))
        process.join()
        print(line(rows[-1]), flush=True)
    return rows


def line(row):
    cells = [
        f"{row['items']:,}",
        f"{row['wall']:.1f}",
        f"{row['memory']:.0f}",
        f"{row['file']:.1f}",
        f"{row['queries']:,}",
    ]
    return f"| {' | '.join(cells)} |"


def section(env, rows):
    """The section of the page, in Markdown."""
    return "\n".join(
        [
            "### Workbook of the item status report",
            "",
            f"{evaluate._machine(env.cr)}. Written by `tests/benchmark/export`, each in"
            " a process of its own; wall clock, with all items on a sheet.",
            "",
            HEADER,
            *map(line, rows),
        ]
    )


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--items", type=int, default=100_000)
    evaluate.add_options(parser)
    options = parser.parse_args(arguments)
    with evaluate.opened(options, "export") as env:
        reports.fill(env, options.items)
        print(f"\n{HEADER}", flush=True)
        reader = env(None, *reports.reader(env))
        rows = measure(reader, [options.items // 10, options.items])
        evaluate.hand_out(options, "export", section(env, rows), json.dumps(rows))


if __name__ == "__main__":
    main()
