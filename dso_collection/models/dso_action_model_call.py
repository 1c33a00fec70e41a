"""What a person says on the phone: the script of an action model."""

from odoo import fields, models


class DsoActionModel(models.Model):
    _inherit = "dso.action.model"

    script = fields.Html(
        translate=True,
        help="What to say, in the language that is spoken. Placeholders such as"
        " {{ object.claimed_words }} are filled in when the call is made.",
    )
