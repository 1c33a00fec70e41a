"""A realistic receivables ledger of any size, written straight into PostgreSQL.

The ORM posts a few hundred invoices a minute; a benchmark needs a million. So
``generate`` lets the ORM make one specimen of each document per company (invoice,
credit note, payment, partner, contact), takes every stored column of those rows,
undoes them, and multiplies them by ``INSERT … SELECT``: what differs between two
documents (dates, amounts, residuals, names, partners, matching) is computed in SQL,
everything else is what Odoo itself wrote. Columns that another addon adds to these
tables are filled the same way. ``test_evaluate_benchmark.py`` posts twins of a sample
through the ORM and compares every column.

What is *not* written: messages, followers and attachments of the documents.

The same parameters give the same ledger on any machine: all chance comes from
``hashint8extended`` over the number of the document and the seed.
"""

import json
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import NormalDist

from odoo import Command

# Tables that receive rows, in the order in which they are written.
TABLES = (
    "res_partner",
    "account_payment",
    "account_move",
    "account_move_line",
    "account_partial_reconcile",
    "account_full_reconcile",
)
RELATIONS = ("account_move__account_payment", "account_move_line_account_tax_rel")

# Rates that divide without a rest: a payment in foreign currency then leaves no
# exchange difference, for which Odoo would post a further entry.
FOREIGN = (("EUR", 0.8), ("GBP", 0.5))

# Instalments by number of parts: (percent, days after the invoice date).
TERMS = {1: ((100, 30),), 2: ((50, 30), (50, 60)), 3: ((30, 30), (30, 60), (40, 90))}

# From this size on, rebuilding the indexes is cheaper than feeding them row by row.
REINDEX_FROM = 50_000


@dataclass(frozen=True)
class Shape:
    """How large the ledger is and how its chances lie.

    The defaults are the ledger on which all published figures are measured.
    """

    items: int = 10_000
    today: date = field(default_factory=date.today)
    companies: int = 1
    seed: int = 1
    items_per_customer: int = 10
    history: int = 2  # settled invoices per open item
    skew: float = 1.55  # sigma of the log-normal number of items: 80/20, median 3
    overdue: float = 0.73
    credit_notes: float = 0.05
    instalments: float = 0.10
    partly_paid: float = 0.14  # of the invoices
    no_followup: float = 0.02
    foreign: float = 0.20
    billing_contact: float = 0.30
    without_email: float = 0.03
    taxed: float = 0.50

    @property
    def customers(self):
        return max(1, self.items // self.items_per_customer)

    def items_by_customer(self):
        """Return the number of open items of each customer, largest first.

        The quantiles of a log-normal distribution, scaled so that they add up to
        ``items`` with at least one each; no chance involved.
        """
        normal = NormalDist()
        total = self.customers
        weights = [
            2.718281828 ** (self.skew * normal.inv_cdf(1 - (k + 0.5) / total))
            for k in range(total)
        ]
        scale = self.items / sum(weights)
        for _round in range(20):  # the floor of one item each shifts the sum
            counts = [max(1, round(w * scale)) for w in weights]
            missing = self.items - sum(counts)
            if abs(missing) <= total // 1000:
                break
            scale *= 1 + missing / self.items
        counts[0] += self.items - sum(counts)
        return counts


@dataclass
class Ledger:
    """What ``generate`` wrote."""

    shape: Shape
    company_ids: list
    rows: dict = field(default_factory=dict)
    seconds: float = 0.0


# ---------------------------------------------------------------------------
# Companies, currencies, payment terms: made through the ORM, they stay
# ---------------------------------------------------------------------------


def prepare(env, companies=1):
    """Return companies with a chart of accounts, currencies, rates and terms.

    The first is the environment's own. Idempotent.
    """
    found = env.company
    names = [f"Benchmark {number}" for number in range(2, companies + 1)]
    for name in names:
        company = env["res.company"].search([("name", "=", name)])
        found |= company or env["res.company"].create({"name": name})
    env.user.company_ids |= found
    for company in found:
        if not company.chart_template:
            env["account.chart.template"].try_loading(
                "generic_coa", company=company, install_demo=False
            )
    currencies = env["res.currency"]
    for code, _rate in FOREIGN:
        currencies |= env.ref(f"base.{code}")
    currencies.active = True
    for company in found:
        for code, rate in FOREIGN:
            _ensure_rate(env, company, env.ref(f"base.{code}"), rate)
    for parts, lines in TERMS.items():
        _ensure_term(env, _term_name(parts), lines)
    _ensure_term(env, _term_name(1, 60), ((100, 60),))
    return found


def _ensure_rate(env, company, currency, rate):
    Rate = env["res.currency.rate"]
    rates = Rate.search(
        [("currency_id", "=", currency.id), ("company_id", "=", company.id)]
    )
    if rates.mapped("rate") != [rate]:
        rates.unlink()
        Rate.create(
            {
                "currency_id": currency.id,
                "company_id": company.id,
                "name": "2000-01-01",
                "rate": rate,
            }
        )


def _term_name(parts, days=30):
    return f"Benchmark {parts} x {days}"


def _ensure_term(env, name, lines):
    Term = env["account.payment.term"]
    return Term.search([("name", "=", name)], limit=1) or Term.create(
        {
            "name": name,
            "line_ids": [
                Command.create(
                    {"value": "percent", "value_amount": percent, "nb_days": days}
                )
                for percent, days in lines
            ],
        }
    )


# ---------------------------------------------------------------------------
# Specimens: one of each document, posted by the ORM and undone
# ---------------------------------------------------------------------------


class _Undo(Exception):
    """Leaves the savepoint in which the specimens were made."""


def _specimens(env, companies, shape):
    """Return rows as the ORM writes them: ``{table: [{number, kind, row}]}``."""
    rows = {table: [] for table in TABLES}
    try:
        with env.cr.savepoint():
            for number, company in enumerate(companies):
                _make_specimens(env, company, number, shape, rows)
            raise _Undo
    except _Undo:
        env.invalidate_all(flush=False)
        env.cr.postcommit.clear()  # ranks of partners that are no more
    return rows


def new_customer(env, name, with_contact):
    """Create a customer as the ledger holds them; return (partner, addressee)."""
    Partner = env["res.partner"].with_context(tracking_disable=True)
    address = {
        "street": "1 Market Street",
        "zip": "94105",
        "city": "San Francisco",
        "country_id": env.ref("base.us").id,
    }
    partner = Partner.create(
        {"name": name, "is_company": True, "email": "customer@example.com", **address}
    )
    if not with_contact:
        return partner, partner
    contact = Partner.create(
        {
            "name": "Accounts Payable",
            "type": "invoice",
            "parent_id": partner.id,
            "email": "billing@example.com",
            **address,
        }
    )
    return partner, contact


def new_document(env, company, partner, values):
    """Post an invoice or a credit note through the ORM, as the ledger holds them.

    :param values: ``move_type``, ``invoice_date``, ``currency``, ``term`` (record or
        empty), ``taxed``, ``untaxed``, optionally ``due`` when there is no term
    """
    move = (
        env["account.move"]
        .with_company(company)
        .with_context(tracking_disable=True)
        .create(
            {
                "move_type": values["move_type"],
                "partner_id": partner.id,
                "invoice_date": values["invoice_date"],
                "currency_id": values["currency"].id,
                "invoice_payment_term_id": values["term"].id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Services",
                            "quantity": 1,
                            "price_unit": values["untaxed"],
                            "tax_ids": [
                                Command.set(
                                    company.account_sale_tax_id.ids
                                    if values["taxed"]
                                    else []
                                )
                            ],
                        }
                    )
                ],
            }
        )
    )
    if not values["term"]:
        move.invoice_date_due = values["due"]
    move.action_post()
    return move


