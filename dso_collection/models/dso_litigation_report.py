"""Items in litigation as of now: what provisions for doubtful debts are taken on."""

from odoo import fields, models
from odoo.tools import SQL

from ..engine.evaluation import KIND

#: Days late of each age, in order.
AGES = [
    ("not_due", "Not due"),
    ("1_30", "1-30"),
    ("31_60", "31-60"),
    ("61_90", "61-90"),
    ("91_180", "91-180"),
    ("181_360", "181-360"),
    ("over_360", "> 360"),
]


class DsoLitigationReport(models.Model):
    """One row per open item that bears a status of the type Litigation.

    Amounts are those of the ledger, signed: credits are negative.
    """

    _name = "dso.litigation.report"
    _description = "Items in Litigation"
    _auto = False
    _rec_name = "move_id"
    _order = "due, id"
    _depends = {
        "account.move": [
            "amount_total",
            "amount_untaxed",
            "date",
            "invoice_date",
            "journal_id",
            "move_type",
            "origin_payment_id",
        ],
        "account.move.line": [
            "account_id",
            "amount_currency",
            "amount_residual",
            "amount_residual_currency",
            "balance",
            "company_id",
            "currency_id",
            "date",
            "date_maturity",
            "invoice_date",
            "move_id",
            "parent_state",
            "partner_id",
            "reconciled",
            "statement_line_id",
        ],
        "account.account": ["account_type", "non_trade"],
        "account.journal": ["dso_opening"],
        "dso.account": ["collector_id", "company_id", "partner_id"],
        "dso.item": [
            "account_id",
            "comment",
            "move_id",
            "qualification_id",
            "status_date",
            "status_id",
            "status_type",
        ],
        "res.company": ["parent_path", "currency_id"],
        "res.partner": ["commercial_partner_id", "country_id"],
    }

    company_id = fields.Many2one("res.company", readonly=True)
    account_id = fields.Many2one("dso.account", "Customer", readonly=True)
    partner_id = fields.Many2one("res.partner", readonly=True)
    country_id = fields.Many2one("res.country", readonly=True)
    collector_id = fields.Many2one("res.users", readonly=True)
    move_id = fields.Many2one("account.move", "Item", readonly=True)
    kind = fields.Selection(
        [
            ("invoice", "Invoice"),
            ("credit_note", "Credit note"),
            ("payment", "Payment"),
            ("miscellaneous", "Miscellaneous"),
        ],
        "Type",
        readonly=True,
    )
    invoice_date = fields.Date("Issued on", readonly=True)
    due = fields.Date(
        "Due date", readonly=True, help="Of the earliest open instalment."
    )
    days_late = fields.Integer(readonly=True, aggregator="max")
    age = fields.Selection(AGES, readonly=True)
    status_id = fields.Many2one("dso.status", readonly=True)
    status_date = fields.Date("Since", readonly=True)
    comment = fields.Text("Internal comment", readonly=True)
    currency_id = fields.Many2one("res.currency", "Company currency", readonly=True)
    item_currency_id = fields.Many2one("res.currency", "Currency", readonly=True)
    original = fields.Monetary("Original amount", readonly=True)
    residual = fields.Monetary("Open amount", readonly=True)
    residual_untaxed = fields.Monetary(
        "Open without tax",
        readonly=True,
        help="The open amount less its share of the document's tax.",
    )
    residual_currency = fields.Monetary(
        "Open in its currency",
        currency_field="item_currency_id",
        readonly=True,
        aggregator=None,
    )

    @property
    def _table_query(self):
        """The items of all companies; record rules choose among them."""
        roots = (
            self.env["res.company"]
            .sudo()  # only ids and time zones, of companies that the rule filters
            .search([("parent_id", "=", False)])
        )
        return SQL(
            """
            SELECT i.id, a.company_id, a.id AS account_id, a.partner_id,
                   rp.country_id, a.collector_id, i.move_id, o.kind, o.invoice_date,
                   o.due, GREATEST(t.today - o.due, 0) AS days_late,
                   CASE WHEN t.today <= o.due THEN 'not_due'
                        WHEN t.today - o.due <= 30 THEN '1_30'
                        WHEN t.today - o.due <= 60 THEN '31_60'
                        WHEN t.today - o.due <= 90 THEN '61_90'
                        WHEN t.today - o.due <= 180 THEN '91_180'
                        WHEN t.today - o.due <= 360 THEN '181_360'
                        ELSE 'over_360' END AS age,
                   i.status_id, i.status_date, i.comment,
                   c.currency_id, o.item_currency_id, o.original, o.residual,
                   ROUND(o.residual * COALESCE(
                             m.amount_untaxed / NULLIF(m.amount_total, 0), 1),
                         cc.decimal_places) AS residual_untaxed,
                   o.residual_currency
              FROM dso_item i
              JOIN dso_account a ON a.id = i.account_id
              JOIN res_company c ON c.id = a.company_id
              JOIN res_currency cc ON cc.id = c.currency_id
              JOIN res_partner rp ON rp.id = a.partner_id
              JOIN account_move m ON m.id = i.move_id
              JOIN unnest(%(companies)s::int[], %(todays)s::date[])
                   AS t(company_id, today) ON t.company_id = a.company_id
        CROSS JOIN LATERAL (
                SELECT MIN(%(kind)s) AS kind,
                       MIN(COALESCE(m.invoice_date, m.date)) AS invoice_date,
                       MIN(COALESCE(l.date_maturity, l.invoice_date, l.date))
                           FILTER (WHERE l.amount_residual <> 0) AS due,
                       MIN(l.currency_id) AS item_currency_id,
                       SUM(l.balance) AS original,
                       SUM(l.amount_residual) AS residual,
                       SUM(l.amount_residual_currency) AS residual_currency
                  FROM account_move_line l
                  JOIN account_account aa ON aa.id = l.account_id
                   AND aa.account_type = 'asset_receivable'
                   AND aa.non_trade IS NOT TRUE
                  JOIN res_partner lp ON lp.id = l.partner_id
                   AND lp.commercial_partner_id = a.partner_id
                  JOIN account_move m ON m.id = l.move_id
                  JOIN account_journal j ON j.id = m.journal_id
                 WHERE l.move_id = i.move_id AND l.parent_state = 'posted'
                   ) o
             WHERE i.status_type = 'litigation' AND o.residual <> 0
            """,
            companies=roots.ids,
            todays=[company._dso_today() for company in roots],
            kind=KIND,
        )

    def action_open_account(self):
        """Open the customer record."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "dso.account",
            "res_id": self.account_id.id,
            "view_mode": "form",
            "name": self.account_id.display_name,
        }

    def action_litigation_file(self):
        """Ask for one archive per customer, with these items."""
        self.check_access("read")
        File = self.env["dso.litigation.file"]
        files = File.browse()
        for account, rows in self.grouped("account_id").items():
            files |= File._ask(account, rows.move_id)
        return files._show()
