"""The account statement: one set of data behind record, PDF, XLSX, e-mail and page."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, float_is_zero

from ..engine.evaluation import evaluation_ctes

#: Headings under which an open item stands, in their order (rules.md §12).
GROUPS = (
    "claimed",
    "arranged",
    "paying",
    "disputed",
    "credits",
    "litigation",
    "ignored",
)
#: Headings that customers see.
CUSTOMER_GROUPS = GROUPS[:5]

_STATEMENT = """
    WITH %(ctes)s
    SELECT s.account_id, l.id AS line_id, l.move_id, m.partner_id AS contact_id,
           c.kind, m.name, m.move_type,
           NULLIF(CASE WHEN m.move_type = 'entry' THEN COALESCE(l.ref, l.name)
                       ELSE m.ref END, '') AS ref,
           COALESCE(m.invoice_date, l.date) AS invoice_date,
           COALESCE(l.date_maturity, l.invoice_date, l.date) AS due,
           s.today, l.company_id, l.currency_id,
           l.amount_currency AS original,
           l.amount_residual_currency AS amount,
           l.amount_residual AS company_amount,
           parts.position, parts.count AS instalments,
           l.amount_residual > 0
               AND (l.no_followup IS TRUE OR m.payment_state = 'blocked') AS blocked,
           c.counts, c.starred, c.total, c.claim, c.disputed, c.promised,
           c.under_way OR m.payment_state = 'in_payment' AS under_way,
           COALESCE(d.ignored, FALSE) AS ignored, d.id AS item_id,
           d.status_id, d.status_type, d.status_date, d.comment, d.promise_date,
           d.resolver_id, d.promise_state,
           (SELECT COUNT(*) FROM ir_attachment f
             WHERE f.res_model = 'dso.item' AND f.res_id = d.id
               AND f.res_field IS NULL) AS attachment_count
      FROM scope s
      JOIN res_partner p ON p.commercial_partner_id = s.partner_id
      JOIN account_move_line l ON l.partner_id = p.id
       AND l.company_id = ANY (s.branch_ids)
      JOIN account_move m ON m.id = l.move_id
      JOIN claim c ON c.account_id = s.account_id AND c.move_id = l.move_id
 LEFT JOIN dso_item d ON d.move_id = l.move_id AND d.account_id = s.account_id
CROSS JOIN LATERAL (
        SELECT COUNT(*) AS count,
               COUNT(*) FILTER (WHERE (COALESCE(x.date_maturity, x.date), x.id)
                   <= (COALESCE(l.date_maturity, l.date), l.id)) AS position
          FROM account_move_line x
         WHERE x.move_id = l.move_id AND x.display_type = 'payment_term'
           ) parts
     WHERE l.account_id = ANY (%(receivable)s)
       AND l.parent_state = 'posted'
       AND l.reconciled IS NOT TRUE
       AND l.amount_residual <> 0
       AND s.account_id = ANY (%(ids)s)
  ORDER BY due, invoice_date, m.name, l.id
