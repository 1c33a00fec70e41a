"""A company that sends, and an outbox whose mails can be read."""

from datetime import datetime
from unittest.mock import patch

from odoo import SUPERUSER_ID
from odoo.tests import freeze_time

from odoo.addons.mail.tests.common import MockEmail

from .common import TODAY, DsoCommon, day


class SendingCommon(DsoCommon, MockEmail):
    """Sending is switched on at any hour; S1, S2 and S4 leave by themselves."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {
                "dso_sending_active": True,
                "dso_sending_calendar_id": False,
                "email": "info@company.example",
            }
        )
        cls.collector = cls.env["res.users"].create(
            {
                "name": "Ann Collector",
                "login": "ann",
                "email": "ann@company.example",
                "company_ids": [(4, cls.company.id)],
                "company_id": cls.company.id,
            }
        )
        cls.company.dso_collector_id = cls.collector
        cls.text = cls.env.ref("dso_collection.mail_template_reminder_1")
        cls.email.write({"mode": "auto", "template_id": cls.text.id})

    def send(self, now=TODAY, outbox=True):
        """Run the sending job, and then the outbox, at a moment.

        :return: list of the messages that left, as dicts of Odoo's mail mock
        """
        moment = (
            now if isinstance(now, datetime) else datetime(now.year, now.month, now.day)
        )
        with freeze_time(moment), self.mock_mail_gateway():
            self.run_job(self.env["dso.action"].with_user(SUPERUSER_ID)._cron_send)
            if outbox:
                self.env["mail.mail"].with_user(SUPERUSER_ID).process_email_queue()
            self.env.flush_all()
            return list(self._mails)

    def run_job(self, job):
        """Run a job that commits, as a cron would, inside this test's transaction."""
        with (
            self.enter_registry_test_mode(),
            patch.object(
                type(self.env["ir.cron"]),
                "_commit_progress",
                lambda *_args, **_options: self.env.flush_all() or float("inf"),
            ),
        ):
            job()

    def run_outbox(self, now=TODAY):
        with freeze_time(now), self.mock_mail_gateway():
            self.env["mail.mail"].with_user(SUPERUSER_ID).process_email_queue()
            return list(self._mails)

    def proposal_of(self, today=TODAY, partner=None):
        account = self.evaluate(today, self.account(partner))
        return account.proposal_id

    def mails_of(self, action):
        return self.env["mail.mail"].search(
            [("model", "=", "dso.action"), ("res_id", "=", action.id)], order="id"
        )


__all__ = ["SendingCommon", "TODAY", "day"]
