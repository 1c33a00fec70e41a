"""Average payment delay and payment profiles (rules.md §9)."""

from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from odoo.addons.mail.tests.common import mail_new_test_user

from .common import TODAY, DsoCommon, day


@tagged("post_install", "-at_install")
class TestPaymentBehaviour(DsoCommon):
    def paid(self, due, on, amount=1000.0, **values):
        """An invoice due on a day, paid on another."""
        invoice = self.invoice(due, amount, issued="1 Apr", **values)
        self.pay(invoice, on=day(on))
        return invoice

    def refresh(self, today=TODAY, account=None):
        account = account or self.account()
        with freeze_time(today):
            account.evaluate(today)
            account._refresh_behaviour()
        return account

    def test_r3(self):
        """R3 10,000 paid 20 days late and 2,000 paid 5 days early: 15.83 days."""
        self.paid("1 Sep", "21 Sep", 10000)
        self.paid("15 Sep", "10 Sep", 2000)
        account = self.refresh()
        self.assertEqual(round(account.average_delay, 2), 15.83)
        self.assertEqual(account.average_delay_count, 2)
        self.assertEqual(account.payment_profile_id.name, "Late")
        self.assertEqual(account.behaviour_until, date(2027, 3, 10))

    def test_six_rolling_months(self):
        """What was paid six months ago or before counts no longer, without any other
        change of the account (rules.md §9)."""
        self.paid("1 May", "23 May")
        self.paid("1 May", "24 May", 1000)
        account = self.refresh()
        self.assertEqual(account.average_delay, 23)
        self.assertEqual(account.average_delay_count, 1)
        with freeze_time(day("24 Nov")):
            account._refresh_behaviour()
        self.assertFalse(account.average_delay_count)
        self.assertFalse(account.average_delay)
        self.assertFalse(account.payment_profile_id)

    def test_last_payment(self):
        """An invoice is paid on the day of its last payment, with its whole amount."""
        invoice = self.invoice("1 Sep", 1000, issued="1 Aug")
        self.pay(invoice, 900, on=day("1 Sep"))
        self.pay(invoice, 100, on=day("11 Sep"))
        self.assertEqual(self.refresh().average_delay, 10)

    def test_instalments(self):
        """Each instalment of an invoice is weighed with its own due date."""
        term = self.env["account.payment.term"].create(
            {
                "name": "Two",
                "line_ids": [
                    (0, 0, {"value": "percent", "value_amount": 50, "nb_days": 0}),
                    (0, 0, {"value": "percent", "value_amount": 50, "nb_days": 30}),
                ],
            }
        )
        invoice = self.invoice(
            "1 Sep", 1000, issued="1 Sep", invoice_payment_term_id=term.id
        )
        self.pay(invoice, 1000, on=day("11 Sep"))
        account = self.refresh()
        self.assertEqual(account.average_delay, (10 - 20) / 2)
        self.assertEqual(account.average_delay_count, 1)
        self.assertEqual(account.payment_profile_id.name, "Pays on time")

    def test_credited_is_not_paid(self):
        """An invoice that a credit note settles says nothing of how he pays."""
        invoice = self.invoice("1 Sep", 500, issued="1 Aug")
        credit = self.credit_note(500, "1 Nov")
        self.receivables(invoice | credit).reconcile()
        account = self.refresh()
        self.assertFalse(account.average_delay_count)

    def test_unpaid_is_not_flattered(self):
        """Case 29: who pays small invoices at once and lets the large one lie is on
        time by the average; the age of the overdue stands beside it."""
        self.paid("1 Sep", "1 Sep", 10)
        self.invoice("14 Aug", 900)
        self.invoice("13 Nov", 100)
        account = self.refresh()
        self.assertEqual(account.average_delay, 0)
        with freeze_time(TODAY):
            # 900 for 101 days and 100 for 10
            self.assertEqual(account.overdue_age, 92)
        with freeze_time(day("25 Nov")):
            account.invalidate_recordset()
            self.assertEqual(account.overdue_age, 94)

    def test_only_changed_accounts(self):
        """The nightly job looks again at what changed, and takes a payment back."""
        invoice = self.paid("1 Sep", "11 Sep")
        other = self._customer("Other")
        self.paid("1 Sep", "21 Sep", partner=other)
        account, still = self.refresh(), self.account(other)
        self.refresh(account=still)
        before = still.behaviour_date
        self.receivables(invoice).remove_move_reconcile()
        with freeze_time("2026-11-24 03:00:00"):
            account.evaluate()
            self.env["dso.account"]._refresh_behaviour()
        self.assertFalse(account.average_delay_count)
        self.assertEqual(still.average_delay, 20)
        self.assertEqual(still.behaviour_date, before)

    def test_queries(self):
        """One statement a company, whatever the number of accounts."""
        customers = [self._customer(f"C{n}") for n in range(8)]
        for customer in customers:
            self.paid("1 Sep", "11 Sep", partner=customer)
            self.account(customer)
        self.refresh()
        companies = self.env["res.company"].search_count([("parent_id", "=", False)])
        self.env["dso.account"].search([]).write({"behaviour_date": False})
        self.env.flush_all()
        # companies, and for each its branches, receivable accounts and the statement
        with self.assertQueryCount(1 + 5 * companies):
            self.env["dso.account"]._refresh_behaviour()
        for customer in customers:
            self.assertEqual(self.account(customer).average_delay, 10)

    def test_profiles_are_editable(self):
        """Bands without gaps; a change is seen at once on the accounts; profiles of a
        company replace the shared ones."""
        self.paid("1 Sep", "21 Sep")
        account = self.refresh()
        late = account.payment_profile_id
        self.assertEqual((late.from_days, late.to_days), (15, 29))
        self.assertTrue(late.search([], order="from_days", limit=1).is_first)
        late.from_days = 21
        self.assertEqual(account.payment_profile_id.name, "A little late")
        own = late.create(
            {"name": "Ours", "from_days": 5, "company_id": self.company.id}
        )
        self.assertEqual(account.payment_profile_id, own)
        own.active = False
        self.assertEqual(account.payment_profile_id.name, "A little late")
        early = self._customer("Early")
        self.paid("15 Sep", "1 Sep", partner=early)
        account = self.refresh(account=self.account(early))
        self.assertEqual(account.payment_profile_id.name, "Pays on time")

    def test_filter_and_group(self):
        """Accounts and agenda are filtered and grouped by payment profile."""
        self.paid("1 Sep", "21 Sep")
        self.invoice("1 Nov")
        account = self.refresh()
        profile = account.payment_profile_id
        Action = self.env["dso.action"]
        domain = [("payment_profile_id", "=", profile.id)]
        self.assertEqual(Action.search(domain).account_id, account)
        groups = Action._read_group(
            [("account_id", "=", account.id)], ["payment_profile_id"], ["__count"]
        )
        self.assertEqual(groups, [(profile, 1)])

    def test_rights(self):
        """Viewers read profiles; credit managers change them."""
        viewer = mail_new_test_user(
            self.env,
            "behaviour_viewer",
            groups="base.group_user,dso_collection.group_viewer",
            company_id=self.company.id,
        )
        profile = self.env.ref("dso_collection.payment_profile_late")
        self.assertEqual(profile.with_user(viewer).name, "Late")
        with self.assertRaises(AccessError):
            profile.with_user(viewer).from_days = 3
