"""The agenda: scenario, specific and out-of-scenario actions."""

import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from .dso_action_model import MODES, TYPES
from .dso_qualification import ENGINE

OPEN_STATES = ("planned", "error")
#: Fields that stay as they are once an action is done or cancelled.
HISTORY_FIELDS = {
    "account_id",
    "company_id",
    "kind",
    "state",
    "mode",
    "confirmed",
    "date",
    "date_forced",
    "date_done",
    "action_model_id",
    "type",
    "step_id",
    "leader_id",
    "leader_account_id",
    "leader_date",
    "amount_claimed",
    "outcome",
    "name",
    "note",
    "user_done_id",
    "line_ids",
    "own_subject",
    "own_body",
    "own_contact_id",
    "own_lang",
    "own_attachment_ids",
    "also_to_ids",
    "copy_user_ids",
    "call_outcome",
}
#: Fields that only the verbs of an action write.
BUTTON_FIELDS = {
    "kind",
    "state",
    "confirmed_amount",
    "date_forced",
    "date_done",
    "date_closed",
    "user_done_id",
    "cause",
    "delivery",
    "sent_by_id",
    "sent_at",
    "retry_at",
    "delivery_settled",
    "cycle_before",
    "own_amount",
    "own_date",
    "own_items",
    "preparing",
    "send_when_ready_id",
    "letter_id",
    "release_id",
    "release_used",
    "fallback_of_id",
    "type",
    "by_hand",
    "leader_id",
    "leader_account_id",
    "leader_date",
    "amount_claimed",
    "problem",
    "error_detail",
    "sent_to_id",
    "left_on",
    "retry_count",
    "delivered_at",
    "sms_message_id",
    "share_of_id",
    "share_contact_id",
    "promise_id",
    "promise_date",
    "promise_amount",
    "promise_means",
    "dispute",
    "confirmed_by_id",
    "confirmed_at",
    "priority",
    "worklist",
}
#: Why an action was cancelled.
CAUSES = [
    ("settled", "Settled"),
    ("leader_changed", "Another invoice leads"),
    ("scenario_changed", "Scenario changed"),
    ("step_changed", "Step changed"),
    ("hold", "Account on hold"),
    ("no_scenario", "No scenario"),
    ("empty_scenario", "Scenario without actions"),
    ("no_leader", "Nothing to chase"),
    ("nothing_to_collect", "Credits cover the balance"),
    ("below_minimum", "Below the minimum amount"),
    ("credit_covers", "Credit covers the overdue"),
    ("end_of_scenario", "End of scenario"),
    ("grouped", "Collected with its head account"),
    ("skipped", "Skipped"),
    ("user", "Cancelled by a user"),
    ("kept", "Promise kept"),
    ("superseded", "Replaced by a later qualification"),
    ("undone", "Qualification undone"),
    ("merged", "Customer merged"),
    ("reply", "A reply came in before it left"),
    ("release_lapsed", "Not what was released any more"),
    ("reached", "Reached another way"),
]
PROBLEMS = [
    ("no_template", "The action model has no text"),
    ("no_contact", "No collection contact defined"),
    ("no_email", "The collection contact has no e-mail address"),
    ("no_phone", "The collection contact has no phone number"),
    ("no_address", "The customer has no postal address"),
    ("invalid_email", "The e-mail address of the collection contact is not valid"),
    ("blocked_address", "The e-mail address is on the blacklist"),
    ("invalid_phone", "The phone number of the collection contact is not valid"),
    ("blocked_phone", "The phone number is on the blacklist"),
    ("no_fax", "The collection contact has no fax number"),
    ("invalid_fax", "The fax number of the collection contact is not valid"),
    ("no_gateway", "No fax gateway is set up for the company"),
    ("empty_text", "Its text is empty"),
    ("no_resolver", "Nobody is to receive this internal message"),
    ("no_sender", "Nobody has an e-mail address to send from"),
    ("no_channel", "The customer is not to be contacted this way"),
    ("no_lawyer", "The customer's lawyer is not known"),
    ("text_outdated", "What is owed changed since its text was written"),
    ("too_large", "Its files are too large for an e-mail"),
    ("no_documents", "One of its files could not be made"),
    ("not_released", "A person with the right has not released it"),
    ("nothing_claimed", "Nothing is claimed from the customer now"),
    ("not_sent", "It could not be sent"),
]


