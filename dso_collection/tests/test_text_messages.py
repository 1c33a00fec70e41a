"""Text messages, through Odoo's own SMS and the protocol of its provider."""

from contextlib import contextmanager
from unittest.mock import patch

from odoo import SUPERUSER_ID
from odoo.tests import freeze_time, tagged

from odoo.addons.sms.tools.sms_api import SmsApi

from .sending_common import TODAY, SendingCommon

NUMBER = "+32470123456"


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
