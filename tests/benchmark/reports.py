"""Measure the reports of a day on many open items, beside what plain SQL needs.

The ledger has three settled invoices for each open item, and every fifth item has a
status. Each report is asked for as its screen asks for it, today and for the end of a
past month: its totals, its first page, one customer. HTTP and the browser are not part
of it. The table also goes into ``docs/performance.md``.
"""

import argparse
import json
import os
import sys

import odoo.init  # noqa: F401  (fills the namespace that the rest imports from)

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import benchmark_ledger as ledger  # noqa: E402
import evaluate  # noqa: E402
from benchmark_meter import median_cost  # noqa: E402

from odoo import fields  # noqa: E402

PAGE = 80
RUNS = 3  # of which the median counts
HISTORY = 3  # settled invoices per open item
HEADER = (
    "| work | ms | of it PostgreSQL | times its floor | queries |\n"
    "|---|---:|---:|---:|---:|"
)

FLOOR_OPEN = """
SELECT SUM(amount_residual), SUM(amount_residual) FILTER (WHERE date_maturity < %(day)s)
  FROM account_move_line
 WHERE account_id = ANY(%(receivable)s) AND reconciled IS NOT TRUE
   AND parent_state = 'posted'
"""
FLOOR_PAGE = """
SELECT id FROM account_move_line
 WHERE account_id = ANY(%(receivable)s) AND reconciled IS NOT TRUE
   AND parent_state = 'posted'
 ORDER BY date_maturity, id LIMIT 80
"""
FLOOR_CUSTOMER = """
SELECT SUM(amount_residual) FROM account_move_line
 WHERE account_id = ANY(%(receivable)s) AND reconciled IS NOT TRUE
   AND parent_state = 'posted' AND partner_id = %(customer)s
"""
FLOOR_PAST = """
SELECT SUM(l.balance) - COALESCE(SUM(d.amount), 0) + COALESCE(SUM(c.amount), 0)
  FROM account_move_line l
  LEFT JOIN (SELECT debit_move_id, SUM(amount) AS amount FROM account_partial_reconcile
              WHERE max_date <= %(day)s GROUP BY 1) d ON d.debit_move_id = l.id
  LEFT JOIN (SELECT credit_move_id, SUM(amount) AS amount
               FROM account_partial_reconcile
              WHERE max_date <= %(day)s GROUP BY 1) c ON c.credit_move_id = l.id
 WHERE l.account_id = ANY(%(receivable)s) AND l.parent_state = 'posted'
   AND l.date <= %(day)s
"""
FLOOR_SALES = """
SELECT date_trunc('month', date), SUM(balance) FROM account_move_line
 WHERE account_id = ANY(%(receivable)s) AND parent_state = 'posted' AND balance > 0
   AND date > %(day)s::date - 730 AND date <= %(day)s
 GROUP BY 1
"""
#: Every fifth open item was qualified on one of the last sixty days.
QUALIFY = """
WITH item AS (
    INSERT INTO dso_item (move_id, account_id, create_uid, write_uid)
    SELECT DISTINCT l.move_id, a.id, 1, 1
      FROM account_move_line l
      JOIN res_partner p ON p.id = l.partner_id
      JOIN res_company c ON c.id = l.company_id
      JOIN dso_account a ON a.partner_id = p.commercial_partner_id
       AND a.company_id = split_part(c.parent_path, '/', 1)::int
     WHERE l.account_id = ANY(%(receivable)s) AND l.reconciled IS NOT TRUE
       AND l.parent_state = 'posted' AND l.move_id %% 5 = 0
        ON CONFLICT DO NOTHING
 RETURNING id, move_id, account_id
), row AS (
    INSERT INTO dso_qualification (
           account_id, company_id, move_id, status_id, status_type, status_date, date,
           user_id, create_uid, write_uid)
    SELECT i.account_id, a.company_id, i.move_id, s.id, s.type,
           %(day)s::date - i.move_id %% 60,
           %(day)s::date - i.move_id %% 60, 1, 1, 1
      FROM item i
      JOIN dso_account a ON a.id = i.account_id
      JOIN unnest(%(statuses)s::int[], %(types)s::text[]) WITH ORDINALITY
           AS s(id, type, k) ON s.k = i.move_id %% cardinality(%(types)s::text[]) + 1
 RETURNING id, move_id, account_id, status_id, status_type, status_date
)
SELECT id, move_id, account_id, status_id, status_type, status_date FROM row
"""
COPY_STATUS = """
UPDATE dso_item i
   SET qualification_id = q.id, status_id = q.status_id, status_type = q.status_type,
       status_date = q.status_date
  FROM dso_qualification q
 WHERE q.move_id = i.move_id AND q.account_id = i.account_id
"""


def fill(env, items):
    """Write the ledger, its accounts and statuses; nothing where they are there."""
    cr = env.cr
    today = env.company._dso_today()
    evaluate.prepare(env, ledger.Shape(items=items, history=HISTORY, today=today))
    env["dso.account"]._ensure()
    cr.execute("ANALYZE dso_account")
    statuses = env["dso.status"].search([])
    cr.execute(
        QUALIFY,
        {
            "receivable": env["dso.account"]._receivable_account_ids(),
            "day": today,
            "statuses": statuses.ids,
            "types": statuses.mapped("type"),
        },
    )
    for table in ("dso_item", "dso_qualification"):
        cr.execute(f"ANALYZE {table}")
    cr.execute(COPY_STATUS)
    cr.commit()
    env.invalidate_all(flush=False)


