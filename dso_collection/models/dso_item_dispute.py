"""Disputes as they stand: one row per disputed item, with its age and amount."""

from odoo import api, fields, models
from odoo.tools import SQL


class DsoItem(models.Model):
    _inherit = "dso.item"

    partner_id = fields.Many2one(related="account_id.partner_id", string="Customer")
    collector_id = fields.Many2one(related="account_id.collector_id")
    dispute_date = fields.Date(
        related="qualification_id.dispute_date", string="Disputed since"
    )
    dispute_age = fields.Integer(
        "Age",
        compute="_compute_dispute_age",
        aggregator=None,
        help="Days since the dispute began.",
    )
    open_company = fields.Monetary(
        "Open",
        compute="_compute_open",
        currency_field="company_currency_id",
        aggregator="sum",
        help="In company currency.",
    )
    dispute_company = fields.Monetary(
        "In dispute",
        compute="_compute_open",
        currency_field="company_currency_id",
        aggregator="sum",
        help="What of the open amount is disputed, in company currency.",
    )
    due = fields.Date(related="move_id.invoice_date_due", string="Due date")

    @api.depends("status_type", "status_date", "qualification_id.dispute_date")
    def _compute_dispute_age(self):
        for item in self:
            since = item.dispute_date or item.status_date
            item.dispute_age = (
                (item.company_id._dso_today() - since).days
                if item.status_type == "dispute" and since
                else 0
            )

    @api.depends("move_id.amount_residual", "disputed_company")
    def _compute_open(self):
        self.env["account.move.line"].flush_model()
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT i.id, %s, %s FROM dso_item i WHERE i.id = ANY(%s)",
                self._field_to_sql("i", "open_company"),
                self._field_to_sql("i", "dispute_company"),
                self.ids,
            )
        )
        amounts = {row[0]: row[1:] for row in rows}
        for item in self:
            item.open_company, item.dispute_company = amounts.get(item.id, (0, 0))

    def _field_to_sql(self, alias, field_expr, query=None):
        """What is open and what of it is disputed stands in the ledger."""
        if field_expr not in ("open_company", "dispute_company"):
            return super()._field_to_sql(alias, field_expr, query)
        residual = SQL(
            """
            (SELECT COALESCE(SUM(l.amount_residual), 0)
               FROM account_move_line l
               JOIN account_account aa ON aa.id = l.account_id
                AND aa.account_type = 'asset_receivable'
                AND aa.non_trade IS NOT TRUE
               JOIN res_partner p ON p.id = l.partner_id
               JOIN dso_account a ON a.partner_id = p.commercial_partner_id
              WHERE a.id = %(account)s AND l.move_id = %(move)s
                AND l.parent_state = 'posted')
            """,
            account=SQL.identifier(alias, "account_id"),
            move=SQL.identifier(alias, "move_id"),
        )
        if field_expr == "open_company":
            return residual
        return SQL(
            """
            (CASE WHEN %(type)s IS DISTINCT FROM 'dispute' THEN 0
                  WHEN %(part)s > 0 THEN LEAST(%(part)s, %(residual)s)
                  ELSE %(residual)s END)
            """,
            type=SQL.identifier(alias, "status_type"),
            part=SQL.identifier(alias, "disputed_company"),
            residual=residual,
        )

    def action_close_dispute(self):
        """Ask how these disputes ended."""
        self.check_access("read")
        self.env["account.move"]._dso_check_may_qualify()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "dso_collection.dso_dispute_close_action"
        )
        return {
            **action,
            "context": {
                "active_model": self._name,
                "active_ids": self.ids,
                "dialog_size": "large",
            },
        }

    def action_open_account(self):
        """Open the customer record."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "dso.account",
            "res_id": self.account_id.id,
            "view_mode": "form",
            "name": self.partner_id.display_name,
        }
