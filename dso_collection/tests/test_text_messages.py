"""Text messages, through Odoo's own SMS and the protocol of its provider."""

from contextlib import contextmanager
from datetime import datetime
from unittest.mock import patch

import requests
import urllib3

from odoo import SUPERUSER_ID, Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.sms.tools.sms_api import SmsApi, SmsApiBase

from ..channels.plain import short_text, sms_parts
from .sending_common import TODAY, SendingCommon, day

SMS = "odoo.addons.sms.models.sms_sms"
OURS = "odoo.addons.dso_collection.models.sms_sms"
NUMBER = "+32470123456"


def _iap(error):
    """An error of a request, as Odoo's interface to its provider passes it on."""
    passed = AccessError("An error occurred")
    passed.__context__ = error
    return passed


class SmsCommon(SendingCommon):
    """S1 is an automatic text message; a provider answers what a test says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.write({"phone": "0470 12 34 56", "country_id": cls.belgium().id})
        cls.sms_text = cls.env["mail.template"].create(
            {
                "name": "Short",
                "model_id": cls.env["ir.model"]._get_id("dso.action"),
                "lang": "{{ object.lang_code }}",
                "body_html": "<p>Please pay <t t-out='object.claimed_words'/>.</p>",
            }
        )
        cls.email.write({"type": "sms", "template_id": cls.sms_text.id})

    @classmethod
    def belgium(cls):
        return cls.env.ref("base.be")

    def setUp(self):
        super().setUp()
        self.left = []
        self.answer = "success"

    def _ask(self, _api, endpoint, params, timeout=15):
        """What Odoo's provider answers; by its own protocol."""
        self.assertEqual(endpoint, "/api/sms/3/send")
        sent = [
            (number["number"], message["content"], number["uuid"])
            for message in params["messages"]
            for number in message["numbers"]
        ]
        if isinstance(self.answer, Exception):
            raise self.answer
        self.left += sent
        return [{"uuid": uuid, "state": self.answer} for _n, _c, uuid in sent]

    @contextmanager
    def provider(self):
        with patch.object(SmsApi, "_contact_iap", lambda *a, **k: self._ask(*a, **k)):
            yield

    def texts(self, now=TODAY, outbox=True):
        """Run the sending job, then the outbox; return [(number, text)] that left."""
        before = len(self.left)
        self.send(now, outbox=False)
        if outbox:
            self.run_texts(now)
        return [(number, text) for number, text, _uuid in self.left[before:]]

    def run_texts(self, now=TODAY):
        with freeze_time(now), self.provider():
            outbox = self.env["sms.sms"].with_user(SUPERUSER_ID)
            self.run_job(outbox._process_queue)
            self.env.flush_all()

    def sms_of(self, action):
        return self.env["sms.sms"].search(
            [("dso_action_id", "=", action.id)], order="id"
        )


