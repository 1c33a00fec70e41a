"""Measure the screens of the agenda on many actions, beside what plain SQL needs.

Each account of a generated ledger is evaluated and gets a past: of ten actions each,
one is its proposal, one a planned follow-up, the others are done. Then each screen is
asked for as the web client asks for it, as a collector and as a credit manager: what
the views name is read, in the order of the views. HTTP and the browser are not part of
it. The table also goes into ``docs/performance.md``.

``--fill`` only writes the data and keeps the database, to look at a screen by hand.
"""

import argparse
import json
import os
import sys

import odoo.init  # noqa: F401  (fills the namespace that the rest imports from)

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import benchmark_ledger as ledger  # noqa: E402
import evaluate  # noqa: E402
from benchmark_meter import Meter, median_cost  # noqa: E402
from lxml import etree  # noqa: E402

from odoo import Command  # noqa: E402
from odoo.tools.safe_eval import safe_eval  # noqa: E402

ACTIONS = 10  # of each account
COLLECTORS = 20
PAGE = 80
EXPORTED = 100_000
RUNS = 7  # of which the median counts
HEADER = (
    "| work | who | ms | of it PostgreSQL | times its floor | queries |\n"
    "|---|---|---:|---:|---:|---:|"
)

# All that a person sees differ is drawn from the number of the account: models, who did
# it, days, amounts. Dates reach 400 days back and 60 days ahead.
FILL = """
INSERT INTO dso_action (
       account_id, company_id, kind, state, action_model_id, type, mode, interactive,
       confirmed, date, date_done, date_closed, user_done_id, name, amount_claimed,
       delivery, delivery_settled, outcome, leader_id, leader_date,
       create_uid, create_date, write_uid, write_date)
SELECT a.id, a.company_id,
       CASE WHEN open THEN 'specific' WHEN n %% 3 = 0 THEN 'out_of_scenario'
            ELSE 'scenario' END,
       CASE WHEN open THEN 'planned' WHEN (a.id + n) %% 9 = 0 THEN 'cancelled'
            ELSE 'done' END,
       m.id, m.type, CASE WHEN open THEN 'manual' ELSE m.mode END, 'no', FALSE,
       d.day, CASE WHEN NOT open THEN d.day END, CASE WHEN NOT open THEN d.day END,
       CASE WHEN NOT open THEN a.collector_id END, NULL,
       (a.id * 7919 + n * 104729) %% 1000000 / 100.0,
       CASE WHEN NOT open AND m.type = 'email' THEN 'sent' END, FALSE,
       CASE WHEN NOT open AND m.type = 'phone' THEN 'Reached' END,
       a.leader_id, a.leader_date,
       1, now() AT TIME ZONE 'UTC', 1, now() AT TIME ZONE 'UTC'
  FROM dso_account a
 CROSS JOIN generate_series(1, %(actions)s - 1) AS n
 CROSS JOIN LATERAL (SELECT n = 1 AS open) o
  JOIN unnest(%(models)s::int[], %(types)s::text[], %(modes)s::text[])
       WITH ORDINALITY AS m(id, type, mode, k)
       ON m.k = (a.id + n) %% cardinality(%(models)s::int[]) + 1
 CROSS JOIN LATERAL (
       SELECT (%(today)s::date + CASE WHEN open THEN (a.id %% 75)::int - 15
                    ELSE -1 - ((a.id * 31 + n * 47) %% 400)::int END) AS day) d
"""

FLOOR_PAGE = """
SELECT id FROM dso_action WHERE state IN ('planned', 'error')
 ORDER BY date, id LIMIT 80
"""
FLOOR_COUNTS = """
SELECT count(*), count(*) FILTER (WHERE mode = 'manual' AND date <= %(today)s)
  FROM dso_action WHERE state IN ('planned', 'error')
"""
FLOOR_CUSTOMER = """
SELECT x.id FROM dso_action x
  JOIN dso_account a ON a.id = x.account_id
  JOIN res_partner p ON p.id = a.partner_id
 WHERE p.complete_name ILIKE %(customer)s AND x.state IN ('planned', 'error')
 ORDER BY x.date, x.id LIMIT 80
"""
FLOOR_CHART = """
SELECT date_trunc('month', date_done), type, count(*), sum(amount_claimed)
  FROM dso_action WHERE state = 'done' GROUP BY 1, 2
"""
FLOOR_HISTORY = """
SELECT id FROM dso_action WHERE state IN ('done', 'cancelled')
 ORDER BY date_closed DESC, id DESC LIMIT 80
"""
FLOOR_ALERT = """
SELECT count(*) FROM dso_account a
 WHERE a.amount_overdue >= 1000
   AND NOT EXISTS (SELECT 1 FROM dso_action x
                    WHERE x.account_id = a.id AND x.state = 'done'
                      AND x.date_done > %(today)s::date - 10)
"""


