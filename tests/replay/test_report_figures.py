"""Ageing and DSO of a real ledger at three dates, against figures made with pandas.

A notebook of what a credit manager would do with the exported file: nothing here looks
at Odoo but for the figures that are compared. Invoices settled before they were issued
count as settled on the day of issue, as the ledger has them.
"""

from datetime import date

import pandas as pd
from dso_setup import ledger
from replayed_ledger import ledger_file

from odoo.tests import TransactionCase, tagged

#: When the last invoice of the file is settled.
END = date(2014, 1, 31)
DAYS = (date(2012, 12, 31), date(2013, 6, 17), date(2013, 10, 31))
AGES = ["age_0", "age_1", "age_2", "age_3", "age_4"]


class Notebook:
    """The file as a table, and what it says of a day."""

    def __init__(self, path):
        table = pd.read_csv(path, dtype={"invoiceNumber": str})
        for name in ("InvoiceDate", "DueDate", "SettledDate"):
            table[name] = pd.to_datetime(table[name], format="%m/%d/%Y")
        table["SettledDate"] = table[["SettledDate", "InvoiceDate"]].max(axis=1)
        table["cents"] = (table["InvoiceAmount"] * 100).round().astype("int64")
        self.table = table

    def open(self, day):
        """The invoices open on a day, with their days late."""
        day = pd.Timestamp(day)
        table = self.table
        found = table[(table.InvoiceDate <= day) & (table.SettledDate > day)].copy()
        found["late"] = (day - found.DueDate).dt.days
        return found

    def ages(self, day, by=None):
        """Open amounts by age, in cents: a row for each customer or collector."""
        found = self.open(day)
        found["age"] = pd.cut(found.late, [-10_000, 0, 30, 60, 90, 10_000], labels=AGES)
        return found.pivot_table(
            index=by or (lambda _row: "all"),
            columns="age",
            values="cents",
            aggfunc="sum",
            fill_value=0,
            observed=False,
        )

    def count_back(self, day, customer=None):
        """(DSO, its overdue part): one month of sales after the other is taken off the
        receivables, whole days for whole months."""
        table, found = self.table, self.open(day)
        if customer:
            table = table[table.customerID == customer]
            found = found[found.customerID == customer]
        receivable = rest = found.cents.sum()
        if not receivable:
            return 0, 0
        end = pd.Timestamp(day)
        days = 0.0
        while rest > 0:
            start = end.replace(day=1)
            sold = table[table.InvoiceDate.between(start, end)].cents.sum()
            length = (end - start).days + 1
            if sold >= rest:
                days += length * rest / sold
                break
            rest -= sold
            days += length
            end = start - pd.Timedelta(days=1)
        return days, days * found[found.late > 0].cents.sum() / receivable

    def classic(self, day):
        """(classic DSO, best possible DSO) of the month of the day and two before."""
        found = self.open(day)
        start = (pd.Timestamp(day).to_period("M") - 2).start_time
        sold = self.table[
            self.table.InvoiceDate.between(start, pd.Timestamp(day))
        ].cents.sum()
        length = (pd.Timestamp(day) - start).days + 1
        current = found[found.late <= 0].cents.sum()
        return found.cents.sum() / sold * length, current / sold * length


@tagged("post_install", "-at_install")
class TestReportFigures(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        path = ledger_file()
        cls.notebook = Notebook(path)
        cls.company = ledger.load(cls.env, ledger.read(path), END)
        cls.env.flush_all()

    def figures(self, model, day, aggregates, by=()):
        return (
            self.env[model]
            .with_context(
                allowed_company_ids=self.company.ids, dso_as_of=day.isoformat()
            )
            ._read_group([("company_id", "=", self.company.id)], by, aggregates)
        )

    def cents(self, values):
        return [round(value * 100) for value in values]

    def test_ageing(self):
        """Aged balance of all and of each customer, to the cent."""
        for day in DAYS:
            (found,) = self.figures(
                "dso.aged.report", day, [f"{name}:sum" for name in AGES]
            )
            expected = self.notebook.ages(day)
            self.assertGreater(expected.to_numpy().sum(), 0)
            self.assertEqual(self.cents(found), expected.loc["all"].tolist())
            by_customer = {
                customer.name: self.cents(values)
                for customer, *values in self.figures(
                    "dso.aged.report",
                    day,
                    [f"{name}:sum" for name in AGES],
                    ["partner_id"],
                )
            }
            expected = self.notebook.ages(day, "customerID")
            self.assertEqual(
                by_customer,
                {name: row.tolist() for name, row in expected.iterrows()},
            )

    def test_status_report(self):
        """Open and overdue amounts, and the number of items."""
        for day in DAYS:
            ((count, residual, overdue),) = self.figures(
                "dso.item.report", day, ["__count", "residual:sum", "overdue:sum"]
            )
            expected = self.notebook.open(day)
            self.assertEqual(count, len(expected))
            self.assertEqual(
                self.cents([residual, overdue]),
                [expected.cents.sum(), expected[expected.late > 0].cents.sum()],
            )

    def test_dso(self):
        """Count-back, its split, classic and best possible DSO of the company."""
        for day in DAYS:
            ((dso, overdue, classic, best, value),) = self.figures(
                "dso.dso.report",
                day,
                [
                    f"{name}:avg"
                    for name in (
                        "dso",
                        "dso_overdue",
                        "dso_classic",
                        "dso_best",
                        "day_value",
                    )
                ],
            )
            expected = self.notebook.count_back(day)
            self.assertAlmostEqual(dso, expected[0], 6)
            self.assertAlmostEqual(overdue, expected[1], 6)
            self.assertAlmostEqual(
                value, self.notebook.open(day).cents.sum() / 100 / expected[0], 4
            )
            expected = self.notebook.classic(day)
            self.assertAlmostEqual(classic, expected[0], 6)
            self.assertAlmostEqual(best, expected[1], 6)

    def test_dso_by_customer(self):
        """Count-back of every customer."""
        for day in DAYS:
            found = self.figures(
                "dso.dso.report", day, ["dso:avg", "dso_overdue:avg"], ["partner_id"]
            )
            self.assertGreater(len(found), 50)
            for customer, dso, overdue in found:
                expected = self.notebook.count_back(day, customer.name)
                self.assertAlmostEqual(dso, expected[0], 6)
                self.assertAlmostEqual(overdue, expected[1], 6)