def _past_the_buttons(vals):
    """Whether a new action would have what only the verbs of an action give."""
    vals = dict(vals)
    return (
        vals.pop("kind", False) == "scenario"
        or vals.pop("state", "planned") != "planned"
        or any(vals.get(name) for name in (*BUTTON_FIELDS, "confirmed"))
    )


class DsoAction(models.Model):
    _name = "dso.action"
    _description = "Collection Action"
    _inherit = ["mail.thread"]
    _order = "date, id"
    _rec_names_search = ["account_id.partner_id", "leader_id", "name"]
    _check_company_auto = True

    name = fields.Char(help="Empty: the name of its step, else of its model.")
    account_id = fields.Many2one(
        "dso.account", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, index=True)
    partner_id = fields.Many2one(related="account_id.partner_id", string="Customer")
    collector_id = fields.Many2one(related="account_id.collector_id")
    client_type_id = fields.Many2one(related="account_id.client_type_id")
    payment_profile_id = fields.Many2one(related="account_id.payment_profile_id")
    payment_profile_color = fields.Integer(
        related="payment_profile_id.color", string="Colour of the profile"
    )
    scenario_id = fields.Many2one(related="account_id.scenario_id")
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(
        [
            ("scenario", "Scenario"),
            ("specific", "Specific"),
            ("out_of_scenario", "Out of scenario"),
        ],
        required=True,
        default="out_of_scenario",
    )
    state = fields.Selection(
        [
            ("planned", "Planned"),
            ("error", "Problem"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="planned",
    )
    action_model_id = fields.Many2one(
        "dso.action.model",
        "Action model",
        required=True,
        ondelete="restrict",
        check_company=True,
    )
    type = fields.Selection(TYPES, compute="_compute_type", store=True, precompute=True)
    mode = fields.Selection(
        MODES,
        compute="_compute_mode",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    interactive = fields.Selection(
        [
            ("no", "Plain"),
            ("customer", "Interactive"),
            ("internal", "Internal interactive"),
        ],
        compute="_compute_interactive",
        store=True,
        readonly=False,
        precompute=True,
    )
    confirmed = fields.Boolean(copy=False)
    by_hand = fields.Boolean(
        readonly=True,
        copy=False,
        help="Automatic by its step, but done by hand: the customer is a key account.",
    )
    confirmed_amount = fields.Monetary(copy=False)
    date = fields.Date(required=True, default=fields.Date.context_today)
    date_forced = fields.Date(
        "Re-dated to", readonly=True, help="Chosen by a person; empty: by the scenario."
    )
    date_done = fields.Date("Done on", readonly=True, copy=False)
    date_closed = fields.Date("Closed on", readonly=True, copy=False)
    user_done_id = fields.Many2one("res.users", "Done by", readonly=True, copy=False)
    step_id = fields.Many2one(
        "dso.scenario.step", readonly=True, index="btree_not_null", ondelete="set null"
    )
    leader_id = fields.Many2one(
        "account.move", "Leader invoice", readonly=True, ondelete="set null"
    )
    leader_account_id = fields.Many2one(
        "dso.account", readonly=True, ondelete="set null"
    )
    leader_date = fields.Date("Leader due date", readonly=True)
    line_ids = fields.One2many("dso.action.line", "action_id", "Items")
    move_ids = fields.Many2many(
        "account.move",
        compute="_compute_move_ids",
        search="_search_move_ids",
        string="Item documents",
    )
    resolver_id = fields.Many2one("res.users", index="btree_not_null")
    promise_date = fields.Date("Promise date", readonly=True)
    promise_id = fields.Many2one(
        "dso.promise",
        "Promise",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The promise that it follows up; of a payment plan, the first instalment"
        " that is not settled.",
    )
    dispute = fields.Boolean(
        readonly=True, help="Follow-up of a dispute: done means resolved."
    )
    amount_claimed = fields.Monetary(
        "Claimed",
        readonly=True,
        help="What is claimed, in company currency: overdue instalments less credits,"
        " without disputed, starred and litigation items.",
    )
    amount_overdue = fields.Monetary(
        "Overdue",
        compute="_compute_amount_overdue",
        aggregator="sum",
        help="Of the account and of those grouped under it.",
    )
    problem = fields.Selection(PROBLEMS, readonly=True)
    error_detail = fields.Text(readonly=True)
    error = fields.Text("Problem in words", compute="_compute_error")
    cause = fields.Selection(CAUSES, "Cancelled because", readonly=True)
    delivery = fields.Selection(
        [
            ("queued", "Queued"),
            ("sent", "Sent"),
            ("failed", "Failed"),
            ("bounced", "Bounced"),
            ("unknown", "Unknown"),
        ],
        readonly=True,
        help="What became of what left.",
    )
    outcome = fields.Char(help="What came out of it, in a few words.")
    note = fields.Text("Internal note")

    # === Shown in the agenda === #
    star = fields.Boolean(compute="_compute_star", help="Takes its items out.")
    days_late = fields.Integer("Days late", compute="_compute_days_late")
    due_state = fields.Selection(
        [("late", "Late"), ("today", "Today"), ("upcoming", "Upcoming")],
        "Due",
        compute="_compute_due_state",
        search="_search_due_state",
        group_expand=True,
    )
    colour = fields.Selection(
        [
            ("yellow", "Problem"),
            ("green", "Confirmed"),
            ("red", "To do"),
            ("blue", "Upcoming"),
            ("white", "To confirm"),
        ],
        compute="_compute_colour",
        search="_search_colour",
    )
    explanation = fields.Char("Why", compute="_compute_explanation")

    _one_scenario_proposal = models.UniqueIndex(
        "(account_id) WHERE kind = 'scenario' AND state IN ('planned', 'error')",
        "An account has at most one open scenario action.",
    )
    # the agenda: open actions by date
    _agenda_idx = models.Index("(date, id) WHERE state IN ('planned', 'error')")
    # the stars of an evaluation
    _specific_idx = models.Index(
        "(account_id) WHERE kind = 'specific' AND state IN ('planned', 'error')"
    )
    # where an item stopped (entry of a restart)
    _led_idx = models.Index("(leader_id) WHERE kind = 'scenario' AND state = 'done'")
    # the history, latest first
    _closed_idx = models.Index(
        "(date_closed DESC, id DESC) WHERE state IN ('done', 'cancelled')"
    )
    # history of an account
    _history_idx = models.Index("(account_id, date_done) WHERE state = 'done'")

    # -------------------------------------------------------------------------
    # COMPUTES
    # -------------------------------------------------------------------------

    @api.depends("name", "step_id.name", "action_model_id.name")
    def _compute_display_name(self):
        for action in self:
            action.display_name = (
                action.name
                or action.step_id.display_name
                or action.action_model_id.name
                or ""
            )

    # One compute for each: what is given beside the model must not keep the others.

    @api.depends("action_model_id")
    def _compute_type(self):
        for action in self:
            action.type = action.action_model_id.type

    @api.depends("action_model_id")
    def _compute_mode(self):
        for action in self:
            action.mode = action.action_model_id.mode

    @api.depends("action_model_id")
    def _compute_interactive(self):
        for action in self:
            action.interactive = action.action_model_id.interactive

    @api.depends("line_ids.move_id")
    def _compute_move_ids(self):
        for action in self:
            action.move_ids = action.line_ids.move_id

    def _search_move_ids(self, operator, value):
        if operator not in ("in", "any"):
            return NotImplemented
        return [("line_ids.move_id", operator, value)]

    @api.depends("kind", "state")
    def _compute_star(self):
        for action in self:
            action.star = action.kind == "specific" and action.state in OPEN_STATES

    def _todays(self):
        """{company: its today} of the companies of these actions."""
        return {company: company._dso_today() for company in self.company_id}

    @api.depends("leader_date", "state", "line_ids.due")
    def _compute_days_late(self):
        todays = self._todays()
        for action in self:
            due = action.leader_date or min(
                filter(None, action.line_ids.mapped("due")), default=False
            )
            today = todays[action.company_id]
            action.days_late = (today - due).days if due else 0

    @api.depends("date", "state")
    def _compute_due_state(self):
        todays = self._todays()
        for action in self:
            today = todays[action.company_id]
            action.due_state = (
                False
                if action.state not in OPEN_STATES or not action.date
                else "late"
                if action.date < today
                else "today"
                if action.date == today
                else "upcoming"
            )

    def _search_due_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        domains = []
        for company in self.env.companies.root_id:
            today = company._dso_today()
            by_state = {
                "late": Domain("date", "<", today),
                "today": Domain("date", "=", today),
                "upcoming": Domain("date", ">", today),
            }
            domains.append(
                Domain("company_id", "=", company.id)
                & Domain.OR(by_state[key] for key in value if key in by_state)
            )
        return Domain.OR(domains) & Domain("state", "in", OPEN_STATES)

    @api.depends("state", "mode", "confirmed", "date", "delivery", "delivery_settled")
    def _compute_colour(self):
        """The colours of the agenda (rules.md §5): yellow > green > red > white; what
        a person does later is blue."""
        for action in self:
            automatic = action.mode in ("auto", "auto_confirm")
            if action.state not in OPEN_STATES:
                action.colour = "yellow" if action.undelivered else False
            elif action.state == "error":
                action.colour = "yellow"
            elif automatic and (action.confirmed or action.mode == "auto"):
                action.colour = "green"
            elif action.due_state in ("late", "today"):
                action.colour = "red"
            else:
                action.colour = "white" if automatic else "blue"

    def _search_colour(self, operator, value):
        if operator != "in":
            return NotImplemented
        green = Domain("mode", "=", "auto") | (
            Domain("mode", "=", "auto_confirm") & Domain("confirmed", "=", True)
        )
        planned = Domain("state", "=", "planned")
        upcoming = planned & Domain("due_state", "in", ("upcoming",))
        domains = {
            "yellow": Domain("state", "=", "error"),
            "green": planned & green,
            "red": planned & ~green & Domain("due_state", "in", ("late", "today")),
            "blue": upcoming & Domain("mode", "=", "manual"),
            "white": upcoming & ~green & Domain("mode", "!=", "manual"),
        }
        return Domain.OR(domains[key] for key in value if key in domains)

    @api.depends("problem", "error_detail", "state")
    def _compute_error(self):
        labels = dict(self._fields["problem"]._description_selection(self.env))
        for action in self:
            parts = [labels.get(action.problem, ""), action.error_detail or ""]
            action.error = (
                ": ".join(part for part in parts if part)
                if action.state in ("error", "done")
                else False
            ) or False

    @api.depends("leader_id", "leader_date", "step_id", "date", "date_forced")
    def _compute_explanation(self):
        """Why this action, on this day, in words (rules.md L3-L6, L11)."""
        for action in self:
            if action.kind != "scenario":
                action.explanation = action.note or ""
                continue
            step = action.step_id
            if step.base == "last_action":
                when = self.env._("%s days after the last action", step.days)
            elif step.days < 0:
                when = self.env._("%s days before the due date", -step.days)
            else:
                when = self.env._("%s days after the due date", step.days)
            account = action.account_id
            parts = [
                self.env._(
                    "Leader %(invoice)s, due %(date)s",
                    invoice=action._leader_name() or "?",
                    date=format_date(self.env, action.leader_date),
                ),
                f"{action.display_name}: {when}",
            ]
            if account.last_done_date and action.state in OPEN_STATES:
                parts.append(
                    self.env._(
                        "last action %s", format_date(self.env, account.last_done_date)
                    )
                )
            if action.date_forced:
                parts.append(self.env._("re-dated by a person"))
            action.explanation = "; ".join(parts)

    def _leader_name(self):
        """Number of the leader; empty when it is of a branch that the user does not
        work in: accounts are those of all branches."""
        self.ensure_one()
        return self.leader_id._filtered_access("read").name

    # -------------------------------------------------------------------------
    # CONSTRAINTS, CRUD
    # -------------------------------------------------------------------------

    @api.constrains("mode", "action_model_id")
    def _check_released_by_person(self):
        for action in self:
            action.action_model_id._check_mode(action.mode)

    @api.constrains("resolver_id")
    def _check_resolver(self):
        """What is written to a resolver stays inside: he is a colleague."""
        for action in self:
            if action.resolver_id.sudo().share:  # whether he is a colleague only
                raise ValidationError(
                    self.env._(
                        "%s is no colleague: choose an internal user as resolver.",
                        action.resolver_id.sudo().name,  # whom the caller has named
                    )
                )

    @api.constrains("kind", "line_ids")
    def _check_items(self):
        for action in self:
            if action.kind == "specific" and not action.line_ids:
                raise ValidationError(
                    self.env._(
                        "A specific action concerns at least one item: choose the items"
                        " of %s, or plan an out-of-scenario action.",
                        action.account_id.display_name,
                    )
                )

    def _engine(self):
        """These actions with the right to write what users may not."""
        return self.with_context(dso_engine=ENGINE)

    @api.model_create_multi
    def create(self, vals_list):
        engine = self.env.context.get("dso_engine") is ENGINE
        # whoever names a default names a value
        defaults = {} if engine else self.default_get([*BUTTON_FIELDS, "confirmed"])
        for vals in vals_list:
            if not engine and _past_the_buttons({**defaults, **vals}):
                raise UserError(
                    self.env._(
                        "Scenario actions are proposed by the evaluation, and actions"
                        " are closed by their buttons: create a specific or an"
                        " out-of-scenario action, planned."
                    )
                )
            if vals.get("account_id"):
                # switch, hours and letterhead are those of its account's company
                vals["company_id"] = (
                    self.env["dso.account"].browse(vals["account_id"]).company_id.id
                )
        actions = super().create(vals_list)
        specific = actions.filtered(lambda a: a.kind == "specific")
        if specific:
            specific.account_id._mark_dirty()
        return actions

    def copy_data(self, default=None):
        """A copy that a user makes has nothing of what the verbs have written."""
        values = super().copy_data(default)
        if self.env.context.get("dso_engine") is ENGINE:
            return values
        dropped = BUTTON_FIELDS - {"kind", "state"} - set(default or ())
        return [{k: v for k, v in row.items() if k not in dropped} for row in values]

    def write(self, vals):
        if self.env.context.get("dso_engine") is ENGINE:
            return super().write(vals)
        closed = self.filtered(lambda a: a.state not in OPEN_STATES)
        if closed and HISTORY_FIELDS & set(vals):
            raise UserError(
                self.env._(
                    "%s is closed: its history cannot be changed. Plan a new action"
                    " instead.",
                    closed[0].display_name,
                )
            )
        scenario = self.filtered(lambda a: a.kind == "scenario")
        if scenario and {
            "account_id",
            "step_id",
            "leader_id",
            "action_model_id",
        } & set(vals):
            raise UserError(
                self.env._(
                    "A scenario action is what its step says. Skip it and plan another"
                    " action, or change the scenario."
                )
            )
        if BUTTON_FIELDS & set(vals) or vals.get("confirmed"):
            raise UserError(
                self.env._(
                    "Use the buttons Confirm, Done, Skip or Cancel: they check what"
                    " they do."
                )
            )
        if {"account_id", "company_id"} & set(vals):
            raise UserError(
                self.env._(
                    "An action stays with its customer: cancel it and plan a new one."
                )
            )
        if "date" in vals:
            vals = dict(vals)
            self.action_reschedule(fields.Date.to_date(vals.pop("date")))
        if {"action_model_id", "mode", "interactive"} & set(vals):
            # what was confirmed is not what would leave now (L17)
            vals = {"confirmed": False, **vals}
        return super().write(vals) if vals else True

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        raise UserError(
            self.env._(
                "Actions are the history of an account and cannot be deleted: cancel"
                " them instead."
            )
        )

    # -------------------------------------------------------------------------
    # BUSINESS METHODS
    # -------------------------------------------------------------------------

    def _lock_rows(self):
        """Lock accounts, then actions (the one lock order), open or not."""
        self.check_access("write")
        self.flush_recordset()
        accounts = self.account_id.ids
        self.env.execute_query(
            SQL(
                "SELECT id FROM dso_account WHERE id = ANY(%s) ORDER BY id"
                " FOR NO KEY UPDATE",
                accounts,
            )
        )
        self.env.execute_query(
            SQL(
                "SELECT id FROM dso_action WHERE id = ANY(%s) ORDER BY id"
                " FOR NO KEY UPDATE",
                self.ids,
            )
        )

    def _lock_open(self):
        """Lock accounts and actions; check that all are open.

        :raise UserError: when one was closed meanwhile
        """
        self._lock_rows()
        closed = self.filtered(lambda a: a.state not in OPEN_STATES)
        if closed:
            raise UserError(
                self.env._(
                    "%(action)s for %(customer)s is already closed (%(state)s).",
                    action=closed[0].display_name,
                    customer=closed[0].partner_id.display_name,
                    state=dict(self._fields["state"]._description_selection(self.env))[
                        closed[0].state
                    ],
                )
            )
        return self

    @api.model
    def _check_collector(self):
        """What leaves, and what the scenario does next, is decided by collectors; a
        resolver drives his follow-ups (rules.md §10)."""
        if not self.env.su and not self.env.user.has_group(
            "dso_collection.group_collector"
        ):
            raise AccessError(
                self.env._("Only collectors do this: ask the customer's collector.")
            )

    def action_done(self):
        """Complete actions (rules.md L10, §4).

        A scenario step advances its account's cycle; a specific action gives its
        items back to the scenario, and closes their dispute if it follows one up;
        an out-of-scenario action only enters the history.
        """
        self._lock_open()
        scenario = self.filtered(lambda a: a.kind == "scenario")
        scenario._keep_items()
        for company, actions in self.grouped("company_id").items():
            today = company._dso_today()
            actions._engine().write(
                {
                    "state": "done",
                    "date_done": today,
                    "date_closed": today,
                    "user_done_id": self.env.uid,
                    "problem": False,
                }
            )
            for step, group in (actions & scenario).grouped("step_id").items():
                # write access checked by the lock
                group.account_id.sudo()._step_done(step, today)
            for action in actions.filtered(lambda a: a.kind == "specific"):
                action._release_items(today)
        return True

    def action_skip(self):
        """Skip proposed steps: the scenario goes on, the interval does not (L10)."""
        self._check_collector()
        self._lock_open()
        for action in self:
            if action.kind != "scenario":
                raise UserError(
                    self.env._(
                        "Only scenario actions can be skipped; complete or cancel %s.",
                        action.display_name,
                    )
                )
        for action in self:
            action._close_cancelled("skipped")
            action.account_id.sudo()._step_skipped(  # write access checked by the lock
                action.step_id
            )
        return True

    def action_cancel(self):
        """Cancel actions. Items of a specific one re-enter the scenario, their
        disputes stay disputes (rules.md §4); a scenario step is proposed anew."""
        self._lock_open()
        for action in self:
            action._close_cancelled("user")
            if action.kind == "specific":
                action._release_items(action.company_id._dso_today(), resolve=False)
            action.account_id._mark_dirty()
        return True

    @api.private
    def action_reschedule(self, date):
        """Move actions to another day (rules.md L11).

        A confirmation falls when the action moves earlier (L17).

        :param date: the new date
        :raise UserError: without a date
        """
        if not date:
            raise UserError(self.env._("An action needs a date."))
        date = fields.Date.to_date(date)
        self._lock_open()
        for action in self:
            action._engine().write(
                {
                    "date": date,
                    "date_forced": date,
                    "confirmed": action.confirmed and date >= action.date,
                }
            )
            if action.kind == "scenario":
                action.account_id.sudo()._redate(  # write access checked by the lock
                    action.step_id, date
                )
        return True

    def _close_cancelled(self, cause):
        for action in self:
            action._engine().write(
                {
                    "state": "cancelled",
                    "cause": cause,
                    "confirmed": False,
                    "date_closed": action.company_id._dso_today(),
                }
            )

    def _cancel_when_released(self, cause):
        """Cancel the open ones of these that have no item left, in one statement."""
        if not self:
            return
        self.env["dso.action.line"].flush_model()
        self.flush_model()
        todays = {c.id: c._dso_today() for c in self.company_id}
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE dso_action a
                   SET state = 'cancelled', cause = %(cause)s, confirmed = FALSE,
                       date_closed = t.today, write_uid = %(uid)s,
                       write_date = now() AT TIME ZONE 'UTC'
                  FROM unnest(%(companies)s::int[], %(todays)s::date[])
                       AS t(company_id, today)
                 WHERE a.id = ANY(%(ids)s) AND a.state IN ('planned', 'error')
                   AND a.company_id = t.company_id
                   AND NOT EXISTS (SELECT 1 FROM dso_action_line l
                                    WHERE l.action_id = a.id
                                      AND l.released IS NOT TRUE)
             RETURNING a.id
                """,
                cause=cause,
                uid=self.env.uid,
                companies=list(todays),
                todays=list(todays.values()),
                ids=self.ids,
            )
        )
        closed = self.browse(row[0] for row in rows)
        names = ["state", "cause", "confirmed", "date_closed"]
        closed.invalidate_recordset(flush=False)
        closed.modified(names)

    @api.model
    def _insert_planned(self, rows):
        """Plan actions with their items, specific ones unless told otherwise: two
        statements for any number.

        The ORM would need a query for each hundred items. Called behind a check.

        :param rows: list of dicts of column values, all with the same keys; under
            ``lines`` the list of dicts of their dso.action.line, likewise
        :return: the new actions
        """
        if not rows:
            return self.browse()
        fixed = {
            "kind": "specific",
            "state": "planned",
            "confirmed": False,
            "delivery_settled": False,
        }
        ids = self._insert_rows(
            "dso_action",
            [
                {
                    **fixed,
                    **{
                        name: None
                        if value is False and self._fields[name].type != "boolean"
                        else value
                        for name, value in row.items()
                        if name != "lines"
                    },
                }
                for row in rows
            ],
        )
        # one statement returns its rows in the order of its values
        lines = [
            {**line, "action_id": action, "released": False, "claimed": False}
            for action, row in zip(ids, rows, strict=True)
            for line in row["lines"]
        ]
        self._insert_rows("dso_action_line", lines)
        actions = self.browse(ids)
        actions._check_released_by_person()
        self.env["dso.action.line"].invalidate_model(flush=False)
        self.env["dso.account"].invalidate_model(
            ["action_ids", "open_action_ids"], flush=False
        )
        self.env["account.move"].invalidate_model(
            ["dso_starred", "dso_action_line_ids"], flush=False
        )
        actions.account_id._mark_dirty()
        return actions

    def _insert_rows(self, table, rows):
        names = list(rows[0])
        return [
            row[0]
            for row in self.env.execute_query(
                SQL(
                    """
                    INSERT INTO %(table)s (
                           %(names)s, create_uid, create_date, write_uid, write_date)
                    SELECT %(names)s, %(uid)s, now() AT TIME ZONE 'UTC',
                           %(uid)s, now() AT TIME ZONE 'UTC'
                      FROM jsonb_populate_recordset(NULL::%(table)s, %(rows)s)
                 RETURNING id
                    """,
                    table=SQL.identifier(table),
                    names=SQL(", ").join(SQL.identifier(name) for name in names),
                    uid=self.env.uid,
                    rows=json.dumps(rows, default=str),
                )
            )
        ]

    def _release_items(self, date, resolve=True):
        """The items of a closed specific action re-enter the scenario (rules.md §4).

        :param date: day of re-entry (L15)
        :param resolve: items of a dispute follow-up become *Dispute resolved* (Q6)
        """
        self.ensure_one()
        lines = self.line_ids.filtered(lambda line: not line.released and line.move_id)
        disputed = self.env["account.move"]
        if resolve and self.dispute:
            items = self.env["dso.item"].search(
                Domain("move_id", "in", lines.move_id.ids)
                & Domain("account_id", "in", lines.account_id.ids)
                & Domain("status_type", "=", "dispute")
            )
            keys = {(item.move_id, item.account_id) for item in items}
            for account in lines.account_id:
                disputed = lines.filtered(
                    lambda line, a=account: line.account_id == a
                    and (line.move_id, a) in keys
                ).move_id
                if disputed:
                    disputed._dso_resolve_dispute(account)
        self.env["dso.item"].sudo()._reenter(  # the action's own items
            [(line.move_id.id, line.account_id.id) for line in lines], date
        )
        lines._engine().released = True
        (self.account_id | lines.account_id)._mark_dirty()

    def _claims(self, row, due, today):
        """Whether an instalment is claimed: overdue, or the one that leads and falls
        due; credits are deducted whatever their date (rules.md L12)."""
        return (
            due < today
            or row["claim"] < 0
            or (row["move_id"] == self.leader_id.id and due == self.leader_date)
        )

    # -------------------------------------------------------------------------
    # BUTTONS
    # -------------------------------------------------------------------------

    def action_change_resolver(self):
        """Give its items another resolver or comment, at any time (rules.md §3.3)."""
        self.ensure_one()
        self.check_access("read")
        self.env["account.move"]._dso_check_may_qualify()
        return self.env["dso.item.edit"]._open(self)

    def action_open_account(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "dso.account",
            "res_id": self.account_id.id,
            "view_mode": "form",
            "name": self.partner_id.display_name,
        }
