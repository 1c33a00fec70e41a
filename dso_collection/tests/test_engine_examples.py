"""The worked examples E.. of docs/rules.md §1.5 on the real ledger."""

from datetime import date, timedelta

from odoo import Command
from odoo.tests import freeze_time, tagged

from .common import TODAY, DsoCommon, day


@tagged("post_install", "-at_install")
class TestEngineExamples(DsoCommon):
    def test_e01_preventive_step_lapsed(self):
        """E01: A due 20 Nov, nothing done: S2 on 23 Nov."""
        move = self.invoice("20 Nov")
        account = self.assertProposal("S2", "23 Nov")
        self.assertEqual(account.leader_id, move)
        with freeze_time(TODAY):
            self.assertEqual(account.proposal_id.due_state, "today")

    def test_e02_preventive_step_lapses(self):
        """E02: A due 5 Dec: S1 30 Nov until 5 Dec, then S2 8 Dec."""
        self.invoice("5 Dec", issued="1 Nov")
        self.assertProposal("S1", "30 Nov")
        self.assertProposal("S1", "30 Nov", today=day("1 Dec"))
        self.assertProposal("S1", "30 Nov", today=day("5 Dec"))
        self.assertProposal("S2", "8 Dec", today=day("6 Dec"))

    def test_e03_oldest_due_leads(self):
        """E03: the oldest due date leads, not the oldest issue date."""
        self.invoice("30 Nov", 5000, issued="1 Sep")
        second = self.invoice("10 Nov", 800, issued="10 Oct")
        account = self.assertProposal("S2", "13 Nov")
        self.assertEqual(account.leader_id, second)

    def test_e04_interval_kept_after_late_step(self):
        """E04: S2 done late on 19 Nov keeps the 7 days to S3."""
        self.invoice("20 Oct")
        self.do_steps(("S2", "19 Nov"))
        self.assertProposal("S3", "26 Nov")

    def test_e05_early_step_does_not_pull(self):
        """E05: S2 done early on 12 Nov leaves S3 at due + 10."""
        self.invoice("10 Nov")
        self.do_steps(("S2", "12 Nov"))
        self.assertProposal("S3", "20 Nov")

    def test_e06_leader_paid_restarts(self):
        """E06: the leader is paid: B leads and the scenario restarts."""
        first = self.invoice("30 Sep")
        self.invoice("5 Nov", 1500, issued="20 Oct")
        self.do_steps(("S2", "3 Oct"), ("S3", "12 Oct"), ("S4", "22 Oct"))
        self.pay(first, on=day("20 Nov"))
        self.assertProposal("S2", "8 Nov")

    def test_e08_other_item_paid(self):
        """E08: an item that does not lead is paid: no restart."""
        self.invoice("30 Sep", 2000)
        other = self.invoice("5 Nov", 1500, issued="20 Oct")
        self.do_steps(("S2", "3 Oct"), ("S3", "12 Oct"), ("S4", "22 Oct"))
        self.pay(other, on=day("20 Nov"))
        self.assertProposal("S5", "3 Nov")

    def _dispute_leader(self):
        move = self.invoice("5 Oct", 3000)
        self.invoice("12 Nov", 1200, issued="1 Nov")
        return move

    def test_e10_disputed_leader(self):
        """E10: a disputed leader is starred; B leads and the scenario restarts."""
        move = self._dispute_leader()
        self.do_steps(("S2", "8 Oct"), ("S3", "15 Oct"), ("S4", "9 Nov"))
        with freeze_time("2026-11-20"):
            move.dso_qualify(self.status("dispute", delay=2), "5 % missing")
        account = self.assertProposal("S2", "15 Nov")
        specific = account.open_action_ids.filtered(lambda a: a.kind == "specific")
        self.assertEqual(specific.date, day("22 Nov"))
        self.assertEqual(specific.move_ids, move)
        self.assertTrue(specific.star)

    def test_e10_minimum_gap(self):
        """E10 with gap 7 and S4 done on 18 Nov: S2 on 25 Nov."""
        self.scenario.minimum_gap = 7
        move = self._dispute_leader()
        self.do_steps(("S2", "8 Oct"), ("S3", "15 Oct"), ("S4", "18 Nov"))
        with freeze_time("2026-11-20"):
            move.dso_qualify(self.status("dispute", delay=2), "5 % missing")
        self.assertProposal("S2", "25 Nov")

    def test_e11_promise_with_specific_action(self):
        """E11: a promise with its specific action stops the scenario, then restarts."""
        move = self.invoice("25 Oct", 900)
        self.do_steps(("S2", "28 Oct"), ("S3", "4 Nov"))
        with freeze_time("2026-11-18"):
            move.dso_qualify(
                self.status("promise_to_pay"), "pays", promise_date=day("27 Nov")
            )
        account = self.assertProposal(None, "no_leader")
        specific = account.open_action_ids
        self.assertEqual((specific.kind, specific.date), ("specific", day("27 Nov")))
        with freeze_time("2026-11-28"):
            specific.action_done()
        self.assertProposal("S2", "28 Oct", today=day("28 Nov"))
        self.assertEqual(move.dso_status_type, "promise_to_pay")

    def test_e12_promise_lets_the_scenario_continue(self):
        """E12: the same promise, the scenario continues: A still leads."""
        move = self.invoice("25 Oct", 900)
        self.do_steps(("S2", "28 Oct"), ("S3", "4 Nov"))
        with freeze_time("2026-11-18"):
            move.dso_qualify(
                self.status("promise_to_pay"),
                "pays",
                promise_date=day("27 Nov"),
                follow_up=False,
            )
        self.assertProposal("S4", "12 Nov")

    def test_e14_thresholds(self):
        """E14: minimum 50, ignore below 5; small items never lead."""
        self.company.write({"dso_minimum_amount": 50, "dso_ignore_below": 5})
        self.invoice("1 Sep", 3.5)
        lead = self.invoice("1 Nov", 40)
        self.assertProposal(None, "below_minimum")
        self.invoice("15 Nov", 30)
        account = self.assertProposal("S2", "4 Nov")
        self.assertEqual(account.leader_id, lead)

    def test_e15_unallocated_payment(self):
        """E15: net -200: nothing to collect."""
        self.invoice("10 Oct")
        self.unallocated(1200)
        self.assertProposal(None, "nothing_to_collect")

    def test_e15_credit_note(self):
        """E15: a credit note of 300 leaves 700 to collect."""
        self.invoice("10 Oct")
        self.credit_note(300)
        self.assertProposal("S2", "13 Oct")

    def test_e17_last_action_step(self):
        """E17: a step 10 days after the last action, then one on its day."""
        self.account().scenario_id = self._scenario(
            "PUB",
            ("P1", 15, self.email),
            ("P2", 10, self.email, "last_action"),
            ("P3", 60, self.phone),
        )
        self.invoice("31 Oct")
        self.do_steps(("P1", "20 Nov"))
        self.assertProposal("P2", "30 Nov")
        self.do_steps(("P2", "30 Nov"))
        self.assertProposal("P3", "30 Dec", today=day("30 Nov"))

    def test_e18_no_scenario_empty_scenario_end(self):
        """E18: no scenario, no step, all steps done: no proposal, each told apart."""
        self.invoice("1 Aug")
        account = self.account()
        account.scenario_id = False
        self.assertProposal(None, "no_scenario")
        account.scenario_id = self._scenario("By hand")
        self.assertProposal(None, "empty_scenario")
        account.scenario_id = self.scenario
        for _step in range(5):
            self.on("20 Nov", "done")
        self.assertProposal(None, "end_of_scenario")

    def _to_confirm(self):
        self.email.mode = "auto_confirm"
        return self.invoice("20 Nov")

    def test_e19_to_confirm(self):
        """E19 a, b: unconfirmed is red, confirmed is green."""
        self._to_confirm()
        proposal = self.evaluate().proposal_id
        with freeze_time(TODAY):
            self.assertEqual(proposal.colour, "red")
            proposal.action_confirm()
            self.assertEqual(proposal.colour, "green")
        self.assertEqual(self.evaluate().proposal_id, proposal)
        self.assertTrue(proposal.confirmed)

    def test_e19_no_contact(self):
        """E19 c: without a contact the action is yellow, and stays."""
        self.customer.email = False
        self._to_confirm()
        proposal = self.evaluate().proposal_id
        self.assertEqual((proposal.state, proposal.colour), ("error", "yellow"))
        self.assertIn("No collection contact", proposal.error)
        self.customer.email = "found@customer.example"
        proposal = self.evaluate().proposal_id
        self.assertEqual((proposal.state, proposal.error), ("planned", False))

    def test_e19_paid_before_sending(self):
        """E19 d: confirmed, then paid: cancelled."""
        move = self._to_confirm()
        proposal = self.evaluate().proposal_id
        proposal.action_confirm()
        self.pay(move, on=TODAY)
        self.assertProposal(None, "no_leader")
        self.assertEqual((proposal.state, proposal.cause), ("cancelled", "settled"))
        self.assertFalse(proposal.confirmed)

    def test_e20_redating(self):
        """E20: a re-dating holds, and falls with its leader."""
        move = self.invoice("10 Nov")
        self.do_steps(("S2", "13 Nov"))
        account = self.assertProposal("S3", "20 Nov")
        with freeze_time(TODAY):
            account.proposal_id.action_reschedule(day("30 Nov"))
        self.assertProposal("S3", "30 Nov")
        self.invoice("18 Nov", issued="10 Nov")
        self.pay(move, on=TODAY)
        account = self.assertProposal("S2", "21 Nov")
        self.assertFalse(account.proposal_id.date_forced)

    def test_e21_interval_runs_from_the_day_done(self):
        """E21: S2 planned on a Saturday, done on Monday: S3 seven days later."""
        self.invoice("18 Nov")
        self.do_steps(("S2", "23 Nov"))
        self.assertProposal("S3", "30 Nov")

    def test_e22_first_load_of_old_receivables(self):
        """E22: no burst of late steps on a first load."""
        self.invoice("15 May")
        account = self.assertProposal("S2", "18 May")
        with freeze_time(TODAY):
            # the invoice is late by its own due date, the action by its planned day
            self.assertEqual((TODAY - account.proposal_id.date).days, 189)
        self.do_steps(("S2", "23 Nov"))
        self.assertProposal("S3", "30 Nov")

    def test_e25_out_of_scenario_action_is_ignored(self):
        """E25: an out-of-scenario action does not move the scenario."""
        self.invoice("1 Nov", issued="15 Oct")
        self.do_steps(("S2", "5 Nov"))
        with freeze_time("2026-11-20"):
            self.env["dso.action"].create(
                {
                    "account_id": self.account().id,
                    "kind": "out_of_scenario",
                    "action_model_id": self.email.id,
                }
            ).action_done()
        self.assertProposal("S3", "12 Nov")

    def test_e28_credit_covers_the_overdue(self):
        """E28: the account's credits cover what is overdue."""
        self.invoice("10 Oct")
        self.unallocated(1000)
        self.invoice("20 Dec", 5000, issued="20 Nov")
        self.assertProposal(None, "credit_covers")

    def test_e29_instalment_paid(self):
        """E29: the first half is paid: a new leader date restarts the scenario."""
        term = self.env["account.payment.term"].create(
            {
                "name": "Two halves",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": 0}
                    ),
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": 61}
                    ),
                ],
            }
        )
        move = self.invoice(
            date(2026, 10, 1), issued=date(2026, 10, 1), invoice_payment_term_id=term.id
        )
        dues = move.line_ids.filtered("date_maturity").mapped("date_maturity")
        self.assertEqual(sorted(dues), [day("1 Oct"), day("1 Dec")])
        self.do_steps(("S2", "4 Oct"), ("S3", "11 Oct"), ("S4", "19 Oct"))
        self.pay(move, 500, on=day("20 Nov"))
        account = self.assertProposal("S1", "26 Nov")
        self.assertEqual(account.leader_id, move)

    def test_evaluating_twice_changes_nothing(self):
        """L3: running the evaluation again writes no row."""
        self.invoice("20 Nov")
        account = self.evaluate()
        proposal = account.proposal_id
        self.assertFalse(account.evaluate(TODAY))
        self.assertEqual(account.proposal_id, proposal)
        self.assertFalse(account.evaluate(TODAY + timedelta(days=0)))
