"""Links of a message to the page of its reader, put in when it leaves."""

from odoo import models


class DsoAction(models.Model):
    _inherit = "dso.action"
