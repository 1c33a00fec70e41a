"""Mails with a link that their reader asked for: its secret is made when they leave."""

from odoo import models

from .mail_mail import SecretLinks


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _send(self, *args, **kwargs):
        tokens = (
            self.env["dso.access.token"]
            .sudo()  # which of these mails carry a link; whoever empties the outbox
            .search([("mail_id", "in", self.ids)])
        )
        linked = self.browse(tokens.mail_id.ids)
        others = self - linked
        if others:
            super(MailMail, others)._send(*args, **kwargs)
        if not linked or self.env["ir.mail_server"]._disable_send():
            return True
        for token in tokens:
            mail = self.browse(token.mail_id.id)
            with mail._dso_transaction() as env:
                # before the dialogue: what arrives opens, though its result be lost
                link = env["dso.access.token"].browse(token.id)._complete()
            if link:
                mail = mail.with_context(dso_links=SecretLinks({("page", 0): link}))
                super(MailMail, mail)._send(*args, **kwargs)
            else:
                mail.write(
                    {
                        "state": "cancel",
                        "failure_reason": self.env._(
                            "The page may not be opened any more."
                        ),
                    }
                )
        return True

    def _prepare_outgoing_body(self):
        body = super()._prepare_outgoing_body()
        links = self.env.context.get("dso_links")
        if body and isinstance(links, SecretLinks) and not self._dso_of_action():
            body = self._dso_put_in_secrets(body)
        return body
