"""The worked examples of ``docs/rules.md`` and its rules, one by one.

Amounts and days read as on that page: ``day("20 Nov")`` is in 2026, today is Monday
23 November 2026 unless a test says otherwise.
"""

import doctest
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from odoo.tests import BaseCase

from odoo.addons.dso_collection.engine import rules
from odoo.addons.dso_collection.engine.rules import (
    Cycle,
    Item,
    Place,
    Scenario,
    Settings,
    Step,
    done,
    evaluate,
    redate,
    skip,
)

S1, S2, S3, S4, S5, S6 = range(1, 7)
STD = Scenario(
    1,
    (
        Step(S1, "due", -5),  # preventive e-mail
        Step(S2, "due", 3),  # e-mail 1
        Step(S3, "due", 10),  # phone
        Step(S4, "due", 18),  # interactive e-mail 2
        Step(S5, "due", 30, formal=True),  # formal notice
        Step(S6, "due", 45, formal=True),  # litigation
    ),
)
P1, P2, P3 = 11, 12, 13
PUB = Scenario(
    2, (Step(P1, "due", 15), Step(P2, "last_action", 10), Step(P3, "due", 60))
)


def day(text, year=2026):
    """``day("20 Nov")`` is 20 November 2026."""
    return datetime.strptime(f"{text} {year}", "%d %b %Y").date()


TODAY = day("23 Nov")


class Life:
    """One account from evaluation to evaluation, in the words of the examples."""

    def __init__(self, scenario=STD, **settings):
        self.scenario = scenario
        self.settings = Settings(**settings)
        self.cycle = Cycle()
        self.items = {}
        self.ids = {}
        self.corrected = set()
        self.hold = False
        self.outcome = None

    def owes(self, name, amount, due, *, kind="invoice", issued="1 Jan", **flags):
        """A new open item; ``due`` and ``issued`` as in ``day()``."""
        identifier = self.ids.setdefault(name, len(self.ids) + 1)
        self.items[name] = Item(
            identifier, kind, Decimal(str(amount)), day(due), day(issued), name, **flags
        )
        return self

    def credit(self, name, amount, due="1 Nov", kind="payment", **flags):
        """A new open credit."""
        return self.owes(name, -Decimal(str(amount)), due, kind=kind, **flags)

    def change(self, name, **flags):
        """Anything about an item that is not a rule of its own."""
        self.items[name] = replace(self.items[name], **flags)
        return self

    def paid(self, name):
        """The item is cleared; returns it for a later ``returned``."""
        return self.items.pop(name)

    def returned(self, item):
        """The settlement of an item is undone."""
        self.items[item.name] = item
        self.corrected.add((item.id, item.account))
        return self

    def undone(self, name, **flags):
        """A qualification of an item is undone."""
        self.change(name, **flags)
        self.corrected.add((self.items[name].id, self.items[name].account))
        return self

    def on(self, today=TODAY):
        """Evaluate as of a day; returns the outcome."""
        today = day(today) if isinstance(today, str) else today
        self.outcome = evaluate(
            self.cycle,
            list(self.items.values()),
            self.scenario,
            self.settings,
            today,
            hold=self.hold,
            corrected=frozenset(self.corrected),
        )
        self.cycle = self.outcome.cycle
        self.corrected = set()
        return self.outcome

    def done(self, step, when):
        """Evaluate on a day and do a step on it."""
        self.on(when)
        self.cycle = done(self.cycle, step, day(when))
        return self

    def skipped(self, step, when):
        """Evaluate on a day and skip a step."""
        self.on(when)
        self.cycle = skip(self.cycle, step)
        return self

    def redated(self, step, when, to):
        """Evaluate on a day and move the proposed step to another."""
        self.on(when)
        self.cycle = redate(self.cycle, step, day(to))
        return self

    def leader(self):
        """Name of the present leader."""
        return next((n for n, i in self.ids.items() if i == self.cycle.leader), None)


class RulesCase(BaseCase):
    """Assertions in the words of the examples."""

    def assert_proposed(self, life, step, when, state=None, today=TODAY, leader=None):
        """The account's proposal as of ``today``."""
        today = day(today) if isinstance(today, str) else today
        outcome = life.on(today)
        self.assertIsNone(outcome.reason)
        self.assertEqual(
            (outcome.proposal.step, outcome.proposal.date),
            (step, day(when) if isinstance(when, str) else when),
        )
        if state:
            self.assertEqual(outcome.proposal.state(today), state)
        if leader:
            self.assertEqual(life.leader(), leader)
        return outcome

    def assert_none(self, life, reason, today=TODAY):
        """The account has no proposal, and why."""
        outcome = life.on(today)
        self.assertIsNone(outcome.proposal)
        self.assertEqual(outcome.reason, reason)
        return outcome


