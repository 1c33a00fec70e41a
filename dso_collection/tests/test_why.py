"""Why this action: the rules that decided, in words (rules.md §5)."""

from datetime import timedelta

from odoo import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import format_date, html2plaintext

from .common import TODAY, DsoCommon, day


@tagged("post_install", "-at_install")
class TestWhy(DsoCommon):
    def setUp(self):
        super().setUp()
        clock = freeze_time(TODAY)
        clock.start()
        self.addCleanup(clock.stop)

    def why(self, action=None):
        action = action or self.evaluate().proposal_id
        action.invalidate_recordset(["why"])
        return html2plaintext(action.why)

    def on_day(self, text):
        return format_date(self.env, day(text))

    def test_leader_and_step(self):
        """L1, L4: the leader with its due date, the step with its place and day."""
        invoice = self.invoice("10 Nov")
        self.invoice("12 Nov")
        told = self.why()
        self.assertIn(f"{invoice.name} leads: due {self.on_day('10 Nov')}", told)
        self.assertIn("of 2 invoices that may lead (L1)", told)
        self.assertIn("S2 is step 2 of 6 of STD: 3 days after the due date", told)
        self.assertIn(f"{self.on_day('13 Nov')} (L4)", told)
        self.assertIn("S1 has lapsed", told)
        self.assertIn("(L8)", told)
        self.assertIn("starts at its beginning (L7)", told)
        self.assertIn(f"So it is for {self.on_day('13 Nov')}.", told)

    def test_equal_due_dates(self):
        """L13: a tie is told."""
        self.invoice("10 Nov")
        self.assertNotIn("L13", self.why())
        self.invoice("10 Nov")
        self.assertIn("L13", self.why())

    def test_left_out(self):
        """L2: older invoices that do not lead, each with its reason."""
        disputed, litigious = self.invoice("1 Oct"), self.invoice("2 Oct")
        starred, ignored = self.invoice("3 Oct"), self.invoice("4 Oct")
        self.invoice("10 Nov")
        disputed.dso_qualify(self.status("dispute"), "Price", follow_up=False)
        litigious.dso_qualify(self.status("litigation"), "Court")
        ignored.dso_ignored = True
        self.env["dso.action"].create(
            {
                "account_id": self.account().id,
                "kind": "specific",
                "action_model_id": self.phone.id,
                "line_ids": [Command.create({"move_id": starred.id})],
            }
        )
        told = self.why()
        self.assertIn(f"{litigious.name} (in litigation)", told)
        self.assertIn(f"{starred.name} (in a specific action)", told)
        self.assertIn(f"{ignored.name} (ignored in collection)", told)
        self.assertRegex(told, rf"{disputed.name} \((disputed|in a specific action)\)")
        self.assertIn("no other invoice may lead (L1)", told)

    def test_interval(self):
        """L5, L10: what was done, and the interval that is kept."""
        self.invoice("20 Oct")
        self.do_steps(("S2", "19 Nov"))
        told = self.why()
        self.assertIn(f"S2 was done on {self.on_day('19 Nov')} (L10)", told)
        self.assertIn("is kept, 7 days", told)
        self.assertIn(f"not before {self.on_day('26 Nov')} (L5)", told)
        self.assertIn(f"So it is for {self.on_day('26 Nov')}.", told)

    def test_early_step_keeps_no_interval(self):
        """L5: one done early pulls nothing, and nothing is told of an interval."""
        self.invoice("10 Nov")
        self.do_steps(("S2", "12 Nov"))
        self.assertNotIn("L5", self.why())

    def test_skipped(self):
        """L10: a step that a person skipped."""
        self.invoice("10 Nov")
        self.on("14 Nov", "skip")
        self.assertIn("S2 and what lies before counts as skipped", self.why())

    def test_minimum_gap(self):
        """L15: the gap to the last scenario action of another leader."""
        self.scenario.minimum_gap = 14
        first = self.invoice("20 Oct")
        self.do_steps(("S2", "19 Nov"))
        self.invoice("10 Nov")
        self.pay(first)
        told = self.why()
        self.assertIn("At least 14 days", told)
        self.assertIn(f"not before {self.on_day('3 Dec')} (L15)", told)

    def test_breathing_space(self):
        """L15: days of rest after a specific action."""
        self.scenario.breathing_space = 5
        invoice = self.invoice("10 Nov")
        action = self.env["dso.action"].create(
            {
                "account_id": self.account().id,
                "kind": "specific",
                "action_model_id": self.phone.id,
                "line_ids": [Command.create({"move_id": invoice.id})],
            }
        )
        action.action_done()
        told = self.why()
        self.assertIn("5 days of breathing space", told)
        self.assertIn(format_date(self.env, TODAY + timedelta(5)), told)

    def test_redated(self):
        """L11: a person's date holds against everything."""
        self.invoice("10 Nov")
        self.evaluate().proposal_id.action_reschedule("2026-12-05")
        self.assertIn(f"A person moved it to {self.on_day('5 Dec')}", self.why())

    def test_last_action_step(self):
        """L6: days after the last scenario action."""
        self.account().scenario_id = self._scenario(
            "PUB", ("P1", 15, self.phone), ("P2", 10, self.phone, "last_action")
        )
        self.invoice("31 Oct")
        self.do_steps(("P1", "20 Nov"))
        told = self.why()
        self.assertIn("10 days after the last scenario action (L6)", told)
        self.assertIn(f"So it is for {self.on_day('30 Nov')}.", told)

    def test_day_is_that_of_the_action(self):
        """What is told is what was proposed, whatever decided on it."""
        self.scenario.write({"minimum_gap": 7, "breathing_space": 5})
        self.invoice("20 Oct")
        for step, when in (("S2", "2 Nov"), ("S3", "12 Nov"), ("S4", "22 Nov")):
            self.do_steps((step, when))
            action = self.evaluate().proposal_id
            day_told = format_date(self.env, action.date)
            self.assertIn(f"So it is for {day_told}.", self.why(action))

    def test_planned_by_a_person(self):
        """A specific action says who planned it, and for what; an end is told."""
        invoice = self.invoice("10 Nov")
        action = self.env["dso.action"].create(
            {
                "account_id": self.account().id,
                "kind": "specific",
                "action_model_id": self.phone.id,
                "line_ids": [
                    Command.create({"move_id": invoice.id, "move_name": invoice.name})
                ],
            }
        )
        told = self.why(action)
        self.assertIn(f"Planned by {self.env.user.name} for {invoice.name}", told)
        action.action_cancel()
        self.assertIn("It was cancelled: Cancelled by a user (L17)", self.why(action))

    def test_harmless(self):
        """Names from outside are escaped."""
        self.scenario.name = "<b>STD</b>"
        self.invoice("10 Nov")
        action = self.evaluate().proposal_id
        self.assertNotIn("<b>", action.why)
        self.assertIn("&lt;b&gt;STD", action.why)
