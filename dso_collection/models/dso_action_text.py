"""The values that texts of actions may use: documented placeholders (rules.md §2)."""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import email_normalize, formataddr

from .dso_action import OPEN_STATES

#: Lists of the statement in a text, in their order.
HEADINGS = ("claimed", "arranged", "paying", "disputed", "credits")


class DsoAction(models.Model):
    _inherit = "dso.action"

    contact_id = fields.Many2one(
        "res.partner",
        "Recipient",
        compute="_compute_contact_id",
        help="The collection contact; empty on the account: the invoice address that"
        " has an e-mail, else the customer.",
    )
    lang_code = fields.Char(compute="_compute_contact_id", help="Language of the text.")
    sender_email = fields.Char(
        compute="_compute_sender", help="Formatted address that the text comes from."
    )
    signature_block = fields.Html(
        compute="_compute_sender",
        sanitize=False,
        help="Name and phone of the collector.",
    )
    template_id = fields.Many2one(related="action_model_id.template_id")
    text_subject = fields.Char(
        "Subject", compute="_compute_text", help="As it would leave now."
    )
    text_body = fields.Html(
        "Text", compute="_compute_text", help="As it would leave now."
    )
    items_table = fields.Html(
        compute="_compute_items_table",
        sanitize=False,
        help="Open items of the account, disputed ones under their own heading.",
    )
    selected_table = fields.Html(
        compute="_compute_items_table",
        sanitize=False,
        help="Items of this specific or out-of-scenario action.",
    )

    @api.depends("account_id.contact_id", "partner_id", "step_id.lang")
    def _compute_contact_id(self):
        children = self.env["res.partner"].search(
            [
                ("parent_id", "in", self.partner_id.ids),
                ("type", "=", "invoice"),
                ("email", "not in", (False, "")),
            ],
            order="id",
        )
        by_parent = {}
        for child in children:
            by_parent.setdefault(child.parent_id, child)
        for action in self:
            action.contact_id = (
                action.account_id.contact_id
                or by_parent.get(action.partner_id)
                or action.partner_id
            )
            action.lang_code = (
                action.step_id.lang
                or action.contact_id.lang
                or action.company_id.partner_id.lang
                or self.env.user.lang
            )

    @api.depends("collector_id", "company_id")
    def _compute_sender(self):
        for action in self:
            company = action.leader_id.company_id or action.company_id
            user = action.collector_id
            email = email_normalize(user.email or "") or company.email
            name = user.name or company.name
            action.sender_email = formataddr((name, email)) if email else False
            lines = [name, company.name if user else "", user.phone or company.phone]
            action.signature_block = Markup("<br/>").join(
                line for line in lines if line
            )

    @api.depends("template_id", "state")
    def _compute_text(self):
        """The text of open actions, in the reader's language; what was done keeps its
        text with the message that left."""
        self.text_subject = self.text_body = False
        shown = self.filtered(lambda a: a.id and a.state in OPEN_STATES)
        for template, actions in shown.grouped("template_id").items():
            if not template:
                continue
            subjects = template._render_field("subject", actions.ids, compute_lang=True)
            bodies = template._render_field("body_html", actions.ids, compute_lang=True)
            for action in actions:
                action.text_subject = subjects[action.id]
                action.text_body = bodies[action.id]

    @api.depends("account_id", "line_ids")
    def _compute_items_table(self):
        for action in self:
            lang = self.with_context(lang=action.lang_code)
            action.items_table = lang._render_items(
                action, action._open_items_by_heading()
            )
            action.selected_table = lang._render_items(
                action, {"selected": action._selected_items()}
            )

    def _selected_items(self):
        """The items of this action: as open as they are now, or as it left them."""
        self.ensure_one()
        open_amounts = {}
        if self.state in OPEN_STATES:
            for row in self.line_ids.account_id._item_rows():
                key = (row["move_id"], row["account_id"])
                open_amounts[key] = row["amount_currency"]
        items = []
        for line in self.line_ids:
            amount = line.amount
            if self.state in OPEN_STATES:
                now = open_amounts.get((line.move_id.id, line.account_id.id))
                if line.released or not now:
                    continue
                amount = min(line.amount, now) if line.disputed_only else now
            items.append(
                {
                    "name": line.move_name,
                    "due": line.due,
                    "amount": amount,
                    "currency": line.currency_id,
                }
            )
        return items

    def _open_items_by_heading(self):
        """Open items of the account in lists (rules.md §12, the emailed statement).

        Every open item that is neither ignored nor in litigation is listed, instalments
        in a row each; only the first list is claimed.

        :return: dict of lists of dicts with name, due, amount and currency; the keys
            are claimed, arranged (in a specific action), paying, disputed, credits
        """
        self.ensure_one()
        accounts = self.account_id | self.account_id.member_ids
        headings = {key: [] for key in HEADINGS}
        for row in accounts._item_rows():
            if row["ignored"] or row["status_type"] == "litigation":
                continue
            currency = self.env["res.currency"].browse(row["currency_id"])
            item = {
                "name": row["name"],
                "due": row["due"],
                "amount": row["amount_currency"],
                "currency": currency,
            }
            instalments = [
                dict(item, due=due, amount=amount)
                for due, amount in zip(
                    row["dues"], row["amounts_currency"], strict=True
                )
            ]
            if row["total"] < 0:
                headings["credits"].append(item)
            elif row["status_type"] == "dispute":
                part = row["claim"] if row["counts"] else 0
                ratio = float(row["amount_currency"]) / float(row["total"])
                if part:
                    headings["claimed"].append(
                        dict(item, amount=currency.round(float(part) * ratio))
                    )
                headings["disputed"].append(
                    dict(
                        item,
                        amount=currency.round(float(row["total"] - part) * ratio),
                    )
                )
            elif row["counts"]:
                headings["claimed"] += instalments
            elif row["starred"]:
                headings["arranged"] += instalments
            elif row["under_way"]:
                headings["paying"] += instalments
        return headings

    def _render_items(self, action, headings):
        return self.env["ir.qweb"]._render(
            "dso_collection.items_table",
            {
                "action": action,
                "today": action.company_id._dso_today(),
                "company_currency": action.currency_id,
                "headings": headings,
            },
        )