class TestExamples(RulesCase):
    """The examples E01-E29."""

    def test_e01_first_reminder(self):
        """E01: the preventive step has lapsed, the first reminder is due today."""
        life = Life().owes("A", 1000, "20 Nov")
        self.assert_proposed(life, S2, "23 Nov", "todo", leader="A")

    def test_e02_preventive(self):
        """E02: not due yet, the preventive step is proposed."""
        life = Life().owes("A", 1000, "5 Dec")
        self.assert_proposed(life, S1, "30 Nov", "upcoming")

    def test_e02_preventive_late(self):
        """E02: late by a day, before the due date: still the preventive step."""
        life = Life().owes("A", 1000, "5 Dec")
        self.assert_proposed(life, S1, "30 Nov", "todo", today="1 Dec")

    def test_e02_preventive_lapses(self):
        """E02: on the due date it still stands, the day after it lapses."""
        life = Life().owes("A", 1000, "5 Dec")
        self.assert_proposed(life, S1, "30 Nov", "todo", today="5 Dec")
        self.assert_proposed(life, S2, "8 Dec", "upcoming", today="6 Dec")

    def test_e03_oldest_due_leads(self):
        """E03: the oldest due date leads, not the oldest issue date."""
        life = Life().owes("A", 5000, "30 Nov", issued="1 Sep")
        life.owes("B", 800, "10 Nov", issued="10 Oct")
        self.assert_proposed(life, S2, "13 Nov", "todo", leader="B")

    def test_e04_interval_kept(self):
        """E04: a step done late pushes the next one by the same interval."""
        life = Life().owes("A", 1000, "20 Oct").done(S2, "19 Nov")
        self.assert_proposed(life, S3, "26 Nov", "upcoming")

    def test_e05_early_pulls_nothing(self):
        """E05: a step done early does not pull the next one forward."""
        life = Life().owes("A", 1000, "10 Nov").done(S2, "12 Nov")
        self.assert_proposed(life, S3, "20 Nov", "todo")

    def _two_invoices_after_three_steps(self):
        life = Life().owes("A", 2000, "30 Sep").owes("B", 1500, "5 Nov")
        return life.done(S2, "3 Oct").done(S3, "12 Oct").done(S4, "22 Oct")

    def test_e06_leader_paid(self):
        """E06: the leader is paid, the scenario starts again with the next one."""
        life = self._two_invoices_after_three_steps()
        life.paid("A")
        self.assert_proposed(life, S2, "8 Nov", "todo", leader="B")

    def test_e08_other_paid(self):
        """E08: another invoice is paid: no restart."""
        life = self._two_invoices_after_three_steps()
        life.paid("B")
        self.assert_proposed(life, S5, "3 Nov", "todo", leader="A")

    def test_e10_dispute(self):
        """E10: the leader is disputed, the next one starts at the beginning."""
        life = Life().owes("A", 3000, "5 Oct").owes("B", 1200, "12 Nov")
        life.done(S2, "10 Oct").done(S3, "26 Oct").done(S4, "9 Nov").on("20 Nov")
        life.change("A", status_type="dispute", starred=True)
        self.assert_proposed(life, S2, "15 Nov", "todo", leader="B")

    def test_e10_dispute_with_minimum_gap(self):
        """E10: with a gap of 7 days the last action of the old leader counts."""
        life = Life(replace(STD, minimum_gap=7))
        life.owes("A", 3000, "5 Oct").owes("B", 1200, "12 Nov")
        life.done(S2, "10 Oct").done(S3, "26 Oct").done(S4, "18 Nov")
        life.change("A", status_type="dispute", starred=True)
        self.assert_proposed(life, S2, "25 Nov", "upcoming", leader="B")

    def _promised(self, **flags):
        life = Life().owes("A", 900, "25 Oct").done(S2, "28 Oct").done(S3, "4 Nov")
        life.on("18 Nov")
        return life.change("A", status_type="promise_to_pay", **flags)

    def test_e11_promise_with_specific_action(self):
        """E11: the promised item is out while its specific action is open."""
        self.assert_none(self._promised(starred=True), "no_leader")

    def test_e11_promise_broken(self):
        """E11: the action is completed unpaid: the item starts again."""
        life = self._promised(starred=True)
        life.on()
        life.change("A", starred=False, reentered=day("28 Nov"))
        self.assert_proposed(life, S2, "28 Oct", "todo", today="28 Nov")

    def test_e12_promise_and_scenario(self):
        """E12: "let the scenario continue": the promised item still leads."""
        life = self._promised()
        self.assert_proposed(life, S4, "12 Nov", "todo", leader="A")

    def test_e14_below_minimum(self):
        """E14: 40 with a minimum of 50, and 3.50 that nobody chases."""
        life = Life(minimum_amount=Decimal(50), ignore_below=Decimal(5))
        life.owes("A", 3.50, "1 Sep").owes("B", 40, "1 Nov")
        self.assertEqual(self.assert_none(life, "below_minimum").balance, 40)

    def test_e14_above_minimum(self):
        """E14: 30 more and the account is chased; the small item never leads."""
        life = Life(minimum_amount=Decimal(50), ignore_below=Decimal(5))
        life.owes("A", 3.50, "1 Sep").owes("B", 40, "1 Nov").owes("C", 30, "15 Nov")
        outcome = self.assert_proposed(life, S2, "4 Nov", "todo", leader="B")
        self.assertEqual(outcome.balance, 70)

    def test_e15_credit_balance(self):
        """E15: an unallocated payment above the debt: nothing to collect."""
        life = Life().owes("A", 1000, "10 Oct").credit("P", 1200)
        self.assertEqual(self.assert_none(life, "nothing_to_collect").balance, -200)

    def test_e15_credit_note(self):
        """E15: a credit note below the debt: chased for the rest."""
        life = Life().owes("A", 1000, "10 Oct").credit("N", 300, kind="credit_note")
        outcome = self.assert_proposed(life, S2, "13 Oct", "todo")
        self.assertEqual(outcome.balance, 700)

    def test_e17_last_action_step(self):
        """E17: ten days after the last action."""
        life = Life(PUB).owes("A", 1000, "31 Oct").done(P1, "20 Nov")
        self.assert_proposed(life, P2, "30 Nov", "upcoming")

    def test_e17_due_step_after_last_action_step(self):
        """E17: a due-date step after a last-action step is due by its own day."""
        life = Life(PUB).owes("A", 1000, "31 Oct").done(P1, "20 Nov")
        life.done(P2, "30 Nov")
        self.assert_proposed(life, P3, "30 Dec", "upcoming", today="30 Nov")

    def test_e18_scenario_without_steps(self):
        """E18: a scenario without steps marks accounts handled by hand."""
        life = Life(Scenario(3, ())).owes("A", 1000, "20 Nov")
        self.assert_none(life, "empty_scenario")

    def test_e18_no_scenario(self):
        """E18: no scenario, no proposal."""
        self.assert_none(Life(None).owes("A", 1000, "20 Nov"), "no_scenario")

    def test_e18_end_of_scenario(self):
        """E18: all steps done: listed as end of scenario."""
        life = Life().owes("A", 1000, "1 Jan")
        life.done(S2, "4 Jan").done(S3, "11 Jan").done(S4, "19 Jan")
        life.done(S5, "31 Jan").done(S6, "15 Feb")
        self.assert_none(life, "end_of_scenario")

    def test_e19_a_not_confirmed(self):
        """E19a: the proposal is dated today; confirmation is no matter of rules."""
        life = Life().owes("A", 1000, "20 Nov")
        self.assert_proposed(life, S2, "23 Nov", "todo")

    def test_e19_b_confirmed(self):
        """E19b: evaluating again gives the same proposal: its confirmation holds."""
        life = Life().owes("A", 1000, "20 Nov")
        self.assertEqual(life.on().proposal, life.on().proposal)

    def test_e19_c_no_contact(self):
        """E19c: a missing contact changes nothing in what is proposed."""
        life = Life().owes("A", 1000, "20 Nov")
        self.assert_proposed(life, S2, "23 Nov", "todo", today="23 Nov")
        self.assert_proposed(life, S2, "23 Nov", "todo", today="24 Nov")

    def test_e19_d_paid_before_sending(self):
        """E19d: paid before the e-mail left: the proposal is gone."""
        life = Life().owes("A", 1000, "20 Nov")
        self.assert_proposed(life, S2, "23 Nov", "todo")
        life.paid("A")
        self.assert_none(life, "no_leader")

    def test_e20_redated(self):
        """E20: a person moves the proposal."""
        life = Life().owes("A", 1000, "10 Nov").done(S2, "13 Nov")
        self.assert_proposed(life, S3, "20 Nov")
        life.redated(S3, TODAY, "30 Nov")
        self.assert_proposed(life, S3, "30 Nov", "upcoming")

    def test_e20_redate_dropped_with_the_leader(self):
        """E20: the next leader has its own date."""
        life = Life().owes("A", 1000, "10 Nov").owes("B", 500, "18 Nov")
        life.done(S2, "13 Nov").redated(S3, TODAY, "30 Nov")
        life.paid("A")
        self.assert_proposed(life, S2, "21 Nov", "todo", leader="B")

    def test_e21_sent_on_monday(self):
        """E21: sent two days late for the weekend, the interval runs from Monday."""
        life = Life().owes("A", 1000, "18 Nov")
        self.assert_proposed(life, S2, "21 Nov", "todo", today="21 Nov")
        life.done(S2, "23 Nov")
        self.assert_proposed(life, S3, "30 Nov", "upcoming")

    def test_e22_first_load(self):
        """E22: first load: the first overdue step, dated in the past."""
        life = Life().owes("A", 1000, "15 May")
        outcome = self.assert_proposed(life, S2, "18 May", "todo")
        self.assertEqual((TODAY - outcome.proposal.date).days, 189)

    def test_e22_no_burst_of_late_steps(self):
        """E22: done today, the next one keeps its interval."""
        life = Life().owes("A", 1000, "15 May").done(S2, "23 Nov")
        self.assert_proposed(life, S3, "30 Nov", "upcoming")

    def test_e25_out_of_scenario(self):
        """E25: an e-mail out of the scenario on 20 Nov does not count."""
        life = Life().owes("A", 1000, "1 Nov").done(S2, "5 Nov")
        life.on("20 Nov")
        self.assert_proposed(life, S3, "12 Nov", "todo")

    def test_e28_credit_covers(self):
        """E28: the open credits cover what is overdue."""
        life = Life().owes("A", 1000, "10 Oct").owes("B", 5000, "20 Dec")
        life.credit("P", 1000)
        outcome = self.assert_none(life, "credit_covers")
        self.assertEqual((outcome.balance, outcome.net_overdue), (5000, 0))

    def test_e29_instalment_paid(self):
        """E29: the first half is paid: the second one starts at the beginning."""
        life = Life().owes("A", 1000, "1 Oct")
        life.done(S2, "4 Oct").done(S3, "11 Oct").done(S4, "19 Oct").on("19 Nov")
        life.change("A", residual=Decimal(500), due=day("1 Dec"))
        self.assert_proposed(life, S1, "26 Nov", "upcoming", leader="A")


