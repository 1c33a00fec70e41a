"""Holds: what each of them stops, and who may say so (rules.md §10)."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import TODAY, day
from .sending_common import SendingCommon


@tagged("post_install", "-at_install")
class TestHolds(SendingCommon):
    def setUp(self):
        super().setUp()
        clock = freeze_time(str(TODAY))
        clock.__enter__()
        self.addCleanup(clock.__exit__, None, None, None)

    def hold(self, reason, **values):
        self.account().write({"hold_reason": reason, **values})
        return self.account()

    def specific(self, mode="manual", **values):
        move = self.invoice("20 Nov", 200)
        return self.env["dso.action"].create(
            {
                "account_id": self.account().id,
                "kind": "specific",
                "action_model_id": self.email.id,
                "mode": mode,
                "date": TODAY,
                "line_ids": [
                    Command.create(
                        {"account_id": self.account().id, "move_id": move.id}
                    )
                ],
                **values,
            }
        )

    def lawyer(self):
        return self.env["res.partner"].create(
            {"name": "Law", "email": "law@firm.example"}
        )

    # Insolvency ----------------------------------------------------------------

    def test_insolvency_leaves_out_what_is_older(self):
        """§10: earlier invoices are out, later ones are collected as usual."""
        self.invoice("1 Oct", issued="1 Sep")
        late = self.invoice("10 Nov", 500, issued="15 Oct")
        self.hold("insolvency", hold_opening_date=day("15 Oct"))
        account = self.assertProposal("S2", "13 Nov")
        self.assertEqual(account.leader_id, late)
        self.assertEqual((account.balance, account.net_overdue), (500, 500))
        self.assertEqual(account.amount_total, 1500)
        self.assertFalse(account.on_hold)
        self.assertTrue(account.hold_in_force)
        account.hold_opening_date = day("16 Oct")
        self.assertProposal(None, "no_leader")

    def test_insolvency_keeps_its_credits(self):
        """§10: a credit from before the opening pays nothing of after it."""
        self.unallocated(700, on="1 Sep")
        self.invoice("10 Nov", 500, issued="20 Oct")
        self.assertProposal(None, "nothing_to_collect")
        self.hold("insolvency", hold_opening_date=day("15 Oct"))
        self.assertProposal("S2", "13 Nov")

    def test_insolvency_ends(self):
        """§10: once the hold is over, everything counts again."""
        self.invoice("1 Oct", issued="1 Sep")
        account = self.hold(
            "insolvency", hold_opening_date=day("15 Oct"), hold_until=TODAY
        )
        self.assertProposal(None, "no_leader")
        self.assertProposal("S2", "4 Oct", today=day("24 Nov"), account=account)

    def test_insolvency_without_its_day(self):
        """§10: as long as nobody knows the day, the whole account rests."""
        self.invoice("10 Nov")
        self.hold("insolvency")
        self.assertProposal(None, "hold")

    def test_insolvency_in_the_mail(self):
        """§10: what is older is neither listed nor claimed in a reminder."""
        old = self.invoice("1 Oct", issued="1 Sep")
        new = self.invoice("10 Nov", 500, issued="20 Oct")
        self.hold("insolvency", hold_opening_date=day("15 Oct"))
        proposal = self.proposal_of()
        self.assertEqual(proposal.amount_claimed, 500)
        (mail,) = self.send()
        self.assertIn(new.name, mail["body"])
        self.assertNotIn(old.name, mail["body"])

    def test_insolvency_of_a_specific_action(self):
        """§10: an automatic follow-up of an older item does not leave."""
        action = self.specific("auto")
        self.hold("insolvency", hold_opening_date=day("1 Dec"))
        self.assertEqual(self.send(), [])
        self.assertEqual(action.state, "planned")
        self.assertIn("ignored", action.held)

    # Lawyer --------------------------------------------------------------------

    def test_lawyer_is_the_only_reader(self):
        """§10: the scenario rests; what a person sends goes to the lawyer."""
        self.invoice("10 Nov")
        lawyer = self.lawyer()
        self.hold("lawyer", hold_lawyer_id=lawyer.id)
        self.assertProposal(None, "hold")
        account = self.account()
        self.assertEqual(account._recipients(), {account: lawyer})
        action = self.specific()
        self.assertEqual(action.contact_id, lawyer)
        with self.mock_mail_gateway():
            action.action_send()
            self.env["mail.mail"].process_email_queue()
            (mail,) = self._mails
        self.assertEqual(mail["email_to"], ['"Law" <law@firm.example>'])

    def test_lawyer_comes_in_between(self):
        """§10: what waits for the customer in the outbox goes to the lawyer."""
        action = self.specific()
        with self.mock_mail_gateway():
            action.action_send()
        self.hold("lawyer", hold_lawyer_id=self.lawyer().id)
        (mail,) = self.run_outbox()
        self.assertEqual(mail["email_to"], ['"Law" <law@firm.example>'])

    def test_lawyer_unknown(self):
        """§10: without the lawyer nothing is sent at all."""
        action = self.specific()
        self.hold("lawyer")
        with self.assertRaises(UserError), self.mock_mail_gateway():
            action.action_send()
        self.assertEqual(self.send(), [])

    # Direct debit --------------------------------------------------------------

    def test_case_39_direct_debit(self):
        """Case 39: who is debited is not chased, and it says why."""
        self.invoice("10 Nov")
        self.hold("direct_debit")
        account = self.assertProposal(None, "hold")
        self.assertIn("debited", account.hold_words)
        self.assertEqual(self.send(), [])

    def test_case_39_rejected_debit(self):
        """Case 39: a rejected debit ends the hold; others do not."""
        self.invoice("10 Nov")
        payment = self.unallocated(1)
        self.hold("pause")
        payment.action_reject()
        self.assertEqual(self.account().hold_reason, "pause")
        self.hold("direct_debit")
        other = self.unallocated(1, partner=self._customer("Other"))
        other.action_reject()
        self.assertEqual(self.account().hold_reason, "direct_debit")
        payment.action_draft()
        payment.action_post()
        payment.action_reject()
        self.assertFalse(self.account().hold_reason)
        row = self.account().hold_ids.filtered(lambda h: h.reason == "direct_debit")
        self.assertIn("rejected", row.release_note)
        self.assertProposal("S2", "13 Nov")

    def test_case_39_rejected_stored_payment(self):
        """Case 39: so does a stored means of payment that fails."""
        move = self.invoice("10 Nov")
        self.hold("direct_debit")
        transaction = self.transaction(move, 1000)
        token = self.env["payment.token"].create(
            {
                "provider_id": transaction.provider_id.id,
                "payment_method_id": transaction.payment_method_id.id,
                "partner_id": self.customer.id,
                "provider_ref": "x",
            }
        )
        transaction.state = "error"
        self.assertTrue(self.account().hold_reason)
        transaction.write({"token_id": token.id, "state": "error"})
        self.assertFalse(self.account().hold_reason)

    # Deceased, key account -----------------------------------------------------

    def test_deceased(self):
        """§10: nothing is proposed, and a person cannot send either."""
        action = self.specific()
        self.invoice("10 Nov")
        self.hold("deceased")
        self.assertProposal(None, "hold")
        with self.assertRaises(UserError):
            action.action_send()

    def test_key_account_is_done_by_hand(self):
        """§10: automatic actions of a key account are proposed to people."""
        self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.assertEqual((proposal.mode, proposal.colour), ("auto", "green"))
        self.hold("key_account")
        self.assertEqual(self.proposal_of(), proposal)
        self.assertEqual((proposal.mode, proposal.colour), ("manual", "red"))
        self.assertEqual(self.send(), [])
        self.account().action_release()
        self.assertEqual(self.proposal_of().mode, "auto")
        self.hold("key_account")
        fresh = self.invoice("19 Nov")
        self.assertEqual(self.proposal_of().leader_id, fresh)
        self.assertEqual(self.proposal_of().mode, "manual")
        with self.mock_mail_gateway():
            self.proposal_of().action_send()
            self.env["mail.mail"].process_email_queue()
            self.assertEqual(len(self._mails), 1)

    def test_key_account_of_a_specific_action(self):
        """§10: an automatic follow-up of a key account waits for a person."""
        action = self.specific("auto")
        self.hold("key_account")
        self.assertEqual(self.send(), [])
        self.assertIn("key account", action.held)

    def test_key_account_comes_in_between(self):
        """§10: the last look before a mail leaves sees it, too."""
        self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.send(outbox=False)
        self.hold("key_account")
        self.assertEqual(self.run_outbox(), [])
        self.assertEqual((proposal.state, proposal.cause), ("cancelled", "hold"))

    # Channels ------------------------------------------------------------------

    def test_closed_channel(self):
        """§10: no contact by e-mail: the step says so, other channels go on."""
        self.invoice("20 Nov")
        self.account().no_email = True
        proposal = self.proposal_of()
        self.assertEqual((proposal.state, proposal.problem), ("error", "no_channel"))
        self.assertEqual(self.send(), [])
        proposal.action_done()
        self.assertEqual(self.proposal_of().type, "phone")
        self.assertEqual(self.proposal_of().state, "planned")
        self.account().no_phone = True
        self.assertEqual(self.proposal_of().problem, "no_channel")
        self.account().no_phone = False
        self.assertEqual(self.proposal_of().state, "planned")

    def test_closed_channel_refuses_people(self):
        """§10: a person is refused as well, before and after the outbox."""
        action = self.specific()
        self.account().no_email = True
        with self.assertRaises(UserError), self.mock_mail_gateway():
            action.action_send()
        self.account().no_email = False
        self.evaluate()
        with self.mock_mail_gateway():
            action.action_send()
        self.account().no_email = True
        self.assertEqual(self.run_outbox(), [])

    # History, window, rights ---------------------------------------------------

    def test_history(self):
        """§10: each hold keeps its reason, author, dates and end."""
        account = self.hold("pause", hold_until=day("30 Nov"), hold_note="call")
        account.hold_until = day("5 Dec")
        account.no_sms = True
        account.action_release()
        rows = account.hold_ids.sorted("id")
        self.assertEqual(
            [(r.reason, r.date_until, bool(r.date_released)) for r in rows],
            [
                ("pause", day("30 Nov"), True),
                ("pause", day("5 Dec"), True),
                ("channel", False, False),
            ],
        )
        self.assertEqual(rows[0].note, "call")
        self.assertEqual(rows.user_id, self.env.user)
        self.assertEqual(rows[1].released_by_id, self.env.user)
        self.assertFalse(account.hold_user_id)

    def test_history_is_append_only(self):
        """§10: nobody rewrites why an account rested."""
        row = self.hold("pause").hold_ids
        with self.assertRaises(UserError):
            row.note = "never"
        with self.assertRaises(UserError):
            row.unlink()

    def test_expired(self):
        """§10: an expired hold holds nothing and is found by its filter."""
        self.invoice("10 Nov")
        account = self.hold("pause", hold_until=day("22 Nov"))
        self.assertProposal("S2", "13 Nov")
        self.assertFalse(account.hold_in_force)
        self.assertFalse(account.hold_words)

    def test_window(self):
        """§10: one window for every reason, for one customer or many."""
        accounts = self.account() | self.account(self._customer("Other"))
        window = (
            self.env["dso.hold.new"]
            .with_context(active_model="dso.account", active_ids=accounts.ids)
            .create({"reason": "insolvency"})
        )
        self.assertEqual(window.account_ids, accounts)
        with self.assertRaises(UserError):
            window.action_apply()
        window.write({"reason": "lawyer", "until": day("31 Dec")})
        with self.assertRaises(UserError):
            window.action_apply()
        window.lawyer_id = self.lawyer()
        self.assertIn("Law", window.effect)
        window.action_apply()
        self.assertEqual(set(accounts.mapped("hold_reason")), {"lawyer"})
        window.write({"reason": "pause", "until": day("1 Nov")})
        with self.assertRaises(UserError):
            window.action_apply()
        window.until = False
        window.action_apply()
        self.assertFalse(accounts.hold_lawyer_id)

    def test_window_rights(self):
        """§10: a resolver puts nobody on hold."""
        user = new_test_user(
            self.env,
            login="r",
            groups="dso_collection.group_resolver",
            company_id=self.company.id,
        )
        with self.assertRaises(AccessError):
            self.env["dso.hold.new"].with_user(user).create(
                {"account_ids": self.account().ids}
            )

    def test_merged(self):
        """§10: the history of holds follows a merged customer."""
        other = self._customer("Other")
        self.account(other).hold_reason = "key_account"
        row = self.account(other).hold_ids
        self.account()._absorb(self.account(other))
        self.assertEqual(row.account_id, self.account())
        self.assertEqual(self.account().hold_reason, "key_account")