def pay_documents(env, moves, payment_date, amount=None):
    """Pay ``moves`` by one payment through the wizard; return the payment."""
    wizard = (
        env["account.payment.register"]
        .with_context(active_model="account.move", active_ids=moves.ids)
        .create({"payment_date": payment_date, "group_payment": True})
    )
    if amount:
        wizard.amount = amount
    return wizard._create_payments()


def _make_specimens(env, company, number, shape, rows):
    env = env(context=dict(env.context, allowed_company_ids=[company.id]))
    company = company.with_env(env)
    partner, contact = new_customer(env, "Specimen", with_contact=True)
    issued = shape.today - timedelta(days=90)
    values = {
        "invoice_date": issued,
        "currency": company.currency_id,
        "taxed": True,
        "untaxed": 100.0,
        "due": issued,
    }
    no_term = env["account.payment.term"]
    term = no_term.search([("name", "=", _term_name(1))], limit=1)
    invoice = new_document(
        env, company, contact, dict(values, move_type="out_invoice", term=term)
    )
    refund = new_document(
        env,
        company,
        contact,
        dict(values, move_type="out_refund", term=no_term, taxed=False),
    )
    unpaid = {"invoice": invoice, "refund": refund}
    env.flush_all()
    for kind, move in unpaid.items():
        _take(env, rows, number, {kind: move})
        _take(env, rows, number, _lines_by_kind(kind, move))
    payment = pay_documents(env, invoice, shape.today)
    env.flush_all()
    _take(env, rows, number, {"paid": invoice, "payment": payment.move_id})
    liquidity = payment.move_id.line_ids.filtered("amount_residual")
    counterpart = payment.move_id.line_ids - liquidity
    partial = counterpart.matched_debit_ids
    _take(env, rows, number, {"liquidity": liquidity, "counterpart": counterpart})
    _take(env, rows, number, {"": payment})
    _take(env, rows, number, {"": partial})
    _take(env, rows, number, {"": partial.full_reconcile_id})
    _take(env, rows, number, {"customer": partner, "contact": contact})


def _lines_by_kind(kind, move):
    names = {"product": "product", "tax": "tax", "payment_term": "term"}
    return {f"{kind} {names[line.display_type]}": line for line in move.line_ids}


