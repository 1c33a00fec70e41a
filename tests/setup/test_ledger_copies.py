"""The rows that the loader copies are those that Odoo itself writes."""

from collections import Counter
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from dso_setup import ledger

from odoo.tests import TransactionCase, tagged

DAY = date(2013, 6, 30)
#: Every kind several times: open, settled, alone or together, credit notes, another
#: currency, numbers in a row and with a gap, a settlement before the invoice, and an
#: amount with more decimals than its currency has, which Odoo has to round.
LEDGER = """\
invoice,customer,invoice date,due date,amount,currency,settled date
INV/2013/00002,Ada,2013-05-02,2013-06-01,50,,
INV/2013/00001,Ada,2013-05-01,2013-05-31,100.10,,
INV/2013/00005,Ada,2013-05-04,2013-06-03,70.5,,2013-06-20
INV/2013/00007,Bob,2013-05-05,2013-06-04,71,,2013-06-20
INV/2013/00006,Bob,2013-05-05,2013-06-04,72.25,,2013-06-20
INV/2013/00008,Bob,2013-05-06,2013-06-05,20.01,,2013-06-20
INV/2012/00001,Ada,2012-05-04,2012-06-03,33,,2012-12-31
A/1,Cy,2013-05-04,2013-06-03,12.34,,2013-05-01
A/2,Ada,2013-05-04,2013-06-03,0.07,,2013-05-30
R1,Ada,2013-05-04,2013-05-04,-10,,
R2,Bob,2013-05-05,2013-05-05,-11.5,,
R3,Ada,2013-05-06,2013-05-06,-12,,2013-06-01
R4,Cy,2013-05-07,2013-05-07,-13,,2013-06-01
R5,Cy,2013-05-08,2013-05-08,-14.75,,2013-06-01
E1,Ada,2013-05-04,2013-06-03,80,EUR,
E2,Cy,2013-05-05,2013-06-04,81.5,EUR,
E3,Ada,2013-05-06,2013-06-05,82,EUR,2013-06-02
E4,Cy,2013-05-07,2013-06-06,83,EUR,2013-06-03
J1,Cy,2013-05-07,2013-06-06,500,JPY,
J2,Cy,2013-05-07,2013-06-06,500.4,JPY,
"""
#: What two loads of the same ledger do not share.
OWN = {"id", "create_date", "write_date", "company_id", "customer_rank"}


@tagged("post_install", "-at_install")
class TestLedgerCopies(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.copied = cls.rows(cls.load("Copied"))
        with patch.object(ledger, "_copyable", lambda bundle, company: False):
            cls.posted = cls.rows(cls.load("Posted"))

    @classmethod
    def load(cls, name):
        with TemporaryDirectory() as folder:
            path = Path(folder) / f"{name}.csv"
            path.write_text(LEDGER)
            company = ledger.load(cls.env, ledger.read(path), DAY)
        company.env.flush_all()
        return company

    @classmethod
    def rows(cls, company):
        """{table: rows}, with names in place of the ids of this company's records."""
        env = company.env
        moves = env["account.move"].search([("company_id", "=", company.id)])
        lines = moves.line_ids
        tables = {
            "account_move": moves,
            "account_move_line": lines,
            "account_payment": moves.origin_payment_id,
            "account_partial_reconcile": lines.matched_debit_ids,
            "account_full_reconcile": lines.full_reconcile_id,
            "res_partner": moves.partner_id,
        }
        names = {}
        for table, records in tables.items():
            for record in records:
                names[table, record.id] = cls.name(record)
        found = {}
        for table, records in tables.items():
            model = env[records._name]
            env.cr.execute(
                f"SELECT to_jsonb(t) FROM {table} t WHERE id = ANY(%s)", [records.ids]
            )
            found[table] = Counter(
                tuple(sorted(cls.shown(model, row, names)))
                for (row,) in env.cr.fetchall()
            )
        return found

    @classmethod
    def name(cls, record):
        if record._name == "account.move.line":
            return f"{record.move_name} {record.account_id.code} {record.balance}"
        if record._name == "account.full.reconcile":
            return " + ".join(sorted(map(cls.name, record.reconciled_line_ids)))
        if record._name == "account.partial.reconcile":
            return f"{cls.name(record.debit_move_id)} {cls.name(record.credit_move_id)}"
        return record.name

    @classmethod
    def shown(cls, model, row, names):
        """(column, value) of a row, comparable between companies."""
        for column, value in row.items():
            if column in OWN:
                continue
            field = model._fields.get(column)
            if column == "matching_number" and value:
                value = names["account_full_reconcile", int(value)]
            elif field is not None and field.comodel_name and value:
                record = model.env[field.comodel_name].browse(value)
                value = names.get((record._table, value)) or record.display_name
            yield column, value

    def test_nothing_differs(self):
        for table, rows in self.posted.items():
            with self.subTest(table=table):
                copied = self.copied[table]
                missing = [dict(row) for row in (rows - copied).elements()]
                added = [dict(row) for row in (copied - rows).elements()]
                self.assertEqual(len(missing), len(added))
                for one, other in zip(missing, added, strict=True):
                    differing = {
                        column: (one[column], other[column])
                        for column in one
                        if one[column] != other[column]
                    }
                    self.assertFalse(differing)

    def test_every_kind_is_there(self):
        moves = [dict(row) for row in self.copied["account_move"].elements()]
        self.assertEqual(len(moves), 20 + 9)
        kinds = Counter(
            (move["move_type"], move["payment_state"], move["currency_id"])
            for move in moves
        )
        self.assertEqual(min(kinds.values()), 2, kinds)
        self.assertEqual(
            {move["name"] for move in moves if move["made_sequence_gap"]},
            {"INV/2013/00005"},
        )

    def test_customers_are_known_as_such(self):
        """Odoo adds up the documents of a customer after the commit, if not before."""
        customers = self.env["res.partner"].search(
            [("company_id.name", "=", "Ledger Copied"), ("customer_rank", ">", 0)]
        )
        self.assertEqual(set(customers.mapped("name")), {"Ada", "Bob", "Cy"})
