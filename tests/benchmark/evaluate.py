"""Measure the evaluation of a large ledger beside the least that plain SQL needs.

Prints, from one run on one generated ledger: the floors (plain SQL statements), the
first evaluation of everybody, the next night on which nothing changed, the evaluation
of 1 % changed accounts and of one customer. The table also goes into
``docs/performance.md``.

All work runs without parallel workers, so that the CPU time of the one backend is all
of it.
"""

import argparse
import json
import os
import platform
import re
import statistics
import sys
import time
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime, timezone
from pathlib import Path

import psycopg2

import odoo.init  # noqa: F401  (fills the namespace that the rest imports from)

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import benchmark_ledger as ledger  # noqa: E402
from benchmark_meter import Meter  # noqa: E402

from odoo import SUPERUSER_ID, api, release  # noqa: E402
from odoo.modules.registry import Registry  # noqa: E402
from odoo.tools import config  # noqa: E402

SIZES = {"10k": 10_000, "100k": 100_000, "1M": 1_000_000}
PUBLISHED = Path(__file__).parents[2] / "docs" / "performance.md"
ONE_CUSTOMER_RUNS = 20

# ---------------------------------------------------------------------------
# Floors
# ---------------------------------------------------------------------------

# The leader in a single pass: due date, invoice date and invoice in one number, of
# which the smallest wins. Of lines with terms on a receivable account only those of
# invoices have a positive residual, so neither the entries nor a sort are needed.
LEADER_KEY = """
    min(((l.date_maturity - date '2000-01-01')::bigint << 47)
        | ((l.invoice_date - date '2000-01-01')::bigint << 31) | l.move_id)
    FILTER (WHERE l.amount_residual > 0 AND l.display_type = 'payment_term'
            AND l.no_followup IS NOT TRUE)
"""

OPEN_LINES = """
      FROM account_move_line l
      JOIN res_partner p ON p.id = l.partner_id
     WHERE l.account_id = ANY (%(receivable)s) AND l.reconciled IS NOT TRUE
       AND l.parent_state = 'posted' AND l.amount_residual <> 0
       AND (%(partners)s IS NULL OR p.commercial_partner_id = ANY (%(partners)s))
     GROUP BY l.company_id, p.commercial_partner_id
"""

TOTALS = """
    sum(l.amount_residual) AS total,
    sum(l.amount_residual) FILTER (
        WHERE l.no_followup IS NOT TRUE OR l.amount_residual < 0) AS balance,
    sum(l.amount_residual) FILTER (
        WHERE (l.no_followup IS NOT TRUE AND l.date_maturity < %(today)s)
              OR l.amount_residual < 0) AS net_overdue
"""

GROUPS = f"""
    SELECT l.company_id, p.commercial_partner_id AS partner_id,
           {LEADER_KEY} AS leader, {TOTALS} {OPEN_LINES}
"""

FLOOR_LEADERS = f"""
    SELECT count(leader) FROM (SELECT {LEADER_KEY} AS leader {OPEN_LINES}) g
"""

FLOOR_TOTALS = f"SELECT count(leader), sum(balance), sum(net_overdue) FROM ({GROUPS}) g"

FLOOR_WRITTEN = f"CREATE TABLE benchmark_floor AS {GROUPS}"

FLOOR_COMPARED = f"""
    SELECT count(*)
      FROM ({GROUPS}) g
      JOIN dso_account a ON a.company_id = g.company_id AND a.partner_id = g.partner_id
      LEFT JOIN dso_action x ON x.account_id = a.id AND x.kind = 'scenario'
           AND x.state IN ('planned', 'error')
     WHERE (a.leader_id, a.leader_date, a.amount_total)
           IS DISTINCT FROM ((g.leader & 2147483647)::int,
                             date '2000-01-01' + (g.leader >> 47)::int, g.total)
        OR x.date < a.leader_date - 1000
"""

# What the evaluation reads of a leader that was paid in full, by table.
SETTLED = {
    "account_move_line": {
        "key": "move_id",
        "values": {
            "reconciled": True,
            "amount_residual": 0,
            "amount_residual_currency": 0,
        },
        "only": "display_type = 'payment_term'",
    },
    "account_move": {
        "key": "id",
        "values": {
            "payment_state": "paid",
            "amount_residual": 0,
            "amount_residual_signed": 0,
        },
        "only": "TRUE",
    },
}


