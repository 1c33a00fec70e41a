"""Screens of the reports in a browser: their day, and how they are taken away."""

from datetime import timedelta
from io import BytesIO

from pypdf import PdfReader

from odoo.tests import HttpCase, tagged

from odoo.addons.dso_collection.tests.common import DsoCommon


@tagged("post_install", "-at_install", "is_tour")
class TestUiReports(DsoCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.name = "Brasserie Lumière"
        # a browser has its own clock: no frozen day
        cls.today = cls.company._dso_today()
        cls.month_end = cls.today.replace(day=1) - timedelta(days=1)

    def ledger(self):
        """Of an invoice of 1 200, open on the 1st of last month, 200 were paid in that
        month and the rest today, when another one of 300 was issued."""
        first = self.month_end.replace(day=1)
        old = self.invoice(
            first - timedelta(days=20), 1200, issued=first - timedelta(days=60)
        )
        self.pay(old, 200, on=first + timedelta(days=14))
        self.pay(old, on=self.today)
        new = self.invoice(self.today + timedelta(days=30), 300, issued=self.today)
        self.env.flush_all()
        return old, new

    def tour(self, path, name):
        self.env.flush_all()
        self.start_tour(f"/odoo/{path}", name, login=self.env.user.login, timeout=180)
        self.env.invalidate_all()

    def test_as_of(self):
        """The day of a report: a preset, a day of the calendar, what cells open, and
        back to today."""
        self.ledger()
        self.tour("collection-aged-balance", "dso_report_as_of")

    def test_trend_as_of(self):
        """A trend ends on the day chosen."""
        self.ledger()
        self.tour("collection-overdue-trend", "dso_report_trend_as_of")

    def overdue(self):
        move = self.invoice(self.today - timedelta(days=20), 1200)
        self.invoice(self.today + timedelta(days=20), 300, issued=self.today)
        return move

    def test_print(self):
        """A report is printed as its screen shows it."""
        if self.env["ir.actions.report"].get_wkhtmltopdf_state() == "install":
            self.skipTest("wkhtmltopdf is not installed")
        self.overdue()
        self.tour("collection-items", "dso_report_print")
        file = self.env["dso.report.file"].search([], limit=1)
        self.assertEqual((file.report, file.form), ("item_status", "pdf"))
        self.assertEqual(file.options["domain"], [["overdue", "!=", 0]])
        text = PdfReader(BytesIO(file.attachment_id.raw)).pages[0].extract_text()
        self.assertIn("1,200.00", text)
        self.assertNotIn("1,500.00", text)

    def test_print_trend(self):
        """The trend of statuses is printed by month."""
        if self.env["ir.actions.report"].get_wkhtmltopdf_state() == "install":
            self.skipTest("wkhtmltopdf is not installed")
        self.overdue()
        self.tour("collection-status-trend", "dso_report_print_trend")
        file = self.env["dso.report.file"].search([], limit=1)
        self.assertEqual((file.report, file.options["trend"]), ("item_status", "month"))

    def test_schedule(self):
        """The same e-mailed: the schedule asks for what the screen showed."""
        self.overdue()
        self.tour("collection-items", "dso_report_schedule")
        schedule = self.env["dso.report.schedule"].search([])
        self.assertEqual(schedule.name, "Monday's overdue")
        self.assertEqual(
            (schedule.report, schedule.user_ids), ("item_status", self.env.user)
        )
        self.assertEqual(schedule._domain(), [["overdue", "!=", 0]])
        self.assertEqual(schedule.file_ids.state, "queued")

    def test_widgets(self):
        self.browser_js(
            "/web/tests?headless&loglevel=2&preset=desktop&timeout=15000"
            "&filter=%40dso_collection_reports",
            "",
            "",
            login="admin",
            timeout=300,
            success_signal="[HOOT] Test suite succeeded",
        )
