"""Fifty lives on the real ledger: invoices, payments, qualifications, actions.

What ``test_lives.py`` tells with rows is told here with Odoo's own verbs, and the
evaluation is left to the hooks: ``self.env.cr.flush()`` runs what a commit runs first.
After every event the accounts must show what ``rules.py`` says of the items that the
ledger holds, read here with plain ORM.

``DSO_ORM_LIVES=500`` lives more of them, ``DSO_LIVES_SEED=…`` other ones.
"""

import os
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from odoo import Command
from odoo.tests import freeze_time, tagged

from odoo.addons.dso_collection.engine import rules
from odoo.addons.dso_collection.tests.common import DsoCommon

LIVES = int(os.environ.get("DSO_ORM_LIVES", "50"))
SEED = int(os.environ.get("DSO_LIVES_SEED", "1"))
EVENTS = 12
START = date(2026, 9, 1)
VERBS = (
    *["do"] * 4,
    *["pay"] * 3,
    *["invoice", "unreconcile", "qualify", "undo", "wait"] * 2,
    *["skip", "redate", "credit_note", "unallocated", "entry", "finish", "draft"],
    *["ignore", "no_followup", "due_date", "scenario", "hold", "group", "archive"],
)


class Life:
    """The accounts of one life, and what the rules remember of them."""

    def __init__(self, accounts, random):
        self.accounts = accounts
        self.random = random
        self.cycles = {account: rules.Cycle() for account in accounts}
        self.outcomes = {}
        self.led = {}
        self.log = []


