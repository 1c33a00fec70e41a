"""Late costs on demand: into a draft invoice, or waived (rules.md §6)."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL, format_date


class DsoLateInvoice(models.TransientModel):
    """Shows what each late invoice of a customer bears, paid ones included, and makes
    one draft invoice out of what a person ticked. Nothing is posted here."""

    _name = "dso.late.invoice"
    _description = "Invoice Late Costs"

    account_id = fields.Many2one("dso.account", "Customer", required=True)
    company_id = fields.Many2one(related="account_id.company_id")
    currency_id = fields.Many2one(related="account_id.currency_id")
    line_ids = fields.One2many("dso.late.invoice.line", "wizard_id", "Late invoices")
    journal_id = fields.Many2one(
        "account.journal",
        domain="[('type', '=', 'sale'), ('company_id', 'child_of', company_id)]",
    )
    product_id = fields.Many2one(
        "product.product", help="Gives account and taxes. Empty: no tax."
    )
    income_account_id = fields.Many2one(
        "account.account",
        "Income account",
        domain="[('internal_group', '=', 'income'), ('company_ids', '=', company_id)]",
    )
    reason = fields.Char("Reason of the waiver")
    can_invoice = fields.Boolean(compute="_compute_can_invoice")
    basis_words = fields.Char("Claimed by", compute="_compute_basis_words")
    amount = fields.Monetary("Ticked", compute="_compute_amount")
    amount_waiting = fields.Monetary("In all", compute="_compute_amount")
    missing = fields.Date("No rate from", compute="_compute_amount")
    claim_ids = fields.One2many(related="account_id.late_claim_ids")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        account = self.env["dso.account"].browse(values.get("account_id"))
        if not account.exists():
            return values
        ticked = self.env.context.get("dso_late_moves") or []
        items = self._items_of(account)
        values["line_ids"] = [
            Command.create(
                {"move_id": move_id, "selected": not ticked or move_id in ticked}
            )
            for move_id in items
        ]
        root = account.company_id.sudo()  # what is proposed, looked at by the user
        values["journal_id"] = root.dso_late_journal_id.id
        values["product_id"] = root.dso_late_product_id.id
        values["income_account_id"] = root.dso_late_account_id.id
        return values

    @api.depends_context("uid")
    def _compute_can_invoice(self):
        allowed = self.env["account.move"].has_access("create")
        for wizard in self:
            wizard.can_invoice = allowed

    @api.depends("account_id")
    def _compute_basis_words(self):
        for wizard in self:
            wizard.basis_words = wizard.account_id._late_basis_words()

    @api.depends("line_ids.selected", "line_ids.penalty", "line_ids.recovery")
    def _compute_amount(self):
        for wizard in self:
            ticked = wizard.line_ids.filtered("selected")
            wizard.amount = sum(ticked.mapped("penalty") + ticked.mapped("recovery"))
            wizard.amount_waiting = sum(
                wizard.line_ids.mapped("penalty") + wizard.line_ids.mapped("recovery")
            )
            wizard.missing = min(
                filter(None, wizard.line_ids.mapped("missing")), default=False
            )

    def _items(self):
        return self._items_of(self.account_id)

    @api.model
    def _items_of(self, account):
        """What late items bear that is neither invoiced nor waived.

        :return: {move id: dict of name, due, paid_on, days, late, rates, penalty,
            recovery, missing, company_id, start, until}, by due date
        """
        items = {}
        if not account:
            return items
        account.check_access("read")
        today = account.company_id._dso_today()
        rows = account._late_rows(settled=True)
        readable = set(  # of his branches
            self.env["account.move.line"]._search(
                Domain("id", "in", [row["line_id"] for row in rows])
            )
        )
        for row in rows:
            if row["account_id"] != account.id or row["line_id"] not in readable:
                continue
            item = items.setdefault(
                row["move_id"],
                {
                    "name": row["name"],
                    "company_id": row["company_id"],
                    "due": row["due"],
                    "paid": [],
                    "days": 0,
                    "late": 0.0,
                    "rates": [],
                    "penalty": 0.0,
                    "recovery": 0.0,
                    "missing": None,
                    "since": row["claimed_until"],
                },
            )
            item["paid"].append(row["settled"])
            item["days"] = max(item["days"], row["days"])
            item["rates"] += row["rates"]
            item["missing"] = item["missing"] or row["missing"]
            for key in ("late", "penalty", "recovery"):
                item[key] += row[key]
        for item in items.values():
            paid = item.pop("paid")
            item["paid_on"] = max(paid) if all(paid) else None
            item["until"] = max(
                (end for _rate, _start, end in item["rates"]),
                default=item["paid_on"] or today,
            )
            since = item["since"]
            if since and since < item["until"]:
                # the days before were claimed already
                item["days"] = min(item["days"], (item["until"] - since).days)
                item["rates"] = [rate for rate in item["rates"] if rate[2] > since]
            else:
                since = item["due"]
            item["start"] = since + timedelta(days=1)
        return {
            move: item
            for move, item in items.items()
            if item["penalty"] or item["recovery"] or item["missing"]
        }

    # -------------------------------------------------------------------------
    # BUTTONS
    # -------------------------------------------------------------------------

    def action_invoice(self):
        """Make the draft invoice of what is ticked, and remember what it claims.

        :raise UserError: when nothing is ticked, or nothing left to claim
        :raise AccessError: for a user who may not make customer invoices
        """
        self.ensure_one()
        self.env["account.move"].check_access("create")
        items = self._locked_items()
        by_company = {}
        for move_id, item in items.items():
            by_company.setdefault(item["company_id"], {})[move_id] = item
        invoices = self.env["account.move"]
        for company_id, part in by_company.items():
            company = self.env["res.company"].browse(company_id)
            invoice = self._make_draft(company, part)
            self._remember(part, self._lines_of(invoice, part), invoice_id=invoice.id)
            invoices |= invoice
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Late costs"),
            "res_model": "account.move",
            "domain": [("id", "in", invoices.ids)],
            "view_mode": "list,form",
        }
        if len(invoices) == 1:
            action.update(view_mode="form", res_id=invoices.id)
        return action

    def action_waive(self):
        """Give up what is ticked, for good; what accrues later can still be claimed.

        :raise UserError: without a reason, or when nothing is ticked
        """
        self.ensure_one()
        if not (self.reason or "").strip():
            raise UserError(self.env._("Tell the reason of the waiver."))
        self._remember(self._locked_items(), waived=True, reason=self.reason.strip())
        return {"type": "ir.actions.act_window_close"}

    def _locked_items(self):
        """The ticked items as they stand now, their account locked: two people who
        press at once do not claim the same twice."""
        self.env["dso.account"].check_access("write")
        self.account_id.check_access("read")
        # written, not only locked: who waited here begins anew, and sees the claims
        self.env.cr.execute(
            SQL(
                "UPDATE dso_account SET write_uid = write_uid WHERE id = %s",
                self.account_id.id,
            )
        )
        ticked = set(self.line_ids.filtered("selected").move_id.ids)
        items = {
            move: item
            for move, item in self._items().items()
            if move in ticked and (item["penalty"] or item["recovery"])
        }
        if not items:
            raise UserError(
                self.env._("Nothing to claim: tick late invoices that bear late costs.")
            )
        return items

    def _make_draft(self, company, items):
        """One draft customer invoice, in company currency, a line for each claim.

        :param company: res.company whose items they are: the root or a branch
        :param dict items: of :meth:`_items_of`
        """
        partner = self.account_id.partner_id
        lang = partner.lang or self.env.lang
        reader = self.with_context(lang=lang)
        lines = []
        for item in items.values():
            if item["penalty"]:
                rates = reader.env["dso.late.invoice.line"]._in_words(
                    item["rates"], lang
                )
                lines.append(
                    self._invoice_line(
                        company,
                        reader.env._(
                            "Late payment interest on %(invoice)s, due %(due)s:"
                            " %(days)s days from %(start)s until %(until)s at"
                            " %(rates)s a year",
                            invoice=item["name"],
                            due=format_date(self.env, item["due"], lang_code=lang),
                            days=item["days"],
                            start=format_date(self.env, item["start"], lang_code=lang),
                            until=format_date(self.env, item["until"], lang_code=lang),
                            rates=rates,
                        ),
                        item["penalty"],
                    )
                )
            if item["recovery"]:
                lines.append(
                    self._invoice_line(
                        company,
                        reader.env._(
                            "Recovery cost for %(invoice)s, due %(due)s",
                            invoice=item["name"],
                            due=format_date(self.env, item["due"], lang_code=lang),
                        ),
                        item["recovery"],
                    )
                )
        values = {
            "move_type": "out_invoice",
            "partner_id": partner.id,
            "currency_id": self.currency_id.id,
            "company_id": company.id,
            "invoice_origin": reader.env._("Late costs"),
            "invoice_line_ids": lines,
        }
        if self.journal_id.company_id == company:
            values["journal_id"] = self.journal_id.id
        return self.env["account.move"].with_company(company).create(values)

    def _invoice_line(self, company, name, amount):
        """Without a product no tax is put on it: interest and damages bear none in
        most countries, and the draft is there to be changed."""
        values = {"name": name, "quantity": 1, "price_unit": amount}
        taxes = self.product_id.taxes_id.filtered(
            lambda tax: tax.company_id in company.parent_ids
        )
        values["tax_ids"] = [Command.set(taxes.ids)]
        if self.product_id:
            values["product_id"] = self.product_id.id
        if self.income_account_id:
            values["account_id"] = self.income_account_id.id
        return Command.create(values)

    def _lines_of(self, invoice, items):
        """Which line of a draft claims what.

        :return: {move id: {"penalty_line_id": id, "recovery_line_id": id}}
        """
        lines = iter(invoice.invoice_line_ids.sorted("id").ids)
        return {
            move_id: {
                f"{cost}_line_id": next(lines)
                for cost in ("penalty", "recovery")
                if item[cost]
            }
            for move_id, item in items.items()
        }

    def _remember(self, items, lines=None, **values):
        """One claim an item.

        :param dict lines: of :meth:`_lines_of`, when they are invoiced
        """
        self.env["dso.late.claim"].sudo().create(  # behind the checks of the buttons
            [
                {
                    "account_id": self.account_id.id,
                    "move_id": move_id,
                    "move_name": item["name"],
                    "penalty": item["penalty"],
                    "recovery": item["recovery"],
                    "date_until": item["until"],
                    "user_id": self.env.uid,
                    "date": fields.Datetime.now(),
                    **(lines or {}).get(move_id, {}),
                    **values,
                }
                for move_id, item in items.items()
            ]
        )
