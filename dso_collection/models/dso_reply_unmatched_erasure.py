"""E-mails without a customer are kept no longer than replies."""

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain

from .dso_qualification import ENGINE
from .dso_reply_erasure import BATCH


class DsoReplyUnmatched(models.Model):
    _inherit = "dso.reply.unmatched"

    def _erase_content(self):
        """Erase what these e-mails say, their files and senders; that they came in
        stays."""
        replies = self.env["dso.reply"].sudo()  # names of fields and their messages
        mails = self.sudo().with_context(dso_engine=ENGINE)  # callers check who may
        replies._erase_messages(mails.mail_message_id)
        mails.attachment_ids.unlink()
        mails.suggestion_ids.unlink()
        mails.write(dict.fromkeys(replies._words_of(mails), False))

    @api.model
    def _older_than(self, months, company):
        """Processed e-mails with content that came in before the last so many months.

        :param months: 0 = none
        :param company: root company
        """
        if not months:
            return self.browse()
        limit = fields.Datetime.now() - relativedelta(months=months)
        return self.search(
            Domain("company_id", "=", company.id)
            & Domain("state", "!=", "open")
            & (
                Domain("email_from", "!=", False)
                # one that could not be read is among its files
                | Domain("attachment_ids", "!=", False)
            )
            & Domain("date", "<", limit),
            order="date, id",
            limit=BATCH,
        )
