"""What could not be delivered goes another way, once (rules.md §2, §5).

The message that takes the place is an out-of-scenario action. Where the first one never
left, its step counts as done as soon as the other one leaves; where it is cured and
leaves all the same, the other one is cancelled.
"""

import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .dso_action import OPEN_STATES
from .dso_action_send import CONFLICTS, UNDELIVERED

_logger = logging.getLogger(__name__)

#: Problems for which another way is taken: nobody can be reached by this one.
UNREACHABLE = (
    "no_contact",
    "no_email",
    "invalid_email",
    "blocked_address",
    "no_phone",
    "invalid_phone",
    "blocked_phone",
    "no_fax",
    "invalid_fax",
    "no_address",
    "no_channel",
)
#: Failures of a message that lie in its address; others may be over tomorrow.
ADDRESS_FAILURES = (
    "mail_bounce",
    "mail_email_invalid",
    "mail_email_missing",
    "mail_bl",
    "sms_number_missing",
    "sms_number_format",
    "sms_blacklist",
    "sms_country_not_supported",
    "sms_invalid_destination",
    "sms_not_allowed",
    "sms_not_delivered",
    "sms_rejected",
)
#: Actions whose way is looked for together.
CHUNK = 100


class DsoAction(models.Model):
    _inherit = "dso.action"

    fallback_of_id = fields.Many2one(
        "dso.action",
        "In place of",
        readonly=True,
        copy=False,
        ondelete="set null",
        help="The action that could not be delivered, in whose place this one leaves.",
    )
    fallback_ids = fields.One2many("dso.action", "fallback_of_id", "Instead")
    fallback_model_id = fields.Many2one(related="action_model_id.fallback_model_id")
    may_fall_back = fields.Boolean(compute="_compute_may_fall_back")

    # one message takes the place of another, whoever asks
    _fallback_once = models.UniqueIndex(
        "(fallback_of_id) WHERE fallback_of_id IS NOT NULL",
        "Another action has taken its place already.",
    )

    @api.depends(
        "state", "problem", "delivery", "delivery_settled", "fallback_model_id"
    )
    def _compute_may_fall_back(self):
        for action in self:
            action.may_fall_back = bool(
                action.fallback_model_id
                and not action.needs_release
                and action.interactive != "internal"
                and not action.fallback_ids
                and (
                    action.undelivered
                    or action.state == "error"
                    and action.problem in UNREACHABLE
                )
            )

    # -------------------------------------------------------------------------
    # BY ITSELF
    # -------------------------------------------------------------------------

    @api.model
    def _cron_send(self):
        self._plan_fallbacks()
        return super()._cron_send()

    @api.model
    def _plan_fallbacks(self):
        """Plan what takes the place of messages that nobody can receive.

        Proposed where its model is manual; planned, and sent as soon as it may, where
        it is automatic. Delivery unknown is none of it: that one may have arrived.
        """
        self._drop_fallbacks()
        ids = self._unreachable_ids()
        cron = self.env["ir.cron"]
        for start in range(0, len(ids), CHUNK):
            try:
                self.browse(ids[start : start + CHUNK])._fall_back(alone=True)
            except CONFLICTS as error:
                self.env.cr.rollback()
                self.env.invalidate_all(flush=False)
                _logger.info("Left to the next run: %s", str(error).strip())
            cron._commit_progress()

    @api.model
    def _unreachable_ids(self):
        """Ids of actions whose message does not reach anybody, and that have another
        way that was not taken."""
        todays = {
            company: company._dso_today()
            for company in self.env["res.company"].search([("parent_id", "=", False)])
        }
        due = Domain.OR(
            Domain("company_id", "=", company.id) & Domain("date", "<=", today)
            for company, today in todays.items()
        )
        another_way = (
            Domain("action_model_id.fallback_model_id", "!=", False)
            & Domain("fallback_ids", "=", False)
            & Domain("interactive", "!=", "internal")
        )
        stuck = self.search(
            another_way
            & Domain("state", "=", "error")
            & Domain("problem", "in", UNREACHABLE)
            & due
        )
        lost = self.search(
            another_way
            & Domain("delivery", "in", ("bounced", "failed"))
            & Domain("delivery_settled", "=", False)
            & Domain("retry_at", "=", False)
        ).filtered(lambda action: not action._passed_by())
        failed = lost.filtered(lambda action: action.delivery == "failed")
        return sorted((stuck | lost - failed | failed._with_bad_address()).ids)

    def _passed_by(self):
        """Whether its scenario has gone on since: another step was done, or the cycle
        has begun anew."""
        self.ensure_one()
        account = self.account_id
        return self.kind == "scenario" and (self.step_id, self.date_done) != (
            account.last_done_step_id,
            account.last_done_date,
        )

    def _with_bad_address(self):
        """Those of these whose message failed for its address."""
        notifications = (
            self.env["mail.notification"]
            .sudo()  # of these actions only
            .search(
                Domain("mail_message_id.model", "=", self._name)
                & Domain("mail_message_id.res_id", "in", self.ids)
                & Domain("notification_status", "in", ("bounce", "exception"))
                & Domain("failure_type", "in", ADDRESS_FAILURES)
            )
        )
        ids = set(notifications.mail_message_id.mapped("res_id"))
        return self.filtered(lambda action: action.id in ids)

    @api.model
    def _drop_fallbacks(self):
        """What was to take the place of a message that is not to leave any more is not
        to leave either."""
        idle = self.search(
            Domain("state", "in", OPEN_STATES)
            & Domain("fallback_of_id.state", "=", "cancelled")
        )
        for cause, actions in idle.grouped(lambda a: a.fallback_of_id.cause).items():
            actions._close_cancelled(cause or "user")

    # -------------------------------------------------------------------------
    # ANOTHER WAY
    # -------------------------------------------------------------------------

    def _fall_back(self, alone=False):
        """Plan another way for each of these that nobody else works on.

        :param bool alone: what breaks for one of them stops no other
        :return: the new actions
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM dso_account
                 WHERE id IN (SELECT account_id FROM dso_action WHERE id = ANY(%s))
              ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
                """,
                self.ids,
            )
        )
        locked = {row[0] for row in rows}
        self.invalidate_recordset()
        planned = self.browse()
        for action in self.filtered(
            lambda a: a.account_id.id in locked and a.may_fall_back
        ):
            try:
                with self.env.cr.savepoint():
                    planned |= action._take_another_way()
            except CONFLICTS:
                raise
            except Exception:
                # one customer's data stops no other's messages
                if not alone:
                    raise
                self.env.invalidate_all(flush=False)
                _logger.warning("No other way for action %s", action.id, exc_info=True)
        return planned

    def _take_another_way(self):
        """Plan the message that takes the place of this one, if there is a way.

        :return: the new action, or none
        """
        self.ensure_one()
        model, contact = self._another_way()
        if not model:
            return self.browse()
        words = self.env._(
            "In place of %(action)s: %(error)s",
            action=self.display_name,
            error=self.error or "",
        )
        written = model.mode == "manual" and bool(self.own_body)
        other = self._engine().copy(
            {
                "kind": "out_of_scenario",
                "state": "planned",
                "action_model_id": model.id,
                "mode": model.mode,
                "type": model.type,
                "interactive": model.interactive,
                "name": False,
                "note": words,
                "date": self.company_id._dso_today(),
                "date_forced": False,
                "delivery": False,
                "problem": False,
                "error_detail": False,
                "fallback_of_id": self.id,
                "step_id": self.step_id.id,
                "own_contact_id": contact.id,
                "own_subject": written and self.own_subject,
                "own_body": written and self.own_body,
                "line_ids": self._lines_to_repeat(),
            }
        )
        if self.state not in OPEN_STATES or self.delivery in UNDELIVERED:
            self._settle_delivery(self.env._("%s takes its place", other.display_name))
        return other

    def _another_way(self):
        """The first way that reaches somebody.

        :return: (dso.action.model, the contact to write to instead or none); no model
            where nobody can be reached
        """
        self.ensure_one()
        model = self.fallback_model_id
        account = self.account_id
        closed = account._closed_types()
        while model:
            contact = self.env["res.partner"]
            if model.type == self.type:
                contact = self._next_address()
                reachable = bool(contact)
            else:
                reachable = self._reaches(
                    account._recipients(channel=model.type)[account], model.type
                )
            if reachable and model.type not in closed:
                return model, contact
            model = model.fallback_model_id
        return model, self.env["res.partner"]

    def _reaches(self, contact, kind):
        """Whether a contact has what a type of message needs."""
        if kind in ("letter", "letter_ar"):
            customer = contact.commercial_partner_id
            return bool(
                contact.street and contact.city or customer.street and customer.city
            )
        if kind == "email":
            return self._good_emails(contact) != []
        if kind == "fax":
            return bool(contact.dso_fax)
        return bool(contact.phone or contact.commercial_partner_id.phone)

    def _next_address(self):
        """The next contact of the customer with a good e-mail address: by role, then
        invoice address, then the customer himself; none past a lawyer."""
        self.ensure_one()
        account = self.account_id
        empty = self.env["res.partner"]
        if self.type != "email" or (
            account.hold_in_force and account.hold_reason == "lawyer"
        ):
            return empty
        tried = self._tried_addresses()
        customer = account.partner_id
        contacts = empty.search(
            Domain("commercial_partner_id", "=", customer.id)
            & Domain("email_normalized", "!=", False)
            & Domain("email_normalized", "not in", list(tried)),
            order="id",
        ).sorted(
            lambda c: (
                "collection" not in c.dso_contact_role_ids.mapped("code"),
                c.type != "invoice",
                c != customer,
                c.id,
            )
        )
        wanted = contacts.filtered(
            lambda c: c.dso_contact_role_ids or c.type == "invoice" or c == customer
        )
        good = self._good_emails(wanted)
        return wanted.filtered(lambda c: c.email_normalized in good)[:1]

    def _tried_addresses(self):
        """The addresses that this message, and what it took the place of, went to."""
        tried, action = set(), self
        while action:
            reader = action.sent_to_id or action._recipient()
            tried.add(reader.email_normalized or "")
            action = action.fallback_of_id
        return tried

    def _good_emails(self, contacts):
        """The normalized addresses of contacts that are not blocked.

        :return: list of str, in their order
        """
        addresses = [c.email_normalized for c in contacts if c.email_normalized]
        blocked = set(
            self.env["mail.blacklist"]
            .sudo()  # whether these contacts are on it
            .search([("email", "in", addresses)])
            .mapped("email")
        )
        return [address for address in addresses if address not in blocked]

    # -------------------------------------------------------------------------
    # WHICHEVER LEAVES FIRST
    # -------------------------------------------------------------------------

    def _after_leaving(self):
        res = super()._after_leaving()
        self._settle_fallbacks()
        return res

    def action_done(self):
        res = super().action_done()
        self._settle_fallbacks()
        return res

    def _settle_fallbacks(self):
        """Of a message and what takes its place, one leaves: the other one is over."""
        for action in self.fallback_ids.filtered(lambda a: a.state in OPEN_STATES):
            action._close_cancelled("reached")
        for action in self.filtered(lambda a: a.state == "done").fallback_of_id:
            if action.state in OPEN_STATES and not action.dispute:
                instead = action.fallback_ids[:1]
                if action.kind == "scenario":
                    # should the one in its place not leave after all
                    cycle = action.account_id._cycle_state()
                    action._engine().cycle_before = cycle
                # the accounts of these, which the caller has locked
                action.sudo().action_done()
                action._engine().outcome = self.env._(
                    "%s left in its place", instead.display_name
                )

    def _withdraw(self, cause):
        """What was to take the place of another message does not leave: that one's step
        was not done by it, or what came back asks for a person again."""
        first = self.fallback_of_id
        res = super()._withdraw(cause)
        if self.state in OPEN_STATES or first.state != "done":
            return res
        if cause == "settled" and first.delivery:
            return res
        if first.delivery in UNDELIVERED:
            first._engine().write({"delivery_settled": False, "outcome": False})
        elif not first.delivery and not first.sent_at:
            # done by this one alone
            if first.kind == "scenario":
                first._withdraw(cause)
            else:
                first._put_back()
        return res

    # -------------------------------------------------------------------------
    # BUTTONS
    # -------------------------------------------------------------------------

    def action_fall_back(self):
        """Plan another way now, whatever the failure was.

        :raise AccessError: for a user who is no collector
        :raise UserError: where there is no other way, or it was taken
        """
        self.ensure_one()
        self._check_collector()
        self.check_access("write")
        if not self.may_fall_back:
            raise UserError(
                self.env._("%s needs no other way, or has it.", self.display_name)
            )
        other = self._fall_back()
        if not other:
            raise UserError(
                self.env._(
                    "%s cannot be reached another way either: add an address to the"
                    " customer first.",
                    self.partner_id.display_name,
                )
            )
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": other.id,
            "view_mode": "form",
        }
