"""What the composer does not know of collection: who writes, and to whom."""

from odoo import models
from odoo.fields import Command


class MailComposeMessage(models.TransientModel):
    _inherit = "mail.compose.message"

    def _generate_template_for_composer(self, res_ids, render_fields, **options):
        """Texts that name nobody go to the recipient of their action; what is for
        colleagues goes to him whomever its text names (rules.md §7)."""
        values = super()._generate_template_for_composer(
            res_ids, render_fields, **options
        )
        if self.model == "dso.action" and "partner_ids" in render_fields:
            for action in self.env["dso.action"].browse(res_ids):
                found = values[action.id]
                if action.interactive == "internal":
                    found.update(
                        (name, False)
                        for name in ("email_to", "email_cc")
                        if name in found
                    )
                    found["partner_ids"] = action._recipient().ids
                elif not found.get("partner_ids"):
                    found["partner_ids"] = action._recipient().ids
        return values

    def _render_field(self, field, res_ids, *args, **kwargs):
        """What a person wrote for an action leaves as it is: nobody but the authors of
        templates writes what is evaluated."""
        if self.model == "dso.action" and field in ("subject", "body"):
            actions = self.env["dso.action"].browse(res_ids)
            if not self.template_id and all(actions.mapped("own_body")):
                own = {"subject": "own_subject", "body": "own_body"}[field]
                return {a.id: a[own] or a.display_name for a in actions}
        return super()._render_field(field, res_ids, *args, **kwargs)

    def _manage_mail_values(self, mail_values_all):
        """Mails of actions are their sender's, unless the text names another one."""
        values_all = super()._manage_mail_values(mail_values_all)
        if self.model != "dso.action" or self.composition_mode != "mass_mail":
            return values_all
        actions = self.env["dso.action"].browse(values_all)
        # of messages whose actions and texts the composer has just read
        files_of = actions.sudo()._documents()
        for action in actions:
            values = values_all[action.id]
            # a line break in what somebody was called would end the header
            values["subject"] = " ".join((values.get("subject") or "").split())
            files, _missing = files_of.get(action, ((), ()))
            if files:
                values["attachment_ids"] = [
                    *(values.get("attachment_ids") or []),
                    *(Command.link(file.id) for file in files),
                ]
            if also := action._also_to():
                values["recipient_ids"] = [
                    *(values.get("recipient_ids") or []),
                    *(Command.link(contact.id) for contact in also),
                ]
            if action.sender_id:
                values["author_id"] = action.sender_id.partner_id.id
            if not self.template_id.email_from:
                values["email_from"] = action.sender_email
        return values_all
