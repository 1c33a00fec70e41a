"""What of late penalties and recovery costs was invoiced or waived."""

from odoo import api, fields, models


class DsoLateClaim(models.Model):
    """One claim of late costs on one item: nothing is invoiced twice.

    A claim counts while its invoice stands: a draft deleted, cancelled or reversed
    gives it back, and so does a line that is deleted from the draft. A waiver counts
    for good.
    """

    _name = "dso.late.claim"
    _description = "Late Cost Claim"
    _order = "id desc"
    _rec_name = "move_name"
    _check_company_auto = True

    account_id = fields.Many2one(
        "dso.account", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        related="account_id.company_id", store=True, index=True
    )
    partner_id = fields.Many2one(related="account_id.partner_id")
    currency_id = fields.Many2one(related="company_id.currency_id")
    move_id = fields.Many2one(
        "account.move", "Late item", index="btree_not_null", ondelete="set null"
    )
    move_name = fields.Char("Number", help="Kept when the entry is deleted.")
    penalty = fields.Monetary("Penalties")
    recovery = fields.Monetary("Recovery cost")
    date_until = fields.Date("Until", required=True, help="Last day that is claimed.")
    waived = fields.Boolean()
    invoice_id = fields.Many2one(
        "account.move", "Claimed with", index="btree_not_null", ondelete="set null"
    )
    penalty_line_id = fields.Many2one(
        "account.move.line",
        "Line of the penalties",
        index="btree_not_null",
        ondelete="set null",
    )
    recovery_line_id = fields.Many2one(
        "account.move.line",
        "Line of the recovery cost",
        index="btree_not_null",
        ondelete="set null",
    )
    reason = fields.Char()
    user_id = fields.Many2one("res.users", "By", required=True)
    date = fields.Datetime("Recorded on", required=True)
    state = fields.Selection(
        [
            ("draft", "Draft invoice"),
            ("invoiced", "Invoiced"),
            ("waived", "Waived"),
            ("given_back", "Given back"),
        ],
        compute="_compute_state",
    )

    @api.depends(
        "waived",
        "invoice_id.state",
        "invoice_id.payment_state",
        "penalty_line_id",
        "recovery_line_id",
    )
    def _compute_state(self):
        for claim in self:
            invoice = claim.invoice_id
            if claim.waived:
                claim.state = "waived"
            elif (
                not invoice
                or invoice.state == "cancel"
                or invoice.payment_state == "reversed"
                or not (claim.penalty_line_id or claim.recovery_line_id)
            ):
                claim.state = "given_back"
            else:
                claim.state = "draft" if invoice.state == "draft" else "invoiced"
