"""What others write is text: in each message, in each file, on each screen.

Nothing of it is evaluated, becomes markup, or starts a line of a mail's header.
"""

import email
import email.policy
import re
from io import BytesIO

from lxml import html
from openpyxl import load_workbook

from odoo.tests import freeze_time, tagged

from odoo.addons.dso_collection.channels import channel_of

from .sending_common import TODAY, SendingCommon

#: Appears only where one of the expressions below was evaluated.
PRODUCT = "62615533"
EXPRESSIONS = "{{ 7919 * 7907 }} ${7919*7907} #{7919*7907} %(x)s {0}"
MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)><t t-out='7919*7907'/>"
LINES = "x\r\nBcc: evil@thief.example\r\n\r\nOther body"
HOSTILE = (EXPRESSIONS, MARKUP, LINES, EXPRESSIONS + MARKUP + LINES)


@tagged("post_install", "-at_install")
class TestHostileTexts(SendingCommon):
    def setUp(self):
        super().setUp()
        self.move = self.invoice("20 Nov", 1000)

    def spread(self, text):
        """Write ``text`` wherever somebody outside of collection may write."""
        self.customer.write({"name": text, "street": text, "city": text, "ref": text})
        self.contact = self.env["res.partner"].create(
            {
                "name": text,
                "parent_id": self.customer.id,
                "email": "rose@customer.example",
                "function": text,
            }
        )
        account = self.account()
        account.contact_id = self.contact
        self.move.write({"ref": text, "payment_reference": text})
        # Odoo itself refuses a number of several lines
        self.move.name = "INV/" + text.splitlines()[0]
        self.collector.partner_id.name = text
        self.company.partner_id.write({"name": text, "street": text})
        dispute = self.status("dispute", customer_wording=text, name=text)
        other = self.invoice("19 Nov", 300)
        self.move.dso_qualify(dispute, text, disputed_amount=10)
        other.dso_qualify(dispute, text)
        return self.proposal_of()

    def assertHarmless(self, page, where):
        """``page``, HTML that leaves or is shown, carries nothing that runs."""
        self.assertNotIn(PRODUCT, page, where)
        root = html.fromstring(page)
        self.assertFalse(root.xpath("//script"), where)
        for node in root.iter():
            if not isinstance(node.tag, str):
                continue
            self.assertFalse(
                [name for name in node.attrib if name.startswith(("on", "t-"))], where
            )

    def wire(self, mail):
        """The mail as the server gets it, parsed anew."""
        [values] = mail._prepare_outgoing_list()
        message = self.env["ir.mail_server"]._build_email__(
            email_from=values["email_from"],
            email_to=values["email_to"],
            subject=values["subject"],
            body=values["body"],
            body_alternative=values["body_alternative"],
            email_cc=values["email_cc"],
            reply_to=values["reply_to"],
            attachments=values["attachments"],
            message_id=values["message_id"],
            headers=values["headers"],
            subtype="html",
            subtype_alternative="plain",
        )
        return email.message_from_bytes(message.as_bytes(), policy=email.policy.default)

    def test_case_33_email(self):
        """Peers case 33: e-mail, with its statement: escaped, not evaluated, no header
        of its own."""
        self._leaves_as_email(EXPRESSIONS)

    def test_case_33_email_with_markup(self):
        """Peers case 33: nor is markup kept."""
        self._leaves_as_email(MARKUP)

    def test_case_33_email_with_lines(self):
        """Peers case 33: nor does a line break begin a header or name a file."""
        self._leaves_as_email(LINES)

    def test_case_33_email_with_all(self):
        """Peers case 33: nor all of it together."""
        self._leaves_as_email(HOSTILE[-1])

    def test_case_33_email_with_long_name(self):
        """Peers case 33: nor does a long name hold another reader."""
        self._leaves_as_email("A" * 70 + " <evil@thief.example>, Bob " + "b" * 30)

    def _leaves_as_email(self, text):
        self.email.attach_statement = "both"
        action = self.spread(text)
        self.assertEqual(action.error or "", "")
        self.run_at_today(self.env["dso.action"].sudo()._cron_documents)
        self.send(outbox=False)
        self.assertEqual(action.delivery, "queued", action.error)
        mail = self.mails_of(action)
        self.assertHarmless(mail.body_html, "mail")
        self.assertNotIn(PRODUCT, mail.subject)
        wire = self.wire(mail)
        self.assertEqual(wire.get_all("Bcc", []), [])
        self.assertEqual(len(wire.get_all("Subject")), 1)
        self.assertEqual(
            [address.addr_spec for address in wire["To"].addresses],
            ["rose@customer.example"],
        )
        self.assertEqual(
            [address.addr_spec for address in wire["From"].addresses],
            ["ann@company.example"],
        )
        plain = wire.get_body(("plain",)).get_content()
        self.assertNotIn(PRODUCT, plain)
        files = list(wire.iter_attachments())
        self.assertEqual(len(files), 2)
        for part in files:
            self.assertFalse(re.search(r"[\r\n/]", part.get_filename()))
            self.look_into(part)

    def look_into(self, part):
        content = part.get_content()
        if part.get_filename().endswith("xlsx"):
            book = load_workbook(BytesIO(content))
            for row in book.active.iter_rows():
                for cell in row:
                    self.assertNotEqual(cell.data_type, "f", cell.value)
                    self.assertNotIn(PRODUCT, str(cell.value))
        else:
            if isinstance(content, bytes):
                content = content.decode()
            self.assertNotIn(PRODUCT, content)
            root = html.fromstring(content)
            scripts = [s for s in root.iter("script") if "alert(" in (s.text or "")]
            self.assertFalse(scripts)
            self.assertFalse(root.xpath("//img[@src='x']"))

    def run_at_today(self, job):
        with freeze_time(TODAY):
            self.run_job(job)

    def test_case_33_letter(self):
        """Peers case 33: the letter's page runs nothing and fetches nothing."""
        letter = self._model("Letter", "letter")
        letter.template_id = self.text
        for text in HOSTILE:
            with self.subTest(text=text[:20]):
                action = self.spread(text)
                action._engine().write({"action_model_id": letter.id, "type": "letter"})
                with freeze_time(TODAY):
                    page = str(action.sudo()._letter_html())
                self.assertNotIn(PRODUCT, page)
                root = html.fromstring(page)
                self.assertFalse(
                    [s for s in root.iter("script") if "alert(" in (s.text or "")]
                )
                self.assertFalse(root.xpath("//img[@src='x']"))
                self.env["dso.item"].sudo().search([]).unlink()

    def test_case_33_sms(self):
        """Peers case 33: a text message tells what was written, as text."""
        sms = self._model("SMS", "sms")
        sms.template_id = self.text
        self.customer.phone = "+32470123456"
        for text in HOSTILE:
            with self.subTest(text=text[:20]):
                action = self.spread(text)
                action._engine().write({"action_model_id": sms.id, "type": "sms"})
                with freeze_time(TODAY):
                    told = channel_of("sms")._texts(action)[action]
                self.assertNotIn(PRODUCT, told)
                self.assertNotIn('t-out="7919', told)
                self.assertTrue(told)
                self.env["dso.item"].sudo().search([]).unlink()

    def test_case_33_screens(self):
        """Peers case 33: what screens show of an action, and the chatter after it."""
        action = self.spread(HOSTILE[-1])
        with freeze_time(TODAY):
            self.assertHarmless(action.text_body, "preview")
            self.assertNotIn(PRODUCT, action.text_subject)
            statement = action.account_id.get_statement()
        self.assertNotIn(PRODUCT, str(statement))
        self.send()
        for message in action.message_ids:
            self.assertHarmless(message.body or "<p/>", "chatter")
        for name, field in action._fields.items():
            if field.type == "html" and name != "member_tables":
                self.assertHarmless(action[name] or "<p/>", name)

    def test_own_text(self):
        """A text that a collector wrote leaves as text: what would run is refused when
        it is saved, what would be evaluated is not."""
        self.email.mode = "manual"
        action = self.proposal_of()
        action.write(
            {
                "own_subject": f"A {EXPRESSIONS} B\r\nBcc: evil@thief.example",
                "own_body": f"<p>{EXPRESSIONS}</p>{MARKUP}",
            }
        )
        with freeze_time(TODAY), self.mock_mail_gateway():
            action.action_send()
        mail = self.mails_of(action)
        self.assertHarmless(mail.body_html, "own text")
        self.assertIn("{{ 7919 * 7907 }}", mail.body_html)
        wire = self.wire(mail)
        self.assertEqual(wire.get_all("Bcc", []), [])
        self.assertIn("{{ 7919 * 7907 }}", wire["Subject"])

    def test_addresses(self):
        """A line break in an address makes no second recipient."""
        self.customer.email = "ar@customer.example\r\nBcc: evil@thief.example"
        action = self.proposal_of()
        messages = self.send()
        if action.state == "error":
            self.assertEqual(action.problem, "invalid_email")
            self.assertEqual(messages, [])
        else:
            [mail] = self.mails_of(action)
            wire = self.wire(mail)
            self.assertEqual(wire.get_all("Bcc", []), [])
            self.assertEqual(
                [a.addr_spec for a in wire["To"].addresses], ["ar@customer.example"]
            )
