"""Late penalties and recovery costs of receivable accounts (rules.md §6)."""

from odoo import api, fields, models

from .dso_late_rate import CATEGORIES


class DsoAccount(models.Model):
    _inherit = "dso.account"

    late_category = fields.Selection(
        CATEGORIES,
        "Debtor",
        help="Decides which late payment law applies. Empty: a company or whoever has a"
        " tax number is a business, everybody else a consumer.",
    )
    late_basis = fields.Selection(
        [
            ("contract", "Rate of our terms"),
            ("statutory", "Rate of the law"),
            ("own", "Rate agreed with this customer"),
        ],
        "Rate of late penalties",
        help="Empty: as the settings say.",
    )
    late_rate = fields.Float(
        "Agreed rate", digits=(6, 3), help="Percent per year, agreed with him."
    )

    @api.private
    def _late_costs(self, today=None):
        """What may be claimed of late costs on the open items of these accounts.

        :param today: date, or None for each company's own today
        :return: {(account id, receivable line id): {"penalty": float, "recovery":
            float, "days": int}} in company currency
        """
        return {}