@tagged("post_install", "-at_install")
class TestTextMessages(SmsCommon):
    def test_leaves_and_is_done(self):
        """L10, §2: a due automatic text message leaves once, plain, to the number in
        international form, and its step is done."""
        self.invoice("20 Nov", 500)
        action = self.proposal_of()
        [(number, text)] = self.texts()
        self.assertEqual(number, NUMBER)
        self.assertRegex(text, r"^Please pay .{0,3}500\.00.*\.$")
        self.assertEqual((action.state, action.delivery), ("done", "sent"))
        self.assertTrue(action.sent_at)
        self.assertFalse(self.texts(), "nothing leaves twice")

    def test_length(self):
        """Parts of 160 places, 70 with a character outside the GSM alphabet."""
        self.assertEqual(sms_parts("a" * 160), (160, 1))
        self.assertEqual(sms_parts("a" * 161), (161, 2))
        self.assertEqual(sms_parts("€" * 80), (160, 1))
        self.assertEqual(sms_parts("€" * 81), (162, 2))
        self.assertEqual(sms_parts("ж" * 70), (70, 1))
        self.assertEqual(sms_parts("ж" * 71), (71, 2))
        self.assertEqual(sms_parts("😀" * 36), (72, 2))
        self.invoice("20 Nov", 500)
        action = self.proposal_of()
        with freeze_time(TODAY):
            self.assertRegex(action.sms_text, "^Please pay")
            self.assertIn("one text message", action.sms_length)
            self.sms_text.body_html = "<p>%s</p>" % ("long " * 40)
            action.invalidate_recordset()
            self.assertIn("paid as 2 text messages", action.sms_length)

    def test_plain(self):
        """What is markup stays behind; links stand beside their words."""
        self.assertEqual(short_text(False), "")
        self.assertEqual(short_text("<p> a  \n b<br/>c</p>"), "a b\nc")
        self.assertEqual(
            short_text('<p>Pay <a href="https://x.example/1">here</a>.</p>'),
            "Pay here: https://x.example/1.",
        )

    def test_case_33_hostile_names(self):
        """Peers case 33: names are told as they are, never evaluated, and never end
        their line."""
        self.customer.name = "<script>x</script> {{ 7*7 }}\r\nBcc: <t t-out='7*7'/>"
        self.sms_text.body_html = "<p>Hello <t t-out='object.partner_id.name'/>!</p>"
        self.invoice("20 Nov")
        action = self.proposal_of()
        [(_number, text)] = self.texts()
        self.assertEqual(
            text, "Hello <script>x</script> {{ 7*7 }} Bcc: <t t-out='7*7'/>!"
        )
        body = str(action.sms_message_id.body)
        self.assertNotIn("<script", body)
        self.assertIn("&lt;script&gt;", body)

    # -------------------------------------------------------------------------
    # WHAT IS MISSING
    # -------------------------------------------------------------------------

    def assertWaits(self, problem):
        self.invoice("20 Nov")
        action = self.proposal_of()
        self.assertEqual((action.state, action.problem), ("error", problem))
        self.assertFalse(self.texts())
        self.assertEqual(action.colour, "yellow")
        return action

    def test_case_34_no_number(self):
        """Peers case 34: without a number the action is yellow, and is cured."""
        self.customer.phone = False
        action = self.assertWaits("no_phone")
        self.customer.phone = "+32 470 99 99 99"
        self.evaluate()
        self.assertEqual(action.state, "planned")
        self.assertEqual(self.texts()[0][0], "+32470999999")

    def test_case_34_invalid_number(self):
        """Peers case 34: what is no number is told when it is planned."""
        self.customer.phone = "12"
        self.assertWaits("invalid_phone")

    def test_case_34_blacklist(self):
        """Peers case 34: a number on the blacklist, when planned and when it is put
        there later; taken from it, the message leaves."""
        self.env["phone.blacklist"].create({"number": NUMBER})
        action = self.assertWaits("blocked_phone")
        self.assertEqual(action.action_open_cure()["res_model"], "phone.blacklist")
        self.env["phone.blacklist"].search([("number", "=", NUMBER)]).active = False
        self.evaluate()
        self.assertEqual(len(self.texts()), 1)

    def test_blacklisted_between(self):
        """What a person sends heeds the blacklist, too."""
        self.email.mode = "manual"
        self.env["phone.blacklist"].create({"number": NUMBER})
        self.invoice("20 Nov")
        action = self.proposal_of()
        with freeze_time(TODAY), self.assertRaisesRegex(UserError, "blacklist"):
            action.action_send()

    def test_channel_closed(self):
        """§10: a customer who is not to get text messages gets none."""
        self.invoice("20 Nov")
        action = self.proposal_of()
        self.account().no_sms = True
        self.evaluate()
        self.assertEqual(action.problem, "no_channel")
        self.assertFalse(self.texts())

    def test_number_of_the_customer_not_past_his_lawyer(self):
        """§10: a contact without a number: that of the customer; a lawyer without one:
        nobody is reached."""
        contact = self.env["res.partner"].create(
            {"name": "Con", "parent_id": self.customer.id, "type": "contact"}
        )
        account = self.account()
        account.contact_id = contact
        self.email.mode = "manual"
        self.invoice("20 Nov")
        action = self.proposal_of()
        with freeze_time(TODAY):
            self.assertEqual(action._phone_number(), NUMBER)
            lawyer = self.env["res.partner"].create({"name": "Lawyer"})
            account.write({"hold_reason": "lawyer", "hold_lawyer_id": lawyer.id})
            action.invalidate_recordset()
            self.assertFalse(action._phone_number())

    def test_empty_text(self):
        """A text without any words does not leave, and says why."""
        self.sms_text.body_html = "<p><t t-if='False'>x</t></p>"
        self.invoice("20 Nov")
        action = self.proposal_of()
        self.assertFalse(self.texts())
        self.assertEqual(action.state, "error")
        self.assertIn("empty", action.error)

    # -------------------------------------------------------------------------
    # THE LAST LOOK
    # -------------------------------------------------------------------------

    def test_case_17_paid_before_sending(self):
        """Peers case 17: paid in the outbox: nothing leaves, the step is not done."""
        invoice = self.invoice("20 Nov")
        action = self.proposal_of()
        self.texts(outbox=False)
        self.assertEqual(action.delivery, "queued")
        with freeze_time(TODAY):
            self.pay(invoice)
        self.run_texts()
        self.assertFalse(self.left)
        self.assertEqual((action.state, action.cause), ("cancelled", "settled"))
        self.assertEqual(self.sms_of(action).state, "canceled")
        self.assertFalse(self.account().last_done_step_id)

    def test_case_18_partly_paid(self):
        """Peers case 18: partly paid in the outbox: the text tells what is left."""
        invoice = self.invoice("20 Nov", 500)
        action = self.proposal_of()
        self.texts(outbox=False)
        with freeze_time(TODAY):
            self.pay(invoice, 300)
        self.run_texts()
        [(_number, text, _uuid)] = self.left
        self.assertIn("200.00", text)
        self.assertEqual(action.delivery, "sent")
        self.assertEqual(self.sms_of(action).mapped("state"), ["canceled", "pending"])

    def test_number_changed_in_the_outbox(self):
        """A number that changed since is not written to: it goes to the new one."""
        self.invoice("20 Nov")
        self.proposal_of()
        self.texts(outbox=False)
        self.customer.phone = "+32 470 99 99 99"
        self.run_texts()
        self.assertEqual([number for number, _t, _u in self.left], ["+32470999999"])

    def test_blacklisted_in_the_outbox(self):
        """Whoever wants no more text messages gets none that waits: yellow."""
        self.invoice("20 Nov")
        action = self.proposal_of()
        self.texts(outbox=False)
        self.env["phone.blacklist"].create({"number": NUMBER})
        with mute_logger("odoo.addons.dso_collection.models.dso_outbox"):
            self.run_texts()
        self.assertFalse(self.left)
        self.assertEqual((action.delivery, action.colour), ("failed", "yellow"))
        self.assertIn("blacklist", action.error)

    def test_switch_in_the_outbox(self):
        """The kill switch holds what waits in the outbox; on again, it leaves."""
        self.invoice("20 Nov")
        action = self.proposal_of()
        self.texts(outbox=False)
        self.company.dso_sending_active = False
        self.run_texts()
        self.assertFalse(self.left)
        self.assertEqual(action.delivery, "queued")
        self.assertTrue(self.sms_of(action).dso_wait_until)
        self.company.dso_sending_active = True
        self.run_texts()
        self.assertEqual(len(self.left), 1)

    def test_e21_hours_in_the_outbox(self):
        """E21: what waits until Saturday leaves on Monday."""
        self.invoice("20 Nov")
        action = self.proposal_of()
        self.texts(outbox=False)
        self.company.dso_sending_calendar_id = self.env.ref(
            "dso_collection.sending_calendar"
        )
        self.run_texts(day("28 Nov"))
        self.assertFalse(self.left)
        self.assertEqual(self.sms_of(action).dso_wait_until.date(), day("30 Nov"))

    def test_odoos_queue_passes_by(self):
        """No way of Odoo's own leads past the last look: neither its queue, nor Send
        now, nor putting it back into the queue."""
        invoice = self.invoice("20 Nov")
        action = self.proposal_of()
        self.texts(outbox=False)
        sms = self.sms_of(action)
        self.assertEqual(sms.state, "dso_queued")
        with freeze_time(TODAY), self.provider():
            self.pay(invoice)
            sms.action_set_outgoing()
            self.assertEqual(sms.state, "dso_queued")
            sms.send()
            sms._send()
            sms.state = "error"
            sms.resend_failed()
        self.assertFalse(self.left)
        self.run_texts()
        self.assertFalse(self.left)

    def test_others_leave_as_ever(self):
        """Text messages that are not ours leave through Odoo's queue."""
        other = self.env["sms.sms"].create({"number": NUMBER, "body": "Other"})
        self.run_texts()
        self.assertEqual([text for _n, text, _u in self.left], ["Other"])
        self.assertEqual(other.state, "pending")

    def test_taken_out(self):
        """Taken out of the outbox by a person: yellow, with its cause."""
        self.invoice("20 Nov")
        action = self.proposal_of()
        self.texts(outbox=False)
        self.sms_of(action).action_set_canceled()
        self.assertEqual(action.delivery, "failed")
        self.assertIn("taken out", action.error)
        self.assertEqual(action.colour, "yellow")
        self.run_texts()
        self.assertFalse(self.left)

    # -------------------------------------------------------------------------
    # WHAT BECAME OF IT
    # -------------------------------------------------------------------------

    def fails(self, answer):
        self.answer = answer
        self.invoice("20 Nov")
        action = self.proposal_of()
        with mute_logger(SMS, OURS):
            self.texts()
        return action

    def test_refused_number(self):
        """§5: what the provider refuses is yellow, in plain words; its step stays."""
        action = self.fails("wrong_number_format")
        self.assertEqual((action.state, action.delivery), ("done", "failed"))
        self.assertIn("number is not valid", action.error)
        self.assertFalse(action.retry_at)
        self.assertEqual(self.account().last_done_step_id.name, "S2")
        with freeze_time(TODAY):
            again = self.env["dso.action"].browse(action.action_send_again()["res_id"])
            self.answer = "success"
            again.action_send()
        self.run_texts()
        self.assertEqual(again.delivery, "sent")

    def test_no_credit(self):
        """An account without credit: nothing has left; tried again by itself, and
        nothing else of the day is asked of the provider."""
        other = self._customer(
            "Other", phone="0470 65 43 21", country_id=self.belgium().id
        )
        self.invoice("20 Nov", partner=other)
        self.evaluate(TODAY, self.account(other))
        action = self.fails("insufficient_credit")
        self.assertEqual(len(self.left), 1, "the provider is asked once")
        failed = self.env["dso.action"].search(
            [("delivery", "=", "failed"), ("type", "=", "sms")]
        )
        self.assertEqual(len(failed), 1)
        self.assertIn("credit", failed.error)
        self.assertTrue(failed.retry_at)
        self.answer = "success"
        with freeze_time(datetime(2026, 11, 23, 1)):
            self.run_job(self.env["dso.action"].with_user(SUPERUSER_ID)._cron_send)
        self.assertEqual(failed.delivery, "queued")
        self.run_texts(datetime(2026, 11, 23, 1))
        self.assertEqual((failed.delivery, action.delivery), ("sent", "sent"))

    def test_account_of_one_company(self):
        """A company whose account with the provider has no credit stops no other."""
        other = self.env["res.company"].create({"name": "Other"})
        self.invoice("20 Nov")
        first = self.proposal_of()
        second = self._customer("Second", phone="0470 12 34 57")
        second.country_id = self.belgium()
        self.invoice("20 Nov", partner=second)
        last = self.proposal_of(partner=second)
        self.send(outbox=False)
        waiting = self.sms_of(first) | self.sms_of(last)
        self.assertEqual(waiting.mapped("state"), ["dso_queued", "dso_queued"])
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE dso_action SET company_id = %s WHERE id = %s", (other.id, last.id)
        )
        self.env.invalidate_all()
        asked = []

        def deliver(outbox, sms_id):
            asked.append(sms_id)
            return sms_id != self.sms_of(first).id

        with patch.object(type(self.env["sms.sms"]), "_dso_deliver", deliver):
            self.run_texts()
        self.assertEqual(sorted(asked), waiting.ids)

    def test_unreachable(self):
        """A provider that cannot be reached has taken nothing: tried again."""
        refused = urllib3.exceptions.NewConnectionError(None, "refused")
        reason = urllib3.exceptions.MaxRetryError(None, "/", refused)
        action = self.fails(_iap(requests.exceptions.ConnectionError(reason)))
        self.assertEqual(action.delivery, "failed")
        self.assertIn("cannot be reached", action.error)
        self.assertTrue(action.retry_at)

    def test_cut_in_its_dialogue(self):
        """Delivery unknown: not sent again by itself; a report says what became of
        it."""
        action = self.fails(_iap(requests.exceptions.ReadTimeout("late")))
        self.assertEqual((action.state, action.delivery), ("done", "unknown"))
        self.assertIn("unknown", action.error)
        self.answer = "success"
        with freeze_time(day("24 Nov")):
            self.run_job(self.env["dso.action"].with_user(SUPERUSER_ID)._cron_send)
        self.run_texts(day("24 Nov"))
        self.assertFalse(self.left)
        self.report(action, "delivered")
        self.assertEqual((action.delivery, action.colour), ("sent", False))
        self.assertTrue(action.delivered_at)

    def test_cut_then_not_delivered(self):
        """A report of failure replaces "delivery unknown"."""
        action = self.fails(_iap(requests.exceptions.ReadTimeout("late")))
        self.report(action, "not_delivered")
        self.assertEqual(action.delivery, "failed")
        self.assertIn("could not deliver", action.error)

    def test_unknown_before_the_dialogue(self):
        """ "Delivery unknown" stands while the provider is asked."""
        self.invoice("20 Nov")
        action = self.proposal_of()
        seen = []
        ask = self._ask

        def look(*args, **options):
            seen.append((action.delivery, self.sms_of(action).state))
            return ask(*args, **options)

        self._ask = look
        self.texts()
        self.assertEqual(seen, [("unknown", "outgoing")])

    def report(self, action, status):
        """A delivery report as the provider's call to /sms/status brings it."""
        tracker = (
            self.env["sms.tracker"]
            .with_user(SUPERUSER_ID)
            .search([("sms_uuid", "=", self.sms_of(action)[-1:].uuid)])
        )
        state = self.env["sms.sms"].IAP_TO_SMS_STATE_SUCCESS.get(status)
        with freeze_time(TODAY):
            if state:
                tracker._action_update_from_sms_state(state)
            else:
                tracker._action_update_from_provider_error(status)

    def test_reports(self):
        """Reports that come later: arrived, or a number that does not exist."""
        self.invoice("20 Nov")
        action = self.proposal_of()
        self.texts()
        self.assertFalse(action.delivered_at)
        self.report(action, "invalid_destination")
        self.assertEqual((action.delivery, action.colour), ("bounced", "yellow"))
        self.assertIn("does not exist", action.error)
        self.report(action, "delivered")
        self.assertEqual(action.delivery, "sent")
        self.assertTrue(action.delivered_at)

    def test_another_provider_without_an_answer(self):
        """Providers that hide a broken connection: delivery unknown, not failed."""
        self.invoice("20 Nov")
        action = self.proposal_of()
        self.texts(outbox=False)

        class Other(SmsApiBase):
            def _send_sms_batch(_self, messages, delivery_reports_url=False):
                return [
                    {"uuid": number["uuid"], "state": "server_error"}
                    for message in messages
                    for number in message["numbers"]
                ]

        def split(sms):
            yield Other(sms.env), sms

        with patch.object(type(self.env["sms.sms"]), "_split_by_api", split):
            self.run_texts()
        self.assertEqual(action.delivery, "unknown")

    def test_secret_links(self):
        """A link with a secret is put in when it leaves, and stored nowhere."""
        self.sms_text.body_html = (
            "<p>Please pay:<br/><a t-att-href=\"'/dso/secret/pay/%s'"
            ' % object.leader_id.id">online</a><br/>Thank you.</p>'
        )
        invoice = self.invoice("20 Nov")
        action = self.proposal_of()
        with patch.object(
            type(action), "_secret_link", lambda *_args: "https://secret.example/1"
        ):
            [(_number, text)] = self.texts()
        self.assertEqual(
            text, "Please pay:\nonline: https://secret.example/1\nThank you."
        )
        self.assertNotIn("secret.example", self.sms_of(action).body)
        self.assertIn(f"/dso/secret/pay/{invoice.id}", self.sms_of(action).body)

    def test_interactive(self):
        """§2: an interactive text message ends with the short link to its reader's
        page, which is counted as long as it leaves and stored nowhere."""
        self.email.interactive = "customer"
        self.account().interactive = True
        self.invoice("20 Nov")
        action = self.proposal_of()
        with freeze_time(TODAY):
            shown, length = action.sms_text, action.sms_length
        self.assertIn("\n", shown)
        [(_number, text)] = self.texts()
        self.assertRegex(text, r"^Please pay .*\nhttps?://\S+/dso/c/[\w-]{43}$")
        self.assertIn(str(len(text)), length)
        secret = text.rpartition("/")[2]
        self.assertNotIn(secret, self.sms_of(action).body + action.sms_message_id.body)
        token = self.env["dso.access.token"]._find(secret, "customer")
        self.assertEqual((token.recipient_id, token.action_id), (self.customer, action))
        self.customer.phone = "0470 99 99 99"
        self.assertFalse(
            self.env["dso.access.token"]._find(secret, "customer"),
            "whoever has the old number now sees nothing",
        )

    def test_interactive_without_page(self):
        """Without a page of the customer no link leaves, and the text stays."""
        self.email.interactive = "customer"
        self.account().interactive = True
        self.invoice("20 Nov")
        action = self.proposal_of()
        self.texts(outbox=False)
        self.assertIn("/dso/secret/page/0", self.sms_of(action).body)
        self.account().interactive = False
        self.run_texts()
        [(_number, text, _uuid)] = self.left
        self.assertRegex(text, r"^Please pay .*\.$")

    def test_page_of_whom_it_is_sent_to(self):
        """Where the customer's own number stands in for that of his contact, the link
        is the customer's, too."""
        self.email.interactive = "customer"
        jane = self.env["res.partner"].create(
            {"name": "Jane", "parent_id": self.customer.id, "email": "j@c.example"}
        )
        self.account().write({"interactive": True, "contact_id": jane.id})
        self.invoice("20 Nov")
        self.proposal_of()
        [(number, text)] = self.texts()
        self.assertEqual(number, NUMBER)
        secret = text.rpartition("/")[2]
        token = self.env["dso.access.token"]._find(secret, "customer")
        self.assertEqual(token.recipient_id, self.customer)

    def test_internal(self):
        """An internal one goes to the colleague's own number, or says so."""
        self.collector.partner_id.write(
            {"phone": "+32 470 00 00 07", "country_id": self.belgium().id}
        )
        self.email.interactive = "internal"
        self.invoice("20 Nov")
        self.proposal_of()
        self.assertEqual([number for number, _text in self.texts()], ["+32470000007"])
        self.assertNotEqual(self.left[0][0], NUMBER)

    def test_roles(self):
        """A viewer sees the text message, and sends none."""
        self.email.mode = "manual"
        self.invoice("20 Nov")
        action = self.proposal_of()
        viewer = self.env["res.users"].create(
            {
                "name": "View",
                "login": "view",
                "group_ids": [
                    Command.set(self.env.ref("dso_collection.group_viewer").ids)
                ],
                "company_ids": [Command.set(self.company.ids)],
                "company_id": self.company.id,
            }
        )
        with freeze_time(TODAY):
            self.assertRegex(action.with_user(viewer).sms_text, "Please pay")
            with self.assertRaises(AccessError):
                action.with_user(viewer).action_send()

    def test_queries(self):
        """A constant number of queries for each message until the outbox has it."""

        def count(number):
            partners = [
                self._customer(f"P{number}-{i}", phone=f"+32470{number}000{i:02}")
                for i in range(number)
            ]
            for partner in partners:
                self.invoice("20 Nov", partner=partner)
                self.evaluate(TODAY, self.account(partner))
            actions = self.env["dso.action"].search(
                [
                    ("account_id.partner_id", "in", [p.id for p in partners]),
                    ("type", "=", "sms"),
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            with freeze_time(TODAY):
                actions.with_user(SUPERUSER_ID)._send_or_park()
                self.env.flush_all()
            self.assertEqual(set(actions.mapped("delivery")), {"queued"})
            return self.env.cr.sql_log_count - before

        self.assertLessEqual((count(9) - count(3)) / 6, 12)
