"""Confirming automatic actions: one or thousands, and by a second person."""

import hashlib

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .dso_action import OPEN_STATES
from .dso_change import WHAT
from .dso_qualification import ENGINE


class DsoAction(models.Model):
    _inherit = "dso.action"

    confirmed_by_id = fields.Many2one(
        "res.users",
        "Confirmed by",
        readonly=True,
        copy=False,
        ondelete="set null",
        help="Who let it leave last.",
    )
    confirmed_at = fields.Datetime("Confirmed on", readonly=True, copy=False)
    four_eyes = fields.Char(
        "Another person confirms it",
        compute="_compute_four_eyes",
        help="Why you do not confirm it: you changed what decides on it.",
    )

    seen_mark = fields.Char(
        compute="_compute_seen_mark",
        help="Of the message as it would leave now: whoever confirms it gives back the"
        " mark of what was shown.",
    )

    @api.depends("text_subject", "text_body", "sms_text", "recipient_id", "date")
    def _compute_seen_mark(self):
        for action in self:
            shown = (
                action.type,
                action.text_subject,
                action.text_body,
                action.sms_text,
                action.recipient_id.id,
                action.date,
            )
            action.seen_mark = hashlib.sha256(repr(shown).encode()).hexdigest()

    @api.depends("state", "mode", "confirmed")
    @api.depends_context("uid")
    def _compute_four_eyes(self):
        refusals = self._four_eyes_refusals()
        for action in self:
            action.four_eyes = refusals.get(action.id, False)

    # -------------------------------------------------------------------------
    # FOUR EYES
    # -------------------------------------------------------------------------

    def _own_changes(self):
        """Why the present user does not confirm each of these, where a company asks for
        four eyes (rules.md §5).

        :return: {action id: reason in words}; a constant number of queries
        """
        watched = self.filtered(
            lambda a: a.company_id.sudo().dso_four_eyes  # the option only
        )
        if not watched or self.env.uid == SUPERUSER_ID:
            return {}
        changes = self.env["dso.change"].sudo()  # behind actions that he reads
        found = changes._behind(watched, self.env.user)
        for action in watched:
            own = action.kind != "scenario" and action.create_uid == self.env.user
            # a manual one is a person's own message from the start
            own = own and action.mode == "auto_confirm"
            if own and action.confirmed_by_id <= self.env.user:  # nobody else has
                found.setdefault(action.id, set()).add("planned")
        field = self.env["dso.change"]._fields["what"]
        labels = dict(field._description_selection(self.env))
        return {
            key: self.env._(
                "You changed %s: another person confirms it.",
                ", ".join(labels[name] for name, _label in WHAT if name in names),
            )
            if names != {"planned"}
            else self.env._("You planned it: another person confirms it.")
            for key, names in found.items()
        }

    def _was_to_confirm(self):
        """Whether a second person looks at this message before it leaves: it is to be
        confirmed, or was before somebody made it manual."""
        self.ensure_one()
        planned = self.step_id.mode or self.action_model_id.mode
        return self.mode == "auto_confirm" or (
            self.mode == "manual" and planned == "auto_confirm" and not self.by_hand
        )

    def _four_eyes_refusals(self):
        """Why the present user does not let each of these leave: it is to be confirmed,
        and only whoever changed it would have seen it.

        :return: as :meth:`_own_changes`
        """
        return self.filtered(
            lambda a: (
                a.state in OPEN_STATES
                and a._was_to_confirm()
                and not (a.confirmed and a.confirmed_by_id != self.env.user)
            )
        )._own_changes()

    def _check_four_eyes(self):
        """
        :raise UserError: for a message that is to be confirmed, and that only whoever
            changed it would have seen
        """
        refusals = self._four_eyes_refusals()
        if refusals:
            action = self.browse(next(iter(refusals)))
            raise UserError(
                self.env._(
                    "%(action)s for %(customer)s: %(reason)s",
                    action=action.display_name,
                    customer=action.partner_id.display_name,
                    reason=refusals[action.id],
                )
            )

    def _note_change(self, what, of_account=False):
        """Keep who changed these (rules.md §5).

        :param bool of_account: it outlives the action, as what a scenario proposes
            anew keeps it
        """
        actions = self.filtered(lambda a: a.state in OPEN_STATES)
        scenario = actions.filtered(lambda a: of_account and a.kind == "scenario")
        changes = self.env["dso.change"].sudo()  # what the user just wrote
        changes._note(what, scenario.account_id)
        changes._note(what, actions - scenario)

    # -------------------------------------------------------------------------
    # CONFIRM
    # -------------------------------------------------------------------------

    def action_confirm(self):
        """Release automatic actions for sending at their date (rules.md §2, L17): all
        of these, or none. :meth:`action_confirm_many` confirms those that can be.

        :raise AccessError: for a user who is no collector
        The window of a single message gives the mark of what it showed in the context,
        as ``dso_seen``: another text than the one that was read is not confirmed.

        :raise UserError: for an action that is not to be confirmed, is closed, has a
            problem, was changed by the user where another person confirms, or does not
            read any more as it was shown
        """
        self._check_collector()
        self._lock_open()
        self._check_seen(self.env.context.get("dso_seen"))
        own = self._own_changes()
        for action in self:
            values = {
                "action": action.display_name,
                "customer": action.partner_id.display_name,
            }
            if action.mode != "auto_confirm":
                raise UserError(
                    self.env._(
                        "%(action)s for %(customer)s is not an action to confirm.",
                        **values,
                    )
                )
            if action.state == "error":
                raise UserError(
                    self.env._(
                        "%(action)s for %(customer)s cannot be confirmed: %(problem)s.",
                        problem=action.error,
                        **values,
                    )
                )
            if action.id in own:
                raise UserError(
                    self.env._(
                        "%(action)s for %(customer)s: %(reason)s",
                        reason=own[action.id],
                        **values,
                    )
                )
        self._set_confirmed()
        self._trigger_sending()
        return True

    def _check_seen(self, mark):
        """
        :param mark: seen_mark of the one message that its reader looked at, or None
        :raise UserError: when it would leave otherwise by now
        """
        if mark and len(self) == 1 and mark != self.seen_mark:
            raise UserError(
                self.env._(
                    "%(action)s for %(customer)s changed while you looked at it: read"
                    " it once more, then confirm.",
                    action=self.display_name,
                    customer=self.partner_id.display_name,
                )
            )

    def _refused(self, name):
        """What whoever changed it may not let leave is refused, too."""
        refused = super()._refused(name)
        if name in ("action_confirm", "action_send"):
            rest = self - self.browse().union(*refused.values())
            for key, reason in rest._four_eyes_refusals().items():
                refused[reason] = refused.get(reason, self.browse()) | self.browse(key)
        return refused

    def _set_confirmed(self):
        """Confirm these in one statement; behind :meth:`action_confirm`'s checks."""
        if not self:
            return
        self.flush_recordset()
        self.env.execute_query(
            SQL(
                """
                UPDATE dso_action
                   SET confirmed = TRUE, confirmed_amount = amount_claimed,
                       confirmed_by_id = %(uid)s,
                       confirmed_at = NOW() AT TIME ZONE 'UTC',
                       write_uid = %(uid)s, write_date = NOW() AT TIME ZONE 'UTC'
                 WHERE id = ANY(%(ids)s) RETURNING id
                """,
                uid=self.env.uid,
                ids=self.ids,
            )
        )
        names = ["confirmed", "confirmed_amount", "confirmed_by_id", "confirmed_at"]
        self.invalidate_recordset(names, flush=False)
        self.modified(names)
        self.env["dso.change"].sudo()._settle(self, self.env.user)  # of these actions

    # -------------------------------------------------------------------------
    # WHAT OTHERS DO
    # -------------------------------------------------------------------------

    def action_send(self):
        self._check_four_eyes()
        return super().action_send()

    def write(self, vals):
        if self.env.context.get("dso_engine") is ENGINE:
            return super().write(vals)
        if vals.get("mode") == "auto":
            self._check_may_leave_unseen()
        res = super().write(vals)
        for what, names in (
            ("model", {"action_model_id", "mode", "interactive"}),
            (
                "recipient",
                {"own_contact_id", "also_to_ids", "copy_user_ids", "resolver_id"},
            ),
            ("text", {"own_subject", "own_body", "own_attachment_ids"}),
        ):
            if names & set(vals):
                self._note_change(what)
        return res

    def _check_may_leave_unseen(self):
        """
        :raise UserError: for an action that is to be confirmed, where a company asks
            for four eyes
        """
        for action in self:
            company = action.company_id.sudo()  # the option only
            if company.dso_four_eyes and action._was_to_confirm():
                raise UserError(
                    self.env._(
                        "%(action)s for %(customer)s is confirmed by a second person:"
                        " it cannot be made fully automatic.",
                        action=action.display_name,
                        customer=action.partner_id.display_name,
                    )
                )

    @api.private
    def action_reschedule(self, date):
        res = super().action_reschedule(date)
        # confirmed by another person was the day before
        self._note_change("date", of_account=True)
        return res

    # -------------------------------------------------------------------------
    # THE QUEUE
    # -------------------------------------------------------------------------

    def action_make_manual(self):
        """Take an automatic message into one's own hands, to change its text.

        :raise AccessError: for a user who is no collector
        :raise UserError: for an action that is closed or manual already
        """
        self._check_collector()
        self._lock_open()
        for action in self:
            if action.mode == "manual":
                raise UserError(
                    self.env._("%s is manual already.", action.display_name)
                )
        self.write({"mode": "manual"})
        if len(self) > 1:
            return True
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    @api.model
    def action_open_confirm_queue(self):
        """Open what waits for a confirmation: a collector's own, else everything."""
        window = self.env["ir.actions.act_window"]._for_xml_id(
            "dso_collection.dso_action_action_confirm"
        )
        user = self.env.user
        mine = user.has_group("dso_collection.group_collector") and not user.has_group(
            "dso_collection.group_manager"
        )
        return {
            **window,
            "domain": Domain("state", "in", OPEN_STATES)
            & Domain("mode", "=", "auto_confirm")
            & Domain("confirmed", "=", False),
            "context": {
                "search_default_mine": int(mine),
                "search_default_due_now": 1,
            },
        }
