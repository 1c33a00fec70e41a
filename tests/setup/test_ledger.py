"""A ledger in Odoo: what stands in the books on a day."""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from dso_setup import ledger, main_job
from dso_setup.console import Problem

from odoo.tests import TransactionCase, tagged

DAY = date(2013, 6, 30)
LEDGER = """\
invoice,customer,invoice date,due date,amount,currency,settled date,disputed,email
A/2012/17,Ada,2013-05-01,2013-05-31,100.10,,2013-06-30,no,
A2,Ada,2013-05-02,2013-06-01,50,,2013-06-30,no,ada@example.com
A3,Ada,2013-06-20,2013-07-20,70,,2013-07-01,no,
B1,Bob,2013-05-03,2013-06-02,200,,,yes,bob@example.com
B2,Bob,2013-05-03,2013-06-02,30,,2013-08-01,yes,
B3,Bob,2013-06-01,2013-07-01,40,,2013-06-02,yes,
B4,Bob,2013-06-10,2013-06-10,-25,,,no,
C1,Cy,2013-04-01,2013-05-01,80,EUR,,no,cy@example.com
C2,Cy,2013-04-01,2013-05-01,20,EUR,2013-04-20,no,
D1,Di,2013-07-01,2013-07-31,10,,,no,
E1,Ed,2013-05-01,2013-05-31,11,,2013-05-31,no,
"""


@tagged("post_install", "-at_install")
class TestLedger(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.book = cls.write_and_read(LEDGER)
        cls.company = ledger.load(cls.env, cls.book, DAY)
        cls.moves = {
            move.name: move
            for move in cls.env["account.move"].search(
                [("company_id", "=", cls.company.id), ("move_type", "!=", "entry")]
            )
        }

    @classmethod
    def write_and_read(cls, text):
        with TemporaryDirectory() as folder:
            path = Path(folder) / "Own books.csv"
            path.write_text(text)
            return ledger.read(path)

    def test_a_company_of_its_own(self):
        self.assertEqual(self.company.name, "Ledger Own books")
        self.assertNotEqual(self.company, self.env.company)
        self.assertEqual(self.company, ledger.company_of(self.env, self.book))
        self.assertEqual(self.moves["A2"].partner_id.company_id, self.company)
        self.assertEqual(self.env.ref("base.user_admin").company_id, self.company)

    def test_invoices_keep_number_dates_and_amount(self):
        self.assertEqual(
            set(self.moves),
            {"A/2012/17", "A2", "A3", "B1", "B2", "B3", "B4", "C1", "C2", "E1"},
        )
        self.assertEqual(set(self._values("state")), {"posted"})
        move = self.moves["A/2012/17"]
        self.assertEqual(move.invoice_date, date(2013, 5, 1))
        self.assertEqual(move.date, date(2013, 5, 1))
        self.assertEqual(move.invoice_date_due, date(2013, 5, 31))
        self.assertEqual(move.amount_total, 100.10)
        self.assertEqual(move.amount_untaxed, 100.10)
        self.assertEqual(move.invoice_line_ids.price_subtotal, 100.10)
        receivable = move.line_ids - move.invoice_line_ids
        self.assertEqual(receivable.account_type, "asset_receivable")
        self.assertEqual(receivable.date_maturity, date(2013, 5, 31))
        self.assertFalse(receivable.no_followup)

    def test_what_is_settled_by_the_day_is_paid(self):
        open_ones = {name for name in self.moves if self.moves[name].amount_residual}
        self.assertEqual(open_ones, {"A3", "B1", "B2", "B4", "C1"})
        paid = self.moves["A2"]
        self.assertEqual(paid.payment_state, "paid")
        payment = paid.reconciled_payment_ids
        # both invoices of the day, in one payment
        self.assertEqual(payment, self.moves["A/2012/17"].reconciled_payment_ids)
        self.assertEqual(payment.amount, 150.10)
        self.assertEqual(payment.date, DAY)
        self.assertEqual(payment.state, "paid")
        self.assertEqual(payment.move_id.origin_payment_id, payment)
        self.assertEqual(payment.move_id.date, DAY)

    def test_a_negative_amount_is_a_credit_note(self):
        credit_note = self.moves["B4"]
        self.assertEqual(credit_note.move_type, "out_refund")
        self.assertEqual(credit_note.amount_total, 25)
        self.assertEqual(credit_note.amount_residual_signed, -25)

    def test_another_currency(self):
        invoice = self.moves["C1"]
        self.assertEqual(invoice.currency_id.name, "EUR")
        self.assertEqual(invoice.amount_residual, 80)
        # the currency of most rows that name one is the company's
        self.assertEqual(self.company.currency_id.name, "EUR")
        self.assertEqual(self.moves["C2"].payment_state, "paid")

    def test_open_disputed_invoices_are_qualified(self):
        disputed = {
            name
            for name, move in self.moves.items()
            if move.dso_status_type == "dispute"
        }
        self.assertEqual(disputed, {"B1", "B2"})
        self.assertEqual(self.moves["B1"].dso_status_date, DAY)

    def test_first_email_is_the_customer_s(self):
        emails = {move.partner_id.name: move.partner_id.email for move in self._all()}
        self.assertEqual(
            emails,
            {
                "Ada": "ada@example.com",
                "Bob": "bob@example.com",
                "Cy": "cy@example.com",
                "Ed": False,
            },
        )

    def test_main_job_and_its_table(self):
        accounts = ledger.accounts_of(self.company)
        # who owes nothing has no account
        self.assertEqual(set(accounts.mapped("partner_id.name")), {"Ada", "Bob", "Cy"})
        accounts.evaluate(today=DAY)
        leaders = {a.partner_id.name: a.leader_id.name for a in accounts}
        self.assertEqual(leaders, {"Ada": "A3", "Bob": False, "Cy": "C1"})
        self.env.cr.flush()  # as a commit does: takes what the payments queued
        table = main_job.table(main_job.found(accounts, DAY))
        figures = {}
        for line in table.splitlines()[1:-1]:
            label, _space, figure = line.rpartition(" ")
            figures.setdefault(label.strip(), int(figure))
        self.assertEqual(figures["Accounts evaluated"], 3)
        self.assertEqual(figures["with a proposal"], 2)
        self.assertEqual(figures["Proposals"], 2)
        self.assertEqual(figures["E-mail"], 2)
        self.assertEqual(figures["Due on 2013-06-30 or before"], 1)
        self.assertEqual(figures["Problems found"], 0, table)

    def test_a_day_before_all_invoices_is_refused(self):
        with self.assertRaisesRegex(Problem, "no invoice up to 2012-01-01"):
            ledger.load(self.env, self.book, date(2012, 1, 1))

    def test_an_unknown_currency_is_refused(self):
        book = self.write_and_read(LEDGER.replace("EUR", "QQQ"))
        with self.assertRaisesRegex(Problem, "unknown currency: QQQ"):
            ledger.load(self.env, book, DAY)

    def _all(self):
        return self.env["account.move"].union(*self.moves.values())

    def _values(self, field):
        return self._all().mapped(field)
