"""Sending: claim, check, render, queue and done in one transaction (architecture).

What leaves is claimed by a lock, compared with the ledger by an evaluation in the same
transaction, rendered, put into Odoo's outbox and marked as done: either all of it is
committed, or nothing. The outbox looks once more (``mail_mail.py``).
"""

import json
import logging
from datetime import timedelta, timezone

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL, format_date, format_datetime, split_every

from ..channels import CHANNELS, channel_of
from .dso_action import OPEN_STATES

_logger = logging.getLogger(__name__)

#: Actions that are rendered and committed together.
CHUNK = 50
#: Minutes until a message is tried again whose mail server could not be reached.
RETRY_AFTER = (5, 15, 30, 60, 120, 240, 480, 480)
#: Days until a dispute follow-up that was sent by itself asks for a person.
FOLLOW_UP_DAYS = 7
#: What did not arrive, or perhaps not.
UNDELIVERED = ("failed", "bounced", "unknown")
#: Another transaction was faster: everything is undone and tried again.
CONFLICTS = (
    psycopg2.extensions.TransactionRollbackError,
    psycopg2.errors.LockNotAvailable,
)
#: Reasons for which nothing is claimed from an account; sent or not, it must not leave.
STOPPING = {
    "grouped",
    "hold",
    "no_scenario",
    "no_leader",
    "nothing_to_collect",
    "below_minimum",
    "credit_covers",
}


