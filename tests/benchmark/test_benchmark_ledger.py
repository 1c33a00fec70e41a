"""The generated ledger is what Odoo would have written: checked against the ORM."""

from datetime import date, timedelta

import benchmark_ledger as ledger

from odoo.tests import TransactionCase, tagged

SHAPE = ledger.Shape(items=600, today=date(2026, 11, 23), seed=7)

# Columns in which a twin, posted later and under its own number, must differ.
IDENTITY = {
    "id",
    "create_date",
    "write_date",
    "create_uid",
    "write_uid",
    "move_id",
    "move_name",
    "payment_id",
    "origin_payment_id",
    "full_reconcile_id",
    "debit_move_id",
    "credit_move_id",
    "sequence_number",
    "name",
    "ref",
    "memo",
    "payment_reference",
}
TEXTS = {"name", "ref", "memo", "payment_reference", "move_name"}

# What any write on a row changes.
TOUCHED = {"write_date", "write_uid", "is_manually_modified"}


@tagged("post_install", "-at_install")
class TestLedger(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True))
        cls.company = cls.env["res.company"].create({"name": "Ledger check"})
        cls.env.user.company_ids |= cls.company
        cls.env = cls.env(
            context=dict(cls.env.context, allowed_company_ids=cls.company.ids)
        )
        cls.ledger = ledger.generate(cls.env, SHAPE)
        cls.moves = cls.env["account.move"].search(
            [("company_id", "=", cls.company.id)], order="id"
        )

    def _rows(self, records):
        self.env.flush_all()
        self.env.cr.execute(
            f'SELECT to_jsonb(t) FROM "{records._table}" t'
            " WHERE id = ANY(%s) ORDER BY id",
            [records.ids],
        )
        return [row for [row] in self.env.cr.fetchall()]

    def _sample(self):
        """Return one invoice or credit note of each shape that occurs."""
        found = {}
        for move in self.moves.filtered(lambda m: m.move_type != "entry"):
            terms = move.line_ids.filtered(lambda x: x.display_type == "payment_term")
            shape = (
                move.move_type,
                move.payment_state,
                move.currency_id,
                len(terms),
                bool(move.amount_tax),
            )
            found.setdefault(shape, move)
        return list(found.values())

    def _same(self, table, row, twin, names=None):
        def shown(column, value):
            if column in TEXTS and value and names:
                for name, neutral in names.items():
                    value = value.replace(name, neutral)
                return value
            if column == "matching_number" and value:
                return value[:1] == "P"
            return value

        differing = {
            column: (value, twin[column])
            for column, value in row.items()
            if column not in IDENTITY - TEXTS
            and shown(column, value) != shown(column, twin[column])
        }
        self.assertFalse(differing, f"{table} {row.get('name')}")
        for column in IDENTITY:
            self.assertEqual(
                row.get(column) is None, twin.get(column) is None, f"{table}.{column}"
            )

    def test_twins(self):
        """A document posted and paid through the ORM has the same columns."""
        sample = self._sample()
        self.assertGreater(len(sample), 20)
        for move in sample:
            twin = ledger.new_document(
                self.env,
                self.company,
                move.partner_id,
                {
                    "move_type": move.move_type,
                    "invoice_date": move.invoice_date,
                    "due": move.invoice_date_due,
                    "currency": move.currency_id,
                    "term": move.invoice_payment_term_id,
                    "taxed": bool(move.amount_tax),
                    "untaxed": move.amount_untaxed,
                },
            )
            line = move.line_ids.filtered("no_followup")
            if line:
                twin.line_ids.filtered(
                    lambda x: x.display_type == "payment_term"
                ).no_followup = True
            if move.payment_state in ("partial", "paid"):
                self._pay_like(move, twin)
            names = {move.name: "DOC", twin.name: "DOC"}
            with self.subTest(move=move.name, state=move.payment_state):
                [row], [other] = self._rows(move), self._rows(twin)
                self._same("account_move", row, other, names)
                rows, others = self._rows(move.line_ids), self._rows(twin.line_ids)
                self.assertEqual(len(rows), len(others))
                for row, other in zip(rows, others, strict=True):
                    self._same("account_move_line", row, other, names)
                self.assertEqual(
                    *(
                        m.line_ids.filtered("tax_ids").mapped("tax_ids")
                        for m in (move, twin)
                    )
                )

    def _pay_like(self, move, twin):
        """Pay the twin as the move was paid, alone, and compare both payments."""
        payment = move.matched_payment_ids
        payment.ensure_one()
        alone = len(payment.invoice_ids) == 1
        paid = move.currency_id.round(move.amount_total - move.amount_residual)
        other = ledger.pay_documents(self.env, twin, payment.date, paid)
        if not alone:
            return
        names = {
            payment.name: "PAY",
            other.name: "PAY",
            move.name: "DOC",
            twin.name: "DOC",
        }
        [row], [twin_row] = self._rows(payment), self._rows(other)
        self._same("account_payment", row, twin_row, names)
        [row], [twin_row] = self._rows(payment.move_id), self._rows(other.move_id)
        row["invoice_date_due"] = twin_row["invoice_date_due"]  # day of the entry
        self._same("account_move", row, twin_row, names)
        rows = self._rows(payment.move_id.line_ids)
        twin_rows = self._rows(other.move_id.line_ids)
        for row, twin_row in zip(rows, twin_rows, strict=True):
            self._same("account_move_line", row, twin_row, names)
        partials = [p.move_id.line_ids.matched_debit_ids for p in (payment, other)]
        [row], [twin_row] = (self._rows(partial) for partial in partials)
        self._same("account_partial_reconcile", row, twin_row)

    def test_recompute(self):
        """Computing every stored field again leaves the rows as they are."""
        moves = self.moves[:: max(1, len(self.moves) // 150)]
        for records in (moves, moves.line_ids):
            before = self._rows(records)
            fields = [
                field
                for field in records._fields.values()
                if field.store
                and field.compute
                and field.column_type
                and field.readonly  # others hold what was entered
            ]
            for field in fields:
                self.env.add_to_compute(field, records)
            after = self._rows(records)
            for row, again in zip(before, after, strict=True):
                differing = {
                    column: (row[column], again[column])
                    for column in row.keys() - TOUCHED
                    if row[column] != again[column]
                }
                self.assertFalse(differing, f"{records._name} {row['name']}")

    def test_balanced(self):
        """Every entry balances and every residual is what its partials leave."""
        self.env.cr.execute(
            """
            SELECT move_id FROM account_move_line WHERE company_id = %s
             GROUP BY move_id HAVING sum(balance) <> 0
            """,
            [self.company.id],
        )
        self.assertFalse(self.env.cr.fetchall())
        self.env.cr.execute(
            """
            SELECT l.id
              FROM account_move_line l
              JOIN account_account a ON a.id = l.account_id
              LEFT JOIN account_partial_reconcile d ON d.debit_move_id = l.id
              LEFT JOIN account_partial_reconcile c ON c.credit_move_id = l.id
             WHERE l.company_id = %s AND a.account_type = 'asset_receivable'
             GROUP BY l.id
            HAVING l.amount_residual <> l.balance - coalesce(sum(d.amount), 0)
                                                  + coalesce(sum(c.amount), 0)
            """,
            [self.company.id],
        )
        self.assertFalse(self.env.cr.fetchall())

    def test_customers(self):
        """A customer and his billing contact have the columns of ORM records."""
        partner = self.moves.commercial_partner_id.filtered(
            lambda p: p.child_ids and p.email
        )[:1]
        twin, contact = ledger.new_customer(self.env, partner.name, with_contact=True)
        skip = {"email", "email_normalized", "customer_rank", "parent_id"}
        skip |= {"commercial_partner_id"}
        for record, other in ((partner, twin), (partner.child_ids, contact)):
            [row], [twin_row] = self._rows(record), self._rows(other)
            for column in skip:
                self.assertEqual(row[column] is None, twin_row[column] is None)
            self._same(
                "res_partner",
                {k: v for k, v in row.items() if k not in skip},
                twin_row,
            )
        self.assertEqual(partner.child_ids.commercial_partner_id, partner)

    def test_distribution(self):
        """The shares are those that the published figures name."""
        self.env.cr.execute(
            """
            WITH item AS (
                SELECT l.move_id, l.partner_id, min(l.date_maturity) AS due,
                       sum(l.amount_residual) AS residual, sum(l.balance) AS balance,
                       count(*) AS parts, bool_or(l.no_followup) AS no_followup,
                       bool_or(l.currency_id <> l.company_currency_id) AS foreign_
                  FROM account_move_line l
                  JOIN account_account a ON a.id = l.account_id
                 WHERE l.company_id = %s AND a.account_type = 'asset_receivable'
                   AND l.reconciled IS NOT TRUE
                 GROUP BY 1, 2
            )
            SELECT count(*), count(DISTINCT partner_id),
                   avg((due < %s)::int)::float, avg((residual < 0)::int)::float,
                   avg((parts > 1)::int)::float, avg(no_followup::int)::float,
                   avg(foreign_::int)::float, min(due), max(due)
              FROM item
            """,
            [self.company.id, SHAPE.today],
        )
        (items, customers, overdue, credits, parts, nofollow, foreign, first, last) = (
            self.env.cr.fetchone()
        )
        self.assertEqual(items, SHAPE.items)
        self.assertEqual(customers, SHAPE.customers)
        self.assertAlmostEqual(overdue, SHAPE.overdue, delta=0.06)
        self.assertAlmostEqual(credits, SHAPE.credit_notes, delta=0.03)
        self.assertAlmostEqual(parts, SHAPE.instalments, delta=0.04)
        self.assertAlmostEqual(nofollow, SHAPE.no_followup, delta=0.02)
        self.assertAlmostEqual(foreign, SHAPE.foreign, delta=0.06)
        self.assertGreaterEqual(first, SHAPE.today - timedelta(days=401))
        self.assertLessEqual(last, SHAPE.today + timedelta(days=60))
        lines = self.ledger.rows["account_move_line"] / SHAPE.items
        self.assertAlmostEqual(lines, 9.5, delta=0.5)

    def test_deterministic(self):
        """The same shape draws the same ledger again."""
        totals = []
        for _run in range(2):
            company = self.env["res.company"].create({"name": f"Again {_run}"})
            env = self.env(
                context=dict(self.env.context, allowed_company_ids=company.ids)
            )
            self.env.user.company_ids |= company
            ledger.generate(env, ledger.Shape(items=50, today=SHAPE.today))
            env.cr.execute(
                """
                SELECT date, display_type, date_maturity, balance, amount_residual
                  FROM account_move_line WHERE company_id = %s ORDER BY id
                """,
                [company.id],
            )
            totals.append(env.cr.fetchall())
        self.assertEqual(*totals)
