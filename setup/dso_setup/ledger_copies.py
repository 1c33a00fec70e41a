"""Copies of documents that Odoo wrote: the bulk of a ledger, in seconds.

Odoo posts some 50 documents a second. So it posts the first of each kind, and their
rows are copied for the others: what makes two documents of a kind differ (number,
customer, dates, amount, links) is replaced, every other column is what Odoo wrote.
`tests/setup/test_ledger_copies.py` compares the copies with what Odoo writes itself.
"""

import json
import re
from collections import Counter

from odoo.tools import SQL

#: By table, in the order in which they can be filled: the columns that hold an amount.
#: They get the copy's amount with the original's sign, zero where that has zero.
AMOUNTS = {
    "account_full_reconcile": (),
    "account_payment": ("amount", "amount_company_currency_signed"),
    "account_move": (
        "amount_residual",
        "amount_residual_signed",
        "amount_total",
        "amount_total_in_currency_signed",
        "amount_total_signed",
        "amount_untaxed",
        "amount_untaxed_in_currency_signed",
        "amount_untaxed_signed",
    ),
    "account_move_line": (
        "amount_currency",
        "amount_residual",
        "amount_residual_currency",
        "balance",
        "credit",
        "debit",
        "price_subtotal",
        "price_total",
        "price_unit",
    ),
    "account_partial_reconcile": (
        "amount",
        "credit_amount_currency",
        "debit_amount_currency",
    ),
}


