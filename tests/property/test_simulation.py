"""What the simulation says is what happens when nobody pays.

Lives on the real ledger (``test_orm_lives.py``) are stopped somewhere, simulated, and
then lived on: the clock moves day by day, the evaluation proposes, and every action is
done on its day with Odoo's own verbs. The same actions must have been foretold: on the
same day, for the same leader, with the same amount claimed.

``DSO_SIMULATIONS=50`` simulates more lives, ``DSO_LIVES_SEED=…`` other ones.
"""

import os
from datetime import datetime, time, timedelta, timezone
from random import Random

from odoo.tests import TransactionCase, freeze_time, tagged
from odoo.tools import SQL
from odoo.tools.convert import convert_file

from odoo.addons.dso_collection.models.dso_qualification import ENGINE

from .test_orm_lives import SEED, START, Life, OrmLives

SIMULATIONS = int(os.environ.get("DSO_SIMULATIONS", "12"))
DAYS = 60
BEFORE = 8


@tagged("post_install", "-at_install")
class TestSimulation(OrmLives):
    def test_simulated_lives(self):
        """rules.md §5: the simulation equals what happens, over random lives."""
        foretold = 0
        with freeze_time(START) as self.clock:
            for number in range(SIMULATIONS):
                with self.subTest(life=number):
                    life = self.begin(Random(SEED * 1000 + number))
                    foretold += self.compare_future(life)
        self.assertGreater(foretold, SIMULATIONS, "lives in which something is due")

    def begin(self, random):
        """A life of some events, with instalments, credits, disputes and holds."""
        self.today = START
        self.clock.move_to(self.today)
        company = random.choice(self.books)["company"]
        accounts = self.env["dso.account"]
        for number in range(random.choice((1, 1, 2))):
            accounts |= accounts._of_partner(
                self._customer(f"Foretold {number}"), company
            )
        accounts.scenario_id = self.pick_scenario(random)
        life = Life(accounts, random)
        for _number in range(3):
            life.log.append(f"invoice {self.invoice_event(life)}")
        self.compare(life)
        happened = 0
        while happened < BEFORE:
            verb = random.choice(VERBS)
            self.corrected = set()
            done = getattr(self, f"{verb}_event")(life)
            if done is None:
                continue
            happened += 1
            life.log.append(f"{self.today} {verb}: {done}")
            self.env.cr.flush()
            life.outcomes = self.outcomes(life)
        if random.randrange(3) == 0:
            account = self.pick(life, life.accounts)
            if account.hold_reason:
                account.hold_until = self.today + timedelta(random.randrange(40))
                life.log.append(f"hold until {account.hold_until}")
        life.accounts.evaluate()
        self.env.cr.flush()
        return life

    def outcomes(self, life):
        """Leaders of the proposals, for the verbs of a life."""
        return {account: Proposed(account.proposal_id) for account in life.accounts}

    def compare_future(self, life):
        """Simulate, live, compare; return how many actions were foretold."""
        accounts = life.accounts
        before = self.written()
        events = accounts._simulate(DAYS)
        self.assertEqual(self.written(), before, "a simulation writes nothing")
        foretold = sorted(
            (
                event.day,
                event.account,
                event.step or 0,
                event.follow_up or 0,
                event.leader or 0,
                event.leader_date,
                event.amount and round(float(event.amount), 2),
            )
            for event in events
        )
        happened = sorted(self.live_on(life))
        self.assertEqual(foretold, happened, self.story(life))
        return len(happened)

    def written(self):
        """What a simulation must leave alone."""
        self.env.flush_all()
        rows = []
        for table in ("dso_account", "dso_action", "dso_action_line", "dso_item"):
            # the place of a row in its table moves when it is written
            query = "SELECT md5(string_agg(ctid::text, ' ' ORDER BY ctid)) FROM %s"
            rows += self.env.execute_query(SQL(query, SQL.identifier(table)))
        return rows

    def live_on(self, life):
        """Do every action on its day, for some weeks: yields what was done."""
        for _day in range(DAYS):
            life.accounts.evaluate()
            while due := life.accounts.open_action_ids.filtered(
                lambda a: a.date <= self.today
            ).sorted(lambda a: (a.kind == "scenario", a.date, a.id)):
                action = due[0]
                scenario = action.kind == "scenario"
                yield (
                    self.today,
                    action.account_id.id,
                    action.step_id.id if scenario else 0,
                    0 if scenario else action.id,
                    action.leader_id.id if scenario else 0,
                    action.leader_date if scenario else None,
                    round(action.amount_claimed, 2) if scenario else None,
                )
                self.released(action).action_done()
                life.accounts.evaluate()
                life.accounts.invalidate_recordset()
            self.today += timedelta(1)
            self.clock.move_to(self.today)


