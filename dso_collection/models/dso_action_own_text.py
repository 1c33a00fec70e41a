"""The text that a person wrote for one action, instead of its model's."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from .dso_qualification import PROMISE_MEANS


class DsoAction(models.Model):
    _inherit = "dso.action"

    own_subject = fields.Char(
        "Own subject",
        help="Written for this action by a person; nothing in it is filled any more.",
    )
    own_body = fields.Html(
        "Own text",
        help="Written for this action by a person; nothing in it is filled any more."
        " Empty: the text of the action model.",
    )
    own_attachment_ids = fields.Many2many(
        "ir.attachment", "dso_action_own_attachment", string="Files of the message"
    )
    promise_amount = fields.Monetary(
        readonly=True,
        help="What was promised for the items of this action, in company currency.",
    )
    promise_means = fields.Selection(PROMISE_MEANS, "Means of payment", readonly=True)
    promise_means_words = fields.Char(
        compute="_compute_promise_means_words",
        help="How what was promised is to be paid.",
    )
    status_wording = fields.Char(
        compute="_compute_status_wording",
        help="Status of the items of this action in customer wording; empty when they"
        " have several.",
    )
    colleague_note = fields.Text(
        compute="_compute_colleague_note",
        help="The internal note, in messages to colleagues only; empty in all others.",
    )

    @api.depends("promise_means")
    def _compute_promise_means_words(self):
        field = self._fields["promise_means"]
        for action in self:
            env = self.with_context(lang=action.lang_code).env
            labels = dict(field._description_selection(env))
            action.promise_means_words = labels.get(action.promise_means)

    @api.depends("line_ids")
    def _compute_status_wording(self):
        items = self.env["dso.item"].search(
            [
                ("move_id", "in", self.line_ids.move_id.ids),
                ("account_id", "in", self.line_ids.account_id.ids),
            ]
        )
        by_key = {(item.move_id, item.account_id): item.status_id for item in items}
        for action in self:
            statuses = {
                by_key.get((line.move_id, line.account_id)) for line in action.line_ids
            }
            status = statuses.pop() if len(statuses) == 1 else None
            action.status_wording = (
                status and status.with_context(lang=action.lang_code)._wording()
            )

    @api.depends("note", "interactive")
    def _compute_colleague_note(self):
        for action in self:
            internal = action.interactive == "internal"
            action.colleague_note = internal and action.note

    def _compute_text(self):
        """A text of its own is shown as it is."""
        own = self.filtered("own_body")
        res = super(DsoAction, self - own)._compute_text()
        for action in own:
            action.text_subject = action.own_subject
            action.text_body = action.own_body
        return res

    @api.depends("interactive", "resolver_id.lang", "sender_id")
    def _compute_contact_id(self):
        """An internal message is read by a colleague, in his language."""
        res = super()._compute_contact_id()
        for action in self.filtered(lambda a: a.interactive == "internal"):
            action.lang_code = action._recipient().lang or action.lang_code
        return res

    # -------------------------------------------------------------------------
    # THE LAST LOOK
    # -------------------------------------------------------------------------

    def _last_look(self):
        """A text that a person wrote tells the items of its action, not the day."""
        verdict = super()._last_look()
        if verdict == "changed" and self.own_body and self.line_ids:
            return self._compare_items(self._item_values()[self])
        return verdict

    def _render_again(self):
        if self.own_body:
            raise UserError(
                self.env._(
                    "What is owed changed after the text was written. Write it anew."
                )
            )
        return super()._render_again()
