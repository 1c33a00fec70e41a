"""Qualify open items in three steps: status, e-mail, next reminder (rules.md §3.3)."""

import hashlib

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import SQL, format_date, html2plaintext

from ..models.dso_action_model import AUTOMATIC_TYPES, MODES
from ..models.dso_qualification import PROMISE_MEANS

#: Statuses whose items leave the scenario by default.
FOLLOWED_UP = ("promise_to_pay", "dispute")


class DsoQualify(models.TransientModel):
    """One window for what a customer said of some items: it stays open until all of
    them are qualified. Nothing leaves that its user has not seen."""

    _name = "dso.qualify"
    _description = "Qualify Items"

    step = fields.Selection(
        [("status", "Status"), ("email", "E-mail"), ("next", "Next reminder")],
        required=True,
        default="status",
    )
    item_ids = fields.One2many("dso.wizard.item", "qualify_id", "Open items")
    all_overdue = fields.Boolean("Tick all overdue items", store=False)
    company_id = fields.Many2one("res.company", compute="_compute_chosen")
    company_currency_id = fields.Many2one("res.currency", compute="_compute_chosen")
    several_accounts = fields.Boolean(compute="_compute_chosen")
    several_chosen = fields.Boolean(
        "Items of several customers", compute="_compute_chosen"
    )
    chosen_count = fields.Integer("Ticked", compute="_compute_chosen")
    chosen_total = fields.Monetary(
        "Total of ticked items",
        compute="_compute_chosen",
        currency_field="company_currency_id",
    )
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_chosen",
        help="The one currency of the ticked items.",
    )
    reply_id = fields.Many2one("dso.reply", "Reply", readonly=True)
    reply_body = fields.Text(related="reply_id.body", string="What was said")
    situations_text = fields.Text("What was chosen", compute="_compute_situations")
    more_situations = fields.Boolean(compute="_compute_situations")
    done_ids = fields.Many2many(
        "dso.qualification",
        string="Qualified last",
        help="What the last Validate wrote, to be undone by one click.",
    )
    done_text = fields.Char(compute="_compute_done_text")

    # === 1 Status === #
    status_id = fields.Many2one(
        "dso.status",
        "Status",
        domain="[('company_id', 'in', (False, company_id))]",
        help="May stay empty when a specific action on some items is all you want.",
    )
    status_type = fields.Selection(related="status_id.type")
    status_date = fields.Date(
        "Status date", required=True, default=fields.Date.context_today
    )
    promise_date = fields.Date("Promised for")
    promise_in_past = fields.Boolean(compute="_compute_promise_in_past")
    promise_amount = fields.Monetary(
        "Promised amount",
        help="In the currency of the ticked items, the oldest ones first; 0 = all that"
        " is open.",
    )
    promise_means = fields.Selection(PROMISE_MEANS, "Means of payment")
    disputed_amount = fields.Monetary(
        "Disputed amount",
        help="In the item's currency; 0 = all of it. The rest of a partly disputed item"
        " stays claimed.",
    )
    resolver_id = fields.Many2one(
        "res.users",
        "Resolver",
        domain=[("share", "=", False)],
        compute="_compute_resolver_id",
        store=True,
        readonly=False,
        help="Who must fix it.",
    )
    resolver_by_item = fields.Boolean(
        compute="_compute_resolver_by_item",
        help="The status names a resolver for each item; choose one for all of them.",
    )
    comment = fields.Text("Internal comment")
    attachment_ids = fields.Many2many("ir.attachment", string="Files")

    # === 2 E-mail === #
    may_write = fields.Boolean(compute="_compute_may_write")
    sending_off = fields.Boolean(compute="_compute_sending_off")
    email_to = fields.Selection(
        [
            ("none", "No e-mail"),
            ("customer", "To the customer"),
            ("colleague", "To a colleague"),
        ],
        "E-mail",
        required=True,
        compute="_compute_email_to",
        store=True,
        readonly=False,
    )
    colleague_id = fields.Many2one(
        "res.users",
        "Colleague",
        domain=[("share", "=", False)],
        compute="_compute_colleague_id",
        store=True,
        readonly=False,
    )
    email_model_id = fields.Many2one(
        "dso.action.model",
        "Text",
        compute="_compute_email_model_id",
        store=True,
        readonly=False,
        domain="[('company_id', 'in', (False, company_id)), ('type', '=', 'email'),"
        " ('template_id', '!=', False),"
        " ('interactive', '=' if email_to == 'colleague' else '!=', 'internal')]",
    )
    email_recipient = fields.Char("To", readonly=True)
    email_subject = fields.Char("Subject")
    email_body = fields.Html("Message")
    email_filled = fields.Text(help="Key of what the text was filled from.")
    email_written = fields.Text(help="The text as it was filled, to know it again.")
    email_stale = fields.Boolean()
    email_refill = fields.Boolean("Fill the text in again", store=False)
    email_attachment_ids = fields.Many2many(
        "ir.attachment", "dso_qualify_email_file", string="Files of the e-mail"
    )

    # === 3 Next reminder === #
    follow_up = fields.Selection(
        [
            ("scenario", "Let the scenario continue"),
            ("action", "Create a specific action"),
        ],
        "Next reminder",
        required=True,
        compute="_compute_follow_up",
        store=True,
        readonly=False,
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
    action_type = fields.Selection(
        related="action_model_id.type", string="Type of the action"
    )
    follow_up_date = fields.Date(
        "On", compute="_compute_follow_up_date", store=True, readonly=False
    )
    follow_up_mode = fields.Selection(
        MODES, "Mode", compute="_compute_action", store=True, readonly=False
    )
    may_be_automatic = fields.Boolean(compute="_compute_may_be_automatic")
    follow_up_to = fields.Selection(
        [("customer", "To the customer"), ("internal", "To the resolver")],
        "Goes",
        compute="_compute_action",
        store=True,
        readonly=False,
    )

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if "item_ids" in fields_list and "item_ids" not in values:
            Item = self.env["dso.wizard.item"]
            values["item_ids"] = Item._commands(Item._from_context())
        if values.get("reply_id"):
            values.update(self._from_reply(values))
        return values

    @api.model
    def _from_reply(self, values):
        """What the author of a reply chose, as a proposal; several situations one
        after the other. What the caller proposes itself stands."""
        reply = self.env["dso.reply"].browse(values["reply_id"])
        if values.get("status_id"):
            return {}
        lines = reply._next_situation()
        if lines:
            found = self._of_situation(lines)
            ids = set(lines.move_id.ids)
            for command in values.get("item_ids") or []:
                if command[0] == Command.CREATE:
                    command[2]["selected"] = command[2]["move_id"] in ids
            return {
                name: value for name, value in found.items() if not values.get(name)
            }
        found = {}
        if reply.proposed_type:
            status = self.env["dso.reply.line"]._status_of(
                reply.proposed_type, None, reply.company_id
            )
            found["status_id"] = status.id
        if reply.proposed_promise_date and not values.get("promise_date"):
            found["promise_date"] = reply.proposed_promise_date
        return found

    @api.model
    def _of_situation(self, lines):
        """Values of the window for answers that share a situation."""
        first = lines[0]
        amount = sum(lines.mapped("amount")) if len(lines.currency_id) == 1 else 0
        details = lines._words() if first.said == "paid" else False
        comment = "\n".join(filter(None, [details, first.reply_id.body]))
        return {
            "status_id": lines._proposed_status().id,
            "promise_date": first.promise_date,
            "promise_amount": amount if first.said == "promise" else 0,
            "disputed_amount": amount
            if first.said == "disputed" and len(lines) == 1
            else 0,
            "comment": comment or False,
        }

    # -------------------------------------------------------------------------
    # COMPUTES
    # -------------------------------------------------------------------------

    @api.onchange("all_overdue")
    def _onchange_all_overdue(self):
        """Ticks only: opening the form runs this, too, and must keep what the caller
        ticked."""
        if self.all_overdue:
            self.item_ids.filtered(lambda item: item.days_late > 0).selected = True

    @api.depends("item_ids.selected", "item_ids.account_id", "item_ids.move_id")
    def _compute_chosen(self):
        for wizard in self:
            accounts = wizard.item_ids.account_id
            chosen = wizard.item_ids.filtered("selected")
            company = accounts[:1].company_id or self.env.company.root_id
            wizard.company_id = company
            wizard.company_currency_id = company.currency_id
            wizard.several_accounts = len(accounts) > 1
            wizard.several_chosen = len(chosen.account_id) > 1
            wizard.chosen_count = len(chosen)
            wizard.chosen_total = sum(chosen.mapped("amount_company"))
            currencies = chosen.currency_id
            wizard.currency_id = currencies if len(currencies) == 1 else False

    @api.depends("done_ids")
    def _compute_done_text(self):
        for wizard in self:
            done = wizard.done_ids
            wizard.done_text = bool(done) and self.env._(
                "%(count)s qualified: %(status)s.",
                count=len(done),
                status=done[:1].status_id.name,
            )

    @api.depends("reply_id", "item_ids.selected", "done_ids")
    def _compute_situations(self):
        """What a page's author chose, one line a situation: done, or still open."""
        for wizard in self:
            chosen = wizard.item_ids.filtered("selected").move_id
            texts, more = [], False
            reply = wizard.reply_id
            for situation in reply._situations() if reply else []:
                lines = situation["lines"]
                waits = lines.filtered(lambda line: line._is_open())
                more = more or bool(waits.move_id - chosen._origin)
                mark = "✓" if lines and not waits else "•"
                items = situation["items"]
                words = situation["words"]
                texts.append(
                    f"{mark} {words} ({items})" if items else f"{mark} {words}"
                )
            wizard.situations_text = "\n".join(texts)
            wizard.more_situations = more

    @api.depends("promise_date", "company_id")
    def _compute_promise_in_past(self):
        for wizard in self:
            wizard.promise_in_past = bool(wizard.promise_date) and (
                wizard.promise_date < wizard.company_id._dso_today()
            )

    @api.depends("status_id")
    def _compute_resolver_id(self):
        """Who fixes it by the rule of the status, where it names one user for all."""
        for wizard in self:
            if wizard.status_id.resolver_rule in ("user", "invoice", "customer"):
                users = wizard._resolvers()
                wizard.resolver_id = users if len(users) == 1 else False
            else:
                wizard.resolver_id = wizard.resolver_id

    @api.depends("status_id", "item_ids.selected")
    def _compute_resolver_by_item(self):
        for wizard in self:
            wizard.resolver_by_item = len(wizard._resolvers()) > 1

    def _resolvers(self):
        """The users that the status names for the ticked items."""
        status, chosen = self.status_id, self._chosen()
        return {
            "user": status.resolver_id,
            "invoice": chosen.move_id.invoice_user_id,
            "customer": chosen.account_id.partner_id.user_id,
        }.get(status.resolver_rule, self.env["res.users"])

    @api.depends_context("uid")
    def _compute_may_write(self):
        self.may_write = self.env.user.has_group("dso_collection.group_collector")

    @api.depends("company_id")
    def _compute_sending_off(self):
        for wizard in self:
            root = wizard.company_id.sudo()  # own company's switch
            wizard.sending_off = not root.dso_sending_active

    @api.depends("resolver_id", "item_ids.account_id")
    def _compute_email_to(self):
        """A colleague who must fix it is told, unless the user thinks otherwise."""
        for wizard in self:
            known = wizard.email_to or "none"
            alone = len(wizard.item_ids.account_id) <= 1
            if wizard.resolver_id and known == "none" and alone:
                mine = wizard.resolver_id == self.env.user
                wizard.email_to = "none" if mine or wizard.sending_off else "colleague"
            elif known == "colleague" and not wizard.resolver_id:
                wizard.email_to = "none"
            else:
                wizard.email_to = known

    @api.depends("resolver_id")
    def _compute_colleague_id(self):
        for wizard in self:
            wizard.colleague_id = wizard.resolver_id or wizard.colleague_id

    @api.depends("status_id", "email_to")
    def _compute_email_model_id(self):
        for wizard in self:
            wizard.email_model_id = wizard.email_to not in (
                False,
                "none",
            ) and wizard.status_id._email_model(wizard.email_to)

    @api.depends("status_id")
    def _compute_follow_up(self):
        for wizard in self:
            status = wizard.status_id
            followed = status and (status.type in FOLLOWED_UP or status.action_model_id)
            wizard.follow_up = "action" if followed or not status else "scenario"

    @api.depends("status_id")
    def _compute_action(self):
        """What the status says, to start from (Q1, Q3)."""
        for wizard in self:
            status = wizard.status_id
            model = status._follow_up_model() if status else status.action_model_id
            wizard.action_model_id = model or wizard.action_model_id
            wizard._propose_mode()

    @api.onchange("action_model_id")
    def _onchange_action_model_id(self):
        self._propose_mode()

    def _propose_mode(self):
        status, model = self.status_id, self.action_model_id
        own = status and model == status._follow_up_model()
        self.follow_up_mode = (
            (own and status.action_model_id and status.mode) or model.mode or "manual"
        )
        internal = (own and status.internal_interactive) or (
            model.interactive == "internal"
        )
        self.follow_up_to = "internal" if internal else "customer"

    @api.depends("action_model_id")
    def _compute_may_be_automatic(self):
        for wizard in self:
            model = wizard.action_model_id
            wizard.may_be_automatic = (
                model.type in AUTOMATIC_TYPES and not model.formal_notice
            )

    @api.depends("status_id", "status_date", "promise_date")
    def _compute_follow_up_date(self):
        """Days of the status from its date; a promise on its own day (Q1, Q2)."""
        for wizard in self:
            status = wizard.status_id
            start = wizard.status_date or fields.Date.context_today(wizard)
            if status.type == "promise_to_pay" and wizard.promise_date:
                company = wizard.company_id.sudo()  # one setting of its root
                offset = company.dso_promise_follow_up_offset
                wizard.follow_up_date = fields.Date.add(
                    wizard.promise_date, days=offset
                )
            else:
                wizard.follow_up_date = fields.Date.add(start, days=status.delay)

    @api.depends("status_id", "follow_up", "action_model_id", "follow_up_date")
    def _compute_follow_up_text(self):
        for wizard in self:
            status, model = wizard.status_id, wizard.action_model_id
            follow_up = wizard.follow_up == "action" or status.type == "dispute"
            if not status:
                wizard.follow_up_text = False
            elif not (follow_up and model):
                wizard.follow_up_text = self.env._(
                    "%s starts no follow-up: the scenario continues.", status.name
                )
            elif status.type == "promise_to_pay" and not wizard.promise_date:
                wizard.follow_up_text = self.env._(
                    "%s on the promised date; the items leave the scenario until then.",
                    model.name,
                )
            else:
                wizard.follow_up_text = self.env._(
                    "%(action)s on %(date)s; the items leave the scenario until then.",
                    action=model.name,
                    date=format_date(self.env, wizard.follow_up_date),
                )

    # -------------------------------------------------------------------------
    # THE TEXT OF THE E-MAIL
    # -------------------------------------------------------------------------

    @api.onchange("step", "email_to", "email_model_id", "colleague_id", "email_refill")
    def _onchange_email(self):
        """Fill the text once its step is reached; what a person wrote in it stays."""
        if self.step != "email":
            return
        if self.email_to in (False, "none"):
            self.email_recipient = False
            return
        if self.email_to == "colleague" and not self.colleague_id:
            return
        key = self._email_key()
        if key == self.email_filled and not self.email_refill:
            return
        if self._email_kept() and not self.email_refill:
            self.email_stale = True
            return
        self._fill_email(key)

    def _email_key(self):
        """What the text depends on, in one line: reader and text first."""
        chosen = self._chosen()
        facts = "/".join(
            str(fact)
            for fact in (
                sorted(item.move_id.id or item.move_id._origin.id for item in chosen),
                self.status_id.id,
                self.promise_date,
                self.promise_amount,
                self.promise_means,
                self.disputed_amount,
                self.comment if self.email_to == "colleague" else "",
            )
        )
        digest = hashlib.sha256(facts.encode()).hexdigest()
        reader = self.colleague_id.id if self.email_to == "colleague" else ""
        return f"{self.email_to}/{self.email_model_id.id}/{reader}|{digest}"

    def _fill_email(self, key=None):
        """Render the proposed text as its reader would see it.

        It is rendered on an action that exists for the time of the rendering only, so
        that it knows the same placeholders as any other text.
        """
        self.email_stale = self.email_refill = False
        chosen = self._chosen()
        if (
            not (chosen and self.email_model_id.template_id)
            or len(chosen.account_id) != 1
        ):
            return
        self._check_may_read(chosen)
        self.env.flush_all()
        Action = self.env["dso.action"]
        savepoint = self.env.cr.savepoint(flush=False)
        try:
            # drafted for a user who may qualify, gone with the savepoint
            action = self.sudo()._insert_email(chosen)
            template = action.template_id
            subject = template._render_field("subject", action.ids, compute_lang=True)[
                action.id
            ]
            body = template._render_field("body_html", action.ids, compute_lang=True)[
                action.id
            ]
            recipient = action._recipient()
            self.email_recipient = recipient.email_formatted or recipient.name
        finally:
            savepoint.close(rollback=True)
            Action.invalidate_model(flush=False)
            self.env["dso.action.line"].invalidate_model(flush=False)
        self.email_subject = subject
        self.email_body = body
        self.email_written = _words(self.email_body)
        self.email_filled = key or self._email_key()

    def _insert_email(self, chosen):
        """The out-of-scenario action that carries the e-mail, with its items.

        The internal comment goes along to colleagues only.

        :param chosen: dso.wizard.item records of one account
        """
        to_colleague = self.email_to == "colleague"
        account = chosen.account_id
        promise = self.status_type == "promise_to_pay"
        partly = len(chosen) == 1 and self.status_type == "dispute"
        amounts = self._promise_amounts(chosen)
        lines = []
        promised = 0.0
        for item in chosen:
            part = self.disputed_amount if partly else 0
            ratio = item.amount_company / item.amount if item.amount else 1
            promised += amounts.get(item.move_id.id, item.amount) * ratio
            lines.append(
                {
                    "account_id": account.id,
                    "move_id": item.move_id.id,
                    "move_name": item.name,
                    "due": item.due or None,
                    "currency_id": item.currency_id.id or None,
                    "amount": part or item.amount,
                    "amount_company": part * ratio or item.amount_company,
                    "disputed_only": bool(part),
                }
            )
        return (
            self.env["dso.action"]
            .sudo()  # behind the check of who may qualify
            ._insert_planned(
                [
                    {
                        "kind": "out_of_scenario",
                        "account_id": account.id,
                        "company_id": account.company_id.id,
                        "action_model_id": self.email_model_id.id,
                        "type": "email",
                        "mode": "manual",
                        "interactive": "internal"
                        if to_colleague
                        else self.email_model_id.interactive,
                        "date": account.company_id._dso_today(),
                        "resolver_id": self.colleague_id.id if to_colleague else None,
                        "promise_date": (promise and self.promise_date) or None,
                        "promise_means": (promise and self.promise_means) or None,
                        "promise_amount": account.currency_id.round(promised)
                        if promise
                        else 0,
                        "note": (to_colleague and self.comment) or None,
                        "lines": lines,
                    }
                ]
            )
        )

    # -------------------------------------------------------------------------
    # BUTTONS
    # -------------------------------------------------------------------------

    def action_validate(self):
        """Apply, and stay open for the other items of the same reply."""
        self.ensure_one()
        if not self._validate():
            return self._reopen()
        self.write(
            {
                "step": "status",
                "status_id": False,
                "promise_date": False,
                "promise_amount": 0,
                "promise_means": False,
                "disputed_amount": 0,
                "resolver_id": False,
                "comment": False,
                "attachment_ids": [Command.clear()],
                "email_to": "none",
                "email_subject": False,
                "email_body": False,
                "email_filled": False,
                "email_written": False,
                "email_stale": False,
                "email_recipient": False,
                "email_attachment_ids": [Command.clear()],
            }
        )
        self._go_on()
        return self._reopen()

    def _go_on(self):
        """Propose what the reply says of other items."""
        lines = self.reply_id._next_situation()
        if lines:
            self.item_ids.filtered(
                lambda item: item.move_id in lines.move_id
            ).selected = True
            self.write(self._of_situation(lines))

    def action_qualify(self):
        """Apply, close the window, and take up the reply it came from."""
        self.ensure_one()
        finished = not self._chosen() and self.done_ids
        if not finished and not self._validate():
            return self._reopen()
        if self.reply_id and self.env.user.has_group("dso_collection.group_collector"):
            self.reply_id._qualified()
        if finished:
            return {"type": "ir.actions.act_window_close"}
        return self.done_ids._tell_done()

    def action_undo(self):
        """Undo what the last Validate wrote; its items can be ticked again."""
        self.ensure_one()
        done = self.done_ids
        done.action_undo()
        keys = {(q.move_id, q.account_id) for q in done}
        self.item_ids.filtered(
            lambda item: (item.move_id, item.account_id) in keys
        ).write({"done": False, "selected": True})
        self.done_ids = False
        return self._reopen()

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Qualify"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _chosen(self):
        return self.item_ids.filtered("selected")

    def _validate(self):
        """Qualify the ticked items, send the e-mail, plan the specific action.

        All of it, or nothing: what cannot be sent leaves the items as they were.

        :return: False when the user is to look at the e-mail first
        :raise UserError: when no item is ticked, or nothing is said of them
        """
        self.env["account.move"]._dso_check_may_qualify()
        # two clicks are one: the second waits here, and finds nothing ticked
        self.env.execute_query(
            SQL("SELECT id FROM dso_qualify WHERE id = %s FOR UPDATE", self.id)
        )
        chosen = self._chosen()
        if not chosen:
            raise UserError(self.env._("Tick at least one item."))
        self._check_may_read(chosen)
        if self.email_to != "none" and not self._email_seen():
            # nothing leaves that its user has not seen
            self.step = "email"
            self._check_email(chosen)
            if self._email_kept():
                self.email_stale = True
            else:
                self._fill_email()
            return False
        follow_up = self._follow_up_values()
        if not self.status_id and follow_up is False and self.email_to == "none":
            raise UserError(
                self.env._(
                    "Choose a status, write an e-mail or create a specific action."
                )
            )
        done = self.env["dso.qualification"]
        # the colleague who gets an e-mail about it needs no notice besides
        told = self.colleague_id.id if self.email_to == "colleague" else False
        if self.status_id:
            done = chosen.move_id.with_context(dso_told_resolver_id=told).dso_qualify(
                self.status_id,
                self.comment or "",
                items=[(item.move_id.id, item.account_id.id) for item in chosen],
                status_date=self.status_date,
                promise_date=self.promise_date,
                promise_amount=self._promise_amounts(chosen),
                promise_means=self.promise_means,
                disputed_amount=self._disputed_part(chosen),
                resolver=None if self._left_to_rule() else self.resolver_id,
                attachments=self.attachment_ids,
                follow_up=follow_up,
            )
        elif follow_up:
            self.with_context(dso_told_resolver_id=told)._plan_action(chosen, follow_up)
        if self.reply_id and done:
            self.reply_id.check_access("read")
            self.reply_id._answered_by(done)
        if self.email_to != "none":
            self._check_email(chosen)
            self._send_email(chosen)
        # the items have their copies; what was uploaded here belongs to nobody else
        self.attachment_ids.sudo().filtered(
            lambda file: file.res_model == self._name and not file.res_id
        ).unlink()
        self.done_ids = [Command.set(done.ids)]
        chosen.write({"selected": False, "done": True})
        return True

    def _check_may_read(self, chosen):
        """Its items are named by the client, what is told of them is read for all.

        :raise AccessError: for items or a customer that the user may not read
        """
        chosen.account_id.check_access("read")
        chosen.move_id.check_access("read")

    def _email_seen(self):
        """Whether the text says what is qualified, to whom it was proposed for; one
        that a person wrote may say something else, once that was pointed out."""
        if not self.email_body or not self.email_filled:
            return bool(self.email_body)
        return self.email_filled == self._email_key() or bool(
            self.email_stale and self._email_kept()
        )

    def _email_kept(self):
        """Whether a person changed the text, for the same reader: what a colleague
        may read is not sent to the customer."""
        touched = self.email_body and (
            _words(self.email_body) != self.email_written or not self.email_written
        )
        same_text = (self.email_filled or "").split("|")[:1]
        return touched and same_text == self._email_key().split("|")[:1]

    def _left_to_rule(self):
        return self.resolver_by_item and not self.resolver_id

    def _disputed_part(self, chosen):
        if self.disputed_amount and len(chosen) > 1:
            raise UserError(
                self.env._(
                    "A disputed amount belongs to one item: tick one, or leave the"
                    " amount empty to dispute all of them."
                )
            )
        return self.disputed_amount

    def _promise_amounts(self, chosen):
        """The promised amount spread over the ticked items, the oldest ones first.

        :return: {id of the entry: amount in the item's currency}; empty = all of them
        :raise UserError: when it stands for several currencies, or is too small
        """
        amount = self.promise_amount
        if self.status_type != "promise_to_pay" or not amount:
            return {}
        if len(chosen.currency_id) > 1:
            raise UserError(
                self.env._(
                    "The ticked items are in several currencies: qualify those of one"
                    " currency at a time, or leave the promised amount empty."
                )
            )
        if len(chosen) == 1:
            return {chosen.move_id.id: amount}
        amounts = {}
        rest = amount + sum(-item.amount for item in chosen if item.amount < 0)
        owed = chosen.filtered(lambda item: item.amount > 0)
        for item in owed.sorted(lambda item: (str(item.due or ""), item.name or "")):
            if chosen.currency_id.compare_amounts(rest, 0) <= 0:
                raise UserError(
                    self.env._(
                        "The promised amount covers the older items: untick %s, for"
                        " which nothing is left.",
                        item.name,
                    )
                )
            amounts[item.move_id.id] = min(rest, item.amount)
            rest -= item.amount
        return amounts

    def _follow_up_values(self):
        """The follow-up as ``dso_qualify`` wants it."""
        self.ensure_one()
        if self.follow_up == "scenario" and self.status_type != "dispute":
            return False
        if not (self.action_model_id and self.follow_up_date):
            if not self.status_id and self.email_to != "none":
                return False  # an e-mail is all that is wanted
            raise UserError(self.env._("Choose the action and its date."))
        interactive = self.action_model_id.interactive
        if self.follow_up_to == "internal":
            interactive = "internal"
        elif interactive == "internal":
            interactive = "no"
        return {
            "action_model_id": self.action_model_id.id,
            "mode": self.follow_up_mode or self.action_model_id.mode,
            "interactive": interactive,
            "date": self.follow_up_date,
        }

    def _plan_action(self, chosen, values):
        """A specific action on the ticked items without any status."""
        model = self.env["dso.action.model"].browse(values["action_model_id"])
        rows = [
            {
                "account_id": account.id,
                "company_id": account.company_id.id,
                "type": model.type,
                **values,
                "note": self.comment or None,
                "resolver_id": self.resolver_id.id or None,
                "amount_claimed": account.currency_id.round(
                    sum(items.mapped("amount_company"))
                ),
                "lines": [
                    {
                        "account_id": account.id,
                        "move_id": item.move_id.id,
                        "move_name": item.name,
                        "due": item.due or None,
                        "currency_id": item.currency_id.id or None,
                        "amount": item.amount,
                        "amount_company": item.amount_company,
                        "disputed_only": False,
                    }
                    for item in items
                ],
            }
            for account, items in chosen.grouped("account_id").items()
        ]
        if not self.env.user.has_group("dso_collection.group_collector"):
            raise AccessError(
                self.env._("Only collectors plan actions: give the items a status.")
            )
        chosen.account_id.check_access("read")
        actions = self.env["dso.action"].sudo()  # role and access checked just above
        actions._insert_planned(rows)

    def _check_email(self, chosen):
        """Refuse what could not be sent, before anything is written.

        :raise UserError: with the cure
        """
        if len(chosen.account_id) > 1:
            raise UserError(
                self.env._(
                    "An e-mail goes to one customer: tick the items of one, or choose"
                    " No e-mail."
                )
            )
        if self.email_to == "customer" and not self.may_write:
            raise AccessError(
                self.env._(
                    "Only collectors write to customers: ask the collector of %s.",
                    chosen.account_id.partner_id.display_name,
                )
            )
        if self.email_to == "colleague" and not self.colleague_id:
            raise UserError(self.env._("Choose the colleague who is to receive it."))
        if not self.email_model_id:
            raise UserError(self.env._("Choose the text of the e-mail."))
        if self.sending_off:
            raise UserError(
                self.env._(
                    "Sending is switched off for %s: choose No e-mail. A credit manager"
                    " switches it on under Configuration, Go live.",
                    chosen.account_id.company_id.name,
                )
            )

    def _send_email(self, chosen):
        """Hand the text over to the outbox, by the way of all actions.

        :raise UserError: when it cannot leave: then nothing is qualified either
        """
        action = self._insert_email(chosen)
        action.write({"own_subject": self.email_subject, "own_body": self.email_body})
        if self.email_attachment_ids:
            action.own_attachment_ids = self.email_attachment_ids
        # who may write to whom was checked, and is checked again by the user's groups
        action.sudo().action_send()


def _words(body):
    """The words of a text, to tell whether a person changed it."""
    return " ".join(html2plaintext(body or "").split())
