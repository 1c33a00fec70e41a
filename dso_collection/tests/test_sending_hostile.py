"""What comes in between: chatter, disputes, holds, retries and people in the outbox."""

import smtplib
from contextlib import contextmanager
from datetime import datetime
from unittest.mock import patch

import psycopg2

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .sending_common import TODAY, SendingCommon, day

OUTBOX = "odoo.addons.mail.models.mail_mail"
OURS = "odoo.addons.dso_collection.models.mail_mail"
SENDING = "odoo.addons.dso_collection.models.dso_action_send"


class HostileCommon(SendingCommon):
    def _specific(self, *invoices, **values):
        return self.env["dso.action"].create(
            {
                "account_id": self.account().id,
                "kind": "specific",
                "action_model_id": self.email.id,
                "date": TODAY,
                "line_ids": [Command.create({"move_id": i.id}) for i in invoices],
                **values,
            }
        )

    def _outbox_with(self, now=TODAY, **patches):
        """Run the outbox with methods of ir.mail_server replaced."""
        server = type(self.env["ir.mail_server"])
        with freeze_time(now), self.mock_mail_gateway():
            patchers = [
                patch.object(server, name, replacement)
                for name, replacement in patches.items()
            ]
            for patcher in patchers:
                patcher.start()
            try:
                self.env["mail.mail"].with_user(1).process_email_queue()
            finally:
                for patcher in patchers:
                    patcher.stop()
            self.env.flush_all()
            return list(self._mails)


@tagged("post_install", "-at_install")
class TestOtherMailsOfAnAction(HostileCommon):
    """The chatter of an action is no reminder."""

    def _note(self, action):
        with self.mock_mail_gateway():
            action.message_post(
                body="Please look at this",
                partner_ids=self.collector.partner_id.ids,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                force_send=False,
            )

    def test_settled_since(self):
        """A comment on a done action takes nothing back."""
        invoice = self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.assertEqual(len(self.send()), 1)
        with freeze_time(TODAY):
            self.pay(invoice)
        self._note(proposal)
        mails = self.run_outbox()
        self.assertEqual(len(mails), 1)
        self.assertEqual((proposal.state, proposal.delivery), ("done", "sent"))
        self.assertEqual(self.account().last_any_date, TODAY)

    def test_changed_since(self):
        """A comment sends no second reminder."""
        invoice = self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.assertEqual(len(self.send()), 1)
        with freeze_time(TODAY):
            self.pay(invoice, 400)
        self._note(proposal)
        mails = self.run_outbox()
        self.assertEqual(len(mails), 1)
        self.assertIn("ann@company.example", mails[0]["email_to"][0])
        self.assertEqual(self.run_outbox(), [])

    def test_sending_off(self):
        """A comment to a colleague leaves although reminders may not."""
        self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.company.dso_sending_active = False
        self._note(proposal)
        self.assertEqual(len(self.run_outbox()), 1)
        self.assertFalse(proposal.delivery)