class TestLeader(RulesCase):
    """L1, L2, L13, L16: who leads, and what the account owes."""

    def test_l1_only_invoices_lead(self):
        """L1: a miscellaneous entry counts, but does not lead."""
        life = Life().owes("M", 500, "1 Oct", kind="miscellaneous")
        self.assertEqual(self.assert_none(life, "no_leader").balance, 500)
        life.owes("A", 100, "20 Nov")
        outcome = self.assert_proposed(life, S2, "23 Nov", leader="A")
        self.assertEqual(outcome.balance, 600)

    def test_l1_credits_do_not_lead(self):
        """L1: neither credit notes nor payments lead, whatever their sign."""
        for kind in ("credit_note", "payment"):
            life = Life().owes("X", 500, "1 Oct", kind=kind)
            self.assert_none(life, "no_leader")

    def test_l1_credit_invoice_does_not_lead(self):
        """L1: an invoice paid in excess is a credit."""
        life = Life().owes("A", -5, "1 Oct").owes("B", 100, "20 Nov")
        self.assert_proposed(life, S2, "23 Nov", leader="B")

    def _excluded(self, **flags):
        """What remains of an account when its older item has these flags."""
        life = Life().owes("A", 1000, "1 Oct", **flags).owes("B", 100, "20 Nov")
        self.assert_proposed(life, S2, "23 Nov", leader="B")
        return life.outcome.balance

    def test_l2_cleared(self):
        """L2: a cleared item neither leads nor counts."""
        life = Life().owes("A", 0, "1 Oct").owes("B", 100, "20 Nov")
        self.assert_proposed(life, S2, "23 Nov", leader="B")

    def test_l2_specific_action(self):
        """L2: an item in an open specific action is out of everything."""
        self.assertEqual(self._excluded(starred=True), 100)

    def test_l2_money_under_way(self):
        """L2: so is one whose payment is under way."""
        self.assertEqual(self._excluded(under_way=True), 100)

    def test_l2_held(self):
        """L2, L16: so is one from before insolvency, or of a member that rests."""
        self.assertEqual(self._excluded(held=True), 100)

    def test_l2_dispute(self):
        """L2: so is a disputed one, even when its follow-up is gone."""
        self.assertEqual(self._excluded(status_type="dispute"), 100)

    def test_l2_ignored(self):
        """L2: so is an ignored one."""
        self.assertEqual(self._excluded(ignored=True), 100)

    def test_l2_blocked(self):
        """L2: so is a debit that Odoo blocks."""
        self.assertEqual(self._excluded(blocked=True), 100)

    def test_l2_litigation(self):
        """L2: so is litigation."""
        self.assertEqual(self._excluded(status_type="litigation"), 100)

    def test_l2_litigation_switched_off(self):
        """L2: a company may go on chasing in litigation."""
        life = Life(litigation_excluded=False)
        life.owes("A", 1000, "20 Nov", status_type="litigation")
        self.assert_proposed(life, S2, "23 Nov", leader="A")

    def test_l2_not_excluded(self):
        """L2: any other status leaves the item where it is."""
        for status in (None, "on_going", "promise_to_pay", "dispute_resolved"):
            life = Life().owes("A", 1000, "20 Nov", status_type=status)
            self.assert_proposed(life, S2, "23 Nov", leader="A")

    def test_l2_blocked_credit_still_reduces(self):
        """L2: a credit that Odoo blocks still reduces the balance."""
        for kind in ("payment", "credit_note", "miscellaneous"):
            life = Life().owes("A", 1000, "20 Nov")
            life.credit("P", 1000, kind=kind, blocked=True)
            self.assert_none(life, "nothing_to_collect")

    def test_l2_ignored_credit_does_not(self):
        """L2: a credit with our own flag does not."""
        life = Life().owes("A", 1000, "20 Nov").credit("P", 1000, ignored=True)
        self.assertEqual(self.assert_proposed(life, S2, "23 Nov").balance, 1000)

    def test_l2_small_items(self):
        """L2: below the threshold out, at the threshold in, credits always in."""
        life = Life(ignore_below=Decimal(5)).owes("A", "4.99", "1 Oct")
        self.assertEqual(self.assert_none(life, "no_leader").balance, 0)
        life.owes("B", "5.00", "20 Nov")
        self.assertEqual(self.assert_proposed(life, S2, "23 Nov").balance, 5)
        life.credit("P", 1)
        self.assertEqual(life.on().balance, 4)

    def test_l2_small_miscellaneous(self):
        """L2: the threshold is for every positive item, not for invoices only."""
        life = Life(ignore_below=Decimal(5)).owes("A", 100, "20 Nov")
        life.owes("M", 4, "1 Oct", kind="miscellaneous")
        self.assertEqual(life.on().balance, 100)

    def test_l2_partial_dispute(self):
        """L2: a partly disputed item leads with the rest."""
        life = Life().owes(
            "A", 1000, "20 Nov", status_type="dispute", disputed=Decimal(300)
        )
        outcome = self.assert_proposed(life, S2, "23 Nov", leader="A")
        self.assertEqual((outcome.balance, outcome.net_overdue), (700, 700))

    def test_l2_cents(self):
        """L2, L12: cents count as amounts do."""
        life = Life(minimum_amount=Decimal("0.30"), ignore_below=Decimal("0.20"))
        life.owes(
            "A", "0.50", "20 Nov", status_type="dispute", disputed=Decimal("0.10")
        )
        life.owes("B", "0.19", "20 Oct").owes("C", "0.60", "20 Dec")
        life.owes("D", "0.70", "20 Oct", blocked=True).credit("P", "0.05")
        outcome = self.assert_proposed(life, S2, "23 Nov", leader="A")
        self.assertEqual(outcome.balance, Decimal("0.95"))
        self.assertEqual(outcome.net_overdue, Decimal("0.35"))
        life.change("C", residual=Decimal(0)).change("P", residual=Decimal("-0.15"))
        self.assert_none(life, "below_minimum")

    def test_l2_partial_dispute_of_all(self):
        """L2: disputed up to what is left, or above it: the whole item is out."""
        for disputed in (1000, 1200, 0):
            life = Life().owes(
                "A", 1000, "20 Nov", status_type="dispute", disputed=Decimal(disputed)
            )
            self.assertEqual(self.assert_none(life, "no_leader").balance, 0)

    def test_l2_partial_dispute_small_rest(self):
        """L2: the undisputed rest is what compares with the threshold."""
        life = Life(ignore_below=Decimal(5)).owes(
            "A", 1000, "20 Nov", status_type="dispute", disputed=Decimal(996)
        )
        self.assert_none(life, "no_leader")

    def test_l2_disputed_amount_without_dispute(self):
        """L2: an amount left behind by a dispute that is over plays no part."""
        life = Life().owes(
            "A", 1000, "20 Nov", status_type="dispute_resolved", disputed=Decimal(300)
        )
        self.assertEqual(self.assert_proposed(life, S2, "23 Nov").balance, 1000)

    def test_l2_disputed_credit(self):
        """L2: a disputed credit does not reduce the balance."""
        life = Life().owes("A", 1000, "20 Nov")
        life.credit("N", 300, status_type="dispute", disputed=Decimal(100))
        self.assertEqual(self.assert_proposed(life, S2, "23 Nov").balance, 1000)

    def test_l13_partial_payment(self):
        """L13: a partial payment of the leader changes nothing."""
        life = Life().owes("A", 1000, "20 Oct").done(S2, "23 Oct")
        life.change("A", residual=Decimal(1))
        self.assert_proposed(life, S3, "30 Oct", leader="A")

    def test_l13_present_leader_stays(self):
        """L13: on equal due dates the present leader stays, though issued later."""
        life = Life().owes("B", 100, "20 Oct", issued="1 Oct").done(S2, "23 Oct")
        life.owes("A", 1000, "20 Oct", issued="1 Jan")
        self.assert_proposed(life, S3, "30 Oct", leader="B")

    def test_l13_oldest_issued(self):
        """L13: without a present leader the oldest issue date decides."""
        life = Life().owes("A", 100, "20 Nov", issued="2 Oct")
        life.owes("B", 100, "20 Nov", issued="1 Oct")
        self.assert_proposed(life, S2, "23 Nov", leader="B")

    def test_l13_then_name(self):
        """L13: then the name, in code point order: capitals before small letters."""
        life = Life().owes("a", 100, "20 Nov").owes("B", 100, "20 Nov")
        self.assert_proposed(life, S2, "23 Nov", leader="B")

    def test_l13_then_account_then_id(self):
        """L13: the last resort is the member account, then the item's id."""
        items = [
            Item(i, "invoice", Decimal(9), TODAY, TODAY, "A", account=a)
            for i, a in ((3, 2), (2, 2), (9, 1))
        ]
        found = evaluate(Cycle(), items, STD, Settings(), TODAY).cycle
        self.assertEqual((found.leader, found.leader_account), (9, 1))
        found = evaluate(Cycle(), items[:2], STD, Settings(), TODAY).cycle
        self.assertEqual((found.leader, found.leader_account), (2, 2))

    def test_l16_grouped_accounts(self):
        """L16: one leader over all member accounts, and one balance."""
        life = Life().owes("A", 100, "20 Nov", account=1)
        life.owes("B", 200, "10 Nov", account=2).credit("P", 50, account=1)
        outcome = self.assert_proposed(life, S2, "13 Nov", leader="B")
        self.assertEqual(outcome.proposal.leader_account, 2)
        self.assertEqual(outcome.balance, 250)

    def test_l16_one_entry_of_two_accounts(self):
        """L16: an entry shared by two members is two items; the account tells."""
        first = Item(1, "invoice", Decimal(10), TODAY, TODAY, "A", account=1)
        second = replace(first, account=2)
        cycle = evaluate(Cycle(), [first, second], STD, Settings(), TODAY).cycle
        cycle = done(cycle, S2, TODAY)
        cycle = evaluate(cycle, [second], STD, Settings(), TODAY).cycle
        self.assertEqual((cycle.leader_account, cycle.last_step), (2, None))


