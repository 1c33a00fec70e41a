"""Two years of a real receivables ledger, lived through day by day.

Each day: the nightly evaluation, then the day's invoices, payments, disputes and
dispute closings, then every proposal that has become due is performed. Each of these is
a transaction of its own with a real commit, so that the evaluation before the commit
runs as it does for a user.

Beside the database lives a second collection department: :class:`Shadow` feeds
``engine/rules.py`` from its own reading of the ledger and keeps the rules' own cycle
state of each customer from the first day to the last. After every transaction both must
say the same of all customers. What must hold whatever the rules say is checked on the
rows themselves by :class:`Journal`.
"""

import os
import unittest
from collections import Counter, defaultdict
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from odoo import Command
from odoo.tests import freeze_time

from odoo.addons.dso_collection.engine import rules

DAY = timedelta(days=1)
FILE = "ibm_late_payment_histories.csv"
#: An invoice is disputed when so many days overdue, and settled so many days after its
#: dispute was resolved.
DISPUTED_AFTER = 5
RESOLVED_BEFORE = 2
QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
}


def ledger_file():
    """Where the ledger is: below $DSO_SHARED, else in `shared/` beside the checkout.

    :raise unittest.SkipTest: where it is not: the test that asks says so
    """
    root = Path(__file__).resolve().parents[2]
    shared = Path(os.environ.get("DSO_SHARED") or root.parent / "shared")
    path = shared / "data" / FILE
    if not path.exists():
        raise unittest.SkipTest(
            f"no ledger at {path}: set DSO_SHARED to the folder of data/"
        )
    return path


class Shadow:
    """The customers as ``engine/rules.py`` sees them, without any cycle state of ours.

    Items come from the posted receivable lines; which of them are disputed, starred or
    back since when is remembered from what the replay did.
    """

    def __init__(self, env, company, customers):
        self.cr = env.cr
        self.company = company.id
        self.customers = customers.ids
        self.scenario = self._read_scenario(company.dso_scenario_id.id)
        self.settings = rules.Settings()
        self.cycles = {customer: rules.Cycle() for customer in self.customers}
        self.outcomes = {}
        self.disputed = set()
        self.reentered = {}
        self.evaluations = 0

    def _read_scenario(self, scenario_id):
        self.cr.execute(
            """SELECT minimum_gap, breathing_space, entry
                 FROM dso_scenario WHERE id = %s""",
            [scenario_id],
        )
        [(gap, breathing, entry)] = self.cr.fetchall()
        self.cr.execute(
            """SELECT s.id, s.base, s.days, m.formal_notice OR m.type = 'litigation'
                 FROM dso_scenario_step s
                 JOIN dso_action_model m ON m.id = s.action_model_id
                WHERE s.scenario_id = %s AND s.active
             ORDER BY s.sequence, s.id""",
            [scenario_id],
        )
        steps = tuple(rules.Step(*row) for row in self.cr.fetchall())
        return rules.Scenario(scenario_id, steps, gap, breathing, entry)

    def items(self):
        """{customer: [items]}, read from the ledger."""
        self.cr.execute(
            """SELECT l.partner_id, m.id, m.move_type, m.invoice_date, m.name,
                      MIN(l.date_maturity), SUM(l.amount_residual)::text
                 FROM account_move_line l
                 JOIN account_move m ON m.id = l.move_id
                 JOIN account_account a ON a.id = l.account_id
                WHERE l.company_id = %s AND m.state = 'posted'
                  AND a.account_type = 'asset_receivable' AND l.amount_residual <> 0
             GROUP BY l.partner_id, m.id""",
            [self.company],
        )
        found = defaultdict(list)
        for customer, move, kind, issued, name, due, residual in self.cr.fetchall():
            found[customer].append(
                rules.Item(
                    id=move,
                    kind={"out_invoice": "invoice"}.get(kind, "payment"),
                    residual=Decimal(residual),
                    due=due,
                    invoice_date=issued,
                    name=name,
                    account=customer,
                    status_type="dispute" if move in self.disputed else None,
                    starred=move in self.disputed,
                    reentered=self.reentered.get(move),
                )
            )
        return found

    def evaluate(self, today):
        items = self.items()
        for customer, cycle in self.cycles.items():
            outcome = rules.evaluate(
                cycle, items[customer], self.scenario, self.settings, today
            )
            self.cycles[customer] = outcome.cycle
            self.outcomes[customer] = outcome
        self.evaluations += 1

    def due(self, today):
        """{customer: step} of the proposals to perform."""
        return {
            customer: outcome.proposal.step
            for customer, outcome in self.outcomes.items()
            if outcome.proposal and outcome.proposal.date <= today
        }

    def done(self, customer, step, today):
        self.cycles[customer] = rules.done(self.cycles[customer], step, today)

    def shown(self, customer):
        """What the database is to show of a customer."""
        outcome, cycle = self.outcomes[customer], self.cycles[customer]
        proposal = outcome.proposal
        return {
            "proposal": proposal
            and (proposal.step, proposal.date, proposal.leader, proposal.leader_date),
            "reason": outcome.reason,
            "leader": cycle.leader,
            "leader date": cycle.leader_date,
            "last step": cycle.last_step,
            "last done": (cycle.last_done_step, cycle.last_done_date),
            "last any": cycle.last_any_date,
            "balance": outcome.balance,
            "net overdue": outcome.net_overdue,
        }


