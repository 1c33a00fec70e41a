"""The call screen: whom to call, what to say and ask for, what came out of it."""

from datetime import datetime, time

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

#: Contacts, promises and messages that are shown.
SHOWN = 5


class DsoCall(models.TransientModel):
    _name = "dso.call"
    _description = "Phone Call"

    account_id = fields.Many2one("dso.account", "Customer", required=True)
    action_id = fields.Many2one("dso.action", "Planned call")
    kind = fields.Selection(related="action_id.kind", string="Kind of action")
    dispute = fields.Boolean(related="action_id.dispute")
    company_id = fields.Many2one(related="account_id.company_id")
    currency_id = fields.Many2one(related="account_id.currency_id")
    amount_overdue = fields.Monetary(
        "Amount overdue", compute="_compute_amount_overdue"
    )
    account_note = fields.Text(related="account_id.note", string="Comment on top")
    number_ids = fields.Many2many(
        "res.partner", string="Numbers", compute="_compute_number_ids"
    )
    warning = fields.Char(compute="_compute_warning")
    unanswered = fields.Char(compute="_compute_unanswered")
    script = fields.Html(compute="_compute_script", sanitize=False)
    item_ids = fields.One2many("dso.wizard.item", "call_id", "Open items")
    chosen_count = fields.Integer("Ticked", compute="_compute_chosen")
    chosen_total = fields.Monetary("Total of ticked items", compute="_compute_chosen")
    promise_ids = fields.Many2many(
        "dso.promise", string="Broken promises", compute="_compute_before"
    )
    before_ids = fields.Many2many(
        "dso.action", string="Last contacts", compute="_compute_before"
    )
    notes = fields.Text("What was said")
    again_on = fields.Date(
        "Next try",
        compute="_compute_again_on",
        store=True,
        readonly=False,
        precompute=True,
    )
    again_at = fields.Float(
        "At", default=9.0, help="Hour of the day at which the customer is called back."
    )

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        account = self.env["dso.account"].browse(values.get("account_id"))
        if account and "item_ids" in fields_list:
            accounts = account | account.member_ids
            commands = self.env["dso.wizard.item"]._commands(
                {one: self._overdue_of(one) for one in accounts}
            )
            values["item_ids"] = commands
        return values

    @api.model
    def _overdue_of(self, account):
        """Ids of the entries of an account that are claimed and overdue."""
        today = account.company_id._dso_today()
        return {
            row["move_id"]
            for row in account._item_rows()
            if row["counts"] and row["claim"] > 0 and min(row["dues"]) < today
        }

    # -------------------------------------------------------------------------
    # COMPUTES
    # -------------------------------------------------------------------------

    @api.depends("account_id")
    def _compute_amount_overdue(self):
        for call in self:
            accounts = call.account_id | call.account_id.member_ids
            call.amount_overdue = sum(accounts.mapped("amount_overdue"))

    @api.depends("account_id", "action_id")
    def _compute_number_ids(self):
        """Who can be called: the recipient first, then the customer and his contacts;
        while a lawyer represents the customer, the lawyer only."""
        for call in self:
            account = call.account_id
            if account.hold_in_force and account.hold_reason == "lawyer":
                call.number_ids = account.hold_lawyer_id.filtered("phone")
                continue
            chosen = call.action_id.contact_id or account._recipients(
                channel="phone"
            ).get(account, self.env["res.partner"])
            others = account.partner_id | account.partner_id.child_ids
            found = (chosen | others).filtered("phone")
            call.number_ids = found[:SHOWN]

    @api.depends("account_id")
    def _compute_warning(self):
        for call in self:
            account = call.account_id
            parts = []
            if "phone" in account._closed_types():
                parts.append(self.env._("The customer is not to be called."))
            if account.hold_in_force:
                parts.append(account.hold_words)
            call.warning = " ".join(part for part in parts if part) or False

    @api.depends("account_id")
    def _compute_unanswered(self):
        for call in self:
            calls = self.env["dso.action"]._unanswered_calls(call.account_id)
            first = calls and format_date(self.env, min(calls.mapped("date_done")))
            if len(calls) == 1:
                call.unanswered = self.env._("Nobody answered on %s.", first)
            else:
                call.unanswered = bool(calls) and self.env._(
                    "%(count)s calls without an answer since %(date)s.",
                    count=len(calls),
                    date=first,
                )

    @api.depends("action_id")
    def _compute_script(self):
        for call in self:
            action = call.action_id
            own = action.kind != "out_of_scenario" or action.line_ids
            if call.account_id and (not action or not own):
                action = call._about_account()
            call.script = action._call_script() if action.action_model_id else False

    def _about_account(self):
        """A call about whatever the account owes now: what is planned outside the
        scenario without items takes its position when it is done, not before."""
        self.ensure_one()
        position = self.account_id._position()
        model = self.action_id.action_model_id or self._model_of_calls()
        return self.env["dso.action"].new(
            {
                "account_id": self.account_id.id,
                "company_id": self.company_id.id,
                "action_model_id": model.id,
                "amount_claimed": position["amount_claimed"],
                "leader_id": position["leader_id"],
                "leader_date": position["leader_date"],
            }
        )

    @api.depends("item_ids.selected")
    def _compute_chosen(self):
        for call in self:
            chosen = call.item_ids.filtered("selected")
            call.chosen_count = len(chosen)
            call.chosen_total = sum(chosen.mapped("amount_company"))

    @api.depends("account_id")
    def _compute_before(self):
        for call in self:
            accounts = call.account_id | call.account_id.member_ids
            mine = Domain("account_id", "in", accounts.ids)
            call.promise_ids = self.env["dso.promise"].search(
                mine & Domain("state", "in", ("broken", "partly")),
                order="date desc, id desc",
                limit=SHOWN,
            )
            call.before_ids = self.env["dso.action"].search(
                mine & Domain("state", "=", "done"),
                order="date_done desc, id desc",
                limit=SHOWN,
            )

    @api.depends("account_id")
    def _compute_again_on(self):
        for call in self:
            company = call.company_id
            call.again_on = company and company._dso_add_working_days(
                company._dso_today(), 1
            )

    # -------------------------------------------------------------------------
    # WHAT CAME OUT OF IT
    # -------------------------------------------------------------------------

    def action_reached(self):
        """Spoken with: the call is done, without a promise or a dispute.

        :return: the window that asks how a dispute ended, where it follows one up
        """
        call = self._check()
        if call.dispute:
            # it may stay a dispute: what was said is kept all the same
            self._note("reached")
            return call.action_complete()
        res = self._finish("reached")
        if isinstance(res, dict):
            return res
        return {"type": "ir.actions.act_window_close"}

    def action_promise(self):
        """A promise: the call is done, the ticked items are qualified."""
        return self._qualify("promise", "promise_to_pay")

    def action_dispute(self):
        """A dispute: the call is done, the ticked items are qualified."""
        return self._qualify("dispute", "dispute")

    def action_no_answer(self):
        """Nobody answered: the attempt is kept, the call comes back."""
        return self._again("no_answer")

    def action_call_back(self):
        """The customer asked to be called at another time."""
        return self._again("call_back")

    def _check(self):
        """Whether the user may do this call, and still can.

        :return: the planned action, locked and open; empty without one
        :raise AccessError: for another one's follow-up, or a call of a customer by
            somebody who is no collector
        """
        self.ensure_one()
        self.account_id.check_access("read")
        if self.action_id:
            if self.action_id.account_id != self.account_id:
                raise UserError(self.env._("This call is about another customer."))
            return self.action_id._lock_open()
        self.env["dso.action"]._check_collector()
        self.account_id.check_access("write")
        return self.env["dso.action"]

    def _model_of_calls(self):
        """The action model of a call that nobody planned.

        :raise UserError: when the library has none
        """
        self.ensure_one()
        model = self.action_id.action_model_id or self.env["dso.action.model"].search(
            [
                ("type", "=", "phone"),
                ("company_id", "in", (False, self.company_id.id)),
            ],
            limit=1,
        )
        if not model:
            raise UserError(
                self.env._(
                    "The action library has no phone call: a credit manager adds one"
                    " under Configuration, Action library."
                )
            )
        return model

    def _note(self, outcome):
        return self.action_id._note_call(  # checked by _check
            self.account_id, self._model_of_calls(), outcome, self.notes
        )

    def _finish(self, outcome):
        """The planned call is done by this one; without one it is noted."""
        if self.action_id:
            return self.action_id._call_done(outcome, self.notes)
        self._note(outcome)
        return True

    def _qualify(self, outcome, status_type):
        call = self._check()
        lines = self._chosen_lines()
        if not lines:
            raise UserError(
                self.env._("Tick the items that the customer spoke of, please.")
            )
        if call.kind == "specific":
            # its items are given another follow-up by their qualification
            self._note(outcome)
        else:
            self._finish(outcome)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "dso_collection.dso_qualify_action"
        )
        return {
            **action,
            "context": {
                "dialog_size": "extra-large",
                "active_model": "account.move.line",
                "active_ids": lines.ids,
                "active_id": lines[:1].id,
                "default_status_id": self._status(status_type).id,
                "default_comment": self.notes or False,
            },
        }

    def _status(self, status_type):
        """The status to start from; the user chooses."""
        company = self.company_id.sudo()  # its quick promise only
        quick = company.dso_quick_promise_status_id
        if quick.type == status_type and quick.active:
            return quick
        return self.env["dso.status"].search(
            [
                ("type", "=", status_type),
                ("company_id", "in", (False, self.company_id.id)),
            ],
            limit=1,
        )

    def _chosen_lines(self):
        """The receivable lines of the ticked items."""
        chosen = self.item_ids.filtered("selected")
        accounts = self.account_id | self.account_id.member_ids
        keys = {
            (item.account_id.partner_id, item.move_id)
            for item in chosen
            if item.account_id in accounts
        }
        lines = self.env["account.move.line"].search(
            Domain("move_id", "in", [move.id for _partner, move in keys])
            & Domain("account_id.account_type", "=", "asset_receivable")
        )
        return lines.filtered(
            lambda line: (line.partner_id.commercial_partner_id, line.move_id) in keys
        )

    def _again(self, outcome):
        call = self._check()
        if not self.again_on:
            raise UserError(self.env._("Choose the day of the next try."))
        if self.again_on < self.company_id._dso_today():
            raise UserError(self.env._("The day of the next try is over: choose one."))
        if not 0 <= self.again_at < 24:
            raise UserError(self.env._("A day has 24 hours: choose another hour."))
        self._note(outcome)
        if call:
            call.action_reschedule(self.again_on)
        else:
            call = self.env["dso.action"].create(
                {
                    "account_id": self.account_id.id,
                    "kind": "out_of_scenario",
                    "action_model_id": self._model_of_calls().id,
                    "mode": "manual",
                    "date": self.again_on,
                    "note": self.notes,
                }
            )
        if outcome == "call_back":
            call._engine().call_back_at = self._moment()
        return {"type": "ir.actions.act_window_close"}

    def _moment(self):
        """The agreed day and hour in the company's time zone, as naive UTC."""
        minutes = round(self.again_at * 60)
        local = datetime.combine(self.again_on, time(minutes // 60 % 24, minutes % 60))
        zone = self.company_id._dso_timezone()
        return zone.localize(local).astimezone(pytz.utc).replace(tzinfo=None)