class TestNoAction(RulesCase):
    """L3, L12, L17: when there is nothing to do."""

    def test_l3_one_proposal(self):
        """L3: one proposal, however many steps are late."""
        life = Life().owes("A", 100, "1 Jan").owes("B", 100, "1 Feb")
        self.assert_proposed(life, S2, "4 Jan")

    def test_l3_evaluating_twice_changes_nothing(self):
        """L3: a second evaluation gives the same cycle and proposal."""
        for entry in ("beginning", "matching_age", "where_stopped"):
            life = Life(replace(STD, entry=entry)).owes("A", 100, "1 Nov")
            self.assertEqual(life.on(), life.on())

    def test_l12_hold(self):
        """L12: an account on hold gets no proposal, but its cycle is followed."""
        life = Life().owes("A", 100, "1 Nov").done(S2, "4 Nov")
        life.hold = True
        self.assert_none(life, "hold")
        life.paid("A")
        life.owes("B", 100, "20 Nov")
        self.assert_none(life, "hold")
        self.assertEqual((life.leader(), life.cycle.last_step), ("B", None))
        life.hold = False
        self.assert_proposed(life, S2, "23 Nov")

    def test_l12_minimum_amount(self):
        """L12: the minimum compares with the balance; equal is enough."""
        life = Life(minimum_amount=Decimal(100)).owes("A", 100, "20 Nov")
        self.assert_proposed(life, S2, "23 Nov")
        life.credit("P", "0.01")
        self.assert_none(life, "below_minimum")

    def test_l12_minimum_of_the_overdue(self):
        """L12: or with what is overdue, when the company wants that."""
        life = Life(minimum_amount=Decimal(100), minimum_on_overdue=True)
        life.owes("A", 60, "20 Nov").owes("B", 5000, "20 Dec")
        self.assert_none(life, "below_minimum")
        life.owes("C", 40, "22 Nov")
        self.assert_proposed(life, S2, "23 Nov")

    def test_l12_no_minimum_of_the_overdue(self):
        """L12: a minimum of 0 is off, also for an account with nothing overdue."""
        life = Life(minimum_on_overdue=True).owes("A", 100, "5 Dec").credit("P", 10)
        outcome = self.assert_proposed(life, S1, "30 Nov")
        self.assertEqual(outcome.net_overdue, -10)

    def test_l12_credit_covers_overdue_only(self):
        """L12: credits cover what is overdue only when something is."""
        life = Life().owes("A", 100, "23 Nov").owes("B", 500, "5 Dec").credit("P", 100)
        self.assert_proposed(life, S1, "18 Nov", today="23 Nov", leader="A")
        self.assert_none(life, "credit_covers", today="24 Nov")

    def test_l12_future_credit_counts(self):
        """L12: a credit counts against what is overdue whatever its own date."""
        life = Life().owes("A", 100, "10 Nov").owes("B", 500, "5 Dec")
        life.credit("N", 100, due="31 Dec", kind="credit_note")
        self.assert_none(life, "credit_covers")

    def test_l12_reasons_in_order(self):
        """L12: of several reasons the first one is told."""
        life = Life(None, minimum_amount=Decimal(50))
        life.hold = True
        self.assert_none(life, "hold")
        life.hold = False
        self.assert_none(life, "no_scenario")
        life.scenario = Scenario(3, ())
        self.assert_none(life, "empty_scenario")
        life.scenario = STD
        self.assert_none(life, "no_leader")
        life.owes("A", 100, "1 Oct").credit("P", 100)
        self.assert_none(life, "nothing_to_collect")
        life.change("P", residual=Decimal(-60))
        self.assert_none(life, "below_minimum")
        life.change("P", residual=Decimal(-100))
        life.owes("B", 500, "31 Dec")
        self.assert_none(life, "credit_covers")
        life.paid("P")
        for step in (S2, S3, S4, S5, S6):
            life.skipped(step, "23 Nov")
        self.assert_none(life, "end_of_scenario")

    def test_l17_payment_cancels(self):
        """L17: with its leader the proposal goes."""
        life = Life().owes("A", 100, "20 Nov")
        self.assert_proposed(life, S2, "23 Nov")
        life.paid("A")
        outcome = self.assert_none(life, "no_leader")
        self.assertEqual(outcome.cycle.leader, None)