class Journal:
    """What was done to whom when, to check intervals without knowing the rules."""

    def __init__(self, scenario):
        self.scenario = scenario
        self.days = {step.id: step.days for step in scenario.steps}
        self.cycle = Counter()
        self.leader = {}
        self.done = defaultdict(list)

    def watch(self, leaders):
        """``{customer: (move, due date)}``: another leader begins another cycle."""
        for customer, leader in leaders.items():
            if self.leader.get(customer) != leader:
                self.leader[customer] = leader
                self.cycle[customer] += 1

    def add(self, customer, step, today, reentered):
        move, due = self.leader[customer]
        assert move, f"{customer}: step {step} done without a leader"
        assert today >= due + timedelta(self.days[step]), "before its day (L4)"
        assert self.days[step] >= 0 or today <= due, "preventive step too late (L8)"
        if move in reentered:
            space = timedelta(self.scenario.breathing_space)
            assert today >= reentered[move] + space, "no breathing space (L15)"
        if self.done[customer]:
            last_cycle, last_step, last_date = self.done[customer][-1]
            gap = timedelta(self.scenario.minimum_gap)
            assert today >= last_date + gap, "minimum gap not kept (L15)"
            if last_cycle == self.cycle[customer]:
                interval = self.days[step] - self.days[last_step]
                assert interval > 0, "a cycle goes from step to step (L3)"
                assert today >= last_date + timedelta(interval), (
                    "interval not kept (L5)"
                )
        self.done[customer].append((self.cycle[customer], step, today))


