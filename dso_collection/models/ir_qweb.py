"""A text is compiled once for all actions of a batch."""

from lxml import etree

from odoo import models


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
