"""What the assistant made of a contact's replies is his data, too."""

from odoo import models


class DsoPersonalData(models.TransientModel):
    _inherit = "dso.personal.data"

    def _reply_data(self, reply):
        proposed = [
            {
                "says": item.summary,
                "words": item.evidence or "",
                "status": item.status_id.name or "",
                "confidence": item.confidence,
                "engine": item.engine or "",
                "decision": item.decision or "",
            }
            for item in reply.maia_item_ids
        ]
        return {**super()._reply_data(reply), "assistant": proposed}
