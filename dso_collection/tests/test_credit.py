"""Credit limit, insurance and guarantee against what is owed (rules.md §11)."""

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import TODAY, DsoCommon, day


@tagged("post_install", "-at_install")
class TestCredit(DsoCommon):
    def setUp(self):
        super().setUp()
        clock = freeze_time(str(TODAY))
        clock.__enter__()
        self.addCleanup(clock.__exit__, None, None, None)
        self.invoice("20 Nov", 1000)
        self.evaluate()

    def assertFound(self, domain, found=True):
        search = self.env["dso.account"].search
        self.assertEqual(self.account() in search(domain), found, domain)

    def assertCredit(self, state, uncovered=None):
        account = self.account()
        account.invalidate_recordset()
        self.assertEqual(account.credit_state, state)
        self.assertFound([("credit_state", "=", state)])
        self.assertFound([("credit_state", "!=", state)], False)
        groups = dict(
            self.env["dso.account"]._read_group(
                [("id", "=", account.id)], ["credit_state"], ["__count"]
            )
        )
        self.assertEqual(groups, {state: 1})
        if uncovered is not None:
            self.assertEqual(account.uncovered_amount, uncovered)
            self.assertFound([("uncovered_amount", ">", 0)], uncovered > 0)
            self.assertFound([("uncovered_amount", "=", uncovered)])

    def test_limit(self):
        """§11: no limit, within, near (90 %) and over."""
        account = self.account()
        self.assertEqual(account.exposure, 1000)
        self.assertCredit("none")
        for limit, state in (
            (1112, "within"),
            (1111, "near"),
            (1000, "near"),
            (999.99, "over"),
        ):
            account.credit_limit = limit
            self.assertCredit(state)
        self.assertEqual(account.limit_amount, 999.99)

    def test_credits_do_not_count_below_zero(self):
        """§11: a customer with a credit owes nothing."""
        self.unallocated(1500)
        self.evaluate()
        self.account().credit_limit = 1
        self.assertCredit("within", 0)

    def test_limit_of_odoo(self):
        """§11: where the company works with Odoo's credit limits, they decide."""
        account = self.account()
        account.credit_limit = 5000
        self.company.account_use_credit_limit = True
        self.customer.with_company(self.company).credit_limit = 800
        self.assertCredit("over")
        self.assertTrue(account.odoo_limit)
        self.assertEqual(account.limit_amount, 800)
        self.env["ir.default"].set(
            "res.partner", "credit_limit", 1050, company_id=self.company.id
        )
        other = self._customer("Other")
        self.invoice("20 Nov", 1000, partner=other)
        self.assertEqual(self.evaluate(account=self.account(other)).limit_amount, 1050)

    def test_cover(self):
        """§11: insurance and guarantee count on their days, boundaries included."""
        account = self.account()
        account.write({"insured_amount": 600, "insured_currency_id": False})
        self.assertCredit("none", 400)
        account.write({"guarantee": "Bank", "guarantee_amount": 300})
        self.assertCredit("none", 100)
        account.write({"insured_from": TODAY, "insured_to": TODAY})
        self.assertCredit("none", 100)
        account.insured_to = day("22 Nov")
        account.insured_from = False
        self.assertCredit("none", 700)
        account.guarantee_until = TODAY
        self.assertCredit("none", 700)
        account.guarantee_until = day("22 Nov")
        self.assertCredit("none", 1000)

    def test_cover_in_another_currency(self):
        """§11: insured amounts are converted at today's rate."""
        currency = self.setup_other_currency("GBP", rates=[("2026-11-01", 0.5)])
        self.account().write(
            {"insured_amount": 400, "insured_currency_id": currency.id}
        )
        self.assertEqual(self.account().covered_amount, 800)
        self.assertCredit("none", 200)

    def test_rights(self):
        """§10: collectors read limits and guarantees, credit managers set them."""
        user = new_test_user(
            self.env,
            login="c",
            groups="dso_collection.group_collector",
            company_id=self.company.id,
        )
        account = self.account().with_user(user)
        self.assertEqual(account.read(["credit_limit"])[0]["credit_limit"], 0)
        self.assertFalse(account.can_set_credit)
        for name, value in (("credit_limit", 5), ("guarantee", "x")):
            with self.assertRaises(AccessError):
                account.write({name: value})
        account.note = "allowed"

    def test_queries(self):
        """§11: figures of any number of accounts, a constant number of queries."""
        accounts = self.env["dso.account"].union(
            *(self.account(self._customer(f"C{n}")) for n in range(25))
        )
        accounts[:1].mapped("credit_state")
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(8):
            accounts.mapped("credit_state")
