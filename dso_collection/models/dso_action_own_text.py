"""The text that a person wrote for one action, instead of its model's."""

from odoo import fields, models

from .dso_qualification import PROMISE_MEANS


class DsoAction(models.Model):
    _inherit = "dso.action"

    own_subject = fields.Char("Own subject", copy=False)
    own_body = fields.Html(
        "Own text",
        copy=False,
        help="Empty: the text of the action model, filled when it leaves.",
    )
    own_attachment_ids = fields.Many2many(
        "ir.attachment", "dso_action_own_attachment", string="Files of the message"
    )
    promise_amount = fields.Monetary(
        help="What was promised for the items of this action, in company currency.",
        readonly=True,
    )
    promise_means = fields.Selection(PROMISE_MEANS, "Means of payment", readonly=True)
