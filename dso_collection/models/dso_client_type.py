"""Client types: one scenario is written for each."""

from odoo import fields, models


class DsoClientType(models.Model):
    _name = "dso.client.type"
    _description = "Client Type"
    _order = "sequence, name"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: shared by all companies.")
    scenario_id = fields.Many2one(
        "dso.scenario",
        check_company=True,
        ondelete="restrict",
        help="Given to a customer when this client type is chosen.",
    )
    account_count = fields.Integer(compute="_compute_account_count")

    def _compute_account_count(self):
        counts = dict(
            self.env["dso.account"]._read_group(
                [("client_type_id", "in", self.ids)], ["client_type_id"], ["__count"]
            )
        )
        for client_type in self:
            client_type.account_count = counts.get(client_type, 0)
