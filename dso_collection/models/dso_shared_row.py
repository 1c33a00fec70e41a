"""Rows of law that ship with the product, beside rows of companies' own."""

from odoo import api, fields, models
from odoo.exceptions import UserError

#: What of a shared row may be changed: the rest is as its source says.
FREE = {"active"}


class DsoSharedRow(models.AbstractModel):
    """A row without a company is shared, and keeps what its source says.

    The model that inherits it has a ``company_id``; a row of a company's own wins.
    """

    _name = "dso.shared.row"
    _description = "Row that Ships with the Product"

    is_shared = fields.Boolean(compute="_compute_is_shared")

    @api.depends("company_id")
    def _compute_is_shared(self):
        for row in self:
            row.is_shared = not row.company_id

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows._check_own()
        return rows

    def write(self, vals):
        if not FREE >= set(vals):
            self._check_own()
        res = super().write(vals)
        if "company_id" in vals:
            self._check_own()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_own(self):
        self._check_own()

    def _check_own(self):
        """Shared rows come with the product.

        :raise UserError: when somebody else than the product changes one
        """
        if not self.env.su and not all(row.company_id for row in self):
            raise UserError(self._words_for_shared())

    @api.model
    def _words_for_shared(self):
        """Why a shared row is not changed, and what to do instead."""
        return self.env._(
            "Shipped rows keep what their source says. Enter a row of your company"
            " instead: it wins."
        )
