"""Plan a specific or an out-of-scenario action (rules.md §4)."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..channels import channel_of
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
    type = fields.Selection(related="action_model_id.type")
    date = fields.Date(required=True, default=fields.Date.context_today)
    reader = fields.Selection(
        [("customer", "The customer"), ("colleague", "A colleague")],
        "Written to",
        compute="_compute_reader",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        help="What is written to a colleague never leaves the company.",
    )
    lang = fields.Selection(
        lambda self: self.env["res.lang"].get_installed(),
        "Language",
        help="Empty: the language of the reader.",
    )
    own_partner_id = fields.Many2one(
        related="company_id.partner_id", string="Our company as a contact"
    )
    internal_contact_id = fields.Many2one(
        "res.partner",
        "Colleague without login",
        domain="[('commercial_partner_id', '=', own_partner_id),"
        " ('id', '!=', own_partner_id)]",
        help="A contact of our own company who reads it and answers on his page.",
    )
    resolver_id = fields.Many2one(
        "res.users",
        "Resolver",
        domain=[("share", "=", False)],
        help="The colleague who reads it, or who has to fix something.",
    )
    may_send = fields.Boolean(compute="_compute_may_send")
    chosen_count = fields.Integer("Ticked", compute="_compute_chosen")
    chosen_total = fields.Monetary(
        "Total of ticked items",
        compute="_compute_chosen",
        currency_field="company_currency_id",
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id")
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

    @api.depends("action_model_id")
    def _compute_reader(self):
        for wizard in self:
            internal = wizard.action_model_id.interactive == "internal"
            wizard.reader = "colleague" if internal else "customer"

    @api.depends("action_model_id", "date", "company_id")
    def _compute_may_send(self):
        """Whether it can leave at once, from this window."""
        for wizard in self:
            model = wizard.action_model_id
            wizard.may_send = bool(
                channel_of(model.type)
                and not model.formal_notice
                and wizard.company_id.sudo().dso_sending_active  # its switch only
                and wizard.date
                and wizard.date <= wizard.company_id._dso_today()
            )

    @api.depends("item_ids.selected")
    def _compute_chosen(self):
        for wizard in self:
            chosen = wizard.item_ids.filtered("selected")
            wizard.chosen_count = len(chosen)
            wizard.chosen_total = sum(chosen.mapped("amount_company"))

    def action_create(self):
        """Create the action and open it.

        :raise UserError: for a specific action without items, or a message to nobody
        """
        action = self._create_action()
        if self.kind == "specific":
            return {"type": "ir.actions.act_window_close"}
        return {
            "type": "ir.actions.act_window",
            "res_model": "dso.action",
            "res_id": action.id,
            "view_mode": "form",
        }

    def action_create_and_send(self):
        """Create the action and let it leave now; nothing stays when it cannot.

        :raise UserError: as :meth:`action_create`, and what ``action_send`` refuses
        """
        return self._create_action().action_send()

    def _create_action(self):
        self.ensure_one()
        internal = self.reader == "colleague"
        reader = self.resolver_id or self.internal_contact_id
        if internal and not reader and channel_of(self.type):
            raise UserError(
                self.env._("Choose the colleague who is to read it as its resolver.")
            )
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
                "interactive": self._interactive(),
                "own_lang": not internal and self.lang,
                "date": self.date,
                "resolver_id": self.resolver_id.id,
                "internal_contact_id": internal and self.internal_contact_id.id,
                "note": self.note,
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
        claimed = sum(chosen.mapped("amount_company"))
        action._engine().write({"amount_claimed": claimed})
        return action

    def _interactive(self):
        """Interactivity of the action: that of its model, within what its reader may
        see."""
        of_model = self.action_model_id.interactive or "no"
        if self.reader == "colleague":
            return "internal"
        return "no" if of_model == "internal" else of_model
