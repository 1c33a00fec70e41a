"""Faxes of actions: their number, and the PDF that is mailed to the gateway."""

from odoo import models


class DsoAction(models.Model):
    _inherit = "dso.action"

    def _fax_written(self):
        """The fax number of whoever receives this action, as a person wrote it.

        The customer's own where his contact has none, never past his lawyer.
        """
        self.ensure_one()
        recipient = self._recipient().sudo()  # a number that only our groups read
        if self._customer_stands_in("dso_fax"):
            recipient = self.partner_id.sudo()  # likewise
        return recipient.dso_fax

    def _fax_number(self):
        """The fax number in international form; False where there is none, or it is no
        number."""
        self.ensure_one()
        written = self._fax_written()
        recipient = self._recipient()
        return bool(written) and recipient._phone_format(number=written)

    def _fax_pdf(self, message):
        """The letter that is faxed: the text as it was rendered for a message, on the
        letterhead of this action.

        :param message: mail.message of this action
        :return: bytes
        :raise UserError: where PDFs cannot be made
        """
        self.ensure_one()
        html = self._letter_html((message.subject, message.body), ())
        return self._letter_print(html)