def _take(env, rows, number, records):
    """Copy the stored row of each record under its kind."""
    for kind, record in records.items():
        record.ensure_one()
        env.cr.execute(
            f'SELECT to_jsonb(t) FROM "{record._table}" t WHERE id = %s', [record.id]
        )
        [row] = env.cr.fetchone()
        rows[record._table].append({"company": number, "kind": kind, "row": row})


def _load_specimens(cr, rows):
    """Make ``specimen_<table>`` of the copied rows, plus company number and kind."""
    for table, taken in rows.items():
        cr.execute(
            f"""
            CREATE TEMP TABLE "specimen_{table}" ON COMMIT DROP AS
            SELECT s.company, s.kind, r.*
              FROM jsonb_to_recordset(%s)
                   AS s(company int, kind text, "row" jsonb),
                   jsonb_populate_record(NULL::"{table}", s."row") r
            """,
            [json.dumps(taken)],
        )


# ---------------------------------------------------------------------------
# The plan: customers, documents, payments, lines, as temporary tables
# ---------------------------------------------------------------------------

PLAN_CUSTOMERS = """
CREATE TEMP TABLE plan_customer ON COMMIT DROP AS
SELECT n, items, first, u_home, has_contact, partner_id, name,
       CASE WHEN has_contact
            THEN %(partner)s + %(customers)s + sum(has_contact::int) OVER (ORDER BY n)
        END::int AS contact_id,
       no_email
  FROM (
    SELECT n::int, items,
           (sum(items) OVER (ORDER BY n) - items) * (1 + %(history)s) AS first,
           pg_temp.chance(n, 1) AS u_home,
           pg_temp.chance(n, 2) < %(billing_contact)s AS has_contact,
           pg_temp.chance(n, 3) < %(without_email)s AS no_email,
           (%(partner)s + n)::int AS partner_id,
           'Customer ' || lpad(n::text, 6, '0') AS name
      FROM (
        -- customers come in any order of size, as in life
        SELECT row_number() OVER (ORDER BY pg_temp.chance(k, 0), k) AS n, items
          FROM unnest(%(counts)s::int[]) WITH ORDINALITY AS c(items, k)
      ) shuffled
  ) c
"""

# One row a document, open ones first for each customer. Due dates of open items lie
# between -400 and +60 days, more of them recent; settled ones reach back three years.
PLAN_DOCUMENTS = """
CREATE TEMP TABLE plan_document ON COMMIT DROP AS
WITH drawn AS (
    SELECT c.first + i AS k, c.n AS customer, i <= c.items AS is_open,
           c.u_home,
           i <= c.items AND pg_temp.chance(c.first + i, 10) < %(credit_notes)s
               AS refund,
           pg_temp.chance(c.first + i, 11) AS u_part,
           pg_temp.chance(c.first + i, 12) AS u_currency,
           pg_temp.chance(c.first + i, 13) < %(partly_paid)s AS u_partly,
           pg_temp.chance(c.first + i, 14) < %(no_followup)s AS no_followup,
           pg_temp.chance(c.first + i, 15) < %(taxed)s AS u_taxed,
           pg_temp.chance(c.first + i, 16) AS u_late,
           pg_temp.chance(c.first + i, 17) AS u_due,
           pg_temp.chance(c.first + i, 18) AS u_amount,
           pg_temp.chance(c.first + i, 19) AS u_paid,
           pg_temp.chance(c.first + i, 20) AS u_company
      FROM plan_customer c
     CROSS JOIN generate_series(1, c.items * (1 + %(history)s)) i
), shaped AS (
    SELECT *,
           CASE WHEN %(companies)s = 1 OR u_home < 0.6 THEN 0
                WHEN u_home < 0.9 THEN 1
                ELSE (u_company < 0.5)::int END AS company,
           CASE WHEN refund OR NOT is_open OR u_part >= %(instalments)s THEN 1
                WHEN u_part < %(instalments)s / 2 THEN 2 ELSE 3 END AS parts,
           CASE WHEN u_currency < %(foreign)s / 2 THEN 1
                WHEN u_currency < %(foreign)s THEN 2 ELSE 0 END AS currency,
           u_taxed AND NOT refund AS taxed,
           NOT is_open OR (u_partly AND NOT refund) AS paid,
           CASE WHEN NOT is_open THEN -45 - floor(1050 * u_due)
                WHEN refund THEN -1 - floor(400 * u_due ^ 1.8)
                WHEN u_late < (%(overdue)s - %(credit_notes)s)
                              / (1 - %(credit_notes)s)
                THEN -1 - floor(400 * u_due ^ 1.8)
                WHEN u_part < %(instalments)s THEN floor(31 * u_due)
                ELSE floor(61 * u_due) END::int AS due_in
      FROM drawn
), dated AS (
    SELECT *,
           %(today)s::date + due_in AS due,
           CASE WHEN refund THEN 0 WHEN due_in > 30 THEN 60 ELSE 30 END AS term,
           -- whole eights of a paid foreign invoice convert without rounding
           CASE WHEN currency > 0 AND (paid OR parts > 1)
                THEN 8 * round((15 + 4000 * u_amount ^ 4)::numeric / 8 + 1)
                ELSE round((15 + 4000 * u_amount ^ 4)::numeric, 2) END AS untaxed
      FROM shaped
), priced AS (
    SELECT d.*, r.currency_id, r.rate,
           d.due - d.term AS issued,
           CASE WHEN taxed THEN round(untaxed * 0.15, 2) ELSE 0.00 END AS tax,
           round(untaxed / r.rate, 2) AS untaxed_c,
           CASE WHEN taxed
                THEN round(untaxed / r.rate * 0.15, 2) ELSE 0.00 END AS tax_c
      FROM dated d
      JOIN plan_currency r ON r.company = d.company AND r.number = d.currency
), totalled AS (
    SELECT *, untaxed + tax AS total, untaxed_c + tax_c AS total_c FROM priced
), split AS (
    -- amounts of the instalments: Odoo rounds each and gives the rest to the last
    SELECT *,
           CASE parts WHEN 1 THEN total WHEN 2 THEN round(total * 0.5, 2)
                ELSE round(total * 0.3, 2) END AS part1,
           CASE parts WHEN 1 THEN total_c WHEN 2 THEN round(total_c * 0.5, 2)
                ELSE round(total_c * 0.3, 2) END AS part1_c
      FROM totalled
)
SELECT k, customer, company, is_open, refund, parts, currency, currency_id, rate,
       taxed, paid, no_followup, due, term, issued,
       untaxed, tax, total, untaxed_c, tax_c, total_c, part1, part1_c,
       CASE WHEN NOT paid THEN 0.00
            WHEN NOT is_open THEN total
            WHEN parts > 1 THEN part1
            WHEN currency > 0 THEN 0.8 * ceil((0.1 + 0.7 * u_paid) * total / 0.8)
            ELSE round(((0.1 + 0.8 * u_paid) * total)::numeric, 2)
        END::numeric AS paid_amount,
       u_paid,
       -- two or three settled invoices of a customer share a payment
       CASE WHEN NOT is_open
            THEN (row_number() OVER (PARTITION BY customer, company, currency, is_open
                                     ORDER BY due, k) - 1) * 2 / 5
            ELSE -k END AS payment_group
  FROM split
"""

