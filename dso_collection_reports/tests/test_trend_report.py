"""Overdue trend and performance tracking (rules.md §9)."""

from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import format_amount

from odoo.addons.dso_collection.tests.common import TODAY, day

from ..measures import ledger
from .report_case import ReportCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestTrendReport(ReportCase):
    report = "dso.trend.report"

    def test_agrees_with_each_day(self):
        """Each figure is what the ledger says of that day: paid early and late, in
        parts, credits, instalments that fall due between, future-dated entries."""
        self.pay(self.invoice("10 Oct", 1000, issued="1 Sep"), 300, on=day("15 Sep"))
        self.pay(self.invoice("20 Sep", 500, issued="1 Sep"), on=day("5 Nov"))
        self.invoice("20 Nov", 700, issued="18 Nov")
        self.pay(self.invoice("30 Dec", 900, issued="1 Oct"), 100, on=day("20 Nov"))
        self.credit_note(90)
        self.unallocated(60, on="20 Nov")
        self.unallocated(40, on="1 Dec")
        self.entry((self.customer, 60, "1 Oct"), (self._customer("B"), 40, None))
        for period in ("week", "month"):
            source = self.source(dso_trend=period)
            found = {
                row["day:day"][0][:10]: (row["residual:sum"], row["overdue:sum"])
                for row in source.formatted_read_group(
                    [], ["day:day"], ["residual:sum", "overdue:sum"]
                )
            }
            self.assertIn(str(TODAY), found)
            for end in ledger.trend(TODAY, period):
                when = f"{end.day} {end:%b} {end.year}"
                residual, overdue = found.get(str(end), (0, 0))
                self.assertAlmostEqual(residual, self.open_sum(when), 2, when)
                self.assertAlmostEqual(overdue, self.open_sum(when, "overdue"), 2, when)

    def test_every_day_is_there(self):
        """A day on which nothing was open stands in a trend with 0, and without a
        rate: a time axis has no holes."""
        invoice = self.invoice("1 May", 1200, issued="1 Apr")
        self.pay(invoice, on=day("10 Jun"))
        self.invoice("1 Oct", 300, issued="1 Sep")
        mine = [("partner_id", "=", self.customer.id)]
        for period in ("week", "month"):
            ends = ledger.trend(TODAY, period)
            for model, amount, rate in (
                ("dso.trend.report", "residual", "overdue_share"),
                ("dso.item.report", "overdue_debit", "rate"),
                ("dso.dso.report", "receivable", "dso"),
            ):
                source = self.env[model].with_context(dso_trend=period)
                figures = [f"{amount}:sum", f"{rate}:avg", "__count"]
                groups = source.formatted_read_group(mine, ["day:day"], figures)
                with self.subTest(model=model, period=period):
                    self.assertEqual(
                        [group["day:day"][0] for group in groups],
                        [str(end) for end in ends],
                    )
                    for group in groups:
                        if not group["__count"]:
                            self.assertIs(group[figures[0]], 0)
                            self.assertIs(group[figures[1]], False)
                    # a pivot, and a list that begins with the last day
                    _all, shown = source.formatted_read_grouping_sets(
                        mine, [[], ["day:day"]], figures
                    )
                    self.assertEqual(shown, groups)
                    found = source.web_read_group(
                        mine, ["day:day"], figures, limit=80, order="day desc"
                    )
                    self.assertEqual(found["length"], len(ends))
                    self.assertEqual(found["groups"], groups[::-1])

    def test_days_of_two_levels(self):
        """Where days are told apart by another field, a day without rows brings no
        group of its own; a line has no days between those of the trend."""
        self.pay(self.invoice("1 May", 1200, issued="1 Apr"), on=day("10 Jun"))
        source = self.source(dso_trend="month", fill_temporal=True)
        mine = [("partner_id", "=", self.customer.id)]
        groups = source.formatted_read_group(
            mine, ["day:day", "partner_id"], ["residual:sum"]
        )
        self.assertEqual(len(groups), 13)
        self.assertEqual({group["partner_id"][0] for group in groups}, {mine[0][2]})

    def test_days_that_are_filtered(self):
        """Days that a search leaves out are not there; without any row none is."""
        self.pay(self.invoice("1 May", 1200, issued="1 Apr"), on=day("10 Jun"))
        source = self.source(dso_trend="month")
        mine = [("partner_id", "=", self.customer.id)]
        found = source._read_group(
            [*mine, ("day", ">=", day("1 Apr")), ("day", "<", day("1 Sep"))],
            ["day:month"],
            ["residual:sum"],
        )
        self.assertEqual(
            found,
            [
                (day("1 Apr"), 1200),
                (day("1 May"), 1200),
                (day("1 Jun"), 0),
                (day("1 Jul"), 0),
                (day("1 Aug"), 0),
            ],
        )
        nobody = [("partner_id", "=", self._customer("Nobody").id)]
        self.assertFalse(source._read_group(nobody, ["day:month"], ["residual:sum"]))

    def test_table_of_every_day(self):
        """On paper and in the workbook too, with a line that comes down to 0."""
        self.pay(self.invoice("1 May", 1200, issued="1 Apr"), on=day("10 Jun"))
        options = {"domain": [("partner_id", "=", self.customer.id)], "trend": "month"}
        for model, main in (
            ("dso.trend.report", "overdue"),
            ("dso.item.report", "overdue_debit"),
            ("dso.dso.report", "receivable"),
        ):
            table = self.env[model]._report_table(options)
            days = [row["values"] for row in table["rows"] if not row["level"]]
            with self.subTest(model=model):
                self.assertEqual(len(days), 13)
                self.assertEqual(len(table["chart"]["labels"]), 13)
                self.assertEqual({d[main] for d in days}, {0, 1200})
                self.assertIsNone(days[0].get("rate"))
        # a rate that there is not is a gap in its line
        drawn = self.env["dso.dso.report"]._report_table(options)["chart"]
        self.assertEqual(drawn["series"][0]["values"][:4], [None] * 4)

    def test_several_days_have_no_sum(self):
        """Balances of several days do not add up: none is shown."""
        self.invoice("1 Jan", 1200, issued="1 Dec 2025")
        self.assertEqual(len(self.rows(dso_trend="month")), 12)
        self.assertFalse(self.figures("residual:sum", dso_trend="month")[0])
        today = [("day", "=", TODAY)]
        residual, overdue = self.figures(
            "residual:sum", "overdue:sum", domain=today, dso_trend="month"
        )
        self.assertEqual((residual, overdue), (1200, 1200))

    def test_table(self):
        """Printed by month, whoever asks without a screen."""
        self.invoice("1 Jan", 1200, issued="1 Dec 2025")
        table = self.source()._report_table(
            {"domain": [("partner_id", "=", self.customer.id)]}
        )
        self.assertEqual(
            [row["values"]["residual"] for row in table["rows"]], [0] + 12 * [1200]
        )


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestPerformanceReport(ReportCase):
    report = "dso.performance.report"

    def test_month_to_date(self):
        """Opening, sales, cash, closing and the effectiveness taken of them."""
        old = self.invoice("10 Oct", 1000, issued="1 Sep")  # overdue before
        self.invoice("10 Dec", 400, issued="20 Oct")  # never due within the month
        new = self.invoice("20 Nov", 600, issued="5 Nov")
        self.pay(old, 700, on=day("10 Nov"))
        self.pay(new, on=day("21 Nov"))
        self.credit_note(50)
        (row,) = self.rows()
        self.assertEqual(
            (row.opening, row.overdue_before, row.sales, row.cash),
            (1400, 1000, 550, 1300),
        )
        # 300 of the old one, 400 not due, credit of 50
        self.assertEqual((row.closing, row.overdue), (650, 250))
        self.assertAlmostEqual(row.cei, (1400 + 550 - 650) / (1400 + 550 - 400))

    def test_group_is_a_ratio_of_sums(self):
        """The effectiveness of a collector is not an average of his customers'."""
        other = self._customer("Other")
        self.pay(self.invoice("10 Oct", 9000, issued="1 Sep"), on=day("10 Nov"))
        self.invoice("10 Oct", 1000, issued="1 Sep", partner=other)
        cei = self.source()._read_group(
            [("partner_id", "in", (self.customer | other).ids)], [], ["cei:avg"]
        )
        self.assertAlmostEqual(cei[0][0], 0.9)

    def test_by_collector_with_total(self):
        """Work counts for who is in charge; the total is that of all, whatever."""
        users = [
            new_test_user(
                self.env,
                f"collector_{name}",
                "base.group_user,dso_collection.group_collector",
                company_id=self.company.id,
            )
            for name in ("one", "two")
        ]
        customers = (self.customer, self._customer("Other"))
        for user, customer, amount in zip(users, customers, (1000, 500), strict=True):
            move = self.invoice("10 Oct", amount, issued="1 Sep", partner=customer)
            self.account(customer).collector_id = user
            move.dso_qualify(self.status("dispute"), "", status_date=day("10 Nov"))
        table = self.source()._report_table(
            {"domain": [("partner_id", "in", [c.id for c in customers])]}
        )
        found = {row["ref"][1]: row["values"] for row in table["rows"]}
        self.assertEqual([found[u.id]["overdue"] for u in users], [1000, 500])
        self.assertEqual([found[u.id]["disputed"] for u in users], [1, 1])
        self.assertEqual(table["totals"]["overdue"], 1500)
        self.assertEqual(table["totals"]["disputed"], 2)

    def test_fixed_total(self):
        """Whatever is filtered, the total of all customers stands beside it; rights and
        companies hold."""
        other = self._customer("Other")
        for customer, amount in ((self.customer, 1000), (other, 500)):
            self.account(customer)
            move = self.invoice("10 Oct", amount, issued="1 Sep", partner=customer)
            self.pay(move, amount / 10, on=day("10 Nov"))
        source = self.source().with_company(self.company)
        ((overdue, cash),) = source._read_group([], [], ["overdue:sum", "cash:sum"])
        (remark,) = source.report_remarks()
        for value in (overdue, cash):
            words = format_amount(self.env, value, self.company.currency_id)
            self.assertIn(words, remark)
        table = source._report_table({"domain": [("partner_id", "=", other.id)]})
        self.assertEqual(table["totals"]["overdue"], 450)
        self.assertIn(remark, table["notes"])
        (before,) = source.report_remarks("2026-10-31")
        self.assertNotEqual(before, remark)
        with self.assertRaises(AccessError):
            source.with_user(
                new_test_user(self.env, "nobody", "base.group_user")
            ).report_remarks()
        with self.assertRaisesRegex(UserError, "soon is no date"):
            source.report_remarks("soon")

    def test_actions_and_promises(self):
        """Actions done in the month; promises whose grace ended in it."""
        move = self.invoice("1 Oct", 1000, issued="1 Sep")
        with freeze_time(day("2 Nov")):
            move.dso_qualify(
                self.status("promise_to_pay"),
                "",
                promise_date=day("9 Nov"),
                follow_up=False,
            )
        self.pay(move, 400, on=day("9 Nov"))
        self.on("20 Nov", "done")
        self.account().evaluate(TODAY)
        (row,) = self.rows()
        self.assertEqual((row.actions, row.promised, row.received), (1, 1000, 400))
        self.assertAlmostEqual(row.kept_rate, 0.4)
        before = self.rows("31 Oct")
        self.assertEqual((before.actions, before.promised), (0, 0))
        # no promise: none was kept or broken
        self.assertIs(before.kept_rate, False)
        self.assertIs(before.read(["kept_rate"])[0]["kept_rate"], False)

    def test_month_begins_before_its_first_day(self):
        """What is invoiced on the first of the month is a sale of the month."""
        self.invoice("20 Nov", 600, issued="1 Nov")
        (row,) = self.rows()
        self.assertEqual((row.opening, row.sales), (0, 600))

    def test_promises_of_the_month_before(self):
        """A promise counts in the month in which its grace ended."""
        move = self.invoice("1 Oct", 1000, issued="1 Sep")
        with freeze_time(day("5 Oct")):
            move.dso_qualify(
                self.status("promise_to_pay"), "", promise_date=day("12 Oct")
            )
        self.account().evaluate(TODAY)
        (row,) = self.rows()
        self.assertEqual((row.promised, row.received), (0, 0))
        self.assertEqual(self.rows("31 Oct").promised, 1000)

    def test_closing_is_what_is_open(self):
        """The sum of all rows is that of the ledger, on each day."""
        self.pay(self.invoice("10 Oct", 1000, issued="1 Sep"), 300, on=day("5 Nov"))
        self.unallocated(60)
        for when in (None, "31 Oct", "15 Oct"):
            rows = self.source(when).search([])
            self.assertAlmostEqual(sum(rows.mapped("closing")), self.open_sum(when))
            self.assertAlmostEqual(
                sum(rows.mapped("overdue")), self.open_sum(when, "overdue")
            )

    def test_past_month_does_not_change(self):
        """Case 47: what October was does not change by what comes after it."""
        move = self.invoice("10 Oct", 1000, issued="1 Sep")
        self.pay(move, 300, on=day("15 Oct"))

        def read(when):
            return [
                (r.opening, r.closing, r.overdue, r.cash, r.sales)
                for r in self.rows(when)
            ]

        self.assertEqual(read("31 Oct"), [(1000, 700, 700, 300, 0)])
        self.assertSameAfter(
            "31 Oct",
            read,
            lambda: self.pay(move, 700, on=TODAY - timedelta(days=2)),
            lambda: self.invoice("20 Nov", 50),
        )