class Benchmark:
    """One run: each measurement is a method; `rows` is what the table shows."""

    def __init__(self, env, size):
        self.env = env
        self.cr = env.cr
        self.size = size
        self.today = env.company._dso_today()
        self.rows = {}
        self.facts = {}
        self.settled = {}
        self.cr.execute(
            """
            SELECT array_agg(id) FROM account_account
             WHERE account_type = 'asset_receivable' AND non_trade IS NOT TRUE
            """
        )
        self.receivable = self.cr.fetchone()[0]

    def run(self):
        self.measure_floors()
        self.measure_first()
        self.measure_next_night()
        self.measure_changed()
        self.measure_one()
        self._restore()
        return self

    def _record(self, name, cost, floor=None):
        self.rows[name] = {"cost": cost, "floor": self.rows.get(floor, {}).get("cost")}
        print(_line(name, self.rows[name]), flush=True)

    def _floor(self, name, query, *, partners=None, runs=2):
        """Measure a statement; the last run counts, with the tables in memory."""
        for _run in range(runs):
            with Meter() as meter:
                self.cr.execute(
                    query,
                    {
                        "receivable": self.receivable,
                        "partners": partners,
                        "today": self.today,
                    },
                )
        self._record(name, meter.cost)

    def measure_floors(self):
        self._floor("floor: leaders", FLOOR_LEADERS)
        self._floor("floor: leaders and totals", FLOOR_TOTALS)
        self._floor("floor: leaders and totals, written", FLOOR_WRITTEN, runs=1)
        self.cr.execute("DROP TABLE benchmark_floor")
        self.cr.commit()

    def measure_first(self):
        """Accounts are made and proposals written for everybody."""
        with Meter() as meter:
            self.env["dso.account"]._cron_evaluate()
            self.cr.commit()
        self._record(
            "first evaluation", meter.cost, "floor: leaders and totals, written"
        )
        self.facts |= self._count()
        _as_autovacuum(self.env)

    def measure_next_night(self):
        self._floor("floor: compared with what is stored", FLOOR_COMPARED)
        before = self._count()
        with Meter() as meter:
            self.env["dso.account"]._cron_evaluate()
            self.cr.commit()
        if self._count() != before:
            raise AssertionError("an evaluation without a change wrote something")
        self._record(
            "next night, nothing changed",
            meter.cost,
            "floor: compared with what is stored",
        )

    def measure_changed(self):
        """The leaders of 1 % of the accounts are paid."""
        accounts = self._led_accounts(every=100)
        self._settle(accounts)
        self._floor(
            "floor: leaders and totals of the 1 %",
            FLOOR_TOTALS,
            partners=accounts.partner_id.ids,
        )
        self.env.invalidate_all()
        with Meter() as meter:
            changed = accounts.evaluate(self.today)
            self.cr.commit()
        self.facts["changed by 1 %"] = f"{len(changed)} of {len(accounts)}"
        self._record(
            f"1 % changed ({len(accounts)} accounts)",
            meter.cost,
            "floor: leaders and totals of the 1 %",
        )

    def measure_one(self):
        """One customer's leader is paid; what his user waits for. Median of several."""
        accounts = self._led_accounts(every=97)[:ONE_CUSTOMER_RUNS]
        self._settle(accounts)
        self._floor(
            "floor: leaders and totals of one customer",
            FLOOR_TOTALS,
            partners=accounts[:1].partner_id.ids,
            runs=3,
        )
        walls = []
        with Meter() as together:
            for account in accounts:
                self.env.invalidate_all()
                start = time.perf_counter()
                account.evaluate(self.today)
                self.cr.commit()
                walls.append(time.perf_counter() - start)
        cost = together.cost / len(accounts)
        cost.wall = statistics.median(walls)
        self._record("one customer", cost, "floor: leaders and totals of one customer")

    def _led_accounts(self, every):
        self.cr.execute(
            """
            SELECT id FROM (
                SELECT id, row_number() OVER (ORDER BY id) AS n FROM dso_account
                 WHERE leader_id IS NOT NULL) a
             WHERE n %% %s = 1
            """,
            [every],
        )
        return self.env["dso.account"].browse(row[0] for row in self.cr.fetchall())

    def _settle(self, accounts):
        """Pay the leaders of these accounts in full, as far as anybody reads it."""
        for table, what in SETTLED.items():
            columns = ", ".join(what["values"])
            self.cr.execute(
                f"SELECT id, {columns} FROM {table} WHERE {what['key']} IN ("
                " SELECT leader_id FROM dso_account WHERE id = ANY (%s))"
                f" AND {what['only']}",
                [accounts.ids],
            )
            rows = self.cr.fetchall()
            self.settled.setdefault(table, []).extend(rows)
            self._set(table, [(row[0], *what["values"].values()) for row in rows])
        self.cr.commit()
        self.env.invalidate_all()

    def _restore(self):
        """Take the payments back: the next run finds the ledger as it was."""
        for table, rows in self.settled.items():
            self._set(table, rows)
        self.cr.commit()

    def _set(self, table, rows):
        columns = ", ".join(f"{name} = %s" for name in SETTLED[table]["values"])
        for row in rows:
            self.cr.execute(
                f"UPDATE {table} SET {columns} WHERE id = %s", [*row[1:], row[0]]
            )

    def _count(self):
        self.cr.execute(
            """
            SELECT (SELECT count(*) FROM dso_account),
                   (SELECT count(*) FROM dso_account WHERE leader_id IS NOT NULL),
                   (SELECT count(*) FROM dso_action),
                   (SELECT count(*) FROM dso_action WHERE state = 'error'),
                   (SELECT count(*) FROM dso_dirty),
                   (SELECT coalesce(max(write_date)::text, '') FROM dso_action)
            """
        )
        names = ("accounts", "with a leader", "proposals", "in error", "left", "last")
        return dict(zip(names, self.cr.fetchone(), strict=True))


