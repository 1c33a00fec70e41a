"""Change comment and resolver of qualified items, by superseding rows (rules §3.3)."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain


class DsoItemEdit(models.TransientModel):
    """The latest status stays as it is; who reads the history sees both versions."""

    _name = "dso.item.edit"
    _description = "Edit Comment and Resolver"

    item_ids = fields.Many2many("dso.item", string="Items", readonly=True)
    action_id = fields.Many2one("dso.action", readonly=True)
    item_count = fields.Integer(compute="_compute_others")
    other_count = fields.Integer("Other count", compute="_compute_others")
    names = fields.Char("Concerns", compute="_compute_others")
    apply_to = fields.Selection(
        [
            ("these", "These items only"),
            ("all", "All items of the same action or status"),
        ],
        "Apply to",
        required=True,
        default="these",
    )
    status_id = fields.Many2one("dso.status", compute="_compute_others")
    comment = fields.Text("Internal comment")
    resolver_id = fields.Many2one(
        "res.users", "Resolver", domain=[("share", "=", False)]
    )

    @api.model
    def _open(self, records):
        """Window for journal items, entries, collection items or an action."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Comment and resolver"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {"active_model": records._name, "active_ids": records.ids},
        }

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        Wizard = self.env["dso.wizard.item"]
        keys = {
            (move, account.id)
            for account, moves in Wizard._from_context().items()
            for move in moves
        }
        items = (
            self.env["dso.item"]
            .search(
                Domain("move_id", "in", [move for move, _account in keys])
                & Domain("qualification_id", "!=", False)
                & Domain("status_id", "!=", False)
            )
            .filtered(lambda item: (item.move_id.id, item.account_id.id) in keys)
        )
        if not items and self.env.context.get("active_model") != "dso.action":
            raise UserError(
                self.env._(
                    "None of these items has a status yet: qualify them, with the"
                    " comment and the resolver."
                )
            )
        values["item_ids"] = [Command.set(items.ids)]
        if self.env.context.get("active_model") == "dso.action":
            values["action_id"] = self.env.context["active_ids"][0]
            values["apply_to"] = "all"
            values["resolver_id"] = (
                self.env["dso.action"].browse(values["action_id"]).resolver_id.id
            )
        for name in ("comment", "resolver_id") if items else ():
            known = set(items.mapped(name))
            if len(known) == 1:
                value = known.pop()
                values[name] = value.id if name == "resolver_id" else value
        return values

    @api.depends("item_ids")
    def _compute_others(self):
        for wizard in self:
            others = wizard._same() - wizard.item_ids._origin
            wizard.item_count = len(wizard.item_ids)
            wizard.other_count = len(others)
            wizard.names = ", ".join(
                item.move_id.name or "" for item in wizard.item_ids[:5]
            ) + ("…" if len(wizard.item_ids) > 5 else "")
            statuses = wizard.item_ids.status_id
            wizard.status_id = statuses if len(statuses) == 1 else False

    def _same(self):
        """The items that share an open specific action with these, or were given the
        same status by the same act."""
        items = self.item_ids._origin
        lines = self.env["dso.action.line"].search(
            Domain("move_id", "in", items.move_id.ids)
            & Domain("account_id", "in", items.account_id.ids)
            & Domain("released", "=", False)
            & Domain("action_id.kind", "=", "specific")
            & Domain("action_id.state", "in", ("planned", "error"))
        )
        mine = {(item.move_id, item.account_id) for item in items}
        actions = lines.filtered(
            lambda line: (line.move_id, line.account_id) in mine
        ).action_id
        keys = {
            (line.move_id, line.account_id)
            for line in actions.line_ids
            if not line.released
        }
        found = self.env["dso.item"].search(
            Domain("account_id", "in", items.account_id.ids)
            & Domain("status_id", "in", items.status_id.ids)
        )
        acts = {
            (row.user_id, row.date, row.status_id) for row in items.qualification_id
        }
        return found.filtered(
            lambda item: (item.move_id, item.account_id) in keys
            or (
                item.qualification_id.user_id,
                item.qualification_id.date,
                item.status_id,
            )
            in acts
        )

    def action_apply(self):
        """Write the new rows.

        :raise UserError: when nothing would change
        """
        self.ensure_one()
        self.env["account.move"]._dso_check_may_qualify()
        items = self.item_ids
        if self.action_id and (not items or self.apply_to == "all"):
            # its own record rules say who may
            if self.action_id.resolver_id != self.resolver_id:
                self.action_id.resolver_id = self.resolver_id
            if not items:
                return {"type": "ir.actions.act_window_close"}
        if self.apply_to == "all":
            items |= self._same()
        items.check_access("read")
        several = len(items) > 1
        comments, resolvers = set(items.mapped("comment")), items.resolver_id
        keep_comment = (several and not self.comment) or comments == {self.comment}
        one = len(resolvers) <= 1 and all(
            item.resolver_id == resolvers for item in items
        )
        keep_resolver = one and self.resolver_id == resolvers
        if not one and several and not self.resolver_id:
            keep_resolver = True  # several ones, shown as none
        if keep_comment and keep_resolver:
            raise UserError(self.env._("Nothing changed."))
        items.qualification_id._amend(
            comment=None if keep_comment else self.comment or "",
            resolver=None if keep_resolver else self.resolver_id,
        )
        return {"type": "ir.actions.act_window_close"}
