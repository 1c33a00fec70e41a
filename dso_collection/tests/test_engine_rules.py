"""Rules L1-L17 on the real ledger, beyond the worked examples."""

from datetime import timedelta

from odoo import Command
from odoo.tests import freeze_time, tagged

from .common import TODAY, DsoCommon, day


@tagged("post_install", "-at_install")
class TestLeader(DsoCommon):
    """Who leads, and what counts (rules.md L1, L2, L12, L13)."""

    def assertLeader(self, move, today=TODAY):
        account = self.evaluate(today)
        self.assertEqual(account.leader_id, move or self.env["account.move"])
        return account

    def qualify(self, move, kind, on="20 Nov", **values):
        with freeze_time(day(on)):
            return move.dso_qualify(self.status(kind), "said so", **values)

    # L1 ------------------------------------------------------------------------

    def test_l1_only_invoices_lead(self):
        """L1: a miscellaneous debit counts in the balance, but never leads."""
        entry = self.entry((self.customer, 500, "1 Sep"))
        self.receivables(entry).no_followup = False
        account = self.assertProposal(None, "no_leader")
        self.assertEqual(account.balance, 500)
        move = self.invoice("10 Nov")
        account = self.assertLeader(move)
        self.assertEqual((account.balance, account.net_overdue), (1500, 1500))

    def test_l1_receipts_lead(self):
        """L1: a sales receipt is an invoice."""
        receipt = self._move("out_receipt", day("1 Nov"), day("10 Nov"), 100)
        self.assertLeader(receipt)

    def test_l1_opening_entries_lead(self):
        """L1: entries of a journal marked as opening receivables are invoices."""
        entry = self.entry((self.customer, 500, "1 Oct"))
        self.receivables(entry).no_followup = False
        self.assertLeader(None)
        entry.journal_id.dso_opening = True
        self.assertLeader(entry)

    def test_l1_non_trade_receivables_are_not_collected(self):
        """L1: a receivable that is not trade (a loan, a deposit) is no item."""
        move = self.invoice("10 Nov")
        self.receivables(move).account_id.sudo().non_trade = True
        account = self.assertLeader(None)
        self.assertEqual(account.balance, 0)

    def test_l1_negative_invoice_does_not_lead(self):
        """L1: an invoice with a negative residual is a credit."""
        entry = self.entry((self.customer, -200, "1 Sep"))
        entry.journal_id.dso_opening = True
        move = self.invoice("10 Nov")
        self.assertEqual(self.assertLeader(move).balance, 800)

    # L2 ------------------------------------------------------------------------

    def test_l2_litigation(self):
        """L2: litigation does not lead, unless the company switched that off."""
        move = self.invoice("10 Oct")
        self.qualify(move, "litigation", follow_up=False)
        self.assertProposal(None, "no_leader")
        self.company.dso_litigation_excluded = False
        self.assertEqual(self.assertLeader(move).balance, 1000)

    def test_l2_statuses_that_do_not_exclude(self):
        """L2: on going, a promise let go on, and a resolved dispute all lead."""
        move = self.invoice("10 Oct")
        self.qualify(move, "on_going", follow_up=False)
        self.assertLeader(move)
        self.qualify(move, "promise_to_pay", promise_date=TODAY, follow_up=False)
        self.assertLeader(move)
        self.qualify(move, "dispute_resolved", follow_up=False)
        self.assertLeader(move)

    def test_l2_dispute_excludes_without_its_follow_up(self):
        """L2, §12: the status Dispute alone keeps the item out (safety net)."""
        move = self.invoice("10 Oct")
        self.qualify(move, "dispute")
        self.account().open_action_ids.action_cancel()
        self.assertFalse(move.dso_starred)
        self.assertLeader(None)

    def test_l2_partial_dispute(self):
        """L2: of a partly disputed item the rest leads and is claimed."""
        move = self.invoice("10 Oct")
        self.qualify(move, "dispute", disputed_amount=300)
        account = self.assertProposal("S2", "13 Oct")
        self.assertEqual(account.leader_id, move)
        self.assertEqual((account.balance, account.net_overdue), (700, 700))
        self.assertEqual(account.proposal_id.amount_claimed, 700)
        self.assertEqual(account.amount_disputed, 300)
        follow_up = account.open_action_ids.filtered(lambda a: a.kind == "specific")
        self.assertEqual(follow_up.move_ids, move)
        self.assertEqual(follow_up.amount_claimed, 300)
        self.assertFalse(move.dso_starred)

    def test_l2_partial_dispute_of_all_that_is_left(self):
        """L2: once the undisputed part is paid, the item is disputed whole."""
        move = self.invoice("10 Oct")
        self.qualify(move, "dispute", disputed_amount=300)
        self.pay(move, 700, on=TODAY)
        account = self.assertLeader(None)
        self.assertEqual((account.balance, account.amount_disputed), (0, 300))

    def test_l2_partial_dispute_of_everything_is_whole(self):
        """L2: a disputed amount that reaches the residual disputes the item whole."""
        move = self.invoice("10 Oct")
        self.qualify(move, "dispute", disputed_amount=1000)
        self.assertLeader(None)
        self.assertTrue(move.dso_starred)

    def test_l2_no_followup(self):
        """L2: Odoo's own flag takes a debit out; such a credit still counts."""
        move = self.invoice("10 Oct")
        other = self.invoice("10 Nov")
        self.receivables(move).no_followup = True
        self.receivables(self.credit_note(300)).no_followup = True
        account = self.assertLeader(other)
        self.assertEqual(account.balance, 700)

    def test_l2_blocked_payment(self):
        """L2: an invoice whose payment is blocked does not lead."""
        move = self.invoice("10 Oct")
        move.action_toggle_block_payment()
        self.assertEqual(move.payment_state, "blocked")
        self.assertEqual(self.assertLeader(None).balance, 0)
        move.action_toggle_block_payment()
        self.assertLeader(move)

    def test_l2_ignored(self):
        """L2: our flag takes out debits and credits alike; both can be qualified."""
        move = self.invoice("10 Oct")
        credit = self.credit_note(300)
        other = self.invoice("10 Nov", 500)
        move.dso_ignored = True
        credit.dso_ignored = True
        account = self.assertLeader(other)
        self.assertEqual(account.balance, 500)
        self.qualify(move, "on_going", follow_up=False)
        self.assertEqual(move.dso_status_type, "on_going")
        self.assertTrue(move.dso_ignored)
        move.dso_ignored = False
        self.assertEqual(self.assertLeader(move).balance, 1500)

    def test_l2_ignore_threshold(self):
        """L2: small debits are left out, small credits count; the limit leads."""
        self.company.dso_ignore_below = 50
        self.invoice("10 Oct", 49.99)
        self.credit_note(20)
        limit = self.invoice("10 Nov", 50)
        account = self.assertLeader(limit)
        self.assertEqual(account.balance, 30)

    def test_l2_threshold_looks_at_the_undisputed_rest(self):
        """L2: the rest of a partly disputed item is compared with the threshold."""
        self.company.dso_ignore_below = 50
        move = self.invoice("10 Oct")
        self.qualify(move, "dispute", disputed_amount=960)
        self.assertLeader(None)

    def test_l2_payment_under_way(self):
        """L2: a pending or authorised transaction covers its invoice."""
        move = self.invoice("10 Oct")
        transaction = self.transaction(move, 1000)
        self.assertEqual(self.assertLeader(None).balance, 0)
        transaction.state = "authorized"
        self.assertLeader(None)
        for state in ("draft", "cancel", "error"):
            transaction.state = state
            self.assertLeader(move)

    def test_l2_payment_under_way_must_cover(self):
        """L2: a transaction for a part does not take the invoice out."""
        move = self.invoice("10 Oct")
        self.transaction(move, 999)
        self.assertLeader(move)

    def test_l2_payment_of_several_invoices(self):
        """L2: one transaction covers its invoices together or not at all."""
        first, second = self.invoice("10 Oct"), self.invoice("10 Nov")
        transaction = self.transaction(first | second, 2000)
        self.assertLeader(None)
        transaction.amount = 1500
        self.assertLeader(first)

    def test_l2_in_payment(self):
        """L2: an invoice in payment is not chased while the bank confirms."""
        move = self.invoice("10 Oct")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move SET payment_state = 'in_payment' WHERE id = %s",
            [move.id],
        )
        self.env.invalidate_all()
        self.assertLeader(None)

    def test_l2_two_specific_actions(self):
        """L2, §4: an item in two open specific actions is out until both are closed."""
        move = self.invoice("10 Oct")
        account = self.account()
        actions = self.env["dso.action"].create(
            [
                {
                    "account_id": account.id,
                    "kind": "specific",
                    "action_model_id": self.phone.id,
                    "line_ids": [
                        Command.create({"account_id": account.id, "move_id": move.id})
                    ],
                }
            ]
            * 2
        )
        self.assertLeader(None)
        self.assertTrue(move.dso_starred)
        actions[0].action_done()
        self.assertLeader(None)
        actions[1].action_cancel()
        self.assertLeader(move)
        self.assertFalse(move.dso_starred)

    def test_l2_draft_and_cancelled_entries(self):
        """L2: only posted entries are items."""
        move = self.invoice("10 Oct")
        move.button_draft()
        self.assertLeader(None)
        move.action_post()
        self.assertLeader(move)
        move.button_draft()
        move.button_cancel()
        self.assertLeader(None)

    # L12: amounts --------------------------------------------------------------

    def test_l12_minimum_amount(self):
        """L12: below the minimum nothing is proposed, at the minimum it is."""
        self.company.dso_minimum_amount = 100
        self.invoice("10 Nov", 150)
        self.credit_note(50.01)
        self.assertProposal(None, "below_minimum")
        self.company.dso_minimum_amount = 99.99
        self.assertProposal("S2", "13 Nov")

    def test_l12_minimum_of_what_is_overdue(self):
        """§12: the minimum may be compared with the net overdue instead."""
        self.company.write({"dso_minimum_amount": 100, "dso_minimum_base": "overdue"})
        self.invoice("10 Nov", 60)
        self.invoice("10 Dec", 500, issued="1 Nov")
        self.assertProposal(None, "below_minimum")
        self.invoice("12 Nov", 40)
        self.assertProposal("S2", "13 Nov")

    def test_l12_minimum_off(self):
        """L12: without a minimum a leader not yet due is proposed beside a credit."""
        self.company.dso_minimum_base = "overdue"
        self.invoice("5 Dec", 1000, issued="1 Nov")
        self.credit_note(100)
        self.assertProposal("S1", "30 Nov")

    def test_l12_credit_covers_only_what_is_overdue(self):
        """L12: credits that cover the overdue stop an overdue leader only."""
        self.invoice("10 Oct", 300)
        self.unallocated(300)
        self.invoice("5 Dec", 5000, issued="1 Nov")
        self.assertProposal(None, "credit_covers")
        # the day of the due date itself is not overdue
        self.assertProposal("S1", "5 Oct", today=day("10 Oct"))

    def test_l12_credits_count_whatever_their_date(self):
        """L12, §13: a credit of tomorrow covers what is overdue today."""
        self.invoice("10 Oct", 300)
        self.credit_note(300, issued="30 Nov")
        self.invoice("20 Dec", 5000, issued="1 Nov")
        self.assertProposal(None, "credit_covers")

    def test_l12_excluded_items_do_not_count(self):
        """L12: disputed and starred items are in neither balance nor net overdue."""
        self.invoice("10 Oct", 300)
        self.qualify(self.invoice("1 Oct", 5000), "dispute")
        self.unallocated(300)
        self.assertProposal(None, "nothing_to_collect")

    # L13 -----------------------------------------------------------------------

    def test_l13_partial_payment(self):
        """L13: a partial payment of the leader changes nothing but the claim."""
        move = self.invoice("10 Nov")
        self.do_steps(("S2", "13 Nov"))
        proposal = self.evaluate().proposal_id
        self.pay(move, 400, on=TODAY)
        account = self.assertProposal("S3", "20 Nov")
        self.assertEqual(account.proposal_id, proposal)
        self.assertEqual(proposal.amount_claimed, 600)

    def test_l13_ties(self):
        """L13: equal due dates: the oldest invoice date, then the number decides."""
        moves = [
            self.invoice("10 Nov", issued=issued)
            for issued in ("3 Oct", "2 Oct", "2 Oct")
        ]
        self.assertLeader(moves[1])

    def test_l13_sticky_leader(self):
        """L13: on equal due dates the present leader stays."""
        move = self.invoice("10 Nov", issued="10 Oct")
        self.do_steps(("S2", "13 Nov"))
        self.invoice("10 Nov", issued="1 Oct")
        self.assertLeader(move)
        self.assertProposal("S3", "20 Nov")

    # Whose items ---------------------------------------------------------------

    def test_contacts_of_a_customer(self):
        """Items of any contact are those of the commercial partner's account."""
        contact = self.env["res.partner"].create(
            {"name": "Works", "parent_id": self.customer.id, "type": "invoice"}
        )
        move = self.invoice("10 Nov", partner=contact)
        entry = self.entry((contact, 40, "1 Nov"))
        self.receivables(entry).no_followup = False
        account = self.assertLeader(move)
        self.assertEqual(account.balance, 1040)
        self.assertEqual(self.account(contact), self.account())
        self.assertEqual(len(self.customer.dso_account_ids), 1)
        self.assertFalse(contact.dso_account_ids)
        contact.active = False
        self.assertEqual(self.assertLeader(move).balance, 1040)

    def test_branches_share_the_account(self):
        """Items of a branch belong to its root company's account, and can lead."""
        self.company.write({"child_ids": [Command.create({"name": "Branch"})]})
        self.env.cr.precommit.run()  # load the chart of accounts
        branch = self.company.child_ids
        self.env.user.company_ids |= branch
        journal = self.env["account.journal"].create(
            {
                "name": "Branch sales",
                "code": "BRS",
                "type": "sale",
                "company_id": branch.id,
                "default_account_id": self.company_data["default_account_revenue"].id,
            }
        )
        self.invoice("10 Nov")
        move = self.invoice("1 Nov", 500, company_id=branch.id, journal_id=journal.id)
        self.assertEqual(move.company_id, branch)
        account = self.assertLeader(move)
        self.assertEqual((account.company_id, account.balance), (self.company, 1500))
        self.assertEqual(len(self.customer.dso_account_ids), 1)

    def test_companies_do_not_mix(self):
        """Company is part of every key: another company has its own account."""
        other = self.setup_other_company()["company"]
        move = self.invoice("10 Nov")
        foreign = (
            self.env["account.move"]
            .with_company(other)
            .create(
                {
                    "move_type": "out_invoice",
                    "company_id": other.id,
                    "partner_id": self.customer.id,
                    "invoice_date": day("1 Oct"),
                    "invoice_date_due": day("1 Oct"),
                    "invoice_line_ids": [
                        Command.create({"name": "x", "price_unit": 99, "tax_ids": []})
                    ],
                }
            )
        )
        foreign.action_post()
        self.env.cr.flush()
        accounts = self.customer.dso_account_ids
        self.assertEqual(accounts.company_id, self.company | other)
        self.assertLeader(move)
        theirs = accounts.filtered(lambda a: a.company_id == other)
        theirs.evaluate(TODAY)
        self.assertEqual((theirs.leader_id, theirs.balance), (foreign, 99))

    def test_foreign_currency(self):
        """§13: amounts compare in company currency and are shown in the item's own."""
        euro = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        self.company.dso_ignore_below = 60
        self.invoice("1 Nov", 100, currency_id=euro.id)  # 50 in company currency
        move = self.invoice("10 Nov", 200, currency_id=euro.id)
        account = self.assertLeader(move)
        self.assertEqual(account.balance, 100)
        self.company.dso_ignore_below = 0
        self.qualify(move, "dispute", disputed_amount=50)
        account = self.evaluate()
        self.assertEqual((account.balance, account.amount_disputed), (125, 25))
        row = account._item_rows(TODAY)[1]
        self.assertEqual((row["amount_currency"], row["currency_id"]), (200, euro.id))
        self.assertEqual((row["total"], row["claim"]), (100, 75))

    def test_unallocated_payment_and_bank_line(self):
        """Unallocated payments reduce the balance, from whichever journal."""
        self.invoice("10 Nov")
        payment = self.unallocated(300)
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": day("2 Nov"),
                "partner_id": self.customer.id,
                "amount": 200,
                "payment_ref": "?",
            }
        )
        _liquidity, suspense, _other = line._seek_for_lines()
        suspense.account_id = self.company_data["default_account_receivable"]
        account = self.assertProposal("S2", "13 Nov")
        self.assertEqual(account.balance, 500)
        lines = self.receivables(payment.move_id | line.move_id)
        self.assertEqual(lines.mapped("dso_kind"), ["payment", "payment"])

    def test_instalments(self):
        """§13: an item is due with its earliest open instalment, and claimed whole."""
        term = self.env["account.payment.term"].create(
            {
                "name": "Three parts",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": part, "nb_days": days}
                    )
                    for part, days in ((20, 0), (30, 30), (50, 60))
                ],
            }
        )
        move = self.invoice(
            day("10 Oct"), issued="10 Oct", invoice_payment_term_id=term.id
        )
        account = self.assertProposal("S2", "13 Oct")
        self.assertEqual((account.leader_date, account.balance), (day("10 Oct"), 1000))
        self.assertEqual((account.amount_overdue, account.amount_not_due), (500, 500))
        self.pay(move, 200, on=TODAY)
        self.assertProposal("S2", "12 Nov")
        # a part of the second instalment settles nothing: same leader, same place
        self.do_steps(("S2", "23 Nov"))
        self.pay(move, 100, on=TODAY)
        self.assertProposal("S3", "30 Nov")

    def test_instalments_with_one_excluded(self):
        """L2: an instalment that Odoo excludes takes no part, the others do."""
        term = self.env["account.payment.term"].create(
            {
                "name": "Halves",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": days}
                    )
                    for days in (0, 31)
                ],
            }
        )
        move = self.invoice(
            day("10 Oct"), issued="10 Oct", invoice_payment_term_id=term.id
        )
        lines = self.receivables(move).sorted("date_maturity")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move_line SET no_followup = TRUE WHERE id = %s",
            [lines[0].id],
        )
        self.env.invalidate_all()
        account = self.assertProposal("S2", "13 Nov")
        self.assertEqual((account.leader_date, account.balance), (day("10 Nov"), 500))