# ---------------------------------------------------------------------------
# The database
# ---------------------------------------------------------------------------


@contextmanager
def environment(database):
    config.parse_config(["-d", database, "--no-http", "--log-level=warn"])
    with Registry(database).cursor() as cr:
        yield api.Environment(cr, SUPERUSER_ID, {})


def prepare(env, shape):
    """Make sure that the database holds the ledger and nothing of an earlier run.

    A database that holds entries which no benchmark wrote is refused.
    """
    cr = env.cr
    mark = f"benchmark ledger {json.dumps(vars(shape), default=str)}"
    cr.execute(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
        " WHERE datname = current_database()"
    )
    [found] = cr.fetchone()
    if found != mark:
        cr.execute("SELECT count(*) FROM account_move")
        if cr.fetchone()[0]:
            raise SystemExit(
                f"{cr.dbname} holds entries of its own or of another size."
                " Cure: name an empty database of the addons, or none."
            )
        print(f"Writing {shape.items} open items…", flush=True)
        written = ledger.generate(env, shape)
        print(f"{written.seconds:.0f} s: {written.rows}", flush=True)
        cr.execute(f'COMMENT ON DATABASE "{cr.dbname}" IS %s', [mark])
        one_backend = "SET max_parallel_workers_per_gather = 0"
        cr.execute(f'ALTER DATABASE "{cr.dbname}" {one_backend}')
        cr.execute(one_backend)
        cr.commit()
        _as_autovacuum(env, everything=True)
    else:
        cr.execute("TRUNCATE dso_account, dso_action, dso_dirty CASCADE")
        cr.commit()


