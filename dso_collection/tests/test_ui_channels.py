"""Calls, letters, releases and text messages in a browser."""

from datetime import timedelta

from odoo import Command, fields
from odoo.tests import HttpCase, tagged

from .sending_common import SendingCommon


@tagged("post_install", "-at_install", "is_tour")
class TestUiChannels(SendingCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.write(
            {"street": "1 Main Street", "zip": "10115", "city": "Berlin"}
        )
        cls.customer.write(
            {
                "name": "Brasserie Lumière",
                "phone": "+1 555-0100",
                "street": "14 rue de la République",
                "zip": "69002",
                "city": "Lyon",
                "country_id": cls.env.ref("base.fr").id,
            }
        )
        cls.today = fields.Date.today()

    def ledger(self):
        """Two overdue invoices.

        :return: (the older one, its account)
        """
        older = self.invoice(self.today - timedelta(days=40), 1200.0)
        newer = self.invoice(self.today - timedelta(days=4), 300.0)
        (older | newer).is_move_sent = True
        account = self.account()
        account.evaluate()
        return older, account

    def tour(self, record, name):
        path = {
            "dso.account": "collection-customers",
            "dso.action": "collection-actions",
        }[record._name]
        self.env.flush_all()
        self.start_tour(
            f"/odoo/{path}/{record.id}",
            name,
            login=self.env.user.login,
            timeout=180,
        )
        self.env.invalidate_all()

    def test_call(self):
        """§2: a call that nobody answers comes back; a promise on the phone leads into
        qualification with what was said."""
        older, account = self.ledger()
        self.phone.script = "<p>Good morning: {{ object.claimed_words }}.</p>"
        self.env["dso.status"].create(
            {"name": "By card", "type": "promise_to_pay", "sequence": 0}
        )
        self.tour(account, "dso_call")
        calls = account.action_ids.filtered("call_outcome").sorted("id")
        self.assertEqual(calls.mapped("call_outcome"), ["no_answer", "promise"])
        self.assertEqual(older.dso_status_type, "promise_to_pay")
        self.assertEqual(older.dso_comment, "Mrs Weber pays by card")
        self.assertEqual(older.dso_promise_date, self.today + timedelta(days=4))

    def test_letters(self):
        """§2: a letter is handed over, printed in one file with others, and posted."""
        _older, account = self.ledger()
        post = self._model("Letter", "letter", template=True)
        action = self.env["dso.action"].create(
            {"account_id": account.id, "action_model_id": post.id}
        )
        action.action_send()
        self.tour(account, "dso_letters_print")
        batch = action.letter_id.batch_id
        self.assertEqual(batch.state, "queued")
        self.run_job(batch._engine()._cron_make)
        self.env.flush_all()
        self.tour(account, "dso_letters_post")
        self.assertEqual((batch.state, action.letter_id.state), ("posted", "posted"))
        self.assertEqual(action.delivery, "sent")

    def test_release(self):
        """§2: a formal notice leaves once a person has ticked every point."""
        _older, account = self.ledger()
        notice = self.env["dso.action"].create(
            {"account_id": account.id, "action_model_id": self.letter.id}
        )
        self.env.user.group_ids = [
            Command.link(self.env.ref("dso_collection.group_release").id)
        ]
        self.tour(notice, "dso_release")
        self.assertEqual(notice.state, "done")
        self.assertEqual(notice.release_id.user_id, self.env.user)
        self.assertEqual(notice.letter_id.state, "waiting")

    def test_text_message(self):
        """§2: a text message is shown as it will leave, with its length, and leaves."""
        _older, account = self.ledger()
        self.customer.write(
            {"phone": "0470 12 34 56", "country_id": self.env.ref("base.be").id}
        )
        text = self.env["mail.template"].create(
            {
                "name": "Short",
                "model_id": self.env["ir.model"]._get_id("dso.action"),
                "body_html": "<p>Please pay <t t-out='object.claimed_words'/>.</p>",
            }
        )
        model = self._model("Text message", "sms")
        model.template_id = text
        action = self.env["dso.action"].create(
            {"account_id": account.id, "action_model_id": model.id}
        )
        self.tour(action, "dso_text_message")
        self.assertEqual(action.state, "done")
        message = self.env["sms.sms"].search([("dso_action_id", "=", action.id)])
        self.assertEqual(message.number, "+32470123456")
        self.assertEqual(message.state, "dso_queued")
