"""What of the customer's page can be paid online, through Odoo's payment providers."""

from odoo import api, models
from odoo.tools import format_amount

#: Move types that a payment transaction can be linked to and settles.
PAYABLE_TYPES = ("out_invoice", "out_receipt")
#: What is offered at once; what a customer ticked himself is ``chosen``.
OFFERS = ("overdue", "open")


class DsoAccount(models.Model):
    _inherit = "dso.account"

    def _page_pay_groups(self, items):
        """Items that one payment can settle together: of one account, in one company
        and currency.

        :param items: of :meth:`_page_items`
        :return: {(company id, currency id, account id): list of items}
        """
        groups = {}
        for item in items:
            if item["pay_amount"] > 0:
                key = (item["company_id"], item["currency_id"], item["account_id"])
                groups.setdefault(key, []).append(item)
        return groups

    def _page_pay_offers(self, items, reader):
        """What can be paid with one click: all that is overdue, and all that is open;
        what is under review is in neither. Nothing where nobody takes payments.

        :param items: of :meth:`_page_items`
        :param reader: res.partner who would pay
        :return: list of dicts of key, label and amount in words
        """
        offers = []
        groups = self._page_pay_groups(items)
        for group, own in groups.items():
            amounts = {
                offer: self._page_pay_sum(offer, own, group[1]) for offer in OFFERS
            }
            if not self._page_providers(group, reader, max(amounts.values())):
                continue
            currency = self.env["res.currency"].browse(group[1])
            review = any(item["disputed_amount"] for item in own)
            labels = {
                "overdue": self.env._("Pay what is overdue"),
                "open": self.env._("Pay all that is not under review")
                if review
                else self.env._("Pay all that is open"),
            }
            for offer, amount in amounts.items():
                if amount <= 0 or (offer == "open" and amount == amounts["overdue"]):
                    continue
                offers.append(
                    {
                        "key": "-".join([offer, *map(str, group)]),
                        "label": labels[offer],
                        "account": own[0]["account"] if len(groups) > 1 else "",
                        "amount": format_amount(self.env, amount, currency),
                    }
                )
        return offers

    @api.model
    def _page_pay_part(self, offer, item):
        """What an offer pays of an item. Of one that is partly under review nothing: a
        payment of several items is allocated by due date, and would settle the part
        that is in question before another item."""
        if offer == "chosen":
            return item["pay_amount"]
        if item["state"] == "review" or item["disputed_amount"]:
            return 0.0
        return item["overdue_amount" if offer == "overdue" else "pay_amount"]

    @api.model
    def _page_pay_sum(self, offer, items, currency_id):
        currency = self.env["res.currency"].browse(currency_id)
        return currency.round(sum(self._page_pay_part(offer, item) for item in items))

    @api.model
    def _page_providers(self, group, reader, amount):
        """The published providers that take this payment.

        :param group: key of :meth:`_page_pay_groups`
        :param reader: res.partner who would pay
        :return: payment.provider in sudo, which have a payment method for it
        """
        company_id, currency_id, _account_id = group
        providers = self.env["payment.provider"].sudo()  # which there are, no keys
        if not providers.search_count([("is_published", "=", True)], limit=1):
            return providers
        found = providers._get_compatible_providers(
            company_id, reader.id, amount, currency_id=currency_id
        ).filtered("is_published")
        methods = self._page_payment_methods(found, reader, currency_id)
        return found.filtered(lambda provider: provider in methods.provider_ids)

    @api.model
    def _page_payment_methods(self, providers, reader, currency_id):
        """:return: payment.method in sudo that these providers offer a reader"""
        methods = self.env["payment.method"].sudo()  # which there are, no keys
        return methods._get_compatible_payment_methods(
            providers.ids, reader.id, currency_id=currency_id
        )

    def _page_payment(self, asked, keys, reader):
        """What a request wants to pay, as the ledger stands now.

        :param asked: key of an offer, or "chosen", of whatever a stranger typed
        :param keys: of the items that he chose
        :param reader: res.partner who pays
        :return: dict of items (list of number and amount in words), move_ids, amount,
            currency_id, company_id, partner_id, group; or of ``problem``, in words
        """
        self.ensure_one()
        groups = self._page_pay_groups(self._page_items(self._page_rows()))
        offer, _dash, rest = str(asked or "").partition("-")
        if offer == "chosen":
            wanted = set(keys)
            groups = {
                group: own
                for group, items in groups.items()
                if (own := [item for item in items if item["key"] in wanted])
            }
        else:
            groups = {
                group: items
                for group, items in groups.items()
                if offer in OFFERS and rest == "-".join(map(str, group))
            }
        items = [
            item
            for own in groups.values()
            for item in own
            if self._page_pay_part(offer, item) > 0
        ]
        problem = self._page_pay_problem(groups, items)
        if problem:
            return {"problem": problem}
        [group] = groups
        amount = self._page_pay_sum(offer, items, group[1])
        if not self._page_providers(group, reader, amount):
            return {"problem": self.env._("This cannot be paid online at the moment.")}
        currency = self.env["res.currency"].browse(group[1])
        customer = self.browse(group[2]).partner_id
        payer = reader if reader.commercial_partner_id == customer else customer
        return {
            "group": group,
            "company_id": group[0],
            "currency_id": group[1],
            "partner_id": payer.id,
            "amount": amount,
            "move_ids": [item["move_id"] for item in items],
            "items": [
                {
                    "number": item["number"],
                    "amount": format_amount(
                        self.env, self._page_pay_part(offer, item), currency
                    ),
                }
                for item in items
            ],
        }

    def _page_pay_problem(self, groups, items):
        """Why these items cannot be paid together, in words; else False."""
        if not items:
            return self.env._(
                "There is nothing to pay of what was chosen. Choose items that are open"
                " and whose payment is not under way."
            )
        if len(groups) > 1:
            return self.env._(
                "Items in several currencies, or of several companies, are paid one"
                " after the other: choose those of one."
            )
        partly = [
            item["number"]
            for item in items
            if item["claimed_amount"] and item["disputed_amount"]
        ]
        if partly and len(items) > 1:
            return self.env._(
                "Of %s a part is under review: choose it alone to pay the rest of it.",
                partly[0],
            )
        moves = self.env["account.move"].browse(item["move_id"] for item in items)
        lines = moves.line_ids.filtered(
            lambda line: line.display_type == "payment_term"
        )
        if len(lines.account_id) > 1:
            return self.env._(
                "These items cannot be paid together: choose one after the other."
            )
        return False