@tagged("post_install", "-at_install")
class TestLastLook(HostileCommon):
    """What changes while a mail waits in the outbox."""

    def test_partly_disputed(self):
        """A part is disputed: the mail claims the rest (rules.md L2)."""
        invoice = self.invoice("20 Nov", 1000)
        self.proposal_of()
        self.send(outbox=False)
        with freeze_time(TODAY):
            invoice.dso_qualify(
                self.status("dispute"), "Wrong price", disputed_amount=300
            )
        mails = self.run_outbox()
        self.assertEqual(len(mails), 1)
        self.assertIn("700.00", mails[0]["subject"])

    def test_disputed_part_partly_paid(self):
        """A follow-up of a disputed part tells not more of it than is still open."""
        invoice = self.invoice("20 Nov", 1000)
        action = self._specific(invoice, mode="auto")
        with freeze_time(TODAY):
            action.line_ids.write(
                {"disputed_only": True, "amount": 800, "amount_company": 800}
            )
            self.assertEqual(action._claimed_now(), 800)
            self.pay(invoice, 700)
            self.assertEqual(action._claimed_now(), 300)

    def test_blacklisted_in_the_outbox(self):
        """Whoever wants no more e-mails gets none that waits: yellow."""
        self.invoice("20 Nov")
        action = self.proposal_of()
        self.send(outbox=False)
        self.env["mail.blacklist"].create({"email": self.customer.email})
        with mute_logger("odoo.addons.dso_collection.models.dso_outbox"):
            self.assertEqual(self.run_outbox(), [])
        self.assertEqual((action.delivery, action.colour), ("failed", "yellow"))
        self.assertIn("Blacklisted", action.error)

    def test_specific_partly_paid(self):
        """A specific action that fired tells the residual, once."""
        invoice = self.invoice("20 Nov", 1000)
        action = self._specific(invoice, mode="auto")
        self.proposal_of()
        self.send(outbox=False)
        self.assertEqual(action.state, "done")
        with freeze_time(TODAY):
            self.pay(invoice, 400)
        mails = self.run_outbox()
        self.assertEqual(len(mails), 1)
        self.assertIn("600.00", mails[0]["subject"])
        self.assertEqual(self.run_outbox(), [])
        self.assertEqual(len(self.mails_of(action)), 2)

    def test_out_of_scenario_items_partly_paid(self):
        """An out-of-scenario action on items tells what they owe when it leaves."""
        invoice = self.invoice("20 Nov", 1000)
        self.proposal_of()
        action = self._specific(invoice, kind="out_of_scenario", mode="manual")
        with freeze_time(TODAY):
            self.pay(invoice, 400)
        with freeze_time(TODAY), self.mock_mail_gateway():
            action.action_send()
            self.env["mail.mail"].process_email_queue()
            self.assertEqual(len(self._mails), 1)
            self.assertIn("600.00", self._mails[0]["subject"])

    def test_out_of_scenario_items_settled(self):
        """An out-of-scenario action on items that are settled does not leave."""
        invoice = self.invoice("20 Nov", 1000)
        self.invoice("19 Nov", 50)
        self.proposal_of()
        action = self._specific(invoice, kind="out_of_scenario", mode="manual")
        with freeze_time(TODAY):
            self.pay(invoice)
        with freeze_time(TODAY), self.mock_mail_gateway():
            try:
                action.action_send()
            except UserError:
                return
            self.env["mail.mail"].process_email_queue()
            self.assertEqual(len(self._mails), 0)

    def test_one_of_two_items_paid(self):
        """Of two items one is paid while the mail waits: it tells the other, once."""
        for mode in ("auto", "manual"):
            customer = self._customer(mode, email=f"{mode}@customer.example")
            paid = self.invoice("20 Nov", 111, partner=customer)
            still = self.invoice("20 Nov", 222, partner=customer)
            action = self._specific(
                paid, still, mode=mode, account_id=self.account(customer).id
            )
            self.proposal_of(partner=customer)
            self.text.body_html = "<t t-out='object.selected_table'/>"
            if mode == "manual":
                with freeze_time(TODAY):
                    action.action_send()
            self.send(outbox=False)
            with freeze_time(TODAY):
                self.pay(paid)
            mails = [
                mail
                for mail in self.run_outbox()
                if f"{mode}@customer.example" in mail["email_to"][0]
            ]
            self.assertEqual(len(mails), 1, mode)
            self.assertIn("222.00", mails[0]["subject"])
            self.assertIn(still.name, mails[0]["body"])
            self.assertNotIn(paid.name, mails[0]["body"])
            self.assertEqual(len(self.mails_of(action)), 2)

    def test_specific_cancelled_by_hand(self):
        """What a person cancels while its mail waits does not leave."""
        invoice = self.invoice("20 Nov")
        action = self._specific(invoice, mode="manual")
        with freeze_time(TODAY):
            action.action_send()
            action.action_cancel()
        self.assertEqual(self.run_outbox(), [])
        self.assertEqual((action.state, action.cause), ("cancelled", "user"))

    def test_grouped_meanwhile(self):
        """A customer who is grouped under another one gets no mail of his own, and
        keeps the cycle that he had (rules.md L16)."""
        head = self.account(self._customer("Head", email="head@customer.example"))
        self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.send(outbox=False)
        with freeze_time(TODAY):
            self.account().head_id = head
            self.env.cr.flush()
        self.assertEqual(self.run_outbox(), [])
        self.assertEqual((proposal.state, proposal.cause), ("cancelled", "grouped"))
        self.assertFalse(self.account().last_done_step_id)
        self.assertEqual(len(self.send()), 1)

    def test_specific_and_hold(self):
        """A hold takes back also what a specific action has in the outbox."""
        invoice = self.invoice("20 Nov")
        action = self._specific(invoice, mode="auto")
        self.proposal_of()
        self.send(outbox=False)
        with freeze_time(TODAY):
            self.account().hold_reason = "lawyer"
        self.assertEqual(self.run_outbox(), [])
        self.assertEqual((action.state, action.cause), ("cancelled", "hold"))

    def test_specific_and_dispute(self):
        """A reminder of an item that is disputed meanwhile does not leave."""
        invoice = self.invoice("20 Nov")
        action = self._specific(invoice, mode="auto")
        self.proposal_of()
        self.send(outbox=False)
        with freeze_time(TODAY):
            invoice.dso_qualify(self.status("dispute"), "Wrong price")
        self.assertEqual(self.run_outbox(), [])
        self.assertEqual(action.state, "cancelled")

    def test_dispute_follow_up_leaves(self):
        """A message about a dispute leaves although its item is disputed."""
        invoice = self.invoice("20 Nov")
        status = self.status(
            "dispute", action_model_id=self.email.id, mode="auto", delay=0
        )
        with freeze_time(TODAY):
            invoice.dso_qualify(status, "Wrong price")
        self.send(outbox=False)
        self.assertEqual(len(self.run_outbox()), 1)

    def test_later_step_done(self):
        """A reminder that waited behind a later step does not leave any more."""
        self.invoice("20 Nov")
        first = self.proposal_of()
        self.send(outbox=False)
        self.company.dso_sending_active = False
        self.on("30 Nov", "done")  # S3, the phone call
        self.company.dso_sending_active = True
        self.assertEqual(self.run_outbox(day("1 Dec")), [])
        self.assertEqual(first.state, "cancelled")
        self.assertEqual(self.account().last_done_step_id.name, "S3")
        self.assertEqual(self.account().last_done_date, day("30 Nov"))

    def test_penalties_of_another_day(self):
        """Penalties are those of the day on which the mail leaves."""
        self.company.dso_penalty_rate = 36.5
        self.account().penalties = True
        self.text.body_html = "<p>P<t t-out='object.penalty_amount'/>P</p>"
        self.invoice("20 Nov", 1000)
        self.proposal_of()
        self.send(outbox=False)
        mails = self.run_outbox(day("24 Nov"))
        self.assertEqual(len(mails), 1)
        self.assertIn("P4.0P", mails[0]["body"])

    def test_e21_leaves_on_another_day(self):
        """E21: what leaves the outbox a day later is done on that day."""
        self.scenario.minimum_gap = 7
        self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.send(outbox=False)
        self.assertEqual(len(self.run_outbox(day("25 Nov"))), 1)
        self.assertEqual(proposal.date_done, day("25 Nov"))
        self.assertProposal("S3", "2 Dec", day("25 Nov"))

    def test_two_days_in_a_row_settled(self):
        """Taken back after the day has changed, it leaves no trace in the cycle."""
        invoice = self.invoice("20 Nov")
        self.proposal_of()
        self.send(outbox=False)
        with freeze_time(day("25 Nov")):
            self.pay(invoice)
        self.assertEqual(self.run_outbox(day("25 Nov")), [])
        self.assertFalse(self.account().last_any_date)


