"""Late penalties and recovery costs of receivable accounts (rules.md §6)."""

from datetime import date

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..engine.evaluation import KIND
from ..engine.late import (
    DAY,
    Dispute,
    Instalment,
    Period,
    Piece,
    late_costs,
    recovery_cost,
)
from .dso_late_rate import CATEGORIES

#: Outcomes of a dispute after which the disputed amount never bore penalties, and
#: after which it did all the time; of any other only its days are left out.
JUSTIFIED = ("justified",)
UNJUSTIFIED = ("unjustified", "withdrawn")


class DsoAccount(models.Model):
    _inherit = "dso.account"

    late_category = fields.Selection(
        CATEGORIES,
        "Debtor",
        help="Decides which late payment law applies. Empty: a company or whoever has a"
        " tax number is a business, everybody else a consumer.",
    )
    late_basis = fields.Selection(
        [
            ("contract", "Rate of our terms"),
            ("statutory", "Rate of the law"),
            ("own", "Rate agreed with this customer"),
        ],
        "Rate of late penalties",
        help="Empty: as the settings say.",
    )
    late_rate = fields.Float(
        "Agreed rate", digits=(6, 3), help="Percent per year, agreed with him."
    )
    late_claimable = fields.Monetary(
        "Late costs",
        compute="_compute_late_claimable",
        help="Late penalties and recovery costs that are neither invoiced nor waived,"
        " of open invoices and of those that were paid late.",
    )
    late_missing = fields.Date(
        "No rate from",
        compute="_compute_late_claimable",
        help="First late day for which no rate is known.",
    )
    late_claim_ids = fields.One2many(
        "dso.late.claim", "account_id", "Late costs claimed"
    )

    _late_rate_positive = models.Constraint(
        "CHECK(COALESCE(late_rate, 0) >= 0)",
        "The agreed rate of late penalties cannot be negative.",
    )

    def _compute_late_claimable(self):
        rows = self._late_rows(settled=True)
        for account in self:
            own = [row for row in rows if row["account_id"] == account.id]
            account.late_claimable = sum(
                row["penalty"] + row["recovery"] for row in own
            )
            account.late_missing = min(
                (row["missing"] for row in own if row["missing"]), default=False
            )

    # -------------------------------------------------------------------------
    # COMPUTATION
    # -------------------------------------------------------------------------

    @api.private
    def _late_costs(self, today=None):
        """What may be claimed of late costs on the open items of these accounts.

        Their members' items are told, too. What was invoiced or waived is taken off.

        :param today: date, or None for each company's own today
        :return: {(account id, receivable line id): {"penalty": float, "recovery":
            float, "days": int, "missing": date or None}} in company currency, of the
            overdue instalments of invoices
        """
        return {
            (row["account_id"], row["line_id"]): {
                key: row[key] for key in ("penalty", "recovery", "days", "missing")
            }
            for row in self._late_rows(today)
        }

    @api.private
    def _late_rows(self, today=None, settled=False):
        """Late costs of each overdue instalment of these accounts and their members.

        One query each for the instalments, the disputes, the claims and the rates,
        whatever the number of accounts; none where nothing is charged.

        :param today: date, or None for each company's own today
        :param bool settled: those paid late as well, which stay claimable
        :return: list of dicts: account_id, line_id, move_id, name, company_id, due,
            settled (date of the last payment, or None), days, late (principal),
            penalty and recovery (still claimable, company currency), rates (list of
            (rate, first day, last day)), missing (first day without a rate),
            claimed_until (last day of penalties claimed before, or None)
        """
        accounts = (self | self.member_ids).filtered(
            lambda account: account.penalties or account.recovery
        )
        if not accounts:
            return []
        todays = {c.id: today or c._dso_today() for c in accounts.company_id}
        self.env.flush_all()
        lines = self._late_lines(accounts, todays, settled)
        if not lines:
            return []
        items = {}
        for line in lines:
            items.setdefault((line["account_id"], line["move_id"]), []).append(line)
        disputes = self._late_disputes(items)
        claims = self._late_claims(accounts)
        terms = accounts._late_terms()
        by_id = {account.id: account for account in accounts}
        convert = self._late_converter(items, terms, by_id)
        rows = []
        for (account_id, _move_id), group in items.items():
            rows += by_id[account_id]._late_of_item(
                group,
                terms[account_id],
                disputes.get((account_id, group[0]["move_id"]), []),
                claims.get((account_id, group[0]["move_id"]), (0.0, 0.0, None)),
                convert,
            )
        return rows

    def _late_of_item(self, lines, terms, disputes, claimed, convert):
        """Rows of :meth:`_late_rows` of one item.

        :param lines: its instalments, of :meth:`_late_lines`
        :param terms: (periods of penalties, periods of recovery costs)
        :param disputes: list of :class:`Dispute`
        :param claimed: (penalties, recovery costs) invoiced or waived before, and
            until when
        """
        self.ensure_one()
        currency = self.currency_id
        penalty_periods, recovery_periods = terms
        instalments = [
            Instalment(line["line_id"], line["due"], line["pieces"]) for line in lines
        ]
        costs = late_costs(instalments, penalty_periods, disputes)
        delays = (
            costs
            if recovery_periods is penalty_periods
            else late_costs(instalments, recovery_periods, disputes)
        )
        late = [line for line in lines if delays[line["line_id"]].late > 0]
        recovery = unknown = None
        if self.recovery and late:
            due = min(line["due"] for line in late)
            recovery = recovery_cost(
                due,
                sum(delays[line["line_id"]].late for line in late),
                recovery_periods,
                lambda amount, source, target, day: convert(
                    self.company_id, amount, source, target, day
                ),
            )
            unknown = recovery is None
        # a consumer bears nothing where no law says so: nothing is missing then
        told = self._late_debtor() != "consumer" or bool(recovery_periods)
        penalty_left, recovery_left, claimed_until = claimed
        recovery_left = max(currency.round((recovery or 0.0) - recovery_left), 0.0)
        rows = []
        for line in lines:
            cost = costs[line["line_id"]]
            penalty = currency.round(cost.penalty) if self.penalties else 0.0
            part = min(penalty, penalty_left)
            penalty_left -= part
            is_first = bool(late) and line is late[0]
            rows.append(
                {
                    "account_id": self.id,
                    "line_id": line["line_id"],
                    "move_id": line["move_id"],
                    "name": line["name"],
                    "company_id": line["company_id"],
                    "due": line["due"],
                    "settled": line["settled"],
                    "days": cost.days or delays[line["line_id"]].days,
                    "late": cost.late,
                    "penalty": currency.round(penalty - part),
                    "recovery": recovery_left if is_first else 0.0,
                    "rates": cost.rates if self.penalties else [],
                    "claimed_until": claimed_until,
                    "missing": told
                    and (
                        (self.penalties and cost.missing)
                        or (unknown and is_first and line["due"] + DAY)
                    )
                    or None,
                }
            )
        return rows

    def _late_lines(self, accounts, todays, settled):
        """Overdue instalments of invoices, with the pieces of their principal.

        Ignored items, those that Odoo excludes from follow-ups and invoices of late
        costs themselves bear nothing. What a credit note takes off the very invoice
        that it corrects was never owed; any other credit pays on its date.

        :return: list of dicts, by due date: account_id, line_id, move_id, name,
            company_id, due, settled, pieces
        """
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT s.account_id, l.id AS line_id, l.move_id, m.name, l.company_id,
                       l.due, l.residual, l.ratio, s.today, paid.dates, paid.amounts
                  FROM (
                    SELECT a.id AS account_id, a.partner_id, a.company_id,
                           c.dso_late_since AS since,
                           (SELECT t.today
                              FROM unnest(%(companies)s::int[], %(todays)s::date[])
                                   AS t(company_id, today)
                             WHERE t.company_id = a.company_id) AS today,
                           (SELECT array_agg(b.id) FROM res_company b
                             WHERE split_part(b.parent_path, '/', 1)::int
                                   = a.company_id) AS branch_ids
                      FROM dso_account a
                      JOIN res_company c ON c.id = a.company_id
                     WHERE a.id = ANY(%(accounts)s)
                       ) s
                  JOIN res_partner p ON p.commercial_partner_id = s.partner_id
            CROSS JOIN LATERAL (
                    SELECT l.id, l.move_id, l.company_id, l.journal_id,
                           l.statement_line_id, l.reconciled,
                           COALESCE(l.date_maturity, l.invoice_date, l.date) AS due,
                           l.amount_residual_currency AS residual,
                           CASE WHEN l.amount_currency = 0 THEN 1
                                ELSE l.balance / l.amount_currency END AS ratio
                      FROM account_move_line l
                     WHERE l.partner_id = p.id
                       AND l.company_id = ANY (s.branch_ids)
                       AND l.account_id = ANY (%(receivable)s)
                       AND l.parent_state = 'posted'
                       AND l.balance > 0
                       AND l.no_followup IS NOT TRUE
                       AND (l.reconciled IS NOT TRUE AND l.amount_residual <> 0
                            OR %(settled)s AND l.reconciled)
                    OFFSET 0
                       ) l
                  JOIN account_move m ON m.id = l.move_id
                   AND m.payment_state IS DISTINCT FROM 'blocked'
                  JOIN account_journal j ON j.id = l.journal_id
             LEFT JOIN dso_item d ON d.move_id = l.move_id
                   AND d.account_id = s.account_id
             LEFT JOIN LATERAL (
                    SELECT array_agg(r.max_date ORDER BY r.max_date, r.id) AS dates,
                           array_agg(r.debit_amount_currency
                                     ORDER BY r.max_date, r.id) AS amounts,
                           MAX(r.max_date) AS last
                      FROM account_partial_reconcile r
                      JOIN account_move_line x ON x.id = r.credit_move_id
                      JOIN account_move xm ON xm.id = x.move_id
                     WHERE r.debit_move_id = l.id
                       AND r.debit_amount_currency > 0
                       AND xm.reversed_entry_id IS DISTINCT FROM l.move_id
                       ) paid ON TRUE
                 WHERE l.due < s.today
                   AND (s.since IS NULL OR l.due >= s.since)
                   AND d.ignored IS NOT TRUE
                   AND (l.reconciled IS NOT TRUE OR paid.last > l.due)
                   AND %(kind)s = 'invoice'
                   AND NOT EXISTS (SELECT 1 FROM dso_late_claim k
                                    WHERE k.invoice_id = l.move_id)
              ORDER BY l.due, l.id
                """,
                companies=list(todays),
                todays=list(todays.values()),
                accounts=accounts.ids,
                receivable=self._receivable_account_ids(),
                settled=settled,
                kind=KIND,
            )
        )
        for row in rows:
            ratio = float(row["ratio"])
            row["pieces"] = [
                Piece(float(amount) * ratio, min(day, row["today"]))
                for day, amount in zip(
                    row["dates"] or (), row["amounts"] or (), strict=True
                )
            ]
            row["settled"] = None
            if row["residual"]:
                row["pieces"].append(
                    Piece(float(row["residual"]) * ratio, row["today"])
                )
            elif row["dates"]:
                row["settled"] = max(row["dates"])
        return rows

    def _late_disputes(self, items):
        """What disputes take out of items, read from the history of qualifications.

        :param items: {(account id, move id): …}
        :return: {(account id, move id): list of :class:`Dispute`}
        """
        rows = self.env.execute_query_dict(
            SQL(
                """
                WITH RECURSIVE chain AS (
                    SELECT d.account_id, d.move_id, q.id, q.previous_id, q.status_type,
                           q.status_date, q.disputed_company, q.dispute_outcome,
                           0 AS depth
                      FROM unnest(%(accounts)s::int[], %(moves)s::int[])
                           AS k(account_id, move_id)
                      JOIN dso_item d USING (account_id, move_id)
                      JOIN dso_qualification q ON q.id = d.qualification_id
                     WHERE EXISTS (SELECT 1 FROM dso_qualification x
                                    WHERE x.account_id = d.account_id
                                      AND x.move_id = d.move_id
                                      AND x.status_type = 'dispute')
                     UNION ALL
                    SELECT c.account_id, c.move_id, q.id, q.previous_id, q.status_type,
                           q.status_date, q.disputed_company, q.dispute_outcome,
                           c.depth + 1
                      FROM chain c
                      JOIN dso_qualification q ON q.id = c.previous_id
                )
                SELECT * FROM chain ORDER BY account_id, move_id, depth DESC
                """,
                accounts=[account for account, _move in items],
                moves=[move for _account, move in items],
            )
        )
        disputes, chains = {}, {}
        for row in rows:
            chains.setdefault((row["account_id"], row["move_id"]), []).append(row)
        for key, chain in chains.items():
            found = disputes.setdefault(key, [])
            for index, row in enumerate(chain):
                if row["status_type"] != "dispute":
                    continue
                amount = float(row["disputed_company"] or 0) or None
                after = chain[index + 1] if index + 1 < len(chain) else None
                # several statuses of disputes in a row are one dispute
                closing = next(
                    (r for r in chain[index:] if r["status_type"] != "dispute"), None
                )
                outcome = closing and closing["dispute_outcome"]
                if not after or outcome in JUSTIFIED:
                    found.append(Dispute(amount))
                elif outcome not in UNJUSTIFIED:
                    found.append(
                        Dispute(amount, row["status_date"], after["status_date"])
                    )
        return disputes

    def _late_claims(self, accounts):
        """What stands invoiced or waived: {(account id, move id): (penalties,
        recovery costs, last day of the penalties)}."""
        return {
            (account, move): (float(penalty), float(recovery), until)
            for account, move, penalty, recovery, until in self.env.execute_query(
                SQL(
                    """
                    SELECT k.account_id, k.move_id,
                           COALESCE(SUM(k.penalty) FILTER (
                               WHERE k.waived OR k.penalty_line_id IS NOT NULL), 0),
                           COALESCE(SUM(k.recovery) FILTER (
                               WHERE k.waived OR k.recovery_line_id IS NOT NULL), 0),
                           MAX(k.date_until) FILTER (
                               WHERE k.penalty > 0
                                 AND (k.waived OR k.penalty_line_id IS NOT NULL))
                      FROM dso_late_claim k
                 LEFT JOIN account_move m ON m.id = k.invoice_id
                     WHERE k.account_id = ANY(%s)
                       AND k.move_id IS NOT NULL
                       AND (k.waived
                            OR m.state <> 'cancel'
                               AND m.payment_state IS DISTINCT FROM 'reversed')
                  GROUP BY k.account_id, k.move_id
                    """,
                    accounts.ids,
                )
            )
        }

    # -------------------------------------------------------------------------
    # RATES
    # -------------------------------------------------------------------------

    def _late_debtor(self):
        """The category of this debtor: chosen, or by what the customer is."""
        self.ensure_one()
        if self.late_category:
            return self.late_category
        partner = self.partner_id
        return "business" if partner.is_company or partner.vat else "consumer"

    def _late_terms(self):
        """Which rates these accounts bear.

        A consumer bears the country's rates for consumers, whatever our terms say, and
        nothing where there are none; only a rate agreed with him stands above that.

        :return: {account id: (periods of penalties, periods of recovery costs)}
        """
        always = date(1900, 1, 1)
        statutory = self.env["dso.late.rate"]._periods(
            {(account.company_id, account._late_debtor()) for account in self}
        )
        contract = {}
        for company in self.company_id:
            root = company.sudo()  # the rates that are printed in the texts
            contract[company] = [
                Period(
                    always,
                    None,
                    rate=root.dso_penalty_rate,
                    compensation=root.dso_recovery_cost,
                )
            ]
        own, terms = {}, {}
        for account in self:
            company, debtor = account.company_id, account._late_debtor()
            basis = company.sudo().dso_late_basis  # which of the two the texts print
            if account.late_basis in ("contract", "statutory"):
                basis = account.late_basis
            by_law = basis == "statutory" or debtor == "consumer"
            periods = statutory[company, debtor] if by_law else contract[company]
            penalties = periods
            if account.late_basis == "own":
                penalties = own.setdefault(
                    account.late_rate, [Period(always, None, rate=account.late_rate)]
                )
            terms[account.id] = (penalties, periods)
        return terms

    def _late_basis_words(self):
        """What the late costs of this account stand on, as a sentence."""
        self.ensure_one()
        company = self.company_id
        basis = self.late_basis or company.sudo().dso_late_basis  # which rates hold
        if basis == "own":
            return self.env._(
                "Rate agreed with this customer: %s %% a year.", f"{self.late_rate:g}"
            )
        debtor = self._late_debtor()
        if basis == "statutory" or debtor == "consumer":
            labels = dict(
                self._fields["late_category"]._description_selection(self.env)
            )
            return self.env._(
                "Rates of the law: %(country)s, debtor: %(debtor)s.",
                country=company._dso_late_country().name or self.env._("no country"),
                debtor=labels[debtor],
            )
        return self.env._(
            "Rate of our terms: %s %% a year.",
            f"{company.sudo().dso_penalty_rate:g}",  # stands on each reminder
        )

    def _late_converter(self, items, terms, by_id):
        """A function that converts recovery costs at the rate of a due date.

        Odoo's own table of rates, read once for all days and currencies.

        :param items: lines of :meth:`_late_lines` by (account id, move id)
        :param terms: of :meth:`_late_terms`
        :param by_id: the accounts by their ids
        :return: function (company, amount, from currency id, to currency id, date); a
            currency None is the company's
        """
        wanted = set()
        for (account_id, _move_id), lines in items.items():
            company = by_id[account_id].company_id
            own = company.currency_id.id
            for period in terms[account_id][1]:
                for currency in (period.currency, period.tier_currency):
                    if currency and currency != own:
                        for line in lines:
                            wanted.add((company.id, currency, line["due"]))
                            wanted.add((company.id, own, line["due"]))
        rates = {}
        if wanted:
            wanted = sorted(wanted)
            rates = {
                (company, currency, day): rate
                for company, currency, day, rate in self.env.execute_query(
                    SQL(
                        """
                        SELECT k.company, k.currency, k.day, COALESCE(
                               (SELECT r.rate FROM res_currency_rate r
                                 WHERE r.currency_id = k.currency AND r.name <= k.day
                                   AND (r.company_id IS NULL
                                        OR r.company_id = k.company)
                              ORDER BY r.company_id, r.name DESC LIMIT 1),
                               (SELECT r.rate FROM res_currency_rate r
                                 WHERE r.currency_id = k.currency
                                   AND (r.company_id IS NULL
                                        OR r.company_id = k.company)
                              ORDER BY r.company_id, r.name LIMIT 1),
                               1.0)
                          FROM unnest(%s::int[], %s::int[], %s::date[])
                               AS k(company, currency, day)
                        """,
                        [key[0] for key in wanted],
                        [key[1] for key in wanted],
                        [key[2] for key in wanted],
                    )
                )
            }

        def convert(company, amount, source, target, day):
            own = company.currency_id.id
            source, target = source or own, target or own
            if source == target:
                return amount
            rate_of = {
                currency: rates.get((company.id, currency, day), 1.0)
                for currency in (source, target)
            }
            return amount * float(rate_of[target]) / float(rate_of[source])

        return convert

    # -------------------------------------------------------------------------
    # BUTTONS
    # -------------------------------------------------------------------------

    def action_dso_invoice_late_costs(self):
        """Open the window that invoices or waives late costs, for these accounts'
        items; nothing is made before a person chose."""
        return self._late_wizard()

    def _late_wizard(self, moves=None):
        """The window for one account.

        :param moves: account.move to tick; default all that bear something
        """
        self.check_access("read")
        if not self.env.user.has_group("dso_collection.group_collector"):
            raise AccessError(
                self.env._(
                    "You may not claim late costs. Ask your administrator for the role"
                    " Collector."
                )
            )
        if len(self) != 1:
            raise UserError(
                self.env._("Choose items of one customer to invoice late costs.")
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Late costs of %s", self.partner_id.display_name),
            "res_model": "dso.late.invoice",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_account_id": self.id,
                "dso_late_moves": moves.ids if moves else [],
                "dialog_size": "extra-large",
            },
        }