def fill(env, accounts):
    """Write the ledger, evaluate it, and give each account its past.

    Does nothing on a database that an earlier run filled to the same size.

    :param accounts: number of customers
    """
    cr = env.cr
    shape = ledger.Shape(
        items=2 * accounts,
        items_per_customer=2,
        history=1,
        today=env.company._dso_today(),
    )
    if _filled(cr, accounts):
        return
    evaluate.prepare(env, shape)
    env["dso.account"]._cron_evaluate()
    cr.commit()
    users = _collectors(env)
    cr.execute(
        "UPDATE dso_account SET collector_id = (%s::int[])[id %% %s + 1]",
        [users.ids, len(users)],
    )
    models = env["dso.action.model"].search([("type", "!=", "litigation")])
    cr.execute(
        FILL,
        {
            "actions": ACTIONS,
            "today": shape.today,
            "models": models.ids,
            "types": models.mapped("type"),
            "modes": models.mapped("mode"),
        },
    )
    cr.commit()
    env.invalidate_all(flush=False)
    # a night: scores and payment delays of everybody, and their order
    env["dso.account"]._cron_evaluate()
    cr.commit()
    evaluate._as_autovacuum(env)


def _filled(cr, accounts):
    cr.execute("SELECT count(*) FROM dso_action")
    [actions] = cr.fetchone()
    cr.execute("SELECT count(*) FROM dso_account")
    [found] = cr.fetchone()
    return found >= accounts and actions >= (ACTIONS - 1) * accounts


def _collectors(env):
    """Users who share the accounts."""
    logins = [f"benchmark-collector-{number}" for number in range(COLLECTORS)]
    users = env["res.users"].search([("login", "in", logins)])
    missing = [login for login in logins if login not in users.mapped("login")]
    return users | env["res.users"].create(
        [
            {
                "name": login.replace("-", " ").capitalize(),
                "login": login,
                "group_ids": [
                    Command.link(env.ref("dso_collection.group_collector").id)
                ],
            }
            for login in missing
        ]
    )


class Screen:
    """One screen as the web client opens it: its action, views and user."""

    def __init__(self, env, xmlid, view="list"):
        action = env["ir.actions.act_window"]._for_xml_id(f"dso_collection.{xmlid}")
        self.model = env[action["res_model"]]
        self.domain = safe_eval(action["domain"] or "[]", {"uid": env.uid})
        if env.user.has_group("dso_collection.group_manager") is False:
            self.domain = [*self.domain, ("account_id.collector_id", "=", env.uid)]
        views = [(number or False, kind) for number, kind in action["views"]]
        found = self.model.get_views(
            [row for row in views if row[1] == view] or [(False, view)]
        )
        self.arch = etree.fromstring(found["views"][view]["arch"])
        self.fields = found["models"][action["res_model"]]["fields"]
        self.specification = {
            node.get("name"): self._read(node.get("name"))
            for node in self.arch.iter("field")
        }

    def _read(self, name):
        kind = self.fields[name]["type"]
        if kind == "many2one":
            return {"fields": {"display_name": {}}}
        if kind in ("many2many", "one2many"):
            return {"fields": {"display_name": {}}}
        return {}

    def page(self, domain=()):
        return self.model.web_search_read(
            [*self.domain, *domain],
            self.specification,
            limit=PAGE,
            order=self.arch.get("default_order") or self.model._order,
            count_limit=10_001,
        )

    def columns(self):
        """The columns of a kanban view, each with its first cards and its bar."""
        group = self.arch.get("default_group_by")
        amounts = [
            f"{bar.get('sum_field')}:sum" for bar in self.arch.iter("progressbar")
        ]
        self.model.read_progress_bar(
            self.domain,
            group,
            {"field": "colour", "colors": dict.fromkeys(("yellow", "red"), "")},
        )
        return self.model.web_read_group(
            self.domain,
            [group],
            amounts,
            auto_unfold=True,
            unfold_read_specification=self.specification,
            unfold_read_default_limit=int(self.arch.get("limit") or PAGE),
        )