PLAN_PAYMENTS = """
CREATE TEMP TABLE plan_payment ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY min(k)) AS number,
       customer, company, currency, payment_group,
       min(currency_id) AS currency_id,
       bool_and(NOT is_open) AS settles,
       count(*) AS documents,
       least(%(today)s::date,
             greatest(max(issued), max(due) - 5 + floor(40 * min(u_paid))::int))
           AS paid_on,
       sum(paid_amount) AS amount,
       sum(round(paid_amount / rate, 2)) AS amount_c
  FROM plan_document
 WHERE paid
 GROUP BY customer, company, currency, payment_group
"""

# Everything is numbered in the order of its date, documents and payments mixed, so
# that open rows lie as scattered in the tables as in a ledger that grew day by day.
PLAN_MOVES = """
CREATE TEMP TABLE plan_move ON COMMIT DROP AS
WITH mixed AS (
    SELECT k, NULL::bigint AS payment, company, issued AS date, 1 + taxed::int + parts
               AS lines,
           CASE WHEN refund THEN 'refund' WHEN paid THEN 'paid' ELSE 'invoice' END
               AS kind
      FROM plan_document
     UNION ALL
    SELECT NULL, number, company, paid_on, 2, 'payment' FROM plan_payment
), numbered AS (
    SELECT *, row_number() OVER w AS n, sum(lines) OVER w - lines AS lines_before
      FROM mixed
    WINDOW w AS (ORDER BY date, coalesce(k, payment), kind ROWS UNBOUNDED PRECEDING)
), prefixed AS (
    SELECT n.*, s.journal_id,
           regexp_replace(s.sequence_prefix, '\\d{4}',
                          extract(year FROM n.date)::text) AS prefix
      FROM numbered n
      JOIN specimen_account_move s ON s.company = n.company AND s.kind = n.kind
), counted AS (
    SELECT p.*, coalesce(e.last, 0)
                + row_number() OVER (PARTITION BY p.journal_id, p.prefix
                                     ORDER BY p.n) AS sequence_number
      FROM prefixed p
      LEFT JOIN (SELECT journal_id, sequence_prefix, max(sequence_number) AS last
                   FROM account_move GROUP BY 1, 2) e
        ON e.journal_id = p.journal_id AND e.sequence_prefix = p.prefix
)
SELECT (%(move)s + n)::int AS id, k, payment, company, kind, date, prefix,
       sequence_number::int,
       prefix || CASE WHEN sequence_number > 99999 THEN sequence_number::text
                      ELSE lpad(sequence_number::text, 5, '0') END AS name,
       (%(line)s + lines_before)::int AS line_before
  FROM counted
"""

