"""Automatic e-mails leave once, with the ledger's amounts, or say why not."""

import smtplib
from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo import SUPERUSER_ID, Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .sending_common import TODAY, SendingCommon, day

OUTBOX = "odoo.addons.mail.models.mail_mail"
OURS = "odoo.addons.dso_collection.models.mail_mail"
SENDING = "odoo.addons.dso_collection.models.dso_action_send"


@tagged("post_install", "-at_install")
class TestSending(SendingCommon):
    def test_leaves_and_is_done(self):
        """A fully automatic step leaves at its date and is done (rules.md L10)."""
        invoice = self.invoice("20 Nov")
        proposal = self.proposal_of()
        mails = self.send()
        self.assertEqual(len(mails), 1)
        self.assertEqual(mails[0]["email_to"], ['"Customer" <ar@customer.example>'])
        self.assertIn("ann@company.example", mails[0]["email_from"])
        self.assertIn(invoice.name, mails[0]["body"])
        self.assertRecordValues(
            proposal,
            [
                {
                    "state": "done",
                    "delivery": "sent",
                    "date_done": TODAY,
                    "sent_by_id": False,
                    "error": False,
                }
            ],
        )
        self.assertEqual(proposal.line_ids.mapped("claimed"), [True])
        self.assertEqual(self.account().last_done_step_id.name, "S2")
        self.assertProposal("S3", "30 Nov")

    def test_case_26_two_runs_on_one_day(self):
        """Peers case 26: a second run of job and outbox sends nothing."""
        self.invoice("20 Nov")
        self.proposal_of()
        self.assertEqual(len(self.send()), 1)
        self.assertEqual(self.send(), [])

    def test_e19_confirmed_or_not(self):
        """E19: (a) unconfirmed stays; (b) confirmed leaves; (d) paid: cancelled."""
        self.email.mode = "auto_confirm"
        invoice = self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.assertEqual(self.send(), [])
        with freeze_time(TODAY):
            self.assertEqual((proposal.state, proposal.colour), ("planned", "red"))
            proposal.action_confirm()
            self.assertEqual(proposal.colour, "green")
            self.pay(invoice)
        self.assertEqual(self.send(), [])
        self.assertEqual((proposal.state, proposal.cause), ("cancelled", "settled"))
        self.invoice("19 Nov", partner=self.customer)
        other = self.proposal_of()
        with freeze_time(TODAY):
            other.action_confirm()
        self.assertEqual(len(self.send()), 1)

    def test_e19_no_contact(self):
        """E19 (c): without an address the action is yellow, stays, and is cured."""
        self.customer.email = False
        self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.assertEqual((proposal.state, proposal.problem), ("error", "no_contact"))
        self.assertEqual(self.send(), [])
        self.assertEqual(proposal.colour, "yellow")
        self.customer.email = "new@customer.example"
        self.proposal_of()
        self.assertEqual(len(self.send()), 1)

    def test_e21_saturday(self):
        """E21: planned on a Saturday, it leaves on Monday, done on Monday."""
        calendar = self.env.ref("dso_collection.sending_calendar")
        self.company.dso_sending_calendar_id = calendar
        self.invoice("18 Nov")
        saturday = datetime(2026, 11, 21, 10)
        proposal = self.proposal_of(saturday.date())
        self.assertEqual(proposal.date, saturday.date())
        self.assertEqual(self.send(saturday), [])
        with freeze_time(saturday):
            proposal.invalidate_recordset(["held"])
            self.assertIn("Monday", proposal.held)
        self.assertEqual(len(self.send(datetime(2026, 11, 23, 10))), 1)
        self.assertEqual(proposal.date_done, TODAY)
        self.assertProposal("S3", "30 Nov")

    def test_not_before_its_day(self):
        """§2: an automatic action leaves on its day, not before."""
        self.invoice("21 Nov")
        proposal = self.proposal_of()
        self.assertEqual(proposal.date, day("24 Nov"))
        self.assertEqual(self.send(), [])
        self.assertEqual(proposal.state, "planned")
        self.assertEqual(len(self.send(day("24 Nov"))), 1)

    def test_evaluated_before_it_leaves(self):
        """L8: a preventive step that the night has not taken away yet has lapsed."""
        self.invoice("24 Nov")
        proposal = self.proposal_of()
        self.assertEqual(proposal.step_id.name, "S1")
        self.assertEqual(self.send(day("25 Nov")), [])
        self.assertEqual(proposal.state, "cancelled")
        self.assertEqual(self.account().proposal_id.step_id.name, "S2")

    def test_outbox_keeps_the_hours(self):
        """What was queued before the hours ended waits until they open."""
        calendar = self.env.ref("dso_collection.sending_calendar")
        self.company.dso_sending_calendar_id = calendar
        self.invoice("18 Nov")
        self.proposal_of()
        self.assertEqual(self.send(datetime(2026, 11, 23, 10), outbox=False), [])
        self.assertEqual(self.run_outbox(datetime(2026, 11, 23, 23)), [])
        self.assertEqual(self.run_outbox(datetime(2026, 11, 24, 3)), [])
        self.assertEqual(len(self.run_outbox(datetime(2026, 11, 24, 10))), 1)

    def test_switch(self):
        """Nothing leaves while sending is off, not even what is in the outbox."""
        self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.company.dso_sending_active = False
        self.assertEqual(self.send(), [])
        with freeze_time(TODAY):
            proposal.invalidate_recordset(["held"])
            self.assertIn("switched off", proposal.held)
            with self.assertRaisesRegex(UserError, "switched off"):
                proposal.action_send()
        self.company.dso_sending_active = True
        self.send(outbox=False)
        self.company.dso_sending_active = False
        self.assertEqual(self.run_outbox(), [])
        self.assertEqual(self.mails_of(proposal).state, "outgoing")
        self.company.dso_sending_active = True
        self.assertEqual(len(self.run_outbox()), 1, "at once, not within the hour")

    def test_hold(self):
        """A held account is not written to, by its scenario or by a specific action."""
        invoice = self.invoice("20 Nov")
        self.proposal_of()
        specific = self.env["dso.action"].create(
            {
                "account_id": self.account().id,
                "kind": "specific",
                "action_model_id": self.email.id,
                "mode": "auto",
                "date": TODAY,
                "line_ids": [Command.create({"move_id": invoice.id})],
            }
        )
        self.account().write(
            {
                "hold_reason": "lawyer",
                "hold_lawyer_id": self.env["res.partner"]
                .create({"name": "Law", "email": "law@firm.example"})
                .id,
            }
        )
        self.proposal_of()
        self.assertEqual(self.send(), [])
        self.assertEqual(specific.state, "planned")
        with freeze_time(TODAY):
            specific.invalidate_recordset(["held"])
            self.assertIn("hold", specific.held)

    # -------------------------------------------------------------------------
    # THE LEDGER OF THE LAST MINUTE
    # -------------------------------------------------------------------------

    def test_case_17_paid_before_sending(self):
        """Peers case 17: paid while the mail waits in the outbox: it does not leave."""
        invoice = self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.send(outbox=False)
        self.assertEqual((proposal.state, proposal.delivery), ("done", "queued"))
        with freeze_time(TODAY):
            self.pay(invoice)
        self.assertEqual(self.run_outbox(), [])
        self.assertEqual((proposal.state, proposal.cause), ("cancelled", "settled"))
        self.assertEqual(proposal.outcome, "Settled before sending")
        self.assertEqual(self.mails_of(proposal).state, "cancel")
        self.assertFalse(self.account().last_any_date, "nothing was done")

    def test_withdrawn_step_is_not_done(self):
        """A step that never left keeps neither interval nor gap, also once the payment
        is returned (rules.md L7, L10)."""
        self.scenario.minimum_gap = 7
        invoice = self.invoice("10 Nov")
        self.invoice("28 Nov", 5000)
        self.on("14 Nov", "done")  # S2, by hand
        with freeze_time(day("21 Nov")):
            self.account().evaluate()
        self.on("21 Nov", "done")  # S3, the phone call
        first = self.proposal_of(day("29 Nov"))
        self.assertEqual(first.step_id.name, "S4")
        self.send(day("29 Nov"), outbox=False)
        with freeze_time(day("29 Nov")):
            self.pay(invoice)
            self.env.cr.flush()
        self.assertEqual(self.run_outbox(day("29 Nov")), [])
        self.assertEqual(self.account().last_any_date, day("21 Nov"))
        with freeze_time(day("29 Nov")):
            self.receivables(invoice).remove_move_reconcile()
            self.env.cr.flush()
        again = self.proposal_of(day("29 Nov"))
        self.assertEqual(again.step_id.name, "S4", self.account().explanation)
        self.assertNotEqual(again, first)
        self.assertEqual(len(self.send(day("29 Nov"))), 1)

    def test_case_18_partly_paid(self):
        """Peers case 18: partly paid before it leaves: the mail tells the residual."""
        invoice = self.invoice("20 Nov", 1000)
        proposal = self.proposal_of()
        self.send(outbox=False)
        with freeze_time(TODAY):
            self.pay(invoice, 400)
        mails = self.run_outbox()
        self.assertEqual(len(mails), 1)
        self.assertIn("600.00", mails[0]["body"])
        self.assertIn("600.00", mails[0]["subject"])
        self.assertNotIn("1,000.00", mails[0]["body"])
        self.assertEqual(proposal.amount_claimed, 600)
        self.assertEqual(self.mails_of(proposal).mapped("state"), ["cancel", "sent"])

    def test_case_19_credit_note_covers(self):
        """Peers case 19: 100 invoiced, 100 credited: nothing leaves."""
        self.invoice("20 Nov", 100)
        self.proposal_of()
        self.credit_note(100)
        self.assertEqual(self.send(), [])

    def test_case_20_unallocated_payment_covers(self):
        """Peers case 20: an unallocated payment covers: nothing leaves, not even what
        waits in the outbox."""
        self.invoice("20 Nov", 100)
        proposal = self.proposal_of()
        self.send(outbox=False)
        self.unallocated(100)
        self.assertEqual(self.run_outbox(), [])
        self.assertEqual(proposal.state, "cancelled")

    def test_case_21_customer_has_credit(self):
        """Peers case 21: net -50: no reminder."""
        self.invoice("20 Nov", 100)
        self.unallocated(150)
        self.proposal_of()
        self.assertEqual(self.send(), [])

    def test_case_22_instalments(self):
        """Peers case 22: of two halves only the late one is claimed."""
        invoice = self._halves()
        self.proposal_of()
        mails = self.send()
        self.assertEqual(len(mails), 1)
        self.assertIn("50.00", mails[0]["subject"])
        self.assertNotIn("100.00", mails[0]["subject"])
        self.assertIn(invoice.name, mails[0]["body"])

    def test_case_23_instalment_partly_paid(self):
        """Peers case 23: 70 paid on two halves: the first is settled, 30 of the second
        are claimed once late, and not before."""
        invoice = self._halves()
        with freeze_time(TODAY):
            self.pay(invoice, 70)
        self.proposal_of()
        self.assertEqual(self.send(), [])
        self.proposal_of(day("25 Dec"))
        mails = self.send(day("25 Dec"))
        self.assertEqual(len(mails), 1)
        self.assertIn("30.00", mails[0]["subject"])

    def _halves(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Two halves",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": days}
                    )
                    for days in (10, 40)
                ],
            }
        )
        return self.invoice(
            "20 Nov", 100, issued="6 Nov", invoice_payment_term_id=term.id
        )

    def test_disputed_in_the_outbox(self):
        """A dispute that is raised while the mail waits takes it back (rules.md L2)."""
        invoice = self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.send(outbox=False)
        with freeze_time(TODAY):
            invoice.dso_qualify(self.status("dispute"), "Wrong price")
        self.assertEqual(self.run_outbox(), [])
        self.assertEqual(proposal.state, "cancelled")

    def test_breathing_space_in_the_outbox(self):
        """An item that was disputed and came back while its mail waited begins anew
        after its breathing space (rules.md L15)."""
        self.scenario.breathing_space = 5
        invoice = self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.send(outbox=False)
        with freeze_time(TODAY):
            invoice.dso_qualify(self.status("dispute"), "Wrong price")
            self.env.cr.flush()
            invoice.dso_qualify(self.status("dispute_resolved"), "It was right")
            self.env.cr.flush()
        self.assertEqual(self.run_outbox(), [])
        self.assertEqual(proposal.state, "cancelled")
        self.assertProposal("S2", "28 Nov")

    def test_disputed_item_is_under_its_own_heading(self):
        """A disputed item is told, but not claimed (rules.md §12)."""
        self.invoice("18 Nov", 700)
        disputed = self.invoice("17 Nov", 123)
        with freeze_time(TODAY):
            disputed.dso_qualify(self.status("dispute"), "Wrong price")
        self.proposal_of()
        body = self.send()[0]["body"]
        self.assertIn("Under review, not claimed here", body)
        self.assertNotIn("Wrong price", body, "comments never leave the company")
        self.assertNotIn("823.00", body)

    # -------------------------------------------------------------------------
    # WHO, IN WHICH LANGUAGE, FROM WHOM
    # -------------------------------------------------------------------------

    def test_what_the_bank_works_on_is_listed_apart(self):
        """§12: an item whose payment is registered and not yet on the bank statement is
        listed, and not claimed."""
        registered = self.invoice("18 Nov", 400)
        self.invoice("20 Nov")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move SET payment_state = 'in_payment' WHERE id = %s",
            [registered.id],
        )
        registered.invalidate_recordset()
        action = self.proposal_of()
        [item] = action._open_items_by_heading()["paying"]
        self.assertEqual(item["move_id"], registered.id)
        self.assertEqual(action.amount_claimed, 1000)
        self.assertIn(registered.name, action.items_table)

    def test_case_27_first_reminder_after_300_days(self):
        """Peers case 27: where the scenario enters at the matching age, an old invoice
        starts there, never at a formal notice; nothing leaves in a burst."""
        self.scenario.entry = "matching_age"
        self.invoice(TODAY - timedelta(days=300))
        proposal = self.proposal_of()
        self.assertEqual(proposal.step_id.name, "S4")
        self.assertEqual(len(self.send()), 1)
        self.assertEqual(self.send(), [])
        self.assertProposal("S5", day("5 Dec"))
        other = self._customer("Other")
        self.scenario.entry = "beginning"
        self.invoice(TODAY - timedelta(days=300), partner=other)
        self.assertEqual(self.proposal_of(partner=other).step_id.name, "S2")

    def test_case_28_the_other_invoice_is_still_proposable(self):
        """Peers case 28: a reminder of one invoice does not close the other one."""
        first, second = self.invoice("10 Nov"), self.invoice("12 Nov", 500)
        self.assertEqual(self.proposal_of().leader_id, first)
        self.assertEqual(len(self.send()), 1)
        with freeze_time(day("24 Nov")):
            self.pay(first)
        proposal = self.proposal_of(day("24 Nov"))
        self.assertEqual((proposal.leader_id, proposal.step_id.name), (second, "S2"))
        self.assertEqual(len(self.send(day("24 Nov"))), 1)

    def test_case_29_several_contacts(self):
        """Peers case 29: the collection contact gets all; without one, the first
        invoice address that has an e-mail."""
        first, second = (
            self.env["res.partner"].create(
                {
                    "name": name,
                    "parent_id": self.customer.id,
                    "type": "invoice",
                    "email": f"{name}@customer.example",
                }
            )
            for name in ("first", "second")
        )
        self.invoice("20 Nov", partner=second)
        self.proposal_of()
        self.assertIn("first@customer.example", self.send()[0]["email_to"][0])
        self.account().contact_id = second
        self.proposal_of(day("25 Nov"))
        with freeze_time(day("8 Dec")):
            self.on("1 Dec", "done")
        self.proposal_of(day("9 Dec"))
        self.assertIn(
            "second@customer.example", self.send(day("9 Dec"))[0]["email_to"][0]
        )
        self.assertFalse(first == second)

    def test_case_30_two_currencies(self):
        """Peers case 30: each currency has its own total; nothing is added up."""
        other = self.setup_other_currency("EUR", rates=[("2020-01-01", 0.5)])
        self.invoice("20 Nov", 100)
        self.invoice("20 Nov", 40, currency_id=other.id)
        self.proposal_of()
        mail = self.send()[0]
        self.assertRegex(mail["subject"], r"100\.00.*40\.00")
        self.assertNotIn("180.00", mail["body"])

    def test_case_31_two_companies(self):
        """Peers case 31: each company writes for itself, under its own name."""
        other = self.setup_other_company()["company"]
        other.write(
            {
                "dso_sending_active": True,
                "dso_sending_calendar_id": False,
                "dso_scenario_id": self.scenario.id,
                "dso_client_type_id": False,
                "dso_tz": "UTC",
                "email": "info@other.example",
                "name": "Other Letterhead",
            }
        )
        self.invoice("20 Nov", 100)
        move = (
            self.env["account.move"]
            .with_company(other)
            .create(
                {
                    "move_type": "out_invoice",
                    "company_id": other.id,
                    "partner_id": self.customer.id,
                    "invoice_date": day("1 Nov"),
                    "invoice_date_due": day("19 Nov"),
                    "invoice_payment_term_id": False,
                    "invoice_line_ids": [
                        Command.create({"name": "x", "price_unit": 77, "tax_ids": []})
                    ],
                }
            )
        )
        move.action_post()
        self.proposal_of()
        self.evaluate(account=self.env["dso.account"]._of_partner(self.customer, other))
        mails = self.send()
        self.assertEqual(len(mails), 2)
        by_amount = {"77.00" in mail["body"]: mail for mail in mails}
        self.assertIn("Other Letterhead", by_amount[True]["body"])
        self.assertNotIn("Other Letterhead", by_amount[False]["body"])
        self.assertNotIn("100.00", by_amount[True]["body"])

    def test_case_32_french_customer(self):
        """Peers case 32: table, date and amounts are in the customer's language."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.text.with_context(
            lang="fr_FR"
        ).subject = "Rappel : {{ object.claimed_words }}"
        self.customer.lang = "fr_FR"
        self.invoice("20 Nov", 1234.5)
        self.proposal_of()
        mail = self.send()[0]
        self.assertIn("Rappel", mail["subject"])
        self.assertIn("234,50", mail["subject"])
        self.assertIn("20/11/2026", mail["body"])

    def test_sender_chain(self):
        """Collector, else credit manager, else administrator (rules.md §7)."""
        self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.assertIn("ann@company.example", proposal.sender_email)
        self.collector.email = False
        manager = self.env.user
        manager.email = "manager@company.example"
        proposal.invalidate_recordset()
        self.assertEqual(proposal.sender_id, self.company._dso_fallback_sender())
        self.assertTrue(proposal.sender_id.has_group("dso_collection.group_manager"))
        self.env.ref("dso_collection.group_manager").all_user_ids.filtered(
            lambda u: u != self.env.ref("base.user_admin")
        ).email = False
        self.env.ref("base.user_admin").email = "admin@company.example"
        proposal.invalidate_recordset()
        self.assertEqual(proposal.sender_id, self.env.ref("base.user_admin"))

    def test_case_33_hostile_reference(self):
        """Peers case 33: what a customer or an export wrote is escaped in the mail."""
        invoice = self.invoice("20 Nov")
        self.customer.name = "<img src=x onerror=alert(1)>"
        self.proposal_of()
        body = self.send()[0]["body"]
        self.assertIn(invoice.name, body)
        self.assertNotIn("<img src=x", body)

    # -------------------------------------------------------------------------
    # FAILURES
    # -------------------------------------------------------------------------

    def test_case_34_blacklisted(self):
        """Peers case 34: an address on the blacklist is a problem at once, and is
        cured by taking it off."""
        self.invoice("20 Nov")
        entry = self.env["mail.blacklist"].create({"email": "ar@customer.example"})
        proposal = self.proposal_of()
        self.assertEqual(
            (proposal.state, proposal.problem), ("error", "blocked_address")
        )
        self.assertEqual(self.send(), [])
        entry.active = False
        self.proposal_of()
        self.assertEqual(len(self.send()), 1)

    def test_case_34_invalid_address(self):
        """Peers case 34: what is no address is a problem at once."""
        self.customer.email = "nobody at all"
        self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.assertEqual((proposal.state, proposal.problem), ("error", "invalid_email"))

    @mute_logger(OUTBOX, OURS)
    def test_case_34_refused_recipient(self):
        """Peers case 34: a refused recipient shows as failed with its cause; the others
        leave; the step stays done and can be repeated by a person."""
        other = self._customer("Other", email="other@customer.example")
        self.invoice("20 Nov")
        self.invoice("20 Nov", partner=other)
        proposal, second = self.proposal_of(), self.proposal_of(partner=other)
        send_email = type(self.env["ir.mail_server"]).send_email

        def refuse(server, message, **options):
            if "ar@customer" in message["To"]:
                raise smtplib.SMTPRecipientsRefused(
                    {"ar@customer.example": (550, b"unknown user")}
                )
            return send_email(server, message, **options)

        self.send(outbox=False)
        with (
            freeze_time(TODAY),
            self.mock_mail_gateway(),
            patch.object(type(self.env["ir.mail_server"]), "send_email", refuse),
        ):
            self.env["mail.mail"].process_email_queue()
        self.assertEqual((proposal.state, proposal.delivery), ("done", "failed"))
        self.assertIn("unknown user", proposal.error)
        self.assertEqual(second.delivery, "sent")
        self.assertFalse(proposal.retry_at, "a refusal is not tried again")
        with freeze_time(TODAY):
            again = self.env["dso.action"].browse(
                proposal.action_send_again()["res_id"]
            )
        self.assertRecordValues(
            again,
            [{"kind": "out_of_scenario", "state": "planned", "delivery": False}],
        )
        with freeze_time(TODAY), self.mock_mail_gateway():
            again.action_send()
            self.env["mail.mail"].process_email_queue()
            self.assertEqual(len(self._mails), 1)
        self.assertEqual((again.state, again.delivery), ("done", "sent"))
        self.assertEqual(self.account().last_done_step_id.name, "S2")

    @mute_logger(OUTBOX, OURS)
    def test_cut_in_its_dialogue(self):
        """A connection that breaks leaves "delivery unknown", not sent again."""
        self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.send(outbox=False)

        def cut(*_args, **_options):
            raise smtplib.SMTPServerDisconnected("gone")

        with (
            freeze_time(TODAY),
            self.mock_mail_gateway(),
            patch.object(type(self.env["ir.mail_server"]), "send_email", cut),
        ):
            self.env["mail.mail"].process_email_queue()
        self.assertEqual((proposal.state, proposal.delivery), ("done", "unknown"))
        self.assertIn("unknown", proposal.error)
        self.assertEqual(self.run_outbox(), [])
        self.assertEqual(self.send(), [])

    @mute_logger(OUTBOX, OURS)
    def test_come_back_later(self):
        """A server that asks to come back later is asked again; a refusal stands."""
        self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.send(outbox=False)

        def busy(*_args, **_options):
            raise smtplib.SMTPDataError(451, b"greylisted, come back")

        with (
            freeze_time("2026-11-23 10:00:00"),
            self.mock_mail_gateway(),
            patch.object(type(self.env["ir.mail_server"]), "send_email", busy),
        ):
            self.env["mail.mail"].process_email_queue()
        self.assertEqual(proposal.delivery, "failed")
        self.assertIn("greylisted", proposal.error)
        self.assertEqual(self.send(datetime(2026, 11, 23, 10, 4)), [])
        self.assertEqual(len(self.send(datetime(2026, 11, 23, 10, 6))), 1)
        self.assertEqual(proposal.delivery, "sent")

    @mute_logger(OUTBOX, OURS)
    def test_no_mail_server(self):
        """Without a mail server the mails fail with the cause, and leave later."""
        self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.send(outbox=False)

        def refuse(*_args, **_options):
            raise ConnectionRefusedError("nobody listens")

        with (
            freeze_time("2026-11-23 10:00:00"),
            self.mock_mail_gateway(),
            patch.object(type(self.env["ir.mail_server"]), "_connect__", refuse),
        ):
            self.env["mail.mail"].process_email_queue()
        self.assertEqual(proposal.delivery, "failed")
        self.assertIn("mail server", proposal.error)
        self.assertEqual(self.send(datetime(2026, 11, 23, 10, 4)), [])
        self.assertEqual(len(self.send(datetime(2026, 11, 23, 10, 6))), 1)
        self.assertRecordValues(
            proposal, [{"delivery": "sent", "error": False, "retry_at": False}]
        )

    def test_bounce(self):
        """A bounce comes back to the action (peers case 34)."""
        self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.send()
        notification = proposal.message_ids.notification_ids
        notification.sudo().write(
            {
                "notification_status": "bounce",
                "failure_type": "mail_bounce",
                "failure_reason": "mailbox full",
            }
        )
        self.assertEqual(proposal.delivery, "bounced")
        self.assertIn("mailbox full", proposal.error)

    @mute_logger("odoo.addons.mail.models.mail_thread")
    def test_bounce_by_mail(self):
        """A bounce that the mail server sends back finds its action."""
        self.company.alias_domain_id = self.env["mail.alias.domain"].create(
            {"name": "company.example", "bounce_alias": "bounce"}
        )
        self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.send()
        message_id = self.mails_of(proposal).message_id
        report = f"""Return-Path: <>
