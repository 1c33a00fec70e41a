"""The language model of a company: off by default, limited, and told to nobody."""

import json
import unittest

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from ..engine.embedded import EmbeddedEngine
from ..engine.llm import LlmEngine, is_available
from . import llm_server
from .test_engine_llm import PROMISE
from .test_proposals import MaiaCommon

GUESS = {**PROMISE, "date_words": None, "promise_date": None}


@tagged("post_install", "-at_install")
class TestLlm(MaiaCommon):
    def switch_on(self, url="http://127.0.0.1:1/v1", **values):
        self.env.company.write(
            {
                "dso_maia_llm_url": url,
                "dso_maia_llm_model": "small",
                "dso_maia_llm_key": "secret",
                "dso_maia_llm": True,
                **values,
            }
        )

    def engine(self):
        return self.env["dso.maia.proposal"]._engine(self.env.company)

    def test_off_by_default(self):
        """Nothing leaves the server unless the administrator says so."""
        self.assertFalse(self.env.company.dso_maia_llm)
        self.assertIsInstance(self.engine(), EmbeddedEngine)

    def test_it_needs_a_usable_address(self):
        for url in (
            "",
            "localhost:8000",
            "file:///etc/passwd",
            "https://me:secret@server/v1",
            "https://server/v1?key=secret",
            "http://[::1/v1",
        ):
            with self.subTest(url=url), self.assertRaises(ValidationError):
                self.switch_on(url)
        with self.assertRaises(ValidationError):
            self.switch_on(dso_maia_llm_model=False)

    def test_only_the_administrator_sees_it(self):
        """Neither the key nor the use of it are for collectors and managers."""
        self.switch_on()
        manager = new_test_user(
            self.env, "llm_manager", groups="dso_collection.group_manager"
        )
        company = self.env.company.with_user(manager)
        for name in ("dso_maia_llm_key", "dso_maia_llm_url", "dso_maia_llm"):
            with self.assertRaises(AccessError):
                company.read([name])
        with self.assertRaises(AccessError):
            self.env["dso.maia.llm"].with_user(manager).search([])

    def test_the_limit_of_a_day(self):
        """So many messages a day and company, each counted before it is sent."""
        self.switch_on(dso_maia_llm_daily=2)
        used = self.env["dso.maia.llm"]
        taken = [used._take(self.env.company) for _time in range(3)]
        self.assertEqual(taken, [True, True, False])
        used._note(self.env.company, 300, True)
        row = used.search([("company_id", "=", self.env.company.id)])
        self.assertEqual((row.calls, row.useful, row.characters), (2, 1, 300))
        with freeze_time("2026-11-24"):
            self.assertTrue(used._take(self.env.company))
        self.env.company.dso_maia_llm_daily = 0
        with freeze_time("2026-11-25"):
            self.assertFalse(used._take(self.env.company))

    @unittest.skipUnless(is_available(), "the optional package openai is not installed")
    def test_replies_are_read_by_both(self):
        """The name of the customer is taken out, what was sent is counted."""
        name = self.account().partner_id.name

        def respond(_handler, _request):
            return 200, llm_server.answer(json.dumps(GUESS))

        with llm_server.serving(respond) as (url, requests):
            self.switch_on(url)
            self.assertIsInstance(self.engine(), LlmEngine)
            reply = self.reply(f"We pay soon. Regards, {name}")
        proposal = self.env["dso.maia.proposal"].search([("reply_id", "=", reply.id)])
        self.assertEqual(proposal.state, "ready")
        self.assertIn("small", proposal.engine)
        [request] = requests
        self.assertNotIn(name, request["messages"][1]["content"])
        row = self.env["dso.maia.llm"].search([])
        self.assertEqual((row.calls, row.useful), (1, 1))
