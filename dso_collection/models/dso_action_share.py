"""A customer with several invoice addresses: each may receive its own items (§10).

Off, the collection contact receives all of it. On, a scenario e-mail tells each address
what was invoiced to it: the scenario action keeps one share, and a message outside of
the scenario is made for each other one, in the transaction that sends.
"""

from odoo import fields, models
from odoo.fields import Domain


class DsoAction(models.Model):
    _inherit = "dso.action"

    share_of_id = fields.Many2one(
        "dso.action",
        "Share of",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    share_ids = fields.One2many("dso.action", "share_of_id", "Shares", readonly=True)
    share_contact_id = fields.Many2one(
        "res.partner",
        "Items invoiced to",
        readonly=True,
        ondelete="set null",
        help="It tells what was invoiced to this address, and goes there.",
    )

    def _shared(self):
        """Whether this action tells a part of its account only."""
        self.ensure_one()
        return bool(self.share_contact_id or self.share_ids)

    def _tells_account(self):
        """Whether this action tells open items by heading, not items of its own."""
        self.ensure_one()
        return self.kind == "scenario" or bool(self.share_contact_id)

    # -------------------------------------------------------------------------
    # WHO RECEIVES WHAT
    # -------------------------------------------------------------------------

    def _compute_contact_id(self):
        res = super()._compute_contact_id()
        for action in self:
            contact = action.share_contact_id
            if (
                contact.active
                and contact.commercial_partner_id in action._customers()
                and not action._lawyer_reads()
            ):
                action.contact_id = contact
                action.lang_code = (
                    action._chosen_lang() or contact.lang or action.lang_code
                )
        return res

    def _customers(self):
        return (self.account_id | self.account_id.member_ids).partner_id

    def _lawyer_reads(self):
        account = self.account_id
        return account.on_hold and account.hold_reason == "lawyer"

    def _by_action(self, rows):
        """Of a share the rows of its own invoice address."""
        rows_of = super()._by_action(rows)
        for action in self:
            if action.share_contact_id:
                own = action.share_contact_id.id
                rows_of[action.id] = [
                    row for row in rows_of[action.id] if row["contact_id"] == own
                ]
            elif action.share_ids:
                others = action.share_ids.share_contact_id._ids
                rows_of[action.id] = [
                    row for row in rows_of[action.id] if row["contact_id"] not in others
                ]
        return rows_of

    # -------------------------------------------------------------------------
    # SENDING
    # -------------------------------------------------------------------------

    def _share_out(self):
        """Give each invoice address its share of what leaves now.

        An address without an e-mail of its own, on the blacklist, or with nothing
        overdue but credits has no message of its own: its items stay where they were.

        :return: the new actions, open and with nothing kept yet
        """
        asking = self.filtered(
            lambda a: (
                a.company_id.sudo().dso_invoice_addresses == "own"  # one setting
                and a.kind == "scenario"
                and a.type == "email"
                and a.interactive != "internal"
                and not a.action_model_id.formal_notice
                # a statement tells all of the account
                and (a.action_model_id.attach_statement or "no") == "no"
                and not (a.own_body or a.own_contact_id or a._shared())
                and not a._lawyer_reads()
            )
        )
        if not asking:
            return self.browse()
        rows_of = asking._statement_by_action()
        addresses = asking._own_addresses(rows_of)
        values = []
        for action in asking:
            values += action._shares(rows_of[action.id], addresses)
        return self._engine().create(values)

    def _own_addresses(self, rows_of):
        """{id of an invoice address that may receive its own items: res.partner}"""
        ids = {row["contact_id"] for rows in rows_of.values() for row in rows}
        partners = self.env["res.partner"].browse(sorted(ids - {None}))
        blocked = set(
            self.env["mail.blacklist"]
            .sudo()  # only whether the own contacts are on it
            .search(Domain("email", "in", partners.mapped("email_normalized")))
            .mapped("email")
        )
        return {
            partner.id: partner
            for partner in partners
            if partner.active
            and partner != partner.commercial_partner_id
            and partner.email_normalized
            and partner.email_normalized not in blocked
        }

    def _shares(self, rows, addresses):
        """Values of the actions that tell the other addresses their items.

        This action keeps what nobody else receives; where that is nothing, the share of
        the first address.

        :param rows: of :meth:`_statement_by_action`
        :param addresses: of :meth:`_own_addresses`
        """
        self.ensure_one()
        recipient = self._recipient()
        claimed, net = {}, {}
        for row, group, _amount, company in self.account_id._listed(rows):
            address = addresses.get(row["contact_id"], recipient)
            late = row["days_late"] or row["move_id"] == self.leader_id.id
            if group == "claimed" and late:
                claimed.setdefault(address, []).append(row)
            if (group == "claimed" and late) or (group == "credits" and row["counts"]):
                net[address] = net.get(address, 0) + company
        shares = [
            address
            for address in claimed
            if address != recipient
            and self.currency_id.compare_amounts(net[address], 0) > 0
        ]
        if not shares:
            return []
        if recipient not in claimed and len(shares) == len(claimed):
            self._engine().share_contact_id = shares.pop(0)
        return [
            {
                "account_id": self.account_id.id,
                "company_id": self.company_id.id,
                "kind": "out_of_scenario",
                "action_model_id": self.action_model_id.id,
                "name": self.display_name,
                "mode": "manual",
                "interactive": self.interactive,
                "date": self.company_id._dso_today(),
                "step_id": self.step_id.id,
                "share_of_id": self.id,
                "share_contact_id": address.id,
                "leader_id": claimed[address][0]["move_id"],
                "leader_date": claimed[address][0]["due"],
                "amount_claimed": net[address],
            }
            for address in shares
        ]

    def _take_position(self):
        """A share claims what is overdue of its own address."""
        self.ensure_one()
        if not (self.kind != "scenario" and self.share_contact_id):
            return super()._take_position()
        self._engine().amount_claimed = self._claimed_of_share(
            self._open_items_by_heading()
        )
        return None

    def _claimed_of_share(self, headings):
        overdue, _not_due = self._split_claimed(headings)
        items = overdue or [
            i for i in headings["claimed"] if i["move_id"] == self.leader_id.id
        ]
        items = items + [item for item in headings["credits"] if item["counts"]]
        return self.currency_id.round(sum(item["company"] for item in items))

    def _stopped_by(self, position=None):
        if self.kind != "scenario" and self.share_contact_id:
            return None if _is_owed(self._item_values()[self]) else "settled"
        return super()._stopped_by(position)

    def _compare_items(self, now):
        if self._shared() and not _is_owed(now):
            return "settled"
        return super()._compare_items(now)


def _is_owed(items):
    """Whether one of these items is still claimed; credits are, and owe nothing."""
    return any(
        item["claimed"] and item["amount_company"] > 0 for item in items.values()
    )
