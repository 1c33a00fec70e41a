"""Two hundred random ledgers: reports of any day agree with Odoo's own balances.

Journal items, reconciliations and qualifications are written as rows, as Odoo would
store them. What was open on a day is reckoned here forward, from the balance less what
was reconciled by then; the reports take it back from today. Both, and the balance of
the receivable accounts that Odoo's own journal items give, must be equal to the cent.

``DSO_REPORT_LEDGERS=2000`` writes more of them, ``DSO_LIVES_SEED=…`` other ones.
"""

import os
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from odoo.tests import freeze_time, tagged
from odoo.tools import SQL

from odoo.addons.dso_collection.tests.common import DsoCommon

LEDGERS = int(os.environ.get("DSO_REPORT_LEDGERS", "200"))
SEED = int(os.environ.get("DSO_LIVES_SEED", "1"))
TOGETHER = 10
TODAY = date(2026, 11, 23)
TYPES = ["on_going", "promise_to_pay", "dispute", "dispute_resolved", "litigation"]


@dataclass(frozen=True)
class Part:
    """One receivable journal item."""

    cents: int  # signed
    dated: int  # days before today; negative: after it
    term: int  # days from its date to its due date
    entry: int  # parts of the same number are of one entry, unless their signs differ
    foreign: bool
    contact: bool


@dataclass(frozen=True)
class Ledger:
    """What one customer owes."""

    parts: list
    matches: list  # (number of a debit, of a credit, share of the smaller rest)
    statuses: list  # (number of a part, type or None, recorded, status date)


parts = st.builds(
    Part,
    cents=st.integers(-90_000, 200_000).filter(bool),
    dated=st.integers(-15, 400),
    term=st.integers(0, 120),
    entry=st.integers(0, 3),
    foreign=st.booleans(),
    contact=st.booleans(),
)
ledgers = st.builds(
    Ledger,
    parts=st.lists(parts, min_size=1, max_size=7),
    matches=st.lists(
        st.tuples(
            st.integers(0, 6), st.integers(0, 6), st.sampled_from([1.0, 0.5, 0.33])
        ),
        max_size=6,
    ),
    statuses=st.lists(
        st.tuples(
            st.integers(0, 6),
            st.sampled_from([*TYPES, None]),
            st.integers(0, 200),
            st.integers(-10, 60),
        ),
        max_size=4,
    ),
)
days = st.lists(st.integers(1, 390), min_size=2, max_size=2, unique=True)


