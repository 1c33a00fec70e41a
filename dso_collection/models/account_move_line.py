"""Marks of journal items for the evaluation, and collection columns of the statement."""

from odoo import api, fields, models

GROUP = "dso_collection.group_viewer"
RELEVANT = {
    "date_maturity",
    "no_followup",
    "partner_id",
    "account_id",
    "amount_currency",
    "balance",
    "debit",
    "credit",
}


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    dso_kind = fields.Selection(
        [
            ("invoice", "Invoice"),
            ("credit_note", "Credit note"),
            ("payment", "Payment"),
            ("miscellaneous", "Miscellaneous"),
        ],
        "Item type",
        compute="_compute_dso_kind",
        groups=GROUP,
    )
    dso_days_late = fields.Integer(
        "Days late", compute="_compute_dso_days_late", groups=GROUP
    )
    dso_status_id = fields.Many2one(related="move_id.dso_status_id", groups=GROUP)
    dso_status_type = fields.Selection(related="move_id.dso_status_type", groups=GROUP)
    dso_comment = fields.Text(related="move_id.dso_comment", groups=GROUP)
    dso_promise_date = fields.Date(related="move_id.dso_promise_date", groups=GROUP)
    dso_resolver_id = fields.Many2one(related="move_id.dso_resolver_id", groups=GROUP)
    dso_starred = fields.Boolean(related="move_id.dso_starred", groups=GROUP)
    dso_ignored = fields.Boolean(related="move_id.dso_ignored", groups=GROUP)

    @api.depends("move_id.move_type", "move_id.origin_payment_id", "statement_line_id")
    def _compute_dso_kind(self):
        for line in self:
            move = line.move_id
            if move.move_type in ("out_invoice", "out_receipt"):
                line.dso_kind = "invoice"
            elif move.move_type == "out_refund":
                line.dso_kind = "credit_note"
            elif move.move_type == "entry" and move.journal_id.sudo().dso_opening:
                line.dso_kind = "invoice"  # sudo: one flag of the line's own journal
            elif move.origin_payment_id or line.statement_line_id:
                line.dso_kind = "payment"
            else:
                line.dso_kind = "miscellaneous"

    @api.depends("date_maturity", "amount_residual")
    def _compute_dso_days_late(self):
        for line in self:
            due = line.date_maturity or line.invoice_date or line.date
            open_debit = due and line.amount_residual > 0 and not line.reconciled
            line.dso_days_late = (
                max((line.company_id._dso_today() - due).days, 0) if open_debit else 0
            )

    def write(self, vals):
        relevant = RELEVANT & set(vals)
        if "partner_id" in relevant:
            self.env["dso.dirty"]._mark(partners=self.partner_id.ids)
        res = super().write(vals)
        if relevant:
            self.env["dso.dirty"]._mark(moves=self.move_id.ids)
        return res
