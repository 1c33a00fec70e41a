"""The values that texts of actions may use: documented placeholders (rules.md §2)."""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import (
    email_normalize,
    format_amount,
    format_date,
    formataddr,
    formatLang,
)

from .dso_account_statement import CUSTOMER_GROUPS
from .dso_action import OPEN_STATES

#: Look of the links that are to be seen; e-mail programs read inline styles only.
BUTTON = (
    "display: inline-block; padding: 10px 16px; border-radius: 4px;"
    " background: #35506b; color: #ffffff; text-decoration: none;"
)
#: Types whose readers can follow a link.
LINKING_TYPES = ("email", "sms")
#: Invoices that one text has a button for: the oldest.
MAX_BUTTONS = 5


class DsoAction(models.Model):
    _inherit = "dso.action"

    # === Customer and own company === #
    contact_id = fields.Many2one(
        "res.partner",
        "Collection contact",
        compute="_compute_contact_id",
        help="Who is written to: the contact with the role of the action model, if it"
        " has one; else the collection contact, the invoice address, the customer. The"
        " lawyer while one represents the customer.",
    )
    lang_code = fields.Char(compute="_compute_contact_id", help="Language of the text.")
    sender_id = fields.Many2one(
        "res.users",
        "Sender",
        compute="_compute_sender",
        help="The collector; without one, or without his e-mail address, the credit"
        " manager, else the administrator.",
    )
    sender_company_id = fields.Many2one(
        "res.company",
        compute="_compute_sender",
        help="Company of the leader invoice: its letterhead and data are used.",
    )
    sender_email = fields.Char(
        compute="_compute_sender", help="Formatted address that the text comes from."
    )
    signature_block = fields.Html(
        compute="_compute_sender",
        sanitize=False,
        help="Name, company and phone of the sender.",
    )
    collector_name = fields.Char(compute="_compute_sender", help="Name of the sender.")
    collector_phone = fields.Char(
        compute="_compute_sender", help="Phone of the sender, else of the company."
    )
    collector_photo = fields.Html(
        compute="_compute_sender",
        sanitize=False,
        help="Photo of the sender; nothing when there is none.",
    )
    company_logo = fields.Html(
        compute="_compute_sender",
        sanitize=False,
        help="Logo of the company that sends.",
    )
    text_subject = fields.Char(
        "Subject", compute="_compute_text", help="As it would leave now."
    )
    text_body = fields.Html(
        "Text", compute="_compute_text", help="As it would leave now."
    )

    # === Items === #
    items_table = fields.Html(
        compute="_compute_items_table",
        sanitize=False,
        help="Open items of the account, disputed ones under their own heading.",
    )
    overdue_table = fields.Html(
        compute="_compute_tables",
        sanitize=False,
        help="As the table of items, but of the claimed ones only those overdue.",
    )
    not_due_table = fields.Html(
        compute="_compute_tables", sanitize=False, help="Items that are not due yet."
    )
    selected_table = fields.Html(
        compute="_compute_tables",
        sanitize=False,
        help="Items of this specific or out-of-scenario action.",
    )
    member_tables = fields.Html(
        compute="_compute_tables",
        sanitize=False,
        help="The table of items, one for each grouped account.",
    )
    claimed_words = fields.Char(
        compute="_compute_amounts",
        help="What is claimed, in each currency of the items: the overdue instalments"
        " less credits, without disputed, starred and litigation items; before the due"
        " date the instalment that falls due.",
    )

    # === Amounts, in company currency === #
    amount_selected = fields.Monetary(
        compute="_compute_amounts", help="Open amount of the action's own items."
    )
    amount_not_due = fields.Monetary(
        compute="_compute_amounts", help="Claimable items that are not due yet."
    )
    penalty_amount = fields.Monetary(
        compute="_compute_late_costs",
        help="Late penalties on the claimed overdue invoices, by the day, disputed ones"
        " excluded; without what was invoiced or waived; 0 where the account has none.",
    )
    recovery_amount = fields.Monetary(
        compute="_compute_late_costs",
        help="Fixed recovery cost for each claimed overdue invoice, disputed ones"
        " excluded; without what was invoiced or waived; 0 where the account has none.",
    )
    amount_costs = fields.Monetary(
        compute="_compute_late_costs", help="Penalties and recovery costs alone."
    )
    amount_claimed_with_costs = fields.Monetary(
        compute="_compute_late_costs",
        help="Claimed amount, penalties and recovery costs included.",
    )

    # === Links that pay, put in when the message leaves === #
    payment_button = fields.Html(
        compute="_compute_payment_buttons",
        sanitize=False,
        help="Buttons that pay the oldest overdue invoices online, in e-mails and text"
        " messages of a company that takes such payments; else nothing. A button of an"
        " invoice that cannot be paid online is left out.",
    )
    payment_button_undisputed = fields.Html(
        compute="_compute_payment_buttons",
        sanitize=False,
        help="As above, without disputed invoices.",
    )

    # -------------------------------------------------------------------------
    # WHO WRITES TO WHOM
    # -------------------------------------------------------------------------

    @api.depends(
        "account_id.contact_id",
        "account_id.hold_lawyer_id",
        "account_id.hold_reason",
        "account_id.hold_until",
        "action_model_id.recipient_role_id",
        "partner_id",
        "type",
        "own_lang",
        "step_id.lang",
    )
    def _compute_contact_id(self):
        def key(action):
            role = action.action_model_id.recipient_role_id
            return (action.account_id._origin.id, role.id or False, action.type)

        found = self.env["dso.account"]._find_recipients(map(key, self))
        for action in self:
            action.contact_id = found[key(action)] or action.partner_id
            action.lang_code = (
                action._chosen_lang()
                or action.contact_id.lang
                or action.company_id.partner_id.lang
                or self.env.user.lang
            )

    @api.depends("acting_collector_id", "company_id", "leader_id.company_id")
    def _compute_sender(self):
        fallback = {
            company: company._dso_fallback_sender() for company in self.company_id
        }
        for action in self:
            # only what a letterhead and a signature show of the own people, also of a
            # branch that the reader does not work in
            company = action.leader_id.sudo().company_id or action.company_id.sudo()
            user = action.acting_collector_id.sudo()
            if not (user.active and email_normalize(user.email or "")):
                user = fallback.get(action.company_id, user)
            email = email_normalize(user.email or "") or company.email
            name = " ".join((user.name or company.name).split())
            action.sender_id = user
            action.sender_company_id = company
            action.sender_email = formataddr((name, email)) if email else False
            action.collector_name = name
            action.collector_phone = user.phone or company.phone
            lines = [name, company.name if user else "", action.collector_phone]
            action.signature_block = Markup("<br/>").join(
                line for line in lines if line
            )
            action.collector_photo = (
                Markup(
                    '<img src="%s" alt="%s" width="64" height="64"'
                    ' style="border-radius: 50%%;"/>'
                )
                % (
                    f"/web/image/res.partner/{user.partner_id.id}/avatar_128"
                    f"?access_token={user.partner_id._get_avatar_128_access_token()}",
                    name,
                )
                if user.partner_id.image_128
                else False
            )
            action.company_logo = Markup(
                '<img src="/logo.png?company=%s" alt="%s" style="max-width: 160px;'
                ' max-height: 64px; height: auto;"/>'
            ) % (company.id, company.name)

    @api.depends("template_id", "state")
    def _compute_text(self):
        """The text of open actions, in the reader's language; what was done keeps its
        text with the message that left. What the user may not read is not shown."""
        self.text_subject = self.text_body = False
        # a text names its leader, which may be of a branch that the user may not read
        readable = self.leader_id._filtered_access("read")
        shown = self.filtered(
            lambda a: a.id and a.state in OPEN_STATES and a.leader_id <= readable
        )
        for template, actions in shown.grouped("template_id").items():
            if not template:
                continue
            subjects = template._render_field("subject", actions.ids, compute_lang=True)
            bodies = template._render_field("body_html", actions.ids, compute_lang=True)
            for action in actions:
                action.text_subject = subjects[action.id]
                action.text_body = bodies[action.id]

    # -------------------------------------------------------------------------
    # ITEMS AND AMOUNTS
    # -------------------------------------------------------------------------

    # One look at the ledger for a whole batch in each of these: a thousand texts need
    # no more queries than one. They are apart, because a text pays only for what it
    # uses.

    @api.depends("account_id", "line_ids")
    def _compute_items_table(self):
        rows_of = self._statement_by_action()
        for action in self:
            action.items_table = action._render_items(
                action._by_heading(rows_of[action.id])
            )

    @api.depends("account_id", "line_ids")
    def _compute_tables(self):
        rows_of = self._statement_by_action()
        for action in self:
            rows = rows_of[action.id]
            headings = action._by_heading(rows)
            overdue, not_due = action._split_claimed(headings)
            render = action._render_items
            action.overdue_table = render({**headings, "claimed": overdue})
            action.not_due_table = render({"not_due": not_due})
            action.selected_table = render({"selected": action._selected_items(rows)})
            tables = []
            for account in action.account_id | action.account_id.member_ids:
                own = [row for row in rows if row["account_id"] == account.id]
                table = render(action._by_heading(own), total=False)
                if table:
                    name = account.partner_id.display_name
                    tables.append(
                        Markup("<p><strong>%s</strong></p>%s") % (name, table)
                    )
            action.member_tables = Markup("").join(tables)

    @api.depends("account_id", "line_ids", "amount_claimed")
    def _compute_amounts(self):
        rows_of = self._statement_by_action()
        for action in self:
            rows = rows_of[action.id]
            headings = action._by_heading(rows)
            overdue, not_due = action._split_claimed(headings)
            action.claimed_words = action._in_words(headings, overdue)
            action.amount_selected = sum(
                item["company"] for item in action._selected_items(rows)
            )
            action.amount_not_due = sum(item["company"] for item in not_due)

    @api.depends("account_id", "line_ids", "amount_claimed")
    def _compute_late_costs(self):
        costs = self.account_id._late_rows()
        rows_of = self._statement_by_action() if costs else {}
        for action in self:
            penalties = recovery = 0.0
            if costs:
                headings = action._by_heading(rows_of[action.id])
                overdue, _not_due = action._split_claimed(headings)
                penalties, recovery = action._late_costs(overdue, costs)
            action.penalty_amount = penalties
            action.recovery_amount = recovery
            action.amount_costs = penalties + recovery
            action.amount_claimed_with_costs = (
                action._claimed_told(rows_of) + penalties + recovery
            )

    @api.depends("account_id", "line_ids", "type")
    def _compute_payment_buttons(self):
        self.payment_button = self.payment_button_undisputed = False
        paid_online = {c: c._dso_paid_online() for c in self.sender_company_id}
        payable = self.filtered(
            lambda a: (
                a.type in LINKING_TYPES
                and paid_online[a.sender_company_id]
                and a.interactive != "internal"
            )
        )
        rows_of = payable._statement_by_action() if payable else {}
        for action in payable:
            headings = action._by_heading(rows_of[action.id])
            overdue, _not_due = action._split_claimed(headings)
            disputed, _not_due = action._split_claimed(
                {"claimed": headings["disputed"]}
            )
            action.payment_button = action._payment_buttons(overdue + disputed)
            action.payment_button_undisputed = action._payment_buttons(overdue)

    def _claimed_told(self, rows_of):
        """What this action's text claims, in company currency."""
        self.ensure_one()
        if not self._shared():
            return self.amount_claimed
        rows = (rows_of or self._statement_by_action())[self.id]
        return self._claimed_of_share(self._by_heading(rows))

    def _split_claimed(self, headings):
        """(overdue, not due yet) of the claimed items of ``headings``."""
        self.ensure_one()
        today = self.company_id._dso_today()
        overdue = [
            item for item in headings["claimed"] if item["due"] and item["due"] < today
        ]
        return overdue, [item for item in headings["claimed"] if item not in overdue]

    def _open_items_by_heading(self):
        """The lists of :meth:`_by_heading` as the ledger stands now."""
        self.ensure_one()
        return self._by_heading(self._statement_by_action()[self.id])

    def _statement_by_action(self):
        """What the statement says of each action's accounts, one row an instalment.

        :return: {action id: list of rows of :meth:`dso.account._statement`}
        """
        return self._by_action(self.account_id._statement())

    def _rows_by_action(self):
        """What the engine says of each action's accounts, one row an item.

        :return: {action id: list of rows of :meth:`dso.account._item_rows`}, of the
            account and its members
        """
        accounts = self.account_id | self.account_id.member_ids
        return self._by_action(accounts._item_rows())

    def _by_action(self, rows):
        """Rows with an account_id, by action: those of the account and its members."""
        by_account = {}
        for row in rows:
            by_account.setdefault(row["account_id"], []).append(row)
        return {
            action.id: [
                row
                for account in action.account_id | action.account_id.member_ids
                for row in by_account.get(account.id, ())
            ]
            for action in self
        }

    def _selected_items(self, rows):
        """The items of this action: as open as they are now, or as it left them.

        :param rows: of :meth:`_statement_by_action`
        :return: list of dicts with move_id, name, due, amount, company, currency
        """
        self.ensure_one()
        is_open = self.state in OPEN_STATES
        now = {}
        for row in rows:
            key = (row["move_id"], row["account_id"])
            amount, company = now.get(key, (0.0, 0.0))
            now[key] = (amount + row["amount"], company + row["company_amount"])
        items = []
        for line in self.line_ids:
            amount, company = line.amount, line.amount_company
            if is_open:
                key = (line.move_id.id, line.account_id.id)
                if line.released or key not in now:
                    continue
                amount, company = now[key]
                if line.disputed_only and 0 < abs(line.amount) < abs(amount):
                    amount, company = line.amount, line.amount_company
            elif not amount:
                continue  # settled when it left
            items.append(
                {
                    "move_id": line.move_id.id,
                    "name": line.move_name,
                    "due": line.due,
                    "amount": amount,
                    "company": company,
                    "currency": line.currency_id,
                }
            )
        return items

    def _by_heading(self, rows):
        """Open items in lists: what the statement shows to customers (rules.md §12).

        Every open item that is neither ignored nor in litigation is listed, instalments
        in a row each; only the first list is claimed.

        :param rows: of :meth:`_statement_by_action`
        :return: dict of lists of dicts with move_id, kind, counts, name, number (tells
            the instalment, too), ref, remark (customer wording of the status), date,
            due, amount, company, and currency; the keys are
            :data:`~.dso_account_statement.CUSTOMER_GROUPS`
        """
        self.ensure_one()
        headings = {key: [] for key in CUSTOMER_GROUPS}
        currencies = self.env["res.currency"]
        account = self.account_id.with_context(lang=self.lang_code)
        remarks = account._customer_remarks(rows)
        for row, group, amount, company in self.account_id._listed(rows):
            headings[group].append(
                {
                    "move_id": row["move_id"],
                    "kind": row["kind"],
                    "counts": row["counts"],
                    "name": row["name"],
                    "number": account._instalment_words(row),
                    "ref": row["ref"],
                    "remark": ""
                    if group == "claimed" and row["disputed_amount"]
                    else remarks.get(row["line_id"], ""),
                    "date": row["invoice_date"],
                    "due": row["due"],
                    "amount": amount,
                    "company": company,
                    "currency": currencies.browse(row["currency_id"]),
                }
            )
        return headings

    def _in_words(self, headings, overdue):
        """The claimed amount in each currency of its items, joined by plus signs.

        Credits are deducted in their own currency; where that leaves a currency with
        nothing to pay, the amount in company currency is told.
        """
        self.ensure_one()
        own = self.currency_id
        items = overdue + [item for item in headings["credits"] if item["counts"]]
        if not overdue:
            items = [
                item
                for item in headings["claimed"]
                if item["move_id"] == self.leader_id.id
                and item["due"] == self.leader_date
            ]
        totals = {}
        for item in items:
            currency = item["currency"] or own
            totals[currency] = totals.get(currency, 0) + item["amount"]
        shared = self._shared()
        if not self._tells_account() or not totals or min(totals.values()) <= 0:
            claimed = self._claimed_of_share(headings) if shared else None
            totals = {own: self.amount_claimed if claimed is None else claimed}
        elif list(totals) == [own] and not shared:
            totals = {own: self.amount_claimed}
        env = self.with_context(lang=self.lang_code).env
        return " + ".join(
            formatLang(env, amount, currency_obj=currency)
            for currency, amount in sorted(
                totals.items(), key=lambda pair: (pair[0] != own, pair[0].name)
            )
        )

    def _late_costs(self, overdue, costs):
        """(late penalties, recovery costs) of overdue invoices (rules.md §6).

        :param overdue: list of items, of :meth:`_split_claimed`
        :param costs: what the accounts' instalments bear, of ``_late_rows``
        """
        self.ensure_one()
        accounts = self.account_id | self.account_id.member_ids
        invoices = {item["move_id"] for item in overdue}
        own = [
            row
            for row in costs
            if row["move_id"] in invoices and row["account_id"] in accounts._ids
        ]
        return (
            self.currency_id.round(sum(row["penalty"] for row in own)),
            self.currency_id.round(sum(row["recovery"] for row in own)),
        )

    def _payment_buttons(self, items):
        """Links that :meth:`mail.mail._dso_put_in_secrets` completes or takes out.

        :param items: list of items, instalments of one invoice among them
        """
        self.ensure_one()
        env = self.with_context(lang=self.lang_code).env
        invoices = {}
        for item in items:
            if item["kind"] == "invoice":
                before = invoices.get(item["move_id"], dict(item, amount=0))
                invoices[item["move_id"]] = dict(
                    before, amount=before["amount"] + item["amount"]
                )
        return Markup("").join(
            Markup('<p style="margin: 0 0 8px 0;"><a href="%s" style="%s">%s</a></p>')
            % (
                f"/dso/secret/pay/{move_id}",
                BUTTON,
                env._(
                    "Pay %(invoice)s: %(amount)s",
                    invoice=item["name"],
                    amount=formatLang(
                        env,
                        item["amount"],
                        currency_obj=item["currency"] or self.currency_id,
                    ),
                ),
            )
            for move_id, item in sorted(
                invoices.items(), key=lambda pair: (pair[1]["due"], pair[0])
            )[:MAX_BUTTONS]
        )

    def _render_items(self, headings, total=True):
        """The lists as tables, in the language of the text.

        :param bool total: tell below them what is overdue, credits deducted
        """
        self.ensure_one()
        if not any(headings.values()):
            return Markup("")
        return (
            self.env["ir.qweb"]
            .with_context(lang=self.lang_code)
            ._render(
                "dso_collection.items_table",
                {
                    "action": self,
                    "today": self.company_id._dso_today(),
                    "headings": {
                        heading: [self._in_cells(item, heading) for item in items]
                        for heading, items in headings.items()
                    },
                    "with_total": total,
                },
            )
        )

    def _in_cells(self, item, heading):
        """An item with its date and amount in words of the text's language.

        A widget for each cell would take longer than the rest of the text.
        """
        lang, currency = self.lang_code, item["currency"] or self.currency_id
        # a credit falls due never
        day = item["date"] if heading == "credits" else item["due"]
        return {
            "number": item["name"],
            **item,
            "small": [item[name] for name in ("ref", "remark") if item.get(name)],
            "due_words": format_date(self.env, day, lang_code=lang) if day else "",
            "amount_words": format_amount(
                self.env, item["amount"], currency, lang_code=lang
            ),
            "link": self._item_link(item),
        }