def ago(number):
    return TODAY - timedelta(days=number)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestReportLedgers(DsoCommon):
    def setUp(self):
        super().setUp()
        self.foreign = self.setup_other_currency("CHF")
        self.specimen = self.invoice("1 Nov", 1000)
        self.specimen_line = self.receivables(self.specimen)
        self.env.flush_all()
        self.move_columns = self._columns(
            "account_move",
            *"id name date invoice_date partner_id move_type".split(),
        )
        written = (
            "move_id date invoice_date date_maturity partner_id balance debit credit"
            " amount_currency currency_id amount_residual amount_residual_currency"
            " reconciled"
        ).split()
        self.line_columns = self._columns("account_move_line", "id", *written)
        self.written = SQL(", ").join(SQL.identifier(name) for name in written)
        self.statuses = {kind: self.status(kind) for kind in TYPES}

    # -------------------------------------------------------------------------
    # ROWS
    # -------------------------------------------------------------------------

    def insert(self, book):
        """The rows of one ledger.

        :return: (customer, list of (journal item's id, part, what was reconciled of it
            as (day, cents), id of its entry))
        """
        customer = self._customer("Random")
        contact = self.env["res.partner"].create(
            {"name": "Contact", "parent_id": customer.id, "type": "other"}
        )
        entries, parts = {}, []
        for part in book.parts:
            key = (part.entry, part.cents > 0)
            if key not in entries:
                entries[key] = self.insert_move(part, customer), part.dated
            # all parts of an entry are of its day
            parts.append(replace(part, dated=entries[key][1]))
        rests = [part.cents for part in parts]
        matched = [[] for _part in parts]
        matches = []
        for debit, credit, share in book.matches:
            debit, credit = debit % len(parts), credit % len(parts)
            cents = round(min(rests[debit], -rests[credit]) * share)
            if cents <= 0:
                continue
            day = max(ago(parts[place].dated) for place in (debit, credit))
            rests[debit] -= cents
            rests[credit] += cents
            matched[debit].append((day, cents))
            matched[credit].append((day, -cents))
            matches.append((debit, credit, cents, day))
        moves = [entries[part.entry, part.cents > 0][0] for part in parts]
        ids = [
            self.insert_line(move, part, rest, contact if part.contact else customer)
            for move, part, rest in zip(moves, parts, rests, strict=True)
        ]
        for debit, credit, cents, day in matches:
            self.insert_match(ids[debit], ids[credit], cents, day)
        return customer, list(zip(ids, parts, matched, moves, strict=True))

    def insert_move(self, part, customer):
        ((move,),) = self.env.execute_query(
            SQL(
                """
                INSERT INTO account_move (%(columns)s, name, date, invoice_date,
                                          partner_id, move_type)
                SELECT %(columns)s, 'R/' || nextval('account_move_id_seq'), %(day)s,
                       %(day)s, %(partner)s, %(kind)s
                  FROM account_move WHERE id = %(specimen)s
             RETURNING id
                """,
                columns=self.move_columns,
                day=ago(part.dated),
                partner=customer.id,
                kind="out_invoice" if part.cents > 0 else "out_refund",
                specimen=self.specimen.id,
            )
        )
        return move

    def insert_line(self, move, part, rest, partner):
        amount, rest = Decimal(part.cents) / 100, Decimal(rest) / 100
        # two of the foreign currency are one of the company's
        factor = 2 if part.foreign else 1
        currency = self.foreign if part.foreign else self.company.currency_id
        ((line,),) = self.env.execute_query(
            SQL(
                """
                INSERT INTO account_move_line (%(columns)s, %(written)s)
                SELECT %(columns)s, %(move)s, %(day)s, %(day)s, %(due)s, %(partner)s,
                       %(amount)s, GREATEST(%(amount)s, 0), GREATEST(-%(amount)s, 0),
                       %(amount)s * %(factor)s, %(currency)s, %(rest)s,
                       %(rest)s * %(factor)s, %(rest)s = 0
                  FROM account_move_line WHERE id = %(specimen)s
             RETURNING id
                """,
                columns=self.line_columns,
                written=self.written,
                move=move,
                day=ago(part.dated),
                due=ago(part.dated) + timedelta(days=part.term),
                partner=partner.id,
                amount=amount,
                rest=rest,
                factor=factor,
                currency=currency.id,
                specimen=self.specimen_line.id,
            )
        )
        return line

    def insert_match(self, debit, credit, cents, day):
        self.env.execute_query(
            SQL(
                """
                INSERT INTO account_partial_reconcile (
                       debit_move_id, credit_move_id, amount, debit_amount_currency,
                       credit_amount_currency, company_id, max_date,
                       debit_currency_id, credit_currency_id)
                SELECT d.id, c.id, %(amount)s,
                       %(amount)s * d.amount_currency / d.balance,
                       %(amount)s * c.amount_currency / c.balance, d.company_id,
                       %(day)s, d.currency_id, c.currency_id
                  FROM account_move_line d, account_move_line c
                 WHERE d.id = %(debit)s AND c.id = %(credit)s
             RETURNING id
                """,
                amount=Decimal(cents) / 100,
                day=day,
                debit=debit,
                credit=credit,
            )
        )

    def qualify(self, book, customer, lines):
        """Qualifications of a ledger, in the order in which they were recorded.

        :return: {entry: [(status type or None, day from which it counts)]}
        """
        account = self.env["dso.account"]._of_partner(customer)
        Item, History = self.env["dso.item"], self.env["dso.qualification"]
        told = defaultdict(list)
        for place, kind, recorded, dated in sorted(
            book.statuses, key=lambda row: (-row[2], row[0])
        ):
            entry = lines[place % len(lines)][3]
            status = self.statuses[kind] if kind else self.env["dso.status"]
            undo = told[entry] and not kind
            if not kind and not undo:
                continue
            (item,) = Item._of([(entry, account.id)])
            row = History._insert(
                [
                    {
                        "account_id": account.id,
                        "company_id": self.company.id,
                        "move_id": entry,
                        "status_id": status.id or None,
                        "status_type": kind,
                        "status_date": ago(recorded + dated),
                        "user_id": self.env.uid,
                        "date": datetime.combine(ago(recorded), time(12)),
                        "previous_id": item.qualification_id.id or None,
                        "undo_of_id": item.qualification_id.id if undo else None,
                    }
                ]
            )
            row._apply_to_items(item)
            since = ago(recorded if undo else max(recorded, recorded + dated))
            told[entry].append((kind, since))
        return told

    # -------------------------------------------------------------------------
    # EXPECTED
    # -------------------------------------------------------------------------

    def open_parts(self, lines, day):
        """What was open of each part on a day: (entry, due date, cents)."""
        for _id, part, matched, entry in lines:
            issued = ago(part.dated)
            if issued > day:
                continue
            cents = part.cents - sum(cents for when, cents in matched if when <= day)
            if cents:
                yield entry, issued + timedelta(days=part.term), cents

    def expected(self, lines, told, day):
        """Figures of a customer on a day, in cents."""
        found = defaultdict(int)
        for entry, due, cents in self.open_parts(lines, day):
            late = (day - due).days
            found["residual"] += cents
            found["overdue"] += cents if late > 0 else 0
            kinds = [kind for kind, since in told[entry] if since <= day]
            kind = (kinds[-1] if kinds else None) or "none"
            found[kind] += cents
            for number, (low, high) in enumerate(
                ((-9999, 0), (1, 30), (31, 60), (61, 90), (91, 9999))
            ):
                if low <= late <= high:
                    found[f"age_{number}"] += cents
        return {name: cents for name, cents in found.items() if cents}

    # -------------------------------------------------------------------------
    # SHOWN
    # -------------------------------------------------------------------------

    def shown(self, customers, day):
        """Figures of the reports: {customer: {figure: cents}}"""
        found = {customer: defaultdict(int) for customer in customers}

        def read(model, names, groups=()):
            rows = (
                self.env[model]
                .with_context(dso_as_of=None if day == TODAY else day.isoformat())
                ._read_group(
                    [("partner_id", "in", customers.ids)],
                    ["partner_id", *groups],
                    [f"{name}:sum" for name in names],
                )
            )
            for customer, *group, values in (
                (row[0], *row[1 : 1 + len(groups)], row[1 + len(groups) :])
                for row in rows
            ):
                yield customer, group, [round(value * 100) for value in values]

        for customer, (kind,), (residual, overdue) in read(
            "dso.item.report", ["residual", "overdue"], ["status_type"]
        ):
            found[customer][kind] += residual
            found[customer]["residual"] += residual
            found[customer]["overdue"] += overdue
        ages = [f"age_{number}" for number in range(5)]
        for customer, _group, (residual, overdue, *columns) in read(
            "dso.aged.report", ["residual", "overdue", *ages]
        ):
            self.assertEqual(residual, found[customer]["residual"])
            self.assertEqual(overdue, found[customer]["overdue"])
            self.assertEqual(sum(columns), residual)
            found[customer].update(zip(ages, columns, strict=True))
        for customer, _group, (receivable, overdue) in read(
            "dso.dso.report", ["receivable", "overdue"]
        ):
            self.assertEqual(receivable, found[customer]["residual"])
            self.assertEqual(overdue, found[customer]["overdue"])
        return {
            customer: {name: cents for name, cents in figures.items() if cents}
            for customer, figures in found.items()
        }

    def trial_balance(self, customers, day):
        """Odoo's own: {customer: balance of the receivable accounts, in cents}"""
        found = dict.fromkeys(customers, 0)
        for partner, balance in self.env["account.move.line"]._read_group(
            [
                ("company_id", "=", self.company.id),
                ("account_id.account_type", "=", "asset_receivable"),
                ("account_id.non_trade", "=", False),
                ("parent_state", "=", "posted"),
                ("date", "<=", day),
                ("partner_id", "child_of", customers.ids),
            ],
            ["partner_id"],
            ["balance:sum"],
        ):
            found[partner.commercial_partner_id] += round(balance * 100)
        return found

    # -------------------------------------------------------------------------
    # TESTS
    # -------------------------------------------------------------------------

    @seed(SEED)
    @settings(
        max_examples=max(LEDGERS // TOGETHER, 1),
        deadline=None,
        database=None,
        # a failing ledger is told as it is: another one costs seconds
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        books=st.lists(ledgers, min_size=TOGETHER, max_size=TOGETHER),
        days=days,
        later=st.lists(ledgers, min_size=1, max_size=2),
    )
    def test_reports_agree_with_the_ledger(self, books, days, later):
        """R1, case 47: on any day every total is the sum of its items and the ledger's
        own balance of that day; later entries and other customers' change nothing."""
        written = {}
        for book in books:
            customer, lines = self.insert(book)
            written[customer] = lines, self.qualify(book, customer, lines)
        customers = self.env["res.partner"].union(*written)
        dates = [TODAY, *map(ago, days)]
        before = {}
        for day in dates:
            before[day] = self.shown(customers, day)
            balances = self.trial_balance(customers, day)
            for customer, (lines, told) in written.items():
                expected = self.expected(lines, told, day)
                self.assertEqual(before[day][customer], expected, (day, lines, told))
                self.assertEqual(expected.get("residual", 0), balances[customer])
        for book in later:
            self.insert(book)  # of other customers, on any day
        day = dates[1]
        some = next(iter(written))
        open_before = [
            line
            for line in self.env["account.move.line"].browse(
                id_ for id_, *_rest in written[some][0]
            )
            if line.date <= day and line.amount_residual > 0
        ]
        for line in open_before:  # paid the day after the day of the report
            payment = self.insert_line(
                line.move_id.id,
                Part(
                    -round(line.amount_residual * 100),
                    (TODAY - day).days - 1,
                    0,
                    0,
                    line.currency_id != self.company.currency_id,
                    False,
                ),
                0,
                some,
            )
            cents = round(line.amount_residual * 100)
            self.insert_match(line.id, payment, cents, day + timedelta(days=1))
            self.env.execute_query(
                SQL(
                    """
                    UPDATE account_move_line SET reconciled = TRUE, amount_residual = 0,
                           amount_residual_currency = 0
                     WHERE id = %s RETURNING id
                    """,
                    line.id,
                )
            )
        self.env.invalidate_all()
        self.assertEqual(self.shown(customers, day), before[day])
