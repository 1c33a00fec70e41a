"""What an action model does when its message cannot be delivered."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .dso_action_model import AUTOMATIC_TYPES


class DsoActionModel(models.Model):
    _inherit = "dso.action.model"

    fallback_model_id = fields.Many2one(
        "dso.action.model",
        "When it cannot be delivered",
        check_company=True,
        ondelete="set null",
        domain="[('id', '!=', id), ('type', 'in', ('email', 'sms', 'letter',"
        " 'letter_ar', 'fax')), ('formal_notice', '=', False),"
        " ('interactive', '!=', 'internal')]",
        help="Takes its place once, when there is no good address or the message came"
        " back: an automatic model leaves by itself, a manual one is proposed. An"
        " e-mail in place of an e-mail goes to the next good address of the customer.",
    )

    @api.constrains("fallback_model_id", "type", "formal_notice", "interactive")
    def _check_fallback(self):
        for model in self | self.search([("fallback_model_id", "in", self.ids)]):
            fallback = model.fallback_model_id
            if not fallback:
                continue
            if (
                fallback.type not in AUTOMATIC_TYPES
                or fallback.formal_notice
                or fallback.interactive == "internal"
            ):
                raise ValidationError(
                    self.env._(
                        "%(fallback)s cannot take the place of %(model)s: choose a"
                        " message to the customer that is no formal notice.",
                        fallback=fallback.name,
                        model=model.name,
                    )
                )
            if model.formal_notice or model.type not in AUTOMATIC_TYPES:
                raise ValidationError(
                    self.env._(
                        "Nothing takes the place of %s by itself: a person decides"
                        " what follows.",
                        model.name,
                    )
                )
            seen = model
            while fallback:
                if fallback in seen:
                    raise ValidationError(
                        self.env._(
                            "%s would take its own place: choose another model.",
                            fallback.name,
                        )
                    )
                seen |= fallback
                fallback = fallback.fallback_model_id