class TestCycle(RulesCase):
    """L7, L14: restarts, corrections and entries."""

    def _three_steps(self, scenario=STD):
        life = Life(scenario).owes("A", 1000, "1 Oct")
        return life.done(S2, "4 Oct").done(S3, "11 Oct").done(S4, "19 Oct")

    def test_l7_older_invoice_appears(self):
        """L7: an older invoice appears: it leads, from the beginning."""
        life = self._three_steps().owes("B", 100, "1 Sep")
        self.assert_proposed(life, S2, "4 Sep", leader="B")

    def test_l7_older_invoice_reenters(self):
        """L7: an older invoice comes back from a dispute: the same."""
        life = self._three_steps().owes("B", 100, "1 Sep", status_type="dispute")
        self.assert_proposed(life, S5, "31 Oct", leader="A")
        life.change("B", status_type="dispute_resolved")
        self.assert_proposed(life, S2, "4 Sep", leader="B")

    def test_l7_no_leader_closes_the_cycle(self):
        """L7: no leader left: nothing remains but the date of the last action."""
        life = self._three_steps()
        life.paid("A")
        cycle = life.on().cycle
        self.assertEqual(cycle.last_any_date, day("19 Oct"))
        self.assertEqual(
            replace(cycle, memory={}),
            Cycle(scenario=STD.id, last_any_date=day("19 Oct")),
        )

    def test_l7_due_date_changed(self):
        """L7: another due date of the same item is another leader."""
        life = self._three_steps().change("A", due=day("2 Oct"))
        self.assert_proposed(life, S2, "5 Oct", leader="A")

    def test_l7_correction_of_a_payment(self):
        """L7: a returned payment gives the item its place back."""
        life = self._three_steps().owes("B", 100, "5 Nov")
        item = life.paid("A")
        self.assert_proposed(life, S2, "8 Nov", leader="B")
        life.returned(item)
        self.assert_proposed(life, S5, "31 Oct", leader="A")

    def test_l7_correction_from_no_leader(self):
        """L7: also when no item led meanwhile."""
        life = self._three_steps()
        item = life.paid("A")
        self.assert_none(life, "no_leader")
        life.returned(item)
        self.assert_proposed(life, S5, "31 Oct", leader="A")

    def test_l7_correction_of_a_qualification(self):
        """L7: undoing a dispute does the same."""
        life = self._three_steps().owes("B", 100, "5 Nov")
        life.change("A", status_type="dispute")
        self.assert_proposed(life, S2, "8 Nov", leader="B")
        life.undone("A", status_type=None)
        self.assert_proposed(life, S5, "31 Oct", leader="A")

    def test_l7_correction_of_the_one_that_goes(self):
        """L7: a dispute closed by mistake and disputed again: A has its place."""
        life = self._three_steps().owes("B", 100, "1 Sep", status_type="dispute")
        self.assert_proposed(life, S5, "31 Oct", leader="A")
        life.change("B", status_type="dispute_resolved")
        self.assert_proposed(life, S2, "4 Sep", leader="B")
        life.undone("B", status_type="dispute")
        self.assert_proposed(life, S5, "31 Oct", leader="A")

    def test_l7_correction_keeps_the_redating(self):
        """L7: the place includes what a person had re-dated or skipped."""
        life = self._three_steps().redated(S5, "20 Oct", "30 Nov")
        item = life.paid("A")
        life.owes("B", 100, "5 Nov")
        self.assert_proposed(life, S2, "8 Nov", leader="B")
        life.skipped(S2, "23 Nov").returned(item)
        self.assert_proposed(life, S5, "30 Nov", leader="A")

    def test_l7_no_correction_after_an_action(self):
        """L7: another scenario action was done meanwhile: the item starts again."""
        life = self._three_steps().owes("B", 100, "5 Nov")
        item = life.paid("A")
        life.done(S2, "10 Nov").returned(item)
        self.assert_proposed(life, S2, "4 Oct", leader="A")

    def test_l7_no_correction_with_another_date(self):
        """L7: another instalment was paid and returned: not the same leader."""
        life = self._three_steps()
        item = life.paid("A")
        life.on()
        life.returned(replace(item, due=day("15 Oct")))
        self.assert_proposed(life, S2, "18 Oct", leader="A")

    def test_l7_an_event_is_not_a_correction(self):
        """L7: an item that comes back by itself starts again."""
        life = self._three_steps().change("A", status_type="dispute")
        self.assert_none(life, "no_leader")
        life.change("A", status_type="dispute_resolved")
        self.assert_proposed(life, S2, "4 Oct", leader="A")

    def test_l7_correction_of_something_else(self):
        """L7: undoing a payment of a third item gives nothing back."""
        life = self._three_steps().change("A", status_type="dispute")
        life.owes("B", 100, "5 Nov").owes("C", 100, "6 Nov").on()
        life.undone("C").change("A", status_type=None)
        self.assert_proposed(life, S2, "4 Oct", leader="A")

    def test_l7_correction_of_one_member_account(self):
        """L7, L16: what was undone is undone for one member account."""
        life = Life().owes("A", 1000, "1 Oct", account=1).done(S2, "4 Oct")
        item = life.paid("A")
        life.on()
        life.returned(item)
        life.corrected = {(item.id, 2)}
        self.assert_proposed(life, S2, "4 Oct", leader="A")

    def test_l14_scenario_switch(self):
        """L14: the new scenario starts at its first applicable step at once."""
        life = self._three_steps()
        life.scenario = replace(STD, id=9)
        self.assert_proposed(life, S2, "4 Oct", leader="A")
        self.assertEqual(life.cycle.last_any_date, day("19 Oct"))

    def test_l14_leader_stays(self):
        """L14: the leader stays the leader, on equal due dates too."""
        life = Life().owes("B", 100, "20 Oct", issued="1 Oct").done(S2, "23 Oct")
        life.owes("A", 1000, "20 Oct", issued="1 Jan")
        life.scenario = PUB
        self.assert_proposed(life, P1, "4 Nov", leader="B")

    def test_l14_corrects_nothing(self):
        """L14: places belong to their scenario; a correction finds none."""
        life = self._three_steps()
        item = life.paid("A")
        life.on()
        life.scenario = replace(STD, id=9)
        life.on()
        life.returned(item)
        self.assert_proposed(life, S2, "4 Oct", leader="A")

    def test_l14_back_and_forth(self):
        """L14: back in the old scenario, the account starts again."""
        life = self._three_steps()
        life.scenario = None
        self.assert_none(life, "no_scenario")
        life.scenario = STD
        self.assert_proposed(life, S2, "4 Oct", leader="A")

    def test_entry_beginning(self):
        """Entry *beginning*: late or not, the first applicable step."""
        life = Life().owes("A", 100, "1 Nov")
        self.assert_proposed(life, S2, "4 Nov")

    def _aged(self, due, today=TODAY):
        life = Life(replace(STD, entry="matching_age")).owes("A", 100, due)
        return life.on(today).proposal.step

    def test_entry_matching_age(self):
        """Entry *matching age*: the last step whose day has come."""
        self.assertEqual(self._aged("14 Nov"), S2)  # 9 days late
        self.assertEqual(self._aged("13 Nov"), S3)  # 10
        self.assertEqual(self._aged("5 Nov"), S4)  # 18

    def test_entry_matching_age_is_no_step_done(self):
        """Entry *matching age*: what lies before is skipped: no interval from it."""
        life = Life(replace(STD, entry="matching_age")).owes("A", 100, "13 Nov")
        outcome = self.assert_proposed(life, S3, "23 Nov")
        self.assertEqual(outcome.cycle.last_step, S2)
        self.assertIsNone(outcome.cycle.last_done_step)

    def test_entry_matching_age_never_formal(self):
        """Entry *matching age*: a formal notice follows only from a step done."""
        self.assertEqual(self._aged("1 Jan"), S4)

    def test_entry_matching_age_too_young(self):
        """Entry *matching age*: no step's day has come: the beginning."""
        self.assertEqual(self._aged("20 Dec"), S1)
        self.assertEqual(self._aged("22 Nov"), S2)

    def test_entry_matching_age_stays(self):
        """Entry *matching age*: the days that pass later do not skip steps."""
        life = Life(replace(STD, entry="matching_age")).owes("A", 100, "13 Nov")
        self.assert_proposed(life, S3, "23 Nov")
        self.assert_proposed(life, S3, "23 Nov", today="20 Dec")

    def test_entry_matching_age_due_steps_only(self):
        """Entry *matching age*: last-action steps have no age."""
        steps = (Step(1, "due", 5), Step(2, "last_action", 1), Step(3, "due", 90))
        life = Life(Scenario(5, steps, entry="matching_age")).owes("A", 100, "1 Nov")
        self.assert_proposed(life, 1, "6 Nov")

    def test_entry_matching_age_archived(self):
        """Entry *matching age*: archived steps are neither entered nor in the way."""
        steps = list(STD.steps)
        steps[2] = replace(steps[2], active=False)
        steps.insert(1, Step(99, "due", 1, formal=True, active=False))
        scenario = Scenario(5, tuple(steps), entry="matching_age")
        life = Life(scenario).owes("A", 100, "13 Nov")
        self.assert_proposed(life, S2, "16 Nov")
        life = Life(scenario).owes("A", 100, "5 Nov")
        self.assert_proposed(life, S4, "23 Nov")

    def test_entry_where_stopped(self):
        """Entry *where it stopped*: after the last step done while the item led."""
        scenario = replace(STD, entry="where_stopped")
        life = self._three_steps(scenario).change("A", status_type="dispute")
        self.assert_none(life, "no_leader")
        life.change("A", status_type="dispute_resolved", led_step=S4)
        outcome = self.assert_proposed(life, S5, "31 Oct", leader="A")
        self.assertIsNone(outcome.cycle.last_done_step)

    def test_entry_where_stopped_never_led(self):
        """Entry *where it stopped*: an item that never led starts at the beginning."""
        life = Life(replace(STD, entry="where_stopped")).owes("A", 100, "1 Nov")
        self.assert_proposed(life, S2, "4 Nov")

    def test_entry_where_stopped_elsewhere(self):
        """Entry *where it stopped*: a step of another scenario says nothing."""
        life = Life(replace(STD, entry="where_stopped"))
        life.owes("A", 100, "1 Nov", led_step=P1)
        outcome = self.assert_proposed(life, S2, "4 Nov")
        self.assertIsNone(outcome.cycle.last_step)

    def test_entry_beginning_forgets(self):
        """Entry *beginning*: whatever was done while the item led before."""
        life = Life().owes("A", 100, "1 Nov", led_step=S4)
        self.assert_proposed(life, S2, "4 Nov")


