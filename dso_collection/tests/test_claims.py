"""What an action claims: overdue instalments less credits, never more."""

from datetime import date

from odoo import Command
from odoo.tests import freeze_time, tagged

from .common import TODAY, DsoCommon, day


@tagged("post_install", "-at_install")
class TestClaims(DsoCommon):
    def _two_halves(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Two halves",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": days}
                    )
                    for days in (0, 61)
                ],
            }
        )
        return self.invoice(
            date(2026, 10, 1), issued=date(2026, 10, 1), invoice_payment_term_id=term.id
        )

    def test_case_22_only_the_late_instalment_is_claimed(self):
        """Case 22: of two halves, the first late: 500 claimed, both listed."""
        move = self._two_halves()
        proposal = self.evaluate().proposal_id
        with freeze_time(TODAY):
            self.assertEqual(proposal.amount_claimed, 500)
            claimed = proposal._open_items_by_heading()["claimed"]
            self.assertEqual(
                [(item["due"], item["amount"]) for item in claimed],
                [(day("1 Oct"), 500), (day("1 Dec"), 500)],
            )
            proposal.action_done()
        self.assertEqual(
            proposal.line_ids.mapped(
                lambda line: (line.due, line.amount, line.claimed)
            ),
            [(day("1 Oct"), 500, True), (day("1 Dec"), 500, False)],
        )
        self.pay(move, 500, on=day("20 Nov"))
        proposal = self.assertProposal("S1", "26 Nov").proposal_id
        self.assertEqual(proposal.amount_claimed, 500, "the instalment that falls due")

    def test_case_23_partly_paid_instalments(self):
        """Case 23: 700 paid on two halves: 300 is left, due 1 Dec."""
        move = self._two_halves()
        self.pay(move, 700, on=day("20 Nov"))
        proposal = self.assertProposal("S1", "26 Nov").proposal_id
        self.assertEqual(proposal.amount_claimed, 300)

    def test_credits_are_deducted(self):
        """L12: a credit note is deducted from what is claimed, whatever its date."""
        self.invoice("10 Nov")
        self.invoice("20 Dec", 5000, issued="20 Nov")
        self.credit_note(300)
        proposal = self.assertProposal("S2", "13 Nov").proposal_id
        self.assertEqual(proposal.amount_claimed, 700)

    def test_disputed_part_is_not_claimed(self):
        """L2: of a partly disputed item the rest is claimed."""
        move = self.invoice("10 Nov")
        with freeze_time(TODAY):
            move.dso_qualify(self.status("dispute"), "part", disputed_amount=400)
        account = self.assertProposal("S2", "13 Nov")
        self.assertEqual(account.proposal_id.amount_claimed, 600)
        with freeze_time(TODAY):
            headings = account.proposal_id._open_items_by_heading()
        self.assertEqual([item["amount"] for item in headings["claimed"]], [600])
        self.assertEqual([item["amount"] for item in headings["disputed"]], [400])

    def test_overdue_of_a_group(self):
        """L16: the agenda shows what is overdue at the head and its members."""
        self.invoice("10 Nov", 100)
        member = self._customer("Member")
        self.invoice("10 Nov", 250, partner=member)
        head = self.account()
        self.account(member).head_id = head
        proposal = self.evaluate(account=head).proposal_id
        self.assertEqual(proposal.amount_overdue, 350)
        groups = self.env["dso.action"]._read_group(
            [("id", "=", proposal.id)], [], ["amount_overdue:sum"]
        )
        self.assertEqual(groups[0][0], 350)