@tagged("post_install", "-at_install")
class TestCycle(DsoCommon):
    """How the scenario goes on, restarts and comes back (rules.md L4-L11, L14, L15)."""

    def qualify(self, move, kind, on="20 Nov", **values):
        with freeze_time(day(on)):
            return move.dso_qualify(self.status(kind), "said so", **values)

    def unreconcile(self, move):
        self.receivables(move).remove_move_reconcile()

    # L4-L6, L8, L10, L11 -------------------------------------------------------

    def test_l4_step_on_the_due_date(self):
        """L4, L8: a step on the due date itself never lapses."""
        self.account().scenario_id = self._scenario(
            "Zero", ("P", -3, self.email), ("D", 0, self.email), ("L", 5, self.email)
        )
        self.invoice("20 Nov")
        self.assertProposal("D", "20 Nov")
        self.assertProposal("D", "20 Nov", today=day("31 Dec"))
        self.assertProposal("P", "17 Nov", today=day("20 Nov"))

    def test_l5_interval_runs_from_the_last_step_done(self):
        """L5, L10: after a skipped step the interval counts from the last done."""
        self.invoice("20 Oct")
        self.do_steps(("S2", "19 Nov"))
        self.on("20 Nov", "skip")
        self.assertProposal("S4", "4 Dec")  # 19 Nov + (18 - 3)

    def test_l5_two_late_steps(self):
        """L5: several late steps never come at once."""
        self.invoice("15 Sep")
        self.do_steps(("S2", "23 Nov"))
        self.assertProposal("S3", "30 Nov")
        self.do_steps(("S3", "30 Nov"))
        self.assertProposal("S4", "8 Dec", today=day("30 Nov"))

    def test_l6_last_action_step_first(self):
        """L6, §13: without a step done it counts from the last action of any cycle,
        not from before the leader's due date."""
        self.account().scenario_id = self._scenario(
            "After", ("N", 10, self.email, "last_action"), ("M", 40, self.phone)
        )
        move = self.invoice("1 Nov")
        self.assertProposal("N", "11 Nov")
        self.do_steps(("N", "20 Nov"))
        # due + 40 is later than done + minimum gap
        self.assertProposal("M", "11 Dec")
        self.invoice("10 Nov")
        self.pay(move, on=TODAY)
        self.assertProposal("N", "30 Nov")  # 20 Nov + 10, not 10 Nov + 10

    def test_l6_after_a_step_done_before_the_due_date(self):
        """L6: the step done counts, even when it was done before the due date."""
        self.account().scenario_id = self._scenario(
            "After", ("P", -9, self.email), ("N", 7, self.phone, "last_action")
        )
        self.invoice("28 Nov", issued="1 Nov")
        self.do_steps(("P", "19 Nov"))
        self.assertProposal("N", "26 Nov")

    def test_l5_gap_after_a_last_action_step(self):
        """L5: from a last-action step to a due-date step it is the minimum gap."""
        self.account().scenario_id = self._scenario(
            "After",
            ("N", 10, self.email, "last_action"),
            ("M", 12, self.phone),
            minimum_gap=4,
        )
        self.invoice("1 Nov")
        self.do_steps(("N", "20 Nov"))
        self.assertProposal("M", "24 Nov")

    def test_l8_gap_pushes_a_preventive_step_out(self):
        """L8: a preventive step whose own date falls after the due date is skipped."""
        self.scenario.minimum_gap = 7
        move = self.invoice("10 Nov")
        self.do_steps(("S2", "20 Nov"))
        self.invoice("26 Nov", issued="1 Nov")
        self.pay(move, on=TODAY)
        # S1: 21 Nov by its day, 27 Nov by the gap: after the due date
        self.assertProposal("S2", "29 Nov")

    def test_l8_gap_moves_a_preventive_step(self):
        """L8: pushed, but not past the due date, it stays."""
        self.scenario.minimum_gap = 7
        move = self.invoice("10 Nov")
        self.do_steps(("S2", "20 Nov"))
        self.invoice("27 Nov", issued="1 Nov")
        self.pay(move, on=TODAY)
        self.assertProposal("S1", "27 Nov")

    def test_l8_interval_after_a_preventive_step(self):
        """L8, L5: S1 done, the reminder keeps its eight days."""
        self.invoice("20 Nov")
        self.do_steps(("S1", "18 Nov"))
        self.assertProposal("S2", "26 Nov")

    def test_l10_skip(self):
        """L10: a skipped step advances, leaves no interval, and does not come back."""
        self.invoice("10 Nov")
        skipped = self.on("23 Nov", "skip")
        self.assertEqual((skipped.state, skipped.cause), ("cancelled", "skipped"))
        account = self.assertProposal("S3", "20 Nov")
        self.assertFalse(account.last_done_date)
        self.assertFalse(account.last_any_date)

    def test_l10_cancelled_proposal_comes_again(self):
        """L10: cancelling is not skipping: the step is proposed anew."""
        self.invoice("10 Nov")
        cancelled = self.on("23 Nov", "cancel")
        account = self.assertProposal("S2", "13 Nov")
        self.assertNotEqual(account.proposal_id, cancelled)

    def test_l10_specific_action_does_not_advance(self):
        """L10: a specific action done moves neither sequence nor interval."""
        self.invoice("1 Nov")
        other = self.invoice("5 Nov")
        self.do_steps(("S2", "4 Nov"))
        self.qualify(other, "dispute")
        specific = self.account().open_action_ids.filtered("star")
        with freeze_time(TODAY):
            specific.action_done()
        account = self.assertProposal("S3", "11 Nov")
        self.assertEqual(account.last_any_date, day("4 Nov"))

    def test_l11_redating_beats_the_gap(self):
        """L11, §13: a person's date replaces the result, also against the gap."""
        self.scenario.minimum_gap = 20
        self.invoice("10 Nov")
        self.do_steps(("S2", "20 Nov"))
        account = self.assertProposal("S3", "10 Dec")
        with freeze_time(TODAY):
            account.proposal_id.action_reschedule(day("24 Nov"))
        account = self.assertProposal("S3", "24 Nov")
        self.assertEqual(account.proposal_id.date_forced, day("24 Nov"))

    def test_l11_redating_ends_with_its_step(self):
        """L11: the next step has its own date again."""
        self.invoice("10 Nov")
        account = self.assertProposal("S2", "13 Nov")
        with freeze_time(TODAY):
            account.proposal_id.action_reschedule(day("25 Nov"))
        self.do_steps(("S2", "25 Nov"))
        account = self.assertProposal("S3", "2 Dec", today=day("25 Nov"))
        self.assertFalse(account.proposal_id.date_forced)

    # L7 ------------------------------------------------------------------------

    def test_l7_older_invoice_appears(self):
        """L7: an older invoice that appears is a change of leader: restart."""
        self.invoice("10 Nov")
        self.do_steps(("S2", "13 Nov"), ("S3", "20 Nov"))
        older = self.invoice("1 Nov")
        account = self.assertProposal("S2", "4 Nov")
        self.assertEqual(account.leader_id, older)

    def test_l7_due_date_changed(self):
        """L7: another due date is another leader."""
        move = self.invoice("10 Nov")
        self.do_steps(("S2", "13 Nov"), ("S3", "20 Nov"))
        move.invoice_date_due = day("11 Nov")
        self.assertProposal("S2", "14 Nov")

    def test_l7_no_leader_closes_the_cycle(self):
        """L7: with no leader left the cycle ends; the next invoice begins anew."""
        move = self.invoice("10 Nov")
        self.do_steps(("S2", "13 Nov"), ("S3", "20 Nov"))
        self.pay(move, on=TODAY)
        account = self.assertProposal(None, "no_leader")
        self.assertFalse(account.last_step_id | account.last_done_step_id)
        self.assertFalse(account.last_done_date)
        self.assertEqual(account.last_any_date, day("20 Nov"))
        self.invoice("15 Nov")
        self.assertProposal("S2", "18 Nov")

    def test_l7_cycle_goes_on_without_proposal(self):
        """L7: being below the minimum does not close the cycle."""
        move = self.invoice("1 Nov")
        self.do_steps(("S2", "4 Nov"))
        payment = self.unallocated(1000)
        self.assertProposal(None, "nothing_to_collect")
        payment.action_draft()
        self.assertProposal("S3", "11 Nov")
        self.assertEqual(self.account().leader_id, move)

    def _paid_leader(self):
        """A with S2 and S3 done is paid by mistake; B leads."""
        move = self.invoice("1 Nov")
        self.invoice("12 Nov", 500, issued="1 Nov")
        self.do_steps(("S2", "4 Nov"), ("S3", "11 Nov"))
        payment = self.pay(move, on=TODAY)
        self.assertProposal("S2", "15 Nov")
        return move, payment

    def test_l7_unreconcile(self):
        """L7: un-reconciling gives the item back its place."""
        move, _payment = self._paid_leader()
        self.unreconcile(move)
        account = self.assertProposal("S4", "19 Nov")
        self.assertEqual(account.last_done_step_id.name, "S3")
        self.assertEqual(account.last_done_date, day("11 Nov"))

    def test_l7_returned_payment(self):
        """L7: a payment that the bank returned gives the item back its place."""
        move, payment = self._paid_leader()
        payment.action_cancel()
        account = self.assertProposal("S4", "19 Nov")
        self.assertEqual(account.leader_id, move)

    def test_l7_correction_before_the_night(self):
        """L7: the same without an evaluation between the two (one transaction)."""
        move = self.invoice("1 Nov")
        self.invoice("12 Nov", 500, issued="1 Nov")
        self.do_steps(("S2", "4 Nov"), ("S3", "11 Nov"))
        self.pay(move, on=TODAY)
        self.unreconcile(move)
        self.assertProposal("S4", "19 Nov")

    def test_l7_correction_gives_the_redating_back(self):
        """L7: the place includes a re-dating by a person."""
        move = self.invoice("1 Nov")
        self.invoice("12 Nov", 500, issued="1 Nov")
        self.do_steps(("S2", "4 Nov"))
        account = self.evaluate(day("20 Nov"))
        with freeze_time("2026-11-20"):
            account.proposal_id.action_reschedule(day("27 Nov"))
        self.pay(move, on=TODAY)
        self.assertProposal("S2", "15 Nov")
        self.unreconcile(move)
        account = self.assertProposal("S3", "27 Nov")
        self.assertEqual(account.proposal_id.date_forced, day("27 Nov"))

    def test_l7_no_place_back_after_another_action(self):
        """L7: not when another scenario action was done meanwhile."""
        move, _payment = self._paid_leader()
        self.do_steps(("S2", "23 Nov"))
        self.unreconcile(move)
        account = self.assertProposal("S2", "4 Nov")
        self.assertEqual(account.leader_id, move)

    def test_l7_skip_meanwhile_is_no_action(self):
        """L7: a step merely skipped meanwhile does not prevent it."""
        move, _payment = self._paid_leader()
        self.on("23 Nov", "skip")
        self.unreconcile(move)
        self.assertProposal("S4", "19 Nov")

    def test_l7_undone_qualification(self):
        """L7: undoing a qualification gives back the place and the status."""
        move = self.invoice("1 Nov")
        self.invoice("12 Nov", 500, issued="1 Nov")
        self.do_steps(("S2", "4 Nov"), ("S3", "11 Nov"))
        qualification = self.qualify(move, "dispute")
        account = self.assertProposal("S2", "15 Nov")
        qualification.action_undo()
        account = self.assertProposal("S4", "19 Nov")
        self.assertFalse(move.dso_status_type)
        self.assertFalse(account.open_action_ids.filtered("star"))

    def test_l7_resolved_dispute_is_an_event(self):
        """L7: a dispute that is resolved restarts; only a correction gives back."""
        move = self.invoice("1 Nov")
        self.do_steps(("S2", "4 Nov"), ("S3", "11 Nov"))
        self.qualify(move, "dispute")
        self.evaluate()
        with freeze_time(TODAY):
            self.account().open_action_ids.action_done()
        self.assertProposal("S2", "4 Nov")

    def test_l7_undone_resolution(self):
        """L7: undoing the end of a dispute by mistake restarts the one that led."""
        first = self.invoice("1 Nov")
        self.invoice("12 Nov", 500, issued="1 Nov")
        self.qualify(first, "dispute", on="2 Nov")
        self.do_steps(("S2", "15 Nov"), ("S3", "22 Nov"))
        mistake = self.qualify(first, "on_going", on="23 Nov", follow_up=False)
        self.assertProposal("S2", "4 Nov")
        mistake.action_undo()
        account = self.assertProposal("S4", "30 Nov")
        self.assertEqual(first.dso_status_type, "dispute")
        self.assertTrue(account.open_action_ids.filtered("star"))

    # L14 -----------------------------------------------------------------------

    def test_l14_scenario_switch(self):
        """L14: proposals are replaced at once, from the first applicable step."""
        self.invoice("1 Nov")
        self.do_steps(("S2", "4 Nov"), ("S3", "11 Nov"))
        account = self.evaluate()
        old = account.proposal_id
        account.scenario_id = self._scenario(
            "Other", ("O1", -3, self.email), ("O2", 8, self.phone)
        )
        self.assertProposal("O2", "9 Nov")
        self.assertEqual((old.state, old.cause), ("cancelled", "scenario_changed"))
        account.scenario_id = self.scenario
        self.assertProposal("S2", "4 Nov")

    def test_l14_switch_of_the_client_type(self):
        """L14: another client type brings its scenario."""
        self.invoice("1 Nov")
        account = self.assertProposal("S2", "4 Nov")
        account.client_type_id = self.env["dso.client.type"].create(
            {
                "name": "Special",
                "scenario_id": self._scenario("Other", ("O", 8, self.phone)).id,
            }
        )
        self.assertProposal("O", "9 Nov")

    def test_l14_gap_counts_across_a_switch(self):
        """L14, L15: the gap to the last action of any cycle holds."""
        self.invoice("1 Nov")
        self.do_steps(("S2", "20 Nov"))
        self.account().scenario_id = self._scenario(
            "Other", ("O", 8, self.phone), minimum_gap=7
        )
        self.assertProposal("O", "27 Nov")

    # L15 -----------------------------------------------------------------------

    def test_l15_breathing_space_after_a_dispute(self):
        """L15: no step sooner than the breathing space after a resolved dispute."""
        self.scenario.breathing_space = 5
        move = self.invoice("1 Nov")
        self.assertProposal("S2", "4 Nov")
        self.qualify(move, "dispute")
        self.evaluate()
        with freeze_time(TODAY):
            self.account().open_action_ids.action_done()
        self.assertEqual(move.dso_status_type, "dispute_resolved")
        self.assertProposal("S2", "28 Nov")

    def test_l15_breathing_space_after_a_promise(self):
        """L15: nor after a specific action was completed."""
        self.scenario.breathing_space = 5
        move = self.invoice("1 Nov")
        self.qualify(move, "promise_to_pay", promise_date=day("22 Nov"))
        self.evaluate()
        with freeze_time(TODAY):
            self.account().open_action_ids.action_done()
        self.assertProposal("S2", "28 Nov")

    def test_l15_breathing_space_by_hand(self):
        """L15: changing the status by hand ends the dispute, and breathes too."""
        self.scenario.breathing_space = 5
        move = self.invoice("1 Nov")
        self.qualify(move, "dispute")
        self.qualify(move, "dispute_resolved", on="23 Nov", follow_up=False)
        self.assertProposal("S2", "28 Nov")

    # Entry modes, archived steps -----------------------------------------------

    def test_entry_matching_age(self):
        """§12: a restart enters at the last step whose day is reached, never at a
        formal notice or later."""
        self.scenario.entry = "matching_age"
        self.invoice("1 Nov")
        self.assertProposal("S4", "19 Nov")
        self.invoice("1 Jun")
        self.assertProposal("S4", "19 Jun")
        self.do_steps(("S4", "23 Nov"))
        self.assertProposal("S5", "5 Dec")  # follows from a step done

    def test_entry_matching_age_too_young(self):
        """§12: no day reached yet: as from the beginning."""
        self.scenario.entry = "matching_age"
        self.invoice("5 Dec", issued="1 Nov")
        self.assertProposal("S1", "30 Nov")

    def test_entry_where_stopped(self):
        """§12: an item that led before enters after its last step done."""
        self.scenario.entry = "where_stopped"
        move = self.invoice("1 Nov")
        self.do_steps(("S2", "4 Nov"), ("S3", "11 Nov"))
        self.qualify(move, "dispute")
        self.invoice("12 Nov", issued="1 Nov")
        self.assertProposal("S2", "15 Nov")
        self.do_steps(("S2", "20 Nov"))
        with freeze_time(TODAY):
            self.account().open_action_ids.filtered("star").action_done()
        account = self.assertProposal("S4", "19 Nov")
        self.assertEqual(account.leader_id, move)

    def test_archived_step_keeps_its_place(self):
        """A used step that is deleted is archived: nobody starts again."""
        self.invoice("1 Nov")
        self.do_steps(("S2", "4 Nov"))
        step = self.scenario.step_ids.filtered(lambda s: s.name == "S2")
        step.unlink()
        self.assertTrue(step.exists())
        self.assertFalse(step.active)
        self.assertProposal("S3", "11 Nov")
        self.pay(self.account().leader_id, on=TODAY)
        self.invoice("10 Nov")
        self.assertProposal("S3", "20 Nov")  # never proposed again

    def test_deleted_unused_step(self):
        """A step nobody stands on is deleted, and the next one comes."""
        self.invoice("1 Nov")
        self.do_steps(("S2", "4 Nov"))
        self.scenario.step_ids.filtered(lambda s: s.name == "S4").unlink()
        self.evaluate()
        self.do_steps(("S3", "11 Nov"))
        self.assertProposal("S5", "1 Dec")

    def test_proposed_step_deleted(self):
        """L3: the proposal of a deleted step gives way to the next one."""
        self.invoice("1 Nov")
        self.evaluate()
        self.scenario.step_ids.filtered(lambda s: s.name == "S2").unlink()
        self.assertProposal("S3", "11 Nov")


