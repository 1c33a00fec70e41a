"""The blacklist of e-mail addresses, which :mod:`.dso_blacklist` heeds."""

from odoo import models


class MailBlacklist(models.Model):
    _name = "mail.blacklist"
    _inherit = ["dso.blacklist", "mail.blacklist"]

    _dso_entry = "email"
    _dso_of_contact = "email_normalized"
