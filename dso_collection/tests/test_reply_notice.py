"""Collectors are told of replies, several in one notice; the tab counts them."""

from unittest.mock import patch

from odoo import SUPERUSER_ID, Command
from odoo.tests import freeze_time, new_test_user, tagged

from ..models.dso_qualification import ENGINE
from .common import TODAY
from .sending_common import SendingCommon


@tagged("post_install", "-at_install")
class TestReplyNotice(SendingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.collector.group_ids += cls.env.ref("dso_collection.group_collector")
        cls.collector.notification_type = "inbox"
        cls.other = cls._customer("Other customer")
        for partner in cls.customer | cls.other:
            cls.env["dso.account"]._of_partner(partner).collector_id = cls.collector

    def setUp(self):
        super().setUp()
        self.enterContext(freeze_time(TODAY))

    def reply(self, text="We pay on Friday", partner=None, **values):
        return (
            self.env["dso.reply"]
            .with_context(dso_engine=ENGINE)
            .create(
                {
                    "account_id": self.account(partner).id,
                    "body": text,
                    "source": "page",
                    **values,
                }
            )
        )

    def tell(self):
        """Run the job; the notices that it sent."""
        before = self.env["mail.message"].sudo().search([], order="id desc", limit=1).id
        self.run_job(self.env["dso.reply"].with_user(SUPERUSER_ID)._cron_tell)
        return (
            self.env["mail.message"]
            .sudo()
            .search([("id", ">", before), ("message_type", "=", "user_notification")])
        )

    def test_one_notice_for_several(self):
        """§7: the collector is told; replies of several customers come in one notice,
        and once only."""
        self.reply("We pay on Friday")
        self.reply("Goods <b>broken</b>", partner=self.other)
        notice = self.tell()
        self.assertEqual(len(notice), 1)
        self.assertEqual(notice.notified_partner_ids, self.collector.partner_id)
        for words in ("Customer", "Other customer", "We pay on Friday"):
            self.assertIn(words, notice.body)
        self.assertNotIn("<b>", notice.body)
        self.assertFalse(self.tell())

    def test_no_news(self):
        """What a user noted, a machine answered, or was taken up meanwhile."""
        self.reply("Noted by me", source="user")
        self.reply("I am away", automatic=True)
        self.reply("Thanks").action_validate()
        self.assertFalse(self.tell())

    def test_who_is_told(self):
        """§7: no collector → credit manager; an absent one's deputy."""
        manager = self.company._dso_fallback_sender()
        self.assertTrue(manager)
        self.account().collector_id = False
        self.reply()
        self.assertEqual(self.tell().notified_partner_ids, manager.partner_id)
        deputy = new_test_user(
            self.env,
            login="dso_deputy",
            groups="dso_collection.group_collector",
            notification_type="inbox",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.env["dso.absence"].create(
            {
                "user_id": self.collector.id,
                "substitute_id": deputy.id,
                "date_from": TODAY,
                "date_to": TODAY,
            }
        )
        self.reply(partner=self.other)
        self.assertEqual(self.tell().notified_partner_ids, deputy.partner_id)

    def test_confirmed_by_whom(self):
        """Where nobody takes a reply up, its confirmation comes from the company."""
        nobody = self.env["res.users"]
        self.company.email = "Collection <info@company.example>"
        reply = self.reply()
        with patch.object(type(reply), "_told_user", lambda self: nobody):
            self.assertIn("<info@company.example>", reply.answer_sender)

    def test_once_a_day(self):
        """Whoever wants it so gets one e-mail a day; the web client tells him at
        once, and shows possible fraud as such."""
        self.collector.dso_reply_notice = "daily"
        shown = []
        users = type(self.env["res.users"])
        with patch.object(
            users, "_bus_send", lambda user, kind, values: shown.append((user, values))
        ):
            self.reply("Our bank details have changed", fraud="bank_change")
            self.assertFalse(self.tell())
            self.assertFalse(self.tell())
        [(user, values)] = shown
        self.assertEqual((user, values["type"]), (self.collector, "danger"))
        self.reply("Taken up meanwhile").action_validate()
        before = self.env["mail.message"].sudo().search([], order="id desc", limit=1)
        job = self.env["dso.reply"].with_user(SUPERUSER_ID)._cron_tell_daily
        self.run_job(job)
        notice = self.env["mail.message"].sudo().search([("id", ">", before.id)])
        self.assertEqual(notice.notified_partner_ids, self.collector.partner_id)
        self.assertIn("Possible fraud", notice.body)
        self.assertNotIn("Taken up", notice.body)
        before = notice
        self.run_job(job)
        self.assertFalse(self.env["mail.message"].search([("id", ">", before.id)]))

    def test_gathered(self):
        """The job waits for further replies before it tells."""
        cron = self.env.ref("dso_collection.ir_cron_replies")
        self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]).unlink()
        self.reply()
        trigger = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self.assertEqual(str(trigger.call_at), "2026-11-23 00:10:00")

    def test_waiting_counts(self):
        """The tab counts what waits; answers of machines wait for nobody."""
        Reply = self.env["dso.reply"].with_user(self.collector)
        before = Reply.waiting_counts()
        self.reply()
        self.reply("I am away", automatic=True)
        self.account(self.other).collector_id = False
        self.reply(partner=self.other)
        after = Reply.waiting_counts()
        gained = {key: after[key] - before[key] for key in before}
        self.assertEqual(gained, {"mine": 1, "all": 2})
