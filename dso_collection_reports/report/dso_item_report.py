"""Item status report: every open item of every customer, as of now (rules.md §9)."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.dso_collection.engine.evaluation import KIND
from odoo.addons.dso_collection.models.dso_status import STATUS_TYPES

#: Days late of the upper end of each bucket, in order.
BUCKETS = [
    ("not_due", "Not due"),
    ("1_30", "1-30"),
    ("31_60", "31-60"),
    ("61_90", "61-90"),
    ("over_90", "> 90"),
]


class DsoItemReport(models.Model):
    """One row per open item: a journal entry's receivable of one customer.

    The amounts are those of the ledger, in company currency, signed: credits are
    negative. An item with several open instalments stands in the bucket of the
    earliest one; what of it is overdue is told instalment by instalment.
    """

    _name = "dso.item.report"
    _description = "Item Status Report"
    _auto = False
    _rec_name = "move_id"
    _order = "due, id"
    _depends = {
        "account.move": [
            "move_type",
            "invoice_date",
            "date",
            "journal_id",
            "origin_payment_id",
            "payment_state",
        ],
        "account.move.line": [
            "account_id",
            "amount_residual",
            "amount_residual_currency",
            "company_id",
            "currency_id",
            "date",
            "date_maturity",
            "invoice_date",
            "move_id",
            "no_followup",
            "parent_state",
            "partner_id",
            "reconciled",
            "statement_line_id",
        ],
        "account.account": ["account_type", "non_trade"],
        "account.journal": ["dso_opening"],
        "dso.account": [
            "client_type_id",
            "collector_id",
            "company_id",
            "partner_id",
            "scenario_id",
        ],
        "dso.item": [
            "account_id",
            "ignored",
            "move_id",
            "promise_date",
            "resolver_id",
            "status_date",
            "status_id",
            "status_type",
        ],
        "res.company": ["parent_path", "currency_id"],
        "res.partner": ["commercial_partner_id", "country_id"],
    }

    # === Who === #
    company_id = fields.Many2one("res.company", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    country_id = fields.Many2one("res.country", readonly=True)
    account_id = fields.Many2one("dso.account", "Receivable account", readonly=True)
    collector_id = fields.Many2one("res.users", readonly=True)
    scenario_id = fields.Many2one("dso.scenario", readonly=True)
    client_type_id = fields.Many2one("dso.client.type", "Client type", readonly=True)

    # === What === #
    move_id = fields.Many2one("account.move", "Item", readonly=True)
    kind = fields.Selection(
        [
            ("invoice", "Invoice"),
            ("credit_note", "Credit note"),
            ("payment", "Unallocated payment"),
            ("miscellaneous", "Miscellaneous"),
        ],
        readonly=True,
    )
    invoice_date = fields.Date("Issued on", readonly=True)
    due = fields.Date(
        "Due date", readonly=True, help="Of the earliest open instalment."
    )
    days_late = fields.Integer(
        "Days late",
        readonly=True,
        aggregator="max",
        help="Since the due date, in the company's today; negative: not due yet.",
    )
    bucket = fields.Selection(BUCKETS, "Age", readonly=True)

    # === Status === #
    status_type = fields.Selection(
        [("none", "[None]"), *STATUS_TYPES],
        "Status type",
        readonly=True,
        help="[None]: unqualified.",
    )
    status_id = fields.Many2one("dso.status", readonly=True)
    status_date = fields.Date("Status date", readonly=True)
    promise_date = fields.Date("Promised for", readonly=True)
    resolver_id = fields.Many2one("res.users", readonly=True)
    ignored = fields.Boolean("Ignored in collection", readonly=True)
    blocked = fields.Boolean(
        "Blocked in accounting",
        readonly=True,
        help="Left out of follow-up or blocked for payment in accounting: not claimed,"
        " counted here all the same.",
    )

    # === How much === #
    currency_id = fields.Many2one("res.currency", "Company currency", readonly=True)
    item_currency_id = fields.Many2one("res.currency", "Currency", readonly=True)
    residual = fields.Monetary("Open amount", readonly=True)
    residual_currency = fields.Monetary(
        "Open amount in its currency",
        currency_field="item_currency_id",
        readonly=True,
        aggregator=None,
    )
    debit = fields.Monetary("Open debit", readonly=True)
    credit = fields.Monetary("Open credit", readonly=True)
    overdue = fields.Monetary(readonly=True)
    overdue_debit = fields.Monetary(
        readonly=True, help="Overdue without credits: what the rate is taken of."
    )
    overdue_qualified = fields.Monetary(
        "Overdue qualified",
        readonly=True,
        help="Overdue without credits, with a status.",
    )
    rate = fields.Float(
        "Qualification rate",
        readonly=True,
        aggregator="avg",
        help="Value of the overdue items that bear a status, of the value of all"
        " overdue items; debit items only.",
    )

    # -------------------------------------------------------------------------
    # QUERY
    # -------------------------------------------------------------------------

    @property
    def _table_query(self):
        """The open items of all companies; record rules choose among them.

        "Today" is a matter of each company's time zone, so it enters as data.
        """
        roots = (
            self.env["res.company"]
            .sudo()  # only ids and time zones, of companies that the rule filters
            .search([("parent_id", "=", False)])
        )
        return SQL(
            """
            WITH today (company_id, today) AS (
                SELECT * FROM unnest(%(companies)s::int[], %(todays)s::date[])
            ), line AS (
                SELECT l.id, l.move_id, l.company_id, t.company_id AS root_id, t.today,
                       p.commercial_partner_id AS partner_id,
                       c.currency_id, l.currency_id AS item_currency_id,
                       l.amount_residual AS residual,
                       l.amount_residual_currency AS residual_currency,
                       COALESCE(l.date_maturity, l.invoice_date, l.date) AS due,
                       COALESCE(m.invoice_date, m.date) AS invoice_date,
                       l.amount_residual > 0 AND (
                           l.no_followup IS TRUE OR m.payment_state = 'blocked'
                       ) AS blocked,
                       %(kind)s AS kind
                  FROM account_move_line l
                  JOIN account_account aa ON aa.id = l.account_id
                   AND aa.account_type = 'asset_receivable'
                   AND aa.non_trade IS NOT TRUE
                  JOIN res_company c ON c.id = l.company_id
                  JOIN today t
                    ON t.company_id = split_part(c.parent_path, '/', 1)::int
                  JOIN res_partner p ON p.id = l.partner_id
                  JOIN account_move m ON m.id = l.move_id
                  JOIN account_journal j ON j.id = m.journal_id
                 WHERE l.parent_state = 'posted'
                   AND l.reconciled IS NOT TRUE
                   AND l.amount_residual <> 0
            ), open_item AS (
                SELECT MIN(id) AS id, move_id, company_id, root_id, today, partner_id,
                       currency_id,
                       MIN(item_currency_id) AS item_currency_id,
                       MIN(kind) AS kind,
                       bool_or(blocked) AS blocked,
                       MIN(invoice_date) AS invoice_date,
                       MIN(due) AS due,
                       today - MIN(due) AS days_late,
                       SUM(residual) AS residual,
                       SUM(residual_currency) AS residual_currency,
                       SUM(GREATEST(residual, 0)) AS debit,
                       SUM(LEAST(residual, 0)) AS credit,
                       SUM(CASE WHEN due < today THEN residual ELSE 0 END) AS overdue,
                       SUM(CASE WHEN due < today THEN GREATEST(residual, 0)
                                ELSE 0 END) AS overdue_debit
                  FROM line
              GROUP BY move_id, company_id, root_id, today, partner_id, currency_id
            )
            SELECT o.*, cp.country_id,
                   a.id AS account_id, a.collector_id, a.scenario_id, a.client_type_id,
                   i.status_id, i.status_date, i.promise_date, i.resolver_id,
                   COALESCE(i.status_type, 'none') AS status_type,
                   COALESCE(i.ignored, FALSE) AS ignored,
                   CASE WHEN o.days_late <= 0 THEN 'not_due'
                        WHEN o.days_late <= 30 THEN '1_30'
                        WHEN o.days_late <= 60 THEN '31_60'
                        WHEN o.days_late <= 90 THEN '61_90'
                        ELSE 'over_90' END AS bucket,
                   CASE WHEN i.status_type IS NULL THEN 0
                        ELSE o.overdue_debit END AS overdue_qualified,
                   CASE WHEN o.overdue_debit <> 0
                        THEN (i.status_type IS NOT NULL)::int::float
                        END AS rate
              FROM open_item o
              JOIN res_partner cp ON cp.id = o.partner_id
         LEFT JOIN dso_account a
                ON a.partner_id = o.partner_id AND a.company_id = o.root_id
         LEFT JOIN dso_item i ON i.move_id = o.move_id AND i.account_id = a.id
            """,
            companies=roots.ids,
            todays=[company._dso_today() for company in roots],
            kind=KIND,
        )

    # -------------------------------------------------------------------------
    # QUALIFICATION RATE
    # -------------------------------------------------------------------------

    def _read_group_select(self, aggregate_spec, query):
        """The rate of a group is a ratio of sums, not an average of ratios."""
        if aggregate_spec != "rate:avg":
            return super()._read_group_select(aggregate_spec, query)
        return SQL(
            "SUM(%s) / NULLIF(SUM(%s), 0)",
            self._field_to_sql(self._table, "overdue_qualified", query),
            self._field_to_sql(self._table, "overdue_debit", query),
        )

    @api.model
    @api.readonly
    def qualification_rate(self, domain=None, status_type=None):
        """Value of overdue items bearing a status ÷ value of overdue items (R1).

        :param domain: restricts the items
        :param status_type: that type's share instead; ``"none"`` = the unqualified
        :return: fraction between 0 and 1, ``None`` when nothing is overdue
        """
        by_type = dict(
            self._read_group(
                Domain(domain or []) & Domain("overdue_debit", ">", 0),
                ["status_type"],
                ["overdue_debit:sum"],
            )
        )
        total = sum(by_type.values())
        if not total:
            return None
        if status_type:
            return by_type.get(status_type, 0) / total
        return 1 - by_type.get("none", 0) / total

    # -------------------------------------------------------------------------
    # BUTTONS
    # -------------------------------------------------------------------------

    def action_open_item(self):
        """Open the invoice, credit note, payment or entry behind the row."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.move_id.id,
            "view_mode": "form",
            "name": self.move_id.display_name,
        }

    def action_open_account(self):
        """Open the customer record of collection."""
        self.ensure_one()
        return self.partner_id.with_company(self.company_id).action_dso_open_account()
