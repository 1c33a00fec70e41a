"""What Odoo works out anew for each text is worked out once for a batch of actions."""

from lxml import etree

from odoo import models

#: How the shipped texts ask for the language of their reader.
LANG_OF_ACTION = "{{ object.lang_code }}"


class MailRenderMixin(models.AbstractModel):
    _inherit = "mail.render.mixin"

    def _render_template_qweb(
        self, template_src, model, res_ids, add_context=None, options=None
    ):
        """Odoo compiles the text anew for each record, which takes longer than to
        render it; what it compiles is kept for the other actions."""
        if model == "dso.action":
            self = self.with_context(dso_compiled={})
        return super()._render_template_qweb(
            template_src, model, res_ids, add_context=add_context, options=options
        )

    def _render_lang(self, res_ids, engine="inline_template"):
        """The language is asked for by each part of a text; an action knows it."""
        if self.render_model == "dso.action" and self.lang == LANG_OF_ACTION:
            actions = self.env["dso.action"].browse(res_ids)
            return {action.id: action.lang_code for action in actions}
        return super()._render_lang(res_ids, engine=engine)


class IrQweb(models.AbstractModel):
    _inherit = "ir.qweb"

    def _generate_code_uncached(self, template):
        compiled = self.env.context.get("dso_compiled")
        if compiled is None or not isinstance(template, etree._Element):
            return super()._generate_code_uncached(template)
        # what the same text is compiled to depends on nothing else
        keys = [self.env.context.get(key) for key in self._get_template_cache_keys()]
        key = (etree.tostring(template), *keys)
        if key not in compiled:
            compiled[key] = super()._generate_code_uncached(template)
        return compiled[key]
