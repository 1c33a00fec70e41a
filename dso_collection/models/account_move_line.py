"""Marks of journal items for the evaluation, collection columns of the statement."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

GROUP = "dso_collection.group_viewer"
RELEVANT = {
    "date_maturity",
    "no_followup",
    "partner_id",
    "account_id",
    "amount_currency",
    "balance",
    "debit",
    "credit",
}


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    dso_kind = fields.Selection(
        [
            ("invoice", "Invoice"),
            ("credit_note", "Credit note"),
            ("payment", "Payment"),
            ("miscellaneous", "Miscellaneous"),
        ],
        "Item type",
        compute="_compute_dso_kind",
        groups=GROUP,
    )
    dso_days_late = fields.Integer(
        "Days late", compute="_compute_dso_days_late", groups=GROUP
    )
    dso_item_id = fields.Many2one(
        "dso.item",
        "Collection item",
        compute="_compute_dso_item_id",
        search="_search_dso_item_id",
        groups=GROUP,
    )
    dso_status_id = fields.Many2one(
        related="dso_item_id.status_id", string="Collection status", groups=GROUP
    )
    dso_status_type = fields.Selection(related="dso_item_id.status_type", groups=GROUP)
    dso_comment = fields.Text(related="dso_item_id.comment", groups=GROUP)
    dso_promise_date = fields.Date(
        "Promise date", related="dso_item_id.promise_date", groups=GROUP
    )
    dso_promise_state = fields.Selection(
        related="dso_item_id.promise_state", groups=GROUP
    )
    dso_resolver_id = fields.Many2one(related="dso_item_id.resolver_id", groups=GROUP)
    dso_ignored = fields.Boolean(related="dso_item_id.ignored", groups=GROUP)
    dso_starred = fields.Boolean(related="move_id.dso_starred", groups=GROUP)

    @api.depends("move_id.dso_item_ids", "partner_id")
    def _compute_dso_item_id(self):
        """The item of the line's own customer: an entry may hold several."""
        items = {
            (item.move_id.id, item.account_id.partner_id.id): item
            for item in self.env["dso.item"].search(
                [("move_id", "in", self.move_id.ids)]
            )
        }
        for line in self:
            customer = line.partner_id.commercial_partner_id
            line.dso_item_id = items.get((line.move_id.id, customer.id), False)

    def _search_dso_item_id(self, operator, value):
        if operator == "any":
            domain, empty = value, False
        elif operator == "in":
            domain = [("id", "in", [item for item in value if item])]
            empty = not all(value)
        else:
            return NotImplemented
        lines = SQL(
            """
            (SELECT l.id FROM account_move_line l
               JOIN res_partner p ON p.id = l.partner_id
               JOIN dso_item i ON i.move_id = l.move_id
               JOIN dso_account a ON a.id = i.account_id
                AND a.partner_id = p.commercial_partner_id
              WHERE i.id IN %s)
            """,
            self.env["dso.item"]._search([] if empty else domain).subselect(),
        )
        if not empty:
            return Domain("id", "in", lines)
        without = Domain("id", "not in", lines)
        if any(value):
            without |= Domain("dso_item_id", "in", [item for item in value if item])
        return without

    @api.depends("move_id.move_type", "move_id.origin_payment_id", "statement_line_id")
    def _compute_dso_kind(self):
        for line in self:
            move = line.move_id
            if move.move_type in ("out_invoice", "out_receipt"):
                line.dso_kind = "invoice"
            elif move.move_type == "out_refund":
                line.dso_kind = "credit_note"
            elif (
                move.move_type == "entry"
                and move.journal_id.sudo().dso_opening  # one flag of the own journal
            ):
                line.dso_kind = "invoice"
            elif move.origin_payment_id or line.statement_line_id:
                line.dso_kind = "payment"
            else:
                line.dso_kind = "miscellaneous"

    @api.depends("date_maturity", "amount_residual")
    def _compute_dso_days_late(self):
        for line in self:
            due = line.date_maturity or line.invoice_date or line.date
            open_debit = due and line.amount_residual > 0 and not line.reconciled
            line.dso_days_late = (
                max((line.company_id._dso_today() - due).days, 0) if open_debit else 0
            )

    def write(self, vals):
        relevant = RELEVANT & set(vals)
        if "partner_id" in relevant:
            self.env["dso.dirty"]._mark(partners=self.partner_id.ids)
        res = super().write(vals)
        if "no_followup" in vals:
            # a person's word: no dispute gives it back
            self.env["dso.item"]._forget_flagged(self)
        if relevant:
            self.env["dso.dirty"]._mark(moves=self.move_id.ids)
        return res

    # -------------------------------------------------------------------------
    # STATEMENT
    # -------------------------------------------------------------------------

    def get_dso_details(self):
        """Everything said of one open item, and its files.

        :return: dict with ``history`` (latest first: id, date, user, status, comment,
            promise_date, resolver, undone) and ``files`` (id, name, description,
            shared with the customer, removable)
        :raise AccessError: for a line, or a receivable account, that the user may not
            read
        """
        self.ensure_one()
        self.check_access("read")
        self.env["dso.account"].check_access("read")
        item = (
            Domain("move_id", "=", self.move_id.id)
            & Domain(
                "account_id.partner_id", "=", self.partner_id.commercial_partner_id.id
            )
            & Domain("account_id.company_id", "=", self.company_id.root_id.id)
        )
        history = self.env["dso.qualification"].search(item)
        items = self.env["dso.item"].search(item)
        may_collect = self.env.user.has_group("dso_collection.group_collector")
        return {
            "history": [
                {
                    "id": said.id,
                    "date": fields.Datetime.to_string(said.date),
                    "user": said.user_id.display_name,
                    "status": said.status_id.display_name,
                    "comment": said.comment,
                    "promise_date": fields.Date.to_string(said.promise_date),
                    "resolver": said.resolver_id.display_name,
                    "undone": said.undone,
                }
                for said in history
            ],
            "files": [
                {
                    "id": file.id,
                    "name": file.name,
                    "description": file.description,
                    "shared": file in items.shared_attachment_ids,
                    "removable": may_collect or file.create_uid == self.env.user,
                }
                for file in items.attachment_ids
            ],
        }

    # -------------------------------------------------------------------------
    # BUTTONS
    # -------------------------------------------------------------------------

    def action_dso_toggle_ignored(self):
        """Leave items out of collection, or take them in again (rules.md L2)."""
        self.check_access("read")
        self.env["account.move"]._dso_check_may_ignore()
        ignore = not all(self.mapped("dso_ignored"))
        accounts = {
            (account.company_id, account.partner_id): account.id
            for account in self.move_id._dso_accounts()
        }
        customers = {
            line: (line.company_id.root_id, line.partner_id.commercial_partner_id)
            for line in self
        }
        items = (
            self.env["dso.item"]
            .sudo()  # access and role checked just above
            ._of(
                (line.move_id.id, accounts[key])
                for line, key in customers.items()
                if key in accounts
            )
        )
        items.ignored = ignore
        self.env["dso.dirty"]._mark(moves=self.move_id.ids)
        return True

    def action_dso_invoice_late_costs(self):
        """Open the window that invoices or waives late costs, these items ticked."""
        self.check_access("read")
        return self.move_id._dso_accounts()._late_wizard(self.move_id)

    def _dso_qualifiable(self):
        """The items of these receivable lines, for :meth:`account.move.dso_qualify`.

        :return: list of (move id, account id)
        :raise UserError: for lines that are no item of a customer
        """
        accounts = {
            (account.company_id, account.partner_id): account.id
            for account in self.move_id._dso_accounts()
        }
        keys = []
        for line in self:
            customer = line.partner_id.commercial_partner_id
            key = accounts.get((line.company_id.root_id, customer))
            if line.account_id.account_type != "asset_receivable" or not key:
                raise UserError(
                    self.env._(
                        "%s has no receivable item of a customer.",
                        line.move_id.display_name,
                    )
                )
            keys.append((line.move_id.id, key))
        return list(dict.fromkeys(keys))

    def action_dso_quick_promise(self):
        """One click on ticked items: the status, the date and the follow-up that the
        company chose for it (rules.md §3.3, Q7).

        :return: client action that tells what was done, and undoes it
        :raise AccessError: for a user who may not qualify
        :raise UserError: when nothing is ticked, or no status was chosen for it
        """
        self.check_access("read")
        Move = self.env["account.move"]
        Move._dso_check_may_qualify()
        if not self:
            raise UserError(self.env._("Tick at least one item."))
        done = self.env["dso.qualification"]
        by_company = self.grouped(lambda line: line.company_id.root_id)
        for company, lines in by_company.items():
            settings = company.sudo()  # three settings of the items' own company
            status = settings.dso_quick_promise_status_id
            if not status.active:
                raise UserError(
                    self.env._(
                        "No status is chosen for the quick promise of %s. A credit"
                        " manager chooses it in the settings of collection.",
                        company.name,
                    )
                )
            done |= lines.move_id.dso_qualify(
                status,
                None,
                items=lines._dso_qualifiable(),
                promise_date=fields.Date.add(
                    company._dso_today(), days=settings.dso_quick_promise_days
                ),
                follow_up=None if settings.dso_quick_promise_follow_up else False,
            )
        return done._tell_done()

    def action_dso_edit_comment(self):
        """Open the window that changes comment and resolver of these items."""
        return self.env["dso.item.edit"]._open(self)
