"""Holds: why an account rests, and the history of it (rules.md §10)."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from .dso_qualification import ENGINE

REASONS_TO_HOLD = [
    ("pause", "Paused"),
    ("insolvency", "Insolvency proceedings"),
    ("lawyer", "Represented by a lawyer"),
    ("direct_debit", "Direct debit mandate"),
    ("deceased", "Deceased"),
    ("key_account", "Key account"),
]
CHANNEL = "channel"
#: What may be noted on a row once it is written.
RELEASE_FIELDS = {"date_released", "released_by_id", "release_note"}


class DsoHold(models.Model):
    _name = "dso.hold"
    _description = "Hold"
    _order = "date_from desc, id desc"
    _rec_name = "reason"

    account_id = fields.Many2one(
        "dso.account", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="account_id.company_id", store=True)
    partner_id = fields.Many2one(related="account_id.partner_id", string="Customer")
    reason = fields.Selection(
        [*REASONS_TO_HOLD, (CHANNEL, "No contact by channel")],
        required=True,
        readonly=True,
    )
    date_from = fields.Date("Since", required=True, readonly=True)
    date_until = fields.Date("Until", readonly=True)
    opening_date = fields.Date("Opened on", readonly=True)
    lawyer_id = fields.Many2one(
        "res.partner", "Lawyer", readonly=True, ondelete="set null"
    )
    channels = fields.Char(readonly=True)
    note = fields.Char(readonly=True)
    user_id = fields.Many2one(
        "res.users", "Held by", readonly=True, ondelete="set null"
    )
    date_released = fields.Date("Released on", readonly=True)
    released_by_id = fields.Many2one(
        "res.users", "Released by", readonly=True, ondelete="set null"
    )
    release_note = fields.Char("Why released", readonly=True)
    active_now = fields.Boolean("In force", compute="_compute_active_now")

    @api.depends("date_released", "date_until", "company_id")
    def _compute_active_now(self):
        for hold in self:
            hold.active_now = not hold.date_released and (
                not hold.date_until or hold.date_until >= hold.company_id._dso_today()
            )

    def write(self, vals):
        if self.env.context.get("dso_engine") is not ENGINE or (
            set(vals) - RELEASE_FIELDS
        ):
            raise UserError(
                self.env._(
                    "The history of holds cannot be changed: put the customer on hold"
                    " anew, or release him."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        raise UserError(self.env._("The history of holds cannot be deleted."))
