"""DSO by count-back and its other forms (rules.md §9, R2; case 47)."""

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from odoo.addons.dso_collection.tests.common import DsoCommon, day

FORMS = ("dso", "dso_overdue", "dso_current", "dso_classic", "dso_best", "day_value")


@tagged("post_install", "-at_install")
@freeze_time("2026-09-30")
class TestDsoDsoReport(DsoCommon):
    def report(self, when=None, **context):
        return self.env["dso.dso.report"].with_context(
            dso_as_of=when and day(when).isoformat(), **context
        )

    def figures(self, when=None, domain=None):
        """{form of DSO: days} of the customer, or of what the domain finds."""
        domain = domain or [("partner_id", "=", self.customer.id)]
        (values,) = self.report(when)._read_group(
            domain, [], [f"{name}:avg" for name in FORMS]
        )
        return dict(zip(FORMS, values, strict=True))

    def _r2(self):
        """R2: receivables of 250 000 at 30 Sep, 75 000 of them overdue."""
        self.july = self.invoice("20 Sep", 90000, issued="10 Jul")
        self.invoice("20 Sep", 45000, issued="10 Aug")
        self.invoice("20 Oct", 75000, issued="20 Aug")
        self.invoice("20 Oct", 100000, issued="10 Sep")
        self.pay(self.july, 60000, on=day("15 Sep"))

    def test_r2_count_back(self):
        """R2: 30 + 31 + 31 x 30/90 = 71.33 days, 21.40 of them overdue."""
        self._r2()
        (row,) = self.report("30 Sep").search([("partner_id", "=", self.customer.id)])
        self.assertEqual((row.receivable, row.overdue), (250000, 75000))
        found = self.figures("30 Sep")
        self.assertAlmostEqual(found["dso"], 71.33, 2)
        self.assertAlmostEqual(found["dso_overdue"], 21.40, 2)
        self.assertAlmostEqual(found["dso_current"], 49.93, 2)
        self.assertAlmostEqual(found["day_value"], 250000 / 71.3333, 1)
        for name in FORMS:
            self.assertAlmostEqual(row[name], found[name], 6)

    def test_r2_classic_and_best(self):
        """R2: receivables ÷ sales of three months (310 000) x 92 days; the best
        possible one counts what is not overdue."""
        self._r2()
        found = self.figures("30 Sep")
        self.assertAlmostEqual(found["dso_classic"], 250 / 310 * 92)
        self.assertAlmostEqual(found["dso_best"], 175 / 310 * 92)

    def test_case_47_back_dated_payment(self):
        """Case 47: a payment changes no day before the one on which it is dated."""
        self._r2()
        before = {when: self.figures(when) for when in ("31 Aug", "15 Sep", "30 Sep")}
        self.pay(self.july, on=day("1 Oct"))
        self.assertEqual({when: self.figures(when) for when in before}, before)
        self.pay(self.invoice("1 Nov", 10, issued="29 Sep"), on=day("29 Sep"))
        self.assertEqual(self.figures("31 Aug"), before["31 Aug"])
        self.assertEqual(self.figures("15 Sep"), before["15 Sep"])

    def test_middle_of_a_month(self):
        """The month of the day counts up to the day."""
        self.invoice("20 Oct", 100, issued="5 Sep")
        self.invoice("20 Oct", 50, issued="25 Sep")
        self.invoice("20 Oct", 400, issued="5 Aug")
        # 100 of 1-10 Sep are 10 days, 400 of August are 31
        self.assertAlmostEqual(self.figures("10 Sep")["dso"], 41)

    def test_receivables_of_whole_months(self):
        """What two months add up to, to the cent, does not count back beyond them: in
        binary fractions 0.7 + 0.1 is less than 0.8, and a month without sales more."""
        self.invoice("20 Oct", 0.7, issued="5 Sep")
        self.invoice("20 Oct", 0.1, issued="5 Aug")
        self.pay(self.invoice("20 Jul", 100, issued="5 Jun"), on=day("20 Jul"))
        self.assertLess(0.7 + 0.1, 0.8)
        self.assertAlmostEqual(self.figures("30 Sep")["dso"], 61)
        (row,) = self.report("30 Sep").search([("partner_id", "=", self.customer.id)])
        self.assertAlmostEqual(row.dso, 61)

    def test_credit_notes(self):
        """A month of credit notes gives back what the next ones must cover."""
        self.invoice("20 Oct", 200, issued="5 Sep")
        self.credit_note(100, issued="5 Aug")
        self.invoice("20 Oct", 100, issued="5 Jul")
        # receivable 200: covered by September alone
        self.assertAlmostEqual(self.figures("30 Sep")["dso"], 30)
        self.entry((self.customer, 50, "1 Sep"), on="1 Sep")
        # 250 - 200 = 50, + 100 = 150 of which July covers 100; nothing sold before
        self.assertEqual(self.figures("30 Sep")["dso"], 730)

    def test_nothing_receivable(self):
        """Nothing receivable: 0 days. Nothing sold: no DSO."""
        invoice = self.invoice("20 Oct", 200, issued="5 Sep")
        self.pay(invoice, on=day("10 Sep"))
        found = self.figures("30 Sep")
        self.assertEqual((found["dso"], found["dso_classic"]), (0, 0))
        self.assertFalse(found["day_value"])
        other = self._customer("Other")
        self.entry((other, 50, "1 Sep"), on="1 Sep")
        (row,) = self.report("30 Sep").search([("partner_id", "=", other.id)])
        self.assertEqual((row.receivable, row.dso), (50, 0))
        ((dso,),) = self.report("30 Sep")._read_group(
            [("partner_id", "=", other.id)], [], ["dso:avg"]
        )
        self.assertIs(dso, False)

    def test_sales_and_receivables_of_nothing(self):
        """What was credited in the month was not sold, and is not receivable: 0 days,
        nothing divided by nothing."""
        self.invoice("20 Oct", 200, issued="5 Sep")
        self.credit_note(200, issued="6 Sep")
        found = self.figures("30 Sep")
        self.assertEqual((found["dso"], found["dso_classic"]), (0, False))

    def test_groups(self):
        """The DSO of a group is that of its sums, not a mean of its customers'."""
        other = self._customer("Other")
        self.invoice("20 Oct", 300, issued="5 Sep")
        self.pay(self.invoice("20 Oct", 300, issued="5 Sep", partner=other), 300)
        both = [("partner_id", "in", (self.customer | other).ids)]
        self.assertAlmostEqual(self.figures("30 Sep")["dso"], 30)
        self.assertAlmostEqual(self.figures("30 Sep", both)["dso"], 15)

    def test_trend(self):
        """Each month of a trend is the report of its last day; days are not summed."""
        self._r2()
        domain = [("partner_id", "=", self.customer.id)]
        aggregates = ["receivable:sum", "dso:avg"]
        trend = self.report("30 Sep", dso_trend="month")
        months = trend._read_group(domain, ["day:month"], aggregates)
        *before, _july, _august, _september = months
        self.assertEqual({(*figures,) for _day, *figures in before}, {(0, False)})
        months = months[-3:]
        for month, when in zip(months, ("31 Jul", "31 Aug", "30 Sep"), strict=True):
            (figures,) = self.report(when)._read_group(domain, [], aggregates)
            self.assertEqual(month[1:], figures)
        ((receivable, dso),) = trend._read_group(domain, [], aggregates)
        self.assertFalse(receivable)
        self.assertFalse(dso)
        rows = trend.search(domain)
        self.assertEqual(sorted(rows.mapped("receivable")), [90000, 210000, 250000])

    def test_table(self):
        """What is printed: totals of DSO are taken of the sums."""
        self._r2()
        table = self.report()._report_table(
            {
                "as_of": "2026-09-30",
                "domain": [("partner_id", "=", self.customer.id)],
            }
        )
        self.assertAlmostEqual(table["totals"]["dso"], 71.33, 2)
        self.assertAlmostEqual(table["totals"]["overdue_share"], 0.3)
        (row,) = table["rows"]
        self.assertEqual(row["values"]["receivable"], 250000)

    def test_open_items(self):
        """A row opens the items of its customer, of the same day."""
        self._r2()
        (row,) = self.report("15 Sep").search([("partner_id", "=", self.customer.id)])
        action = row.action_open_items()
        self.assertEqual(action["context"]["dso_as_of"], "2026-09-15")
        items = (
            self.env[action["res_model"]]
            .with_context(**action["context"])
            .search(action["domain"])
        )
        self.assertEqual(sum(items.mapped("residual")), row.receivable)
        # in a trend, of the day of the row
        (row,) = self.report(dso_trend="month").search(
            [("partner_id", "=", self.customer.id), ("day", "=", "2026-08-31")]
        )
        self.assertEqual(row.action_open_items()["context"]["dso_as_of"], "2026-08-31")

    def test_access(self):
        """Viewers read; other employees do not."""
        self._r2()
        viewer, employee = (
            new_test_user(self.env, login, groups, company_id=self.company.id)
            for login, groups in (
                ("dso_viewer", "base.group_user,dso_collection.group_viewer"),
                ("dso_employee", "base.group_user"),
            )
        )
        Report = self.env["dso.dso.report"]
        domain = [("partner_id", "=", self.customer.id)]
        self.assertEqual(Report.with_user(viewer).search(domain).receivable, 250000)
        with self.assertRaises(AccessError):
            Report.with_user(employee).search(domain)
