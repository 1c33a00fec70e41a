"""A collector's morning in a browser."""

from datetime import timedelta

from odoo import Command, fields
from odoo.tests import HttpCase, new_test_user, tagged

from .common import DsoCommon


@tagged("post_install", "-at_install", "is_tour")
class TestUiMorning(DsoCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.today()
        cls.collector = new_test_user(
            cls.env,
            login="dso_morning",
            groups="dso_collection.group_collector,base.group_allow_export,"
            "account.group_account_invoice",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.scenario = cls._scenario("Calls", ("Call", 3, cls.phone))
        cls.company.dso_scenario_id = cls.scenario
        cls.env["dso.status"].create(
            [
                {"name": "By card", "type": "promise_to_pay", "sequence": 0},
                {"name": "Wrong price", "type": "dispute"},
            ]
        )

    def customers(self, count, name):
        """Customers of the collector.

        :return: dso.account
        """
        partners = self.env["res.partner"].create(
            [
                {
                    "name": f"{name} {number}",
                    "email": f"ar{number}@customer.example",
                    "phone": "+1 555-0100",
                    "is_company": True,
                }
                for number in range(1, count + 1)
            ]
        )
        accounts = self.env["dso.account"].browse()
        for partner in partners:
            accounts |= self.env["dso.account"]._of_partner(partner)
        accounts.collector_id = self.collector
        return accounts

    def test_morning(self):
        """§5: open, filter, confirm 50 automatic, 5 calls with outcomes, qualify a
        reply, export the history, all without leaving the agenda."""
        written = self.customers(50, "Reader")
        confirm = self.env["dso.action"].create(
            [
                {
                    "account_id": account.id,
                    "action_model_id": self.email.id,
                    "mode": "auto_confirm",
                    "date": self.today,
                }
                for account in written
            ]
        )
        # leaves by itself: nobody confirms it
        self.env["dso.action"].create(
            {
                "account_id": written[0].id,
                "action_model_id": self.email.id,
                "mode": "auto",
                "date": self.today + timedelta(days=1),
            }
        )
        called = self.customers(5, "Callee")
        for account in called:
            self.invoice(
                self.today - timedelta(days=3), 100.0, partner=account.partner_id
            )
        disputed = self.customers(1, "Writer")
        move = self.invoice(
            self.today + timedelta(days=9), 75.0, partner=disputed.partner_id
        )
        (called | disputed).evaluate()
        calls = called.proposal_id
        self.assertEqual((len(calls), set(calls.mapped("colour"))), (5, {"red"}))
        reply = self.env["dso.reply"].create(
            {"account_id": disputed.id, "body": "The price is wrong"}
        )

        self.start_tour(
            "/odoo/collection-agenda", "dso_morning", login="dso_morning", timeout=240
        )

        self.assertEqual(confirm.mapped("confirmed"), [True] * 50)
        attempts = called.action_ids.filtered("call_outcome").sorted("account_id")
        self.assertEqual(
            attempts.mapped("call_outcome"), ["no_answer"] * 3 + ["reached", "promise"]
        )
        self.assertEqual((reply.state, reply.user_id), ("validated", self.collector))
        self.assertEqual(move.dso_status_type, "dispute")
        export = self.env["dso.history.export"].sudo().search([], limit=1)
        self.assertEqual((export.user_id, export.state), (self.collector, "ready"))
        self.assertEqual(export.row_count, 5)

    def test_set_up(self):
        """An administrator sets up a scenario, a status and sending."""
        self.env.user.group_ids += self.env.ref("base.group_system")
        self.assertFalse(self.company.dso_sending_active)
        self.start_tour(
            "/odoo/collection-customers",
            "dso_set_up",
            login=self.env.user.login,
            timeout=240,
        )
        scenario = self.env["dso.scenario"].search([("name", "=", "Large customers")])
        self.assertEqual(
            [(step.days, step.action_model_id) for step in scenario.step_ids],
            [(3, self.email), (10, self.phone)],
        )
        status = self.env["dso.status"].search([("name", "=", "Waits for credit note")])
        self.assertEqual((status.type, status.delay), ("dispute", 7))
        self.assertTrue(self.company.dso_sending_active)
