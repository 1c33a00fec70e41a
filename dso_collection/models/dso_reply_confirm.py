"""The e-mail that confirms an answer to who gave it on a page."""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import email_normalize, format_date, formataddr

#: What stands around a line of the table: the same in every mail program.
CELL = "padding: 6px 8px; border-bottom: 1px solid #dddddd; vertical-align: top;"


class DsoReply(models.Model):
    _inherit = "dso.reply"

    answer_table = fields.Html(
        compute="_compute_answer",
        sanitize=False,
        help="For texts: what was answered to which items, the message and the files.",
    )
    answer_date = fields.Char(compute="_compute_answer")
    answer_sender = fields.Char(
        compute="_compute_answer", help="Who writes for the company, with his address."
    )

    @api.depends("line_ids", "body", "date")
    @api.depends_context("lang")
    def _compute_answer(self):
        for reply in self:
            values = reply._answer_values()
            rows = [
                Markup('<tr><td style="%s">%s</td><td style="%s">%s</td></tr>')
                % (CELL, line["words"], CELL, line["items"])
                for line in values["situations"]
            ]
            parts = [
                Markup(
                    '<table style="border-collapse: collapse; width: 100%%;'
                    ' margin: 0 0 16px 0;"><tbody>%s</tbody></table>'
                )
                % Markup().join(rows)
                if rows
                else Markup(),
                Markup('<p style="margin: 0 0 16px 0; white-space: pre-line;">%s</p>')
                % values["text"]
                if values["text"]
                else Markup(),
                Markup('<p style="margin: 0 0 16px 0;">%s</p>')
                % self.env._("Files: %s", ", ".join(values["files"]))
                if values["files"]
                else Markup(),
            ]
            reply.answer_table = Markup().join(parts)
            reply.answer_date = format_date(
                self.env, reply._received_on(), date_format="long"
            )
            sender = reply._told_user()
            address = sender.email_normalized or email_normalize(
                reply.company_id.email or ""
            )
            reply.answer_sender = (
                formataddr((sender.name or reply.company_id.name, address))
                if address
                else False
            )

    def _confirm(self):
        """Confirm an answer of a customer by e-mail, in his language.

        It repeats what he wrote, to the address that his link was sent to. Where
        nothing leaves the company yet, this does not either.
        """
        self.ensure_one()
        reader = self.partner_id
        template = self.env.ref(
            "dso_collection.mail_template_answer_received", raise_if_not_found=False
        )
        if (
            self.source != "page"
            or not self.company_id.dso_sending_active
            or not reader.email_normalized
            or not template
            or self._is_blocked(reader)
        ):
            return
        template.send_mail(self.id, email_layout_xmlid=template.email_layout_xmlid)

    @api.model
    def _is_blocked(self, reader):
        """Whether nothing may be sent to a reader's address."""
        blacklist = self.env["mail.blacklist"].sudo()  # whether it is on it only
        return bool(
            blacklist.search_count([("email", "=", reader.email_normalized)], limit=1)
        )