def _as_autovacuum(env, everything=False):
    """What autovacuum does soon after: statistics, visibility."""
    tables = (*ledger.TABLES, *ledger.RELATIONS) if everything else ()
    with closing(psycopg2.connect(dbname=env.cr.dbname)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for table in (*tables, "dso_account", "dso_action", "dso_dirty"):
                cursor.execute(f"VACUUM ANALYZE {table}")


# ---------------------------------------------------------------------------
# The table
# ---------------------------------------------------------------------------

HEADER = (
    "| work | CPU-s | of it Python | wall s | times its floor | peak MB | queries |\n"
    "|---|---:|---:|---:|---:|---:|---:|"
)


def _number(value):
    if value is None:
        return "-"
    return f"{value:.2f}" if value >= 0.1 else f"{value:.4f}"


def _line(name, row):
    cost, floor = row["cost"], row["floor"]
    ratio = "-"
    if floor and cost.cpu is not None and floor.cpu:
        ratio = f"{cost.cpu / floor.cpu:.1f}"
    cells = [
        name,
        _number(cost.cpu),
        _number(cost.python),
        _number(cost.wall),
        ratio,
        f"{cost.peak:.0f}",
        str(cost.queries),
    ]
    return f"| {' | '.join(cells)} |"


def _machine(cr):
    cr.execute("SHOW server_version")
    with open("/proc/meminfo") as memory:
        total = int(memory.readline().split()[1]) / 1024**2
    return (
        f"{os.cpu_count()} cores, {total:.0f} GB, {platform.machine()}; PostgreSQL"
        f" {cr.fetchone()[0].split()[0]}, Odoo {release.version}, Python"
        f" {platform.python_version()}; {datetime.now(timezone.utc):%Y-%m-%d}"
    )


def report(benchmark, shape):
    """The section of one size, in Markdown."""
    facts = {k: v for k, v in benchmark.facts.items() if k != "last"}
    lines = [
        f"### {shape.items:,} open items, {shape.customers:,} customers",
        "",
        _machine(benchmark.cr) + ".",
        "",
        HEADER,
        *(_line(name, row) for name, row in benchmark.rows.items()),
        "",
        "Found: " + ", ".join(f"{name} {value}" for name, value in facts.items()) + ".",
    ]
    return "\n".join(lines)


def publish(path, mark, text):
    """Replace the section of this mark in the page, or add it at the end."""
    page = path.read_text() if path.exists() else "# Performance\n"
    begin, end = f"<!-- {mark} -->", f"<!-- /{mark} -->"
    section = f"{begin}\n\n{text}\n\n{end}"
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    if pattern.search(page):
        page = pattern.sub(lambda _match: section, page)
    else:
        page = f"{page.rstrip()}\n\n{section}\n"
    path.write_text(page)


def as_json(benchmark):
    return json.dumps(
        {
            "facts": benchmark.facts,
            "rows": {
                name: {
                    **vars(row["cost"]),
                    "floor": row["floor"] and row["floor"].cpu,
                }
                for name, row in benchmark.rows.items()
            },
        },
        default=str,
    )


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--size", choices=SIZES, default="100k", help="open items")
    parser.add_argument("--companies", type=int, choices=(1, 2), default=1)
    add_options(parser)
    options = parser.parse_args(arguments)
    with opened(options, options.size) as env:
        shape = ledger.Shape(
            items=SIZES[options.size],
            today=env.company._dso_today(),
            companies=options.companies,
        )
        prepare(env, shape)
        print(f"\n{HEADER}", flush=True)
        benchmark = Benchmark(env, options.size).run()
        text = report(benchmark, shape)
        hand_out(options, f"evaluate {options.size}", text, as_json(benchmark))


def add_options(parser):
    """What each benchmark can be told."""
    parser.add_argument(
        "--db",
        help="database with the addons and without entries, or one that an earlier"
        " run filled; it is kept. Default: one of its own, dropped at the end",
    )
    parser.add_argument("--no-docs", action="store_true", help="leave docs/ as it is")
    parser.add_argument("--json", type=Path, help="also write the figures there")


@contextmanager
def opened(options, name):
    """The superuser in the database to measure: the one that was named, or its own."""
    with ExitStack() as stack:
        database = options.db or stack.enter_context(own_database(name))
        yield stack.enter_context(environment(database))


def hand_out(options, mark, text, figures):
    """Print the table, and write it and its figures where they are wanted."""
    if options.json:
        options.json.write_text(figures)
    if not options.no_docs:
        publish(PUBLISHED, mark, text)
    print(f"\n{text}")


@contextmanager
def own_database(size):
    """A copy of the database with the addons, dropped at the end."""
    from dso_setup import databases, postgres  # there when `evaluate` runs us

    with postgres.running():
        databases.configure()
        database = f"dso_benchmark_{size.lower()}"
        databases.clone(databases.make_template(), database)
        try:
            yield database
        finally:
            databases.drop(database)


if __name__ == "__main__":
    main()
