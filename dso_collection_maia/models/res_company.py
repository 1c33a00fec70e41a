from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    dso_maia_feedbacks = fields.Boolean(
        "MAIA feedbacks",
        default=True,
        groups="dso_collection.group_viewer",
        help="Read what customers and colleagues write on their pages, and propose"
        " qualifications.",
    )
    dso_maia_emails = fields.Boolean(
        "MAIA e-mails",
        default=True,
        groups="dso_collection.group_viewer",
        help="Read what customers answer by e-mail, and propose qualifications.",
    )