class DsoAction(models.Model):
    _inherit = "dso.action"

    recipient_id = fields.Many2one(
        "res.partner",
        "Recipient",
        compute="_compute_recipient_id",
        help="Who receives it: the customer's collection contact, or the colleague.",
    )
    held = fields.Char(
        compute="_compute_held",
        help="Why a due action that is released has not left yet.",
    )
    sent_by_id = fields.Many2one(
        "res.users",
        "Sent by",
        readonly=True,
        copy=False,
        help="Empty: it left by itself, inside the sending hours.",
    )
    sent_at = fields.Datetime("Sent at", readonly=True, copy=False)
    sent_to_id = fields.Many2one(
        "res.partner",
        "Written to",
        readonly=True,
        copy=False,
        ondelete="set null",
        help="Who was to receive it when it was put into the outbox.",
    )
    sendable = fields.Boolean(
        compute="_compute_sendable", help="It is sent from here, not done by hand."
    )
    undelivered = fields.Boolean(
        compute="_compute_undelivered",
        search="_search_undelivered",
        help="It was handed over and did not arrive, or nobody knows: a person"
        " decides.",
    )
    delivery_settled = fields.Boolean(
        readonly=True, copy=False, help="A person decided what to do about it."
    )
    retry_count = fields.Integer(readonly=True, copy=False)
    retry_at = fields.Datetime("Retry at", readonly=True, copy=False)
    cycle_before = fields.Json(
        readonly=True,
        copy=False,
        help="Cycle of the account before this step, should it not leave after all.",
    )

    # what waits for another attempt
    _retry_idx = models.Index("(retry_at) WHERE retry_at IS NOT NULL")
    # what is released, by day
    _released_idx = models.Index(
        "(company_id, date) WHERE state = 'planned' AND mode <> 'manual'"
    )
    # what did not arrive
    _undelivered_idx = models.Index(
        "(delivery) WHERE delivery IN ('failed', 'bounced', 'unknown')"
    )

    # -------------------------------------------------------------------------
    # WHAT MAY LEAVE
    # -------------------------------------------------------------------------

    @api.model
    def _released_domain(self, company):
        """Actions of a root company that leave by themselves as soon as they may."""
        return (
            Domain("company_id", "=", company.id)
            & Domain("state", "=", "planned")
            & Domain("date", "<=", company._dso_today())
            # nobody is asked about a promise that he may still keep
            & (
                Domain("promise_id", "=", False)
                | Domain("promise_id.date_limit", "<", company._dso_today())
            )
            & (
                Domain("mode", "=", "auto")
                | Domain("mode", "=", "auto_confirm") & Domain("confirmed", "=", True)
            )
        )

    @api.depends("state", "mode", "confirmed", "date", "type", "company_id")
    def _compute_held(self):
        """What keeps a released action back although it is due (rules.md §5)."""
        self.held = False
        for company, actions in self.grouped("company_id").items():
            # what a person does is never kept back
            actions = actions.filtered(lambda a: a.mode != "manual")
            if not (company and actions):
                continue
            for action in actions.filtered(lambda a: a._waits_for_promise()):
                action.held = self.env._(
                    "Held: the promise can be kept until %s",
                    format_date(self.env, action.promise_id.date_limit),
                )
            due = actions.filtered_domain(self._released_domain(company))
            if due:
                due.held = due._held_by_company(company.sudo())  # switch and hours
                due._tell_limits(company)
            holding = self.env["dso.reply"]._holding_by_account(due.account_id)
            for action in due:
                reply = holding.get(action.account_id.id)
                if not channel_of(action.type):
                    action.held = self.env._(
                        "Held: nothing is set up that sends this type of action"
                    )
                elif action.account_id.on_hold:
                    action.held = self.env._("Held: the customer is on hold")
                elif reply:
                    action.held = self.env._(
                        "Held until %s: a reply waits to be read",
                        format_date(self.env, reply.hold_until),
                    )
                elif action._by_hand_only():
                    action.held = self.env._(
                        "Held: the customer is a key account, send it yourself"
                    )
                elif action._items_rest():
                    action.held = self.env._(
                        "Held: its items are ignored, or their payment is under way"
                    )

    def _waits_for_promise(self):
        """Whether this released action is due, but its promise may still be kept."""
        self.ensure_one()
        today = self.company_id._dso_today()
        return (
            self.state == "planned"
            and (self.mode == "auto" or self.mode == "auto_confirm" and self.confirmed)
            and self.date <= today
            and bool(self.promise_id)
            and self.promise_id.date_limit >= today
        )

    def _held_by_company(self, company):
        if not company.dso_sending_active:
            return self.env._("Held: sending is switched off")
        if company._dso_sending_open():
            return self.env._("Leaves in the next minutes")
        opening = company._dso_sending_next()
        if not opening:
            return self.env._("Held: the sending hours never open")
        return self.env._(
            "Held: leaves %s",
            format_datetime(
                self.env,
                opening.astimezone(timezone.utc).replace(tzinfo=None),
                tz=company._dso_timezone().zone,
                dt_format="EEEE d MMMM, HH:mm",
            ),
        )

    @api.depends("type")
    def _compute_sendable(self):
        for action in self:
            action.sendable = bool(channel_of(action.type))

    @api.depends("delivery", "delivery_settled")
    def _compute_undelivered(self):
        for action in self:
            action.undelivered = (
                action.delivery in UNDELIVERED and not action.delivery_settled
            )

    def _search_undelivered(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = Domain("delivery", "in", UNDELIVERED) & Domain(
            "delivery_settled", "=", False
        )
        return domain if True in value else ~domain

    @api.depends("contact_id", "interactive", "resolver_id")
    def _compute_recipient_id(self):
        for action in self:
            action.recipient_id = action._recipient()

    def _recipient(self):
        """Who receives this action: the collection contact, or for an internal one its
        resolver, else the sender (the collector or who stands in for him)."""
        self.ensure_one()
        if self.interactive == "internal":
            return (self._acting_resolver() or self.sender_id).partner_id
        return self.contact_id

    def _acting_resolver(self):
        """The resolver, or his substitute while he is absent."""
        self.ensure_one()
        absences = self.env["dso.absence"]._substitutes(self.company_id)
        user = self.resolver_id
        return user.browse(absences.get(user.id, user.id))

    def _by_hand_only(self):
        """Whether nothing leaves by itself to this customer: a key account."""
        self.ensure_one()
        account = self.account_id
        return account.hold_in_force and account.hold_reason == "key_account"

    def _held_back(self):
        """Whether a hold keeps this action from leaving (rules.md §10).

        A lawyer's customer is written to by people, through the lawyer; a key account
        by people; other holds stop everything.
        """
        self.ensure_one()
        if self.account_id.on_hold:
            return not (
                self.account_id.hold_reason == "lawyer"
                and self.kind != "scenario"
                and self.sent_by_id
            )
        return not self.sent_by_id and self._by_hand_only()

    def _kept_by_hold(self):
        """Whether a hold keeps a person from sending this action now."""
        self.ensure_one()
        account = self.account_id
        return account.on_hold and (
            account.hold_reason != "lawyer" or self.kind == "scenario"
        )

    def _channel_refusal(self):
        """Key of PROBLEMS for which this action must not go to its customer by its
        channel, or None."""
        self.ensure_one()
        account = self.account_id
        if self.interactive == "internal":
            return None
        if self.type in account._closed_types():
            return "no_channel"
        if (
            account.hold_in_force
            and account.hold_reason == "lawyer"
            and not account.hold_lawyer_id
        ):
            return "no_lawyer"
        return None

    # -------------------------------------------------------------------------
    # THE JOB
    # -------------------------------------------------------------------------

    @api.model
    def _cron_send(self):
        """Send what is due and released, company by company, in chunks.

        Only where sending is switched on and the sending hours are open (rules.md
        §1.3, E21). Each chunk is a transaction of its own; what one worker holds, the
        others pass by.
        """
        self._retry_unreachable()
        companies = self.env["res.company"].search(
            [("parent_id", "=", False), ("dso_sending_active", "=", True)]
        )
        waiting = {
            company: self._waiting_ids(company)
            for company in companies
            if company._dso_sending_open()
        }
        left = sum(len(ids) for ids in waiting.values())
        cron = self.env["ir.cron"]
        for company, ids in waiting.items():
            actions = self.with_company(company).with_context(
                allowed_company_ids=(company | companies).ids
            )
            with actions._counting(company) as counting:
                if not counting:
                    left -= len(ids)
                    continue
                for chunk in split_every(CHUNK, ids):
                    actions._send_chunk(chunk)
                    left -= len(chunk)
                    if not cron._commit_progress(len(chunk), remaining=left):
                        return

    @api.model
    def _waiting_ids(self, company):
        """Ids of what is due and released of a root company, in the order in which it
        leaves."""
        domain = self._released_domain(company) & Domain("type", "in", list(CHANNELS))
        return self.search(domain, order="date, id").ids

    @api.model
    def _send_chunk(self, ids):
        """Send some actions by themselves, in this transaction.

        A conflict with another transaction is no failure of an action: everything is
        undone and left to the next run.

        :param ids: ids of actions that were released when they were looked for
        """
        try:
            self.browse(ids)._send_or_park()
        except CONFLICTS as error:
            self.env.cr.rollback()
            self.env.invalidate_all(flush=False)
            _logger.info("Sending left to the next run: %s", str(error).strip())

    def _send_or_park(self, sender=None):
        """Send these actions; one that fails is parked with its cause, alone.

        :param sender: res.users, a person who sends now; None = by itself
        :raise psycopg2.OperationalError: one of CONFLICTS, when another transaction
            was faster
        """
        try:
            with self.env.cr.savepoint():
                self._send_claimed(sender)
            return
        except CONFLICTS:
            raise
        except Exception:
            self.env.invalidate_all(flush=False)
            _logger.info("Sending one by one after a failure", exc_info=len(self) > 1)
        for action in self:
            try:
                with self.env.cr.savepoint():
                    action._send_claimed(sender)
            except CONFLICTS:
                raise
            except Exception as error:
                self.env.invalidate_all(flush=False)
                _logger.warning("Action %s was not sent", action.id, exc_info=True)
                action._park("not_sent", _in_plain_words(error))

    def _send_claimed(self, sender=None):
        """Claim, check, render, queue, done: for those that nobody else holds."""
        actions = self._claim(sender)
        actions |= actions._share_out()
        for channel, group in actions.grouped(lambda a: channel_of(a.type)).items():
            if not channel:
                continue  # its model changed since it was looked for
            problems = group._what_is_missing(channel)
            for action, (problem, detail) in problems.items():
                action._park(problem, detail)
            group -= group.browse().union(*problems)
            if not group:
                continue
            group._before_leaving(sender)
            for cause in channel.deliver(group).values():
                raise UserError(cause)  # the others leave without it
            group._after_leaving()
            channel.trigger(self.env)

    def _what_is_missing(self, channel):
        """What keeps these from leaving by their channel now.

        :return: {action: (key of PROBLEMS, detail or False)} of those that cannot
        """
        idle = {a: ("nothing_claimed", False) for a in self if a._claims_in_vain()}
        return {**channel.missing(self), **idle}

    def _claims_in_vain(self):
        """Whether its text would tell the customer to pay, and nothing is claimed."""
        self.ensure_one()
        return (
            self.kind == "out_of_scenario"
            and not self.own_body
            and self.currency_id.compare_amounts(self.amount_claimed, 0) <= 0
            and self.template_id._dso_claims()
        )

    def _claim(self, sender=None):
        """Lock accounts, then actions, of what nobody else holds; look at the ledger.

        :return: those that still are to leave after an evaluation of their accounts
        """
        self.env.flush_all()
        accounts = [
            row[0]
            for row in self.env.execute_query(
                SQL(
                    """
                    SELECT id FROM dso_account
                     WHERE id IN (SELECT account_id FROM dso_action WHERE id = ANY(%s))
                  ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
                    """,
                    self.ids,
                )
            )
        ]
        ids = [
            row[0]
            for row in self.env.execute_query(
                SQL(
                    """
                    SELECT id FROM dso_action
                     WHERE id = ANY(%s) AND account_id = ANY(%s)
                       AND state IN ('planned', 'error')
                  ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
                    """,
                    self.ids,
                    accounts,
                )
            )
        ]
        self.env.invalidate_all()
        if not ids:
            return self.browse()
        self.env["dso.account"].browse(accounts)._evaluate()
        actions = self.browse(ids).filtered(lambda a: a.state in OPEN_STATES)
        for action in actions.filtered(lambda a: a.kind == "out_of_scenario"):
            if action.line_ids:
                cause = None if action._item_values()[action] else "settled"
            else:
                cause = action.leader_id and action._stopped_by()
            if cause:
                action._close_cancelled(cause)
                actions -= action
            else:
                action._take_position()
        if sender:
            return actions
        replied = self.env["dso.reply"]._holding_by_account(actions.account_id)
        return (
            actions.browse()
            .union(
                *(
                    group.filtered_domain(self._released_domain(company))
                    for company, group in actions.grouped("company_id").items()
                )
            )
            .filtered(
                lambda a: (
                    not a.account_id.on_hold
                    and not a._by_hand_only()
                    and a.account_id.id not in replied
                    and not a._items_rest()
                )
            )
        )

    def _items_rest(self):
        """Whether nothing is to be claimed by this specific action now: its items are
        ignored, or their payment is under way (rules.md L2)."""
        self.ensure_one()
        if self.kind != "specific":
            return False
        rows = {
            (r["move_id"], r["account_id"]): r for r in self._rows_by_action()[self.id]
        }
        own = [
            rows[key]
            for line in self._own_lines()
            if (key := (line.move_id.id, line.account_id.id)) in rows
        ]
        return bool(own) and all(r["ignored"] or r["under_way"] for r in own)

    def _take_position(self):
        """What an action outside the scenario claims: what its own items owe now,
        without any what its account owes."""
        self.ensure_one()
        if self.line_ids:
            items = self._item_values()[self]
            self._engine().amount_claimed = sum(
                values["amount_company"] for values in items.values()
            )
            return
        position = self.account_id._position()
        self._engine().write(
            {
                "amount_claimed": position["amount_claimed"] or 0,
                "leader_date": position["leader_date"],
            }
        )

    def _park(self, problem, detail=False):
        """Put actions aside until a person has cured their problem."""
        self._engine().write(
            {"state": "error", "problem": problem, "error_detail": detail}
        )

    # -------------------------------------------------------------------------
    # DONE
    # -------------------------------------------------------------------------

    def _before_leaving(self, sender):
        """Keep what the actions claim, and how their cycle stood."""
        self._keep_items()
        self._keep_recipients()
        scenario = self.filtered(lambda a: a.kind == "scenario")
        for action in scenario:
            action._engine().cycle_before = action.account_id._cycle_state()
        self._engine().write(
            {
                "delivery": "queued",
                "sent_by_id": sender.id if sender else False,
                "sent_at": False,
                "retry_count": 0,
                "retry_at": False,
                "delivery_settled": False,
                "error_detail": False,
                "problem": False,
            }
        )

    def _keep_recipients(self):
        """Remember whom these are written to, for the look before they leave."""
        by_recipient = {}
        for action in self:
            by_recipient.setdefault(action._recipient(), self.browse())
            by_recipient[action._recipient()] |= action
        for recipient, actions in by_recipient.items():
            actions._engine().sent_to_id = recipient

    def _after_leaving(self):
        """What was handed over is done (rules.md L10, E21).

        A specific action that left by itself is completed, so that its items re-enter
        the scenario. A dispute is not resolved by an e-mail: its follow-up stays open
        and asks for a person some days later (rules.md §4).
        """
        for company, actions in self.grouped("company_id").items():
            today = company._dso_today()
            specific = actions.filtered(lambda a: a.kind == "specific")
            stays = specific.filtered(
                lambda a: a.dispute or a.sent_by_id or a.promise_id.plan_id
            )
            # what a person has sent does not leave once more by itself
            stays._engine().write({"mode": "manual", "confirmed": False})
            for action in stays.filtered(lambda a: not a.sent_by_id):
                days = action._follow_up_days()
                action._engine().write(
                    {
                        "date": today + timedelta(days=days),
                        "date_forced": today + timedelta(days=days),
                    }
                )
            stays._engine().write({"state": "planned"})
            done = actions - stays
            done._engine().write(
                {
                    "state": "done",
                    "date_done": today,
                    "date_closed": today,
                    "user_done_id": done[:1].sent_by_id.id,
                }
            )
            for step, group in done.grouped("step_id").items():
                scenario = group.filtered(lambda a: a.kind == "scenario")
                # its own accounts, locked by the claim
                scenario.account_id.sudo()._step_done(step, today)
            for action in done & specific:
                action._release_items(today)

    def _follow_up_days(self):
        """Days until a follow-up comes back: those of its items' status."""
        self.ensure_one()
        qualification = self.line_ids.qualification_id[:1]
        return qualification.status_id.delay or FOLLOW_UP_DAYS

    def _own_lines(self):
        """The items that a message of this action is about. Those of a specific action
        are released when it is completed by being handed over."""
        self.ensure_one()
        if self.state == "done":
            return self.line_ids
        return self.line_ids.filtered(lambda line: not line.released)

    def _item_values(self):
        """The items behind each action as they are now.

        Of a scenario action all open items of the account and its members, the claimed
        ones marked; of another one its own items that are still open.

        :return: {action: {(account id, move id, due): dict of dso.action.line values}}
        """
        rows_of = self._rows_by_action()
        values = {}
        for action in self:
            today = action.company_id._dso_today()
            values[action] = found = {}
            if not action._tells_account():
                now = {(r["move_id"], r["account_id"]): r for r in rows_of[action.id]}
                for line in action._own_lines():
                    row = now.get((line.move_id.id, line.account_id.id))
                    key = (line.account_id.id, line.move_id.id, line.due)
                    if not row:
                        continue
                    found[key] = {
                        "amount": float(row["amount_currency"]),
                        "amount_company": float(row["total"]),
                        "claimed": not row["ignored"]
                        and row["status_type"] not in ("dispute", "litigation"),
                    }
                    # of a disputed part not more than is open
                    if line.disputed_only and 0 < abs(line.amount) < abs(
                        found[key]["amount"]
                    ):
                        found[key].update(
                            amount=line.amount, amount_company=line.amount_company
                        )
                continue
            for row in rows_of[action.id]:
                if row["ignored"]:
                    continue
                for due, amount, amount_currency in zip(
                    row["dues"], row["amounts"], row["amounts_currency"], strict=True
                ):
                    found[row["account_id"], row["move_id"], due] = {
                        "account_id": row["account_id"],
                        "move_id": row["move_id"],
                        "move_name": row["name"],
                        "due": due,
                        "currency_id": row["currency_id"],
                        "amount": float(amount_currency),
                        "amount_company": float(amount),
                        "claimed": row["counts"] and action._claims(row, due, today),
                    }
        return values

    def _keep_items(self):
        """Keep the items that these actions are about, with their open amounts."""
        kept = []
        for action, items in self._item_values().items():
            if action._tells_account():
                action.line_ids._engine().unlink()
                fixed = {
                    "action_id": action.id,
                    "released": False,
                    "disputed_only": False,
                }
                kept += [{**values, **fixed} for values in items.values()]
                continue
            for line in action._own_lines():
                values = items.get((line.account_id.id, line.move_id.id, line.due))
                # what is settled is not told any more
                line._engine().write(values or {"amount": 0, "amount_company": 0})
        self._insert_items(kept)

    def _insert_items(self, kept):
        """Write the items of scenario actions, in one statement as the evaluation does:
        there are ten to a message.

        :param kept: list of dicts of dso.action.line values, see :meth:`_item_values`
        """
        if not kept:
            return
        names = list(kept[0])
        self.env.execute_query(
            SQL(
                """
                INSERT INTO dso_action_line (
                       %(names)s, create_uid, create_date, write_uid, write_date)
                SELECT %(names)s, %(uid)s, now() AT TIME ZONE 'UTC',
                       %(uid)s, now() AT TIME ZONE 'UTC'
                  FROM jsonb_populate_recordset(NULL::dso_action_line, %(rows)s)
                RETURNING id
                """,
                names=SQL(", ").join(SQL.identifier(name) for name in names),
                uid=self.env.uid,
                rows=json.dumps(kept, default=str),
            )
        )
        self.invalidate_recordset(["line_ids", "move_ids"])

    # -------------------------------------------------------------------------
    # BUTTONS
    # -------------------------------------------------------------------------

    def action_send(self):
        """Send actions now; the sending hours bind what leaves by itself only.

        A scenario step and an out-of-scenario action are done by it; a specific action
        stays open and can be used again (rules.md §4).

        :raise UserError: when sending is switched off, for a type that a person does,
            for an action that cannot leave (one) or when all of them cannot
        """
        self._lock_open()
        if not self.env.user.has_group("dso_collection.group_collector") and any(
            action.interactive != "internal" for action in self
        ):
            raise AccessError(
                self.env._(
                    "Only collectors write to customers: ask the collector of %s.",
                    self[:1].partner_id.display_name,
                )
            )
        for company in self.company_id:
            if not company.sudo().dso_sending_active:  # own company's switch
                raise UserError(
                    self.env._(
                        "Sending is switched off for %s. A credit manager switches it"
                        " on under Configuration, Go live.",
                        company.name,
                    )
                )
        for action in self:
            if action.delivery == "queued":
                raise UserError(
                    self.env._(
                        "%(action)s for %(customer)s is still in the outbox.",
                        action=action.display_name,
                        customer=action.partner_id.display_name,
                    )
                )
            if not channel_of(action.type):
                raise UserError(
                    self.env._(
                        "%(action)s for %(customer)s cannot be sent from here: do it,"
                        " then press Done.",
                        action=action.display_name,
                        customer=action.partner_id.display_name,
                    )
                )
            if action._kept_by_hold():
                raise UserError(
                    self.env._(
                        "%(customer)s is on hold: release the account before"
                        " %(action)s is sent.",
                        customer=action.partner_id.display_name,
                        action=action.display_name,
                    )
                )
        told = self._told_today()
        # the outbox, the composer and the cycle; write access checked by the lock
        self.sudo()._send_or_park(self.env.user)
        waiting = self.filtered("send_when_ready_id")
        stuck = self.filtered(lambda a: a.delivery != "queued") - waiting
        if stuck and len(stuck) == len(self):
            raise UserError(
                self.env._(
                    "%(action)s for %(customer)s was not sent: %(problem)s.",
                    action=stuck[0].display_name,
                    customer=stuck[0].partner_id.display_name,
                    problem=stuck[0]._why_not_sent(),
                )
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if stuck else "success",
                "message": self.env._(
                    "%(sent)s sent, %(stuck)s not sent.",
                    sent=len(self - stuck),
                    stuck=len(stuck),
                )
                if stuck
                else self.env._("%s leaves once its files are made.", len(waiting))
                if waiting == self
                else " ".join(
                    part for part in (self.env._("%s sent.", len(self)), told) if part
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _why_not_sent(self):
        """What kept this action from leaving when it was sent, in words."""
        self.ensure_one()
        causes = dict(self._fields["cause"]._description_selection(self.env))
        return self.error or causes.get(
            self.cause, self.env._("another user works on it now")
        )

    def action_retry(self):
        """Let parked actions take part again, once their problem is cured.

        :raise UserError: for an action that is not parked
        """
        self._lock_open()
        for action in self:
            if action.state != "error":
                raise UserError(
                    self.env._("%s has no problem to solve.", action.display_name)
                )
        self._engine().write(
            {"state": "planned", "problem": False, "error_detail": False}
        )
        self.account_id._mark_dirty()
        self._trigger_sending()
        return True

    def action_send_again(self):
        """Plan the same text once more for what did not arrive.

        The step stays done for its interval (rules.md L5, L10); the retry is an
        out-of-scenario action that a person sends.

        :raise AccessError: for a user who is no collector
        :raise UserError: for an action whose delivery did not fail
        """
        self.ensure_one()
        self._check_collector()
        self.check_access("write")
        if not self.undelivered:
            raise UserError(
                self.env._(
                    "%s has been delivered or is under way: nothing to repeat.",
                    self.display_name,
                )
            )
        again = self._engine().copy(
            {
                "kind": "out_of_scenario",
                "mode": "manual",
                "name": self.env._("%s, sent again", self.display_name),
                "date": self.company_id._dso_today(),
                "date_forced": False,
                "delivery": False,
                "state": "planned",
                "step_id": self.step_id.id,
                "line_ids": self._lines_to_repeat(),
            }
        )
        self._settle_delivery(self.env._("Sent again"))
        return {
            "type": "ir.actions.act_window",
            "res_model": "dso.action",
            "res_id": again.id,
            "view_mode": "form",
        }

    def _lines_to_repeat(self):
        """Commands that give the items of this action to another one; a scenario
        message is about the whole account instead."""
        if self.kind == "scenario":
            return []
        names = ("move_name", "due", "amount", "amount_company", "disputed_only")
        return [
            Command.create(
                {
                    "account_id": line.account_id.id,
                    "move_id": line.move_id.id,
                    "currency_id": line.currency_id.id,
                    **{name: line[name] for name in names},
                }
            )
            for line in self._own_lines()
            if line.move_id
        ]

    def action_leave_undelivered(self):
        """Leave it at that: what did not arrive asks for nobody any more."""
        self._check_collector()
        self.check_access("write")
        self._settle_delivery(self.env._("Not delivered, left at that"))
        return True

    def _settle_delivery(self, outcome):
        self._engine().write(
            {"delivery_settled": True, "retry_at": False, "outcome": outcome}
        )

    def _trigger_sending(self):
        """Let the job look at once, where something of these is due."""
        if any(action.date <= action.company_id._dso_today() for action in self):
            # whoever releases may start the job, whose cron he cannot read
            self.env.ref("dso_collection.ir_cron_send").sudo()._trigger()

    # -------------------------------------------------------------------------
    # DELIVERY
    # -------------------------------------------------------------------------

    def _follow_delivery(self, message):
        """Take over what became of a message of this action, if it is its last one.

        :param message: mail.message of an e-mail that left, or was to leave
        """
        self.ensure_one()
        last = self.env["mail.message"].search(
            [
                ("model", "=", self._name),
                ("res_id", "=", self.id),
                ("message_type", "=", "email_outgoing"),
            ],
            order="id desc",
            limit=1,
        )
        if last != message:
            return
        notifications = message.notification_ids
        statuses = set(notifications.mapped("notification_status"))
        values = {"error_detail": False}
        if "bounce" in statuses:
            values["delivery"] = "bounced"
        elif "exception" in statuses:
            values["delivery"] = "failed"
        elif statuses & {"ready", "process", "pending"}:
            values["delivery"] = "queued"
        elif "sent" in statuses:
            values.update(delivery="sent", retry_at=False)
            if self.delivery != "sent":
                values["sent_at"] = fields.Datetime.now()
        elif self.delivery in UNDELIVERED:
            return  # dismissed in the chatter: it did not arrive all the same
        else:
            values["delivery"] = False
        if values["delivery"] in ("failed", "bounced"):
            failed = notifications.filtered(
                lambda n: n.notification_status in ("bounce", "exception")
            )[:1]
            label = dict(failed._fields["failure_type"].selection).get(
                failed.failure_type, ""
            )
            reason = (failed.failure_reason or "").strip().splitlines()
            values["error_detail"] = ": ".join(
                part for part in (label, " ".join(reason)[:300]) if part
            )
            if failed.failure_type == "mail_smtp":
                values.update(self._next_attempt())
        self._engine().write(values)

    def _next_attempt(self):
        """When a message is tried again whose mail server could not be reached."""
        if self.retry_count >= len(RETRY_AFTER):
            return {"retry_at": False}
        minutes = RETRY_AFTER[self.retry_count]
        return {
            "retry_at": fields.Datetime.now() + timedelta(minutes=minutes),
            "retry_count": self.retry_count + 1,
        }

    @api.model
    def _retry_unreachable(self):
        """Put messages back into the outbox whose mail server could not be reached.

        Nothing of them has left, so that a second attempt sends nothing twice.
        """
        actions = self.search(
            Domain("retry_at", "<=", fields.Datetime.now())
            & Domain("delivery", "=", "failed")
        )
        if not actions:
            return
        unreached = (
            self.env["mail.notification"]
            .sudo()
            .search(  # of these actions
                Domain("notification_status", "=", "exception")
                & Domain("failure_type", "=", "mail_smtp")
                & Domain("mail_mail_id.state", "=", "exception")
                & Domain("mail_message_id.model", "=", self._name)
                & Domain("mail_message_id.res_id", "in", actions.ids)
            )
        )
        # the last one of each: an earlier one has been repeated already
        last = {mail.res_id: mail for mail in unreached.mail_mail_id.sorted("id")}
        unreached.mail_mail_id.browse().union(*last.values()).mark_outgoing()
        actions._engine().retry_at = False
        actions.filtered(lambda a: a.id in last)._engine().delivery = "queued"
        channel_of("email").trigger(self.env)
        self.env["ir.cron"]._commit_progress()

    # -------------------------------------------------------------------------
    # THE LAST LOOK
    # -------------------------------------------------------------------------

    def _last_look(self):
        """Compare what has been rendered with the ledger of this minute.

        :return: None when both agree; "changed" when other amounts or items are to be
            told; else the key of CAUSES for which the message must not leave
        """
        self.ensure_one()
        if self.state == "cancelled":
            return self.cause or "user"
        now = self._item_values()[self]
        position = None
        if self.kind == "scenario" or not self.line_ids:
            position = self.account_id._position()
        if self.leader_id and position and (cause := self._stopped_by(position)):
            return cause
        if self.kind == "scenario" and self.state == "done":
            account = self.account_id
            # another step was done, or the cycle has begun anew (L7, L15)
            if self._later_steps() or (self.step_id, self.date_done) != (
                account.last_done_step_id,
                account.last_done_date,
            ):
                return "step_changed"
        if self._held_back() or self._channel_refusal():
            return "hold"
        if not self.sent_by_id and self.env["dso.reply"]._holding_by_account(
            self.account_id
        ):
            return "reply"
        if self.sent_to_id and self._recipient() != self.sent_to_id:
            return "changed"
        # amounts, delays and penalties are those of the day
        if self.state == "done" and self.date_done != self.company_id._dso_today():
            return "changed"
        if position and self.currency_id.compare_amounts(
            self.amount_claimed, claimed := position["amount_claimed"] or 0
        ):
            idle = self.kind != "scenario" and claimed <= 0
            return "settled" if idle and self.template_id._dso_claims() else "changed"
        if self.kind != "scenario" and not self.line_ids:
            return None
        return self._compare_items(now)

    def _compare_items(self, now):
        """Compare the items that have been rendered with those of this minute.

        :param now: dict of this action in :meth:`_item_values`
        :return: as :meth:`_last_look`
        """
        if self._tells_account():
            kept = self.line_ids
        elif now:
            kept = self._own_lines().filtered("amount")  # 0: settled when rendered
        else:
            return "settled"
        kept = {(line.account_id.id, line.move_id.id, line.due): line for line in kept}
        if not self._tells_account() and any(
            kept[key].claimed and not now[key]["claimed"] for key in kept if key in now
        ):
            return "superseded"
        if set(now) != set(kept):
            return "changed"
        for key, values in now.items():
            line = kept[key]
            currency = line.currency_id or self.currency_id
            if currency.compare_amounts(line.amount, values["amount"]) or (
                bool(line.claimed) != bool(values["claimed"])
            ):
                return "changed"
        return None

    def _later_steps(self):
        """The scenario actions of this account that were done after this one."""
        self.ensure_one()
        return self.search(
            Domain("account_id", "=", self.account_id.id)
            & Domain("kind", "=", "scenario")
            & Domain("state", "=", "done")
            & Domain("id", ">", self.id),
            order="id",
        )

    def _may_have_left(self):
        """Whether the message may have reached its reader: then it stays done."""
        self.ensure_one()
        return bool(self.sent_at or self.delivery in ("sent", "bounced", "unknown"))

    def _stopped_by(self, position=None):
        """Why a scenario message must not leave any more, or None.

        :param position: of the account, see :meth:`dso.account._position`
        """
        position = position or self.account_id._position()
        if position["reason"] in STOPPING:
            leader = self.leader_id
            settled = leader and leader.payment_state in ("paid", "reversed")
            return "settled" if settled else position["reason"]
        led = (position["leader_id"], position["leader_date"])
        if led != (self.leader_id.id, self.leader_date):
            settled = self.leader_id.payment_state in ("paid", "reversed")
            return "settled" if settled else "leader_changed"
        return None

    def _lock_for_outbox(self):
        """Lock the account, then the action (the one lock order).

        :raise psycopg2.OperationalError: when one changed since this transaction began
        """
        self.ensure_one()
        for query in (
            SQL(
                "SELECT id FROM dso_account WHERE id = %s FOR NO KEY UPDATE",
                self.account_id.id,
            ),
            SQL("SELECT id FROM dso_action WHERE id = %s FOR NO KEY UPDATE", self.id),
        ):
            self.env.execute_query(query)

    def _withdraw(self, cause):
        """Take back what was done but never left.

        The action is cancelled with its cause; its step counts as not done.
        """
        self.ensure_one()
        if cause == "reply" and self.kind != "scenario":
            self._put_back()
            return
        if self.kind == "scenario" and self.state == "done":
            self.account_id._step_undone(self)
        values = {"delivery": False, "retry_at": False, "sent_by_id": False}
        if cause == "settled":
            values["outcome"] = self.env._("Settled before sending")
        elif cause in dict(self._fields["cause"].selection):
            label = dict(self._fields["cause"]._description_selection(self.env))[cause]
            values["outcome"] = self.env._("Not sent: %s", label)
        if self.state != "cancelled" and not (
            self.kind == "specific" and self.state in OPEN_STATES
        ):
            values.update(
                state="cancelled",
                cause=cause,
                confirmed=False,
                date_done=False,
                date_closed=self.company_id._dso_today(),
            )
        self._engine().write(values)
        self.account_id._mark_dirty()

    def _put_back(self):
        """A message of its own that has not left waits as before, its items with it."""
        self.ensure_one()
        self._engine().write(
            {
                "state": "planned",
                "delivery": False,
                "retry_at": False,
                "sent_by_id": False,
                "date_done": False,
                "date_closed": False,
                "user_done_id": False,
            }
        )
        if self.kind == "specific":
            lines = self.line_ids.filtered(lambda line: not line.released_by_id)
            lines._engine().released = False
        self.account_id._mark_dirty()

    def _render_again(self):
        """Render what has changed since it was put into the outbox.

        :return: what stands in the outbox now: a mail.mail, sms.sms...
        """
        self.ensure_one()
        self = self.with_company(self.company_id)  # the outbox works for any company
        if self.kind == "scenario":
            position = self.account_id._position()
            self._engine().amount_claimed = position["amount_claimed"]
        else:
            self._take_position()
        today = self.company_id._dso_today()
        if self.state == "done" and self.date_done != today:
            if self.kind == "scenario":
                self.account_id._step_moved(self, today)
            self._engine().write({"date_done": today, "date_closed": today})
        self._keep_items()
        self._keep_recipients()
        channel = channel_of(self.type)
        self._engine().delivery = "queued"
        refused = channel.deliver(self)
        if refused:
            raise UserError(refused[self])
        return channel.outgoing(self)

    # -------------------------------------------------------------------------
    # LINKS WITH A SECRET
    # -------------------------------------------------------------------------

    def _secret_link(self, kind, number):
        """The link behind ``/dso/secret/<kind>/<number>`` of this action's message.

        :param kind: ``pay``: the online payment of an invoice
        :return: the link; False for what does not exist, belongs to another customer or
            cannot be paid online (any more)
        """
        self.ensure_one()
        if kind != "pay":
            return False
        move = self.env["account.move"].browse(number).exists()
        accounts = self.account_id | self.account_id.member_ids
        if (
            not move
            or move.commercial_partner_id not in accounts.partner_id
            or move.company_id.root_id != self.company_id.root_id
            or not move.company_id._dso_paid_online()
            or not move._has_to_be_paid()
        ):
            return False
        return move._get_portal_payment_link()


def _in_plain_words(error):
    """What went wrong in one line: its innermost cause, without the code around it."""
    while error.__cause__:
        error = error.__cause__
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:500]
