"""The screens in a browser, and the widgets of our own."""

from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.tests import HttpCase, tagged

from .common import DsoCommon


@tagged("post_install", "-at_install", "is_tour")
class TestUi(DsoCommon, HttpCase):
    def test_first_hour(self):
        """A ledger that was there before collection: first steps, settings, first
        evaluation, and a collector's verbs on the customer that it brings up."""
        today = fields.Date.today()
        self.customer.name = "Brasserie Lumière"
        self.scenario.minimum_gap = 0
        journal = self.env["account.journal"].create(
            {"name": "Opening balance", "code": "OPN", "type": "general"}
        )
        Dirty = self.env.registry["dso.dirty"]
        with patch.object(Dirty, "_mark", lambda *args, **kwargs: None):
            first = self.invoice(today - timedelta(days=20), 1200.0)
            second = self.invoice(today - timedelta(days=4), 300.0)
            self.env["account.move"].create(
                {
                    "journal_id": journal.id,
                    "date": today - timedelta(days=60),
                    "line_ids": [
                        Command.create(
                            {
                                "name": "Old invoice",
                                "partner_id": self.customer.id,
                                "account_id": self.company_data[
                                    "default_account_receivable"
                                ].id,
                                "date_maturity": today - timedelta(days=1),
                                "debit": 75.0,
                            }
                        ),
                        Command.create(
                            {
                                "name": "Equity",
                                "account_id": self.company_data[
                                    "default_account_revenue"
                                ].id,
                                "credit": 75.0,
                            }
                        ),
                    ],
                }
            ).action_post()
        self.assertFalse(self.env["dso.account"].search([]))
        self.status("dispute", name="Wrong price", delay=2)

        self.start_tour(
            "/odoo", "dso_first_hour", login=self.env.user.login, timeout=180
        )

        self.assertTrue(journal.dso_opening)
        self.assertEqual(self.company.dso_minimum_amount, 50)
        account = self.env["dso.account"].search(
            [("partner_id", "=", self.customer.id)]
        )
        self.assertEqual(account.collector_id, self.env.user)
        # S2 was done, S3 re-dated and skipped, the dispute took the leader out
        done = account.action_ids.filtered(lambda a: a.state == "done")
        self.assertEqual(done.step_id.name, "S2")
        skipped = account.action_ids.filtered(lambda a: a.cause == "skipped")
        self.assertEqual(skipped.step_id.name, "S3")
        self.assertEqual(skipped.date_forced, today + timedelta(days=5))
        self.assertEqual(first.dso_status_type, "dispute")
        self.assertTrue(first.dso_starred)
        self.assertFalse(second.dso_starred)
        self.assertEqual(account.leader_id, second)

    def test_dispute(self):
        """Q6: a dispute from its creation on the record to its outcome."""
        self.customer.name = "Brasserie Lumière"
        self.scenario.minimum_gap = 0
        today = fields.Date.today()
        move = self.invoice(today - timedelta(days=5), 1200.0)
        self.status("dispute", name="Wrong price")
        account = self.account()
        account.evaluate()
        self.start_tour(
            f"/odoo/action-dso_collection.dso_account_action/{account.id}",
            "dso_dispute",
            login=self.env.user.login,
            timeout=180,
        )
        row = move.dso_item_ids.qualification_id
        self.assertEqual(row.status_type, "dispute_resolved")
        self.assertEqual(row.dispute_outcome, "partly")
        self.assertEqual(
            row.dispute_sentence, "We credit the discount; the rest is due."
        )
        self.assertEqual(account.leader_id, move)

    def test_payment_plan(self):
        """A plan on the ticked items of the statement: four promises, one follow-up."""
        self.customer.name = "Brasserie Lumière"
        today = fields.Date.today()
        move = self.invoice(today - timedelta(days=5), 1200.0)
        account = self.account()
        account.evaluate()
        self.start_tour(
            f"/odoo/action-dso_collection.dso_account_action/{account.id}",
            "dso_payment_plan",
            login=self.env.user.login,
            timeout=180,
        )
        promises = self.env["dso.promise"].search([("move_ids", "in", move.ids)])
        self.assertEqual(promises.mapped("item_amount"), [300] * 4)
        self.assertEqual(len(promises.plan_id), 1)
        follow_up = account.action_ids.filtered(lambda a: a.kind == "specific")
        self.assertEqual(follow_up.promise_id, promises.sorted("sequence")[0])

    def test_record(self):
        """§6: the record of a customer as a collector uses it in a call."""
        today = fields.Date.today()
        late = self.invoice(today - timedelta(days=20), 1200.0)
        other = self.invoice(today + timedelta(days=9), 300.0)
        other.dso_qualify(self.status("on_going"), "Wants a copy")
        account = self.account()
        account.evaluate()

        self.start_tour(
            f"/odoo/collection-customers/{account.id}",
            "dso_record",
            login=self.env.user.login,
            timeout=180,
        )

        self.assertFalse(late.dso_ignored)
        self.assertFalse(other.dso_status_id)

    def two_invoices(self):
        self.customer.name = "Brasserie Lumière"
        today = fields.Date.today()
        moves = self.invoice(today - timedelta(days=20), 1200.0)
        moves |= self.invoice(today - timedelta(days=4), 300.0)
        self.account().evaluate()
        return moves

    def tour_of_account(self, name):
        self.start_tour(
            f"/odoo/collection-customers/{self.account().id}",
            name,
            login=self.env.user.login,
            timeout=180,
        )

    def test_qualify_steps(self):
        """§3.3: the three steps by mouse and keyboard, two answers of one reply, the
        last one undone."""
        first, second = self.two_invoices()
        self.company.dso_sending_active = True
        self.company.email = "info@company.example"
        resolver = self.env["res.users"].create(
            {
                "name": "Sam Resolver",
                "login": "sam_resolver",
                "email": "sam@company.example",
                "company_ids": [Command.set(self.company.ids)],
                "company_id": self.company.id,
            }
        )
        self.env.user.email = "ann@company.example"
        self.status("dispute", name="Wrong price", delay=2)
        self.status("promise_to_pay", name="By card")
        self.tour_of_account("dso_qualify_steps")
        self.assertEqual(first.dso_status_type, "dispute")
        self.assertEqual(first.dso_resolver_id, resolver)
        self.assertFalse(second.dso_status_id)
        sent = self.account().action_ids.filtered(lambda a: a.kind == "out_of_scenario")
        self.assertEqual((len(sent), sent.interactive), (1, "internal"))
        self.assertEqual(len(self.account().qualification_ids), 3)

    def test_quick_promise(self):
        """Q7: one click promises the ticked invoices."""
        moves = self.two_invoices()
        self.tour_of_account("dso_quick_promise")
        self.assertEqual(
            moves.mapped("dso_promise_date"),
            [fields.Date.today() + timedelta(days=3)] * 2,
        )

    def test_widgets(self):
        self.browser_js(
            "/web/tests?headless&loglevel=2&preset=desktop&timeout=15000"
            "&filter=%40dso_collection",
            "",
            "",
            login="admin",
            timeout=300,
            success_signal="[HOOT] Test suite succeeded",
        )
