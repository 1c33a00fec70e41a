"""One late invoice of the window that invoices late costs."""

from odoo import api, fields, models
from odoo.tools import format_date


class DsoLateInvoiceLine(models.TransientModel):
    """Only the item and the tick are stored; the figures are read anew, so that
    nothing that the client sends can change them."""

    _name = "dso.late.invoice.line"
    _description = "Late Invoice To Claim"

    wizard_id = fields.Many2one("dso.late.invoice", required=True, ondelete="cascade")
    account_id = fields.Many2one(related="wizard_id.account_id")
    currency_id = fields.Many2one(related="wizard_id.currency_id")
    move_id = fields.Many2one("account.move", "Item", required=True)
    selected = fields.Boolean("Tick")
    name = fields.Char("Number", compute="_compute_figures")
    due = fields.Date("Due date", compute="_compute_figures")
    paid_on = fields.Date("Paid on", compute="_compute_figures")
    days = fields.Integer(compute="_compute_figures")
    late = fields.Monetary("Late amount", compute="_compute_figures")
    rate_words = fields.Char("Rate", compute="_compute_figures")
    penalty = fields.Monetary("Penalties", compute="_compute_figures")
    recovery = fields.Monetary("Recovery cost", compute="_compute_figures")
    missing = fields.Date("No rate from", compute="_compute_figures")

    @api.depends("wizard_id.account_id", "move_id")
    def _compute_figures(self):
        for wizard, lines in self.grouped("wizard_id").items():
            items = wizard._items()
            for line in lines:
                item = items.get(line.move_id.id, {})
                line.name = item.get("name") or line.move_id.name
                line.due = item.get("due", False)
                line.paid_on = item.get("paid_on") or False
                line.days = item.get("days", 0)
                line.late = item.get("late", 0)
                line.rate_words = line._in_words(item.get("rates", ()))
                line.penalty = item.get("penalty", 0)
                line.recovery = item.get("recovery", 0)
                line.missing = item.get("missing") or False

    @api.model
    def _in_words(self, rates, lang=None):
        """Rates as a reader wants them: ``10.15 %``, or each with its first day.

        :param rates: list of (rate, first day, last day)
        """
        parts = []
        for rate, start, _end in sorted(set(rates), key=lambda part: part[1]):
            if not parts or parts[-1][0] != rate:
                parts.append((rate, start))
        words = [f"{rate:g} %" for rate, _start in parts]
        if len(parts) < 2:
            return "".join(words)
        return ", ".join(
            self.env._(
                "%(rate)s from %(date)s",
                rate=word,
                date=format_date(self.env, start, lang_code=lang),
            )
            for word, (_rate, start) in zip(words, parts, strict=True)
        )