@tagged("post_install", "-at_install")
class TestPoison(HostileCommon):
    """One mail that breaks starves nobody, and is told."""

    @mute_logger(OURS)
    def test_last_look_breaks(self):
        other = self._customer("Other", email="other@customer.example")
        self.invoice("20 Nov")
        self.invoice("20 Nov", partner=other)
        broken, fine = self.proposal_of(), self.proposal_of(partner=other)
        self.send(outbox=False)
        Action = type(self.env["dso.action"])
        look = Action._last_look

        def breaking(action):
            if action == broken:
                raise ValueError("a number that is none")
            return look(action)

        with patch.object(Action, "_last_look", breaking):
            self.assertEqual(len(self.run_outbox()), 1)
        self.assertEqual(fine.delivery, "sent")
        self.assertEqual((broken.state, broken.delivery), ("done", "failed"))
        self.assertIn("a number that is none", broken.error)
        self.assertEqual(self.run_outbox(), [])

    @mute_logger(SENDING)
    def test_database_refuses_one(self):
        """What the database refuses of one action is its failure, no conflict: the
        others leave."""
        other = self._customer("Other", email="other@customer.example")
        self.invoice("20 Nov")
        self.invoice("20 Nov", partner=other)
        broken, fine = self.proposal_of(), self.proposal_of(partner=other)
        Action = type(self.env["dso.action"])
        before = Action._before_leaving

        def refuse(actions, sender):
            if broken in actions:
                raise psycopg2.errors.ProgramLimitExceeded("index row too large")
            return before(actions, sender)

        with patch.object(Action, "_before_leaving", refuse):
            self.assertEqual(len(self.send()), 1)
        self.assertEqual(fine.delivery, "sent")
        self.assertEqual((broken.state, broken.problem), ("error", "not_sent"))
        self.assertIn("too large", broken.error)

    @mute_logger(OURS)
    def test_database_refuses_a_look(self):
        """What the database refuses of one mail is told, and not tried for ever."""
        self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.send(outbox=False)

        def refuse(_action):
            raise psycopg2.errors.QueryCanceled("statement timeout")

        with patch.object(type(self.env["dso.action"]), "_last_look", refuse):
            self.assertEqual(self.run_outbox(), [])
        self.assertEqual((proposal.state, proposal.delivery), ("done", "failed"))

    def test_step_deleted_meanwhile(self):
        """The step before the one that never left was deleted meanwhile."""
        self.scenario.entry = "matching_age"
        invoice = self.invoice("1 Nov")
        proposal = self.proposal_of(day("20 Nov"))
        self.assertEqual(proposal.step_id.name, "S4")
        self.assertEqual(self.account().last_step_id.name, "S3")
        self.send(day("20 Nov"), outbox=False)
        step = proposal.cycle_before["last"]
        step = self.env["dso.scenario.step"].browse(step)
        self.assertEqual(step.name, "S3")
        step.unlink()
        self.env.flush_all()
        with freeze_time(day("20 Nov")):
            self.pay(invoice)
        self.assertEqual(self.run_outbox(day("20 Nov")), [])
        self.assertEqual((proposal.state, proposal.cause), ("cancelled", "settled"))

    @mute_logger(OUTBOX, OURS)
    def test_outbox_breaks_before_its_own_care(self):
        """What Odoo's outbox refuses as a whole does not come back for ever."""
        self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.send(outbox=False)

        def refuse(mails, servers):
            raise ValueError("Not with this server")

        with patch.object(
            type(self.env["mail.followers"]), "_get_mail_doc_to_followers", refuse
        ):
            self.assertEqual(self.run_outbox(), [])
        self.assertEqual(proposal.delivery, "failed")
        self.assertEqual(self.mails_of(proposal).state, "exception")

    def test_number_out_of_range(self):
        """A customer's name that looks like a secret link breaks nothing."""
        self.customer.name = 'href="/dso/secret/pay/99999999999999999999"'
        self.text.body_html = "<p><t t-out='object.partner_id.name'/></p>"
        self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.assertEqual(len(self.send()), 1)
        self.assertEqual(proposal.delivery, "sent")

    def test_other_customers_number(self):
        """Nobody's name brings the payment link of another customer's invoice."""
        other = self._customer("Other", email="other@customer.example")
        move = self.invoice("20 Nov", partner=other)
        self.customer.name = f'<a href="/dso/secret/pay/{move.id}">x</a>'
        self.text.body_html = "<p><t t-out='object.partner_id.name'/></p>"
        self.invoice("20 Nov")
        self.proposal_of()
        mail = self.send()[0]
        self.assertNotIn("access_token", mail["body"])
        self.assertNotIn("/payment/pay", mail["body"])

    @mute_logger(OUTBOX, OURS)
    def test_session_is_gone_before_the_dialogue(self):
        """A server that closes the session between two mails leaves nothing unknown:
        the next mail gets a new session."""
        other = self._customer("Other", email="other@customer.example")
        self.invoice("20 Nov")
        self.invoice("20 Nov", partner=other)
        actions = self.proposal_of() | self.proposal_of(partner=other)
        self.send(outbox=False)
        made = []

        class Session:
            smtp_from = None
            alive = True

            def noop(self):
                if not self.alive:
                    raise smtplib.SMTPServerDisconnected("please run connect() first")
                return 250, b"OK"

            def quit(self):
                self.noop()

        def connect(*_args, **_options):
            made.append(Session())
            return made[-1]

        def send_email(_server, message, *_args, smtp_session=None, **_options):
            smtp_session.noop()
            smtp_session.alive = False
            return message["Message-Id"]

        self._outbox_with(_connect__=connect, send_email=send_email)
        self.assertEqual(actions.mapped("delivery"), ["sent", "sent"])
        self.assertEqual(len(made), 2)

    @mute_logger(OURS)
    def test_result_is_repeated(self):
        """A conflict after the mail server's answer leaves nothing unknown."""
        self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.send(outbox=False)
        Mail = type(self.env["mail.mail"])
        dialogue = Mail._dso_dialogue
        transaction = Mail._dso_transaction
        met = []

        def once(mail, *args):
            dialogue(mail, *args)
            met.append(mail.id)

        @contextmanager
        def conflicting(mails):
            with transaction(mails) as env:
                yield env
                if len(met) == 1:
                    met.append("conflict")
                    raise psycopg2.errors.SerializationFailure("concurrent update")

        with (
            patch.object(Mail, "_dso_dialogue", once),
            patch.object(Mail, "_dso_transaction", conflicting),
        ):
            self.assertEqual(len(self.run_outbox()), 1)
        self.assertEqual(met[1:], ["conflict"])
        self.assertEqual((proposal.state, proposal.delivery), ("done", "sent"))
        self.assertEqual(self.mails_of(proposal).state, "sent")
        self.assertEqual(self.run_outbox(), [])