class OrmLives(DsoCommon):
    """Companies, scenarios and statuses for lives, and the verbs of a life."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        other = cls.setup_other_company(name="Other company")
        cls.books = [cls.company_data, other]
        cls.env.user.company_ids |= other["company"]
        cls.foreign = cls.setup_other_currency("CHF")
        cls.halves = cls.env["account.payment.term"].create(
            {
                "name": "Two halves",
                "company_id": False,
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": days}
                    )
                    for days in (10, 40)
                ],
            }
        )
        cls.spaced = cls._scenario(
            "Spaced",
            ("R1", -3, cls.phone),
            ("R2", 5, cls.phone),
            ("R3", 9, cls.phone, "last_action"),
            ("R4", 25, cls.phone),
            ("R5", 40, cls.court),
            minimum_gap=4,
            breathing_space=5,
        )
        cls.aged = cls._scenario(
            "Aged",
            ("A1", 2, cls.phone),
            ("A2", 9, cls.phone),
            ("A3", 20, cls.phone),
            ("A4", 30, cls.court),
            entry="matching_age",
        )
        cls.stopped = cls._scenario(
            "Stopped",
            ("W1", 1, cls.phone),
            ("W2", 8, cls.phone),
            ("W3", 16, cls.phone),
            entry="where_stopped",
        )
        cls.scenarios = cls.scenario | cls.spaced | cls.aged | cls.stopped
        for data, minimum, below in zip(cls.books, (0, 60), (0, 5), strict=True):
            data["company"].write(
                {
                    "dso_minimum_amount": minimum,
                    "dso_ignore_below": below,
                    "dso_client_type_id": False,
                    "dso_scenario_id": cls.scenario.id,
                    "dso_tz": "UTC",
                }
            )
        cls.statuses = {
            kind: cls.env["dso.status"].create(
                {"name": f"Life {kind}", "type": kind, "delay": 4}
            )
            for kind in (
                "on_going",
                "promise_to_pay",
                "dispute",
                "dispute_resolved",
                "litigation",
            )
        }

    # What the ledger holds ----------------------------------------------------

    def items(self, life, account):
        """The open items of an account and its members, read from the ledger."""
        members = account | account.member_ids
        lines = self.env["account.move.line"].search(
            [
                ("parent_state", "=", "posted"),
                ("account_id.account_type", "=", "asset_receivable"),
                ("partner_id.commercial_partner_id", "in", members.partner_id.ids),
                ("company_id", "=", account.company_id.id),
                ("amount_residual", "!=", 0),
            ]
        )
        groups = defaultdict(lambda: self.env["account.move.line"])
        for line in lines:
            member = members.filtered(
                lambda m, line=line: m.partner_id
                == line.partner_id.commercial_partner_id
            )
            groups[line.move_id, member] |= line
        return [
            self.item(life, account, move, member, group)
            for (move, member), group in groups.items()
        ]

    def item(self, life, account, move, member, lines):
        """One item, as the rules want it."""
        blocked = lines.filtered(
            lambda line: line.amount_residual > 0
            and (line.no_followup or move.payment_state == "blocked")
        )
        counted = lines - blocked or lines
        known = self.env["dso.item"].search(
            [("move_id", "=", move.id), ("account_id", "=", member.id)]
        )
        stars = self.env["dso.action.line"].search(
            [
                ("move_id", "=", move.id),
                ("account_id", "=", member.id),
                ("action_id.kind", "=", "specific"),
                ("action_id.state", "in", ("planned", "error")),
                ("released", "=", False),
                ("disputed_only", "=", False),
            ]
        )
        if move.move_type == "out_invoice":
            kind = "invoice"
        elif move.move_type == "out_refund":
            kind = "credit_note"
        else:
            kind = "payment" if move.origin_payment_id else "miscellaneous"
        return rules.Item(
            id=move.id,
            kind=kind,
            residual=money(sum(counted.mapped("amount_residual"))),
            due=min(line.date_maturity or line.date for line in counted),
            invoice_date=move.invoice_date or move.date,
            name=move.name,
            account=member.id,
            status_type=known.status_type or None,
            disputed=money(known.disputed_company),
            ignored=known.ignored,
            blocked=counted == blocked,
            under_way=move.payment_state == "in_payment",
            held=bool(member.head_id and member.hold_reason == "pause")
            or member.hold_reason == "insolvency"
            and (move.invoice_date or move.date) < member.hold_opening_date,
            starred=bool(stars),
            reentered=known.reentry_date or None,
            led_step=life.led.get((move.id, member.id, account.scenario_id.id)),
        )

    def scenario_of(self, account):
        """The scenario of an account, as the rules want it."""
        record = account.scenario_id
        if not record:
            return None
        steps = record.with_context(active_test=False).step_ids
        return rules.Scenario(
            id=record.id,
            steps=tuple(
                rules.Step(
                    step.id,
                    step.base,
                    step.days,
                    formal=step.action_model_id.formal_notice
                    or step.action_model_id.type == "litigation",
                    active=step.active,
                )
                for step in steps.sorted(lambda step: (step.sequence, step.id))
            ),
            minimum_gap=record.minimum_gap,
            breathing_space=record.breathing_space,
            entry=record.entry,
        )

    def settings_of(self, company):
        """The settings of a company, as the rules want them."""
        return rules.Settings(
            minimum_amount=money(company.dso_minimum_amount),
            minimum_on_overdue=company.dso_minimum_base == "overdue",
            ignore_below=money(company.dso_ignore_below),
            litigation_excluded=company.dso_litigation_excluded,
        )

    # What is compared ---------------------------------------------------------

    def compare(self, life, corrected=()):
        """The commit's evaluation shows what the rules say."""
        self.env.cr.flush()
        for account in life.accounts:
            if account.head_id:
                self.assertEqual(account.reason, "grouped", self.story(life))
                self.assertFalse(account.proposal_id, self.story(life))
                continue
            members = account | account.member_ids
            outcome = rules.evaluate(
                life.cycles[account],
                self.items(life, account),
                self.scenario_of(account),
                self.settings_of(account.company_id),
                self.today,
                hold=account.hold_reason == "pause",
                corrected=frozenset(
                    (move, member.id) for move in corrected for member in members
                ),
            )
            life.cycles[account] = outcome.cycle
            life.outcomes[account] = outcome
            self.assertEqual(
                self.shown(account), self.expected(outcome), self.story(life)
            )
        self.assertFalse(self.env["dso.dirty"].search([]), self.story(life))

    def expected(self, outcome):
        """An outcome of the rules, in the words of ``shown``."""
        cycle, proposal = outcome.cycle, outcome.proposal
        return {
            "leader": (cycle.leader, cycle.leader_account, cycle.leader_date),
            "last_step": cycle.last_step,
            "last_done": (cycle.last_done_step, cycle.last_done_date),
            "last_any": cycle.last_any_date,
            "redate": (cycle.redate_step, cycle.redate),
            "reason": outcome.reason,
            "balance": outcome.balance,
            "net_overdue": outcome.net_overdue,
            "proposal": proposal
            and (proposal.step, proposal.date, proposal.leader, proposal.leader_date),
        }

    def shown(self, account):
        """What an account shows."""
        proposal = account.proposal_id
        return {
            "leader": (
                account.leader_id.id or None,
                account.leader_account_id.id or None,
                account.leader_date or None,
            ),
            "last_step": account.last_step_id.id or None,
            "last_done": (
                account.last_done_step_id.id or None,
                account.last_done_date or None,
            ),
            "last_any": account.last_any_date or None,
            "redate": (
                account.redate_step_id.id or None,
                account.redate_date or None,
            ),
            "reason": account.reason or None,
            "balance": money(account.balance),
            "net_overdue": money(account.net_overdue),
            "proposal": (
                proposal.step_id.id,
                proposal.date,
                proposal.leader_id.id,
                proposal.leader_date,
            )
            if proposal
            else None,
        }

    def story(self, life):
        """What happened so far, for whoever reads a failure."""
        return "\n" + "\n".join(life.log)

    # What happens -------------------------------------------------------------

    def pick(self, life, records):
        """One of these records, if there is any."""
        return records[life.random.randrange(len(records))] if records else records

    def moves(self, life, *types):
        """Posted entries of a life."""
        return self.env["account.move"].search(
            [
                ("commercial_partner_id", "in", life.accounts.partner_id.ids),
                ("company_id", "=", life.accounts.company_id.id),
                ("state", "=", "posted"),
                ("move_type", "in", types or ("out_invoice",)),
            ],
            order="id",
        )

    def open_moves(self, life, *types):
        """Those of them with something open."""
        return self.moves(life, *types).filtered(
            lambda move: any(line.amount_residual for line in self.receivables(move))
        )

    def proposal(self, life):
        """The proposal of one of the accounts, if any."""
        return self.pick(life, life.accounts.proposal_id)

    def partials(self, life):
        """Reconciliations of the entries of a life: {id: entries}."""
        lines = self.env["account.move.line"].search(
            [
                ("partner_id", "in", life.accounts.partner_id.ids),
                ("account_id.account_type", "=", "asset_receivable"),
            ]
        )
        partials = lines.matched_debit_ids | lines.matched_credit_ids
        return {
            partial.id: (partial.debit_move_id | partial.credit_move_id).move_id.ids
            for partial in partials
        }

    def document(self, life, move_type, sign=1, **values):
        """Post an invoice or a credit note in the company of the life."""
        random = life.random
        data = next(b for b in self.books if b["company"] == life.accounts.company_id)
        issued = self.today - timedelta(random.randrange(50))
        if move_type == "out_invoice" and not random.randrange(4):
            values["invoice_payment_term_id"] = self.halves.id
        else:
            values["invoice_payment_term_id"] = False
            values["invoice_date_due"] = issued + timedelta(random.randrange(60))
        if not random.randrange(4):
            values["currency_id"] = self.foreign.id
        partner = self.pick(life, life.accounts).partner_id
        move = self.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": (self.pick(life, partner.child_ids) or partner).id,
                "company_id": life.accounts.company_id.id,
                "journal_id": data["default_journal_sale"].id,
                "invoice_date": issued,
                "date": issued,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Goods",
                            "quantity": 1,
                            "price_unit": random.choice((4, 40, 60, 100, 250, 1000)),
                            "account_id": data["default_account_revenue"].id,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
                **values,
            }
        )
        move.action_post()
        return move.name

    def invoice_event(self, life):
        return self.document(life, "out_invoice")

    def credit_note_event(self, life):
        return self.document(life, "out_refund")

    def payment(self, life, amount, account):
        """A payment that is not reconciled with anything."""
        data = next(b for b in self.books if b["company"] == account.company_id)
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": account.partner_id.id,
                "company_id": account.company_id.id,
                "amount": amount,
                "date": self.today,
                "journal_id": data["default_journal_bank"].id,
            }
        )
        payment.action_post()
        return payment

    def unallocated_event(self, life):
        account = self.pick(life, life.accounts)
        amount = life.random.choice((30, 100, 300))
        return self.payment(life, amount, account).name

    def entry_event(self, life):
        """An entry of one or two accounts of the life, on no-follow-up or not."""
        data = next(b for b in self.books if b["company"] == life.accounts.company_id)
        amounts = [life.random.choice((-20, 45, 120)) for _ in life.accounts]
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": self.today,
                "journal_id": data["default_journal_misc"].id,
                "company_id": life.accounts.company_id.id,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": data["default_account_receivable"].id,
                            "partner_id": account.partner_id.id,
                            "balance": amount,
                            "date_maturity": self.today,
                        }
                    )
                    for account, amount in zip(life.accounts, amounts, strict=True)
                ]
                + [
                    Command.create(
                        {
                            "account_id": data["default_account_revenue"].id,
                            "balance": -sum(amounts),
                        }
                    )
                ],
            }
        )
        move.action_post()
        if life.random.randrange(2):
            self.receivables(move).no_followup = False
        return move.name

    def pay_event(self, life):
        """An invoice is paid, in full or in part, and reconciled."""
        move = self.pick(life, self.open_moves(life))
        if not move:
            return None
        values = {"payment_date": self.today}
        if not life.random.randrange(3):
            values["amount"] = abs(move.amount_residual) / 2
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        ).create(values)._create_payments()
        return move.name

    def unreconcile_event(self, life):
        """A payment turns out to be no payment of this invoice."""
        move = self.pick(
            life,
            self.moves(life).filtered(
                lambda move: self.receivables(move).matched_credit_ids
            ),
        )
        if not move:
            return None
        self.receivables(move).remove_move_reconcile()
        return move.name

    def qualify_event(self, life):
        """An item gets a status, with or without a follow-up."""
        move = self.pick(life, self.open_moves(life, "out_invoice", "out_refund"))
        if not move:
            return None
        random = life.random
        kind = random.choice(("dispute", *self.statuses))
        values = {"follow_up": random.choice((None, False))}
        if kind == "promise_to_pay":
            values["promise_date"] = self.today + timedelta(6)
        if kind == "dispute" and random.randrange(2):
            values["disputed_amount"] = abs(move.amount_residual) * 0.3
        move.dso_qualify(self.statuses[kind], "As it was said", **values)
        return f"{move.name} {kind} {values}"

    def undo_event(self, life):
        """The latest qualification of an item is undone: a correction."""
        items = self.env["dso.item"].search(
            [
                ("account_id", "in", life.accounts.ids),
                ("qualification_id", "!=", False),
                ("qualification_id.undo_of_id", "=", False),
            ]
        )
        item = self.pick(life, items)
        if not item:
            return None
        item.qualification_id.action_undo()
        self.corrected.add(item.move_id.id)
        return item.move_id.name

    def released(self, action):
        """A formal notice or litigation as if its check list had been gone through."""
        return action.sudo() if action.needs_release else action

    def finish_event(self, life):
        """A specific action is completed, or cancelled."""
        action = self.pick(
            life,
            life.accounts.open_action_ids.filtered(lambda a: a.kind == "specific"),
        )
        if not action:
            return None
        verb = life.random.choice(("action_done", "action_cancel"))
        getattr(self.released(action), verb)()
        return f"{verb} {action.move_ids.mapped('name')}"

    def do_event(self, life):
        """The proposed step is done."""
        action = self.proposal(life)
        if not action:
            return None
        account, step = action.account_id, action.step_id
        proposal = life.outcomes[account].proposal
        self.released(action).action_done()
        life.cycles[account] = rules.done(life.cycles[account], step.id, self.today)
        life.led[proposal.leader, proposal.leader_account, account.scenario_id.id] = (
            step.id
        )
        return step.display_name

    def skip_event(self, life):
        """The proposed step is skipped."""
        action = self.proposal(life)
        if not action:
            return None
        account, step = action.account_id, action.step_id
        action.action_skip()
        life.cycles[account] = rules.skip(life.cycles[account], step.id)
        return step.display_name

    def redate_event(self, life):
        """The proposed step is moved."""
        action = self.proposal(life)
        if not action:
            return None
        account, step = action.account_id, action.step_id
        day = self.today + timedelta(life.random.randrange(-3, 20))
        action.action_reschedule(day)
        life.cycles[account] = rules.redate(life.cycles[account], step.id, day)
        return f"{step.display_name} to {day}"

    def draft_event(self, life):
        """An invoice is reset to draft, or posted again."""
        drafts = self.env["account.move"].search(
            [
                ("commercial_partner_id", "in", life.accounts.partner_id.ids),
                ("state", "=", "draft"),
            ]
        )
        if drafts:
            drafts.action_post()
            return f"posted {drafts.mapped('name')}"
        move = self.pick(life, self.moves(life))
        if not move:
            return None
        move.button_draft()
        return f"draft {move.name}"

    def ignore_event(self, life):
        """An item is ignored in collection, or no longer."""
        move = self.pick(life, self.open_moves(life, "out_invoice", "out_refund"))
        if not move:
            return None
        move.dso_ignored = not move.dso_ignored
        return f"{move.name} {move.dso_ignored}"

    def no_followup_event(self, life):
        """Odoo's own flag on a line."""
        move = self.pick(life, self.open_moves(life, "out_invoice", "entry"))
        if not move:
            return None
        line = self.receivables(move)[0]
        line.no_followup = not line.no_followup
        return f"{move.name} {line.no_followup}"

    def due_date_event(self, life):
        """Another due date is agreed."""
        move = self.pick(life, self.open_moves(life))
        if not move:
            return None
        line = self.receivables(move).filtered("amount_residual")[0]
        line.date_maturity += timedelta(life.random.choice((-15, -3, 7, 30)))
        return f"{move.name} {line.date_maturity}"

    def scenario_event(self, life):
        """An account gets another scenario, or none."""
        account = self.pick(life, life.accounts)
        account.scenario_id = (
            self.pick(life, self.scenarios) if life.random.randrange(5) else False
        )
        return account.scenario_id.name or "none"

    def archive_event(self, life):
        """A step is archived, or comes back."""
        steps = life.accounts.scenario_id.with_context(active_test=False).step_ids
        step = self.pick(life, steps)
        if not step:
            return None
        step.active = not step.active
        return f"{step.display_name} {step.active}"

    def hold_event(self, life):
        """An account is put on hold, or released."""
        account = self.pick(life, life.accounts)
        if account.hold_reason:
            account.action_release()
            return "released"
        reason = life.random.choice(("pause", "insolvency"))
        opened = self.today - timedelta(life.random.randrange(60))
        account.write(
            {
                "hold_reason": reason,
                "hold_opening_date": reason == "insolvency" and opened,
            }
        )
        return f"{reason} {account.hold_opening_date or ''}"

    def group_event(self, life):
        """The second account is grouped under the first, or leaves it."""
        if len(life.accounts) < 2:
            return None
        head, member = life.accounts
        member.head_id = False if member.head_id else head
        return member.head_id and "grouped" or "alone"

    def wait_event(self, life):
        """Days pass; the nightly job evaluates everybody."""
        days = life.random.choice((1, 2, 5, 9, 20))
        self.today += timedelta(days)
        self.clock.move_to(self.today)
        life.accounts.evaluate()
        return f"{days} days"

    def live(self, random):
        """One life, compared after every event."""
        self.today = START
        self.clock.move_to(self.today)
        company = random.choice(self.books)["company"]
        accounts = self.env["dso.account"]
        for number in range(random.choice((1, 1, 2))):
            partner = self._customer(
                f"Life {number}",
                child_ids=[Command.create({"name": "Books", "type": "invoice"})],
            )
            accounts |= accounts._of_partner(partner, company)
        accounts.scenario_id = self.pick_scenario(random)
        life = Life(accounts, random)
        life.log.append(f"{company.name}, {accounts.scenario_id.name}")
        for _number in range(2):
            life.log.append(f"invoice {self.invoice_event(life)}")
        self.compare(life)
        happened = 0
        while happened < EVENTS:
            verb = random.choice(VERBS)
            self.corrected = set()
            before = self.partials(life)
            done = getattr(self, f"{verb}_event")(life)
            if done is None:
                continue
            happened += 1
            life.log.append(f"{self.today} {verb}: {done}")
            after = self.partials(life)
            for partial in before.keys() - after.keys():
                self.corrected.update(before[partial])
            self.compare(life, self.corrected)

    def pick_scenario(self, random):
        """One of the scenarios, its archived steps back."""
        scenario = self.scenarios[random.randrange(len(self.scenarios))]
        scenario.with_context(active_test=False).step_ids.active = True
        return scenario


@tagged("post_install", "-at_install")
class TestOrmLives(OrmLives):
    """rules.py and what the hooks leave behind agree."""

    def test_orm_lives(self):
        """L1-L17: lives made with Odoo's own verbs."""
        seeds = []

        @seed(SEED)
        @settings(
            max_examples=LIVES,
            phases=[Phase.generate],
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(st.integers(0, 2**32 - 1))
        def draw(number):
            seeds.append(number)

        draw()
        with freeze_time(START) as self.clock:
            for number in seeds:
                with self.subTest(life=number):
                    self.live(Random(number))
        self.assertGreaterEqual(len(seeds), LIVES)


def money(amount):
    """An amount of the ORM as the rules want it."""
    return Decimal(str(round(amount or 0, 2)))
