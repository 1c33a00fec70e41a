"""One point of a check list, ticked by a person."""

from odoo import fields, models


class DsoReleasePoint(models.TransientModel):
    _name = "dso.release.point"
    _description = "Point of a Check List"
    _order = "sequence, id"

    make_id = fields.Many2one("dso.release.make", required=True, ondelete="cascade")
    sequence = fields.Integer()
    key = fields.Char(required=True)
    name = fields.Char("Point", required=True)
    fact = fields.Char("What is known")
    speaks = fields.Selection(
        [("yes", "Fits"), ("no", "Look at it"), ("ask", "Compare")],
        "Facts",
        required=True,
    )
    ticked = fields.Boolean("Checked")
