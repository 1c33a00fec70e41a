"""Qualifications: the append-only history of what was said of items."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from .dso_status import STATUS_TYPES

#: How a promise is to be paid, told in its confirmation.
PROMISE_MEANS = [
    ("transfer", "Bank transfer"),
    ("debit", "Direct debit"),
    ("card", "Card"),
    ("cheque", "Cheque"),
    ("cash", "Cash"),
]
#: Marks writes that the product itself makes; an object, so that no remote caller can
#: put it into a context.
ENGINE = object()


class DsoQualification(models.Model):
    """One act of qualifying one item. Rows are never changed: an undo is a new row."""

    _name = "dso.qualification"
    _description = "Qualification"
    _order = "date desc, id desc"
    _rec_name = "move_name"
    _check_company_auto = True

    account_id = fields.Many2one(
        "dso.account", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        related="account_id.company_id", store=True, index=True
    )
    partner_id = fields.Many2one(related="account_id.partner_id")
    move_id = fields.Many2one(
        "account.move", "Item", index="btree_not_null", ondelete="set null"
    )
    move_name = fields.Char("Number", help="Kept when the entry is deleted.")
    currency_id = fields.Many2one("res.currency")
    status_id = fields.Many2one("dso.status", index=True, ondelete="restrict")
    status_type = fields.Selection(STATUS_TYPES)
    comment = fields.Text("Internal comment")
    status_date = fields.Date(required=True)
    promise_date = fields.Date()
    promise_amount = fields.Monetary()
    promise_means = fields.Selection(PROMISE_MEANS, "Means of payment")
    disputed_amount = fields.Monetary()
    disputed_company = fields.Float(digits=0)
    resolver_id = fields.Many2one("res.users")
    user_id = fields.Many2one("res.users", "Author", required=True)
    date = fields.Datetime("Recorded on", required=True)
    amount_residual = fields.Monetary(
        help="What was open when the item was qualified, in its currency."
    )
    previous_id = fields.Many2one("dso.qualification", "Before it", ondelete="restrict")
    undo_of_id = fields.Many2one(
        "dso.qualification", "Undoes", index="btree_not_null", ondelete="restrict"
    )
    amends_id = fields.Many2one(
        "dso.qualification",
        "Amends",
        index="btree_not_null",
        ondelete="restrict",
        help="The same status with another comment or resolver.",
    )
    attachment_ids = fields.Many2many(
        "ir.attachment", "dso_qualification_attachment", string="Files"
    )
    undone = fields.Boolean(compute="_compute_undone", search="_search_undone")
    can_undo = fields.Boolean(
        compute="_compute_can_undo", help="The latest one of its item."
    )

    @api.depends_context("uid")
    def _compute_undone(self):
        undone = self.search([("undo_of_id", "in", self.ids)]).undo_of_id
        for qualification in self:
            qualification.undone = qualification in undone

    def _search_undone(self, operator, value):
        if operator != "in":
            return NotImplemented
        undoing = self._search([("undo_of_id", "!=", False)], bypass_access=True)
        domain = Domain("id", "in", undoing.subselect("undo_of_id"))
        return domain if True in value else ~domain

    @api.depends_context("uid")
    def _compute_can_undo(self):
        latest = (
            self.env["dso.item"]
            .search([("qualification_id", "in", self.ids)])
            .qualification_id
        )
        for qualification in self:
            # nothing stands before an undo that emptied the status
            qualification.can_undo = qualification in latest and bool(
                qualification.status_id
            )

    def write(self, vals):
        if self.env.context.get("dso_engine") is not ENGINE:
            raise UserError(
                self.env._(
                    "The history of qualifications cannot be changed. Qualify the item"
                    " again, or undo the qualification."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._(
                "The history of qualifications cannot be deleted. Undo it instead."
            )
        )

    def action_undo(self):
        """Undo the latest qualification of its items, by a new row (rules.md L7).

        The items take back the status that they had, the follow-ups that the
        qualification made are cancelled, those that it ended come back. Undoing is a
        correction: the engine gives the account back its cycle state.

        :raise UserError: when a later qualification stands on an item, or nothing is
            left to undo
        """
        self.check_access("read")
        self.env["account.move"]._dso_check_may_qualify()
        items = (
            self.env["dso.item"]
            .sudo()  # access and role checked just above
            ._of((q.move_id.id, q.account_id.id) for q in self if q.move_id)
        )
        by_key = {(item.move_id, item.account_id): item for item in items}
        undo = originals = self.browse()
        for qualification in self:
            item = by_key.get((qualification.move_id, qualification.account_id))
            if not item or item.qualification_id != qualification:
                raise UserError(
                    self.env._(
                        "%s was qualified again since: undo the latest qualification"
                        " first.",
                        qualification.move_name,
                    )
                )
            original = qualification._original()
            if not original:
                raise UserError(
                    self.env._(
                        "%s has no earlier status: there is nothing left to undo.",
                        qualification.move_name,
                    )
                )
            originals |= original
            # an undo points further back, so that one can undo again
            back = qualification.previous_id
            undo |= self.sudo().create(  # access and role checked at the top
                {
                    "account_id": qualification.account_id.id,
                    "move_id": qualification.move_id.id,
                    "move_name": qualification.move_name,
                    "currency_id": qualification.currency_id.id,
                    "status_id": back.status_id.id,
                    "status_type": back.status_type,
                    "comment": back.comment,
                    "status_date": back.status_date
                    or qualification.company_id._dso_today(),
                    "promise_date": back.promise_date,
                    "promise_amount": back.promise_amount,
                    "disputed_amount": back.disputed_amount,
                    "disputed_company": back.disputed_company,
                    "resolver_id": back.resolver_id.id,
                    "user_id": self.env.uid,
                    "date": fields.Datetime.now(),
                    "amount_residual": qualification.amount_residual,
                    "previous_id": back.previous_id.id,
                    "undo_of_id": original.id,
                }
            )
        undo._apply_to_items(items)
        originals._take_back_follow_ups()
        undo._follow_disputes_back(self)
        self.env["dso.promise"]._take_back(self, originals, undo)
        self.env["dso.dirty"]._mark(
            corrected=[(q.move_id.id, q.account_id.id) for q in self if q.move_id]
        )
        return True

    def _original(self):
        """The act whose outcome this row shows: an undo shows that of the act before
        the one that it undid; none when it gave back the item without status."""
        self.ensure_one()
        row = self
        while row.undo_of_id:
            row = row.undo_of_id.previous_id
        return row

    def _apply_to_items(self, items):
        """Copy these qualifications, the latest of their items, to the items."""
        by_key = {(item.move_id.id, item.account_id.id): item for item in items}
        groups = {}
        for q in self:
            item = by_key.get((q.move_id.id, q.account_id.id))
            if not item:
                continue
            values = (
                q.status_id.id,
                q.status_type,
                q.status_date if q.status_id else False,
                q.promise_date,
                q.promise_amount,
                q.comment,
                q.resolver_id.id,
                q.disputed_amount,
                q.disputed_company,
            )
            groups.setdefault(values, items.browse())
            groups[values] |= item
            item.qualification_id = q
        names = (
            "status_id status_type status_date promise_date promise_amount comment"
            " resolver_id disputed_amount disputed_company"
        ).split()
        for values, group in groups.items():
            group.write(dict(zip(names, values, strict=True)))

    def _take_back_follow_ups(self):
        """Undo what these qualifications did to specific actions."""
        Line = self.env["dso.action.line"].sudo()  # called behind action_undo's check
        born = Line.search([("qualification_id", "in", self.ids)])
        born._engine().write({"released": True})
        ended = Line.search([("released_by_id", "in", self.ids)])
        ended._engine().write({"released": False, "released_by_id": False})
        ended.action_id._engine().filtered(
            lambda a: a.state == "cancelled" and a.cause == "superseded"
        ).write({"state": "planned", "cause": False, "date_closed": False})
        born.action_id._cancel_when_released("undone")

    def _supersede_follow_ups(self):
        """A new qualification ends the follow-ups of earlier ones on its items."""
        keys = {(q.move_id.id, q.account_id.id) for q in self}
        lines = (
            self.env["dso.action.line"]
            .sudo()  # the qualification's own items
            .search(
                Domain("move_id", "in", self.move_id.ids)
                & Domain("account_id", "in", self.account_id.ids)
                & Domain("released", "=", False)
                & Domain("qualification_id", "!=", False)
                & Domain("action_id.state", "in", ("planned", "error"))
            )
            .filtered(lambda line: (line.move_id.id, line.account_id.id) in keys)
        )
        by_key = {(q.move_id.id, q.account_id.id): q for q in self}
        for line in lines:
            line._engine().write(
                {
                    "released": True,
                    "released_by_id": by_key[line.move_id.id, line.account_id.id].id,
                }
            )
        lines.action_id._cancel_when_released("superseded")

    def _follow_up(self, values):
        """Create the specific action of these qualifications, one per account (Q1-Q7).

        :param dict values: ``dso.action`` values that override what the status says
        """
        status = self.status_id
        model = status._follow_up_model()
        if values.get("action_model_id"):
            model = model.browse(values["action_model_id"])
        if not model:
            return
        own = model == status._follow_up_model()
        for account, group in self.grouped("account_id").items():
            first = group[0]
            company = account.company_id
            date = (
                first.promise_date
                and fields.Date.add(
                    first.promise_date, days=company.dso_promise_follow_up_offset
                )
            ) or fields.Date.add(first.status_date, days=status.delay)
            self.env["dso.action"].sudo().create(  # behind dso_qualify's check
                {
                    "account_id": account.id,
                    "company_id": account.company_id.id,
                    "kind": "specific",
                    "action_model_id": model.id,
                    # the status speaks of its own model, not of another one
                    "mode": (model == status.action_model_id and status.mode)
                    or model.mode,
                    "interactive": "internal"
                    if own and status.internal_interactive
                    else model.interactive,
                    "date": date,
                    "promise_date": first.promise_date,
                    "resolver_id": first.resolver_id.id,
                    "dispute": status.type == "dispute",
                    "amount_claimed": sum(q._company_amount() for q in group),
                    "line_ids": [
                        Command.create(
                            {
                                "account_id": account.id,
                                "move_id": q.move_id.id,
                                "move_name": q.move_name,
                                "due": q.move_id.invoice_date_due or q.move_id.date,
                                "currency_id": q.currency_id.id,
                                "amount": q.disputed_amount or q.amount_residual,
                                "qualification_id": q.id,
                                "disputed_only": bool(q.disputed_amount),
                            }
                        )
                        for q in group
                    ],
                    **values,
                }
            )

    def _company_amount(self):
        """What is open of the item, in company currency; the disputed part of a partly
        disputed one."""
        self.ensure_one()
        return self.disputed_company or sum(
            self.move_id.line_ids.filtered(
                lambda line: line.account_id.account_type == "asset_receivable"
                and line.partner_id.commercial_partner_id == self.account_id.partner_id
            ).mapped("amount_residual")
        )
