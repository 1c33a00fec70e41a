"""Plan a specific or an out-of-scenario action (rules.md §4)."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..models.dso_action_model import MODES


class DsoActionNew(models.TransientModel):
    _name = "dso.action.new"
    _description = "New Action"

    account_id = fields.Many2one("dso.account", "Customer", required=True)
    company_id = fields.Many2one(related="account_id.company_id")
    kind = fields.Selection(
        [
            ("specific", "Specific: on chosen items, which leave the scenario"),
            ("out_of_scenario", "Out of scenario: changes nothing else"),
        ],
        "Kind of action",
        required=True,
        default="out_of_scenario",
    )
    action_model_id = fields.Many2one(
        "dso.action.model",
        "Action",
        required=True,
        domain="[('company_id', 'in', (False, company_id))]",
    )
    name = fields.Char("Title", help="Empty: the name of the action.")
    mode = fields.Selection(
        MODES,
        compute="_compute_mode",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    resolver_id = fields.Many2one(
        "res.users", "Resolver", domain=[("share", "=", False)]
    )
    note = fields.Text("Internal note")
    item_ids = fields.One2many("dso.wizard.item", "new_action_id", "Open items")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        Item = self.env["dso.wizard.item"]
        chosen = Item._from_context()
        if chosen and not values.get("account_id"):
            account = next(iter(chosen))
            account = account.head_id or account
            if any((other.head_id or other) != account for other in chosen):
                raise UserError(
                    self.env._("An action concerns one customer: choose one only.")
                )
            values["account_id"] = account.id
        if "item_ids" in fields_list and chosen:
            values["item_ids"] = Item._commands(chosen)
        return values

    @api.depends("action_model_id")
    def _compute_mode(self):
        for wizard in self:
            wizard.mode = wizard.action_model_id.mode or "manual"

    def action_create(self):
        """Create the action and open it.

        :raise UserError: for a specific action without items
        """
        self.ensure_one()
        chosen = self.item_ids.filtered("selected")
        if self.kind == "specific" and not chosen:
            raise UserError(
                self.env._("A specific action concerns at least one item: tick it.")
            )
        action = self.env["dso.action"].create(
            {
                "account_id": self.account_id.id,
                "company_id": self.account_id.company_id.id,
                "kind": self.kind,
                "action_model_id": self.action_model_id.id,
                "name": self.name,
                "mode": self.mode,
                "date": self.date,
                "resolver_id": self.resolver_id.id,
                "note": self.note,
                "amount_claimed": sum(chosen.mapped("amount_company")),
                "line_ids": [
                    Command.create(
                        {
                            "account_id": item.account_id.id,
                            "move_id": item.move_id.id,
                            "move_name": item.name,
                            "due": item.due,
                            "currency_id": item.currency_id.id,
                            "amount": item.amount,
                            "amount_company": item.amount_company,
                        }
                    )
                    for item in chosen
                ],
            }
        )
        if self.kind == "specific":
            return {"type": "ir.actions.act_window_close"}
        return {
            "type": "ir.actions.act_window",
            "res_model": "dso.action",
            "res_id": action.id,
            "view_mode": "form",
        }
