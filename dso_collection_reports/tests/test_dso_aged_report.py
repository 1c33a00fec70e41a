"""Aged balance: every open instalment in the column of its age (rules.md §9)."""

from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from odoo.addons.dso_collection.tests.common import TODAY, DsoCommon, day

from ..measures import ageing


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestDsoAgedReport(DsoCommon):
    def report(self, when=None):
        return self.env["dso.aged.report"].with_context(
            dso_as_of=when and day(when).isoformat()
        )

    def ages(self, when=None):
        """{label of the column: amount}, and the open amount as ``total``."""
        Report = self.report(when)
        labels = Report._age_labels()
        ((*amounts, total),) = Report._read_group(
            [("partner_id", "=", self.customer.id)],
            [],
            [*(f"{name}:sum" for name in labels), "residual:sum"],
        )
        return {**dict(zip(labels.values(), amounts, strict=True)), "total": total}

    def test_columns(self):
        """Each item in the column of its age, credits deducted at their own; the
        columns add up to what is open."""
        for late, amount in ((-1, 1), (0, 2), (1, 4), (30, 8), (31, 16), (91, 32)):
            self.invoice(TODAY - timedelta(days=late), amount)
        self.credit_note(3, issued="1 Nov")
        self.assertEqual(
            self.ages(),
            {"Not due": 3, "1-30": 9, "31-60": 16, "61-90": 0, "> 90": 32, "total": 60},
        )

    def test_day_of_the_report(self):
        """Age is counted to the day of the report."""
        self.invoice("1 Oct", 100, issued="1 Sep")
        self.assertEqual(self.ages("1 Oct")["Not due"], 100)
        self.assertEqual(self.ages("31 Oct")["1-30"], 100)
        self.assertEqual(self.ages("31 Aug")["total"], 0)

    def test_instalments(self):
        """Each instalment stands in the column of its own due date."""
        term = self.env["account.payment.term"].create(
            {
                "name": "Halves",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": days}
                    )
                    for days in (0, 60)
                ],
            }
        )
        self.invoice("1 Nov", 1000, issued="1 Nov", invoice_payment_term_id=term.id)
        ages = self.ages()
        self.assertEqual((ages["Not due"], ages["1-30"]), (500, 500))

    def test_credits_beside(self):
        """Credits in a column of their own, where the company wants it."""
        self.invoice("1 Nov", 1000)
        self.unallocated(300, on="1 Nov")
        self.assertEqual(self.ages()["1-30"], 700)
        self.company.dso_ageing_credits = "beside"
        ages = self.ages()
        self.assertEqual(
            (ages["1-30"], ages["Credits"], ages["total"]), (1000, -300, 700)
        )

    def test_own_buckets(self):
        """A company has its own columns: as many as it names, of any length."""
        self.company.dso_ageing_days = "10, 45"
        self.invoice(TODAY - timedelta(days=11), 100)
        self.invoice(TODAY - timedelta(days=46), 200)
        self.assertEqual(
            self.ages(),
            {"Not due": 0, "1-10": 0, "11-45": 100, "> 45": 200, "total": 300},
        )
        Report = self.report()
        fields = Report.fields_get(attributes=["string"])
        self.assertEqual(fields["age_2"]["string"], "11-45")
        self.assertNotIn("age_4", fields)
        arch = Report.get_view(view_type="list")["arch"]
        self.assertIn('name="age_3"', arch)
        self.assertNotIn('name="age_4"', arch)
        self.assertEqual(
            [label for _key, label in Report._selection_bucket()],
            ["Not due", "1-10", "11-45", "> 45"],
        )

    def test_buckets_that_are_none(self):
        """Days that do not ascend, or are no numbers, are refused."""
        for text in ("30, 20", "0", "x", "30,,60", "1,2,3,4,5,6,7,8,9", "-5, 30"):
            with self.assertRaises(ValidationError):
                self.company.dso_ageing_days = text
        self.company.dso_ageing_days = False
        self.assertEqual(self.company._dso_ageing()[0], ageing.DEFAULT_BOUNDS)

    def test_overdue_share(self):
        """The overdue % counts from as many days late as the company says."""
        self.invoice(TODAY - timedelta(days=10), 100)
        self.invoice(TODAY - timedelta(days=40), 300)
        self.invoice(TODAY + timedelta(days=40), 600)
        domain = [("partner_id", "=", self.customer.id)]
        for beyond, share in (("0", 0.4), ("30", 0.3), ("90", 0)):
            self.company.dso_overdue_beyond = beyond
            ((found,),) = self.report()._read_group(domain, [], ["overdue_share:avg"])
            self.assertAlmostEqual(found, share)
        self.company.dso_overdue_beyond = "30"
        self.credit_note(350, issued="1 Sep")
        ((found,),) = self.report()._read_group(domain, [], ["overdue_share:avg"])
        self.assertEqual(found, 0)

    def test_currencies(self):
        """Company currency as the ledger has it, the item's own beside it."""
        foreign = self.setup_other_currency("EUR")
        self.invoice("1 Nov", 1000, currency_id=foreign.id)
        row = self.report().search([("partner_id", "=", self.customer.id)])
        self.assertEqual((row.residual, row.residual_currency), (500, 1000))
        self.assertEqual(row.item_currency_id, foreign)

    def test_agrees_with_the_status_report(self):
        """Both reports have the same open and overdue amounts, on any day."""
        self.pay(self.invoice("1 Oct", 1000, issued="1 Sep"), 300, on=day("10 Nov"))
        self.invoice("10 Dec", 500, issued="1 Nov")
        self.credit_note(90)
        domain = [("partner_id", "=", self.customer.id)]
        for when in ("5 Oct", "9 Nov", "10 Nov", None):
            sums = [
                self.env[model]
                .with_context(dso_as_of=when and day(when).isoformat())
                ._read_group(domain, [], ["residual:sum", "overdue:sum"])
                for model in ("dso.aged.report", "dso.item.report")
            ]
            self.assertEqual(*sums)

    def test_table(self):
        """What is printed: the company's columns, share, and overdue %."""
        self.invoice("1 Nov", 300)
        self.invoice("1 Dec", 100)
        table = self.report()._report_table(
            {"domain": [("partner_id", "=", self.customer.id)]}
        )
        self.assertEqual(
            [column["label"] for column in table["columns"]][1:],
            "Not due,1-30,31-60,61-90,> 90,Open amount,Share,Counted as overdue,"
            "Overdue %".split(","),
        )
        (row,) = table["rows"]
        self.assertEqual(row["values"]["age_1"], 300)
        self.assertEqual(row["values"]["share"], 1)
        self.assertAlmostEqual(table["totals"]["overdue_share"], 0.75)

    def test_access(self):
        """Viewers read; other employees do not."""
        self.invoice("1 Nov", 300)
        viewer, employee = (
            new_test_user(self.env, login, groups, company_id=self.company.id)
            for login, groups in (
                ("aged_viewer", "base.group_user,dso_collection.group_viewer"),
                ("aged_employee", "base.group_user"),
            )
        )
        Report = self.env["dso.aged.report"]
        domain = [("partner_id", "=", self.customer.id)]
        self.assertEqual(Report.with_user(viewer).search(domain).residual, 300)
        with self.assertRaises(AccessError):
            Report.with_user(employee).search(domain)
