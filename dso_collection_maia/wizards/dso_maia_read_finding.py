"""What a reply names besides open items."""

from odoo import api, fields, models
from odoo.tools import format_amount, format_date


class DsoMaiaReadFinding(models.TransientModel):
    _name = "dso.maia.read.finding"
    _description = "Finding In A Reply"
    _order = "id"

    read_id = fields.Many2one("dso.maia.read", required=True, ondelete="cascade")
    kind = fields.Selection(
        [
            ("date", "Date"),
            ("amount", "Amount"),
            ("ambiguous", "Fits several items"),
            ("unmatched", "Named, not open"),
        ],
        required=True,
        readonly=True,
    )
    written = fields.Char("As written", readonly=True)
    date = fields.Date(readonly=True)
    future = fields.Boolean(readonly=True, help="May be the date of a promise.")
    amount = fields.Monetary(readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    meaning = fields.Char(
        "Read as", compute="_compute_meaning", store=True, readonly=False
    )
    sentence = fields.Text("The reply says", readonly=True)

    @api.depends("kind", "date", "amount", "currency_id")
    def _compute_meaning(self):
        for finding in self:
            if finding.kind == "date":
                # in words: a day that nobody can mistake for a month
                finding.meaning = format_date(
                    self.env, finding.date, date_format="medium"
                )
            elif finding.kind == "amount" and finding.currency_id:
                finding.meaning = format_amount(
                    self.env, finding.amount, finding.currency_id
                )
            elif finding.kind == "amount":
                finding.meaning = str(finding.amount)
            else:
                finding.meaning = finding.meaning or False

    def action_take_date(self):
        """Propose this date."""
        self.ensure_one()
        self.read_id.promise_date = self.date
        return self.read_id._reopen()
