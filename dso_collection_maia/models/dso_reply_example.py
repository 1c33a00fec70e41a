"""Examples go with the words of the replies that they were taken from."""

from odoo import models


class DsoReply(models.Model):
    _inherit = "dso.reply"

    def _erase_content(self):
        examples = self.env["dso.maia.example"].sudo()  # callers check who may
        examples.search([("reply_id", "in", self.ids)]).unlink()
        return super()._erase_content()