"""


class DsoAccount(models.Model):
    _inherit = "dso.account"

    statement = fields.Json(
        compute="_compute_statement", help="What the statement of the record shows."
    )

    @api.depends_context("uid", "lang", "allowed_company_ids")
    def _compute_statement(self):
        for account in self:
            account.statement = account.get_statement() if account.id else False

    # -------------------------------------------------------------------------
    # DATA
    # -------------------------------------------------------------------------

    def _statement(self, today=None):
        """Every open item of these accounts and of those grouped under them.

        One dict per open instalment, by due date. Nothing is checked and everything is
        in it, internal comments too: callers check access, and show customers only what
        :meth:`_statement_of_customer` lets through. One query for the ledger and one
        for late costs, whatever the number of items.

        :param today: date, or None for each company's own today
        :return: list of dicts: account_id, line_id, move_id, contact_id (to whom it was
            invoiced), item_id, kind, name, ref,
            invoice_date, due, today, days_late, amount and original (item currency),
            currency_id, company_amount, company_id, position and instalments (which of
            how many), penalty and recovery (company currency), status_id, status_type,
            status_date, comment, promise_date, promise_state, resolver_id,
            disputed_amount and disputed_company (what of this instalment is disputed),
            promised_company (what of it is still promised),
            ignored, blocked (by Odoo's own flags), starred, under_way, counts (takes
            part in dunning), attachment_count, group (key of :data:`GROUPS`)
        """
        self.env.flush_all()
        accounts = self | self.member_ids
        if not accounts:
            return []
        todays = {c.id: today or c._dso_today() for c in accounts.company_id}
        receivable = self._receivable_account_ids()
        rows = self.env.execute_query_dict(
            SQL(
                _STATEMENT,
                ctes=evaluation_ctes(
                    (accounts.head_id | accounts).ids, todays, receivable
                ),
                receivable=receivable,
                ids=accounts.ids,
            )
        )
        by_item = {}
        for row in rows:
            for name in ("amount", "company_amount", "original", "total", "claim"):
                row[name] = float(row[name] or 0)
            row["disputed"] = float(row["disputed"] or 0)
            row["promised"] = float(row["promised"] or 0)
            late = row["company_amount"] > 0 and row["due"] < row["today"]
            row["days_late"] = (row["today"] - row["due"]).days if late else 0
            by_item.setdefault((row["account_id"], row["move_id"]), []).append(row)
        for lines in by_item.values():
            self._spread_dispute(lines)
            self._spread_promise(lines)
        self._add_late_costs(rows, accounts, today)
        for row in rows:
            row["group"] = self._group_of(row)
            for name in ("total", "claim", "disputed", "promised"):
                del row[name]
        return rows

    @api.model
    def _spread_dispute(self, lines):
        """Tell what of each instalment of one item is disputed.

        What is not disputed is claimed first of the earliest instalments (rules.md
        L2), so the dispute lies on the last ones.
        """
        left = lines[0]["disputed"]
        whole = float_is_zero(left - lines[0]["total"], precision_digits=6)
        # lines that Odoo's flags exclude are not claimed: they come last
        for line in sorted(lines, key=lambda x: (not x["blocked"], x["due"]))[::-1]:
            company = line["company_amount"]
            part = company if whole else min(max(company, 0), left)
            left = 0 if whole else left - part
            rate = line["amount"] / company
            currency = self.env["res.currency"].browse(line["currency_id"])
            if whole and not lines[0]["disputed"]:
                part = 0
            line["disputed_company"] = part
            line["disputed_amount"] = (
                line["amount"] if part == company else currency.round(part * rate)
            )

    @api.model
    def _spread_promise(self, lines):
        """Tell what of each instalment of one item is promised: the earliest first."""
        left = lines[0]["promised"]
        for line in lines:
            company = line["company_amount"]
            part = company if abs(company) <= abs(left) else left
            line["promised_company"] = part
            left -= part

    @api.model
    def _group_of(self, row):
        """The heading of an instalment (rules.md L2, §12)."""
        if row["ignored"] or row["blocked"]:
            return "ignored"
        if row["status_type"] == "litigation":
            return "litigation"
        if row["total"] < 0:
            return "credits"
        if row["disputed_amount"] and row["disputed_company"] == row["company_amount"]:
            return "disputed"
        if row["under_way"]:
            return "paying"
        if row["starred"]:
            return "arranged"
        return "claimed" if row["counts"] else "ignored"

    @api.model
    def _listed(self, rows):
        """What customers are shown of statement rows: in messages, PDF, XLSX, page.

        A partly disputed instalment is claimed for the rest and stands under two
        headings (rules.md L2); what is ignored or in litigation is not shown (§12).

        :param rows: of :meth:`_statement`
        :return: list of (row, heading, amount in its currency, in company currency)
        """
        listed = []
        for row in rows:
            group, part = row["group"], row["disputed_amount"]
            if group not in CUSTOMER_GROUPS:
                continue
            amount, company = row["amount"], row["company_amount"]
            if group == "claimed" and part:
                currency = self.env["res.currency"].browse(row["currency_id"])
                rest = company - row["disputed_company"]
                listed.append((row, "claimed", currency.round(amount - part), rest))
                group, amount, company = "disputed", part, row["disputed_company"]
            listed.append((row, group, amount, company))
        return listed

    def _add_late_costs(self, rows, accounts, today):
        """Penalty and recovery cost of each overdue instalment (rules.md §6)."""
        costs = accounts._late_costs(today)
        for row in rows:
            cost = costs.get((row["account_id"], row["line_id"]), {})
            row["penalty"] = cost.get("penalty", 0.0)
            row["recovery"] = cost.get("recovery", 0.0)

    @api.model
    def _statement_totals(self, rows):
        """Sums of statement rows, in company currency and in each item currency.

        :return: dict with total, overdue, not_due, credits, disputed, promised,
            penalties, recovery, count, and ``currencies``: a list of dicts with
            currency_id, total, overdue, not_due, credits
        """
        names = ("total", "overdue", "not_due", "credits", "disputed", "promised")
        totals = dict.fromkeys((*names, "penalties", "recovery"), 0.0)
        currencies = {}
        for row in rows:
            own = currencies.setdefault(
                row["currency_id"],
                {"currency_id": row["currency_id"], **dict.fromkeys(names[:4], 0.0)},
            )
            part = (
                "credits"
                if row["company_amount"] < 0
                else "overdue"
                if row["days_late"]
                else "not_due"
            )
            for name in ("total", part):
                totals[name] += row["company_amount"]
                own[name] += row["amount"]
            totals["disputed"] += row["disputed_company"]
            totals["promised"] += row["promised_company"]
            totals["penalties"] += row["penalty"]
            totals["recovery"] += row["recovery"]
        round_ = self.currency_id[:1].round if self else lambda amount: amount
        totals = {name: round_(amount) for name, amount in totals.items()}
        for own in currencies.values():
            currency = self.env["res.currency"].browse(own["currency_id"])
            for name in names[:4]:
                own[name] = currency.round(own[name])
        return {**totals, "count": len(rows), "currencies": list(currencies.values())}

    # -------------------------------------------------------------------------
    # FOR THE RECORD
    # -------------------------------------------------------------------------

    def get_statement(self):
        """The statement as the record shows it, to whoever may read the record.

        :return: dict with ``rows`` (of :meth:`_statement`, dates as text; only items
            that the user may read, so of his branches), ``totals`` (of these rows) and
            ``labels`` (names of what the rows refer to, and what the user may do)
        :raise AccessError: for an account that the user may not read
        """
        self.ensure_one()
        self.check_access("read")
        rows = self._statement()
        readable = set(
            self.env["account.move.line"]._search(
                Domain("id", "in", [row["line_id"] for row in rows])
            )
        )
        rows = [row for row in rows if row["line_id"] in readable]
        return {
            "rows": [
                {
                    name: fields.Date.to_string(value)
                    if name in ("invoice_date", "due", "status_date", "promise_date")
                    else value
                    for name, value in row.items()
                    if name != "today"
                }
                for row in rows
            ],
            "totals": self._statement_totals(rows),
            "labels": self._statement_labels(rows),
        }

    def _statement_labels(self, rows):
        """Names of what ``rows`` refer to: {what: {id or key: name}}."""
        self.ensure_one()

        def names(model, ids):
            # colleagues and statuses are named to whoever reads the item
            records = self.env[model].sudo().browse(sorted(ids))  # names only
            return {record.id: record.display_name for record in records}

        def selection(model, name):
            return dict(self.env[model]._fields[name]._description_selection(self.env))

        user = self.env.user
        return {
            "today": fields.Date.to_string(self.company_id._dso_today()),
            "company_currency_id": self.currency_id.id,
            "accounts": names("dso.account", {row["account_id"] for row in rows}),
            "statuses": names(
                "dso.status", {row["status_id"] for row in rows} - {None}
            ),
            "resolvers": names(
                "res.users", {row["resolver_id"] for row in rows} - {None}
            ),
            "kinds": selection("account.move.line", "dso_kind"),
            "status_types": selection("dso.item", "status_type"),
            "promise_states": selection("dso.item", "promise_state"),
            "groups": self._statement_groups(),
            "can": {
                "qualify": user.has_group("dso_collection.group_resolver"),
                "collect": user.has_group("dso_collection.group_collector"),
            },
            "quick_promise": self._quick_promise_words(),
        }

    def _quick_promise_words(self):
        """What the button of the quick promise does, or what it waits for."""
        company = self.company_id.sudo()  # its settings only
        status = company.dso_quick_promise_status_id
        if not status.active:
            return {
                "hint": self.env._(
                    "Choose the status of quick promises in the settings first."
                )
            }
        return {
            "title": self.env._(
                "%(status)s, in %(days)s days",
                status=status.name,
                days=company.dso_quick_promise_days,
            )
        }

    @api.model
    def _statement_groups(self):
        """Names of the headings in the user's language, in their order."""
        return {
            "claimed": self.env._("Open invoices"),
            "arranged": self.env._("Arranged: in a specific action"),
            "paying": self.env._("Payment under way"),
            "disputed": self.env._("Disputed"),
            "credits": self.env._("Credits and payments to allocate"),
            "litigation": self.env._("Litigation"),
            "ignored": self.env._("Left out of collection"),
        }
