"""The text part of e-mails, and the names in their headers."""

import re
from email.utils import parseaddr

from odoo import models
from odoo.tools import formataddr

from ..channels.plain import plain_text

#: What has a meaning between addresses.
NAMELESS = re.compile(r'[<>"\\,;:@()\[\]\x00-\x1f]+')


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _prepare_outgoing_list(self, *args, **kwargs):
        """Mails of actions keep their tables readable without HTML, and leave whatever
        their reader is called."""
        emails = super()._prepare_outgoing_list(*args, **kwargs)
        if self._dso_of_action():
            for email in emails:
                email["subject"] = " ".join((email["subject"] or "").split())
                for name in ("email_from", "reply_to"):
                    email[name] = address_line(email[name] or "")
                for name in ("email_to", "email_cc"):
                    email[name] = [address_line(to) for to in email[name] or []]
                text = plain_text(email["body"])
                email["body_alternative"] = (
                    f"{text}\n" if text else email["body_alternative"]
                )
        return emails


def address_line(address):
    """A formatted address whose name is nothing but a name.

    A line break in it would begin a header, and of a name too long for one line Python
    drops the quotes: what stands in it like an address would become a reader.
    """
    name, email = parseaddr(" ".join(address.split()))
    if not name or not email:
        return address
    return formataddr((" ".join(NAMELESS.sub(" ", name).split()), email))