PLAN_DOCUMENT_MOVES = """
CREATE TEMP TABLE plan_invoice ON COMMIT DROP AS
SELECT m.id, m.kind, m.prefix, m.sequence_number, m.name, m.line_before,
       c.partner_id AS commercial_id,
       coalesce(c.contact_id, c.partner_id) AS addressee_id,
       c.name || CASE WHEN c.contact_id IS NULL THEN ''
                      ELSE ', ' || 'Accounts Payable' END AS addressee,
       CASE WHEN d.refund THEN -1 ELSE 1 END AS sign,
       CASE d.term WHEN 0 THEN NULL
                   ELSE (%(terms)s::jsonb -> (d.parts || 'x' || d.term))::int
        END AS term_id,
       d.*, p.number AS payment,
       (%(partial)s + CASE WHEN d.paid
            THEN row_number() OVER (PARTITION BY d.paid ORDER BY m.id) END)::int
           AS partial_id
  FROM plan_document d
  JOIN plan_move m ON m.k = d.k
  JOIN plan_customer c ON c.n = d.customer
  LEFT JOIN plan_payment p
    ON d.paid AND p.customer = d.customer AND p.company = d.company
   AND p.currency = d.currency AND p.payment_group = d.payment_group
"""

PLAN_PAYMENT_MOVES = """
CREATE TEMP TABLE plan_receipt ON COMMIT DROP AS
SELECT p.*, m.id AS move_id, m.prefix, m.sequence_number, m.name, m.line_before,
       (%(payment)s + p.number)::int AS id,
       c.partner_id, c.name AS customer_name,
       i.invoices, i.partial_id,
       CASE WHEN p.documents = 1 THEN i.first_name
            ELSE 'GROUP/' || extract(year FROM p.paid_on) || '/'
                 || lpad(p.number::text, 7, '0') END AS memo,
       CASE WHEN p.settles
            THEN (%(full)s + row_number() OVER (PARTITION BY p.settles
                                                ORDER BY p.number))::int
        END AS full_id
  FROM plan_payment p
  JOIN plan_move m ON m.payment = p.number
  JOIN plan_customer c ON c.n = p.customer
  JOIN (SELECT payment, count(*) AS invoices, min(partial_id) AS partial_id,
               min(name) AS first_name
          FROM plan_invoice WHERE paid GROUP BY payment) i ON i.payment = p.number
"""

# The lines of a document in Odoo's order: product, tax, instalments. Signs are those
# of an invoice; `sign` turns them for a credit note.
PLAN_LINES = """
CREATE TEMP TABLE plan_line ON COMMIT DROP AS
SELECT i.line_before + 1 AS id, i.id AS move_id, i.company,
       CASE WHEN i.refund THEN 'refund product' ELSE 'invoice product' END AS kind,
       i.commercial_id AS partner_id, i.name AS move_name, NULL::text AS ref,
       'Services'::text AS label, i.currency_id, i.issued AS date,
       i.issued AS invoice_date, NULL::date AS date_maturity,
       -i.sign * i.untaxed AS amount_currency, -i.sign * i.untaxed_c AS balance,
       0.00 AS residual_currency, 0.00 AS residual,
       NULL::numeric AS base, i.untaxed AS price, i.untaxed AS subtotal,
       i.total AS price_total, NULL::int AS payment_id, NULL::int AS full_id,
       NULL::text AS matching, false AS reconciled, false AS no_followup
  FROM plan_invoice i
 UNION ALL
SELECT i.line_before + 2, i.id, i.company, 'invoice tax',
       i.commercial_id, i.name, NULL, NULL, i.currency_id, i.issued, i.issued, NULL,
       -i.tax, -i.tax_c, 0, 0, -i.untaxed_c, 0, 0, 0, NULL, NULL, NULL, false, false
  FROM plan_invoice i
 WHERE i.taxed
 UNION ALL
SELECT i.line_before + 1 + i.taxed::int + x.part, i.id, i.company,
       CASE WHEN i.refund THEN 'refund term' ELSE 'invoice term' END,
       i.commercial_id, i.name, NULL,
       CASE WHEN i.refund THEN NULL
            WHEN i.parts = 1 THEN i.name
            ELSE i.name || ' installment #' || x.part END,
       i.currency_id, i.issued, i.issued,
       i.due + 30 * (x.part - 1),
       i.sign * x.amount, i.sign * x.amount_c,
       -- a settled instalment stays in the matching of its open neighbours: no full
       -- reconciliation before the last one is paid
       i.sign * (x.amount - x.paid), i.sign * (x.amount_c - round(x.paid / i.rate, 2)),
       NULL, 0, 0, 0, NULL,
       CASE WHEN x.paid > 0 THEN r.full_id END,
       CASE WHEN x.paid = 0 THEN NULL
            WHEN r.full_id IS NULL THEN 'P' || i.partial_id
            ELSE r.full_id::text END,
       x.paid = x.amount,
       i.no_followup
  FROM plan_invoice i
  LEFT JOIN plan_receipt r ON r.number = i.payment
 CROSS JOIN LATERAL (
    SELECT part,
           CASE WHEN part < i.parts THEN i.part1
                ELSE i.total - i.part1 * (i.parts - 1) END AS amount,
           CASE WHEN part < i.parts THEN i.part1_c
                ELSE i.total_c - i.part1_c * (i.parts - 1) END AS amount_c,
           CASE WHEN part = 1 THEN i.paid_amount ELSE 0 END AS paid
      FROM generate_series(1, i.parts) part
 ) x
 UNION ALL
SELECT r.line_before + s.n, r.move_id, r.company, s.kind,
       r.partner_id, r.name, r.memo, 'Manual Payment: ' || r.memo, r.currency_id,
       r.paid_on, NULL, r.paid_on,
       s.sign * r.amount, s.sign * r.amount_c,
       s.open * r.amount, s.open * r.amount_c,
       NULL, 0, s.sign * r.amount, s.sign * r.amount, r.id,
       CASE WHEN s.open = 0 THEN r.full_id END,
       CASE WHEN s.open = 1 THEN NULL
            WHEN r.full_id IS NULL THEN 'P' || r.partial_id
            ELSE r.full_id::text END,
       s.open = 0, false
  FROM plan_receipt r
 CROSS JOIN (VALUES (1, 'liquidity', 1, 1), (2, 'counterpart', -1, 0))
            AS s(n, kind, sign, open)
"""

