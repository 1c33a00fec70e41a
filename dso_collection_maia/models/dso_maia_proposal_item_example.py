"""A decision on a situation is an example to learn from."""

from odoo import models

from .dso_maia_example import WEIGHTS

#: What of a decision an example tells.
DECIDING = {"decision", "qualification_ids", "user_id", "decided_on"}


class DsoMaiaProposalItem(models.Model):
    _inherit = "dso.maia.proposal.item"

    def write(self, vals):
        res = super().write(vals)
        if DECIDING & set(vals):
            self.env["dso.maia.example"]._note(self)
        return res

    def _example(self):
        """Values of the example that this decision is, but for its words."""
        self.ensure_one()
        status = self.qualification_ids.sorted("id")[:1].status_id
        filed = self.decision == "filed"
        if status:
            pairs = self.env["dso.maia.example"]._pairs_of(status, self.reason_id)
        elif filed and not self.status_id:
            # nothing was to be qualified, and a person agrees
            pairs = [[self.status_type, self.reason_id.code]]
        else:
            pairs = []
        right = self.decision == "confirmed" or bool(filed and pairs)
        decided = status.type or (pairs[0][0] if pairs else False)
        return {
            "item_id": self.id,
            "reply_id": self.reply_id.id,
            "company_id": self.company_id.id,
            "date": self.decided_on,
            "user_id": self.user_id.id,
            "lang": self.proposal_id.lang,
            "decision": self.decision,
            "proposed_type": self.status_type,
            "proposed_id": self.reason_id.id,
            "confidence": self.confidence,
            "engine": self.proposal_id.engine,
            "decided_type": decided,
            "status_id": status.id,
            "pairs": pairs,
            "weight": WEIGHTS.get(self.decision, 0) if pairs else 0,
            "right": float(right),
            "right_type": float(right or decided == self.status_type),
        }