@tagged("post_install", "-at_install")
class TestPeopleInTheOutbox(HostileCommon):
    """Odoo's own buttons around ours."""

    @mute_logger(OUTBOX, OURS)
    def test_retry_takes_the_last_message_only(self):
        """A server that was away brings back its own mail, none of unknown delivery."""
        invoice = self.invoice("20 Nov")
        action = self._specific(invoice, mode="manual")
        self.proposal_of()

        def cut(*_args, **_options):
            raise smtplib.SMTPServerDisconnected("gone")

        def refuse(*_args, **_options):
            raise ConnectionRefusedError("nobody listens")

        now = datetime(2026, 11, 23, 10)
        with freeze_time(now):
            action.action_send()
        self._outbox_with(now, send_email=cut)
        self.assertEqual(action.delivery, "unknown")
        with freeze_time(now):
            action.action_send()
        self._outbox_with(now, _connect__=refuse)
        self.assertEqual(action.delivery, "failed")
        self.assertEqual(len(self.send(datetime(2026, 11, 23, 10, 30))), 1)
        self.assertEqual(self.mails_of(action).mapped("state"), ["exception", "sent"])

    @mute_logger(OUTBOX, OURS)
    def test_unknown_then_retried_by_hand(self):
        """What may have arrived stays done, whoever presses Retry on the mail."""
        invoice = self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.send(outbox=False)

        def cut(*_args, **_options):
            raise smtplib.SMTPServerDisconnected("gone")

        self._outbox_with(send_email=cut)
        self.assertEqual(proposal.delivery, "unknown")
        with freeze_time(TODAY):
            self.pay(invoice)
        self.mails_of(proposal).action_retry()
        self.assertEqual(self.run_outbox(), [])
        self.assertEqual((proposal.state, proposal.delivery), ("done", "unknown"))
        self.assertEqual(self.account().last_any_date, TODAY)

    @mute_logger(OUTBOX, OURS)
    def test_repeated_then_retried_by_hand(self):
        """What was sent again is not sent a third time by Retry on its mail."""
        self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.send(outbox=False)

        def refuse(*_args, **_options):
            raise smtplib.SMTPRecipientsRefused({"ar@customer.example": (550, b"no")})

        self._outbox_with(send_email=refuse)
        self.assertEqual(proposal.delivery, "failed")
        with freeze_time(TODAY):
            proposal.action_send_again()
        self.mails_of(proposal).action_retry()
        self.assertEqual(self.run_outbox(), [])
        self.assertEqual((proposal.state, proposal.delivery), ("done", "failed"))

    def test_sent_then_sent_again_by_hand(self):
        """A mail that left is not undone by putting it back into the outbox."""
        invoice = self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.send()
        with freeze_time(TODAY):
            self.pay(invoice)
        self.mails_of(proposal).mark_outgoing()
        self.assertEqual(self.run_outbox(), [])
        self.assertEqual((proposal.state, proposal.delivery), ("done", "sent"))

    def test_cancelled_by_hand(self):
        """A mail that a person takes out of the outbox is told as not delivered."""
        self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.send(outbox=False)
        self.mails_of(proposal).cancel()
        self.assertEqual((proposal.state, proposal.delivery), ("done", "failed"))
        self.assertTrue(proposal.error)

    def test_deleted_by_hand(self):
        """A mail that a person deletes from the outbox is told as not delivered."""
        self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.send(outbox=False)
        self.mails_of(proposal).unlink()
        self.assertEqual((proposal.state, proposal.delivery), ("done", "failed"))
        self.assertTrue(proposal.error)

    def test_deleted_after_it_left(self):
        """Tidying up what was sent changes nothing."""
        self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.send()
        self.mails_of(proposal).unlink()
        self.assertEqual((proposal.state, proposal.delivery), ("done", "sent"))

    def test_failures_discarded(self):
        """Odoo's "discard all failures" does not hide what did not arrive."""
        self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.send()
        notification = proposal.message_ids.notification_ids.sudo()
        notification.write(
            {"notification_status": "bounce", "failure_type": "mail_bounce"}
        )
        notification.write({"notification_status": "canceled"})
        self.assertEqual(proposal.delivery, "bounced")


