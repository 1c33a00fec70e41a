"""The blacklist of phone numbers, which :mod:`.dso_blacklist` heeds."""

from odoo import models


class PhoneBlacklist(models.Model):
    _name = "phone.blacklist"
    _inherit = ["dso.blacklist", "phone.blacklist"]

    _dso_entry = "number"
    _dso_of_contact = "phone_sanitized"
