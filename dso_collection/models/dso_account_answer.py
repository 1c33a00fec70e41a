"""What may be answered on a page: the items of its account or of its request."""

from odoo import models
from odoo.tools import format_amount, format_date


class DsoAccount(models.Model):
    _inherit = "dso.account"

    def _is_own_contact(self, contact):
        """Whether a person is one of our own company's: a user who is no outsider, or
        a contact of the company itself, who has no login.

        :param contact: res.partner
        """
        self.ensure_one()
        users = contact.sudo().user_ids.filtered("active")  # what logins he has only
        if users:
            return not all(users.mapped("share"))
        root = self.company_id.sudo()  # partners of its branches only
        branches = root.search([("id", "child_of", root.id)])
        customers = (self | self.member_ids).partner_id
        owners = branches.partner_id.commercial_partner_id - customers
        return contact.commercial_partner_id in owners

    def _answer_items(self, page):
        """The items that the reader of a page may answer to.

        Of a customer those that his page claims, of a colleague those of the request
        that he was sent: whatever else is posted is no item of the page.

        :param page: AnswerPage
        :return: {key: dict} by due date: key (text, as the page names it), move_id,
            number, due and amount (words), open (number, in currency_id), currency_id,
            status (words), comment (internal; None for customers)
        """
        self.ensure_one()
        if page.internal:
            return self._request_items(page.token._request_moves())
        return {
            key: {
                **{
                    name: item[name]
                    for name in ("key", "move_id", "number", "due", "status")
                },
                "amount": item["open"],
                "open": item["open_amount"],
                "currency_id": item["currency_id"],
                "comment": None,
            }
            for key, item in self._page_items_by_key().items()
            if item["may_answer"]
        }

    def _request_items(self, moves):
        """The open items of a request, as a colleague sees them.

        :param moves: account.move in sudo, of the request
        """
        env = self.env
        statuses = env["dso.status"].sudo()  # their names, for a colleague
        items = {}
        for row in self._statement():
            if row["move_id"] not in moves._ids:
                continue
            key = str(row["move_id"])
            item = items.setdefault(
                key,
                {
                    "key": key,
                    "move_id": row["move_id"],
                    "number": row["name"],
                    "due": format_date(env, row["due"]),
                    "open": 0.0,
                    "currency_id": row["currency_id"],
                    "status": statuses.browse(row["status_id"]).name or "",
                    "comment": row["comment"] or "",
                },
            )
            item["open"] += row["amount"]
        for item in items.values():
            currency = env["res.currency"].browse(item["currency_id"])
            item["open"] = currency.round(item["open"])
            item["amount"] = format_amount(env, item["open"], currency)
        return items