# ---------------------------------------------------------------------------
# Writing: what each column of each table gets; the rest is the specimen's
# ---------------------------------------------------------------------------

WRITE_CUSTOMERS = {
    "id": "s.id",
    "name": "s.name",
    "complete_name": "s.complete_name",
    "parent_id": "s.parent_id",
    "commercial_partner_id": "s.commercial_id",
    "commercial_company_name": "s.customer_name",
    "email": "s.email",
    "email_normalized": "s.email",
    "customer_rank": "s.rank",
}
FROM_CUSTOMERS = """
    SELECT 0 AS company, 'customer' AS kind, partner_id AS id, name,
           name AS complete_name, name AS customer_name,
           NULL::int AS parent_id, partner_id AS commercial_id,
           CASE WHEN NOT no_email
                THEN 'customer' || lpad(n::text, 6, '0') || '@example.com' END AS email,
           items * (1 + %(history)s) AS rank
      FROM plan_customer
     UNION ALL
    SELECT 0, 'contact', contact_id, 'Accounts Payable', name || ', Accounts Payable',
           name, partner_id, partner_id,
           'billing' || lpad(n::text, 6, '0') || '@example.com',
           items * (1 + %(history)s)
      FROM plan_customer WHERE has_contact
"""

WRITE_INVOICES = {
    "id": "s.id",
    "sequence_prefix": "s.prefix",
    "sequence_number": "s.sequence_number",
    "name": "s.name",
    "payment_reference": "CASE WHEN s.sign > 0 THEN s.name END",
    "partner_id": "s.addressee_id",
    "commercial_partner_id": "s.commercial_id",
    "partner_shipping_id": "s.commercial_id",
    "invoice_partner_display_name": "s.addressee",
    "invoice_payment_term_id": "s.term_id",
    "currency_id": "s.currency_id",
    "invoice_currency_rate": "s.rate",
    "date": "s.issued",
    "invoice_date": "s.issued",
    "invoice_date_due": "s.due + 30 * (s.parts - 1)",
    "payment_state": "CASE WHEN NOT s.paid THEN 'not_paid'"
    " WHEN s.is_open THEN 'partial' ELSE 'paid' END",
    "amount_untaxed": "s.untaxed",
    "amount_tax": "s.tax",
    "amount_total": "s.total",
    "amount_residual": "s.total - s.paid_amount",
    "amount_untaxed_signed": "s.sign * s.untaxed_c",
    "amount_untaxed_in_currency_signed": "s.sign * s.untaxed",
    "amount_tax_signed": "s.sign * s.tax_c",
    "amount_total_signed": "s.sign * s.total_c",
    "amount_total_in_currency_signed": "s.sign * s.total",
    "amount_residual_signed": "s.sign * (s.total_c - round(s.paid_amount / s.rate, 2))",
}

WRITE_PAYMENT_MOVES = {
    "id": "s.move_id",
    "origin_payment_id": "s.id",
    "sequence_prefix": "s.prefix",
    "sequence_number": "s.sequence_number",
    "name": "s.name",
    "ref": "s.memo",
    "partner_id": "s.partner_id",
    "commercial_partner_id": "s.partner_id",
    "invoice_partner_display_name": "s.customer_name",
    "currency_id": "s.currency_id",
    "date": "s.paid_on",
    "invoice_date_due": "s.paid_on",
    "amount_total": "s.amount",
    "amount_total_signed": "s.amount_c",
    "amount_total_in_currency_signed": "s.amount",
}

