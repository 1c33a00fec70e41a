"""What Collection holds of one contact: given to him, or erased (GDPR art. 15, 17)."""

import base64
import io
import json
import re
import zipfile

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ..models.dso_document import file_name

#: Models whose messages are Collection's.
THREADS = ("dso.action", "dso.account", "dso.reply.unmatched")


class DsoPersonalData(models.TransientModel):
    """One contact, within the companies of the user."""

    _name = "dso.personal.data"
    _description = "Personal Data of a Contact"

    partner_id = fields.Many2one("res.partner", "Contact", required=True)
    reply_count = fields.Integer("Replies", compute="_compute_counts")
    message_count = fields.Integer("Messages", compute="_compute_counts")
    link_count = fields.Integer("Links", compute="_compute_counts")
    access_count = fields.Integer("Accesses to pages", compute="_compute_counts")
    content = fields.Binary("File", readonly=True, attachment=False)
    content_name = fields.Char()

    @api.model_create_multi
    def create(self, vals_list):
        self._check_manager()
        return super().create(vals_list)

    @api.model
    def _check_manager(self):
        if not self.env.user.has_group("dso_collection.group_manager"):
            raise AccessError(
                self.env._("Only credit managers answer for personal data.")
            )

    # -------------------------------------------------------------------------
    # WHAT IS HELD
    # -------------------------------------------------------------------------

    @api.depends("partner_id")
    def _compute_counts(self):
        for wizard in self:
            wizard.reply_count = len(wizard._replies()) + len(wizard._unmatched())
            wizard.message_count = len(wizard._messages())
            wizard.link_count = len(wizard._of_reader("dso.access.token"))
            wizard.access_count = len(wizard._of_reader("dso.access.log"))

    def _replies(self):
        """Replies that came from the contact, or from his address."""
        own = Domain("partner_id", "=", self.partner_id.id)
        return self.env["dso.reply"].search(own | self._from_address())

    def _unmatched(self):
        """E-mails from his address that nobody could assign to a customer."""
        return self.env["dso.reply.unmatched"].search(self._from_address())

    def _from_address(self):
        """What came from the contact's address, with a name before it or without."""
        address = self.partner_id.email_normalized
        if not address:
            return Domain.FALSE
        pattern = re.sub(r"([\\%_])", r"\\\1", address)
        return Domain("email_from", "=ilike", pattern) | Domain(
            "email_from", "=ilike", f"%<{pattern}>"
        )

    def _of_reader(self, model):
        name = "recipient_id" if model == "dso.access.token" else "partner_id"
        return self.env[model].search([(name, "=", self.partner_id.id)])

    def _messages(self):
        """Messages that the contact wrote to Collection, in threads that the user may
        read; in sudo."""
        messages = (
            self.env["mail.message"]
            .sudo()  # only those of threads that the user may read are kept below
            .search(
                [
                    ("author_id", "=", self.partner_id.id),
                    ("model", "in", THREADS),
                    ("message_type", "=", "email"),
                ]
            )
        )
        replies = self._replies().sudo()  # found with the rights of the user
        unmatched = self._unmatched().sudo()  # found with the rights of the user
        mine = replies.mail_message_id | unmatched.mail_message_id
        for model, group in messages.grouped("model").items():
            records = self.env[model].search([("id", "in", group.mapped("res_id"))])
            mine |= group.filtered(lambda m, ids=set(records.ids): m.res_id in ids)
        return mine

    # -------------------------------------------------------------------------
    # BUTTONS
    # -------------------------------------------------------------------------

    def action_export(self):
        """Put everything that is held into one ZIP: data.json, and the files.

        :raise AccessError: for a user who is no credit manager
        """
        self.ensure_one()
        self._check_manager()
        replies, messages = self._replies(), self._messages()
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            data = {
                "contact": self._contact_data(),
                "replies": [self._reply_data(reply) for reply in replies],
                "messages": [self._message_data(message) for message in messages],
                "links": [
                    {
                        "account": token.account_id.display_name,
                        "opens": token.purpose,
                        "valid_until": str(token.expires_at),
                        "revoked_on": str(token.revoked_at or ""),
                        "last_opened": str(token.opened_at or ""),
                    }
                    for token in self._of_reader("dso.access.token")
                ],
                "accesses": [
                    {
                        "on": str(access.accessed_at),
                        "what": access.kind,
                        "detail": access.detail or "",
                        "network": access.network or "",
                    }
                    for access in self._of_reader("dso.access.log")
                ],
            }
            archive.writestr(
                "data.json", json.dumps(data, ensure_ascii=False, indent=2)
            )
            files = replies.attachment_ids.sudo()  # of replies the user may read
            for file in files | messages.attachment_ids:
                name = f"files/{file.id} {file_name(file.name or '')}"
                archive.writestr(name, file.raw or b"")
        self.content = base64.b64encode(stream.getvalue())
        self.content_name = file_name(f"{self.partner_id.name or 'contact'}.zip")
        return self._reopen()

    def _contact_data(self):
        partner = self.partner_id
        return {
            "name": partner.name or "",
            "company": partner.commercial_partner_id.name or "",
            "email": partner.email or "",
            "phone": partner.phone or "",
            "language": partner.lang or "",
            "roles": partner.dso_contact_role_ids.mapped("name"),
        }

    def _reply_data(self, reply):
        return {
            "received_on": str(reply.date),
            "account": reply.account_id.display_name,
            "from": reply.email_from or "",
            "subject": reply.name or "",
            "text": reply.body or "",
            "state": reply.state,
            "files": reply.attachment_ids.mapped("name"),
            "answers": [
                {
                    "item": line.move_name or "",
                    "says": line.said,
                    "promised_for": str(line.promise_date or ""),
                    "amount": line.amount,
                    "currency": line.currency_id.name or "",
                    "paid_on": str(line.paid_on or ""),
                    "reference": line.reference or "",
                }
                for line in reply.line_ids
            ],
        }

    def _message_data(self, message):
        return {
            "received_on": str(message.date),
            "from": message.email_from or "",
            "subject": message.subject or "",
            "text": str(message.body or ""),
            "files": message.attachment_ids.mapped("name"),
        }

    def action_erase(self):
        """Erase what the contact wrote and did on our pages; end his links.

        What was said of items, dates and amounts stays, without its author: they are
        the ground of the accounts. The contact himself is Odoo's, and stays.

        :raise AccessError: for a user who is no credit manager
        """
        self.ensure_one()
        self._check_manager()
        messages = self._messages()
        self._replies()._erase_content()
        self._unmatched()._erase_content()
        self.env["dso.reply"]._erase_messages(messages)
        # only managers come here, to rows that they may read
        self._of_reader("dso.access.log").sudo().write(
            {"partner_id": False, "network": False, "detail": False}
        )
        # only managers come here, to rows that they may read
        tokens = self._of_reader("dso.access.token").sudo()
        tokens.mail_id.filtered(lambda mail: mail.state != "sent").unlink()
        tokens.unlink()
        # only managers come here; who did it is its author
        self.partner_id.sudo().message_post(
            author_id=self.env.user.partner_id.id,
            body=self.env._(
                "What this contact had written to Collection and done on its pages was"
                " erased."
            ),
        )
        return self._reopen()

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "name": self.env._("Personal data in Collection"),
        }
