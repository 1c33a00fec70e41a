"""An answer by button, made precise by the text beside it (rules.md M3)."""

from odoo import models


class DsoReplyLine(models.Model):
    _inherit = "dso.reply.line"

    def _proposed_status(self):
        """The type is what the button says; which status of it, the text may tell."""
        first = self[:1]
        if first.said == "disputed" and not first.status_id.active:
            item = first.reply_id.maia_item_ids.filtered(
                lambda item: item.situation == first.situation
            )[:1]
            if item.status_id.active and item.status_type == "dispute":
                return item.status_id
        return super()._proposed_status()
