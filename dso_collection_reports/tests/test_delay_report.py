"""Average payment delay and payment profiles (rules.md R3)."""

from datetime import timedelta

from odoo.tests import freeze_time, tagged

from odoo.addons.dso_collection.tests.common import TODAY, day

from .report_case import ReportCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestDelayReport(ReportCase):
    report = "dso.delay.report"

    def delay(self, when=None, name="delay", domain=(("recent", "=", True),)):
        return self.figures(f"{name}:avg", when=when, domain=domain)[0]

    def _r3(self):
        self.settled("25 Oct", 10000, 20)
        self.settled("15 Nov", 2000, -5)

    def test_r3_weighted_by_amount(self):
        """R3: 10 000 paid 20 days late and 2 000 paid 5 days early: 15.83 days."""
        self._r3()
        self.assertAlmostEqual(self.delay(), 190000 / 12000)
        self.assertEqual(round(self.delay(), 2), 15.83)

    def test_r3_agrees_with_the_customer_record(self):
        """The report and the nightly job take the same average."""
        self._r3()
        self.settled("1 Jul", 500, 300)  # paid after today
        self.settled("1 May", 700, 10)  # paid longer than six months ago
        credited = self.invoice("1 Nov", 400)
        self.credit_note(400)
        account = self.account()
        lines = self.receivables(credited) | self.env["account.move.line"].search(
            [
                ("partner_id", "=", self.customer.id),
                ("move_id.move_type", "=", "out_refund"),
                ("account_id", "in", self.receivables(credited).account_id.ids),
            ]
        )
        lines.reconcile()
        self.env["dso.account"]._refresh_behaviour()
        self.assertAlmostEqual(self.delay(), account.average_delay, 2)
        self.assertEqual(
            self.source().search_count(
                [
                    ("partner_id", "=", self.customer.id),
                    ("recent", "=", True),
                    ("state", "=", "paid"),
                ]
            ),
            account.average_delay_count,
        )

    def test_six_rolling_months(self):
        """Six months back from the day, that day's payments not included."""
        for on, recent in ((day("23 May"), False), (day("24 May"), True)):
            invoice = self.invoice(on, 100, issued=on - timedelta(days=40))
            self.pay(invoice, on=on)
            row = self.rows(domain=[("move_id", "=", invoice.id)])
            self.assertEqual((row.recent, row.days), (recent, 0))

    def test_settled_by_several_payments(self):
        """An instalment counts once, on the day of its last payment, when settled."""
        invoice = self.invoice("1 Nov", 1000)
        self.pay(invoice, 600, on=day("5 Nov"))
        (row,) = self.rows()
        self.assertEqual((row.state, row.amount, row.days), ("unpaid", 400, 22))
        self.pay(invoice, 400, on=day("11 Nov"))
        (row,) = self.rows()
        self.assertEqual((row.state, row.amount, row.days), ("paid", 1000, 10))

    def test_unpaid_overdue_invoices_count(self):
        """Who pays little early and owes much late is not shown as paying early."""
        self.settled("15 Nov", 1000, -5)
        self.invoice("24 Oct", 9000)  # 30 days late so far
        self.invoice("1 Dec", 5000, issued="1 Nov")  # not due: says nothing
        paid, unpaid, delay, real = self.figures(
            "paid_amount:sum",
            "unpaid_amount:sum",
            "delay:avg",
            "delay_with_unpaid:avg",
        )
        self.assertEqual((paid, unpaid, delay), (1000, 9000, -5))
        self.assertAlmostEqual(real, (9000 * 30 - 1000 * 5) / 10000)

    def test_nothing_paid_no_delay(self):
        """Without a payment there is no average, not one of zero days."""
        self.invoice("24 Oct", 9000)
        self.assertFalse(self.delay())
        table = self.source()._report_table({"group_by": ["partner_id"]})
        row = next(r for r in table["rows"] if r["ref"][1] == self.customer.id)
        self.assertIsNone(row["values"]["delay"])

    def test_paid_on_the_due_date_is_zero(self):
        """An average of zero days is told as such."""
        self.settled("1 Nov", 100, 0)
        table = self.source()._report_table({"group_by": ["partner_id"]})
        row = next(r for r in table["rows"] if r["ref"][1] == self.customer.id)
        self.assertEqual(row["values"]["delay"], 0)

    def test_profile_of_the_day(self):
        """The band is that of the average of the day of the report."""
        profiles = self.env["dso.payment.profile"]
        profiles.search([]).active = False
        early, late = profiles.create(
            [
                {"name": "Early", "from_days": -10},
                {"name": "Late", "from_days": 10},
            ]
        )
        self.settled("1 Sep", 100, 0)
        self.settled("1 Oct", 10000, 20)
        self.env["dso.account"]._ensure()
        self.env["dso.account"]._refresh_behaviour()
        self.assertEqual(self.rows("15 Sep").payment_profile_id, early)
        self.assertEqual(self.rows().payment_profile_id, late)

    def test_past_delay_does_not_change(self):
        """Case 47: later payments, and back-dated ones of others, change nothing."""
        self._r3()
        unpaid = self.invoice("24 Oct", 900)
        other = self._customer("Other")

        def read(when):
            return sorted(
                (row.move_id.id, row.state, row.amount, row.days)
                for row in self.rows(when)
            )

        self.assertSameAfter(
            "16 Nov",
            read,
            lambda: self.pay(unpaid, on=TODAY),
            lambda: self.pay(
                self.invoice("1 Nov", 70, partner=other), on=day("12 Nov")
            ),
        )
