"""What a person says on the phone: the script of an action model."""

import html
import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .dso_placeholder import PLACEHOLDERS

#: A placeholder in a script: a path, never an expression.
PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
#: What scripts may name: the documented values, but no link of a message.
ALLOWED = {
    f"object.{path}"
    for paths in PLACEHOLDERS.values()
    for path in paths
    if "button" not in path
}


def named(text):
    """What stands between the braces of a placeholder, as its author typed it."""
    plain = html.unescape(re.sub(r"<[^>]*>", "", text))
    return plain.replace("\xa0", " ").strip()


class DsoActionModel(models.Model):
    _inherit = "dso.action.model"

    script = fields.Html(
        translate=True,
        # cleaned like any other, but one whole text in each language, not its sentences
        sanitize="email_outgoing",
        sanitize_tags=True,
        sanitize_attributes=True,
        help="What to say and to ask for, in the language that is spoken. Placeholders"
        " such as {{ object.claimed_words }} are filled in when the call is made.",
    )

    def _update_field_translations(self, field_name, translations, *args, **kwargs):
        res = super()._update_field_translations(
            field_name, translations, *args, **kwargs
        )
        if field_name == "script":
            self._check_script()
        return res

    @api.constrains("script")
    def _check_script(self):
        """A script names documented values only, in each of its translations; nothing
        in it is evaluated."""
        for lang, _name in self.env["res.lang"].get_installed():
            for model in self.with_context(lang=lang):
                for match in PLACEHOLDER.finditer(model.script or ""):
                    name = named(match.group(1))
                    if name not in ALLOWED:
                        raise ValidationError(
                            self.env._(
                                "%(model)s: unknown placeholder %(name)s in the script"
                                " (%(lang)s). The page Placeholders lists those that"
                                " there are.",
                                model=model.name,
                                name=name,
                                lang=lang,
                            )
                        )