WRITE_LINES = {
    "id": "s.id",
    "move_id": "s.move_id",
    "move_name": "s.move_name",
    "ref": "s.ref",
    "name": "CASE WHEN s.kind = 'invoice tax' THEN t.name ELSE s.label END",
    "partner_id": "s.partner_id",
    "currency_id": "s.currency_id",
    "date": "s.date",
    "invoice_date": "s.invoice_date",
    "date_maturity": "s.date_maturity",
    "amount_currency": "s.amount_currency",
    "balance": "s.balance",
    "debit": "greatest(s.balance, 0)",
    "credit": "greatest(-s.balance, 0)",
    "amount_residual_currency": "s.residual_currency",
    "amount_residual": "s.residual",
    "tax_base_amount": "s.base",
    "price_unit": "s.price",
    "price_subtotal": "s.subtotal",
    "price_total": "s.price_total",
    "payment_id": "s.payment_id",
    "full_reconcile_id": "s.full_id",
    "matching_number": "s.matching",
    "reconciled": "s.reconciled",
    "no_followup": "s.no_followup",
}

WRITE_PAYMENTS = {
    "id": "s.id",
    "move_id": "s.move_id",
    "name": "s.name",
    "memo": "s.memo",
    "partner_id": "s.partner_id",
    "currency_id": "s.currency_id",
    "date": "s.paid_on",
    "amount": "s.amount",
    "amount_company_currency_signed": "s.amount_c",
    "state": "CASE WHEN s.settles THEN 'paid' ELSE 'in_process' END",
}

WRITE_PARTIALS = {
    "id": "s.partial_id",
    "debit_move_id": "s.line_before + 2 + s.taxed::int",
    "credit_move_id": "s.credit_id",
    "full_reconcile_id": "s.full_id",
    "debit_currency_id": "s.currency_id",
    "credit_currency_id": "s.currency_id",
    "max_date": "s.max_date",
    "amount": "round(s.paid_amount / s.rate, 2)",
    "debit_amount_currency": "s.paid_amount",
    "credit_amount_currency": "s.paid_amount",
}
FROM_PARTIALS = """
    SELECT i.*, '' AS no_kind, r.full_id, r.line_before + 2 AS credit_id,
           greatest(i.issued, r.paid_on) AS max_date
      FROM plan_invoice i JOIN plan_receipt r ON r.number = i.payment
"""


def generate(env, shape):
    """Write the ledger and return what was written; does not commit.

    Foreign keys are not checked while writing when the database role may switch
    them off: the rows are right by construction, and checking them is half the time.
    """
    start = time.monotonic()
    companies = prepare(env, shape.companies)
    rows = _specimens(env, companies, shape)
    cr = env.cr
    with _fast_writes(cr, shape):
        params = _plan(env, companies, shape, rows)
        written = _write(cr, params)
        _drop_plan(cr)
    cr.execute("ANALYZE " + ", ".join((*TABLES, *RELATIONS)))
    env.invalidate_all()
    return Ledger(shape, companies.ids, written, time.monotonic() - start)


def _plan(env, companies, shape, rows):
    cr = env.cr
    _load_specimens(cr, rows)
    cr.execute(
        """
        CREATE FUNCTION pg_temp.chance(number bigint, what int) RETURNS float8
        IMMUTABLE LANGUAGE sql
        RETURN (hashint8extended(number, %s * 1000 + what) & 4294967295)
               / 4294967296.0::float8
        """,
        [shape.seed],
    )
    currencies = [
        (number, code, env.ref(f"base.{code}").id if code else company.currency_id.id)
        for number, company in enumerate(companies)
        for code in ("", *(code for code, _rate in FOREIGN))
    ]
    order = {code: (k, rate) for k, (code, rate) in enumerate(FOREIGN, 1)}
    cr.execute(
        "CREATE TEMP TABLE plan_currency"
        " (company int, number int, currency_id int, rate numeric) ON COMMIT DROP"
    )
    for company, code, currency_id in currencies:
        number, rate = order.get(code, (0, 1))
        cr.execute(
            "INSERT INTO plan_currency VALUES (%s, %s, %s, %s)",
            [company, number, currency_id, rate],
        )
    terms = {f"{parts}x30": _term_name(parts) for parts in TERMS}
    terms["1x60"] = _term_name(1, 60)
    Term = env["account.payment.term"]
    params = {
        **{name: getattr(shape, name) for name in shape.__dataclass_fields__},
        "customers": shape.customers,
        "counts": shape.items_by_customer(),
        "terms": json.dumps(
            {
                key: Term.search([("name", "=", n)], limit=1).id
                for key, n in terms.items()
            }
        ),
    }
    last = _last_ids(cr)
    params |= {
        "partner": last["res_partner"],
        "move": last["account_move"],
        "line": last["account_move_line"],
        "payment": last["account_payment"],
        "partial": last["account_partial_reconcile"],
        "full": last["account_full_reconcile"],
    }
    for statement, tables in (
        (PLAN_CUSTOMERS, "plan_customer"),
        (PLAN_DOCUMENTS, "plan_document"),
        (PLAN_PAYMENTS, "plan_payment"),
        (PLAN_MOVES, "plan_move"),
        (PLAN_DOCUMENT_MOVES, "plan_invoice"),
        (PLAN_PAYMENT_MOVES, "plan_receipt"),
        (PLAN_LINES, "plan_line"),
    ):
        cr.execute(statement, params)
        cr.execute(f"ANALYZE {tables}")
    return params


