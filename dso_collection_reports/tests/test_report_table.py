"""Reports as tables, on paper and in sheets: one set of figures, rightly read."""

import tracemalloc
from datetime import date
from io import BytesIO
from tempfile import TemporaryDirectory
from unittest.mock import patch

from lxml import etree
from openpyxl import load_workbook

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged

from odoo.addons.dso_collection.tests.common import TODAY, DsoCommon

from ..models import dso_report_table, dso_report_table_print
from ..printing import chart
from ..printing.workbook import Workbook, _ends


class ReportCommon(DsoCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids += cls.env.ref("base.group_allow_export")
        cls.report = cls.env["dso.report.table"]._report_of("item_status")

    def r1(self):
        """The ledger of rules.md R1."""
        promised = self.invoice("1 Nov", 1000)
        disputed = self.invoice("2 Nov", 3000)
        going_on = self.invoice("3 Nov", 500)
        self.invoice("4 Nov", 500)
        self.credit_note(400)
        later = self.invoice("20 Dec", 9000, issued="1 Nov")
        promise = self.status("promise_to_pay")
        (promised | later).dso_qualify(promise, "", promise_date=TODAY)
        disputed.dso_qualify(self.status("dispute"), "")
        going_on.dso_qualify(self.status("on_going"), "")
        self.env.flush_all()

    def reader(self, login, group="group_viewer", companies=None, **values):
        companies = companies or self.company
        return new_test_user(
            self.env,
            login,
            f"base.group_user,dso_collection.{group}",
            company_id=companies[0].id,
            company_ids=[Command.set(companies.ids)],
            email=f"{login}@own.example",
            **values,
        )

    def other_company(self, currency=None):
        """Another company with one overdue invoice of 70."""
        company = self.setup_other_company()["company"]
        if currency:
            company.currency_id = self.setup_other_currency(currency)
        self.env["account.move"].with_company(company).create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "company_id": company.id,
                "invoice_date": "2026-10-01",
                "invoice_date_due": "2026-11-01",
                "invoice_line_ids": [
                    Command.create({"name": "Goods", "price_unit": 70, "tax_ids": []})
                ],
            }
        ).action_post()
        self.env.flush_all()
        return company

    def book(self, options=None, report=None):
        with TemporaryDirectory() as folder:
            path = f"{folder}/report.xlsx"
            (self.report if report is None else report)._report_xlsx(path, options)
            with open(path, "rb") as file:
                return load_workbook(BytesIO(file.read()))

    def groups(self, table, level=0):
        return {
            row["values"]["label"]: row["values"]
            for row in table["rows"]
            if row["level"] == level
        }


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestReportTable(ReportCommon):
    # -------------------------------------------------------------------------
    # TABLE
    # -------------------------------------------------------------------------

    def test_r1(self):
        """R1: 4 500 of 5 000 overdue are qualified; each type has its share."""
        self.r1()
        table = self.report._report_table()
        self.assertAlmostEqual(table["totals"]["rate"], 0.9)
        self.assertAlmostEqual(table["totals"]["overdue"], 4600)
        types = self.groups(table)
        self.assertAlmostEqual(types["Promise to pay"]["share"], 0.2)
        self.assertAlmostEqual(types["Dispute"]["share"], 0.6)
        self.assertAlmostEqual(types["[None]"]["overdue_debit"], 500)
        self.assertEqual(types["Promise to pay"]["count"], 2)
        self.assertEqual(table["as_of"], TODAY)
        self.assertEqual(table["currency"], self.company.currency_id)
        self.assertEqual(
            table["chart"]["labels"],
            ["[None]", "On going", "Promise to pay", "Dispute"],
        )

    def test_nothing(self):
        """No item: no row, totals of nothing, no rate instead of 0 %."""
        table = self.report._report_table()
        self.assertEqual(table["rows"], [])
        self.assertEqual((table["totals"]["count"], table["totals"]["overdue"]), (0, 0))
        self.assertIsNone(table["totals"]["rate"])
        self.assertIsNone(table["chart"])

    def test_levels_sum_up(self):
        """Every group is the sum of what stands under it, whatever the groups."""
        self.r1()
        self.invoice("5 Nov", 250, partner=self._customer("Other"))
        self.env.flush_all()
        for group_by in (
            ["partner_id"],
            ["bucket", "partner_id"],
            ["due:month", "status_type", "partner_id"],
            ["ignored", "kind", "collector_id", "move_id"],
        ):
            table = self.report._report_table({"group_by": group_by})
            rows, ends = table["rows"], _ends(table["rows"])
            for key in ("count", "residual", "overdue", "overdue_qualified"):
                self.assertAlmostEqual(
                    sum(r["values"][key] for r in rows if not r["level"]),
                    table["totals"][key],
                )
                for index, row in enumerate(rows):
                    under = rows[index + 1 : ends[index] + 1]
                    if under:
                        top = min(r["level"] for r in under)
                        self.assertAlmostEqual(
                            sum(r["values"][key] for r in under if r["level"] == top),
                            row["values"][key],
                        )

    def test_order(self):
        """Statuses stand in their own order, customers by what they owe overdue."""
        self.r1()
        small, great = self._customer("Small"), self._customer("Great")
        self.invoice("5 Nov", 20, partner=small)
        self.invoice("5 Nov", 900, partner=great)
        self.env.flush_all()
        table = self.report._report_table({"group_by": ["partner_id"]})
        self.assertEqual(
            [row["values"]["label"] for row in table["rows"]],
            ["Customer", "Great", "Small"],
        )
        self.assertEqual(table["rows"][1]["ref"], ("res.partner", great.id))

    def test_as_of(self):
        """The table is of the day asked for, and says so."""
        self.invoice("1 Sep", 100, issued="1 Aug")
        self.invoice("1 Nov", 1000, issued="20 Oct")
        self.env.flush_all()
        table = self.report._report_table({"as_of": "2026-10-01"})
        self.assertEqual(table["as_of"], date(2026, 10, 1))
        self.assertEqual(table["totals"]["residual"], 100)
        self.assertIn("10/01/2026", table["subtitle"])

    def test_filters_are_told(self):
        """The reader of a filtered report learns that it is filtered."""
        self.r1()
        table = self.report._report_table(
            {"domain": [("status_type", "=", "dispute")], "words": ["Dispute"]}
        )
        self.assertEqual(table["totals"]["overdue"], 3000)
        self.assertIn("Only: Dispute", table["notes"])

    def test_several_currencies(self):
        """Books in two currencies are never added up: each has its own sums."""
        self.r1()
        company = self.other_company("EUR")
        both = (self.company | company).ids
        report = self.report.with_context(allowed_company_ids=both)
        table = report._report_table({"companies": both})
        self.assertIsNone(table["totals"])
        self.assertFalse(table["currency"])
        currencies = self.groups(table)
        self.assertEqual(currencies["EUR"]["overdue"], 70)
        self.assertEqual(currencies[self.company.currency_id.name]["overdue"], 4600)
        self.assertTrue(any("several currencies" in note for note in table["notes"]))
        euros = [row for row in table["rows"] if row["currency"].name == "EUR"]
        self.assertEqual({row["values"]["share"] for row in euros}, {1})
        sheet = self.book({"companies": both}, report).worksheets[0]
        self.assertEqual(
            {row[-1].value for row in sheet.iter_rows(min_row=7)} - {None, "Currency"},
            {"EUR", self.company.currency_id.name},
        )
        self.assertTrue(report._report_html(table))

    # -------------------------------------------------------------------------
    # WHAT MAY BE ASKED
    # -------------------------------------------------------------------------

    def test_refused(self):
        """What the report does not know is refused, in words."""
        for options in (
            {"colour": "red"},
            {"as_of": "yesterday"},
            {"period": ("2026-01-01", "2026-02-01")},
            {"group_by": ["write_uid_"]},
            {"group_by": ["rate"]},
            {"group_by": ["kind:month"]},
            {"group_by": ["due:fortnight"]},
            {"group_by": ["kind", "bucket", "status_type", "partner_id", "move_id"]},
        ):
            with self.assertRaises(UserError):
                self.report._report_table(options)
        with self.assertRaises(ValueError):
            self.report._report_table({"domain": [("password", "=", 1)]})
        with self.assertRaises(UserError):
            self.env["dso.report.table"]._report_of("dso.item.report")

    def test_rights(self):
        """A viewer sees his companies only, others nothing; exports obey the same."""
        self.r1()
        company = self.other_company()
        viewer = self.reader("table_viewer")
        report = self.report.with_user(viewer)
        self.assertEqual(report._report_table()["totals"]["overdue"], 4600)
        with self.assertRaises(AccessError):
            report._report_table({"companies": company.ids})
        with self.assertRaises(AccessError):
            list(report._report_items({"companies": company.ids})[1])
        self.assertNotIn(
            70,
            [
                cell
                for row in self.book(report=report)["Items"].iter_rows(values_only=True)
                for cell in row
            ],
        )
        employee = new_test_user(self.env, "table_employee", "base.group_user")
        with self.assertRaises(AccessError):
            self.report.with_user(employee)._report_table()
        with self.assertRaises(AccessError):
            self.report.with_user(employee)._report_item_count()

    def test_queries(self):
        """Figures of all levels are one query, whatever their number."""
        self.r1()
        counts = []
        for _round in range(2):
            self.env.invalidate_all()
            self.report._report_table()
            before = self.env.cr.sql_log_count
            self.report._report_table()
            counts.append(self.env.cr.sql_log_count - before)
            for number in range(10):
                self.invoice("5 Nov", 50, partner=self._customer(f"C{number}"))
            self.env.flush_all()
        self.assertEqual(*counts)

    def test_every_report(self):
        """Each report there is comes out as a table, on paper and as a workbook, for a
        viewer; its totals are those of its rows."""
        self.r1()
        viewer = self.reader("every_viewer")
        for key, title in self.env["dso.report.table"]._selection_report():
            report = self.env["dso.report.table"].with_user(viewer)._report_of(key)
            with self.subTest(report=key):
                table = report._report_table()
                self.assertEqual(table["title"], title)
                self.assertTrue(table["rows"] or not report._report_item_count())
                for column in table["columns"]:
                    name = column["key"]
                    if column["total"] == "sum":
                        self.assertAlmostEqual(
                            sum(
                                row["values"][name] or 0
                                for row in table["rows"]
                                if not row["level"]
                            ),
                            table["totals"][name],
                        )
                    elif column["total"] == "none":
                        self.assertNotIn(name, table["totals"] or {})
                self.assertTrue(report._report_html(table))
                self.assertTrue(self.book(report=report).worksheets)

    def test_days_on_a_line(self):
        """Groups of days are drawn as a line, all of them, in their order."""
        for month in range(1, 11):
            self.invoice(date(2026, month, 5), 100 * month)
        self.env.flush_all()
        drawn = self.report._report_table({"group_by": ["due:month"]})["chart"]
        self.assertEqual(drawn["kind"], "line")
        self.assertEqual(drawn["labels"][0], "January 2026")
        self.assertEqual(
            drawn["series"][0]["values"], [100 * month for month in range(1, 11)]
        )

    # -------------------------------------------------------------------------
    # TRENDS
    # -------------------------------------------------------------------------

    def trend_ledger(self):
        """1 000 overdue since October, half of it disputed and paid since."""
        paid = self.invoice("12 Oct", 500, issued="5 Oct")
        with freeze_time("2026-10-20"):
            paid.dso_qualify(self.status("dispute"), "")
        self.pay(paid, on=date(2026, 11, 10))
        self.invoice("13 Oct", 500, issued="5 Oct")
        self.env.flush_all()

    def test_trend_of_statuses(self):
        """A trend has a row for each day with the figures of that day, shares of its
        own, and no total: what was open on several days does not add up."""
        self.trend_ledger()
        table = self.report._report_table({"trend": "month"})
        days = self.groups(table)
        self.assertEqual((len(days), [*days][0]), (13, "30 Nov 2025"))
        self.assertEqual([*days][-2:], ["31 Oct 2026", "23 Nov 2026"])
        *before, october, today = days.values()
        self.assertEqual(
            {(one["count"], one["overdue"], one["rate"]) for one in before},
            {(0, 0, None)},
        )
        self.assertEqual((october["overdue"], today["overdue"]), (1000, 500))
        self.assertEqual((october["rate"], today["rate"]), (0.5, 0))
        self.assertEqual((october["share"], today["share"]), (1, 1))
        parts = [row for row in table["rows"] if row["level"]]
        self.assertEqual(
            [(p["values"]["label"], p["values"]["share"]) for p in parts],
            [("[None]", 0.5), ("Dispute", 0.5), ("[None]", 1)],
        )
        self.assertIsNone(table["totals"])
        self.assertIn("Months until 11/23/2026", table["subtitle"])
        nothing = [0] * 11
        self.assertEqual(
            table["chart"]["series"],
            [
                {"name": "[None]", "values": [*nothing, 500, 500]},
                {"name": "Dispute", "values": [*nothing, 500, 0]},
            ],
        )
        self.assertIn("31 Oct 2026", self.report._report_html(table))

    def test_trend_asked(self):
        """Of weeks too, as of any day, by other groups; by days first, always."""
        self.trend_ledger()
        table = self.report._report_table(
            {"trend": "week", "as_of": "2026-10-20", "group_by": ["partner_id", "day"]}
        )
        days = self.groups(table)
        self.assertEqual([*days][-3:], ["11 Oct 2026", "18 Oct 2026", "20 Oct 2026"])
        self.assertEqual(
            [day["overdue"] for day in days.values()], [0] * 11 + [1000, 1000]
        )
        self.assertEqual(table["columns"][0]["label"], "As of / Customer")
        self.assertEqual(
            [s["name"] for s in table["chart"]["series"]], ["Overdue debits"]
        )
        with self.assertRaisesRegex(UserError, "weeks or months"):
            self.report._report_table({"trend": "year"})
        with self.assertRaisesRegex(UserError, "has no trend"):
            self.env["dso.report.table"]._report_of("promises")._report_table(
                {"trend": "month"}
            )

    def test_trend_agrees_with_days(self):
        """Each row is what the report of that day says; of the DSO, too."""
        self.trend_ledger()
        for key in ("item_status", "dso"):
            report = self.env["dso.report.table"]._report_of(key)
            main = report._report_trend_main
            drawn = report._report_table({"trend": "month"})["chart"]
            series = [one["values"] for one in drawn["series"]]
            found = dict(zip(drawn["labels"], zip(*series, strict=True), strict=True))
            for day, label in (("2026-10-31", "31 Oct 2026"), (None, "23 Nov 2026")):
                totals = report._report_table({"as_of": day})["totals"]
                self.assertTrue(totals[main])
                self.assertAlmostEqual(
                    sum(value or 0 for value in found[label]), totals[main], 2
                )

    def test_trend_sheet(self):
        """The sheet adds up the groups of a day, but no days; its items tell theirs."""
        self.trend_ledger()
        book = self.book({"trend": "month"})
        sheet = book.worksheets[0]
        heads = {cell.value: cell.column_letter for cell in sheet[6]}
        overdue, debits = heads["Overdue"], heads["Overdue debits"]
        self.assertEqual(
            [cell.value for cell in sheet["A"][17:]],
            ["31 Oct 2026", "[None]", "Dispute", "23 Nov 2026", "[None]"],
        )
        self.assertEqual(
            (sheet["A17"].value, sheet[f"{overdue}17"].value), ("30 Sep 2026", 0)
        )
        self.assertEqual(
            sheet[f"{overdue}18"].value, f"=SUBTOTAL(9,{overdue}19:{overdue}20)"
        )
        self.assertEqual(
            sheet[f"{heads['Share']}20"].value,
            f'=IF({debits}$18=0,"",{debits}20/{debits}$18)',
        )
        head, *rows = book["Items"].iter_rows(values_only=True)
        self.assertEqual(head[0], "As of")
        self.assertEqual(
            [(row[0].date(), row[head.index("Overdue")]) for row in rows],
            [(date(2026, 10, 31), 500)] * 2 + [(TODAY, 500)],
        )

    def test_trend_of_several_currencies(self):
        """Books in two currencies: the days of each, and neither adds up."""
        self.trend_ledger()
        both = (self.company | self.other_company("EUR")).ids
        report = self.report.with_context(allowed_company_ids=both)
        options = {"companies": both, "trend": "month"}
        table = report._report_table(options)
        currencies = [row["values"] for row in table["rows"] if not row["level"]]
        self.assertTrue(all(set(values) == {"label"} for values in currencies))
        days = [row for row in table["rows"] if row["level"] == 1]
        self.assertEqual({row["values"]["share"] for row in days}, {1, None})
        sheet = self.book(options, report).worksheets[0]
        for line, row in enumerate(table["rows"], start=7 + len(table["notes"])):
            if not row["level"]:
                self.assertIsNone(sheet[f"D{line}"].value)
        self.assertTrue(report._report_html(table))

    # -------------------------------------------------------------------------
    # XLSX
    # -------------------------------------------------------------------------

    def test_sheet(self):
        """Typed cells, a frozen heading, totals that go on calculating."""
        self.r1()
        sheet = self.book().worksheets[0]
        heads = {cell.value: cell.column_letter for cell in sheet[6]}
        self.assertEqual(sheet.freeze_panes, "B7")
        last = sheet.max_row
        self.assertEqual(sheet[f"A{last}"].value, "Total")
        overdue = heads["Overdue"]
        self.assertEqual(
            sheet[f"{overdue}{last}"].value,
            f"=SUBTOTAL(9,{overdue}7:{overdue}{last - 1})",
        )
        rate = sheet[f"{heads['Qualification rate']}{last}"]
        part, of = heads["Of these qualified"], heads["Overdue debits"]
        self.assertEqual(rate.value, f'=IF({of}{last}=0,"",{part}{last}/{of}{last})')
        self.assertEqual(rate.number_format, "0.0%")
        # the deepest level holds figures, everything above sums of them
        leaves = [
            sheet[f"{overdue}{line}"].value
            for line in range(7, last)
            if not str(sheet[f"{overdue}{line}"].value).startswith("=")
        ]
        self.assertTrue(all(isinstance(leaf, (int, float)) for leaf in leaves))
        self.assertAlmostEqual(sum(leaves), 4600)

    def test_sheet_of_items(self):
        """One row for each item, dates as dates, with a total that calculates."""
        self.r1()
        sheet = self.book()["Items"]
        head, *rows = sheet.iter_rows(values_only=True)
        rows, total = rows[:-1], rows[-1]
        self.assertEqual(len(rows), 6)
        column = head.index("Overdue")
        self.assertAlmostEqual(sum(row[column] or 0 for row in rows), 4600)
        letter = sheet.cell(1, column + 1).column_letter
        self.assertEqual(total[column], f"=SUBTOTAL(9,{letter}2:{letter}7)")
        self.assertEqual(rows[0][head.index("Due date")].date().year, 2026)
        self.assertEqual(sheet.auto_filter.ref[:3], "A1:")
        self.assertEqual(sheet.freeze_panes, "B2")

    def test_formulas_and_names(self):
        """A customer's name is never a formula, nor lost for being right-to-left."""
        self.customer.name = '=HYPERLINK("http://x","y")'
        self.invoice("1 Nov", 10)
        arabic = self._customer("شركة النور للتجارة")
        self.invoice("1 Nov", 20, partner=arabic)
        self.env.flush_all()
        book = self.book()
        for sheet in book.worksheets:
            texts = {
                cell.value: cell.data_type
                for row in sheet.iter_rows()
                for cell in row
                if cell.value
            }
            self.assertEqual(texts[self.customer.name], "s")
            self.assertEqual(texts[arabic.name], "s")

    def test_items_are_streamed(self):
        """Rows come chunk by chunk, all of them, in their order, names included."""
        for number in range(7):
            self.invoice(f"{number + 1} Nov", 100 + number)
        self.env.flush_all()
        with patch.object(dso_report_table, "CHUNK", 3):
            columns, rows = self.report._report_items()
            rows = list(rows)
        names = [column["key"] for column in columns]
        self.assertEqual(
            [row[names.index("residual")] for row in rows], list(range(100, 107))
        )
        self.assertEqual({row[names.index("partner_id")] for row in rows}, {"Customer"})

    def test_memory(self):
        """Memory does not grow with the number of items that are written."""

        def peak(count):
            columns = [
                {"key": "name", "label": "Item", "type": "text"},
                {"key": "amount", "label": "Open", "type": "money", "total": "sum"},
            ]
            rows = ([f"INV/2026/{n:08}", n / 7] for n in range(count))
            labels = {"total": "Total", "currency": "Currency"}
            with TemporaryDirectory() as folder:
                tracemalloc.start()
                try:
                    with Workbook(f"{folder}/a.xlsx", labels, {}) as book:
                        self.assertEqual(book.items("Items", columns, rows), count)
                        return tracemalloc.get_traced_memory()[1]
                finally:
                    tracemalloc.stop()

        self.assertLess(peak(12_000), 1.2 * peak(2_000))

    def test_too_many(self):
        """More items than a sheet holds: refused in words, nothing cut silently."""
        self.invoice("1 Nov", 10)
        self.env.flush_all()
        with (
            patch.object(dso_report_table_print, "MAX_ROWS", 2),
            self.assertRaisesRegex(UserError, "do not fit on one sheet"),
        ):
            self.book()

    # -------------------------------------------------------------------------
    # PDF
    # -------------------------------------------------------------------------

    def html(self, options=None):
        table = self.report._report_table(options)
        return etree.HTML(self.report._report_html(table))

    def texts(self, page):
        return [" ".join(text.split()) for text in page.itertext() if text.strip()]

    def test_pages(self):
        """Every group is printed once, on pages that each repeat the heading."""
        self.r1()
        table = self.report._report_table({"group_by": ["status_type"]})
        row = table["rows"][0]
        for count in (0, 1, 30, 31, 32, 33, 500, 5000):
            table["rows"] = [
                {**row, "values": {**row["values"], "label": f"Group {number}"}}
                for number in range(count)
            ]
            pages = self.report._report_pages(table)
            self.assertEqual(sum(pages, []), table["rows"])
            self.assertLessEqual(max(map(len, pages)), 35)
        table["rows"] = table["rows"][:80]
        page = etree.HTML(self.report._report_html(table))
        self.assertEqual(len(page.xpath("//tr[starts-with(@class, 'level')]")), 80)
        pages = page.xpath("//div[contains(@class, 'page')]")
        self.assertGreater(len(pages), 2)
        self.assertEqual(len(page.xpath("//thead")), len(pages))
        self.assertEqual(len(page.xpath("//tr[@class='total']")), 1)

    def test_left_out_is_told(self):
        """What is not printed is said, and the total still counts it."""
        for number in range(5):
            self.invoice("1 Nov", 10, partner=self._customer(f"Customer {number}"))
        self.env.flush_all()
        with patch.object(dso_report_table_print, "PRINTED", 2):
            page = self.html({"group_by": ["partner_id"]})
        self.assertEqual(len(page.xpath("//tr[starts-with(@class, 'level')]")), 2)
        text = " ".join(self.texts(page.find("body")))
        self.assertIn("3 further rows are not printed", text)
        self.assertIn("50.00", text)

    def test_hostile_names(self):
        """A customer's name is text, in the table and in the chart."""
        self.customer.name = "<script>alert(1)</script>"
        self.invoice("1 Nov", 10)
        self.invoice("1 Nov", 20, partner=self._customer("Other"))
        self.env.flush_all()
        page = self.html({"group_by": ["partner_id"]})
        self.assertFalse(page.xpath("//script"))
        self.assertIn(self.customer.name, self.texts(page))

    def test_without_logo(self):
        """A company without logo has its name in the head; nothing is fetched. What
        Odoo shows until there is one is none."""
        self.company.logo = self.company._get_logo()
        self.assertFalse(self.html().xpath("//img"))
        self.company.logo = False
        page = self.html()
        self.assertFalse(page.xpath("//img"))
        self.assertIn(self.company.name, self.texts(page))
        self.assertIn("Nothing to report.", self.texts(page))
        for address in page.xpath("//@src | //@href"):
            self.assertTrue(address.startswith("data:"))

    def test_long_amounts(self):
        """Letters are smaller where an amount would not fit into its column: a figure
        that is cut is another figure."""
        self.company.dso_ageing_days = "10, 20, 30, 45, 60, 90, 120, 180"
        report = self.env["dso.aged.report"]
        self.invoice("1 Nov", 1234.5)
        self.env.flush_all()
        self.assertEqual(report._report_font(report._report_table(), 273), 7)
        self.invoice("1 Nov", 1234567890)
        self.env.flush_all()
        table = report._report_table()
        size = report._report_font(table, 273)
        self.assertLess(size, 5)
        page = etree.HTML(report._report_html(table))
        (figures,) = page.xpath("//table[@class='figures']/@style")
        self.assertEqual(figures, f"font-size: {size}pt;")
        self.assertIn("1,234,569,124.50", page.xpath("//td[@class='number']/text()"))

    def test_pdf(self):
        """A PDF comes out, whatever is in it, with the day in its name."""
        self.r1()
        self._customer("شركة النور للتجارة")
        if self.env["ir.actions.report"].get_wkhtmltopdf_state() == "install":
            self.skipTest("wkhtmltopdf is not installed")
        name, content = self.report._report_pdf()
        self.assertTrue(content.startswith(b"%PDF"))
        self.assertTrue(name.endswith("2026-11-23.pdf"))

    # -------------------------------------------------------------------------
    # CHART
    # -------------------------------------------------------------------------

    def draw(self, kind, *series, labels=None):
        data = {
            "kind": kind,
            "labels": labels or [f"L{n}" for n in range(len(series[0]))],
            "series": [
                {"name": f"S{number}", "values": list(values)}
                for number, values in enumerate(series)
            ],
        }
        drawn = chart.svg(data, str, 186)
        return etree.fromstring(drawn) if drawn else None

    def shapes(self, drawn, tag):
        return drawn.xpath(f"//*[local-name()='{tag}']")

    def test_chart_bars(self):
        """Bars are as long as their values, to the other side when negative."""
        drawn = self.draw("bar", [100, 50, -25, None])
        widths = [float(bar.get("width")) for bar in self.shapes(drawn, "rect")]
        self.assertEqual(len(widths), 3)
        self.assertAlmostEqual(widths[0], 2 * widths[1], delta=0.2)
        self.assertAlmostEqual(widths[0], 4 * widths[2], delta=0.3)
        left, right = (
            float(self.shapes(drawn, "rect")[index].get("x")) for index in (2, 0)
        )
        self.assertLess(left, right)

    def test_chart_from_right_to_left(self):
        """Bars begin at the right, their labels beside them; texts keep their side,
        whatever the direction of the page."""
        data = {
            "kind": "bar",
            "labels": ["شركة", "Other"],
            "series": [{"name": "S", "values": [100, 50]}],
        }
        drawn = etree.fromstring(chart.svg(data, str, 186, True))
        self.assertEqual(drawn.get("direction"), "ltr")
        bar = self.shapes(drawn, "rect")[0]
        end = float(bar.get("x")) + float(bar.get("width"))
        label = next(t for t in self.shapes(drawn, "text") if t.text == "شركة")
        self.assertGreater(float(label.get("x")), end)
        self.assertEqual(label.get("text-anchor"), "start")

    def test_chart_days_fit(self):
        """The label of the last day is not cut off."""
        days = [f"{number} Nov 2026" for number in range(10, 23)]
        drawn = self.draw("line", range(13), labels=days)
        wide = float(drawn.get("viewBox").split()[2])
        last = next(t for t in self.shapes(drawn, "text") if t.text == days[-1])
        self.assertLessEqual(float(last.get("x")) + 36, wide)

    def test_chart_lines(self):
        """A gap in a line stays a gap; the axis has round values."""
        drawn = self.draw("line", [1, 2, None, 4, 71.33], [5, 5, 5, 5, 5])
        self.assertEqual(len(self.shapes(drawn, "polyline")), 3)
        self.assertIn("80", [text.text for text in self.shapes(drawn, "text")])

    def test_chart_edges(self):
        """Nothing, zeros, one point and hostile labels all draw."""
        self.assertIsNone(self.draw("bar", []))
        for kind in ("bar", "line"):
            self.draw(kind, [0, 0])
            self.draw(kind, [None, None])
            self.draw(kind, [-3.5])
            self.draw(kind, [1e12, 0.001])
            drawn = self.draw(kind, [1, 2], labels=["<b>&", '"' * 80])
            self.assertIn("<b>&", [text.text for text in self.shapes(drawn, "text")])
