"""Formal notice and litigation: released by a person with the right (rules.md §2)."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from .dso_action import OPEN_STATES


class DsoAction(models.Model):
    _inherit = "dso.action"

    needs_release = fields.Boolean(
        compute="_compute_needs_release",
        help="A formal notice or a litigation: a person with the right releases it.",
    )
    release_id = fields.Many2one(
        "dso.release", "Release", readonly=True, copy=False, ondelete="restrict"
    )
    release_used = fields.Boolean(
        readonly=True, copy=False, help="It was handed over under its release."
    )
    released_by_id = fields.Many2one(related="release_id.user_id")
    released_on = fields.Datetime(related="release_id.date")
    release_points = fields.Html(related="release_id.points_table")
    release_note = fields.Text(related="release_id.note")

    @api.depends("type", "action_model_id.formal_notice")
    def _compute_needs_release(self):
        for action in self:
            action.needs_release = (
                action.type == "litigation" or action.action_model_id.formal_notice
            )

    def _release_holds(self):
        """Whether this action needs no release, or has one that still holds: for the
        same reader, for not less than is claimed, and, of a notice, with a day to pay
        that is still to come (rules.md L17)."""
        self.ensure_one()
        if not self.needs_release:
            return True
        release = self.release_id
        return (
            release.action_id == self
            and release.partner_id == self._recipient()
            and (self.type == "litigation" or self._released_deadline() is not None)
            and self.currency_id.compare_amounts(self._claimed_now(), release.amount)
            <= 0
        )

    def _released_deadline(self):
        """The last day to pay that the release of a notice names; False for a release
        that names none, None without one or once that day has come."""
        self.ensure_one()
        if not self.release_id:
            return None
        deadline = self.release_id.deadline
        passed = deadline and deadline <= self.company_id._dso_today()
        return None if passed else deadline

    @api.depends("release_id.deadline", "needs_release", "type")
    @api.depends_context("dso_new_release")
    def _compute_notice(self):
        """A notice names the day that was checked when it was released."""
        res = super()._compute_notice()
        if self.env.context.get("dso_new_release"):
            return res
        for action in self:
            if action.needs_release and action.type != "litigation":
                deadline = action._released_deadline()
                action.notice_deadline = deadline or action.notice_deadline
        return res

    def _what_is_missing(self, channel):
        unreleased = {
            action: ("not_released", False)
            for action in self
            if action.release_used or not action._release_holds()
        }
        return {**super()._what_is_missing(channel), **unreleased}

    def _before_leaving(self, sender):
        res = super()._before_leaving(sender)
        self.filtered("needs_release")._engine().write({"release_used": True})
        return res

    def _last_look(self):
        verdict = super()._last_look()
        if verdict == "changed" and not self._release_holds():
            return "release_lapsed"
        return verdict

    def _check_released(self):
        """
        :raise UserError: for an action whose release is missing, unless a job or a
            loader with all rights acts
        """
        if self.env.su:
            return
        for action in self:
            if action.state in OPEN_STATES and (
                action.release_used or not action._release_holds()
            ):
                raise UserError(
                    self.env._(
                        "%(action)s for %(customer)s is released by a person with the"
                        " right, after its check list: press Release.",
                        action=action.display_name,
                        customer=action.partner_id.display_name,
                    )
                )

    def action_release(self):
        """Open the check list.

        :raise AccessError: for a user without the right
        :raise UserError: for an action that needs no release
        """
        self.ensure_one()
        self.check_access("write")
        self.env["dso.release.make"]._check_right()
        if not self.needs_release or self.state not in OPEN_STATES:
            raise UserError(self.env._("%s needs no release.", self.display_name))
        window = self.env["ir.actions.act_window"]._for_xml_id(
            "dso_collection.dso_release_make_action"
        )
        return {
            **window,
            "name": self.env._(
                "Release: %(action)s for %(customer)s",
                action=self.display_name,
                customer=self.partner_id.display_name,
            ),
            "context": {
                "active_model": self._name,
                "active_id": self.id,
                "active_ids": self.ids,
                "dialog_size": "large",
            },
        }

    def action_send(self):
        self._check_released()
        return super().action_send()

    def action_done(self):
        self._check_released()
        return super().action_done()
