"""Insights: each anomaly counted, listed, mended (rules.md §9)."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged

from odoo.addons.dso_collection.tests.common import TODAY, day

from ..report.dso_insight import ANOMALIES
from .report_case import ReportCase

REPORTS = (
    "dso.delay.report",
    "dso.dispute.report",
    "dso.promise.report",
    "dso.forecast.error",
    "dso.forecast.report",
    "dso.schedule.report",
    "dso.trend.report",
    "dso.performance.report",
    "dso.living.report",
)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestInsight(ReportCase):
    def insight(self, key):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["dso.insight"].search([("key", "=", key)]).ensure_one()

    def found(self, key):
        """What the list of an anomaly shows."""
        insight = self.insight(key)
        action = insight.action_open_list()
        records = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(insight.count, len(records), key)
        return records

    def assertFinds(self, key, record, cure):
        """The record is found, and no longer once it is mended."""
        self.assertIn(record, self.found(key))
        cure()
        if "reason" in record._fields:
            record.evaluate(TODAY)
        self.assertNotIn(record, self.found(key))

    def owing(self):
        self.invoice("1 Nov", 100)
        account = self.evaluate()
        account.collector_id = self.env.user
        return account

    def test_each_is_explained(self):
        """Every anomaly tells why it matters and how it is mended, and its list opens
        for a viewer."""
        self.company.root_id.dso_sending_active = True
        viewer = new_test_user(
            self.env,
            "insight_viewer",
            "base.group_user,dso_collection.group_viewer",
            company_id=self.company.id,
        )
        insights = self.env["dso.insight"].with_user(viewer).search([])
        self.assertEqual(len(insights), len(ANOMALIES))
        for insight in insights:
            self.assertTrue(insight.explanation, insight.key)
            self.assertTrue(insight.cure, insight.key)
            self.assertGreaterEqual(insight.count, 0)
            if insight.key != "sending_off":
                action = insight.action_open_list()
                rows = self.env[action["res_model"]].with_user(viewer)
                self.assertEqual(rows.search_count(action["domain"]), insight.count)
                self.assertEqual(action["views"][0][1], "list")

    def test_customers(self):
        """Customers who cannot be reached, as long as they owe something."""
        account = self.owing()
        partner = account.partner_id
        good = {
            "email": "ar@customer.example",
            "street": "Main street 1",
            "city": "Springfield",
            "country_id": self.env.ref("base.us").id,
            "phone": "+1 555 0100",
            "message_bounce": 0,
        }
        partner.write(good)
        for key, bad in (
            ("no_contact", {"email": False}),
            ("wrong_email", {"email": "ar@customer"}),
            ("wrong_email", {"email": "ar customer@example.com"}),
            ("bounced", {"message_bounce": 2}),
            ("no_address", {"street": False}),
            ("no_address", {"country_id": False}),
            ("no_phone", {"phone": False}),
        ):
            partner.write(bad)
            self.assertFinds(key, account, lambda: partner.write(good))
        self.pay(self.env["account.move"].search([("partner_id", "=", partner.id)]))
        partner.email = False
        self.evaluate(account=account)
        self.assertNotIn(account, self.found("no_contact"))

    def test_credit_balance(self):
        """A customer to whom we owe."""
        account = self.owing()
        self.unallocated(500)
        account.evaluate(TODAY)
        self.assertFinds("credit_balance", account, lambda: self.invoice("1 Nov", 900))

    def test_hold_over(self):
        account = self.owing()
        account.write({"hold_reason": "pause", "hold_until": day("20 Nov")})
        self.assertFinds(
            "hold_over", account, lambda: account.write({"hold_reason": False})
        )

    def test_items(self):
        """Entries of no kind, receivables of nobody, odd due dates."""
        partner = self.customer
        self.assertFalse(
            self.found("unmapped").filtered(lambda row: row.partner_id == partner)
        )
        entry = self.entry((partner, 60, "1 Oct"), (None, 40, None))
        self.assertEqual(
            self.found("unmapped")
            .filtered(lambda row: row.partner_id == partner)
            .move_id,
            entry,
        )
        nobody = self.receivables(entry).filtered(lambda line: not line.partner_id)
        self.assertIn(nobody, self.found("no_customer"))
        move = self.invoice("20 Nov", 100, issued="10 Nov")
        line = self.receivables(move)
        self.assertNotIn(line, self.found("due_before"))
        self.assertNotIn(line, self.found("no_due"))
        line.date_maturity = day("1 Nov")
        self.assertIn(line, self.found("due_before"))
        self.env.cr.execute(
            "UPDATE account_move_line SET date_maturity = NULL WHERE id = %s", [line.id]
        )
        self.assertIn(line, self.found("no_due"))

    def test_open_in_one_currency(self):
        """Settled in its own currency, open in the company's, or the other way."""
        line = self.receivables(self.invoice("20 Nov", 100))
        self.assertNotIn(line, self.found("one_sided"))
        self.env.cr.execute(
            "UPDATE account_move_line SET amount_residual_currency = 0 WHERE id = %s",
            [line.id],
        )
        self.assertIn(line, self.found("one_sided"))

    def test_disputes_without_resolver(self):
        move = self.invoice("1 Nov", 100)
        move.dso_qualify(self.status("dispute"), "")
        item = move.dso_item_ids
        self.assertFinds(
            "no_resolver",
            item,
            lambda: move.dso_qualify(
                self.status("dispute"), "", resolver=self.env.user
            ),
        )

    def test_accounts(self):
        """Customers that nobody works on."""
        account = self.owing()
        account.collector_id = False
        self.assertFinds(
            "no_collector",
            account,
            lambda: account.write({"collector_id": self.env.user.id}),
        )
        scenario = account.scenario_id
        account.scenario_id = False
        self.assertFinds(
            "no_scenario", account, lambda: account.write({"scenario_id": scenario.id})
        )
        account.scenario_id = self.env["dso.scenario"].create({"name": "Empty"})
        account.evaluate(TODAY)
        self.assertFinds(
            "empty_scenario",
            account,
            lambda: account.write({"scenario_id": scenario.id}),
        )

    def test_actions(self):
        """Follow-ups late by more than a week, actions that cannot be sent."""
        move = self.invoice("1 Nov", 100)
        with freeze_time(day("1 Nov")):
            move.dso_qualify(
                self.status("on_going"),
                "",
                follow_up={"action_model_id": self.phone.id, "date": day("15 Nov")},
            )
        action = self.account().open_action_ids.filtered(
            lambda action: action.kind == "specific"
        )
        self.assertFinds(
            "late_follow_up", action, lambda: action.action_reschedule(day("16 Nov"))
        )
        self.customer.email = False
        action = self.env["dso.action"].create(
            {
                "account_id": self.account().id,
                "kind": "specific",
                "action_model_id": self.email.id,
                "mode": "auto",
                "date": TODAY,
                "line_ids": [Command.create({"move_id": move.id})],
            }
        )
        self.evaluate()
        self.assertIn(action, self.found("not_sent"))
        self.customer.email = "ar@customer.example"
        self.evaluate()
        self.assertNotIn(action, self.found("not_sent"))

    def test_found_filter(self):
        """The screen begins with what there is."""
        found = self.env["dso.insight"].search([("count", ">", 0)])
        self.assertTrue(all(insight.count for insight in found))
        rest = self.env["dso.insight"].search([]) - found
        self.assertFalse(any(insight.count for insight in rest))

    def test_sending_off(self):
        """Nothing leaves: said, and mended by a credit manager only."""
        self.company.root_id.dso_sending_active = False
        insight = self.insight("sending_off")
        self.assertEqual(insight.count, 1)
        self.assertTrue(insight.action_open_list())
        viewer = new_test_user(
            self.env,
            "insight_collector",
            "base.group_user,dso_collection.group_collector",
            company_id=self.company.id,
        )
        with self.assertRaises(UserError):
            insight.with_user(viewer).action_open_list()

    def test_assign_many(self):
        """Customers without collector go to mass assignment, for those who may."""
        account = self.owing()
        account.collector_id = False
        insight = self.insight("no_collector")
        action = insight.action_assign()
        wizard = self.env["dso.assign"].with_context(**action["context"]).create({})
        self.assertEqual(wizard.account_count, insight.count)
        collector = new_test_user(
            self.env,
            "insight_assigner",
            "base.group_user,dso_collection.group_collector",
            company_id=self.company.id,
        )
        self.assertFalse(insight.with_user(collector).can_assign)
        with self.assertRaises(UserError):
            insight.with_user(collector).action_assign()


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestReportRights(ReportCase):
    """Who sees the reports of delays, disputes, forecasts and the others."""

    def _life(self):
        move = self.invoice("1 Oct", 1000, issued="1 Sep")
        self.settled("1 Oct", 500, 10)
        self.invoice("10 Sep", 80, issued="1 Aug")
        move.dso_qualify(self.status("dispute"), "")
        promised = self.invoice("2 Oct", 300, issued="1 Sep")
        promised.dso_qualify(
            self.status("promise_to_pay"), "", promise_date=day("27 Nov")
        )
        self.env.flush_all()

    def member(self, login, groups, **values):
        return new_test_user(
            self.env, login, groups, company_id=self.company.id, **values
        )

    def test_viewer_reads(self):
        """A viewer sees every report and its table; other employees none; nobody
        writes."""
        self._life()
        viewer = self.member("rr_viewer", "base.group_user,dso_collection.group_viewer")
        employee = self.member("rr_employee", "base.group_user")
        for name in REPORTS:
            report = self.env[name].with_user(viewer)
            rows = report.search([("partner_id", "=", self.customer.id)])
            self.assertTrue(rows, name)
            self.assertTrue(rows.read(), name)
            self.assertTrue(report._report_table()["rows"], name)
            with self.assertRaises(AccessError):
                rows[0].check_access("write")
            with self.assertRaises(AccessError):
                self.env[name].with_user(employee).search_count([])
            with self.assertRaises(AccessError):
                self.env[name].with_user(employee)._report_table()

    def test_other_companies(self):
        """Rows of companies that are not switched on, or not the user's, stay out."""
        self._life()
        viewer = self.member(
            "rr_viewer2", "base.group_user,dso_collection.group_viewer"
        )
        other = self.setup_other_company()["company"]
        stranger = new_test_user(
            self.env,
            "rr_stranger",
            "base.group_user,dso_collection.group_viewer",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        mine = [("partner_id", "=", self.customer.id)]
        for name in REPORTS:
            report = self.env[name].with_context(allowed_company_ids=False)
            self.assertTrue(report.with_user(viewer).search_count(mine), name)
            self.assertFalse(report.with_user(stranger).search_count(mine), name)
            with self.assertRaises(AccessError):
                report.with_user(stranger)._report_table(
                    {"companies": self.company.ids}
                )

    def test_buttons(self):
        """Rows open their item and their customer."""
        self._life()
        for name in REPORTS:
            row = self.env[name].search([("partner_id", "=", self.customer.id)])[0]
            self.assertEqual(row.action_open_account()["res_id"], self.account().id)
            if "move_id" in row._fields:
                self.assertEqual(row.action_open_item()["res_id"], row.move_id.id)

    def test_no_day(self):
        """A day that is none is refused in words."""
        for name in REPORTS:
            with self.assertRaises(UserError):
                self.env[name].with_context(dso_as_of="yesterday").search([])