class TestSteps(RulesCase):
    """L4-L6, L8-L11, L15: the next step and its date."""

    def test_l4_trigger_date(self):
        """L4: due date and offset."""
        for due, when in (("20 Dec", "15 Dec"), ("31 Dec", "26 Dec")):
            self.assert_proposed(Life().owes("A", 100, due), S1, when)

    def test_l5_from_the_last_step_done(self):
        """L5: the interval runs from the last step done, over those skipped."""
        life = Life().owes("A", 100, "1 Oct").done(S2, "20 Nov").skipped(S3, "20 Nov")
        self.assert_proposed(life, S4, "5 Dec")  # 15 days after S2

    def test_l5_after_a_last_action_step(self):
        """L5: after a last-action step the interval is the minimum gap."""
        life = Life(replace(PUB, minimum_gap=9)).owes("A", 100, "1 Sep")
        life.done(P1, "1 Nov").done(P2, "20 Nov")
        self.assert_proposed(life, P3, "29 Nov")

    def test_l5_does_not_look_behind_a_restart(self):
        """L5: the next leader owes nothing to the steps of the last one."""
        life = Life().owes("A", 100, "1 Oct").owes("B", 100, "2 Oct")
        life.done(S2, "22 Nov")
        life.paid("A")
        self.assert_proposed(life, S2, "5 Oct", leader="B")

    def test_l5_same_day(self):
        """L5: steps out of order or on the same day follow each other."""
        scenario = Scenario(
            5, (Step(1, "due", 5), Step(2, "due", 5), Step(3, "due", 1))
        )
        life = Life(scenario).owes("A", 100, "1 Nov").done(1, "20 Nov")
        self.assert_proposed(life, 2, "20 Nov")
        life.done(2, "22 Nov")
        self.assert_proposed(life, 3, "18 Nov")

    def test_l6_after_the_last_action_of_the_cycle(self):
        """L6: N days after the last step done, not after one skipped."""
        steps = (Step(1, "due", 1), Step(2, "due", 2), Step(3, "last_action", 7))
        life = Life(Scenario(5, steps)).owes("A", 100, "1 Nov")
        life.done(1, "10 Nov").skipped(2, "20 Nov")
        self.assert_proposed(life, 3, "17 Nov")

    def test_l6_after_a_step_done_before_the_due_date(self):
        """L6: the step done counts, even when it was done before the due date."""
        scenario = Scenario(5, (Step(1, "due", -9), Step(2, "last_action", 7)))
        life = Life(scenario).owes("A", 100, "5 Dec").done(1, "26 Nov")
        self.assert_proposed(life, 2, "3 Dec", today="27 Nov")

    def test_l6_first_step(self):
        """L6: nothing done in this cycle: from the due date, or from a later action."""
        scenario = Scenario(5, (Step(1, "last_action", 7), Step(2, "last_action", 7)))
        life = Life(scenario).owes("A", 100, "1 Nov").owes("B", 100, "5 Nov")
        self.assert_proposed(life, 1, "8 Nov")
        life.done(1, "20 Nov")
        life.paid("A")
        self.assert_proposed(life, 1, "27 Nov", leader="B")

    def test_l6_first_step_before_the_due_date(self):
        """L6: an action long before the leader's due date does not count."""
        scenario = Scenario(5, (Step(1, "last_action", 7),))
        life = Life(scenario).owes("A", 100, "1 Oct").owes("B", 100, "20 Nov")
        life.done(1, "8 Oct")
        life.paid("A")
        self.assert_proposed(life, 1, "27 Nov", leader="B")

    def test_l8_at_a_restart(self):
        """L8: an overdue leader never gets a preventive step."""
        self.assert_proposed(Life().owes("A", 100, "22 Nov"), S2, "25 Nov")

    def test_l8_own_date_after_the_due_date(self):
        """L8: a preventive step pushed beyond the due date lapses before its day."""
        life = Life(replace(STD, minimum_gap=7))
        life.owes("A", 100, "15 Nov").owes("B", 100, "25 Nov").done(S2, "19 Nov")
        life.paid("A")
        self.assert_proposed(life, S2, "28 Nov", leader="B")

    def test_l8_own_date_on_the_due_date(self):
        """L8: on the due date itself it still makes sense."""
        life = Life(replace(STD, minimum_gap=6))
        life.owes("A", 100, "15 Nov").owes("B", 100, "25 Nov").done(S2, "19 Nov")
        life.paid("A")
        self.assert_proposed(life, S1, "25 Nov", leader="B")

    def test_l8_breathing_space(self):
        """L8: the breathing space may push a preventive step over, too."""
        life = Life(replace(STD, breathing_space=5))
        life.owes("A", 100, "27 Nov", reentered=TODAY)
        self.assert_proposed(life, S2, "30 Nov")

    def test_l8_redated_beyond_the_due_date(self):
        """L8: a re-dating does not make a step lapse, nor does it keep one."""
        life = Life().owes("A", 100, "27 Nov").redated(S1, "23 Nov", "30 Nov")
        self.assert_proposed(life, S1, "30 Nov", today="27 Nov")
        self.assert_proposed(life, S2, "30 Nov", today="28 Nov")

    def test_l8_several_preventive_steps(self):
        """L8: all preventive steps lapse at once; the others never do."""
        steps = (Step(1, "due", -9), Step(2, "due", -1), Step(3, "due", 0))
        life = Life(Scenario(5, steps)).owes("A", 100, "20 Nov")
        self.assert_proposed(life, 3, "20 Nov")

    def test_l8_only_preventive_steps(self):
        """L8: no step left is the end of the scenario."""
        life = Life(Scenario(5, (Step(1, "due", -9),))).owes("A", 100, "20 Nov")
        self.assert_none(life, "end_of_scenario")

    def test_l8_negative_last_action_step(self):
        """L8: only due-date steps are preventive."""
        life = Life(Scenario(5, (Step(1, "last_action", -2),)))
        life.owes("A", 100, "20 Nov")
        self.assert_proposed(life, 1, "18 Nov")

    def test_l9_old_receivable(self):
        """L9: months late: the first overdue step, then spaced by L5."""
        life = Life().owes("A", 100, "1 Jan")
        self.assert_proposed(life, S2, "4 Jan")
        life.done(S2, "23 Nov")
        self.assert_proposed(life, S3, "30 Nov")

    def test_l10_skip(self):
        """L10: skipped: the next step on its own day."""
        life = Life().owes("A", 100, "1 Nov").skipped(S2, "23 Nov")
        self.assert_proposed(life, S3, "11 Nov")
        self.assertIsNone(life.cycle.last_any_date)

    def test_l10_skip_keeps_the_memory(self):
        """L10: a skip is no scenario action: a correction still finds its place."""
        cycle = Cycle(memory={(1, 0, TODAY): Place(last_step=S2)})
        self.assertEqual(skip(cycle, S2).memory, cycle.memory)
        self.assertEqual(redate(cycle, S2, TODAY).memory, cycle.memory)
        self.assertEqual(done(cycle, S2, TODAY).memory, {})

    def test_l10_done_before_another(self):
        """L10: the date of the last scenario action never goes back."""
        cycle = done(done(Cycle(), S2, day("20 Nov")), S3, day("1 Nov"))
        self.assertEqual(
            (cycle.last_done_date, cycle.last_any_date), (day("1 Nov"), day("20 Nov"))
        )

    def test_l11_redate_earlier(self):
        """L11: a person may also move an action forward."""
        life = Life(replace(STD, minimum_gap=30)).owes("A", 100, "1 Nov")
        life.done(S2, "4 Nov").redated(S3, "4 Nov", "5 Nov")
        self.assert_proposed(life, S3, "5 Nov", today="4 Nov")

    def test_l11_redate_of_its_own_step(self):
        """L11: the re-dating is for one step; done or skipped, it is over."""
        life = Life().owes("A", 100, "1 Nov").redated(S2, "4 Nov", "20 Dec")
        self.assert_proposed(life, S2, "20 Dec")
        life.skipped(S2, "23 Nov")
        self.assert_proposed(life, S3, "11 Nov")
        self.assertIsNone(life.cycle.redate)

    def test_l11_redate_dropped_with_the_scenario(self):
        """L11, L14: a change of scenario drops it too."""
        life = Life().owes("A", 100, "1 Nov").redated(S2, "4 Nov", "20 Dec")
        life.scenario = replace(STD, id=9)
        self.assert_proposed(life, S2, "4 Nov")

    def test_l15_minimum_gap_within_a_cycle(self):
        """L15: no two scenario actions closer than the gap."""
        life = Life(replace(STD, minimum_gap=20)).owes("A", 100, "1 Oct")
        life.done(S2, "15 Nov")
        self.assert_proposed(life, S3, "5 Dec")

    def test_l15_minimum_gap_across_no_leader(self):
        """L15: also when the account had nothing open in between."""
        life = Life(replace(STD, minimum_gap=7)).owes("A", 100, "1 Oct")
        life.done(S2, "20 Nov")
        life.paid("A")
        self.assert_none(life, "no_leader")
        life.owes("B", 100, "15 Oct")
        self.assert_proposed(life, S2, "27 Nov", leader="B")

    def test_l15_minimum_gap_across_scenarios(self):
        """L15: also in a new scenario."""
        life = Life().owes("A", 100, "1 Oct").done(S2, "20 Nov")
        life.scenario = replace(STD, id=9, minimum_gap=7)
        self.assert_proposed(life, S2, "27 Nov")

    def test_l15_breathing_space(self):
        """L15: some quiet days after a dispute was resolved."""
        life = Life(replace(STD, breathing_space=5))
        life.owes("A", 100, "1 Oct", reentered=day("21 Nov"))
        self.assert_proposed(life, S2, "26 Nov", "upcoming")

    def test_l15_breathing_space_of_the_leader(self):
        """L15: of the leader, not of any item."""
        life = Life(replace(STD, breathing_space=5)).owes("A", 100, "1 Oct")
        life.owes("B", 100, "2 Oct", reentered=day("21 Nov"))
        self.assert_proposed(life, S2, "4 Oct", leader="A")

    def test_l15_one_day(self):
        """L15: gaps and breathing spaces of a day."""
        life = Life(replace(STD, minimum_gap=1, breathing_space=1))
        life.owes("A", 100, "1 Oct", reentered=day("21 Nov"))
        self.assert_proposed(life, S2, "22 Nov")
        life.owes("B", 100, "1 Sep").done(S2, "22 Nov")
        life.paid("B")
        self.assert_proposed(life, S2, "23 Nov", leader="A")

    def test_l15_breathing_space_off(self):
        """L15: 0 is off."""
        life = Life().owes("A", 100, "1 Oct", reentered=day("21 Nov"))
        self.assert_proposed(life, S2, "4 Oct")

    def test_archived_step_is_not_proposed(self):
        """An archived step keeps its place and its interval; others go on after it."""
        steps = list(STD.steps)
        life = Life().owes("A", 100, "1 Oct").done(S2, "4 Oct").done(S3, "20 Nov")
        steps[2] = replace(steps[2], active=False)
        life.scenario = Scenario(STD.id, tuple(steps))
        self.assert_proposed(life, S4, "28 Nov")  # 8 days after S3
        life = Life(life.scenario).owes("A", 100, "1 Oct").done(S2, "20 Nov")
        self.assert_proposed(life, S4, "5 Dec")  # 15 days after S2

    def test_deleted_step(self):
        """Of a step that is gone only its date remains: no step goes before it."""
        life = Life().owes("A", 100, "1 Oct").done(S2, "20 Nov")
        life.scenario = replace(STD, steps=STD.steps[2:])
        self.assert_proposed(life, S3, "20 Nov")

    def test_archived_steps_only(self):
        """A scenario whose steps are all archived is an empty one."""
        steps = tuple(replace(step, active=False) for step in STD.steps)
        self.assert_none(
            Life(Scenario(5, steps)).owes("A", 9, "1 Oct"), "empty_scenario"
        )


class TestReading(RulesCase):
    """The module as its reader meets it."""

    def test_doctests(self):
        """The examples in the docstrings hold."""
        result = doctest.testmod(rules)
        self.assertGreater(result.attempted, 0)
        self.assertEqual(result.failed, 0)

    def test_no_odoo(self):
        """The rules read without Odoo: nothing of it is imported."""
        self.assertNotIn("odoo", vars(rules))

    def test_frozen(self):
        """What an account remembers is replaced, never changed in place."""
        cycle = Cycle(last_any_date=date(2026, 1, 1))
        with self.assertRaises(AttributeError):
            cycle.last_any_date = TODAY
