"""`setup/run --ledger` on a real ledger: ten accounts of it, reckoned by hand.

All of them are chased by the shipped scenario *Standard*: a preventive reminder 5 days
before the leader's due date, reminder 1 three days after it, … (days -5, 3, 10, 18, 30,
45), a minimum gap of 7 days, a breathing space of 5. On 30 June 2013 nothing has been
done to anybody yet, so that neither gap nor interval moves a date (L5, L15), and with
invoices alone no credit covers anything (L12). Every leader is therefore at *Preventive
reminder* (due - 5) up to its due date, and at *Reminder 1* (due + 3) after it (L8).
"""

from datetime import date, timedelta
from decimal import Decimal

from dso_setup import ledger, main_job
from replayed_ledger import ledger_file

from odoo.tests import TransactionCase, tagged

TODAY = date(2013, 6, 30)
BEFORE, REMINDER = "Preventive reminder", "Reminder 1"


def june(day):
    return date(2013, 6, day)


def july(day):
    return date(2013, 7, day)


# The open invoices of each customer are noted as number, due date and amount, as the
# file's rows with an invoice date up to and a settled date after 30 June have them;
# "disputed" where the file says so.
BY_HAND = {
    # 7861925284 21 Jun 49.37, 3110878377 19 Jul 36.23, 0826558350 24 Jul 49.68:
    # the oldest due date leads; overdue, so the preventive step has lapsed (L8) and
    # 21 Jun + 3 is six days late (L9)
    "7209-MDWKR": ("7861925284", june(21), REMINDER, june(24), "135.28"),
    # 3347423476 26 Jun 104.52: 26 Jun + 3, one day late
    "0783-PEPYR": ("3347423476", june(26), REMINDER, june(29), "104.52"),
    # 7992662919 28 Jun 56.85, 3924052139 5 Jul 103.11 disputed,
    # 3836894738 13 Jul 58.43, 4419510167 15 Jul 44.14, 2699755955 22 Jul 38.81:
    # the dispute does not count (L2); 28 Jun + 3 is tomorrow
    "7938-EVASK": ("7992662919", june(28), REMINDER, july(1), "198.23"),
    # 5046787811 30 Jun 77.66, 1913883700 12 Jul 44.91: due today is not overdue, the
    # preventive step of 30 Jun - 5 may still be done
    "1604-LIFKX": ("5046787811", june(30), BEFORE, june(25), "122.57"),
    # 9923678452 4 Jul 68.40, 9968504859 10 Jul 38.95: 4 Jul - 5, late since yesterday
    "5529-TBPGK": ("9923678452", july(4), BEFORE, june(29), "107.35"),
    # 8473757844 5 Jul 26.13, 1893700854 22 Jul 61.20: 5 Jul - 5 is today
    "9014-WENVB": ("8473757844", july(5), BEFORE, june(30), "87.33"),
    # 1133671020 30 Jul 97.75, issued today: 30 Jul - 5
    "4640-FGEJI": ("1133671020", july(30), BEFORE, july(25), "97.75"),
    # 4900239305 16 Jun 98.88 disputed, 6471713415 2 Jul 91.21, 7619071494 17 Jul 72.22:
    # the oldest one cannot lead (L2), so nothing that counts is overdue: 2 Jul - 5
    "5573-KSOIA": ("6471713415", july(2), BEFORE, june(27), "163.43"),
    # 5143348258 25 Jun 27.84 disputed, 5945158356 11 Jul 53.19:
    # likewise, 11 Jul - 5
    "8887-NCUZC": ("5945158356", july(11), BEFORE, july(6), "53.19"),
    # 2675977268 28 Jun, 8447618970 18 Jul, 0728378151 25 Jul, 7913946826 27 Jul, all of
    # them disputed: nothing leads (L12)
    "8102-ABPKQ": None,
}
#: Thirteen invoices up to 25 May 2013, the last of them paid on 2 June: no account.
SETTLED = "0187-ERLSR"


@tagged("post_install", "-at_install")
class TestLedger20130630(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        path = ledger_file()
        cls.book = ledger.read(path)
        cls.company = ledger.load(cls.env, cls.book, TODAY)
        cls.accounts = ledger.accounts_of(cls.company)
        cls.accounts.evaluate(today=TODAY)
        cls.env.cr.flush()  # what a commit would still do
        cls.by_customer = {
            account.partner_id.name: account
            for account in ledger.accounts_of(cls.company)
        }

    def test_ten_accounts_by_hand(self):
        """L1-L4, L8, L9, L12: leader, step, date and balance as reckoned above."""
        for customer, expected in BY_HAND.items():
            with self.subTest(customer):
                account = self.by_customer[customer]
                proposal = account.proposal_id
                if expected is None:
                    self.assertFalse(proposal)
                    self.assertEqual(account.reason, "no_leader")
                    continue
                number, due, step, day, balance = expected
                self.assertEqual(
                    (proposal.leader_id.name, proposal.leader_date), (number, due)
                )
                self.assertEqual((proposal.step_id.name, proposal.date), (step, day))
                self.assertFalse(account.reason)
                self.assertEqual(round(account.balance, 2), float(Decimal(balance)))
        self.assertNotIn(SETTLED, self.by_customer)

    def test_disputes_wait_for_their_follow_up(self):
        """Q1, Q5: a dispute noted on the day is followed up after the status's days."""
        stars = self.by_customer["8102-ABPKQ"].open_action_ids
        self.assertEqual(set(stars.mapped("kind")), {"specific"})
        self.assertEqual(len(stars.move_ids), 4)
        self.assertEqual(set(stars.mapped("date")), {july(2)})

    def test_printed_table(self):
        """The table of the main job, counted from the file."""
        claimed = {}  # the due dates that may lead, of each customer who owes something
        for invoice in self.book.issued_by(TODAY):
            if invoice.open_on(TODAY):
                dates = claimed.setdefault(invoice.customer, [])
                dates += [] if invoice.disputed else [invoice.due]
        leading = [min(dates) for dates in claimed.values() if dates]
        planned = [due + timedelta(days=-5 if due >= TODAY else 3) for due in leading]
        accounts, proposals = len(claimed), len(leading)
        due = sum(day <= TODAY for day in planned)
        self.assertEqual((accounts, proposals, due), (52, 40, 10))

        found = main_job.found(ledger.accounts_of(self.company), TODAY)
        table = main_job.table(found)
        shown = [line.strip().rsplit(None, 1) for line in table.splitlines()[1:-1]]
        self.assertEqual(
            [(label.strip(), int(number)) for label, number in shown],
            [
                ("Accounts evaluated", accounts),
                ("with a proposal", proposals),
                ("Nothing to chase", accounts - proposals),
                ("Proposals", proposals),
                ("E-mail", proposals),
                (f"Due on {TODAY} or before", due),
                ("E-mail", due),
                # the file has no addresses
                ("Problems found", proposals),
                ("No collection contact defined", proposals),
            ],
        )
