"""Agree on a payment plan: several dated amounts on chosen items (rules.md §3.3)."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import formatLang

from ..models.dso_payment_plan import EVERY
from ..models.dso_promise import Schedule

#: More instalments than that are a loan.
MAX_INSTALMENTS = 60


class DsoPaymentPlanMake(models.TransientModel):
    _name = "dso.payment.plan.make"
    _description = "New Payment Plan"

    reply_id = fields.Many2one(
        "dso.reply", "Reply", readonly=True, help="In which the customer asked for it."
    )
    item_ids = fields.One2many("dso.wizard.item", "plan_make_id", "Open items")
    account_id = fields.Many2one("dso.account", "Customer", compute="_compute_chosen")
    company_id = fields.Many2one("res.company", compute="_compute_chosen")
    chosen_count = fields.Integer("Ticked", compute="_compute_chosen")
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_chosen",
        help="That of the ticked items; company currency where they have several.",
    )
    chosen_total = fields.Monetary("Open amount", compute="_compute_chosen")
    amount = fields.Monetary(
        "Amount of the plan",
        compute="_compute_amount",
        store=True,
        readonly=False,
        help="What the instalments add up to: the open amount, or a part of it.",
    )
    count = fields.Integer("Instalments", default=3, required=True)
    every = fields.Selection(
        EVERY,
        default="month",
        required=True,
    )
    first_date = fields.Date(
        "First payment",
        required=True,
        default=lambda self: self.env.company._dso_today() + timedelta(days=7),
    )
    instalment_ids = fields.One2many(
        "dso.payment.plan.make.line",
        "make_id",
        "Schedule",
        compute="_compute_instalment_ids",
        store=True,
        readonly=False,
    )
    planned_total = fields.Monetary("Sum", compute="_compute_planned_total")
    difference = fields.Monetary(compute="_compute_planned_total")
    status_id = fields.Many2one(
        "dso.status",
        "Status",
        required=True,
        default=lambda self: self._default_status_id(),
        domain="[('type', '=', 'promise_to_pay'),"
        " ('company_id', 'in', (False, company_id))]",
    )
    comment = fields.Text("Internal comment")
    confirm = fields.Boolean(
        "Confirm by e-mail",
        default=lambda self: self.env.user.has_group("dso_collection.group_collector"),
        help="The customer receives the schedule, in his language.",
    )
    recipient = fields.Char(compute="_compute_recipient")

    @api.model
    def _default_status_id(self):
        Status = self.env["dso.status"]
        shipped = self.env.ref(
            "dso_collection.status_payment_plan", raise_if_not_found=False
        )
        return (shipped and shipped.filtered("active")) or Status.search(
            [("type", "=", "promise_to_pay")], limit=1
        )

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if "item_ids" in fields_list and "item_ids" not in values:
            Item = self.env["dso.wizard.item"]
            chosen = Item._from_context()
            reply = self.env["dso.reply"].browse(values.get("reply_id"))
            if reply:
                chosen = reply._plan_items(chosen)
            if len(chosen) > 1:
                raise UserError(
                    self.env._(
                        "A payment plan concerns one customer: choose items of one"
                        " only."
                    )
                )
            values["item_ids"] = Item._commands(chosen)
        return values

    # -------------------------------------------------------------------------
    # COMPUTES
    # -------------------------------------------------------------------------

    @api.depends("item_ids.selected", "item_ids.account_id", "item_ids.move_id")
    def _compute_chosen(self):
        for wizard in self:
            account = wizard.item_ids.account_id[:1]
            chosen = wizard.item_ids.filtered("selected")
            company = account.company_id or self.env.company.root_id
            wizard.account_id = account
            wizard.company_id = company
            wizard.chosen_count = len(chosen)
            single = len(chosen.currency_id) == 1
            wizard.currency_id = chosen.currency_id if single else company.currency_id
            wizard.chosen_total = sum(
                chosen.mapped("amount" if single else "amount_company")
            )

    @api.depends("chosen_total")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = wizard.chosen_total

    @api.depends("amount", "count", "every", "first_date", "currency_id")
    def _compute_instalment_ids(self):
        """Equal parts; what rounding leaves is in the last one."""
        for wizard in self:
            commands = [Command.clear()]
            for date, amount in wizard._proposal():
                commands.append(Command.create({"date": date, "amount": amount}))
            wizard.instalment_ids = commands

    def _proposal(self):
        self.ensure_one()
        count = min(max(self.count, 0), MAX_INSTALMENTS)
        if not (count and self.first_date and self.amount > 0):
            return []
        currency = self.currency_id
        part = currency.round(self.amount / count)
        parts = [part] * (count - 1)
        parts.append(currency.round(self.amount - part * (count - 1)))
        step = {
            "week": {"weeks": 1},
            "fortnight": {"weeks": 2},
            "month": {"months": 1},
        }[self.every]
        return [
            (
                fields.Date.add(
                    self.first_date, **{unit: n * i for unit, n in step.items()}
                ),
                amount,
            )
            for i, amount in enumerate(parts)
        ]

    @api.depends("instalment_ids.amount", "amount")
    def _compute_planned_total(self):
        for wizard in self:
            wizard.planned_total = sum(wizard.instalment_ids.mapped("amount"))
            wizard.difference = wizard.amount - wizard.planned_total

    @api.depends("account_id")
    def _compute_recipient(self):
        for wizard in self:
            contact = wizard._confirmation_contact()
            wizard.recipient = contact.email

    def _confirmation_contact(self):
        """Who would receive the confirmation: whom any action of the account has."""
        self.ensure_one()
        if not self.account_id:
            return self.env["res.partner"]
        return self.env["dso.action"].new({"account_id": self.account_id.id}).contact_id

    # -------------------------------------------------------------------------
    # BUTTONS
    # -------------------------------------------------------------------------

    def action_make(self):
        """Qualify the ticked items, make one promise for each instalment and one
        follow-up, and confirm the plan to the customer.

        :raise UserError: without items, for dates or amounts that make no plan
        """
        self.ensure_one()
        self.env["account.move"]._dso_check_may_qualify()
        chosen = self.item_ids.filtered("selected")
        instalments = self._check_schedule(chosen)
        account = self.account_id
        account.check_access("read")
        plan = (
            self.env["dso.payment.plan"]
            .sudo()  # role and access checked just above
            .create(
                {
                    "account_id": account.id,
                    "user_id": self.env.uid,
                    "date": account.company_id._dso_today(),
                    "currency_id": self.currency_id.id,
                    "amount": self.amount,
                    "comment": self.comment,
                }
            )
        )
        done = chosen.move_id.with_context(
            dso_schedule=Schedule(plan, instalments)
        ).dso_qualify(
            self.status_id,
            self.comment or "",
            account=account,
            promise_date=instalments[0][0],
        )
        if self.reply_id:
            self.reply_id._plan_made(done)
        sent = self._confirm(plan, chosen) if self.confirm else False
        # two clicks are one: the second finds nothing ticked
        chosen.selected = False
        return sent or {"type": "ir.actions.act_window_close"}

    def _check_schedule(self, chosen):
        """The instalments in the order of their dates.

        :raise UserError: in words that say what is wrong
        """
        currency = self.currency_id
        if not chosen:
            raise UserError(self.env._("Tick at least one item."))
        if len(chosen.account_id) > 1:
            raise UserError(
                self.env._(
                    "A payment plan concerns one customer: choose items of one only."
                )
            )
        if currency.compare_amounts(self.chosen_total, 0) <= 0:
            raise UserError(
                self.env._("The ticked items owe nothing: tick invoices that do.")
            )
        if currency.compare_amounts(self.amount, self.chosen_total) > 0:
            raise UserError(
                self.env._(
                    "The plan is for %(amount)s, but the ticked items owe %(total)s.",
                    amount=self._words(self.amount),
                    total=self._words(self.chosen_total),
                )
            )
        lines = self.instalment_ids.sorted("date")
        if not lines or len(lines) > MAX_INSTALMENTS:
            raise UserError(
                self.env._("A plan has 1 to %s instalments.", MAX_INSTALMENTS)
            )
        today = self.company_id._dso_today()
        for line in lines:
            if currency.compare_amounts(line.amount, 0) <= 0:
                raise UserError(self.env._("Each instalment needs a positive amount."))
            if line.date < today:
                raise UserError(
                    self.env._("An instalment lies in the past: choose a later date.")
                )
        if len(set(lines.mapped("date"))) < len(lines):
            raise UserError(
                self.env._("Two instalments have the same date: add them up.")
            )
        if currency.compare_amounts(self.planned_total, self.amount):
            raise UserError(
                self.env._(
                    "The instalments add up to %(sum)s instead of %(amount)s.",
                    sum=self._words(self.planned_total),
                    amount=self._words(self.amount),
                )
            )
        return [(line.date, line.amount) for line in lines]

    def _words(self, amount):
        return formatLang(self.env, amount, currency_obj=self.currency_id)

    def _confirm(self, plan, chosen):
        """Send the schedule to the customer; where it cannot leave now, it waits in
        the agenda.

        :return: what tells the user, or None
        """
        self.env["dso.action"].check_access("create")
        model = self.env.ref(
            "dso_collection.model_plan_confirmation", raise_if_not_found=False
        )
        if not model:
            raise UserError(
                self.env._(
                    "The action library has no confirmation of payment plans any more:"
                    " create the plan without an e-mail."
                )
            )
        action = self.env["dso.action"].create(
            {
                "account_id": plan.account_id.id,
                "kind": "out_of_scenario",
                "action_model_id": model.id,
                "date": plan.date,
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
        first = plan.promise_ids.sorted("sequence")[:1]
        action._engine().write({"promise_id": first.id, "promise_date": first.date})
        try:
            with self.env.cr.savepoint():
                return action.action_send()
        except UserError as error:
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {
                    "type": "warning",
                    "sticky": True,
                    "message": self.env._(
                        "The plan is made; its confirmation waits in the agenda: %s",
                        error.args[0],
                    ),
                    "next": {"type": "ir.actions.act_window_close"},
                },
            }
