"""Examples go with the words of the replies that they were taken from."""

from odoo import models


class DsoReply(models.Model):
    _inherit = "dso.reply"

    def _erase_content(self):
        # callers checked who may erase these replies; their examples go with them
        examples = self.env["dso.maia.example"].sudo()
        examples.search([("reply_id", "in", self.ids)]).unlink()
        return super()._erase_content()