class Copies:
    """Collects copies of documents, and writes them all at once."""

    def __init__(self, env, originals):
        """:param originals: {kind: (invoice, its payment or none)}, Odoo's own"""
        env.flush_all()
        self.env = env
        self.originals = originals
        self.rows = {table: [] for table in AMOUNTS}
        self.ids = {table: _new_ids(env, table) for table in AMOUNTS}
        self.documents = Counter()  # by customer
        entry = env["account.move"]
        self.number = re.compile(
            entry._make_regex_non_capturing(
                entry._sequence_fixed_regex.replace("?P<seq>", "")
            )
        )

    def add(self, bundle):
        """Copy what Odoo wrote for another bundle of its kind; the invoices' ids."""
        invoice, payment = self.originals[bundle.kind]
        self.documents[bundle.customer] += len(bundle.invoices) + bool(payment)
        if not payment:
            return [self._invoice(bundle, row, invoice)[0] for row in bundle.invoices]
        moves = []
        partial = _receivable(invoice)
        partial = partial.matched_debit_ids | partial.matched_credit_ids
        full = self._add(partial.full_reconcile_id, 0)
        link = {"full_reconcile_id": full, "matching_number": str(full)}
        paying = self._payment(bundle, payment, link)
        for row in bundle.invoices:
            move, line = self._invoice(bundle, row, invoice, link)
            moves.append(move)
            lines = {_receivable(invoice): line, _receivable(payment.move_id): paying}
            self._add(
                partial,
                abs(row.amount),
                debit_move_id=lines[partial.debit_move_id],
                credit_move_id=lines[partial.credit_move_id],
                full_reconcile_id=full,
                max_date=max(row.issued, bundle.settled),
            )
        return moves

    def _invoice(self, bundle, row, original, link=None):
        """Ids of the entry and of its receivable line."""
        amount = abs(row.amount)
        dates = {"date": row.issued, "invoice_date": row.issued}
        move = self._add(
            original,
            amount,
            payment_reference=row.number,
            invoice_date_due=row.due,
            partner_shipping_id=bundle.customer.id,
            **dates,
            **self._heading(row.number, bundle.customer),
        )
        common = {
            "move_id": move,
            "move_name": row.number,
            "name": row.number,
            "partner_id": bundle.customer.id,
            **dates,
        }
        receivable = _receivable(original)
        for line in (original.line_ids - receivable).sorted("id"):
            self._add(line, amount, **common)
        return move, self._add(
            receivable, amount, date_maturity=row.due, **common, **(link or {})
        )

    def _payment(self, bundle, original, link):
        """Id of the line on the receivable account."""
        entry, customer = original.move_id, bundle.customer.id
        payment = self._add(
            original,
            bundle.amount,
            name=bundle.number,
            memo=bundle.memo,
            date=bundle.settled,
            partner_id=customer,
            move_id=None,  # entry and payment refer to each other
        )
        move = self._add(
            entry,
            bundle.amount,
            ref=bundle.memo,
            date=bundle.settled,
            origin_payment_id=payment,
            **self._heading(bundle.number, bundle.customer),
        )
        receivable = _receivable(entry)
        ids = {
            line: self._add(
                line,
                bundle.amount,
                move_id=move,
                move_name=bundle.number,
                name=line.name.removesuffix(original.memo) + bundle.memo,
                ref=bundle.memo,
                partner_id=customer,
                date=bundle.settled,
                date_maturity=bundle.settled,
                payment_id=payment,
                **(link if line == receivable else {}),
            )
            for line in entry.line_ids.sorted("id")
        }
        return ids[receivable]

    def _heading(self, number, customer):
        """What each entry says of its number and its customer."""
        start, end = self.number.match(number).span(1)
        return {
            "name": number,
            "sequence_prefix": number[:start],
            "sequence_number": int(number[start:end] or 0),
            "partner_id": customer.id,
            "commercial_partner_id": customer.id,
            "invoice_partner_display_name": customer.display_name,
        }

    def _add(self, original, amount, **values):
        """Copy one row; its id."""
        table = original._table
        values["id"] = next(self.ids[table])
        self.rows[table].append(
            {"original": original.id, "amount": amount, "values": values}
        )
        return values["id"]

    # ------------------------------------------------------------------- writing
    def save(self):
        """Write what was collected, with what posting brings about elsewhere."""
        for table, rows in self.rows.items():
            # rows that replace the same columns, at once
            groups = {}
            for row in rows:
                groups.setdefault(tuple(row["values"]), []).append(row)
            for columns, group in groups.items():
                self._insert(table, columns, group)
        payments = [row["values"]["id"] for row in self.rows["account_payment"]]
        self.env.execute_query(
            SQL(
                """
                UPDATE account_payment p SET move_id = m.id FROM account_move m
                 WHERE m.origin_payment_id = p.id AND p.id = ANY(%s) RETURNING p.id
                """,
                payments,
            )
        )
        self.env.invalidate_all()
        moves = [row["values"]["id"] for row in self.rows["account_move"]]
        _mark_sequence_gaps(self.env)
        self.env["dso.dirty"]._mark(moves=moves)
        for customer, documents in self.documents.items():
            customer._increase_rank("customer_rank", documents)

    def _insert(self, table, replaced, rows):
        amounts = AMOUNTS[table]
        columns = [
            name
            for name, field in self.env[table.replace("_", ".")]._fields.items()
            if field.store and field.column_type
        ]

        def value(column):
            if column in replaced:
                return SQL("v.%s", SQL.identifier(column))
            original = SQL.identifier("o", column)
            if column in amounts:
                # the difference has the decimals that Odoo writes
                return SQL("sign(%(o)s) * r.amount + (%(o)s - %(o)s)", o=original)
            return original

        self.env.cr.execute(
            SQL(
                """
                INSERT INTO %(table)s (%(columns)s)
                SELECT %(values)s
                  FROM jsonb_to_recordset(%(rows)s)
                       AS r(original int, amount numeric, "values" jsonb),
                       jsonb_populate_record(NULL::%(table)s, r."values") v, %(table)s o
                 WHERE o.id = r.original
                """,
                table=SQL.identifier(table),
                columns=SQL(", ").join(SQL.identifier(name) for name in columns),
                values=SQL(", ").join(value(name) for name in columns),
                rows=json.dumps(rows, default=str),
            )
        )


def _receivable(entry):
    return entry.line_ids.filtered(lambda line: line.account_type == "asset_receivable")


def _mark_sequence_gaps(env):
    """Odoo tells of each entry whether the number before it exists."""
    env.execute_query(
        SQL(
            """
            UPDATE account_move m SET made_sequence_gap = g.gap
              FROM (SELECT id, sequence_number > 1 AND sequence_number - 1 IS DISTINCT
                           FROM lag(sequence_number) OVER (
                               PARTITION BY journal_id, sequence_prefix
                                   ORDER BY sequence_number) AS gap
                      FROM account_move WHERE company_id = %s) g
             WHERE m.id = g.id AND m.made_sequence_gap <> g.gap
            RETURNING m.id
            """,
            env.company.id,
        )
    )


def _new_ids(env, table):
    """The next ids of a table, one by one."""
    query = SQL(
        "SELECT nextval(pg_get_serial_sequence(%s, 'id'))"
        " FROM generate_series(1, 1000)",
        table,
    )
    while True:
        yield from (number for (number,) in env.execute_query(query))