class Benchmark:
    """One run: each measurement is a method; `rows` is what the table shows."""

    def __init__(self, env):
        self.env = env
        self.cr = env.cr
        self.rows = {}
        self.today = env.company._dso_today()
        self.collector = env["res.users"].search(
            [("login", "=", "benchmark-collector-3")]
        )
        manager = env.ref("base.user_admin")
        self.users = {"collector": self.collector, "credit manager": manager}
        self.cr.execute(
            """
            SELECT p.id, p.complete_name FROM dso_account a
              JOIN res_partner p ON p.id = a.partner_id
             WHERE a.collector_id = %s ORDER BY a.id LIMIT 1
            """,
            [self.collector.id],
        )
        self.customer = self.cr.fetchone()[1]

    def run(self):
        manual = "dso_action_action_manual"
        page = self._floor("floor: 80 ids by date", FLOOR_PAGE)
        self._screens("manual: first page", lambda env: Screen(env, manual).page, page)
        counts = self._floor("floor: both counters", FLOOR_COUNTS)
        self._screens(
            "counters of both tabs",
            lambda env: lambda: env["dso.action"].agenda_counts([]),
            counts,
        )
        customer = self._floor(
            "floor: by a customer's name", FLOOR_CUSTOMER, customer=self.customer
        )
        self._screens(
            "manual: search by customer",
            lambda env: lambda: Screen(env, manual).page(
                [("account_id", "ilike", self.customer)]
            ),
            customer,
        )
        self._screens(
            "manual: kanban by due", lambda env: Screen(env, manual, "kanban").columns
        )
        history = self._floor("floor: 80 latest ids", FLOOR_HISTORY)
        self._screens(
            "history: first page",
            lambda env: Screen(env, "dso_action_action_history").page,
            history,
        )
        chart = self._floor("floor: done by month and type", FLOOR_CHART)
        self._screens(
            "chart: done by month and type",
            lambda env: lambda: env["dso.action"].formatted_read_group(
                [("state", "=", "done")],
                ["date_done:month", "type"],
                ["__count", "amount_claimed:sum"],
            ),
            chart,
        )
        alert = self._floor("floor: one alert", FLOOR_ALERT)
        self._alerts(alert)
        self._export()
        return self

    def _export(self):
        """A long export of the history, once, as the job writes it."""
        count = min(
            EXPORTED, self.env["dso.action"].search_count([("state", "=", "done")])
        )
        last = self.env["dso.action"].search(
            [("state", "=", "done")], order="id", offset=count - 1, limit=1
        )
        export = self.env["dso.history.export"].create(
            {
                "user_id": self.users["credit manager"].id,
                "domain": [["state", "=", "done"], ["id", "<=", last.id]],
                "company_ids": self.env.companies.ids,
                "lang": "en_US",
                "tz": "UTC",
            }
        )
        self.env.flush_all()
        with Meter() as meter:
            export._make()
        assert export.done_count == count
        name = f"export of {count:,} actions ({meter.cost.peak:.0f} MB)"
        self.rows[name, "-"] = {"cost": meter.cost, "floor": None}
        print(self.line(name, "-"), flush=True)
        self.cr.rollback()

    def _floor(self, name, query, **params):
        return self._record(
            name,
            "-",
            lambda: self.cr.execute(query, {"today": self.today, **params}),
        )

    def _screens(self, name, screen, floor=None):
        """Measure one screen for each user; views are known to a browser already."""
        for who, user in self.users.items():
            env = self.env(
                user=user.id,
                context={"allowed_company_ids": user.company_ids.ids, "lang": "en_US"},
            )
            self._record(name, who, screen(env), floor)

    def _record(self, name, who, work, floor=None):
        cost = median_cost(self.env, work, RUNS)
        self.rows[name, who] = {"cost": cost, "floor": floor}
        print(self.line(name, who), flush=True)
        return cost

    def _alerts(self, floor):
        """All shipped alerts for all accounts, as the night does; told nobody."""
        alerts = self.env["dso.alert"].search([])
        self._record(f"{len(alerts)} alerts counted anew", "-", alerts._refresh, floor)

    def line(self, name, who):
        row = self.rows[name, who]
        cost, floor = row["cost"], row["floor"]
        cells = [
            name,
            who,
            f"{cost.wall * 1000:.1f}",
            "-" if cost.postgres is None else f"{cost.postgres * 1000:.1f}",
            f"{cost.wall / floor.wall:.1f}" if floor else "-",
            str(cost.queries),
        ]
        return f"| {' | '.join(cells)} |"

    def report(self):
        """The section of the page, in Markdown."""
        self.cr.execute(
            "SELECT count(*), count(*) FILTER (WHERE state IN ('planned', 'error'))"
            "  FROM dso_action"
        )
        actions, planned = self.cr.fetchone()
        self.cr.execute("SELECT count(*) FROM dso_account")
        [accounts] = self.cr.fetchone()
        return "\n".join(
            [
                f"### Agenda: {actions:,} actions of {accounts:,} accounts",
                "",
                f"{evaluate._machine(self.cr)}. Written by `tests/benchmark/agenda`;"
                f" {planned:,} of the actions are open, a collector of {COLLECTORS} has"
                f" his share. Median of {RUNS}, wall clock on one core without HTTP.",
                "",
                HEADER,
                *(self.line(*key) for key in self.rows),
            ]
        )

    def as_json(self):
        """{row and user: wall seconds, those of its floor, queries}."""
        return json.dumps(
            {
                f"{name}, {who}": {
                    "wall": row["cost"].wall,
                    "floor": row["floor"] and row["floor"].wall,
                    "queries": row["cost"].queries,
                    "peak": row["cost"].peak,
                }
                for (name, who), row in self.rows.items()
            }
        )


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--fill", action="store_true", help="only write the data")
    evaluate.add_options(parser)
    options = parser.parse_args(arguments)
    if options.fill and not options.db:
        parser.error("--fill needs --db")
    with evaluate.opened(options, "agenda") as env:
        fill(env, options.accounts)
        if options.fill:
            return
        print(f"\n{HEADER}", flush=True)
        benchmark = Benchmark(env).run()
        evaluate.hand_out(options, "agenda", benchmark.report(), benchmark.as_json())


if __name__ == "__main__":
    main()
