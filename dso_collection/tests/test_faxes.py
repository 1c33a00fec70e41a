"""Faxes: the letter, mailed to the gateway of the company's choice."""

import io
import smtplib
from datetime import datetime
from unittest.mock import patch

from pypdf import PdfReader

from odoo import SUPERUSER_ID
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .sending_common import TODAY, SendingCommon

OURS = "odoo.addons.dso_collection.models.mail_mail"
PDF = b"%PDF-1.4 fax"


@tagged("post_install", "-at_install")
class TestFaxes(SendingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.dso_fax_pattern = "{number}@fax.example.com"
        cls.customer.write(
            {
                "dso_fax": "030 123456",
                "country_id": cls.env.ref("base.de").id,
                "street": "Street 1",
                "city": "Berlin",
            }
        )
        cls.email.type = "fax"
        cls.email.mode = "auto"

    def faxes(self, now=TODAY, **options):
        with patch.object(
            type(self.env["dso.action"]), "_letter_print", lambda *_args: PDF
        ):
            return self.send(now, **options)

    def later(self, now=TODAY):
        with patch.object(
            type(self.env["dso.action"]), "_letter_print", lambda *_args: PDF
        ):
            return self.run_outbox(now)

    def test_leaves_and_is_done(self):
        """L10, §2: an automatic fax leaves once, as a PDF to the gateway's address."""
        self.invoice("20 Nov")
        action = self.proposal_of()
        [mail] = self.faxes()
        self.assertEqual(mail["email_to"], ["4930123456@fax.example.com"])
        self.assertIn("ann@company.example", mail["email_from"])
        [(name, content, kind)] = mail["attachments"]
        self.assertEqual((content, kind), (PDF, "application/pdf"))
        self.assertTrue(name.endswith(".pdf"))
        self.assertEqual((action.state, action.delivery), ("done", "sent"))
        self.assertIn("1,000.00", str(action.message_ids.filtered("subject").body))
        self.assertEqual(self.faxes(), [])

    def test_fax_number_changed_in_the_outbox(self):
        """A fax goes to the number of the minute in which it leaves."""
        self.invoice("20 Nov")
        action = self.proposal_of()
        self.faxes(outbox=False)
        self.customer.dso_fax = "030 999999"
        [mail] = self.later()
        self.assertEqual(mail["email_to"], ["4930999999@fax.example.com"])
        self.assertEqual(action.delivery, "sent")

    def test_real_pdf(self):
        """The PDF is the letter, with the text that was rendered when it left."""
        if self.env["ir.actions.report"].get_wkhtmltopdf_state() in (
            "install",
            "broken",
        ):
            self.skipTest("wkhtmltopdf is missing")
        invoice = self.invoice("20 Nov")
        action = self.proposal_of()
        self.faxes(outbox=False)
        message = self.mails_of(action).mail_message_id
        with freeze_time(TODAY):
            content = action.with_context(force_report_rendering=True)._fax_pdf(message)
        text = PdfReader(io.BytesIO(content)).pages[0].extract_text()
        text = " ".join(text.split())
        self.assertIn(invoice.name, text)
        self.assertIn("Street 1", text)

    def test_case_17_paid_before_sending(self):
        """Peers case 17: paid in the outbox: nothing leaves, the step is not done."""
        invoice = self.invoice("20 Nov")
        action = self.proposal_of()
        self.faxes(outbox=False)
        with freeze_time(TODAY):
            self.pay(invoice)
        self.assertEqual(self.later(), [])
        self.assertEqual((action.state, action.cause), ("cancelled", "settled"))

    def test_case_18_partly_paid(self):
        """Peers case 18: partly paid in the outbox: rendered again, with its PDF."""
        invoice = self.invoice("20 Nov", 500)
        action = self.proposal_of()
        self.faxes(outbox=False)
        with freeze_time(TODAY):
            self.pay(invoice, 300)
        [mail] = self.later()
        self.assertEqual(len(mail["attachments"]), 1)
        last = self.mails_of(action)[-1:]
        self.assertIn("200", str(last.mail_message_id.body))
        self.assertEqual(self.mails_of(action).mapped("state"), ["cancel", "sent"])

    def test_switch_in_the_outbox(self):
        """The kill switch holds what waits in the outbox."""
        self.invoice("20 Nov")
        action = self.proposal_of()
        self.faxes(outbox=False)
        self.company.dso_sending_active = False
        self.assertEqual(self.later(), [])
        self.assertEqual(action.delivery, "queued")
        self.company.dso_sending_active = True
        self.assertEqual(len(self.later()), 1)

    def test_case_34_no_number(self):
        """Peers case 34: without a fax number the action is yellow, and is cured."""
        self.customer.dso_fax = False
        self.invoice("20 Nov")
        action = self.proposal_of()
        self.assertEqual((action.state, action.problem), ("error", "no_fax"))
        self.assertEqual(self.faxes(), [])
        self.customer.dso_fax = "+49 40 7654321"
        self.evaluate()
        [mail] = self.faxes()
        self.assertEqual(mail["email_to"], ["49407654321@fax.example.com"])

    def test_no_gateway(self):
        """Without a gateway nothing leaves, and the settings are the cure."""
        self.company.dso_fax_pattern = False
        self.invoice("20 Nov")
        action = self.proposal_of()
        self.assertEqual((action.state, action.problem), ("error", "no_gateway"))
        self.assertEqual(action.action_open_cure()["res_model"], "res.config.settings")
        self.company.dso_fax_pattern = "+{number}@fax.example.com"
        self.evaluate()
        [mail] = self.faxes()
        self.assertEqual(mail["email_to"], ["+4930123456@fax.example.com"])

    def test_what_is_written_is_checked(self):
        """A number or a gateway that is none is refused when it is written."""
        for number in ("call me", "12", "x@evil.example"):
            with self.assertRaises(ValidationError):
                self.customer.dso_fax = number
        for pattern in (
            "fax@fax.example.com",
            "{number}",
            "{number}@fax.example.com, me@evil.example",
            "{number}@fax.example.com\nBcc: me@evil.example",
        ):
            with self.assertRaises(ValidationError, msg=pattern):
                self.company.dso_fax_pattern = pattern

    def test_pdf_cannot_be_made(self):
        """Without its PDF a fax does not leave: yellow, with the cause."""
        self.invoice("20 Nov")
        action = self.proposal_of()

        def broken(*_args):
            raise OSError("No wkhtmltopdf")

        with (
            mute_logger(OURS),
            patch.object(type(action), "_letter_print", broken),
        ):
            self.assertEqual(self.send(), [])
        self.assertEqual((action.state, action.delivery), ("done", "failed"))
        self.assertIn("No wkhtmltopdf", action.error)

    def test_cut_in_its_dialogue(self):
        """Delivery unknown: a fax is not sent again by itself."""
        self.invoice("20 Nov")
        action = self.proposal_of()
        self.faxes(outbox=False)

        def cut(*_args, **_options):
            raise smtplib.SMTPServerDisconnected("gone")

        with (
            mute_logger(OURS),
            patch.object(type(action), "_letter_print", lambda *_args: PDF),
            freeze_time(TODAY),
            self.mock_mail_gateway(),
            patch.object(type(self.env["ir.mail_server"]), "send_email", cut),
        ):
            self.env["mail.mail"].with_user(SUPERUSER_ID).process_email_queue()
        self.assertEqual(action.delivery, "unknown")
        self.assertEqual(self.later(datetime(2026, 11, 23, 5)), [])

    def test_customers_do_not_read_the_number(self):
        """The number is for the groups of collection only."""
        with self.assertRaises(AccessError):
            self.customer.with_user(self.env.ref("base.public_user")).read(["dso_fax"])