def reader(env):
    """User and context that reports are read with: (uid, context)"""
    companies = env["res.company"].search([]).ids
    return env.ref("base.user_admin").id, {"allowed_company_ids": companies}


class Benchmark:
    """One run: `rows` is what the table shows."""

    def __init__(self, env):
        self.cr = env.cr
        self.env = env(None, *reader(env))
        self.rows = {}
        self.today = env.company._dso_today()
        self.past = fields.Date.start_of(self.today, "month").replace(day=1)
        self.past = fields.Date.subtract(self.past, months=2, days=1)
        self.params = {
            "receivable": env["dso.account"]._receivable_account_ids(),
            "day": self.today,
        }
        self.cr.execute(
            "SELECT partner_id FROM dso_account ORDER BY id OFFSET 100 LIMIT 1"
        )
        [self.customer] = self.cr.fetchone()

    def run(self):
        opened = self._floor("floor: open and overdue", FLOOR_OPEN)
        page = self._floor("floor: 80 by due date", FLOOR_PAGE)
        customer = self._floor(
            "floor: one customer", FLOOR_CUSTOMER, customer=self.customer
        )
        past = self._floor("floor: balance of a past day", FLOOR_PAST, day=self.past)
        sales = self._floor("floor: sales by month", FLOOR_SALES)
        status, aged, dso = (
            self.env[f"dso.{name}.report"] for name in ("item", "aged", "dso")
        )
        one = [("partner_id", "=", self.customer)]
        overdue = [("overdue", "!=", 0)]
        sums = ["__count", "overdue:sum", "rate:avg"]
        ages = [f"{name}:sum" for name in aged._age_labels()] + ["residual:sum"]
        days = ["receivable:sum", "dso:avg", "dso_overdue:avg"]
        then = {"dso_as_of": self.past.isoformat()}
        self._record(
            "status report: totals by type",
            lambda: status._read_group(overdue, ["status_type"], sums),
            opened,
        )
        self._record(
            "status report: first page",
            lambda: status.search_fetch(
                overdue, ["partner_id", "due", "status_type", "overdue"], limit=PAGE
            ),
            page,
        )
        self._record(
            "status report: one customer",
            lambda: status._read_group(one, ["status_type"], sums),
            customer,
        )
        self._record(
            "status report: totals of a past day",
            lambda: status.with_context(**then)._read_group(
                overdue, ["status_type"], sums
            ),
            past,
        )
        self._record(
            "aged balance: totals", lambda: aged._read_group([], [], ages), opened
        )
        self._record(
            "aged balance: first page by customer",
            lambda: aged._read_group([], ["partner_id"], ages, limit=PAGE),
            opened,
        )
        self._record(
            "aged balance: totals of a past day",
            lambda: aged.with_context(**then)._read_group([], [], ages),
            past,
        )
        self._record("DSO: total", lambda: dso._read_group([], [], days), sales)
        self._record(
            "DSO: by collector",
            lambda: dso._read_group([], ["collector_id"], days),
            sales,
        )
        self._record(
            "DSO: one customer", lambda: dso._read_group(one, [], days), customer
        )
        return self

    def _floor(self, name, query, **params):
        return self._record(
            name, lambda: self.cr.execute(query, {**self.params, **params})
        )

    def _record(self, name, work, floor=None):
        cost = median_cost(self.env, work, RUNS)
        self.rows[name] = {"cost": cost, "floor": floor}
        print(self.line(name), flush=True)
        return cost

    def line(self, name):
        row = self.rows[name]
        cost, floor = row["cost"], row["floor"]
        cells = [
            name,
            f"{cost.wall * 1000:.1f}",
            "-" if cost.postgres is None else f"{cost.postgres * 1000:.1f}",
            f"{cost.wall / floor.wall:.1f}" if floor else "-",
            str(cost.queries),
        ]
        return f"| {' | '.join(cells)} |"

    def report(self, items):
        """The section of the page, in Markdown."""
        self.cr.execute("SELECT count(*) FROM dso_account")
        [accounts] = self.cr.fetchone()
        return "\n".join(
            [
                f"### Reports: {items:,} open items of {accounts:,} accounts",
                "",
                f"{evaluate._machine(self.cr)}. Written by `tests/benchmark/reports`;"
                f" {HISTORY * items:,} invoices are settled, the past day is"
                f" {self.past}. Median of {RUNS}, wall clock on one core without HTTP.",
                "",
                HEADER,
                *(self.line(name) for name in self.rows),
            ]
        )

    def as_json(self):
        """{row: wall seconds, those of its floor, queries}."""
        return json.dumps(
            {
                name: {
                    "wall": row["cost"].wall,
                    "floor": row["floor"] and row["floor"].wall,
                    "queries": row["cost"].queries,
                }
                for name, row in self.rows.items()
            }
        )


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--items", type=int, default=1_000_000)
    evaluate.add_options(parser)
    options = parser.parse_args(arguments)
    with evaluate.opened(options, "reports") as env:
        fill(env, options.items)
        print(f"\n{HEADER}", flush=True)
        benchmark = Benchmark(env).run()
        evaluate.hand_out(
            options, "reports", benchmark.report(options.items), benchmark.as_json()
        )


if __name__ == "__main__":
    main()
