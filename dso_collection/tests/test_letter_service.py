"""Letters through Odoo's post service, with a provider that answers (rules.md §5)."""

from unittest.mock import patch

import requests

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .sending_common import TODAY
from .test_letters import OutboxCase


@tagged("post_install", "-at_install")
class TestLetterService(OutboxCase):
    def setUp(self):
        super().setUp()
        if self.env["dso.letter"]._service() is None:
            self.skipTest("Snailmail is not installed")
        self.company.dso_letter_way = "service"
        self.asked = []

    def job_with(self, answer):
        """Run the job with a post service that answers so.

        :param answer: function of the documents that gives the service's reply
        """

        def provider(url, params=None, **_options):
            self.asked.append(params["documents"])
            return answer(params["documents"])

        with patch(
            "odoo.addons.snailmail.models.snailmail_letter.iap_tools.iap_jsonrpc",
            provider,
        ):
            self.job()

    def took(self, documents):
        return {
            "request_code": 200,
            "request": {
                "documents": [{**d, "sent": True, "send_id": 7} for d in documents]
            },
        }

    def refused(self, error):
        return lambda documents: {
            "request_code": 200,
            "request": {"documents": [{**d, "error": error} for d in documents]},
        }

    def outbox(self, action):
        return self.env["snailmail.letter"].search([("res_id", "=", action.id)])

    def test_sent(self):
        """The service took it: posted, with the PDF that was kept."""
        action = self.sent()
        self.assertTrue(action.letter_id.by_service)
        self.job_with(self.took)
        self.assertEqual((action.letter_id.state, action.delivery), ("posted", "sent"))
        (documents,) = self.asked
        self.assertEqual(documents[0]["address"]["city"], "Lyon")
        self.assertTrue(documents[0]["pdf_bin"])
        self.job_with(self.took)
        self.assertEqual(len(self.asked), 1, "never twice")

    def test_refused(self):
        """§5: what the service says stands at the action, in plain words; the letter is
        kept out of the service's own queue."""
        action = self.sent()
        self.job_with(self.refused("NO_PRICE_AVAILABLE"))
        self.assertEqual((action.delivery, action.colour), ("failed", "yellow"))
        self.assertIn("not covered", action.error)
        self.assertEqual(self.outbox(action).state, "canceled")
        self.job_with(self.took)
        self.assertEqual(len(self.asked), 1)

    def test_no_credit(self):
        """What its own job would send again by itself is not left to it."""
        action = self.sent()
        self.job_with(self.refused("CREDIT_ERROR"))
        self.assertIn("credit", action.error)
        pending = self.env["snailmail.letter"].search(
            [("res_id", "=", action.id), ("state", "in", ("pending", "error"))]
        )
        self.assertFalse(pending)

    def test_cut(self):
        """No answer is no refusal: delivery unknown, not sent again."""
        action = self.sent()

        def cut(_documents):
            raise requests.ConnectionError()

        with mute_logger("odoo.addons.dso_collection.models.dso_letter_service"):
            self.job_with(cut)
        self.assertEqual(action.delivery, "unknown")
        self.assertIn("may have been sent", action.error)
        self.job_with(self.took)
        self.assertEqual(len(self.asked), 1)

    def test_settled_before(self):
        """L17: the last look comes before the service, too."""
        action = self.sent()
        self.pay(action.leader_id)
        self.job_with(self.took)
        self.assertFalse(self.asked)
        self.assertEqual(action.cause, "settled")

    def test_closed(self):
        """Switch and hours bind what leaves by itself."""
        action = self.sent()
        self.company.dso_sending_active = False
        self.job_with(self.took)
        self.assertEqual(action.letter_id.state, "waiting")
        self.assertFalse(self.asked)

    def test_switched_off_while_it_runs(self):
        """The switch stops what is left of a run."""
        first = self.sent()
        other = self._customer("Other", street="1 Road", zip="1", city="Town")
        other.country_id = self.env.ref("base.fr")
        self.invoice("20 Nov", partner=other)
        second = self.proposal_of(partner=other)
        self.send(outbox=False)

        def switch_off(documents):
            self.company.dso_sending_active = False
            return self.took(documents)

        self.job_with(switch_off)
        self.assertEqual(len(self.asked), 1)
        self.assertEqual(
            (first.letter_id.state, second.letter_id.state), ("posted", "waiting")
        )

    def test_registered_letters_stay(self):
        """The service posts no registered letters."""
        notice = self.env["dso.action"].create(
            {
                "account_id": self.evaluate(TODAY, self.account()).id,
                "action_model_id": self.letter.id,
            }
        )
        self.assertFalse(notice._letter_by_service())

    def test_window(self):
        """The service expects the address on the right."""
        self.assertEqual(self.company._dso_letter_layout(), "right")


@tagged("post_install", "-at_install")
class TestWithoutService(OutboxCase):
    def test_not_installed(self):
        """Without the app nothing is asked of it, and nobody can choose it."""
        letters = type(self.env["dso.letter"])
        with patch.object(letters, "_service", lambda self: None):
            action = self.sent()
            self.assertFalse(action.letter_id.by_service)
            self.job()
            self.assertEqual(action.letter_id.state, "waiting")
            with self.assertRaisesRegex(ValidationError, "install the app"):
                self.company.dso_letter_way = "service"
