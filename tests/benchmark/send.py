"""Measure automatic e-mails until they are queued, beside what Odoo itself needs.

Prints, from one run on one generated ledger of customers with 10 open items each: the
texts alone as the mail template renders them, the same records through Odoo's mass
composer alone, and the job that sends two e-mails to each customer, which also locks,
evaluates, checks and keeps what it claimed. All of them compile a text once for a batch
(``dso_collection/models/ir_qweb.py``). The dialogue with a mail server is not part of
it. The table also goes into ``docs/performance.md``.
"""

import argparse
import json
import os
import sys

import odoo.init  # noqa: F401  (fills the namespace that the rest imports from)

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import benchmark_ledger as ledger  # noqa: E402
import evaluate  # noqa: E402
from benchmark_meter import Meter  # noqa: E402

from odoo import Command  # noqa: E402
from odoo.tools import split_every  # noqa: E402

ITEMS = 10  # open, of each customer
BATCH = 50  # as the composer does
HEADER = (
    "| work | e-mails | CPU-s | per CPU-s | times its floor | queries each | MB |\n"
    "|---|---:|---:|---:|---:|---:|---:|"
)


class Benchmark:
    """One run: each measurement is a method; `rows` is what the table shows."""

    def __init__(self, env):
        self.env = env
        self.cr = env.cr
        self.company = env.company
        self.rows = {}
        self.actions = self._plan()
        self.template = self.actions.template_id

    def _plan(self):
        """Let two e-mails follow each other on one day; return the first of them."""
        env, company = self.env, self.company
        model = env.ref("dso_collection.model_reminder_1")
        step = {"action_model_id": model.id, "mode": "auto"}
        scenario = env["dso.scenario"].create(
            {
                "name": "Two e-mails at once",
                "step_ids": [
                    Command.create({**step, "days": 3}),
                    Command.create({**step, "base": "last_action", "days": 0}),
                ],
            }
        )
        company.write(
            {
                "email": "collection@company.example",
                "dso_client_type_id": False,
                "dso_scenario_id": scenario.id,
                "dso_sending_calendar_id": False,
                "dso_sending_active": True,
            }
        )
        env["dso.account"]._cron_evaluate()
        self.cr.commit()
        return self._due()

    def _due(self):
        return self.env["dso.action"].search(
            self.env["dso.action"]._released_domain(self.company)
        )

    def run(self):
        count = len(self.actions)
        composer = "floor: Odoo's mass composer alone"
        self._record("floor: texts alone", self.texts, count)
        self._record(composer, self.composer, count)
        self._record("sent until queued", self.send, 2 * count, composer)
        self._check(2 * count)
        return self

    def _record(self, name, work, count, floor=None):
        self.env.invalidate_all()
        with Meter() as meter:
            work()
        self.cr.rollback()  # what a floor wrote; the job has committed
        self.env.invalidate_all(flush=False)
        self.rows[name] = {
            "count": count,
            "cost": meter.cost / count,
            "queries": meter.cost.queries / count,
            "floor": floor and self.rows[floor]["cost"],
        }
        print(self.line(name), flush=True)

    def texts(self):
        for batch in split_every(BATCH, self.actions.ids):
            bodies = self.template._render_field("body_html", batch, compute_lang=True)
            assert all("<caption" in body for body in bodies.values())
            self.env.invalidate_all()

    def composer(self):
        composer = (
            self.env["mail.compose.message"]
            .with_context(active_model="dso.action", mail_notify_force_send=False)
            .create(
                {
                    "model": "dso.action",
                    "res_ids": self.actions.ids,
                    "composition_mode": "mass_mail",
                    "template_id": self.template.id,
                    "force_send": False,
                    "auto_delete": False,
                    "email_layout_xmlid": self.template.email_layout_xmlid,
                }
            )
        )
        mails, _messages = composer._action_send_mail()
        assert len(mails) == len(self.actions)
        self.env.flush_all()

    def send(self):
        for _step in range(2):
            self.env["dso.action"]._cron_send()

    def _check(self, count):
        """Everything is done and queued, and each mail has its table."""
        self.cr.execute(
            """
            SELECT (SELECT count(*) FROM dso_action
                     WHERE state = 'done' AND delivery = 'queued'),
                   (SELECT count(*) FROM mail_mail m
                      JOIN mail_message s ON s.id = m.mail_message_id
                      JOIN dso_action x ON x.id = s.res_id
                     WHERE s.model = 'dso.action' AND m.state = 'outgoing'
                       AND m.body_html LIKE '%%<caption%%')
            """
        )
        queued, mails = self.cr.fetchone()
        if not queued == mails == count:
            raise AssertionError(f"{count} to send: {queued} queued, {mails} mails")

    def line(self, name):
        row = self.rows[name]
        cpu, floor = _cpu(row["cost"]), row["floor"]
        cells = [
            name,
            f"{row['count']:,}",
            f"{cpu * row['count']:.2f}",
            f"{1 / cpu:.0f}",
            f"{cpu / _cpu(floor):.1f}" if floor else "-",
            f"{row['queries']:.1f}",
            f"{row['cost'].peak:.0f}",
        ]
        return f"| {' | '.join(cells)} |"

    def report(self):
        """The section of the page, in Markdown."""
        count = self.rows["sent until queued"]["count"]
        return "\n".join(
            [
                f"### {count:,} e-mails with a table of {ITEMS} items",
                "",
                f"{evaluate._machine(self.cr)}. Written by `tests/benchmark/send`; per"
                " CPU-s is per second of one core, Python and PostgreSQL together.",
                "",
                HEADER,
                *(self.line(name) for name in self.rows),
            ]
        )

    def as_json(self):
        """{row: count, queries, CPU seconds each, the same of its floor}."""
        return json.dumps(
            {
                name: {
                    "count": row["count"],
                    "queries": row["queries"],
                    "cpu": _cpu(row["cost"]),
                    "floor": row["floor"] and _cpu(row["floor"]),
                }
                for name, row in self.rows.items()
            }
        )


def _cpu(cost):
    """CPU seconds; Python's alone when PostgreSQL runs on another machine."""
    return cost.python if cost.cpu is None else cost.cpu


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--customers", type=int, default=1000)
    evaluate.add_options(parser)
    options = parser.parse_args(arguments)
    with evaluate.opened(options, "send") as env:
        shape = ledger.Shape(
            items=ITEMS * options.customers,
            items_per_customer=ITEMS,
            today=env.company._dso_today(),
            skew=0,
            overdue=1,
            without_email=0,
        )
        evaluate.prepare(env, shape)
        benchmark = Benchmark(env)
        print(f"\n{HEADER}", flush=True)
        benchmark.run()
        evaluate.hand_out(options, "send", benchmark.report(), benchmark.as_json())


if __name__ == "__main__":
    main()