@tagged("post_install", "-at_install")
class TestByHandAndByItself(HostileCommon):
    def test_person_sends_an_automatic_specific(self):
        """What a person sent is not sent once more by itself."""
        for mode in ("auto", "auto_confirm"):
            customer = self._customer(mode, email=f"{mode}@customer.example")
            account = self.account(customer)
            invoice = self.invoice("20 Nov", partner=customer)
            action = self._specific(invoice, mode=mode, account_id=account.id)
            self.proposal_of(partner=customer)
            with freeze_time(TODAY), self.mock_mail_gateway():
                if mode == "auto_confirm":
                    action.action_confirm()
                action.action_send()
                self.env["mail.mail"].process_email_queue()
                self.assertEqual(len(self._mails), 1)
            self.assertEqual(action.state, "planned")
            self.assertEqual(self.send(), [], mode)

    def test_pressed_twice(self):
        """A specific action whose mail still waits is not sent a second time."""
        invoice = self.invoice("20 Nov")
        action = self._specific(invoice, mode="manual")
        with freeze_time(TODAY), self.mock_mail_gateway():
            action.action_send()
            with self.assertRaisesRegex(UserError, "outbox|under way"):
                action.action_send()
            self.env["mail.mail"].process_email_queue()
            self.assertEqual(len(self._mails), 1)
            action.action_send()
            self.env["mail.mail"].process_email_queue()
            self.assertEqual(len(self._mails), 2)

    @mute_logger(OUTBOX, OURS)
    def test_sent_again_with_its_items(self):
        """The repetition of a specific action is about the same items."""
        invoice = self.invoice("20 Nov", 250)
        self.invoice("19 Nov", 4000)
        action = self._specific(invoice, mode="auto")
        self.proposal_of()
        self.send(outbox=False)

        def cut(*_args, **_options):
            raise smtplib.SMTPServerDisconnected("gone")

        self._outbox_with(send_email=cut)
        with freeze_time(TODAY):
            again = self.env["dso.action"].browse(action.action_send_again()["res_id"])
            with self.assertRaises(UserError):
                action.action_send_again()
        self.assertEqual(again.line_ids.move_id, invoice)
        with freeze_time(TODAY), self.mock_mail_gateway():
            again.action_send()
            self.env["mail.mail"].process_email_queue()
            self.assertEqual(len(self._mails), 1)
            self.assertIn("250.00", self._mails[0]["subject"])

    def test_internal_never_reaches_the_customer(self):
        """A message to colleagues goes to them, whomever its text names."""
        self.invoice("20 Nov")
        self.email.interactive = "internal"
        self.text.email_cc = "{{ object.contact_id.email }}"
        self.proposal_of()
        mails = self.send()
        self.assertEqual(len(mails), 1)
        addressees = " ".join([*mails[0]["email_to"], *mails[0]["email_cc"]])
        self.assertIn("ann@company.example", addressees)
        self.assertNotIn("ar@customer.example", addressees)

    def test_several_addresses(self):
        """A contact with two addresses is written to, as Odoo itself does."""
        self.customer.email = "ar@customer.example, cfo@customer.example"
        self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.assertEqual(proposal.state, "planned")
        self.assertEqual(len(self.send()), 1)
        self.assertEqual(proposal.state, "done")

    def test_invoice_address_is_looked_at_when_planned(self):
        """Whoever would be written to is looked at at once (rules.md L17)."""
        child = self.env["res.partner"].create(
            {
                "name": "Accounting",
                "parent_id": self.customer.id,
                "type": "invoice",
                "email": "nobody at all",
            }
        )
        self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.assertEqual(proposal.contact_id, child)
        self.assertEqual((proposal.state, proposal.problem), ("error", "invalid_email"))

    def test_company_of_its_account(self):
        """An action belongs to the company of its account, whatever is asked for."""
        other = self.setup_other_company()["company"]
        self.env.user.company_ids |= other
        self.invoice("20 Nov")
        action = self.env["dso.action"].create(
            {
                "account_id": self.account().id,
                "company_id": other.id,
                "action_model_id": self.email.id,
                "date": TODAY,
            }
        )
        self.assertEqual(action.company_id, self.company)

    @mute_logger(SENDING)
    def test_no_mail_was_made(self):
        """An action for which no mail was made is not done."""
        self.invoice("20 Nov")
        proposal = self.proposal_of()
        Composer = type(self.env["mail.compose.message"])
        manage = Composer._manage_mail_values

        def lose(composer, values):
            manage(composer, values)
            return {}

        with patch.object(Composer, "_manage_mail_values", lose):
            self.assertEqual(self.send(), [])
        self.assertEqual(proposal.state, "error")

    def test_withdrawn_behind_a_later_step(self):
        """Two steps that never left leave no interval behind."""
        invoice = self.invoice("20 Nov")
        account = self.account()
        first = self.proposal_of()
        self.send(outbox=False)
        with freeze_time(day("30 Nov")):
            account.evaluate()
            self.on("30 Nov", "skip")
        second = self.proposal_of(day("8 Dec"))
        self.assertEqual(second.step_id.name, "S4")
        self.send(day("8 Dec"), outbox=False)
        with freeze_time(day("8 Dec")):
            self.pay(invoice)
        self.assertEqual(self.run_outbox(day("8 Dec")), [])
        self.assertEqual((first.state, second.state), ("cancelled", "cancelled"))
        self.assertFalse(account.last_any_date)
