"""Collection on journal entries: their status, and the door to change it."""

from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from .dso_qualification_dispute import Closing
from .dso_status import STATUS_TYPES

GROUP = "dso_collection.group_viewer"
#: Writes on an entry that can change who leads, what is open or since when.
RELEVANT = {
    "state",
    "payment_state",
    "partner_id",
    "invoice_date_due",
    "invoice_payment_term_id",
    "invoice_date",
    "date",
    "name",
    "line_ids",
    "invoice_line_ids",
    "no_followup",
    "company_id",
    "journal_id",
}


class AccountMove(models.Model):
    _inherit = "account.move"

    dso_item_ids = fields.One2many("dso.item", "move_id", groups=GROUP, copy=False)
    dso_action_line_ids = fields.One2many(
        "dso.action.line", "move_id", groups=GROUP, copy=False
    )
    dso_status_id = fields.Many2one(
        "dso.status",
        "Collection status",
        compute="_compute_dso",
        search="_search_dso_status_id",
        groups=GROUP,
    )
    dso_status_type = fields.Selection(
        STATUS_TYPES,
        "Status type",
        compute="_compute_dso",
        search="_search_dso_status_type",
        groups=GROUP,
    )
    dso_status_date = fields.Date(
        "Status date",
        compute="_compute_dso",
        search="_search_dso_status_date",
        groups=GROUP,
    )
    dso_promise_date = fields.Date(
        "Promised for",
        compute="_compute_dso",
        search="_search_dso_promise_date",
        groups=GROUP,
    )
    dso_comment = fields.Text(
        "Collection comment",
        compute="_compute_dso",
        search="_search_dso_comment",
        groups=GROUP,
    )
    dso_resolver_id = fields.Many2one(
        "res.users",
        "Resolver",
        compute="_compute_dso",
        search="_search_dso_resolver_id",
        groups=GROUP,
    )
    dso_ignored = fields.Boolean(
        "Ignored in collection",
        compute="_compute_dso",
        inverse="_inverse_dso_ignored",
        search="_search_dso_ignored",
        groups=GROUP,
    )
    dso_starred = fields.Boolean(
        "In a specific action",
        compute="_compute_dso_starred",
        search="_search_dso_starred",
        groups=GROUP,
    )

    # -------------------------------------------------------------------------
    # FIELDS OVER dso.item
    # -------------------------------------------------------------------------

    @api.depends(
        "dso_item_ids.status_id",
        "dso_item_ids.status_type",
        "dso_item_ids.status_date",
        "dso_item_ids.promise_date",
        "dso_item_ids.comment",
        "dso_item_ids.resolver_id",
        "dso_item_ids.ignored",
    )
    def _compute_dso(self):
        for move in self:
            # an entry of several accounts is qualified, and shown, per account
            item = move.dso_item_ids if len(move.dso_item_ids) == 1 else False
            move.dso_status_id = item and item.status_id
            move.dso_status_type = item and item.status_type
            move.dso_status_date = item and item.status_date
            move.dso_promise_date = item and item.promise_date
            move.dso_comment = item and item.comment
            move.dso_resolver_id = item and item.resolver_id
            move.dso_ignored = bool(move.dso_item_ids) and all(
                move.dso_item_ids.mapped("ignored")
            )

    def _dso_search(self, name, operator, value):
        """Search on the item's row; without one, the value is empty."""
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        values = value if operator == "in" else [value]
        domain = Domain("dso_item_ids", "any", Domain(name, operator, value))
        if operator == "in" and any(not item for item in values):
            domain |= Domain("dso_item_ids", "=", False)
        return domain

    def _search_dso_status_id(self, operator, value):
        return self._dso_search("status_id", operator, value)

    def _search_dso_status_type(self, operator, value):
        return self._dso_search("status_type", operator, value)

    def _search_dso_status_date(self, operator, value):
        return self._dso_search("status_date", operator, value)

    def _search_dso_promise_date(self, operator, value):
        return self._dso_search("promise_date", operator, value)

    def _search_dso_comment(self, operator, value):
        return self._dso_search("comment", operator, value)

    def _search_dso_resolver_id(self, operator, value):
        return self._dso_search("resolver_id", operator, value)

    def _search_dso_ignored(self, operator, value):
        return self._dso_search("ignored", operator, value)

    def _field_to_sql(self, alias, field_expr, query=None):
        """Statuses can be grouped by: they stand one row away, in dso.item."""
        column = {
            "dso_status_id": "status_id",
            "dso_status_type": "status_type",
            "dso_status_date": "status_date",
            "dso_promise_date": "promise_date",
            "dso_resolver_id": "resolver_id",
        }.get(field_expr)
        if not column:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        self.env["dso.item"].flush_model(["move_id", column])
        return SQL(
            "(SELECT MIN(%(column)s) FROM dso_item WHERE move_id = %(move)s"
            " HAVING COUNT(*) = 1)",
            column=SQL.identifier("dso_item", column),
            move=SQL.identifier(alias, "id"),
        )

    @api.model
    def _dso_star_domain(self):
        return (
            Domain("released", "=", False)
            & Domain("disputed_only", "=", False)
            & Domain("action_id.kind", "=", "specific")
            & Domain("action_id.state", "in", ("planned", "error"))
        )

    @api.depends(
        "dso_action_line_ids.released",
        "dso_action_line_ids.disputed_only",
        "dso_action_line_ids.action_id.kind",
        "dso_action_line_ids.action_id.state",
    )
    def _compute_dso_starred(self):
        starred = (
            self.env["dso.action.line"]
            .search(Domain("move_id", "in", self.ids) & self._dso_star_domain())
            .move_id
        )
        for move in self:
            move.dso_starred = move in starred

    def _search_dso_starred(self, operator, value):
        if operator != "in":
            return NotImplemented
        starred = Domain(
            "id",
            "in",
            self.env["dso.action.line"]
            ._search(Domain("move_id", "!=", False) & self._dso_star_domain())
            .subselect("move_id"),
        )
        return starred if True in value else ~starred

    def _inverse_dso_ignored(self):
        for move in self:
            move._dso_ignore(move.dso_ignored)

    def _dso_ignore(self, ignored):
        self._dso_check_may_ignore()
        for move in self:
            items = (
                self.env["dso.item"]
                .sudo()  # role checked just above, access by whoever wrote
                ._of((move.id, account.id) for account in move._dso_accounts())
            )
            items.ignored = ignored
        self.env["dso.dirty"]._mark(moves=self.ids)

    # -------------------------------------------------------------------------
    # MARKS FOR THE EVALUATION
    # -------------------------------------------------------------------------

    def _post(self, soft=True):
        posted = super()._post(soft=soft)
        self.env["dso.dirty"]._mark(moves=posted.ids)
        return posted

    def button_draft(self):
        self._dso_mark_with_customers()
        return super().button_draft()

    def button_cancel(self):
        self._dso_mark_with_customers()
        return super().button_cancel()

    def unlink(self):
        self._dso_mark_with_customers()
        return super().unlink()

    def _dso_mark_with_customers(self):
        """Mark the customers by name: the lines may be gone before the commit."""
        self.env["dso.dirty"]._mark(
            moves=self.ids, partners=self.line_ids.partner_id.ids
        )

    def write(self, vals):
        if set(vals) == {"dso_ignored"}:
            # stands on a row of ours: the entry is neither written nor "modified"
            self.check_access("read")
            self._dso_ignore(vals["dso_ignored"])
            return True
        relevant = RELEVANT & set(vals)
        if relevant & {"partner_id", "line_ids", "invoice_line_ids"}:
            # the customers before the change, too
            self._dso_mark_with_customers()
        res = super().write(vals)
        if relevant:
            self.env["dso.dirty"]._mark(moves=self.ids)
        return res

    # -------------------------------------------------------------------------
    # QUALIFICATION
    # -------------------------------------------------------------------------

    def _dso_accounts(self):
        """The receivable accounts whose items these entries hold, made if missing."""
        self.env.flush_all()
        pairs = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT split_part(c.parent_path, '/', 1)::int,
                       p.commercial_partner_id
                  FROM account_move_line l
                  JOIN account_account aa ON aa.id = l.account_id
                   AND aa.account_type = 'asset_receivable'
                   AND aa.non_trade IS NOT TRUE
                  JOIN res_company c ON c.id = l.company_id
                  JOIN res_partner p ON p.id = l.partner_id
                 WHERE l.move_id = ANY(%s) AND l.parent_state = 'posted'
                """,
                self.ids,
            )
        )
        Account = self.env["dso.account"]
        Account._ensure(pairs)._mark_dirty()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT a.id FROM dso_account a
                  JOIN unnest(%s::int[], %s::int[]) AS k(company_id, partner_id)
                 USING (company_id, partner_id)
                """,
                [company for company, _partner in pairs],
                [partner for _company, partner in pairs],
            )
        )
        return Account.search([("id", "in", [row[0] for row in rows])])

    @api.model
    def _dso_check_may_qualify(self):
        if not self.env.su and not self.env.user.has_group(
            "dso_collection.group_resolver"
        ):
            raise AccessError(
                self.env._(
                    "You may not change collection statuses. Ask your administrator for"
                    " the role Resolver or Collector."
                )
            )

    @api.model
    def _dso_check_may_ignore(self):
        """What is left out of collection altogether is a collector's decision."""
        if not self.env.su and not self.env.user.has_group(
            "dso_collection.group_collector"
        ):
            raise AccessError(
                self.env._(
                    "Only collectors leave items out of collection: ask the customer's"
                    " collector, or give the item a status."
                )
            )

    def _dso_item_keys(self, account=None, items=None):
        """The items of these entries: {(move id, account id): line figures}.

        :param account: restrict to these dso.account
        :param items: restrict to these (move id, account id)
        :raise UserError: for an entry without a receivable item, or one of several
            accounts when none is named
        """
        if items:
            account = self.env["dso.account"].browse({key[1] for key in items})
        accounts = account or self._dso_accounts()
        self.env.flush_all()
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT l.move_id, a.id AS account_id, m.name,
                       COALESCE(MIN(x.due) FILTER (WHERE l.amount_residual <> 0),
                                MIN(x.due)) AS due,
                       SUM(l.amount_residual) AS total,
                       SUM(l.amount_residual_currency) AS amount_currency,
                       MIN(l.currency_id) AS currency_id,
                       MIN(a.company_id) AS company_id,
                       MIN(m.invoice_user_id) AS salesperson_id,
                       MIN(p.user_id) AS customer_salesperson_id
                  FROM account_move_line l
            CROSS JOIN LATERAL (
                    SELECT COALESCE(l.date_maturity, l.invoice_date, l.date) AS due
                       ) x
                  JOIN account_move m ON m.id = l.move_id
                  JOIN account_account aa ON aa.id = l.account_id
                   AND aa.account_type = 'asset_receivable'
                   AND aa.non_trade IS NOT TRUE
                  JOIN res_company c ON c.id = l.company_id
                  JOIN res_partner o ON o.id = l.partner_id
                  JOIN res_partner p ON p.id = o.commercial_partner_id
                  JOIN dso_account a ON a.partner_id = p.id
                   AND a.company_id = split_part(c.parent_path, '/', 1)::int
                 WHERE l.move_id = ANY(%s) AND a.id = ANY(%s)
                   AND l.parent_state = 'posted'
              GROUP BY l.move_id, a.id, m.name
                """,
                self.ids,
                accounts.ids,
            )
        )
        keys = {(row["move_id"], row["account_id"]): row for row in rows}
        if items:
            keys = {key: keys[key] for key in set(items) if key in keys}
        found = Counter(move for move, _account in keys)
        for move in self:
            if not found[move.id]:
                raise UserError(
                    self.env._(
                        "%s has no receivable item of a customer: only posted invoices,"
                        " credit notes, payments and entries on a receivable account"
                        " can be qualified.",
                        move.display_name,
                    )
                )
            if found[move.id] > 1 and not account:
                raise UserError(
                    self.env._(
                        "%s concerns several customers: qualify it from the record of"
                        " one of them.",
                        move.display_name,
                    )
                )
        return keys

    @api.private
    def dso_qualify(
        self,
        status,
        comment,
        *,
        account=None,
        items=None,
        status_date=None,
        promise_date=None,
        promise_amount=None,
        promise_means=None,
        disputed_amount=None,
        resolver=None,
        attachments=None,
        follow_up=None,
    ):
        """Qualify these items: the one door through which an item's status changes.

        Takes the same number of queries for one item and for a thousand.

        :param status: dso.status
        :param comment: internal comment, never seen by the customer; None = each item
            keeps the one it has
        :param account: dso.account, needed for entries of several customers
        :param items: (move id, account id) of the items meant, where the entries hold
            others, too
        :param status_date: date, default the company's today
        :param promise_date: date, required for a promise (Q2)
        :param promise_amount: amount promised, in the item's currency; for several
            items a dict from the entry's id
        :param promise_means: key of PROMISE_MEANS, how it is to be paid
        :param disputed_amount: disputed part, in the item's currency; the rest leads
            and is claimed like any item (rules.md L2). Nothing or the whole amount:
            the item is disputed whole
        :param resolver: res.users who must fix it, an empty one for nobody; None = as
            the status says
        :param attachments: ir.attachment, files that belong to what was said
        :param follow_up: None = what the status says; False = let the scenario
            continue (a dispute creates its follow-up all the same, Q5); a dict of
            ``dso.action`` values that override what the status says
        :return: the new dso.qualification records, one per item
        :raise AccessError: for a user who may not qualify
        :raise ValidationError: for a promise without its date, a negative amount
        :raise UserError: for entries that hold no item
        """
        self._dso_check_may_qualify()
        self.check_access("read")
        if not status:
            raise ValidationError(self.env._("Choose a status."))
        promise = status.type == "promise_to_pay"
        if promise and not promise_date:
            raise ValidationError(
                self.env._("%s is a promise: enter the promised date.", status.name)
            )
        if not isinstance(promise_amount, dict):
            promise_amount = dict.fromkeys(self.ids, promise_amount or 0)
        if (disputed_amount or 0) < 0 or min(promise_amount.values(), default=0) < 0:
            raise ValidationError(self.env._("Enter a positive amount."))
        if resolver and any(resolver.sudo().mapped("share")):  # colleagues only
            raise ValidationError(
                self.env._("Choose a colleague, an internal user, as resolver.")
            )
        keys = self._dso_item_keys(account, items)
        accounts = self.env["dso.account"].browse({key[1] for key in keys})
        accounts.check_access("read")
        rows = self.env["dso.item"].sudo()._of(keys)  # rights checked just above
        by_key = {(item.move_id.id, item.account_id.id): item for item in rows}
        now = fields.Datetime.now()
        todays = {c.id: c._dso_today() for c in accounts.company_id}
        currencies = {c.id: c.currency_id for c in accounts.company_id}
        vals_list = []
        for key, figures in keys.items():
            part = (disputed_amount or 0) if status.type == "dispute" else 0
            if part and part >= figures["amount_currency"]:
                part = 0
            ratio = (
                figures["total"] / figures["amount_currency"]
                if figures["amount_currency"]
                else 1
            )
            company = figures["company_id"]
            vals_list.append(
                {
                    "account_id": figures["account_id"],
                    "company_id": company,
                    "move_id": figures["move_id"],
                    "move_name": figures["name"],
                    "currency_id": figures["currency_id"],
                    "status_id": status.id,
                    "status_type": status.type,
                    "comment": (by_key[key].comment if comment is None else comment)
                    or None,
                    "status_date": status_date or todays[company],
                    "promise_date": promise and promise_date or None,
                    "promise_amount": promise_amount.get(figures["move_id"], 0)
                    if promise
                    else 0,
                    "promise_means": promise and promise_means or None,
                    "disputed_amount": part,
                    "disputed_company": currencies[company].round(
                        float(part) * float(ratio)
                    ),
                    "resolver_id": status._resolver_of(figures)
                    if resolver is None
                    else resolver.id or None,
                    "user_id": self.env.uid,
                    "date": now,
                    "amount_residual": figures["amount_currency"],
                    "previous_id": by_key[key].qualification_id.id or None,
                }
            )
        history = self.env["dso.qualification"].sudo()  # role and access checked above
        qualifications = history._insert(vals_list)
        if attachments:
            rows._attach(attachments, status.name)
        qualifications._apply_to_items(rows, reenter=True)
        qualifications._supersede_follow_ups()
        if follow_up is not False or status.type == "dispute":
            qualifications._follow_up(follow_up or {}, keys)
        qualifications._follow_disputes()
        self.env["dso.promise"]._from_qualifications(qualifications)
        self.env["dso.dirty"]._mark(accounts=accounts.ids)
        return qualifications.sudo(self.env.su)

    def _dso_resolve_dispute(self, account):
        """Set disputed items to *Dispute resolved*, keeping their comment (Q6)."""
        status = self.env["dso.status"].search(
            [
                ("type", "=", "dispute_resolved"),
                ("company_id", "in", (False, account.company_id.id)),
            ],
            limit=1,
        )
        if not status:
            raise UserError(
                self.env._(
                    "There is no active status of the type Dispute resolved. Create one"
                    " under Configuration / Statuses."
                )
            )
        closing = self.env.context.get("dso_closing")
        closing = closing if isinstance(closing, Closing) else None
        rows = self.dso_qualify(
            status,
            closing.comment if closing else None,
            account=account,
            status_date=closing and closing.date,
            resolver=self.env["res.users"],
            follow_up=False,
        )
        if closing:
            rows._close_disputes(closing.values)

    def action_dso_edit_comment(self):
        """Open the window that changes comment and resolver of this entry's items."""
        self.check_access("read")
        self._dso_check_may_qualify()
        return self.env["dso.item.edit"]._open(self)

    def action_dso_open_account(self):
        """Open the customer record of this entry's customer."""
        self.ensure_one()
        accounts = self._dso_accounts()
        if not accounts:
            raise UserError(
                self.env._(
                    "%s has no receivable item of a customer.", self.display_name
                )
            )
        action = {
            "type": "ir.actions.act_window",
            "res_model": "dso.account",
            "name": self.env._("Collection"),
        }
        if len(accounts) == 1:
            return {**action, "view_mode": "form", "res_id": accounts.id}
        return {
            **action,
            "view_mode": "list,form",
            "domain": [("id", "in", accounts.ids)],
        }

    def _dso_print_key(self):
        """What a printed copy of this entry depends on; another key, another copy."""
        self.ensure_one()
        return f"{self.write_date}|{self.amount_residual}|{self.payment_state}"
