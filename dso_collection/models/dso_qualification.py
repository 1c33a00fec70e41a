"""Qualifications: the append-only history of what was said of items."""

import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .dso_status import STATUS_TYPES

#: How a promise is to be paid, told in its confirmation.
PROMISE_MEANS = [
    ("transfer", "Bank transfer"),
    ("debit", "Direct debit"),
    ("card", "Card"),
    ("cheque", "Cheque"),
    ("cash", "Cash"),
]
#: What an item takes over from its latest qualification.
ITEM_FIELDS = (
    "qualification_id",
    "status_id",
    "status_type",
    "status_date",
    "promise_date",
    "promise_amount",
    "comment",
    "resolver_id",
    "disputed_amount",
    "disputed_company",
    "reentry_date",
)
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
    promise_date = fields.Date("Promise date")
    promise_amount = fields.Monetary()
    promise_means = fields.Selection(PROMISE_MEANS, "Means of payment")
    disputed_amount = fields.Monetary("Disputed amount")
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
        # a list of its own to prefetch by: what self came from is read anew below
        self = self.browse(self.ids)
        items = (
            self.env["dso.item"]
            .sudo()  # access and role checked just above
            ._of((q.move_id.id, q.account_id.id) for q in self if q.move_id)
        )
        by_key = {(item.move_id, item.account_id): item for item in items}
        originals = self.browse()
        now = fields.Datetime.now()
        todays = {c: c._dso_today() for c in self.company_id}
        vals_list = []
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
            originals += original
            # an undo points further back, so that one can undo again
            back = qualification.previous_id
            vals_list.append(
                {
                    "account_id": qualification.account_id.id,
                    "company_id": qualification.company_id.id,
                    "move_id": qualification.move_id.id,
                    "move_name": qualification.move_name,
                    "currency_id": qualification.currency_id.id,
                    "status_id": back.status_id.id or None,
                    "status_type": back.status_type or None,
                    "comment": back.comment or None,
                    "status_date": back.status_date or todays[qualification.company_id],
                    "promise_date": back.promise_date or None,
                    "promise_amount": back.promise_amount,
                    "promise_means": back.promise_means or None,
                    "disputed_amount": back.disputed_amount,
                    "disputed_company": back.disputed_company,
                    "resolver_id": back.resolver_id.id or None,
                    "user_id": self.env.uid,
                    "date": now,
                    "amount_residual": qualification.amount_residual,
                    "previous_id": back.previous_id.id or None,
                    "undo_of_id": original.id,
                }
            )
        undo = self.sudo()._insert(vals_list)  # access and role checked at the top
        undo._apply_to_items(items)
        originals._take_back_follow_ups()
        undo._follow_disputes_back(self)
        self.env["dso.promise"]._take_back(self, originals, undo)
        self.env["dso.dirty"]._mark(
            corrected=[(q.move_id.id, q.account_id.id) for q in self if q.move_id]
        )
        (self | originals).invalidate_recordset(["undone", "can_undo"], flush=False)
        return True

    def _amend(self, comment=None, resolver=None):
        """Say the same of the items with another comment or resolver, by new rows.

        Status, dates and follow-ups stay; open follow-ups that these items have for
        themselves go to the new resolver. Called behind a check.

        :param comment: text, or None to keep each item's own
        :param resolver: res.users, empty for nobody, or None to keep each item's own
        :return: the new rows
        """
        # a list of its own to prefetch by: what self came from is read anew below
        self = self.browse(self.ids)
        items = (
            self.env["dso.item"]
            .sudo()
            ._of(  # callers checked the right
                (q.move_id.id, q.account_id.id) for q in self if q.move_id
            )
        )
        now = fields.Datetime.now()
        kept = (
            "move_name status_type status_date promise_date promise_amount"
            " promise_means disputed_amount disputed_company amount_residual"
        ).split()
        new = self.sudo()._insert(  # callers checked the right to qualify
            [
                {
                    **{name: q[name] or None for name in kept},
                    "account_id": q.account_id.id,
                    "company_id": q.company_id.id,
                    "move_id": q.move_id.id,
                    "currency_id": q.currency_id.id or None,
                    "status_id": q.status_id.id or None,
                    "comment": (q.comment if comment is None else comment) or None,
                    "resolver_id": (q.resolver_id if resolver is None else resolver).id
                    or None,
                    "user_id": self.env.uid,
                    "date": now,
                    "previous_id": q.id,
                    "amends_id": q.id,
                }
                for q in self
                if q.move_id
            ]
        )
        new._apply_to_items(items)
        new._follow_disputes()
        self.env["dso.promise"]._from_qualifications(new)
        if resolver is not None:
            items._hand_over(resolver)
        return new

    def _tell_done(self):
        """Client action: what was qualified, with one click to undo it."""
        if not self:
            return {"type": "ir.actions.act_window_close"}
        return {
            "type": "ir.actions.client",
            "tag": "dso_qualified",
            "params": {
                "message": self.env._(
                    "%(count)s qualified: %(status)s.",
                    count=len(self),
                    status=self[:1].status_id.name,
                ),
                "ids": self.ids,
            },
        }

    def _original(self):
        """The act whose outcome this row shows: an undo shows that of the act before
        the one that it undid; none when it gave back the item without status."""
        self.ensure_one()
        row = self
        while row.undo_of_id:
            row = row.undo_of_id.previous_id
        return row

    @api.model
    def _insert(self, vals_list):
        """Write new rows, at most one for an item, in one statement.

        The ORM would need a query for each hundred. Called behind a check.

        :param vals_list: list of dicts of column values, all with the same keys
        :return: the new records
        """
        if not vals_list:
            return self.browse()
        names = list(vals_list[0])
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO dso_qualification (
                       %(names)s, create_uid, create_date, write_uid, write_date)
                SELECT %(names)s, %(uid)s, now() AT TIME ZONE 'UTC',
                       %(uid)s, now() AT TIME ZONE 'UTC'
                  FROM jsonb_populate_recordset(NULL::dso_qualification, %(rows)s)
             RETURNING id
                """,
                names=SQL(", ").join(SQL.identifier(name) for name in names),
                uid=self.env.uid,
                rows=json.dumps(vals_list, default=str),
            )
        )
        new = self.browse(row[0] for row in rows)
        self.env["dso.account"].invalidate_model(["qualification_ids"], flush=False)
        return new

    def _apply_to_items(self, items, reenter=False):
        """Copy these qualifications, the latest of their items, to the items.

        :param items: dso.item records
        :param bool reenter: a dispute that ends lets its item in again (L15); a
            correction does not
        """
        items.flush_model()
        self.env.execute_query(
            SQL(
                """
                UPDATE dso_item i
                   SET qualification_id = q.id, status_id = q.status_id,
                       status_type = q.status_type,
                       status_date = CASE WHEN q.status_id IS NOT NULL
                                          THEN q.status_date END,
                       promise_date = q.promise_date,
                       promise_amount = q.promise_amount, comment = q.comment,
                       resolver_id = q.resolver_id,
                       disputed_amount = q.disputed_amount,
                       disputed_company = q.disputed_company,
                       reentry_date = CASE WHEN %(reenter)s
                            AND i.status_type = 'dispute' AND q.status_type <> 'dispute'
                           THEN q.status_date ELSE i.reentry_date END,
                       write_uid = %(uid)s, write_date = now() AT TIME ZONE 'UTC'
                  FROM dso_qualification q
                 WHERE q.id = ANY(%(ids)s) AND i.id = ANY(%(items)s)
                   AND i.move_id = q.move_id AND i.account_id = q.account_id
             RETURNING i.id
                """,
                ids=self.ids,
                items=items.ids,
                reenter=reenter,
                uid=self.env.uid,
            )
        )
        items.invalidate_recordset(flush=False)
        items.modified(ITEM_FIELDS)
        items._align_no_followup()

    def _take_back_follow_ups(self):
        """Undo what these qualifications did to specific actions."""
        # called behind action_undo's check
        actions = self.env["dso.action"].sudo()
        self._flush_follow_ups()
        rows = self.env.execute_query(
            SQL(
                """
                WITH born AS (
                    UPDATE dso_action_line SET released = TRUE
                     WHERE qualification_id = ANY(%(ids)s)
                 RETURNING action_id
                ), ended AS (
                    UPDATE dso_action_line SET released = FALSE, released_by_id = NULL
                     WHERE released_by_id = ANY(%(ids)s)
                 RETURNING action_id
                ), planned AS (
                    UPDATE dso_action
                       SET state = 'planned', cause = NULL, date_closed = NULL
                     WHERE id IN (SELECT action_id FROM ended)
                       AND state = 'cancelled' AND cause = 'superseded'
                 RETURNING id
                )
                SELECT action_id, TRUE FROM born
                 UNION SELECT id, FALSE FROM planned
                """,
                ids=self.ids,
            )
        )
        self._forget_follow_ups(actions.browse(row[0] for row in rows))
        actions.browse(row[0] for row in rows if row[1])._cancel_when_released("undone")

    def _supersede_follow_ups(self):
        """A new qualification ends the follow-ups of earlier ones on its items."""
        self._flush_follow_ups()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE dso_action_line l SET released = TRUE, released_by_id = q.id
                  FROM dso_qualification q, dso_action a
                 WHERE q.id = ANY(%s) AND l.move_id = q.move_id
                   AND l.account_id = q.account_id AND l.released IS NOT TRUE
                   AND l.qualification_id IS NOT NULL AND a.id = l.action_id
                   AND a.state IN ('planned', 'error')
             RETURNING l.action_id
                """,
                self.ids,
            )
        )
        # of the qualifications' own items, behind dso_qualify's check
        actions = self.env["dso.action"].sudo().browse({row[0] for row in rows})
        self._forget_follow_ups(actions)
        actions._cancel_when_released("superseded")

    def _flush_follow_ups(self):
        self.env["dso.action.line"].flush_model()
        self.env["dso.action"].flush_model()

    def _forget_follow_ups(self, actions):
        """Read anew what was written to these actions and their items."""
        lines = self.env["dso.action.line"]
        lines.invalidate_model(["released", "released_by_id"], flush=False)
        actions.invalidate_recordset(flush=False)
        self.env["account.move"].invalidate_model(
            ["dso_starred", "dso_action_line_ids"], flush=False
        )

    def _follow_up(self, values, figures):
        """Create the specific actions of these qualifications: one for each account,
        and resolver where the items have several (Q1-Q7).

        :param dict values: ``dso.action`` values that override what the status says
        :param dict figures: {(move id, account id): dict} with due and total
        """
        status = self.status_id
        model = status._follow_up_model()
        if values.get("action_model_id"):
            model = model.browse(values["action_model_id"])
        if not model:
            return
        own = model == status._follow_up_model()
        rows = []
        for (account, resolver), group in self.grouped(
            lambda q: (q.account_id, q.resolver_id)
        ).items():
            first = group[0]
            lines = []
            for q in group:
                of_item = figures[q.move_id.id, q.account_id.id]
                lines.append(
                    {
                        "account_id": account.id,
                        "move_id": q.move_id.id,
                        "move_name": q.move_name,
                        "due": of_item["due"],
                        "currency_id": q.currency_id.id,
                        "amount": q.disputed_amount or q.amount_residual,
                        "amount_company": q.disputed_company or of_item["total"],
                        "qualification_id": q.id,
                        "disputed_only": bool(q.disputed_amount),
                    }
                )
            offset = account.company_id.dso_promise_follow_up_offset
            amount = float(sum(line["amount_company"] for line in lines))
            rows.append(
                {
                    "account_id": account.id,
                    "company_id": account.company_id.id,
                    "action_model_id": model.id,
                    "type": model.type,
                    # the status speaks of its own model, not of another one
                    "mode": (model == status.action_model_id and status.mode)
                    or model.mode,
                    "interactive": "internal"
                    if own and status.internal_interactive
                    else model.interactive,
                    "date": fields.Date.add(first.promise_date, days=offset)
                    if first.promise_date
                    else fields.Date.add(first.status_date, days=status.delay),
                    "promise_date": first.promise_date or None,
                    "promise_means": first.promise_means or None,
                    "promise_amount": sum(q._promised_company(figures) for q in group),
                    "resolver_id": resolver.id or None,
                    "dispute": status.type == "dispute",
                    "amount_claimed": account.currency_id.round(amount),
                    **values,
                    "lines": lines,
                }
            )
        self.env["dso.action"].sudo()._insert_planned(rows)  # behind dso_qualify

    def _promised_company(self, figures):
        """What is promised of this item, in company currency: all that is open unless
        an amount was named.

        :param dict figures: {(move id, account id): dict} with total and
            amount_currency
        """
        self.ensure_one()
        if self.status_type != "promise_to_pay":
            return 0.0
        of_item = figures[self.move_id.id, self.account_id.id]
        total, in_currency = float(of_item["total"]), float(of_item["amount_currency"])
        if not self.promise_amount or not in_currency:
            return total
        return self.account_id.currency_id.round(
            self.promise_amount * total / in_currency
        )
