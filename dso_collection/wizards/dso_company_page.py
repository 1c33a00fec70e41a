"""What the set-up pages of a company have in common."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError


class DsoCompanyPage(models.AbstractModel):
    """One page per visit, for the root company that the user works in."""

    _name = "dso.company.page"
    _description = "Page of a Company"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company.root_id,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")

    @api.constrains("company_id")
    def _check_company(self):
        """What the page counts is read past the record rules."""
        for page in self:
            if page.company_id not in self.env.user.company_ids.root_id:
                raise ValidationError(
                    self.env._("Choose a company in which you work, and its root.")
                )

    def _check_manager(self):
        if not self.env.user.has_group("dso_collection.group_manager"):
            raise AccessError(
                self.env._("Only a credit manager may set up collection.")
            )

    def _open(self, xmlid):
        """The window action ``xmlid`` on this page."""
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(xmlid),
            "res_id": self.id,
        }
