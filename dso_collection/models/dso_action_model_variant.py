"""Another text of an action model for debtors of a country or a category."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .dso_late_rate import CATEGORIES


class DsoActionModelVariant(models.Model):
    """The text for debtors of one country, one category, or both (rules.md §12)."""

    _name = "dso.action.model.variant"
    _description = "Text of an Action Model by Debtor"
    _order = "action_model_id, country_id, category, id"

    action_model_id = fields.Many2one(
        "dso.action.model", "Action", required=True, index=True, ondelete="cascade"
    )
    country_id = fields.Many2one(
        "res.country", help="Country of the customer. Empty: every country."
    )
    category = fields.Selection(
        CATEGORIES, "Debtor", help="What the customer is. Empty: everybody."
    )
    template_id = fields.Many2one(
        "mail.template",
        "Text",
        required=True,
        domain="[('model', '=', 'dso.action')]",
        ondelete="restrict",
    )

    # one text for each debtor
    _debtor_idx = models.UniqueIndex(
        "(action_model_id, COALESCE(country_id, 0), COALESCE(category, ''))",
        "This action has a text for this country and debtor already.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        variants = super().create(vals_list)
        variants._note_change()
        return variants

    def write(self, vals):
        self._note_change()
        res = super().write(vals)
        self._note_change()
        return res

    def unlink(self):
        self._note_change()
        return super().unlink()

    def _note_change(self):
        """Another text for some debtors is another text of the model (four eyes)."""
        models = self.action_model_id
        self.env["dso.change"].sudo()._note("text", models)  # what the user writes

    @api.depends("country_id", "category")
    def _compute_display_name(self):
        labels = dict(self._fields["category"]._description_selection(self.env))
        for variant in self:
            parts = (variant.country_id.name, labels.get(variant.category))
            variant.display_name = ", ".join(filter(None, parts))

    @api.constrains("country_id", "category", "action_model_id")
    def _check_debtor(self):
        for variant in self:
            if not variant.country_id and not variant.category:
                raise ValidationError(
                    self.env._(
                        "Choose a country, a debtor or both: the text for everybody"
                        " else stands on %s itself.",
                        variant.action_model_id.name,
                    )
                )

    @api.constrains("template_id")
    def _check_template(self):
        for variant in self:
            if variant.template_id.model != "dso.action":
                raise ValidationError(
                    self.env._(
                        "%s is no collection text.", variant.template_id.display_name
                    )
                )


class DsoActionModel(models.Model):
    _inherit = "dso.action.model"

    variant_ids = fields.One2many(
        "dso.action.model.variant",
        "action_model_id",
        "Texts by debtor",
        copy=True,
        help="For debtors of these countries or categories, instead of the text.",
    )

    def _template_for(self, country, category):
        """The text for such a debtor: the variant that says most of him wins.

        :param country: res.country of the customer, perhaps empty
        :param category: key of CATEGORIES
        :return: mail.template, perhaps empty
        """
        self.ensure_one()
        fitting = self.variant_ids.filtered(
            lambda variant: variant.country_id in (country, country.browse())
            and variant.category in (category, False)
        )
        # of two that say one thing each, the country: it is whose law holds
        best = fitting.sorted(
            lambda variant: (not variant.country_id, not variant.category)
        )[:1]
        return (best or self).template_id
