"""The qualification, filled in with what the assistant proposes."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class DsoQualify(models.TransientModel):
    """One situation of a reply after the other; what its author chose by a button
    stands, what the text says fills in the rest (rules.md M3). Its user corrects."""

    _inherit = "dso.qualify"

    maia_item_id = fields.Many2one(
        "dso.maia.proposal.item", "Proposed situation", readonly=True
    )
    maia_hint = fields.Char(compute="_compute_maia_hint")

    @api.depends("maia_item_id")
    def _compute_maia_hint(self):
        for wizard in self:
            item = wizard.maia_item_id
            proposal = item.proposal_id
            if item and not item.status_id and item._proposes():
                wizard.maia_hint = self.env._(
                    "MAIA is not sure: choose the status yourself."
                )
            elif proposal.doubtful:
                wizard.maia_hint = self.env._("Look closely: %s.", proposal.doubt_text)
            else:
                wizard.maia_hint = False

    @api.model
    def _from_reply(self, values):
        found = super()._from_reply(values)
        reply = self.env["dso.reply"].browse(values["reply_id"])
        if values.get("status_id"):
            return found
        item = self._maia_item(reply)
        if not item:
            return found
        if not item.situation:
            proposed = self._of_proposed(item)
            if item.move_ids:
                for command in values.get("item_ids") or []:
                    if command[0] == Command.CREATE:
                        ticked = command[2]["move_id"] in item.move_ids._ids
                        command[2]["selected"] = ticked
            found |= {
                name: value
                for name, value in proposed.items()
                if value and not values.get(name)
            }
        return {**found, "maia_item_id": item.id}

    @api.model
    def _maia_item(self, reply):
        """The proposal that goes with what the window is about to ask: of the answer
        by button that is next, else of the text. May be empty."""
        lines = reply._next_situation()
        if lines:
            return reply.maia_item_ids.filtered(
                lambda item: item.situation == lines[0].situation
            )[:1]
        return reply._next_proposed()

    @api.model
    def _of_proposed(self, item):
        """Values of the window for one situation that the text tells of."""
        currency = item.move_ids.currency_id
        amount = item.promise_amount if currency == item.currency_id else 0
        return {
            "status_id": item.status_id.id,
            "promise_date": item.promise_date,
            "promise_amount": amount,
            "comment": item.evidence or item.reply_id.body,
        }

    @api.depends("maia_item_id")
    def _compute_situations(self):
        """What the text says of other items stands beside what was chosen."""
        res = super()._compute_situations()
        for wizard in self:
            told = wizard.reply_id.maia_item_ids.filtered(lambda i: not i.situation)
            waits = told.filtered(lambda i: not i.decision and i._proposes())
            if len(told) > 1 or (told and wizard.situations_text):
                lines = [
                    f"{'•' if item in waits else '✓'} {item.summary}" for item in told
                ]
                wizard.situations_text = "\n".join(
                    filter(None, [wizard.situations_text, *lines])
                )
            if waits - wizard.maia_item_id:
                wizard.more_situations = True
        return res

    def _go_on(self):
        res = super()._go_on()
        item = self._maia_item(self.reply_id)
        self.maia_item_id = item
        if item and not item.situation:
            self.item_ids.filtered(
                lambda line: line.move_id in item.move_ids and not line.done
            ).selected = True
            self.write(self._of_proposed(item))
        return res

    def _validate(self):
        """What its user made of the proposal is noted beside it.

        :raise UserError: when somebody else qualified the situation since the window
            was opened; what he did would not be undone with it any more
        """
        reply = self.reply_id
        standing = self.maia_item_id.qualification_ids.filtered(lambda q: not q.undone)
        if standing and self.maia_item_id.reply_id == reply:
            raise UserError(
                self.env._(
                    "Somebody has qualified this situation in the meantime: close"
                    " this window and open the reply again."
                )
            )
        # a status that nobody proposed is a lesson, too
        undecided = reply.maia_item_ids.filtered(
            lambda item: not item.situation and not item.decision
        )
        item = self.maia_item_id or undecided[:1]
        res = super()._validate()
        if res and self.done_ids and item and item.reply_id == reply:
            reply.check_access("read")
            # its decision; who qualified was checked above, his right to the reply here
            item.sudo()._qualified_by(self.done_ids)
        return res

    def action_undo(self):
        """The situation that was undone is proposed once more."""
        item = self.reply_id.maia_item_ids.filtered(
            lambda item: item.qualification_ids & self.done_ids
        )[:1]
        res = super().action_undo()
        if item:
            self.maia_item_id = item
            if not item.situation:
                self.write(self._of_proposed(item))
        return res
