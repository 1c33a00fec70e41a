"""Replies are queued for the assistant; what was decided on them is its lesson."""

from odoo import api, fields, models


class DsoReply(models.Model):
    _inherit = "dso.reply"

    maia_proposal_ids = fields.One2many(
        "dso.maia.proposal", "reply_id", "Proposal", readonly=True
    )
    maia_item_ids = fields.One2many(
        "dso.maia.proposal.item", "reply_id", "Proposed", readonly=True
    )
    maia_state = fields.Selection(
        related="maia_proposal_ids.state", string="Reading by MAIA"
    )
    maia_error = fields.Char(related="maia_proposal_ids.error", string="Why")
    maia_engine = fields.Char(related="maia_proposal_ids.engine", string="Engine")
    maia_doubtful = fields.Boolean(
        related="maia_proposal_ids.doubtful", string="Look closely"
    )
    maia_doubt_text = fields.Char(
        related="maia_proposal_ids.doubt_text", string="Why look closely"
    )
    maia_summary = fields.Char(
        "MAIA",
        compute="_compute_maia_summary",
        help="What the reply says, in one line.",
    )
    maia_can_undo = fields.Boolean(compute="_compute_maia_can_undo")

    @api.depends("maia_item_ids", "maia_state")
    @api.depends_context("lang")
    def _compute_maia_summary(self):
        for reply in self:
            reply.maia_summary = " · ".join(reply.maia_item_ids.mapped("summary"))

    @api.depends("maia_item_ids.qualification_ids", "maia_item_ids.decision")
    def _compute_maia_can_undo(self):
        for reply in self:
            done = reply.maia_item_ids.qualification_ids
            reply.maia_can_undo = bool(done.filtered(lambda q: not q.undone))

    @api.model_create_multi
    def create(self, vals_list):
        replies = super().create(vals_list)
        self.env["dso.maia.proposal"]._queue(
            replies.filtered(
                lambda reply: (
                    reply.body and reply.account_id._maia_reads(reply.source)
                )
            )
        )
        return replies

    def _process(self, state):
        """What was not qualified until now was not meant to be."""
        res = super()._process(state)
        items = self.maia_item_ids.sudo()  # decisions of who was checked just above
        if state == "to_process":
            items.filtered(lambda i: i.decision in ("filed", "rejected"))._undecide()
        else:
            items.filtered(lambda item: not item.decision)._decide(
                "filed" if state == "validated" else "rejected"
            )
        return res

    def _next_proposed(self):
        """The first situation that the text tells of and nobody decided on yet:
        dso.maia.proposal.item, may be empty."""
        return self.maia_item_ids.filtered(
            lambda item: not item.situation and not item.decision and item._proposes()
        )[:1]

    def action_maia_read(self):
        """Let the assistant read these replies now, also those that it would not."""
        self._check_collector()
        self.check_access("read")
        self.env["dso.maia.proposal"]._queue(
            self.filtered(lambda reply: reply.body and reply.state == "to_process")
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._("MAIA reads within a minute."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_maia_undo(self):
        """Undo what was qualified by the proposal, and take the reply up again."""
        self.ensure_one()
        return self.maia_proposal_ids.action_undo()

    # -------------------------------------------------------------------------
    # PERSONAL DATA
    # -------------------------------------------------------------------------

    def _erase_content(self):
        res = super()._erase_content()
        items = self._engine().maia_item_ids  # callers check who may, or the time
        items.write({"evidence": False, "numbers": False})
        return res
