"""What customers and colleagues answer, until a person took it up."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import NO_ACCESS, Domain
from odoo.tools import SQL

from .dso_qualification import ENGINE
from .dso_status import STATUS_TYPES

#: What came in stays as it came in.
CONTENT_FIELDS = {
    "account_id",
    "partner_id",
    "email_from",
    "name",
    "body",
    "source",
    "date",
    "automatic",
    "proposed_type",
    "proposed_promise_date",
    "line_ids",
    "token_id",
    "submission",
    "filed_comment",
    # of an e-mail
    "mail_message_id",
    "message_key",
    "stranger",
    "fraud",
    "folded",
}
#: Written by the buttons only.
BUTTON_FIELDS = {"state", "user_id", "processed_on", "hold_until", "told", "mailed"}


class DsoReply(models.Model):
    """One reply. It changes no item by itself: a person qualifies, files or dismisses
    it (rules.md §7), and until then it holds the automatic actions of its account."""

    _name = "dso.reply"
    _description = "Reply"
    _order = "date desc, id desc"
    _check_company_auto = True

    account_id = fields.Many2one(
        "dso.account", "Customer", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        related="account_id.company_id", store=True, index=True
    )
    account_partner_id = fields.Many2one(
        related="account_id.partner_id", string="Account's customer"
    )
    collector_id = fields.Many2one(related="account_id.collector_id")
    name = fields.Char("Subject")
    body = fields.Text("Reply", help="What was said, as plain text.")
    source = fields.Selection(
        [
            ("user", "User"),
            ("page", "Page"),
            ("internal", "Colleague's page"),
            ("mail", "E-mail"),
        ],
        required=True,
        default="user",
        help="Noted by a user, written on the customer's or colleague's page, or"
        " received by e-mail.",
    )
    partner_id = fields.Many2one(
        "res.partner", "From", index="btree_not_null", ondelete="set null"
    )
    email_from = fields.Char("From (address)")
    date = fields.Datetime("Received on", required=True, default=fields.Datetime.now)
    automatic = fields.Boolean(
        "Automatic answer",
        help="An absence notice or a delivery failure: it holds nothing.",
    )
    action_id = fields.Many2one(
        "dso.action",
        "In reply to",
        index="btree_not_null",
        ondelete="set null",
        domain="[('account_id', '=', account_id)]",
    )
    move_ids = fields.Many2many(
        "account.move",
        string="Items",
        help="The items that the reply is about, as far as it says.",
    )
    proposed_type = fields.Selection(
        STATUS_TYPES, "Says", help="The choice that its author made."
    )
    proposed_promise_date = fields.Date("Promises for")
    attachment_ids = fields.Many2many("ir.attachment", string="Files")
    line_ids = fields.One2many("dso.reply.line", "reply_id", "Answers")
    token_id = fields.Many2one(
        "dso.access.token",
        "Link",
        index="btree_not_null",
        ondelete="set null",
        help="The link on whose page it was written.",
    )
    submission = fields.Char(
        groups=NO_ACCESS,
        copy=False,
        help="Hash of what one form sent: it makes one reply, sent twice or not.",
    )
    state = fields.Selection(
        [
            ("to_process", "To process"),
            ("validated", "Validated"),
            ("dismissed", "Dismissed"),
        ],
        required=True,
        default="to_process",
        readonly=True,
    )
    user_id = fields.Many2one("res.users", "Processed by", readonly=True)
    processed_on = fields.Datetime("Processed on", readonly=True)
    hold_until = fields.Date(
        "Hold until",
        readonly=True,
        help="Last day on which it holds the automatic actions of its account.",
    )
    holding = fields.Boolean(
        compute="_compute_holding",
        search="_search_holding",
        help="It holds the automatic actions of its account until somebody takes it"
        " up.",
    )
    unread = fields.Boolean(
        "Unread for days",
        compute="_compute_holding",
        search="_search_unread",
        help="Nobody took it up in time: automatic actions go on.",
    )

    _submission_uniq = models.UniqueIndex(
        "(submission) WHERE submission IS NOT NULL",
        "This answer has already been sent.",
    )
    _to_process_idx = models.Index("(account_id) WHERE state = 'to_process'")

    # -------------------------------------------------------------------------
    # COMPUTES
    # -------------------------------------------------------------------------

    @api.depends("name", "account_id.partner_id.display_name", "date")
    def _compute_display_name(self):
        for reply in self:
            who = reply.account_id.partner_id.display_name or ""
            what = reply.name or self.env._("Reply")
            reply.display_name = f"{what}: {who}" if who else what

    @api.depends("state", "hold_until")
    def _compute_holding(self):
        for reply in self:
            waits = reply.state == "to_process" and not reply.automatic
            today = reply.company_id._dso_today() if reply.company_id else False
            in_time = bool(
                waits and reply.hold_until and today and today <= reply.hold_until
            )
            reply.holding = in_time
            reply.unread = bool(waits and today and not in_time)

    @api.model
    def _holding_domain(self, holding):
        domains = [
            Domain("company_id", "=", company.id)
            & (
                Domain("hold_until", ">=", company._dso_today())
                if holding
                else Domain("hold_until", "=", False)
                | Domain("hold_until", "<", company._dso_today())
            )
            for company in self.env["res.company"]
            .sudo()  # ids and today of roots; record rules filter the replies
            .search([("parent_id", "=", False)])
        ]
        return (
            Domain("state", "=", "to_process")
            & Domain("automatic", "=", False)
            & Domain.OR(domains)
        )

    def _search_holding(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._holding_domain(True)
        return domain if True in value else ~domain

    def _search_unread(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._holding_domain(False)
        return domain if True in value else ~domain

    # -------------------------------------------------------------------------
    # CRUD
    # -------------------------------------------------------------------------

    @api.constrains("account_id", "move_ids", "action_id")
    def _check_own(self):
        """A reply speaks of its own customer's items only."""
        for reply in self:
            accounts = reply.account_id | reply.account_id.member_ids
            for move in reply.move_ids:
                customers = move.line_ids.partner_id.commercial_partner_id
                if not customers & accounts.partner_id or (
                    move.company_id.root_id != reply.company_id
                ):
                    raise ValidationError(
                        self.env._(
                            "%(item)s is not an item of %(customer)s.",
                            item=move.display_name,
                            customer=reply.account_id.display_name,
                        )
                    )
            if reply.action_id and reply.action_id.account_id not in (
                accounts | reply.account_id.head_id
            ):
                raise ValidationError(
                    self.env._(
                        "%(action)s is not an action of %(customer)s.",
                        action=reply.action_id.display_name,
                        customer=reply.account_id.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.context.get("dso_engine") is not ENGINE:
            for vals in vals_list:
                if vals.get("source", "user") != "user" or set(vals) & BUTTON_FIELDS:
                    raise UserError(
                        self.env._(
                            "Replies by page or e-mail come in by themselves: note"
                            " down only what a customer told you."
                        )
                    )
        replies = super().create(vals_list)
        for reply in replies:
            said = reply.body or reply.attachment_ids or reply.line_ids
            if not (said or reply.proposed_type):
                raise ValidationError(
                    self.env._("A reply needs some text: write down what was said.")
                )
            reply._adopt_files()
            reply._engine().hold_until = reply._last_day_of_hold()
        return replies

    def _last_day_of_hold(self):
        self.ensure_one()
        days = self.company_id.sudo().dso_reply_hold_days  # one setting of its root
        if self.automatic or days <= 0:
            return False
        return self.company_id._dso_add_working_days(self._received_on(), days)

    def _adopt_files(self):
        """Files belong to the reply, so that who may read it may read them; those of
        another record stay with it."""
        files = self.attachment_ids.filtered(lambda file: not file.res_id)
        own = files.filtered(lambda file: file.create_uid == self.env.user)
        own.write({"res_model": self._name, "res_id": self.id})

    def write(self, vals):
        if self.env.context.get("dso_engine") is ENGINE:
            return super().write(vals)
        if BUTTON_FIELDS & set(vals):
            raise UserError(
                self.env._(
                    "Use the buttons Validate and Dismiss: they note who did it."
                )
            )
        if CONTENT_FIELDS & set(vals):
            raise UserError(
                self.env._(
                    "A reply stays as it came in. Note what you make of it in the"
                    " comment when you qualify its items."
                )
            )
        res = super().write(vals)
        for reply in self if "attachment_ids" in vals else self.browse():
            reply._adopt_files()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._(
                "Replies are part of the history and cannot be deleted: dismiss them."
            )
        )

    def _engine(self):
        """These replies with the right to write what users may not."""
        return self.sudo().with_context(dso_engine=ENGINE)  # callers check access

    # -------------------------------------------------------------------------
    # BUTTONS
    # -------------------------------------------------------------------------

    @api.model
    def _check_collector(self):
        if not self.env.user.has_group("dso_collection.group_collector"):
            raise AccessError(
                self.env._("Only collectors process replies: ask the collector.")
            )

    def _process(self, state):
        """Close replies, or open them again.

        :raise AccessError: for a user who may not process replies
        :raise UserError: when one was closed meanwhile
        """
        self._check_collector()
        self.check_access("write")
        self.flush_recordset()
        self.env.execute_query(
            SQL(
                "SELECT id FROM dso_reply WHERE id = ANY(%s) ORDER BY id FOR UPDATE",
                self.ids,
            )
        )
        self.invalidate_recordset(["state", "user_id"])
        for reply in self:
            if state != "to_process" and reply.state != "to_process":
                raise UserError(
                    self.env._(
                        "%(reply)s was already processed by %(user)s.",
                        reply=reply.display_name,
                        user=reply.user_id.name,
                    )
                )
        closed = state != "to_process"
        self._engine().write(
            {
                "state": state,
                "user_id": self.env.uid if closed else False,
                "processed_on": fields.Datetime.now() if closed else False,
            }
        )
        if closed:
            self._let_actions_go()
        return True

    def _let_actions_go(self):
        """What these replies held may leave: the job looks at once."""
        accounts = self.account_id | self.account_id.head_id
        self.env["dso.action"].search(
            Domain("account_id", "in", accounts.ids)
            & Domain("state", "=", "planned")
            & Domain("mode", "in", ("auto", "auto_confirm"))
        )._trigger_sending()

    def action_qualify(self):
        """Open the qualification with this reply, its items and its choice."""
        return self._open_window("dso_qualify_action")

    def _open_window(self, name, **defaults):
        """Open a window on this reply, for who processes replies.

        :param name: of an action of ours
        :param defaults: of its fields
        :raise AccessError: for whoever may not
        """
        self.ensure_one()
        self._check_collector()
        self.check_access("read")
        windows = self.env["ir.actions.act_window"]
        return {
            **windows._for_xml_id(f"dso_collection.{name}"),
            "context": {
                "active_model": self._name,
                "active_id": self.id,
                "active_ids": self.ids,
                "default_reply_id": self.id,
                **{f"default_{field}": value for field, value in defaults.items()},
            },
        }

    def action_validate(self):
        """File replies in the history, without qualifying anything."""
        return self._process("validated")

    def action_dismiss(self):
        """Put replies aside: thanks, advertisements, what has nothing to do with it."""
        return self._process("dismissed")

    def action_reopen(self):
        """Take up closed replies once more."""
        self._process("to_process")
        for reply in self:
            reply._engine().hold_until = reply._last_day_of_hold()
        return True

    @api.private
    def _qualified(self):
        """The user qualified the items of these replies: they are dealt with."""
        self.filtered(lambda reply: reply.state == "to_process")._process("validated")

    def action_open_account(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "dso.account",
            "res_id": self.account_id.id,
            "view_mode": "form",
            "name": self.account_id.display_name,
        }

    # -------------------------------------------------------------------------
    # HOLD
    # -------------------------------------------------------------------------

    @api.model
    def _holding_by_account(self, accounts):
        """The oldest reply that holds each account's automatic actions.

        A reply of a grouped account holds its head's actions, which speak of its items.

        :param accounts: dso.account
        :return: {account id: dso.reply}
        """
        members = (
            self.env["dso.account"].sudo().search([("head_id", "in", accounts.ids)])
        )  # which accounts belong together only
        found = (
            self.sudo().search(  # whether something waits, by accounts of the caller
                Domain("account_id", "in", (accounts | members).ids)
                & self._holding_domain(True),
                order="date, id",
            )
        )
        holding = {}
        for reply in found:
            for account in reply.account_id | reply.account_id.head_id:
                holding.setdefault(account.id, reply)
        return holding
