"""Words and files of replies are kept for a time, or until their author objects."""

import re

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain

#: Rows of one company that one run of the clean-up takes up.
BATCH = 1_000
#: What is no word of the author, and keeps a reply from coming in twice.
KEPT = {"submission", "message_key", "move_name"}
#: Where the files of a reply belong; those of other records stay with them.
OWN_FILES = ("dso.reply", "dso.action", "dso.account", "mail.message")


class DsoReply(models.Model):
    _inherit = "dso.reply"

    erased_at = fields.Datetime(
        "Content erased on",
        readonly=True,
        copy=False,
        help="Its words, files and author are gone; when it came in, its items and what"
        " became of it stay.",
    )

    # what is cleaned up
    _kept_idx = models.Index("(company_id, date) WHERE erased_at IS NULL")

    def _erase_content(self):
        """Erase what identifies the author of these replies, and what he wrote.

        The row, its items, what was said of them and its figures stay: they are the
        ground of qualifications.
        """
        replies = self._engine()  # callers check who may, or the time
        replies._erase_files()
        replies._erase_messages(replies.mail_message_id)
        replies._erase_filed()
        replies._erase_notices()
        for records in (replies, replies.line_ids):
            records.write(dict.fromkeys(self._words_of(records), False))
        replies.write({"partner_id": False, "erased_at": fields.Datetime.now()})

    @api.model
    def _words_of(self, records):
        """Names of the fields in which somebody's words may stand."""
        return [
            name
            for name, field in records._fields.items()
            if field.type in ("char", "text", "html")
            and field.store
            and not field.related
            and not field.required
            and name not in KEPT
        ]

    @api.model
    def _erase_messages(self, messages):
        """Erase what e-mails in our threads say, their files and authors.

        :param messages: mail.message in sudo, which the caller may erase
        """
        messages.attachment_ids.unlink()
        messages.write(
            {
                "body": "",
                "subject": False,
                "author_id": False,
                "email_from": False,
                "reply_to": False,
                "incoming_email_to": False,
                "incoming_email_cc": False,
            }
        )

    def _erase_filed(self):
        """Take what was filed by itself out of the comments of items and out of their
        history, into which later comments carried it on."""
        for reply in self.filtered("filed_comment"):
            rows = reply.env["dso.qualification"].search(
                Domain("move_id", "in", reply.move_ids.ids)
                & Domain("comment", "!=", False)
            )
            items = reply.env["dso.item"].search(
                Domain("move_id", "in", reply.move_ids.ids)
                & Domain("comment", "!=", False)
            )
            for record in [*rows, *items]:
                if reply.filed_comment in record.comment:
                    rest = record.comment.replace(reply.filed_comment, "")
                    record.comment = re.sub(r"\n{2,}", "\n", rest).strip() or False

    def _erase_notices(self):
        """Delete what told collectors of these replies, and what confirmed them to
        their authors where it did not leave: both repeat their words."""
        messages = self.env["mail.message"]
        own = messages.search(
            Domain("model", "=", self._name) & Domain("res_id", "in", self.ids)
        )
        (own | self.notice_id).unlink()

    def _erase_files(self):
        """Delete the files that came in with these replies."""
        self.attachment_ids.filtered(lambda f: f.res_model in OWN_FILES).unlink()

    @api.autovacuum
    def _gc_kept(self):
        """Erase words and files that are older than the company keeps them; what
        nobody has taken up yet waits."""
        done = 0
        again = False
        companies = self.env["res.company"].search([("parent_id", "=", False)])
        for company in companies:
            own = Domain("company_id", "=", company.id) & Domain(
                "state", "!=", "to_process"
            )
            words = self._older_than(company.dso_keep_reply_months, own)
            words._erase_content()
            unmatched = self.env["dso.reply.unmatched"]._older_than(
                company.dso_keep_reply_months, company
            )
            unmatched._erase_content()
            files = self._older_than(
                company.dso_keep_file_months,
                own & Domain("attachment_ids.res_model", "in", OWN_FILES),
            )
            files._engine()._erase_files()
            lots = [len(words), len(unmatched), len(files)]
            done += sum(lots)
            again = again or BATCH in lots
        return done, int(again)

    def _older_than(self, months, domain):
        """Replies with content that came in before the last so many months.

        :param months: 0 = none
        """
        if not months:
            return self.browse()
        limit = fields.Datetime.now() - relativedelta(months=months)
        return self.search(
            domain & Domain("erased_at", "=", False) & Domain("date", "<", limit),
            order="date, id",
            limit=BATCH,
        )
