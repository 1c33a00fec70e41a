"""One situation within a reply: what it says of some items."""

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import format_amount, format_date

from odoo.addons.dso_collection.models.dso_status import STATUS_TYPES


class DsoMaiaProposalItem(models.Model):
    """One situation of a proposal, and what a person made of it.

    What was proposed never changes; the decision is beside it, and what the items
    became is read off the qualifications that followed.
    """

    _name = "dso.maia.proposal.item"
    _description = "Situation of a Proposal"
    _order = "proposal_id desc, sequence, id"

    proposal_id = fields.Many2one(
        "dso.maia.proposal",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="proposal_id.company_id", store=True, index=True
    )
    reply_id = fields.Many2one(related="proposal_id.reply_id", store=True, index=True)
    engine = fields.Char(related="proposal_id.engine")
    sequence = fields.Integer(readonly=True, aggregator=None)
    situation = fields.Integer(
        readonly=True,
        aggregator=None,
        help="Number of the answer on a page that it goes with; 0 = of the text.",
    )

    # === What is proposed === #
    status_type = fields.Selection(
        STATUS_TYPES, "Type", required=True, readonly=True, index=True
    )
    reason_id = fields.Many2one(
        "dso.maia.reason", "Reason", required=True, readonly=True, ondelete="restrict"
    )
    status_id = fields.Many2one(
        "dso.status",
        "Proposed status",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The company's own status of that type and reason; empty: nothing to"
        " qualify, or not sure enough.",
    )
    move_ids = fields.Many2many(
        "account.move",
        "dso_maia_proposal_item_move",
        "item_id",
        "move_id",
        "Items",
        readonly=True,
    )
    numbers = fields.Char(
        "Named", readonly=True, help="Invoice numbers as the author wrote them."
    )
    promise_date = fields.Date("Promised for", readonly=True)
    promise_amount = fields.Monetary("Promised amount", readonly=True, aggregator=None)
    currency_id = fields.Many2one("res.currency", readonly=True)
    confidence = fields.Float(readonly=True, aggregator="avg")
    evidence = fields.Text(
        "The reply says", readonly=True, help="The words that speak for it."
    )

    summary = fields.Char(compute="_compute_summary", help="It in one sentence.")

    # === What a person made of it === #
    decision = fields.Selection(
        [
            ("confirmed", "Confirmed"),
            ("corrected", "Corrected"),
            ("filed", "Filed without qualifying"),
            ("rejected", "Dismissed"),
        ],
        readonly=True,
        index=True,
    )
    user_id = fields.Many2one("res.users", "Decided by", readonly=True)
    decided_on = fields.Datetime("Decided on", readonly=True)
    qualification_ids = fields.Many2many(
        "dso.qualification",
        "dso_maia_proposal_item_qualification",
        "item_id",
        "qualification_id",
        "Qualified as",
        readonly=True,
    )

    @api.depends(
        "reason_id", "promise_date", "promise_amount", "currency_id", "move_ids"
    )
    @api.depends_context("lang")
    def _compute_summary(self):
        """A sentence of ours about what was understood: no words of a message."""
        # of branches that are not the user's, not even the numbers
        readable = self.move_ids._filtered_access("read")
        for item in self:
            parts = [item.reason_id.sentence or ""]
            if item.promise_date:
                # in words: a day that nobody can mistake for a month
                day = format_date(self.env, item.promise_date, date_format="medium")
                parts.append(self.env._("Day: %s.", day))
            if item.promise_amount and item.currency_id:
                amount = format_amount(self.env, item.promise_amount, item.currency_id)
                parts.append(self.env._("Amount: %s.", amount))
            if moves := item.move_ids & readable:
                parts.append(self.env._("Items: %s.", self._numbers(moves)))
            item.summary = " ".join(parts)

    @api.model
    def _numbers(self, moves, shown=5):
        """The numbers of items, the first ones."""
        names = moves.mapped("name")
        text = ", ".join(name for name in names[:shown] if name)
        if len(names) > shown:
            return self.env._(
                "%(numbers)s and %(count)s more",
                numbers=text,
                count=len(names) - shown,
            )
        return text

    # -------------------------------------------------------------------------
    # WHAT A PERSON MAKES OF IT
    # -------------------------------------------------------------------------

    def _proposes(self):
        """Whether there is something to qualify, if only a guess."""
        self.ensure_one()
        return bool(self.status_id or self.reason_id.status_ids)

    def _qualified_by(self, qualifications):
        """A user qualified items for this situation: as proposed, or otherwise.

        :param qualifications: dso.qualification rows that he made just now
        """
        self.ensure_one()
        self._decide(
            "confirmed" if self._agrees(qualifications) else "corrected",
            qualification_ids=[Command.set(qualifications.ids)],
        )

    def _agrees(self, qualifications):
        """Whether qualifications say what was proposed: status, day and items."""
        fitting = self.status_id or self.reason_id.status_ids
        return (
            qualifications.status_id <= fitting
            and (
                self.status_type != "promise_to_pay"
                or set(qualifications.mapped("promise_date")) == {self.promise_date}
            )
            and qualifications.move_id == self.move_ids
        )

    def _decide(self, decision, **values):
        """Note what a person made of these situations; nothing that was proposed
        changes. Called in sudo, behind a check of who may.

        :param decision: key of the field
        """
        if self:
            self.write(
                {
                    "decision": decision,
                    "user_id": self.env.uid,
                    "decided_on": fields.Datetime.now(),
                    **values,
                }
            )

    def _undecide(self):
        """These situations wait for a person once more."""
        if self:
            self.write({"decision": False, "user_id": False, "decided_on": False})

    def action_open_reply(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "dso.reply",
            "res_id": self.reply_id.id,
            "view_mode": "form",
            "name": self.reply_id.display_name,
        }
