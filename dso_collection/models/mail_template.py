"""Texts of actions: one that names something unknown is refused (rules.md §2)."""

import ast
import re

from lxml import etree, html

from odoo import api, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

#: Names that every mail template knows besides the record.
KNOWN_NAMES = {
    "object",
    "user",
    "ctx",
    "company",
    "is_html_empty",
    "slug",
    "format_date",
    "format_datetime",
    "format_time",
    "format_amount",
    "format_duration",
    "format_addr",
    "datetime",
    "relativedelta",
    "time",
    "env",
    "True",
    "False",
    "None",
    "len",
    "abs",
    "min",
    "max",
    "sum",
    "round",
    "str",
    "int",
    "float",
    "range",
    "sorted",
    "any",
    "all",
    "enumerate",
    "quote",
    "urlencode",
}
#: Placeholders that say what is to be paid.
CLAIMING = ("claimed_words", "amount_claimed")
INLINE = re.compile(r"\{\{(.*?)(?:\|\|\|.*?)?\}\}", re.DOTALL)
INLINE_FIELDS = (
    "subject",
    "email_from",
    "email_to",
    "email_cc",
    "partner_to",
    "reply_to",
    "lang",
)

#: What decides on what is read, and by whom.
DSO_READ = {
    *INLINE_FIELDS,
    "body_html",
    "attachment_ids",
    "report_template_ids",
    "email_layout_xmlid",
}


class MailTemplate(models.Model):
    _inherit = "mail.template"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_dso_texts(self):
        models = (
            self.env["dso.action.model"]
            .sudo()  # any company's models count
            .with_context(active_test=False)
        )
        used = models.search(
            Domain("template_id", "in", self.ids)
            | Domain("variant_ids.template_id", "in", self.ids),
            limit=1,
        )
        if used:
            texts = used.template_id | used.variant_ids.template_id
            raise UserError(
                self.env._(
                    "%(template)s is the text of the action model %(model)s: give that"
                    " one another text first.",
                    template=(texts & self)[0].name,
                    model=used.name,
                )
            )

    @api.constrains("model_id", "body_html", *INLINE_FIELDS)
    def _check_dso_placeholders(self):
        for template in self:
            if template.model != "dso.action":
                continue
            if unfilled := template._dso_unfilled():
                raise ValidationError(
                    self.env._(
                        "%(template)s: %(place)s stays as it is in a text: braces are"
                        " filled in the subject only. Choose Field in the menu that /"
                        " opens instead.",
                        template=template.name,
                        place=unfilled,
                    )
                )
            for where, expression, local in template._dso_expressions():
                unknown = template._dso_unknown(expression, local)
                if unknown:
                    raise ValidationError(
                        self.env._(
                            "%(template)s: unknown placeholder %(name)s in the"
                            " %(where)s (%(expression)s). The placeholders of"
                            " collection texts are listed on the page Placeholders of"
                            " each action model.",
                            template=template.name,
                            name=unknown,
                            where=where,
                            expression=expression,
                        )
                    )

    def write(self, vals):
        res = super().write(vals)
        if DSO_READ & set(vals):
            self._dso_note_change()
        return res

    def _dso_note_change(self):
        """Who changes a text does not confirm what leaves with it (four eyes)."""
        texts = self.filtered(lambda template: template.model == "dso.action")
        self.env["dso.change"].sudo()._note("text", texts)  # what the user just wrote

    def _update_field_translations(
        self, field_name, translations, digest=None, source_lang=""
    ):
        """Odoo writes translations past the constraints: they are checked as well."""
        res = super()._update_field_translations(
            field_name, translations, digest=digest, source_lang=source_lang
        )
        if field_name in DSO_READ:
            self._dso_note_change()
        if self.model == "dso.action" and field_name in ("body_html", *INLINE_FIELDS):
            for lang in translations:
                self.with_context(lang=lang)._check_dso_placeholders()
        return res

    @api.constrains("model_id", "report_template_ids")
    def _check_dso_reports(self):
        """Reports are printed by whoever sends, while accounts are locked."""
        for template in self:
            if template.model == "dso.action" and template.report_template_ids:
                raise ValidationError(
                    self.env._(
                        "%s: a text of collection prints no reports of its own. Take"
                        " them out, and choose under Files of the action model which"
                        " invoices and statements leave with it.",
                        template.name,
                    )
                )

    def _dso_claims(self):
        """Whether this text tells its reader an amount that is claimed, in one of its
        languages or another: their placeholders are the same."""
        text = f"{self.subject or ''} {self.body_html or ''}"
        return any(name in text for name in CLAIMING)

    def _dso_expressions(self):
        """(where, expression, local names) of all dynamic parts of this template."""
        self.ensure_one()
        for name in INLINE_FIELDS:
            label = self._fields[name].string
            for match in INLINE.finditer(self[name] or ""):
                yield label, match.group(1).strip(), set()
        body = str(self.body_html or "")
        if not body:
            return
        root = html.fragment_fromstring(body, create_parent="div")
        local = set()
        for node in root.iter(etree.Element):
            for attribute, value in node.attrib.items():
                if attribute == "t-as" or attribute == "t-set":
                    local |= {
                        value,
                        f"{value}_index",
                        f"{value}_first",
                        f"{value}_last",
                    }
        for node in root.iter(etree.Element):
            for attribute, value in node.attrib.items():
                if attribute in ("t-as", "t-set", "t-call"):
                    continue
                if attribute.startswith("t-attf-") or attribute == "t-valuef":
                    for match in re.finditer(r"\{\{(.*?)\}\}|#\{(.*?)\}", value):
                        part = match.group(1) or match.group(2)
                        yield self.env._("text"), part.strip(), local
                elif attribute.startswith("t-") and value:
                    yield self.env._("text"), value.strip(), local

    def _dso_unfilled(self):
        """What of the text would leave with its braces: they are filled in subjects and
        addresses only.

        :return: the first such place, or None
        """
        self.ensure_one()
        if not self.body_html:
            return None
        root = html.fragment_fromstring(str(self.body_html), create_parent="div")
        places = [*root.itertext()]
        places += [
            value
            for node in root.iter(etree.Element)
            for name, value in node.attrib.items()
            if not name.startswith("t-")
        ]
        found = (INLINE.search(place) for place in places)
        return next((match.group(0) for match in found if match), None)

    def _dso_unknown(self, expression, local):
        """The first name in ``expression`` that does not exist, or None."""
        try:
            tree = ast.parse(expression, mode="eval")
        except SyntaxError:
            return expression
        bound = set(local)
        for node in ast.walk(tree):
            if isinstance(node, ast.comprehension):
                bound |= {
                    n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)
                }
            elif isinstance(node, ast.Lambda):
                bound |= {a.arg for a in node.args.args}
        for node in ast.walk(tree):
            if isinstance(node, ast.Name):
                if node.id not in KNOWN_NAMES | bound:
                    return node.id
            elif isinstance(node, ast.Attribute):
                unknown = self._dso_unknown_path(node)
                if unknown:
                    return unknown
        return None

    def _dso_unknown_path(self, node):
        """Follow ``object.a.b`` over the models; None when each name exists."""
        names = []
        while isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        if not (isinstance(node, ast.Name) and node.id == "object"):
            return None
        model = self.env["dso.action"]
        path = "object"
        for name in reversed(names):
            path = f"{path}.{name}"
            field = model._fields.get(name)
            if field is None:
                return None if hasattr(model, name) else path
            if not field.relational:
                return None
            model = self.env[field.comodel_name]
        return None
