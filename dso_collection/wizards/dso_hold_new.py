"""Put customers on hold: one window for every reason (rules.md §10)."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.dso_hold import REASONS_TO_HOLD


class DsoHoldNew(models.TransientModel):
    _name = "dso.hold.new"
    _description = "Put On Hold"

    account_ids = fields.Many2many("dso.account", string="Customers", required=True)
    account_count = fields.Integer(compute="_compute_account_count")
    reason = fields.Selection(REASONS_TO_HOLD, required=True, default="pause")
    until = fields.Date(help="Last day of the hold; empty: no end.")
    opening_date = fields.Date(
        "Opened on", help="Invoices issued from this day on are collected as usual."
    )
    lawyer_id = fields.Many2one(
        "res.partner", "Lawyer", help="The only one to be written to meanwhile."
    )
    note = fields.Char(help="For colleagues only.")
    effect = fields.Char(compute="_compute_effect")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        context = self.env.context
        if (
            context.get("active_model") == "dso.account"
            and "account_ids" in fields_list
        ):
            accounts = self.env["dso.account"].browse(context.get("active_ids") or [])
            values["account_ids"] = [fields.Command.set(accounts.ids)]
            if len(accounts) == 1 and accounts.hold_reason:
                values.update(
                    reason=accounts.hold_reason,
                    until=accounts.hold_until,
                    opening_date=accounts.hold_opening_date,
                    lawyer_id=accounts.hold_lawyer_id.id,
                    note=accounts.hold_note,
                )
        return values

    @api.depends("account_ids")
    def _compute_account_count(self):
        for wizard in self:
            wizard.account_count = len(wizard.account_ids)

    @api.depends("reason", "opening_date", "lawyer_id")
    def _compute_effect(self):
        for wizard in self:
            wizard.effect = (
                self.env["dso.account"]
                .new(
                    {
                        "hold_reason": wizard.reason,
                        "hold_opening_date": wizard.opening_date,
                        "hold_lawyer_id": wizard.lawyer_id.id,
                    }
                )
                ._hold_sentence()
            )

    def action_apply(self):
        """Put the customers on hold.

        :raise UserError: for an insolvency without its day, a lawyer without a name,
            an end in the past
        """
        self.ensure_one()
        self.account_ids.check_access("write")
        if self.reason == "insolvency" and not self.opening_date:
            raise UserError(
                self.env._(
                    "Enter the day on which the proceedings were opened: what was"
                    " issued before is left out, later invoices are collected."
                )
            )
        if self.reason == "lawyer" and not self.lawyer_id:
            raise UserError(
                self.env._("Enter the lawyer: he is the only one to be written to.")
            )
        for company in self.account_ids.company_id:
            if self.until and self.until < company._dso_today():
                raise UserError(
                    self.env._("The hold would be over already: choose a later day.")
                )
        self.account_ids.write(
            {
                "hold_reason": self.reason,
                "hold_until": self.until,
                "hold_note": self.note,
                "hold_opening_date": self.reason == "insolvency" and self.opening_date,
                "hold_lawyer_id": self.reason == "lawyer" and self.lawyer_id.id,
            }
        )
        return {"type": "ir.actions.act_window_close"}