class Proposed:
    """A proposal, as the verbs of a life want it."""

    def __init__(self, action):
        self.proposal = self
        self.leader = action.leader_id.id
        self.leader_account = action.leader_account_id.id


VERBS = (
    *["do"] * 2,
    *["pay", "invoice", "qualify"] * 3,
    *["skip", "redate", "credit_note", "unallocated", "entry", "ignore"],
    *["no_followup", "hold", "group", "wait", "due_date"],
)


@tagged("post_install", "-at_install")
class TestSimulatedDemo(TransactionCase):
    """The demo customers, with disputes, promises, plans, holds and groups; what leaves
    by itself is sent by the job."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls.env.ref("dso_collection.demo_summit", raise_if_not_found=False):
            convert_file(
                cls.env, "dso_collection", "demo/dso_demo.xml", {}, mode="init"
            )
        cls.company = cls.env.ref("base.main_company")
        cls.accounts = cls.env["dso.account"].search(
            [("company_id", "=", cls.company.id)]
        )

    def test_demo_data(self):
        """rules.md §5: the simulation equals what happens, over the demo data."""
        self.company.write({"dso_sending_active": True})
        # what waits for a person to read it is no day of the calendar
        self.accounts.reply_ids.filtered(
            lambda reply: reply.state == "to_process"
        ).with_context(dso_engine=ENGINE).write({"state": "dismissed"})
        start = self.company._dso_today()
        noon = self.company._dso_timezone().localize(datetime.combine(start, time(11)))
        noon = noon.astimezone(timezone.utc).replace(tzinfo=None)
        with freeze_time(noon) as clock:
            self.accounts.evaluate()
            self.env.cr.flush()
            events = self.accounts._simulate(DAYS)
            happened = []
            for number in range(DAYS):
                clock.move_to(noon + timedelta(number))
                happened += self.one_day(start + timedelta(number))
        foretold = [
            (event.day, event.account, event.step or 0, event.follow_up or 0)
            for event in events
        ]
        self.maxDiff = None
        self.assertEqual(sorted(foretold), sorted(happened))
        self.assertGreater(len(foretold), 40)
        self.assertEqual({e.by_itself for e in events}, {True, False})

    def one_day(self, today):
        """Everything that is due on a day: people do theirs, the job sends the rest."""
        self.env["dso.promise"]._refresh_limits(self.company)
        sending = self.company._dso_sending_open()
        self.accounts.evaluate()
        while due := self.due(today, sending):
            action = due[0]
            scenario = action.kind == "scenario"
            yield (
                today,
                action.account_id.id,
                action.step_id.id if scenario else 0,
                0 if scenario else action.id,
            )
            by_itself = action.mode != "manual" and action.state == "planned"
            if by_itself:
                if action.mode == "auto_confirm":
                    action._engine().confirmed = True
                action._send_chunk(action.ids)
            if not by_itself or (action.state == "planned" and action.mode != "manual"):
                # what cannot leave, a person does another way
                action.sudo().action_done()
            self.accounts.evaluate()
            self.accounts.invalidate_recordset()

    def due(self, today, sending):
        """What is to be done on a day, follow-ups first."""

        def is_due(action):
            if action.date > today:
                return False
            if action.mode == "manual":
                return True
            promise = action.promise_id
            waits = promise.state == "open" and promise.date_limit >= today
            return sending and not waits and not action.account_id.on_hold

        return self.accounts.open_action_ids.filtered(is_due).sorted(
            lambda a: (a.kind == "scenario", a.date, a.id)
        )
