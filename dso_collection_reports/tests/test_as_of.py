"""Reports of a past day: what was open then, and what was known of it."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from odoo.addons.dso_collection.tests.common import TODAY, DsoCommon, day

from ..measures import ledger


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestAsOf(DsoCommon):
    def rows(self, when=None):
        Report = self.env["dso.item.report"]
        if when:
            Report = Report.with_context(dso_as_of=fields.Date.to_string(day(when)))
        return Report.search([("partner_id", "=", self.customer.id)])

    def open(self, when=None):
        """{entry: what was open of it}"""
        return {row.move_id: row.residual for row in self.rows(when)}

    def trial_balance(self, when):
        """Odoo's own: the balance of the trade receivable accounts on a day."""
        ((balance,),) = self.env["account.move.line"]._read_group(
            [
                ("company_id", "in", self.env.companies.ids),
                ("account_id.account_type", "=", "asset_receivable"),
                ("account_id.non_trade", "=", False),
                ("partner_id", "!=", False),
                ("parent_state", "=", "posted"),
                ("date", "<=", day(when)),
            ],
            [],
            ["balance:sum"],
        )
        return balance

    # -------------------------------------------------------------------------
    # LEDGER
    # -------------------------------------------------------------------------

    def test_what_was_open_then(self):
        """Entries and payments dated later are taken back; those of the day count."""
        early = self.invoice("1 Oct", 1000, issued="1 Sep")
        late = self.invoice("20 Nov", 500, issued="5 Nov")
        self.pay(early, 300, on=day("10 Oct"))
        self.pay(early, 700, on=day("5 Nov"))
        self.assertEqual(self.open("31 Aug"), {})
        self.assertEqual(self.open("9 Oct"), {early: 1000})
        self.assertEqual(self.open("10 Oct"), {early: 700})
        self.assertEqual(self.open("4 Nov"), {early: 700})
        self.assertEqual(self.open("5 Nov"), {late: 500})
        self.assertEqual(self.open(), {late: 500})

    def test_allocated_later(self):
        """A payment is unallocated until the later of the two dates it reconciles."""
        payment = self.unallocated(80, on="1 Oct")
        invoice = self.invoice("30 Nov", 100, issued="5 Nov")
        lines = self.receivables(invoice) | self.receivables(payment.move_id)
        lines.reconcile()
        self.assertEqual(self.open("4 Nov"), {payment.move_id: -80})
        self.assertEqual(self.open("5 Nov"), {invoice: 20})

    def test_age_of_the_day(self):
        """Age and overdue are those of the day of the report."""
        self.invoice("1 Oct", 1000, issued="1 Sep")
        (row,) = self.rows("1 Oct")
        self.assertEqual((row.days_late, row.bucket, row.overdue), (0, "not_due", 0))
        (row,) = self.rows("1 Nov")
        self.assertEqual((row.days_late, row.bucket, row.overdue), (31, "31_60", 1000))
        (row,) = self.rows()
        self.assertEqual((row.days_late, row.bucket), (53, "31_60"))

    def test_unchanged_by_what_does_not_concern_it(self):
        """Case 47: a day stays as it was after later entries, and after back-dated
        ones from the day on which they are dated."""
        invoice = self.invoice("1 Oct", 1000, issued="1 Sep")
        before = {when: self.open(when) for when in ("30 Sep", "31 Oct")}
        self.pay(invoice, 400, on=TODAY)
        self.pay(invoice, 250, on=day("2 Nov"))
        self.invoice("1 Dec", 70, issued="1 Nov")
        self.assertEqual({when: self.open(when) for when in before}, before)
        self.assertEqual(sum(self.open("2 Nov").values()), 820)

    def test_post_dated(self):
        """What is dated after today is not there yet, as in today's trial balance."""
        invoice = self.invoice("1 Oct", 1000, issued="1 Sep")
        self.pay(invoice, on=TODAY + timedelta(days=7))
        self.assertEqual(self.open(), {invoice: 1000})
        self.assertEqual(self.open("29 Nov"), {invoice: 1000})
        self.assertEqual(self.open("30 Nov"), {})

    def test_foreign_currency(self):
        """Both amounts are rolled back; rate differences stand as the ledger has them,
        so that every day agrees with the trial balance."""
        foreign = self.setup_other_currency(
            "EUR", rates=[("2026-01-01", 2.0), ("2026-11-01", 4.0)]
        )
        invoice = self.invoice("1 Oct", 1000, issued="1 Sep", currency_id=foreign.id)
        self.pay(invoice, 400, on=day("10 Oct"))
        self.pay(invoice, 600, on=day("10 Nov"))
        self.assertEqual(self.open("9 Oct"), {invoice: 500})
        (row,) = self.rows("31 Oct")
        self.assertEqual((row.residual, row.residual_currency), (300, 600))
        for when in ("9 Oct", "31 Oct", "10 Nov", "23 Nov"):
            self.assertAlmostEqual(
                sum(self.open(when).values()), self.trial_balance(when)
            )

    def test_without_customer(self):
        """Journal items without a partner are no items; the measure tells them."""
        self.entry((None, 90, None), (self.customer, 10, None))
        self.assertEqual(sum(self.open().values()), 10)
        rows = self.env.execute_query(ledger.without_customer(self.company))
        self.assertEqual([row[-1] for row in rows], [90])
        rows = ledger.without_customer(self.company, day("31 Oct"))
        self.assertFalse(self.env.execute_query(rows))

    def test_one_transaction_several_days(self):
        """The same row of two days, held at once, tells each its own figure."""
        invoice = self.invoice("1 Oct", 1000, issued="1 Sep")
        self.pay(invoice, 300, on=day("10 Oct"))
        then, now = self.rows("1 Oct"), self.rows()
        self.assertEqual(then.id, now.id)
        self.assertEqual((then.residual, now.residual), (1000, 700))

    def test_no_date(self):
        """A context from outside that is no date is told, not run; nor is a day of
        which there may be no month before or after it."""
        for nonsense in (True, [1], "20", "0001-01-01", "1899-12-31", "9999-12-31"):
            for trend in (False, "month"):
                source = self.env["dso.item.report"].with_context(
                    dso_as_of=nonsense, dso_trend=trend
                )
                with self.assertRaisesRegex(UserError, "is no date"):
                    source.search([])
            with self.assertRaisesRegex(UserError, "is no date"):
                self.env["dso.aged.report"]._report_table({"as_of": nonsense})
        for far in ("1900-01-01", "2199-12-31"):
            for name in self.env["dso.report.table"]._report_models().values():
                self.env[name].with_context(dso_as_of=far).search([], limit=1).read()
        with self.assertRaisesRegex(UserError, "is no date"):
            self.env["dso.item.report"].with_context(dso_as_of="x'; --").search([])

    # -------------------------------------------------------------------------
    # STATUS
    # -------------------------------------------------------------------------

    def statuses(self, when=None):
        return [row.status_type for row in self.rows(when)]

    def test_status_of_the_day(self):
        """A qualification counts from its status date on, whatever came later."""
        invoice = self.invoice("1 Oct", 1000, issued="1 Sep")
        with freeze_time("2026-10-10"):
            invoice.dso_qualify(self.status("on_going"), "")
        with freeze_time("2026-11-10"):
            invoice.dso_qualify(self.status("dispute"), "")
        with freeze_time("2026-11-20"):
            invoice.dso_qualify(
                self.status("dispute_resolved"), "", status_date=day("15 Nov")
            )
        for when, status in (
            ("9 Oct", "none"),
            ("10 Oct", "on_going"),
            ("9 Nov", "on_going"),
            ("10 Nov", "dispute"),
            ("14 Nov", "dispute"),
            ("15 Nov", "dispute_resolved"),
            (None, "dispute_resolved"),
        ):
            self.assertEqual(self.statuses(when), [status], when)

    def test_undone_later(self):
        """What is undone was true until the day of the undo."""
        invoice = self.invoice("1 Oct", 1000, issued="1 Sep")
        with freeze_time("2026-10-10"):
            invoice.dso_qualify(self.status("on_going"), "")
        with freeze_time("2026-10-20"):
            dispute = invoice.dso_qualify(self.status("dispute"), "")
        dispute.action_undo()
        self.assertEqual(self.statuses("19 Oct"), ["on_going"])
        self.assertEqual(self.statuses("22 Nov"), ["dispute"])
        self.assertEqual(self.statuses(), ["on_going"])
        self.assertEqual(self.statuses("23 Nov"), ["on_going"])

    def test_rate_of_the_day(self):
        """The qualification rate of a past day knows only what was said by then."""
        invoice = self.invoice("1 Oct", 1000, issued="1 Sep")
        self.invoice("1 Oct", 3000, issued="1 Sep")
        with freeze_time("2026-11-10"):
            invoice.dso_qualify(self.status("on_going"), "")
        domain = [("partner_id", "=", self.customer.id)]
        Report = self.env["dso.item.report"]
        for when, rate in (("2026-10-01", None), ("2026-11-09", 0), (None, 0.25)):
            Report = Report.with_context(dso_as_of=when)
            self.assertEqual(Report.qualification_rate(domain), rate)
