"""Expected payment dates on the ledger."""

from datetime import date, timedelta

from odoo.tests import freeze_time, tagged

from odoo.addons.dso_collection.tests.common import TODAY, DsoCommon

from ..hooks import uninstall_hook

MONTHS = ("", "Jan", "Feb", "Mar", "Apr", "May")


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestExpected(DsoCommon):
    def paid(self, due, late, partner=None, amount=100):
        """An invoice that was paid so many days after its due date."""
        move = self.invoice(due, amount, partner=partner)
        self.pay(move, on=move.invoice_date_due + timedelta(late))
        return move

    def history(self, *delays, partner=None):
        for month, late in enumerate(delays, 1):
            self.paid(date(2026, month, 1), late, partner)

    def refresh(self):
        return self.env["dso.item"]._refresh_expected(self.company)

    def item(self, move):
        return self.env["dso.item"].search([("move_id", "=", move.id)])

    def expected(self, move):
        item = self.item(move)
        return item.expected_date, item.expected_source

    def test_as_the_customer_pays(self):
        """The median of what the customer did, after the due date."""
        self.history(8, 9, 10, 11, 12)
        move = self.invoice("1 Dec", 500)
        self.account()
        self.refresh()
        self.assertEqual(self.expected(move), (date(2026, 12, 11), "customer"))

    def test_what_was_open_so_long(self):
        """An invoice that is open longer than all that were paid is expected later
        than today, not on a day that has passed."""
        self.history(8, 9, 10, 11, 12)
        move = self.invoice("1 Nov", 500)
        self.account()
        self.refresh()
        day, _source = self.expected(move)
        self.assertGreaterEqual(day or TODAY, TODAY)

    def test_similar_customers(self):
        """A customer without payments is expected to pay as those who are like him:
        same client type, same country."""
        like, unlike = self.env.ref("base.be"), self.env.ref("base.it")
        other = self._customer("Like him", country_id=like.id)
        slow = self._customer("Unlike him", country_id=unlike.id)
        self.customer.country_id = like
        self.history(*[7] * 10, partner=other)
        self.history(*[60] * 10, partner=slow)
        move = self.invoice("1 Dec", 500)
        for partner in (self.customer, other, slow):
            self.account(partner)
        self.refresh()
        self.assertEqual(self.expected(move), (date(2026, 12, 8), "segment"))

    def test_nothing_known(self):
        """Where nobody has paid anything, nothing is said."""
        move = self.invoice("1 Dec", 500)
        self.account()
        self.refresh()
        self.assertEqual(self.expected(move), (False, False))

    def test_promise(self):
        """An open promise stands before behaviour."""
        self.history(8, 9, 10, 11, 12)
        move = self.invoice("1 Nov", 500)
        move.dso_qualify(
            self.status("promise_to_pay"), "so", promise_date=date(2026, 12, 24)
        )
        self.refresh()
        self.assertEqual(self.expected(move), (date(2026, 12, 24), "promise"))

    def test_not_expected(self):
        """Disputed, in litigation, left out: no day; what is disputed in part has one
        for the rest."""
        self.history(8, 9, 10, 11, 12)
        part, whole, court, ignored = (self.invoice("1 Dec", 500) for _n in range(4))
        dispute = self.status("dispute")
        part.dso_qualify(dispute, "half", disputed_amount=200)
        whole.dso_qualify(dispute, "all")
        court.dso_qualify(self.status("litigation"), "court")
        ignored.dso_ignored = True
        self.refresh()
        self.assertTrue(self.item(part).expected_date)
        for move in (whole, court, ignored):
            self.assertEqual(self.expected(move), (False, False), move.name)

    def test_gone(self):
        """A day that was expected goes when the invoice is paid, disputed, or when the
        customer owes nothing any more."""
        self.history(8, 9, 10, 11, 12)
        first, second = self.invoice("1 Dec", 500), self.invoice("2 Dec", 500)
        self.account()
        self.refresh()
        self.assertTrue(self.item(first).expected_date)
        self.pay(first)
        self.refresh()
        self.assertFalse(self.item(first).expected_date)
        self.assertTrue(self.item(second).expected_date)
        self.pay(second)
        self.refresh()
        self.assertEqual(self.expected(second), (False, False))

    def test_only_differences_are_written(self):
        """A second run of the same night writes nothing."""
        self.history(8, 9, 10, 11, 12)
        self.invoice("1 Dec", 500)
        self.account()
        self.assertTrue(self.refresh())
        self.assertEqual(self.refresh(), 0)

    def test_credit_notes_pay_nothing(self):
        """What a credit note settled says nothing of how its customer pays."""
        move = self.invoice("1 Feb", 100)
        credit = self.credit_note(100, issued="1 Nov")
        (self.receivables(move) + self.receivables(credit)).reconcile()
        self.history(5, 5, 5)
        invoice = self.invoice("1 Dec", 500)
        self.account()
        self.refresh()
        self.assertEqual(self.expected(invoice), (date(2026, 12, 6), "customer"))

    def test_companies_do_not_mix(self):
        """What customers of another company do is not looked at."""
        other = self.setup_other_company(name="Other")
        foreign = other["company"]
        self.env["dso.item"]._refresh_expected(foreign)
        self.history(8, 9, 10, 11, 12)
        move = self.invoice("1 Dec", 500)
        self.account()
        self.assertEqual(self.env["dso.item"]._refresh_expected(foreign), 0)
        self.assertFalse(self.item(move).expected_date)

    def test_the_nightly_job(self):
        """The job does every company, and leaves no table of its own behind."""
        self.history(8, 9, 10, 11, 12)
        move = self.invoice("1 Dec", 500)
        self.account()
        with self.enter_registry_test_mode():
            self.env.ref("dso_collection_maia.ir_cron_expected").method_direct_trigger()
        self.assertEqual(self.item(move).expected_source, "customer")
        self.env.cr.execute("SELECT to_regclass('pg_temp.dso_maia_payment')")
        self.assertIsNone(self.env.cr.fetchone()[0])

    def test_number_of_queries(self):
        """As many queries for two customers as for one: no query a customer."""
        self.history(8, 9, 10)
        self.invoice("1 Dec", 500)
        self.account()
        self.refresh()
        count = self.cr.sql_log_count
        self.env["dso.item"]._refresh_expected(self.company)
        one = self.cr.sql_log_count - count
        other = self._customer("Other")
        self.history(3, 4, 5, partner=other)
        self.invoice("1 Dec", 500, partner=other)
        self.account(other)
        self.env.flush_all()
        count = self.cr.sql_log_count
        self.env["dso.item"]._refresh_expected(self.company)
        self.assertLessEqual(self.cr.sql_log_count - count, one)

    def test_uninstalled(self):
        """Without the assistant nothing is expected: no forecast goes by old days."""
        self.history(8, 9, 10, 11, 12)
        move = self.invoice("1 Dec", 500)
        self.account()
        self.refresh()
        self.assertTrue(self.item(move).expected_date)
        uninstall_hook(self.env)
        self.assertEqual(self.expected(move), (False, False))


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestExpectationsKept(DsoCommon):
    """What was to be expected at the ends of months, by what was known then."""

    def setUp(self):
        super().setUp()
        for month, late in enumerate((8, 9, 10, 11, 12), 1):
            move = self.invoice(date(2026, month, 1), 100, issued=f"1 {MONTHS[month]}")
            self.pay(move, on=move.invoice_date_due + timedelta(late))
        self.account()

    def keep(self):
        return self.env["dso.item"]._keep_expected(self.company)

    def kept(self, move):
        rows = self.env["dso.expectation"].search([("move_id", "=", move.id)])
        return {row.day: (row.expected_date, row.expected_source) for row in rows}

    def test_paid_since(self):
        """An invoice that was open at the end of August has a day of then, although it
        is paid now; no month end before its issue, and none after its payment."""
        move = self.invoice("5 Sep", 500, issued="10 Aug")
        self.pay(move, on=date(2026, 9, 28))
        self.keep()
        self.assertEqual(
            self.kept(move), {date(2026, 8, 31): (date(2026, 9, 15), "customer")}
        )

    def test_what_was_known_then(self):
        """Payments of later say nothing of the end of August; those of before do."""
        move = self.invoice("5 Nov", 500, issued="10 Aug")
        for number in range(1, 9):
            later = self.invoice(f"{number} Sep", 10, issued="1 Aug")
            self.pay(later, on=date(2026, 10, number))
        self.keep()
        kept = self.kept(move)
        self.assertEqual(kept[date(2026, 8, 31)][0], date(2026, 11, 15))
        self.assertEqual(kept[date(2026, 10, 31)][0], date(2026, 12, 5))

    def test_settled_by_a_credit_note_since(self):
        """What a credit note settled later was open until then."""
        move = self.invoice("5 Sep", 100, issued="10 Aug")
        credit = self.credit_note(100, issued="20 Sep")
        (self.receivables(move) + self.receivables(credit)).reconcile()
        self.keep()
        self.assertEqual(list(self.kept(move)), [date(2026, 8, 31)])

    def test_said_then(self):
        """Promised, disputed, in court on the day, whatever is said now; a promise
        whose grace was over is believed no more."""
        moves = [self.invoice("20 Oct", 500, issued="10 Jul") for _number in range(4)]
        promised, disputed, part, plain = moves
        with freeze_time(date(2026, 8, 20)):
            promised.dso_qualify(
                self.status("promise_to_pay"), "so", promise_date=date(2026, 9, 18)
            )
            disputed.dso_qualify(self.status("dispute"), "all")
            part.dso_qualify(self.status("dispute"), "half", disputed_amount=200)
        with freeze_time(date(2026, 9, 10)):
            disputed.dso_qualify(self.status("dispute_resolved"), "it was right")
            plain.dso_qualify(self.status("litigation"), "court")
        self.keep()
        august, september = date(2026, 8, 31), date(2026, 9, 30)
        self.assertEqual(self.kept(promised)[august], (date(2026, 9, 18), "promise"))
        self.assertEqual(self.kept(promised)[september][1], "customer")
        self.assertNotIn(august, self.kept(disputed))
        self.assertIn(september, self.kept(disputed))
        self.assertIn(august, self.kept(part))
        self.assertIn(august, self.kept(plain))
        self.assertNotIn(september, self.kept(plain))

    def test_once_each(self):
        """The job keeps six ends of months, then those that are new; older ones go."""
        move = self.invoice("5 Dec", 500, issued="10 Jan")
        self.assertEqual(self.keep(), len(self.kept(move)))
        self.assertEqual(
            sorted(self.kept(move)),
            [
                date(2026, 5, 31),
                date(2026, 6, 30),
                date(2026, 7, 31),
                date(2026, 8, 31),
                date(2026, 9, 30),
                date(2026, 10, 31),
            ],
        )
        self.assertEqual(self.keep(), 0)
        with freeze_time(date(2026, 12, 1)):
            self.assertEqual(self.keep(), 1)
        self.assertEqual(min(self.kept(move)), date(2026, 6, 30))
        self.assertEqual(max(self.kept(move)), date(2026, 11, 30))

    def test_the_day_it_would_have_said(self):
        """What is kept of a day is what the job had written on that day."""
        move = self.invoice("5 Sep", 500, issued="10 Aug")
        other = self.entry((self.customer, 60, "1 Sep"), (self.customer, 40, "9 Oct"))
        with freeze_time(date(2026, 8, 31)):
            self.env["dso.item"]._refresh_expected(self.company)
            rows = self.env["dso.item"].search([("expected_date", "!=", False)])
            then = {row.move_id: row.expected_date for row in rows}
        self.keep()
        self.assertIn(move, then)
        self.assertEqual(
            {
                row.move_id: row.expected_date
                for row in self.env["dso.expectation"].search(
                    [("day", "=", date(2026, 8, 31))]
                )
            },
            then,
        )
        self.assertNotIn(other, then)

    def test_accounts_merged(self):
        """What was expected goes with the items of an account."""
        move = self.invoice("5 Sep", 500, issued="10 Aug")
        self.keep()
        before = self.kept(move)
        other = self._customer("Other")
        self.account(other)
        self.env["dso.account"]._merge_partners(self.customer, other)
        rows = self.env["dso.expectation"].search([("move_id", "=", move.id)])
        self.assertEqual(rows.account_id, self.account(other))
        self.assertEqual(self.kept(move), before)

    def test_uninstalled(self):
        """Nothing that was expected stays without the assistant."""
        self.invoice("5 Sep", 500, issued="10 Aug")
        self.assertTrue(self.keep())
        uninstall_hook(self.env)
        self.assertFalse(self.env["dso.expectation"].search_count([]))
