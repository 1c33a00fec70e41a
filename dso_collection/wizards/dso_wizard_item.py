"""The open items that a collection wizard offers to tick."""

from odoo import api, fields, models
from odoo.fields import Command, Domain

from ..models.dso_status import STATUS_TYPES


class DsoWizardItem(models.TransientModel):
    """One open item (entry, account) of a wizard.

    Only the two keys and the tick are stored; the figures are read anew, so that
    nothing that the client sends can change them.
    """

    _name = "dso.wizard.item"
    _description = "Item To Tick"

    qualify_id = fields.Many2one("dso.qualify", ondelete="cascade")
    new_action_id = fields.Many2one("dso.action.new", ondelete="cascade")
    call_id = fields.Many2one("dso.call", ondelete="cascade")
    dispute_close_id = fields.Many2one("dso.dispute.close", ondelete="cascade")
    plan_make_id = fields.Many2one("dso.payment.plan.make", ondelete="cascade")
    selected = fields.Boolean("Tick")
    done = fields.Boolean("Qualified in this window", readonly=True)
    account_id = fields.Many2one("dso.account", "Customer", required=True)
    move_id = fields.Many2one("account.move", "Item", required=True)
    name = fields.Char("Number", compute="_compute_figures")
    kind = fields.Selection(
        selection=lambda self: self.env["account.move.line"]
        ._fields["dso_kind"]
        ._description_selection(self.env),
        string="Type",
        compute="_compute_figures",
    )
    due = fields.Date("Due date", compute="_compute_figures")
    days_late = fields.Integer("Days late", compute="_compute_figures")
    amount = fields.Monetary("Open amount", compute="_compute_figures")
    currency_id = fields.Many2one("res.currency", compute="_compute_figures")
    amount_company = fields.Monetary(
        "Open amount (company)",
        compute="_compute_figures",
        currency_field="company_currency_id",
    )
    company_currency_id = fields.Many2one(
        related="account_id.currency_id", string="Company currency"
    )
    status_id = fields.Many2one("dso.status", compute="_compute_figures")
    status_type = fields.Selection(STATUS_TYPES, compute="_compute_figures")
    starred = fields.Boolean(related="move_id.dso_starred", string="Star")
    blocked = fields.Boolean(
        "Excluded in Accounting",
        compute="_compute_figures",
        help="No follow-up, or its payment is blocked: it is not chased.",
    )

    @api.depends("account_id", "move_id")
    def _compute_figures(self):
        # the client names both: of what the user may not read, nothing is told
        accounts = self.account_id._filtered_access("read")
        readable = self.move_id._filtered_access("read")
        rows = {
            (r["account_id"], r["move_id"]): r
            for r in accounts._item_rows()
            if r["move_id"] in readable._ids
        }
        items = self.env["dso.item"].search(
            [("account_id", "in", accounts.ids), ("move_id", "in", self.move_id.ids)]
        )
        by_key = {(i.account_id.id, i.move_id.id): i for i in items}
        blocked = accounts._blocked_items()
        for line in self:
            key = (line.account_id.id, line.move_id.id)
            row = rows.get(key, {})
            item = by_key.get(key, items.browse())
            line.name = row.get("name") or (
                line.move_id.name if line.move_id in readable else False
            )
            line.kind = row.get("kind", False)
            line.due = row.get("due", False)
            late = 0
            if line.due and row["total"] > 0:
                late = (line.account_id.company_id._dso_today() - line.due).days
            line.days_late = max(late, 0)
            line.amount = row.get("amount_currency", 0)
            line.currency_id = row.get("currency_id", False)
            line.amount_company = row.get("total", 0)
            line.blocked = (key[1], key[0]) in blocked
            line.status_id = item.status_id
            line.status_type = item.status_type

    @api.model
    def _commands(self, chosen):
        """One2many commands for the items of a wizard.

        :param chosen: dict from (account, ids of the ticked entries) as
            :meth:`_from_context` returns it
        """
        commands = [Command.clear()]
        accounts = self.env["dso.account"].union(*chosen)
        accounts.check_access("read")
        rows_of = {account: account._item_rows() for account in chosen}
        moves = [row["move_id"] for rows in rows_of.values() for row in rows]
        readable = set(  # of his branches
            self.env["account.move"]._search(Domain("id", "in", moves))
        )
        for account, ticked in chosen.items():
            for row in rows_of[account]:
                if len(chosen) > 1 and row["move_id"] not in ticked:
                    continue
                if row["move_id"] not in readable:
                    continue
                commands.append(
                    Command.create(
                        {
                            "account_id": account.id,
                            "move_id": row["move_id"],
                            "selected": row["move_id"] in ticked,
                        }
                    )
                )
        return commands

    @api.model
    def _from_context(self):
        """The accounts and entries that the user started a wizard from.

        :return: {dso.account: set of ids of the entries to tick}
        """
        model = self.env.context.get("active_model")
        ids = self.env.context.get("active_ids") or []
        if not ids and self.env.context.get("active_id"):
            ids = [self.env.context["active_id"]]
        if not ids or model not in self.env:
            return {}
        records = self.env[model].browse(ids).exists()
        chosen = {}
        if model == "dso.account":
            chosen = {account: set() for account in records | records.member_ids}
        elif model == "account.move":
            for account, move in self._accounts_of(records.line_ids, records):
                chosen.setdefault(account, set()).add(move.id)
        elif model == "account.move.line":
            for account, move in self._accounts_of(records, records.move_id):
                chosen.setdefault(account, set()).add(move.id)
        elif model == "dso.reply":
            for reply in records:
                for account in reply.account_id | reply.account_id.member_ids:
                    chosen.setdefault(account, set()).update(reply.move_ids.ids)
        elif model == "dso.action":
            chosen = self._of_actions(records)
        return chosen

    @api.model
    def _of_actions(self, actions):
        """The items behind actions; of a scenario step its leader."""
        chosen = {}
        for action in actions:
            lines = action.line_ids.filtered(lambda line: not line.released)
            for line in lines.filtered("move_id"):
                chosen.setdefault(line.account_id, set()).add(line.move_id.id)
            if not lines:
                account = action.leader_account_id or action.account_id
                chosen.setdefault(account, set()).update(action.leader_id.ids)
        return chosen

    @api.model
    def _accounts_of(self, lines, moves):
        """Pairs (account, entry) of receivable lines; missing accounts are made."""
        by_key = {
            (account.company_id, account.partner_id): account
            for account in moves._dso_accounts()
        }
        for line in lines:
            if line.account_id.account_type != "asset_receivable":
                continue
            key = (line.company_id.root_id, line.partner_id.commercial_partner_id)
            if key in by_key:
                yield by_key[key], line.move_id
