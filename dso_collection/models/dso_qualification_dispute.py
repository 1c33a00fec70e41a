"""How disputes end: outcome, credit note, who decided, how long it took."""

from odoo import fields, models

from .dso_status import DISPUTE_OUTCOMES


class DsoQualification(models.Model):
    _inherit = "dso.qualification"

    dispute_outcome = fields.Selection(
        DISPUTE_OUTCOMES,
        help="How the item's latest dispute ended; carried on by later rows until"
        " another dispute begins.",
    )
    dispute_ended_id = fields.Many2one(
        "dso.status",
        "Dispute ended",
        index="btree_not_null",
        ondelete="restrict",
        help="The dispute status that this row ended.",
    )
    dispute_date = fields.Date(
        "Disputed since", help="Status date of the dispute that lasts or was ended."
    )
    dispute_days = fields.Integer(
        "Resolution time",
        aggregator="avg",
        help="Days from the status date of the dispute to that of the next status.",
    )
    dispute_decided_by_id = fields.Many2one("res.users", "Decided by")
    dispute_credit_note_id = fields.Many2one(
        "account.move", "Credit note", index="btree_not_null", ondelete="set null"
    )
    dispute_sentence = fields.Char(
        "Sentence for the customer", help="The customer will read this."
    )