@tagged("post_install", "-at_install")
class TestProposals(DsoCommon):
    """No action, groups, and what cancels (rules.md L3, L12, L16, L17)."""

    def qualify(self, move, kind, on="20 Nov", **values):
        with freeze_time(day(on)):
            return move.dso_qualify(self.status(kind), "said so", **values)

    def specific(self, moves, model=None, **values):
        account = self.account()
        return self.env["dso.action"].create(
            {
                "account_id": account.id,
                "kind": "specific",
                "action_model_id": (model or self.phone).id,
                "date": TODAY,
                "line_ids": [
                    Command.create({"account_id": account.id, "move_id": move.id})
                    for move in moves
                ],
                **values,
            }
        )

    # L12 -----------------------------------------------------------------------

    def test_l12_hold(self):
        """L12: no proposal while the account is on hold; its last day included."""
        self.invoice("1 Nov")
        account = self.evaluate()
        proposal = account.proposal_id
        account.write({"hold_reason": "pause", "hold_until": TODAY})
        self.assertProposal(None, "hold")
        self.assertEqual((proposal.state, proposal.cause), ("cancelled", "hold"))
        self.assertProposal("S2", "4 Nov", today=TODAY + timedelta(days=1))
        account.hold_until = False
        self.assertProposal(None, "hold", today=day("31 Dec"))
        account.action_release()
        self.assertProposal("S2", "4 Nov")

    def test_l2_before_insolvency(self):
        """L2, §10: of an insolvent customer only what is issued from the opening on."""
        self.invoice("1 Nov", 700, issued="14 Oct")
        self.invoice("5 Nov", 400, issued="15 Oct")
        self.account().write(
            {"hold_reason": "insolvency", "hold_opening_date": day("15 Oct")}
        )
        account = self.assertProposal("S2", "8 Nov")
        self.assertEqual(account.balance, 400)

    def test_l16_member_on_hold(self):
        """L16, §10: the items of a member that rests are not chased by its head."""
        member = self.account(self._customer("Member"))
        self.invoice("1 Nov", 700, partner=member.partner_id)
        self.invoice("5 Nov", 400)
        member.head_id = self.account()
        self.assertProposal("S2", "4 Nov")
        member.hold_reason = "deceased"
        account = self.assertProposal("S2", "8 Nov")
        self.assertEqual(account.balance, 400)
        member.hold_reason = "key_account"
        self.assertProposal("S2", "4 Nov")

    def test_l17_contact_of_another_customer(self):
        """L17, §10: a chosen contact that is not his receives nothing."""
        self.email.mode = "auto"
        self.invoice("20 Nov")
        stranger = self._customer("Stranger", email=False)
        account = self.account()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE dso_account SET contact_id = %s WHERE id = %s",
            [stranger.id, account.id],
        )
        self.env.invalidate_all()
        self.assertFalse(self.evaluate().proposal_id.problem)

    def test_l17_closed_channel(self):
        """L17, §10: a step by a closed channel waits for a person."""
        self.invoice("20 Nov")
        self.account().no_email = True
        self.assertEqual(self.evaluate().proposal_id.problem, "no_channel")

    def test_l12_hold_keeps_the_place(self):
        """L12: a hold does not close the cycle."""
        self.invoice("1 Nov")
        self.do_steps(("S2", "4 Nov"))
        account = self.account()
        account.hold_reason = "pause"
        self.assertProposal(None, "hold")
        account.action_release()
        self.assertProposal("S3", "11 Nov")

    def test_l12_end_of_scenario_by_skipping(self):
        """L12: all steps done or skipped is the end; a new leader begins again."""
        move = self.invoice("1 Sep")
        for _step in range(5):
            self.on("23 Nov", "skip")
        self.assertProposal(None, "end_of_scenario")
        self.invoice("10 Nov")
        self.pay(move, on=TODAY)
        self.assertProposal("S2", "13 Nov")

    def test_l12_scenario_of_archived_steps(self):
        """L12: a scenario whose steps are all archived is an empty one."""
        self.invoice("1 Nov")
        self.do_steps(("S2", "4 Nov"))
        self.scenario.step_ids.active = False
        self.assertProposal(None, "empty_scenario")

    def test_l12_order_of_reasons(self):
        """L12: the hold is told before the missing scenario, that before amounts."""
        self.invoice("1 Nov")
        self.unallocated(5000)
        account = self.account()
        self.assertProposal(None, "nothing_to_collect")
        account.scenario_id = False
        self.assertProposal(None, "no_scenario")
        account.hold_reason = "pause"
        self.assertProposal(None, "hold")

    # L16 -----------------------------------------------------------------------

    def _group(self):
        """Head and member, each in the middle of its own cycle, then grouped."""
        self.member = self._customer("Member")
        self.head_move = self.invoice("10 Nov")
        self.member_move = self.invoice("1 Nov", 500, partner=self.member)
        member = self.account(self.member)
        self.do_steps(("S2", "13 Nov"))
        self.do_steps(("S2", "4 Nov"), ("S3", "11 Nov"), account=member)
        member.head_id = self.account()
        return self.account(), member

    def test_l16_one_leader_for_the_group(self):
        """L16: the leader is the oldest of all members; only the head has an action."""
        head, member = self._group()
        self.assertProposal("S2", "4 Nov")
        self.assertEqual(head.leader_id, self.member_move)
        self.assertEqual(head.leader_account_id, member)
        self.assertEqual(head.balance, 1500)
        self.assertFalse(member.proposal_id)
        self.assertEqual(member.reason, "grouped")
        self.assertEqual((head.amount_total, member.amount_total), (1000, 500))

    def test_l16_asking_the_member_evaluates_the_group(self):
        """L16: evaluating a member evaluates its group."""
        head, member = self._group()
        member.evaluate(TODAY)
        self.assertEqual(head.leader_id, self.member_move)
        self.assertFalse(member.proposal_id)

    def test_l16_undoing_loses_nothing(self):
        """L16: per account, leaving the group gives back its own place."""
        head, member = self._group()
        self.evaluate()
        member.head_id = False
        self.evaluate(account=head | member)
        self.assertProposal("S4", "19 Nov", account=member)
        self.assertEqual(head.leader_id, self.head_move)
        self.assertFalse(head.leader_account_id != head)

    def test_l16_statuses_and_specific_actions_are_kept(self):
        """L16: a member's dispute stays out of the group's dunning."""
        head, member = self._group()
        self.qualify(self.member_move, "dispute")
        self.evaluate()
        self.assertEqual(head.leader_id, self.head_move)
        self.assertEqual(head.balance, 1000)
        action = member.open_action_ids
        self.assertEqual((action.kind, action.account_id), ("specific", member))
        member.head_id = False
        self.evaluate(account=member)
        self.assertEqual(self.member_move.dso_status_type, "dispute")
        self.assertEqual(action.state, "planned")

    def test_l16_member_credit_counts_for_the_group(self):
        """L16: credits of all members reduce the group's balance."""
        head, _member = self._group()
        self.unallocated(2000, partner=self.member)
        self.assertProposal(None, "nothing_to_collect")
        self.assertEqual(head.balance, -500)

    def test_l16_paying_a_member(self):
        """L16, L17: the member's leading invoice paid: the head's proposal follows."""
        head, member = self._group()
        proposal = self.evaluate().proposal_id
        self.pay(self.member_move, on=TODAY)
        self.evaluate()
        self.assertEqual((proposal.state, proposal.cause), ("cancelled", "settled"))
        self.assertEqual(head.leader_id, self.head_move)

    # L17 -----------------------------------------------------------------------

    def _confirmed(self, *dues):
        self.email.mode = "auto_confirm"
        moves = [self.invoice(due) for due in dues or ("10 Nov",)]
        proposal = self.evaluate().proposal_id
        with freeze_time(TODAY):
            proposal.action_confirm()
        self.evaluate()
        self.assertTrue(proposal.confirmed)
        return proposal, moves

    def test_l17_confirmation_survives_a_fall(self):
        """L17: a partial payment keeps the confirmation."""
        proposal, (move,) = self._confirmed()
        self.pay(move, 400, on=TODAY)
        self.evaluate()
        self.assertTrue(proposal.confirmed)
        self.assertEqual(proposal.amount_claimed, 600)

    def test_l17_confirmation_lapses_when_the_claim_rises(self):
        """L17: another overdue invoice takes the confirmation back."""
        proposal, _moves = self._confirmed()
        self.invoice("15 Nov", 1)
        self.evaluate()
        self.assertFalse(proposal.confirmed)
        self.assertEqual(proposal.state, "planned")

    def test_l17_fall_then_rise(self):
        """L17: what rises again, but not above what was confirmed, stays confirmed."""
        proposal, (move,) = self._confirmed()
        self.pay(move, 400, on=TODAY)
        self.evaluate()
        self.invoice("15 Nov", 300)
        self.evaluate()
        self.assertTrue(proposal.confirmed)
        self.invoice("16 Nov", 200)
        self.evaluate()
        self.assertFalse(proposal.confirmed)

    def test_l17_confirmation_lapses_on_an_earlier_date(self):
        """L17, architecture flow 2: moved earlier, it is to be confirmed again."""
        proposal, _moves = self._confirmed("10 Nov")
        with freeze_time(TODAY):
            proposal.action_reschedule(day("30 Nov"))
            self.assertTrue(proposal.confirmed)
            proposal.action_reschedule(day("25 Nov"))
        self.assertFalse(proposal.confirmed)
        self.assertProposal("S2", "25 Nov")

    def test_l17_confirmation_lapses_when_the_step_moves_earlier(self):
        """Architecture flow 2: so does an earlier date that the rules give."""
        proposal, _moves = self._confirmed("10 Nov")
        self.scenario.step_ids[1].days = 1
        self.assertProposal("S2", "11 Nov")
        self.assertFalse(proposal.confirmed)
        self.assertEqual(self.account().proposal_id, proposal)

    def test_l17_confirmation_lapses_with_the_model(self):
        """L17: another model for the step: a new, unconfirmed proposal."""
        proposal, _moves = self._confirmed()
        self.scenario.step_ids[1].action_model_id = self._model(
            "Other", "email", template=True, mode="auto_confirm"
        )
        account = self.assertProposal("S2", "13 Nov")
        self.assertNotEqual(account.proposal_id, proposal)
        self.assertFalse(account.proposal_id.confirmed)
        self.assertEqual(proposal.state, "cancelled")

    def test_l17_confirmation_lapses_with_the_recipient(self):
        """L17: another recipient or address takes the confirmation back."""
        proposal, _moves = self._confirmed()
        self.customer.email = "new@customer.example"
        self.evaluate()
        self.assertFalse(proposal.confirmed)
        proposal.action_confirm()
        self.account().contact_id = self.env["res.partner"].create(
            {"name": "Ann", "parent_id": self.customer.id, "email": "ann@c.example"}
        )
        self.evaluate()
        self.assertFalse(proposal.confirmed)

    def test_l17_new_invoice_address_changes_the_recipient(self):
        """L17: so does a new invoice address, which receives from now on."""
        proposal, _moves = self._confirmed()
        self.env["res.partner"].create(
            {
                "name": "Ledger office",
                "parent_id": self.customer.id,
                "type": "invoice",
                "email": "ledger@c.example",
            }
        )
        self.env.cr.flush()
        self.evaluate()
        self.assertFalse(proposal.confirmed)

    def test_l17_cancelled_even_if_confirmed(self):
        """L17: the leader cleared cancels; the next proposal is not born confirmed."""
        proposal, (move, other) = self._confirmed("10 Nov", "11 Nov")
        self.pay(move, on=TODAY)
        account = self.assertProposal("S2", "14 Nov")
        self.assertEqual((proposal.state, proposal.cause), ("cancelled", "settled"))
        self.assertEqual(account.leader_id, other)
        self.assertFalse(account.proposal_id.confirmed)

    def test_l17_new_step_is_not_born_confirmed(self):
        """L17: nor is the next step of the same leader."""
        self.phone.write({"type": "email", "template_id": self.template.id})
        self.phone.mode = "auto_confirm"
        proposal, _moves = self._confirmed()
        with freeze_time(TODAY):
            proposal.action_done()
        account = self.assertProposal("S3", "30 Nov")
        self.assertFalse(account.proposal_id.confirmed)

    def test_q4_specific_action_closes_by_itself(self):
        """Q4, L17: paid in part it stays, all items paid it is closed, no e-mail."""
        first, second = self.invoice("1 Nov", 1000), self.invoice("2 Nov", 500)
        action = self.specific(first | second)
        self.pay(first, on=TODAY)
        self.evaluate()
        self.assertEqual(action.state, "planned")
        self.pay(second, on=TODAY)
        self.evaluate()
        self.assertEqual((action.state, action.cause), ("cancelled", "settled"))
        self.assertFalse(action.delivery)

    def test_l17_specific_action_waits_for_all_its_items(self):
        """L17: a partly paid item is not cleared."""
        move = self.invoice("1 Nov")
        action = self.specific(move)
        self.pay(move, 999, on=TODAY)
        self.evaluate()
        self.assertEqual(action.state, "planned")

    def test_l17_specific_action_of_a_held_account(self):
        """L17: a hold keeps specific actions open; payment closes them."""
        move = self.invoice("1 Nov")
        action = self.specific(move)
        self.account().hold_reason = "pause"
        self.evaluate()
        self.assertEqual(action.state, "planned")
        self.pay(move, on=TODAY)
        self.evaluate()
        self.assertEqual(action.state, "cancelled")

    def test_l17_specific_action_of_a_grouped_account(self):
        """L16, L17: a member's specific action closes with its items, too."""
        member = self._customer("Member")
        move = self.invoice("1 Nov", partner=member)
        account = self.account(member)
        self.qualify(move, "promise_to_pay", promise_date=day("30 Nov"))
        account.head_id = self.account()
        self.evaluate()
        action = account.open_action_ids
        self.assertEqual(action.state, "planned")
        self.pay(move, on=TODAY)
        self.evaluate()
        self.assertEqual(action.cause, "settled")

    def test_l17_missing_template_is_told_at_once(self):
        """L17: what is missing shows yellow when planned, not on the day."""
        self.email.template_id = False
        self.invoice("5 Dec", issued="1 Nov")
        account = self.assertProposal("S1", "30 Nov")
        self.assertEqual(
            (account.proposal_id.state, account.proposal_id.problem),
            ("error", "no_template"),
        )

    def test_l17_missing_phone_and_address(self):
        """L17: an SMS needs a phone, an automatic letter an address."""
        model = self._model("SMS", "sms", template=True, mode="auto")
        account = self.account()
        account.scenario_id = self._scenario("SMS", ("T", 1, model))
        self.invoice("10 Nov")
        self.assertEqual(self.evaluate().proposal_id.problem, "no_phone")
        self.customer.phone = "+1 303-555-0117"
        self.assertFalse(self.evaluate().proposal_id.problem)
        model = self._model("Letter", "letter", template=True, mode="auto")
        account.scenario_id = self._scenario("Letter", ("T", 1, model))
        self.assertEqual(self.evaluate().proposal_id.problem, "no_address")
        self.customer.write({"street": "1 Main St", "city": "Town"})
        self.assertFalse(self.evaluate().proposal_id.problem)

    def test_l3_one_proposal_replaced(self):
        """L3: the old row is cancelled with its cause, the new one is another row."""
        self.invoice("10 Nov")
        old = self.evaluate().proposal_id
        self.invoice("1 Nov")
        account = self.assertProposal("S2", "4 Nov")
        self.assertEqual((old.state, old.cause), ("cancelled", "leader_changed"))
        self.assertEqual(
            account.action_ids.filtered(lambda a: a.state == "planned"),
            account.proposal_id,
        )

    def test_l3_a_change_of_date_keeps_the_row(self):
        """Architecture flow 2: only the date changes, the row stays."""
        self.invoice("10 Nov")
        self.do_steps(("S2", "13 Nov"))
        old = self.evaluate().proposal_id
        self.scenario.step_ids[2].days = 12
        account = self.assertProposal("S3", "22 Nov")
        self.assertEqual(account.proposal_id, old)