class Replay:
    """The ledger's days in a database; every transaction is committed."""

    shadow_class = Shadow

    def __init__(self, env, invoices):
        self.env = env = env(context={**env.context, **QUIET})
        self.company = env["res.company"].create(
            {"name": "Replayed Ledger", "currency_id": env.ref("base.USD").id}
        )
        env["account.chart.template"].try_loading(
            "generic_coa", self.company, install_demo=False
        )
        self.company.dso_tz = "UTC"
        self.env = env = self.company.with_company(self.company).env
        names = sorted({invoice.customer for invoice in invoices})
        self.customers = env["res.partner"].create(
            [
                {
                    "name": name,
                    "email": f"{name.lower()}@customer.example",
                    "is_company": True,
                    "company_id": self.company.id,
                }
                for name in names
            ]
        )
        self.partner = dict(zip(names, self.customers.ids, strict=True))
        journals = env["account.journal"]
        domain = [("company_id", "=", self.company.id)]
        self.sales = journals.search([*domain, ("type", "=", "sale")], limit=1)
        self.bank = journals.search([*domain, ("type", "=", "bank")], limit=1)
        self.dispute = env.ref("dso_collection.status_price_dispute")
        env.cr.commit()
        self.shadow = self.shadow_class(env, self.company, self.customers)
        self.journal = Journal(self.shadow.scenario)
        self.moves = {}
        self.by_day = defaultdict(lambda: defaultdict(list))
        for invoice in invoices:
            self._plan(invoice)
        self.first = min(invoice.issued for invoice in invoices)
        self.last = max(invoice.settled for invoice in invoices)
        self.figures = Counter()
        self.actions = Counter()
        self.seconds = Counter()

    def _plan(self, invoice):
        """Which day brings what of an invoice.

        A dispute that would be resolved no later than the day it is raised on stays
        open until the payment closes it.
        """
        self.by_day[invoice.issued]["issued"].append(invoice)
        self.by_day[invoice.settled]["settled"].append(invoice)
        raised = invoice.due + DISPUTED_AFTER * DAY
        resolved = invoice.settled - RESOLVED_BEFORE * DAY
        if invoice.disputed and raised < invoice.settled:
            self.by_day[raised]["raised"].append(invoice)
            if raised < resolved:
                self.by_day[resolved]["resolved"].append(invoice)

    # ------------------------------------------------------------------------- a life
    def run(self, last=None):
        """Live until ``last``, or until the last invoice is settled."""
        last = min(last or self.last, self.last)
        started = os.times()
        with freeze_time(f"{self.first} 09:00:00") as clock:
            today = self.first
            while today <= last:
                clock.move_to(f"{today} 09:00:00")
                self.live(today)
                today += DAY
        ended = os.times()
        self.figures["seconds"] = round(ended.elapsed - started.elapsed)
        self.figures["cpu seconds"] = round(ended.user - started.user)

    def live(self, today):
        self.figures["days"] += 1
        events = self.by_day[today]
        if today.day == 1:
            self.env.invalidate_all()  # or the cache holds two years in the end
        self._transaction("night", today, self._night, None)
        self._morning(today)
        for name, verb in (
            ("issued", self._issue),
            ("settled", self._settle),
            ("raised", self._raise),
            ("resolved", self._resolve),
        ):
            if events[name]:
                self._transaction(name, today, verb, events[name])
                self.figures[name] += len(events[name])
        self._evening(today)
        while due := self.shadow.due(today):
            self._transaction("performed", today, self._perform, due)
            self.figures["performed"] += len(due)
        self._check_day(today)

    def _transaction(self, name, today, verb, events):
        """One transaction with its evaluation, compared with the rules' after it."""
        started = os.times().elapsed
        verb(today, events)
        self.env.cr.commit()
        self.seconds[name] += os.times().elapsed - started
        self.figures["evaluations"] += 1
        started = os.times().elapsed
        self.shadow.evaluate(today)
        self._compare(name, today)
        self.seconds["rules.py and comparison"] += os.times().elapsed - started

    def _morning(self, today):
        """What else happens before the events of a day."""

    def _evening(self, today):
        """What else happens after the events of a day."""

    # --------------------------------------------------------------------- its events
    def _night(self, today, _events):
        self.env["dso.account"]._cron_evaluate()

    def _issue(self, today, invoices):
        moves = self.env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "journal_id": self.sales.id,
                    "name": invoice.number,
                    "partner_id": self.partner[invoice.customer],
                    "invoice_date": invoice.issued,
                    "date": invoice.issued,
                    "invoice_date_due": invoice.due,
                    "invoice_payment_term_id": False,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": "As delivered",
                                "price_unit": float(invoice.amount),
                                "tax_ids": False,
                            }
                        )
                    ],
                }
                for invoice in invoices
            ]
        )
        moves.action_post()
        self.moves.update(
            (invoice.number, move.id)
            for invoice, move in zip(invoices, moves, strict=True)
        )

    def _settle(self, today, invoices):
        """Register what came in, one payment a customer, and reconcile it."""
        by_customer = defaultdict(list)
        for invoice in invoices:
            by_customer[invoice.customer].append(invoice)
        payments = self.env["account.payment"].create(
            [
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": self.partner[customer],
                    "journal_id": self.bank.id,
                    "date": today,
                    "amount": float(sum(invoice.amount for invoice in paid)),
                }
                for customer, paid in by_customer.items()
            ]
        )
        payments.action_post()
        plan = [
            (payment.move_id | self._moves(paid)).line_ids.filtered(
                lambda line: line.account_type == "asset_receivable"
            )
            for payment, paid in zip(payments, by_customer.values(), strict=True)
        ]
        self.env["account.move.line"]._reconcile_plan(plan)
        assert not any(self._moves(invoices).mapped("amount_residual"))
        self.shadow.disputed -= set(self._moves(invoices).ids)

    def _raise(self, today, invoices):
        moves = self._moves(invoices)
        for move in moves:  # a follow-up each, as each is resolved on a day of its own
            move.dso_qualify(self.dispute, "Disputed by the customer")
        self.shadow.disputed |= set(moves.ids)

    def _resolve(self, today, invoices):
        """Complete the follow-ups that the disputes have created."""
        moves = self._moves(invoices)
        self._specific(moves).action_done()
        assert set(moves.mapped("dso_status_type")) == {"dispute_resolved"}
        self.shadow.disputed -= set(moves.ids)
        self.shadow.reentered.update(dict.fromkeys(moves.ids, today))

    def _proposals(self, today):
        return self.env["dso.action"].search(
            [
                ("company_id", "=", self.company.id),
                ("kind", "=", "scenario"),
                ("state", "in", ("planned", "error")),
                ("date", "<=", today),
            ]
        )

    def _perform(self, today, due):
        proposals = self._proposals(today)
        shown = {p.partner_id.id: p.step_id.id for p in proposals}
        assert shown == due
        proposals.action_done()
        for customer, step in due.items():
            self.journal.add(customer, step, today, self.shadow.reentered)
            self.shadow.done(customer, step, today)
        self.actions.update(proposal.step_id.name for proposal in proposals)

    def _moves(self, invoices):
        ids = [self.moves[invoice.number] for invoice in invoices]
        return self.env["account.move"].browse(ids)

    def _specific(self, moves):
        return self.env["dso.action"].search(
            [
                ("kind", "=", "specific"),
                ("state", "in", ("planned", "error")),
                ("move_ids", "in", moves.ids),
            ]
        )

    # --------------------------------------------------------------------- its checks
    def _shown(self):
        """{customer: what the database shows}, in the words of :meth:`Shadow.shown`."""
        self.env.cr.execute(
            """SELECT a.partner_id, a.reason, a.leader_id, a.leader_date,
                      a.last_step_id, a.last_done_step_id, a.last_done_date,
                      a.last_any_date,
                      a.balance::text, a.net_overdue::text,
                      x.step_id, x.date, x.leader_id, x.leader_date
                 FROM dso_account a
            LEFT JOIN dso_action x ON x.account_id = a.id AND x.kind = 'scenario'
                  AND x.state IN ('planned', 'error')
                WHERE a.company_id = %s""",
            [self.company.id],
        )
        found = {}
        for row in self.env.cr.fetchall():
            assert row[0] not in found, f"customer {row[0]} has two proposals"
            found[row[0]] = {
                "reason": row[1],
                "leader": row[2],
                "leader date": row[3],
                "last step": row[4],
                "last done": (row[5], row[6]),
                "last any": row[7],
                "balance": Decimal(row[8]),
                "net overdue": Decimal(row[9]),
                "proposal": row[10:] if row[10] else None,
            }
        return found

    def _compare(self, name, today):
        shown = self._shown()
        for account in shown.values():
            has_leader = account["leader"] is not None
            assert has_leader or not account["proposal"], "a proposal without a leader"
        self.journal.watch(
            {c: (a["leader"], a["leader date"]) for c, a in shown.items()}
        )
        for customer in self.customers.ids:
            expected = self.shadow.shown(customer)
            if customer not in shown:
                # no account before the first open item
                assert expected["reason"] == "no_leader", (today, name, customer)
            elif shown[customer] != expected:
                self._disagree(name, today, customer, shown[customer], expected)
        self.figures["comparisons"] += len(self.customers)

    def _disagree(self, name, today, customer, shown, expected):
        items = "\n".join(f"  {item}" for item in self.shadow.items()[customer])
        lines = [
            f"  {key}: the database {shown[key]}, rules.py {value}"
            for key, value in expected.items()
            if shown[key] != value
        ]
        raise AssertionError(
            f"{today}, after {name!r}, customer {customer}:\n"
            + "\n".join(lines)
            + f"\nopen items:\n{items}"
        )

    def _check_day(self, today):
        """The queue is empty, and no star stays on what is settled (L17)."""
        self.env.cr.execute("SELECT COUNT(*) FROM dso_dirty")
        assert self.env.cr.fetchone() == (0,), f"{today}: accounts left in the queue"
        self.env.cr.execute(
            """SELECT COUNT(*) FROM dso_action x
                 JOIN dso_action_line i ON i.action_id = x.id
                 JOIN account_move m ON m.id = i.move_id
                WHERE x.kind = 'specific' AND x.state IN ('planned', 'error')
                  AND m.amount_residual = 0"""
        )
        assert self.env.cr.fetchone() == (0,), f"{today}: a star on a settled item"

    def report(self):
        figures = [*self.figures.items()]
        figures += [(f"performed: {name}", n) for name, n in self.actions.most_common()]
        figures += [(f"seconds, {k}", round(v, 1)) for k, v in self.seconds.items()]
        return "\n".join(f"{name:<36} {value:>10,}" for name, value in figures)
