"""A reply by e-mail, from the mail server to the follow-ups, in a browser."""

import contextlib
import smtplib
import socket
import unittest
from datetime import timedelta

try:
    from aiosmtpd.controller import Controller
except ImportError:
    Controller = None

from odoo import SUPERUSER_ID, fields
from odoo.tests import HttpCase, tagged

from odoo.addons.dso_collection.tests.test_mail_replies import MailReplyCommon


class Postbox:
    """Takes mails in by SMTP as a mail server does that hands them to Odoo."""

    def __init__(self):
        self.mails = []

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - its name
        self.mails.append(envelope.content)
        return "250 Taken"


@contextlib.contextmanager
def mail_server():
    """:return: (Postbox, port) on the loopback"""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    postbox = Postbox()
    controller = Controller(postbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield postbox, port
    finally:
        controller.stop()


@unittest.skipUnless(Controller, "needs the Python package aiosmtpd")
@tagged("post_install", "-at_install", "is_tour")
class TestUiMaia(MailReplyCommon, HttpCase):
    def setUp(self):
        # a browser has its own clock: no frozen day
        super(MailReplyCommon, self).setUp()

    def test_two_situations_of_one_mail(self):
        """Case 45: an e-mail promises one invoice and disputes another: two proposals,
        nothing applied before a person validates them one after the other."""
        today = fields.Date.today()
        disputed = self.invoice(today - timedelta(days=20), 1200.0)
        promised = self.invoice(today - timedelta(days=15), 300.0)
        account = self.account()
        account.capture = True
        account._make_capture_addresses()
        day = today + timedelta(days=10)
        message = self.message(
            account.capture_address,
            f"Hello,\n\nthe goods of {disputed.name} are of bad quality, broken and"
            f" scratched: we refuse to pay it. {promised.name} will be paid on"
            f" {day.day} {day:%B} {day.year}.\n\nKind regards\nJane",
        )
        with (
            mail_server() as (postbox, port),
            smtplib.SMTP("127.0.0.1", port, timeout=60) as smtp,
        ):
            smtp.send_message(message)
        [taken] = postbox.mails
        [reply], _unmatched = self.receive(taken)
        self.assertEqual(reply.maia_state, "queued")
        self.run_job(self.env["dso.maia.proposal"].with_user(SUPERUSER_ID)._cron_read)
        self.assertEqual(len(reply.maia_item_ids), 2)
        self.assertFalse((disputed | promised).dso_status_id)

        self.start_tour(
            "/odoo/collection-replies",
            "dso_maia_two_situations",
            login=self.env.user.login,
            timeout=180,
        )
        self.env.invalidate_all()
        self.assertEqual(disputed.dso_status_type, "dispute")
        self.assertEqual(promised.dso_status_type, "promise_to_pay")
        self.assertEqual(promised.dso_promise_date, day)
        self.assertEqual(reply.state, "validated")
        follow_ups = self.env["dso.action"].search(
            [("account_id", "=", account.id), ("kind", "=", "specific")]
        )
        self.assertEqual(follow_ups.line_ids.move_id, disputed | promised)
        self.assertIn(day, follow_ups.mapped("date"))
        self.assertEqual(reply.maia_item_ids.mapped("decision"), ["confirmed"] * 2)
        examples = self.env["dso.maia.example"].search([("reply_id", "=", reply.id)])
        self.assertEqual(
            set(examples.mapped("decided_type")), {"dispute", "promise_to_pay"}
        )
