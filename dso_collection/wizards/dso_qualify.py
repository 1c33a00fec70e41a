"""Qualify open items: status, comment, and what happens next (rules.md §3.3)."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class DsoQualify(models.TransientModel):
    _name = "dso.qualify"
    _description = "Qualify Items"

    item_ids = fields.One2many("dso.wizard.item", "qualify_id", "Open items")
    all_overdue = fields.Boolean("Tick all overdue items", store=False)
    company_id = fields.Many2one("res.company", compute="_compute_chosen")
    company_currency_id = fields.Many2one("res.currency", compute="_compute_chosen")
    several_accounts = fields.Boolean(compute="_compute_chosen")
    chosen_count = fields.Integer("Ticked", compute="_compute_chosen")
    chosen_total = fields.Monetary(
        "Total of ticked items",
        compute="_compute_chosen",
        currency_field="company_currency_id",
    )
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_chosen",
        help="Currency of the one ticked item.",
    )
    status_id = fields.Many2one(
        "dso.status",
        "Status",
        required=True,
        domain="[('company_id', 'in', (False, company_id))]",
    )
    status_type = fields.Selection(related="status_id.type")
    status_date = fields.Date(required=True, default=fields.Date.context_today)
    promise_date = fields.Date("Promised for")
    promise_in_past = fields.Boolean(compute="_compute_promise_in_past")
    promise_amount = fields.Monetary(
        "Promised amount", help="In the item's currency; 0 = all of it."
    )
    disputed_amount = fields.Monetary(
        "Disputed amount",
        help="In the item's currency; 0 = all of it. The rest of a partly disputed item"
        " stays claimed.",
    )
    resolver_id = fields.Many2one(
        "res.users",
        "Resolver",
        domain=[("share", "=", False)],
        help="Who must fix it.",
    )
    comment = fields.Text("Internal comment")
    follow_up = fields.Selection(
        [
            ("status", "As the status says"),
            ("scenario", "Let the scenario continue"),
            ("chosen", "Choose an action"),
        ],
        "Next reminder",
        required=True,
        default="status",
    )
    follow_up_text = fields.Char(compute="_compute_follow_up_text")
    action_model_id = fields.Many2one(
        "dso.action.model",
        "Action",
        compute="_compute_action",
        store=True,
        readonly=False,
        domain="[('company_id', 'in', (False, company_id))]",
    )
    follow_up_date = fields.Date(
        "On", compute="_compute_action", store=True, readonly=False
    )

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if "item_ids" in fields_list and "item_ids" not in values:
            Item = self.env["dso.wizard.item"]
            values["item_ids"] = Item._commands(Item._from_context())
        return values

    @api.onchange("all_overdue")
    def _onchange_all_overdue(self):
        """Ticks only: opening the form runs this, too, and must keep what the caller
        ticked."""
        if self.all_overdue:
            self.item_ids.filtered(lambda item: item.days_late > 0).selected = True

    # -------------------------------------------------------------------------
    # COMPUTES
    # -------------------------------------------------------------------------

    @api.depends("item_ids.selected", "item_ids.account_id", "item_ids.move_id")
    def _compute_chosen(self):
        for wizard in self:
            accounts = wizard.item_ids.account_id
            chosen = wizard.item_ids.filtered("selected")
            company = accounts[:1].company_id or self.env.company.root_id
            wizard.company_id = company
            wizard.company_currency_id = company.currency_id
            wizard.several_accounts = len(accounts) > 1
            wizard.chosen_count = len(chosen)
            wizard.chosen_total = sum(chosen.mapped("amount_company"))
            wizard.currency_id = chosen.currency_id if len(chosen) == 1 else False

    @api.depends("promise_date", "company_id")
    def _compute_promise_in_past(self):
        for wizard in self:
            wizard.promise_in_past = bool(wizard.promise_date) and (
                wizard.promise_date < wizard.company_id._dso_today()
            )

    @api.depends("status_id", "status_date", "promise_date")
    def _compute_action(self):
        """What the status says, to start from (Q1, Q2)."""
        for wizard in self:
            status = wizard.status_id
            model = status._follow_up_model() if status else status.action_model_id
            wizard.action_model_id = model or wizard.action_model_id
            start = wizard.status_date or fields.Date.context_today(wizard)
            wizard.follow_up_date = (
                status.type == "promise_to_pay" and wizard.promise_date
            ) or fields.Date.add(start, days=status.delay)

    @api.depends("status_id", "status_date", "promise_date", "follow_up")
    def _compute_follow_up_text(self):
        for wizard in self:
            status = wizard.status_id
            model = status._follow_up_model() if status else status.action_model_id
            if not status:
                wizard.follow_up_text = False
            elif not model:
                wizard.follow_up_text = self.env._(
                    "%s starts no follow-up: the scenario continues.", status.name
                )
            elif status.type == "promise_to_pay" and not wizard.promise_date:
                wizard.follow_up_text = self.env._(
                    "%s on the promised date; the items leave the scenario until then.",
                    model.name,
                )
            else:
                start = wizard.status_date or fields.Date.context_today(wizard)
                date = (
                    status.type == "promise_to_pay" and wizard.promise_date
                ) or fields.Date.add(start, days=status.delay)
                wizard.follow_up_text = self.env._(
                    "%(action)s on %(date)s; the items leave the scenario until then.",
                    action=model.name,
                    date=format_date(self.env, date),
                )

    # -------------------------------------------------------------------------
    # BUTTONS
    # -------------------------------------------------------------------------

    def action_qualify(self):
        """Qualify the ticked items, one call per account.

        :raise UserError: when no item is ticked, or an amount stands for several
        """
        self.ensure_one()
        chosen = self.item_ids.filtered("selected")
        if not chosen:
            raise UserError(self.env._("Tick at least one item."))
        single = len(chosen) == 1
        for account, items in chosen.grouped("account_id").items():
            items.move_id.dso_qualify(
                self.status_id,
                self.comment or "",
                account=account,
                status_date=self.status_date,
                promise_date=self.promise_date,
                promise_amount=self.promise_amount if single else None,
                disputed_amount=self.disputed_amount if single else None,
                resolver=self.resolver_id,
                follow_up=self._follow_up_values(),
            )
        return {"type": "ir.actions.act_window_close"}

    def _follow_up_values(self):
        """The follow-up as ``dso_qualify`` wants it."""
        self.ensure_one()
        if self.follow_up == "scenario":
            return False
        if self.follow_up == "status":
            return None
        if not (self.action_model_id and self.follow_up_date):
            raise UserError(self.env._("Choose the action and its date."))
        return {
            "action_model_id": self.action_model_id.id,
            "mode": self.action_model_id.mode,
            "interactive": self.action_model_id.interactive,
            "date": self.follow_up_date,
        }