From: MAILER-DAEMON@mx.example
To: bounce@company.example
Subject: Undelivered Mail Returned to Sender
Message-Id: <report-1@mx.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="xx"

--xx
Content-Type: text/plain; charset=us-ascii

I could not deliver your message: mailbox unavailable.

--xx
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; ar@customer.example
Action: failed
Status: 5.1.1

--xx
Content-Type: message/rfc822

From: ann@company.example
To: ar@customer.example
Subject: Reminder
Message-Id: {message_id}

Please pay.

--xx--
"""
        with self.mock_mail_gateway():
            self.env["mail.thread"].with_user(SUPERUSER_ID).message_process(
                "dso.action", report
            )
        self.assertEqual((proposal.state, proposal.delivery), ("done", "bounced"))
        self.assertIn("mailbox unavailable", proposal.error)
        self.assertTrue(proposal.undelivered)

    @mute_logger(SENDING)
    def test_text_broken_by_one_customer(self):
        """A text that one customer's data break parks that one; the others leave."""
        self.text.body_html = "<p t-out='1 / (object.amount_claimed - 13)'>x</p>"
        other = self._customer("Other", email="other@customer.example")
        self.invoice("20 Nov", 13)
        self.invoice("20 Nov", 500, partner=other)
        broken, fine = self.proposal_of(), self.proposal_of(partner=other)
        self.assertEqual(len(self.send()), 1)
        self.assertEqual(fine.state, "done")
        self.assertEqual((broken.state, broken.problem), ("error", "not_sent"))
        self.assertIn("division", broken.error)
        self.assertFalse(self.account().last_done_step_id)
        self.assertEqual(self.send(), [], "it waits for a person")
        self.text.body_html = "<p>Please pay</p>"
        with freeze_time(TODAY):
            broken.action_retry()
        self.assertEqual(len(self.send()), 1)

    def test_two_customers_with_one_address(self):
        """Two customers who share an address each get their own mail."""
        other = self._customer("Other")
        self.invoice("20 Nov", 100)
        self.invoice("20 Nov", 100, partner=other)
        self.proposal_of()
        self.proposal_of(partner=other)
        self.assertEqual(len(self.send()), 2)

    def test_case_37_time_zone(self):
        """Peers case 37: what is due today in the company's zone leaves, although it
        is still yesterday in UTC."""
        self.company.dso_tz = "Pacific/Auckland"
        self.invoice("20 Nov")
        evening = datetime(2026, 11, 22, 13)  # 23 Nov, 2 am in Auckland
        self.proposal_of(date(2026, 11, 22))
        self.assertEqual(self.send(datetime(2026, 11, 22, 8)), [])
        self.assertEqual(len(self.send(evening)), 1)

    def test_case_38_no_due_date(self):
        """Peers case 38: an entry without due date counts from its own date; the mail
        is rendered all the same."""
        self.company_data["default_journal_misc"].dso_opening = True
        entry = self.entry((self.customer, 300, None), on="20 Nov")
        self.receivables(entry).no_followup = False
        self.proposal_of()
        mails = self.send()
        self.assertEqual(len(mails), 1)
        self.assertIn(entry.name, mails[0]["body"])

    def test_case_39_direct_debit(self):
        """Peers case 39: a customer with a mandate is passed over, with the reason."""
        self.invoice("20 Nov")
        self.account().hold_reason = "direct_debit"
        self.proposal_of()
        self.assertEqual(self.account().reason, "hold")
        self.assertEqual(self.send(), [])

    # -------------------------------------------------------------------------
    # SPECIFIC AND OUT-OF-SCENARIO ACTIONS, BY A PERSON
    # -------------------------------------------------------------------------

    def _specific(self, invoice, **values):
        return self.env["dso.action"].create(
            {
                "account_id": self.account().id,
                "kind": "specific",
                "action_model_id": self.email.id,
                "date": TODAY,
                "line_ids": [Command.create({"move_id": invoice.id})],
                **values,
            }
        )

    def test_specific_is_completed_when_it_fires(self):
        """An automatic specific action leaves once; its items re-enter (§4)."""
        self.scenario.breathing_space = 5
        invoice = self.invoice("20 Nov")
        action = self._specific(invoice, mode="auto")
        self.proposal_of()
        self.assertEqual(len(self.send()), 1)
        self.assertEqual((action.state, action.delivery), ("done", "sent"))
        self.assertEqual(self.send(), [], "neither twice, nor a reminder at once")
        self.assertEqual(self.evaluate().leader_id, invoice)

    def test_specific_rests_with_its_items(self):
        """An automatic specific action waits while its items are ignored or being paid
        (rules.md L2)."""
        invoice = self.invoice("20 Nov")
        action = self._specific(invoice, mode="auto")
        self.proposal_of()
        transaction = self.transaction(invoice, 1000)
        self.assertEqual(self.send(), [])
        with freeze_time(TODAY):
            action.invalidate_recordset(["held"])
            self.assertIn("payment is under way", action.held)
        transaction.state = "cancel"
        invoice.dso_ignored = True
        self.assertEqual(self.send(), [])
        invoice.dso_ignored = False
        self.assertEqual(len(self.send()), 1)

    def test_resolver_does_not_write_to_customers(self):
        """A resolver sends to colleagues only (rules.md §10)."""
        resolver = self.env["res.users"].create(
            {
                "name": "Rob Resolver",
                "login": "rob",
                "email": "rob@company.example",
                "company_ids": [(4, self.company.id)],
                "company_id": self.company.id,
                "group_ids": [
                    Command.link(self.env.ref("dso_collection.group_resolver").id)
                ],
            }
        )
        invoice = self.invoice("20 Nov")
        action = self._specific(invoice, mode="manual", resolver_id=resolver.id)
        with freeze_time(TODAY), self.assertRaisesRegex(AccessError, "Only collectors"):
            action.with_user(resolver).action_send()
        action.interactive = "internal"
        with freeze_time(TODAY), self.mock_mail_gateway():
            action.with_user(resolver).action_send()
            self.env["mail.mail"].process_email_queue()
            self.assertIn("rob@company.example", self._mails[0]["email_to"][0])

    def test_colleagues_read_their_own_language(self):
        """§7: an internal message is in its reader's language as a whole, its list and
        its button too, whatever the customer speaks; its preview as well."""
        for lang in ("fr_FR", "de_DE"):
            self.env["res.lang"]._activate_lang(lang)
        self.env["ir.module.module"]._load_module_terms(
            ["dso_collection"], ["fr_FR", "de_DE"]
        )
        self.partner.lang = "fr_FR"
        resolver = new_test_user(
            self.env,
            login="rob",
            groups="dso_collection.group_resolver",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
            email="rob@company.example",
            lang="de_DE",
        )
        model = self.env.ref("dso_collection.model_internal_request")
        invoice = self.invoice("20 Nov")
        action = self._specific(
            invoice,
            mode="manual",
            resolver_id=resolver.id,
            action_model_id=model.id,
            interactive="internal",
        )
        with freeze_time(TODAY), self.mock_mail_gateway():
            action.action_send()
            self.env["mail.mail"].process_email_queue()
            [mail] = self._mails
        self.assertIn("Offener Betrag", mail["body"])
        self.assertNotIn("Montant ouvert", mail["body"])
        self.assertIn("Posten ansehen und antworten", mail["body"])
        self.env.user.lang = "en_US"
        preview = self.env["dso.text.preview"].create(
            {
                "action_model_id": model.id,
                "account_id": action.account_id.id,
                "lang": "de_DE",
            }
        )
        self.assertIn("Posten ansehen und antworten", preview._rendered()["document"])

    def test_dispute_follow_up_stays_open(self):
        """A dispute is not resolved by an e-mail: its follow-up asks for a person."""
        invoice = self.invoice("20 Nov")
        status = self.status(
            "dispute", action_model_id=self.email.id, mode="auto", delay=0
        )
        with freeze_time(TODAY):
            invoice.dso_qualify(status, "Wrong price")
        action = self.env["dso.action"].search(
            [("account_id", "=", self.account().id), ("kind", "=", "specific")]
        )
        self.assertTrue(action.dispute)
        self.assertEqual(len(self.send()), 1)
        self.assertRecordValues(
            action, [{"state": "planned", "mode": "manual", "delivery": "sent"}]
        )
        self.assertGreater(action.date, TODAY)
        self.assertEqual(invoice.dso_status_type, "dispute")
        self.assertEqual(self.send(day("30 Dec")), [])

    def test_send_without_completing(self):
        """Q6: sending a specific action by hand leaves it open."""
        invoice = self.invoice("20 Nov", 250)
        action = self._specific(invoice, mode="manual")
        with freeze_time(TODAY), self.mock_mail_gateway():
            action.action_send()
            self.env["mail.mail"].process_email_queue()
            self.assertEqual(len(self._mails), 1)
        self.assertRecordValues(
            action,
            [{"state": "planned", "delivery": "sent", "sent_by_id": self.env.uid}],
        )

    def test_person_sends_a_step(self):
        """A manual step is done by sending it, at any hour."""
        self.company.dso_sending_calendar_id = self.env.ref(
            "dso_collection.sending_calendar"
        )
        self.email.mode = "manual"
        self.invoice("20 Nov")
        proposal = self.proposal_of()
        with freeze_time("2026-11-23 23:30:00"), self.mock_mail_gateway():
            proposal.action_send()
            self.env["mail.mail"].process_email_queue()
            self.assertEqual(len(self._mails), 1)
        self.assertRecordValues(
            proposal,
            [{"state": "done", "delivery": "sent", "user_done_id": self.env.uid}],
        )

    def test_person_cannot_send_a_phone_call(self):
        """A phone call is done, not sent: the error says so."""
        self.invoice("20 Nov")
        self.proposal_of()
        self.on("23 Nov", "done")
        call = self.proposal_of(day("30 Nov"))
        with freeze_time(day("30 Nov")):
            with self.assertRaisesRegex(UserError, "press Done"):
                call.action_send()

    def test_person_sends_what_was_paid(self):
        """What was paid meanwhile is not sent, and the person is told."""
        invoice = self.invoice("20 Nov")
        proposal = self.proposal_of()
        with freeze_time(TODAY):
            self.pay(invoice)
            with self.assertRaisesRegex(UserError, "Settled|closed"):
                proposal.action_send()

    def test_statement_claims_what_is_owed(self):
        """An out-of-scenario text without items tells what the account owes."""
        self.invoice("20 Nov", 321)
        self.proposal_of()
        action = self.env["dso.action"].create(
            {
                "account_id": self.account().id,
                "action_model_id": self.email.id,
                "mode": "manual",
                "date": TODAY,
            }
        )
        with freeze_time(TODAY), self.mock_mail_gateway():
            action.action_send()
            self.env["mail.mail"].process_email_queue()
            self.assertIn("321.00", self._mails[0]["subject"])
        self.assertEqual(self.account().proposal_id.step_id.name, "S2")
