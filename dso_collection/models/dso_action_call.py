"""What came out of a phone call."""

from odoo import fields, models

CALL_OUTCOMES = [
    ("reached", "Reached"),
    ("no_answer", "No answer"),
    ("promise", "Promises to pay"),
    ("dispute", "Disputes"),
    ("call_back", "Call back later"),
]


class DsoAction(models.Model):
    _inherit = "dso.action"

    call_outcome = fields.Selection(CALL_OUTCOMES, readonly=True, copy=False)
    call_back_at = fields.Datetime(
        readonly=True, copy=False, help="When the customer asked to be called again."
    )