def _last_ids(cr):
    last = {}
    for table in TABLES:
        cr.execute(f"SELECT nextval(pg_get_serial_sequence('{table}', 'id'))")
        last[table] = cr.fetchone()[0]
    return last


def _write(cr, params):
    """Fill the tables from the plan and move their sequences on."""
    written = {
        "res_partner": _insert(
            cr, "res_partner", FROM_CUSTOMERS, WRITE_CUSTOMERS, params
        ),
        "account_payment": _insert(
            cr, "account_payment", "TABLE plan_receipt", WRITE_PAYMENTS, kind="''"
        ),
        "account_move": _insert(
            cr, "account_move", "TABLE plan_invoice", WRITE_INVOICES
        )
        + _insert(
            cr,
            "account_move",
            "TABLE plan_receipt",
            WRITE_PAYMENT_MOVES,
            kind="'payment'",
        ),
        "account_move_line": _insert(
            cr, "account_move_line", "TABLE plan_line", WRITE_LINES
        ),
        "account_full_reconcile": _insert(
            cr,
            "account_full_reconcile",
            "SELECT company, full_id AS id FROM plan_receipt WHERE settles",
            {"id": "s.id"},
            kind="''",
        ),
        "account_partial_reconcile": _insert(
            cr, "account_partial_reconcile", FROM_PARTIALS, WRITE_PARTIALS, kind="''"
        ),
    }
    cr.execute(
        """
        INSERT INTO account_move__account_payment (invoice_id, payment_id)
        SELECT i.id, r.id
          FROM plan_invoice i JOIN plan_receipt r ON r.number = i.payment
        """
    )
    cr.execute(
        """
        INSERT INTO account_move_line_account_tax_rel
               (account_move_line_id, account_tax_id)
        SELECT i.line_before + 1, t.tax_line_id
          FROM plan_invoice i
          JOIN specimen_account_move_line t
            ON t.company = i.company AND t.kind = 'invoice tax'
         WHERE i.taxed
        """
    )
    for table in TABLES:
        cr.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id))"
            f" FROM {table} HAVING max(id) IS NOT NULL"
        )
    return written


def _insert(cr, table, source, values, params=None, kind="s.kind"):
    """Insert a row per row of ``source``: ``values``, else the specimen's column."""
    cr.execute(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_schema = current_schema AND table_name = %s"
        " ORDER BY ordinal_position",
        [table],
    )
    columns = [name for [name] in cr.fetchall()]
    unknown = values.keys() - set(columns)
    if unknown:
        raise ValueError(f"{table} has no column {', '.join(sorted(unknown))}")
    chosen = ", ".join(values.get(name, f't."{name}"') for name in columns)
    quoted = ", ".join(f'"{name}"' for name in columns)
    cr.execute(
        f"""
        INSERT INTO "{table}" ({quoted})
        SELECT {chosen}
          FROM ({source}) s
          JOIN "specimen_{table}" t ON t.company = s.company AND t.kind = {kind}
         ORDER BY {values["id"]}
        """,
        params,
    )
    return cr.rowcount


def _drop_plan(cr):
    cr.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = pg_my_temp_schema()"
        " AND relkind = 'r'"
        " AND (relname LIKE 'plan\\_%%' OR relname LIKE 'specimen\\_%%')"
    )
    for [name] in cr.fetchall():
        cr.execute(f'DROP TABLE pg_temp."{name}"')
    cr.execute("DROP FUNCTION pg_temp.chance(bigint, int)")


@contextmanager
def _fast_writes(cr, shape):
    """Write without foreign key checks, large ledgers also without indexes."""
    cr.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    [trusted] = cr.fetchone()
    cr.execute("SET LOCAL work_mem = '256MB'")
    cr.execute("SET LOCAL maintenance_work_mem = '512MB'")
    if trusted:
        cr.execute("SET LOCAL session_replication_role = replica")
    indexes = _take_down_indexes(cr) if shape.items >= REINDEX_FROM else []
    yield
    for definition, name, comment in indexes:
        cr.execute(definition.replace("%", "%%"), [])
        if comment:
            cr.execute(f'COMMENT ON INDEX "{name}" IS %s', [comment])
    cr.execute("SET LOCAL session_replication_role = DEFAULT" if trusted else "SELECT")
    cr.execute("SET LOCAL work_mem = DEFAULT")
    cr.execute("SET LOCAL maintenance_work_mem = DEFAULT")


def _take_down_indexes(cr):
    """Drop the indexes that no constraint needs; return how to make them again."""
    cr.execute(
        """
        SELECT pg_get_indexdef(c.oid), c.relname, obj_description(c.oid)
          FROM pg_index i
          JOIN pg_class c ON c.oid = i.indexrelid
         WHERE i.indrelid = ANY (%s::text[]::regclass[])
           AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid)
        """,
        [[*TABLES, *RELATIONS]],
    )
    indexes = cr.fetchall()
    for _definition, name, _comment in indexes:
        cr.execute(f'DROP INDEX "{name}"')
    return indexes
