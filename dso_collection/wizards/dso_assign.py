"""Mass assignment, with a preview of who would get what (rules.md §1.6)."""

from ast import literal_eval
from collections import Counter

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..models.dso_assignment_rule import NAMES, RECORDS, SWITCHES, YES_NO
from ..models.dso_hold import REASONS_TO_HOLD

#: Customers shown one by one in the preview.
SHOWN = 20
#: Lines of the preview that count the same change.
COUNTED = 30
#: Up to so many accounts are evaluated within the click; more go to the queue.
AT_ONCE = 200
#: Of a new hold: reasons that say all by themselves.
PLAIN_HOLDS = [
    pair for pair in REASONS_TO_HOLD if pair[0] not in ("insolvency", "lawyer")
]


class DsoAssign(models.TransientModel):
    _name = "dso.assign"
    _description = "Assign Customers"

    company_id = fields.Many2one(
        "res.company", default=lambda self: self.env.company.root_id, readonly=True
    )
    scope = fields.Selection(
        [("chosen", "The chosen customers"), ("search", "All that match a search")],
        required=True,
        default="search",
    )
    account_keys = fields.Json(help="Ids of the chosen accounts.")
    domain = fields.Char("Search", default="[]")
    account_count = fields.Integer("Customers", compute="_compute_preview")
    source = fields.Selection(
        [
            ("values", "Values that I choose"),
            ("rules", "What the assignment rules say"),
        ],
        "Give them",
        required=True,
        default="values",
    )
    use_defaults = fields.Boolean(
        "Else the default of the settings",
        help="For the values of which no rule says anything; off: they stay.",
    )
    client_type_id = fields.Many2one("dso.client.type", "Client type")
    scenario_id = fields.Many2one("dso.scenario")
    start_step_id = fields.Many2one(
        "dso.scenario.step",
        "Start at",
        domain="[('scenario_id', '=', scenario_id)]",
        help="For customers whose scenario changes: the steps before count as skipped.",
    )
    collector_id = fields.Many2one("res.users", domain=[("share", "=", False)])
    penalties = fields.Selection(YES_NO, "Late penalties")
    recovery = fields.Selection(YES_NO, "Recovery costs")
    interactive = fields.Selection(YES_NO, "Interactive e-mails")
    capture = fields.Selection(YES_NO, "Capture answers")
    hold_reason = fields.Selection(PLAIN_HOLDS, "Put on hold")
    hold_until = fields.Date("Hold until", help="Last day of the hold; empty: no end.")
    changed_count = fields.Integer("Customers that change", compute="_compute_preview")
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        context = self.env.context
        if context.get("active_model") == "dso.account" and context.get("active_ids"):
            values["scope"] = "chosen"
            values["account_keys"] = context["active_ids"]
        return values

    # -------------------------------------------------------------------------
    # WHO GETS WHAT
    # -------------------------------------------------------------------------

    def _accounts(self):
        """The accounts asked for that the user may see.

        :raise UserError: for a search that cannot be read
        """
        self.ensure_one()
        Account = self.env["dso.account"]
        if self.scope == "chosen":
            ids = [key for key in self.account_keys or [] if isinstance(key, int)]
            return Account.search([("id", "in", ids)], order="id")
        try:
            domain = Domain(literal_eval(self.domain or "[]"))
            return Account.search(
                domain & Domain("company_id", "=", self.company_id.id), order="id"
            )
        except (ValueError, SyntaxError, TypeError) as error:
            raise UserError(self.env._("The search is not valid: %s", error)) from error

    @api.model
    def _names(self):
        return self.env["dso.assignment.rule"]._names()

    def _plan(self, accounts):
        """What each account has now and gets, set-based.

        :return: {account id: {name: (value before, value after)}}, changes only
        """
        before = {row["id"]: row for row in self._read_values(accounts)}
        after = {name: {} for name in self._names()}
        if self.source == "rules":
            after = self.env["dso.assignment.rule"]._outcome(accounts)
            if self.use_defaults:
                self._add_defaults(accounts, after)
        else:
            after = self._chosen_values(accounts)
        plan = {}
        for name, values in after.items():
            for account, value in values.items():
                old = before[account][name]
                if name in SWITCHES:
                    old = bool(old)
                if (old or False) != (value or False):
                    plan.setdefault(account, {})[name] = (old, value)
                elif name == "hold_reason" and value and self.source == "values":
                    if (before[account]["hold_until"] or False) != self.hold_until:
                        plan.setdefault(account, {})[name] = (old, value)
        return plan

    def _read_values(self, accounts):
        names = self._names()
        accounts.flush_model([*names, "hold_until"])
        return self.env.execute_query_dict(
            SQL(
                "SELECT id, hold_until, %s FROM dso_account WHERE id = ANY(%s)",
                SQL(", ").join(SQL.identifier(name) for name in names),
                accounts.ids,
            )
        )

    def _chosen_values(self, accounts):
        chosen = {name: self[name].id for name in RECORDS if self[name]}
        chosen |= {name: self[name] == "yes" for name in SWITCHES if self[name]}
        if self.hold_reason:
            chosen["hold_reason"] = self.hold_reason
        if self.client_type_id.scenario_id:
            chosen.setdefault("scenario_id", self.client_type_id.scenario_id.id)
        return {
            name: dict.fromkeys(accounts._ids, value) for name, value in chosen.items()
        }

    def _add_defaults(self, accounts, after):
        for company, group in accounts.grouped("company_id").items():
            root = company.sudo()  # what it gives to every new customer
            defaults = {
                "client_type_id": root.dso_client_type_id.id,
                "scenario_id": root.dso_client_type_id.scenario_id.id
                or root.dso_scenario_id.id,
                "collector_id": root.dso_collector_id.id,
                "penalties": root.dso_penalties,
                "recovery": root.dso_recovery,
                "interactive": root.dso_interactive,
                "capture": root.dso_capture,
            }
            for name, value in defaults.items():
                if value or name in SWITCHES:
                    for account in group._ids:
                        after[name].setdefault(account, value)

    # -------------------------------------------------------------------------
    # PREVIEW
    # -------------------------------------------------------------------------

    @api.depends(
        "scope",
        "account_keys",
        "domain",
        "source",
        "use_defaults",
        "hold_until",
        *NAMES,
    )
    def _compute_preview(self):
        for wizard in self:
            accounts = wizard._accounts()
            plan = wizard._plan(accounts)
            wizard.account_count = len(accounts)
            wizard.changed_count = len(plan)
            wizard.preview = wizard._preview_html(plan) if plan else False

    def _words(self, pairs):
        """{(name, value): how a person reads it} for values of the preview."""
        Account = self.env["dso.account"]
        words = {}
        for name in self._names():
            values = {value for other, value in pairs if other == name}
            if name in RECORDS:
                records = self.env[Account._fields[name].comodel_name].browse(
                    value for value in values if value
                )
                # names only, of values that the user sees on the accounts
                labels = {r.id: r.display_name for r in records.sudo()}
            elif name in SWITCHES:
                labels = {True: self.env._("yes"), False: self.env._("no")}
            else:
                labels = dict(Account._fields[name]._description_selection(self.env))
            for value in values:
                words[name, value] = labels.get(value) or self.env._("none")
        return words

    def _preview_html(self, plan):
        """Counts of each change, then the first customers that change."""
        counts = Counter(
            (name, old, new)
            for changes in plan.values()
            for name, (old, new) in changes.items()
        )
        words = self._words(
            {(name, old) for name, old, _new in counts}
            | {(name, new) for name, _old, new in counts}
        )
        names = self._names()
        labels = {
            name: self.env["dso.account"]._fields[name]._description_string(self.env)
            for name in names
        }

        def change(name, old, new):
            until = ""
            if name == "hold_reason" and self.source == "values" and self.hold_until:
                until = self.env._("until %s", format_date(self.env, self.hold_until))
            return Markup("%s → <b>%s</b> %s") % (
                words[name, old],
                words[name, new],
                until,
            )

        rows = Markup().join(
            Markup("<tr><td>%s</td><td>%s</td><td class='text-end'>%s</td></tr>")
            % (labels[name], change(name, old, new), count)
            for (name, old, new), count in sorted(
                counts.most_common(COUNTED),
                key=lambda pair: (names.index(pair[0][0]), -pair[1]),
            )
        )
        left = len(counts) - COUNTED
        if left > 0:
            rows += Markup("<tr><td colspan='3' class='text-muted'>%s</td></tr>") % (
                self.env._("and %s other changes", left)
            )
        shown = self.env["dso.account"].browse(list(plan)[:SHOWN])
        customers = Markup().join(
            Markup("<tr><td>%s</td><td>%s</td></tr>")
            % (
                account.display_name,
                Markup("<br/>").join(
                    Markup("%s: %s") % (labels[name], change(name, *pair))
                    for name, pair in plan[account.id].items()
                ),
            )
            for account in shown
        )
        left = len(plan) - SHOWN
        if left > 0:
            customers += Markup(
                "<tr><td colspan='2' class='text-muted'>%s</td></tr>"
            ) % self.env._("and %s other customers", left)
        return Markup(
            "<table class='table table-sm mb-3'><thead><tr><th>%s</th><th>%s</th>"
            "<th class='text-end'>%s</th></tr></thead><tbody>%s</tbody></table>"
            "<table class='table table-sm mb-0'><thead><tr><th>%s</th><th>%s</th></tr>"
            "</thead><tbody>%s</tbody></table>"
        ) % (
            self.env._("Value"),
            self.env._("Before → after"),
            self.env._("Customers"),
            rows,
            self.env._("Customer"),
            self.env._("Changes"),
            customers,
        )

    # -------------------------------------------------------------------------
    # BUTTONS
    # -------------------------------------------------------------------------

    def action_show_changed(self):
        """The list of the customers that would change."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Customers that change"),
            "res_model": "dso.account",
            "view_mode": "list,form",
            "domain": [("id", "in", list(self._plan(self._accounts())))],
        }

    def action_apply(self):
        """Write what the preview shows; the actions follow.

        A few accounts are evaluated at once, many by the queue's job within minutes.

        :raise UserError: when nothing changes
        """
        self.ensure_one()
        accounts = self._accounts()
        accounts.check_access("write")
        for record in (self.scenario_id, self.client_type_id):
            self._check_companies(record, accounts)
        plan = self._plan(accounts)
        if not plan:
            raise UserError(
                self.env._("Nothing changes: all of them have these values already.")
            )
        changed = accounts.browse(plan)
        self._write_values(plan)
        holds = [key for key, changes in plan.items() if "hold_reason" in changes]
        if holds:
            self._write_holds(accounts.browse(holds), plan)
        if self.start_step_id and self.source == "values":
            self._start_at_step(
                [key for key, changes in plan.items() if "scenario_id" in changes]
            )
        self.env["dso.account"].invalidate_model(flush=False)
        later = len(changed) > AT_ONCE
        if later:
            self.env["dso.dirty"]._queue(changed)
        else:
            changed._mark_dirty()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "%s customers changed; their actions follow within minutes.",
                    len(changed),
                )
                if later
                else self.env._("%s customers changed.", len(changed)),
                "next": {
                    "type": "ir.actions.client",
                    "tag": "soft_reload",
                },
            },
        }

    def _check_companies(self, record, accounts):
        owner = record.sudo().company_id.root_id  # its name only
        if owner and accounts.company_id - owner:
            raise UserError(
                self.env._(
                    "%(value)s belongs to %(company)s: choose customers of that company"
                    " only.",
                    value=record.display_name,
                    company=owner.name,
                )
            )

    def _write_values(self, plan):
        """One UPDATE for any number of accounts, locked in the order of all others.

        Write access was checked on all of them.
        """
        self.env.flush_all()
        names = [name for name in self._names() if name != "hold_reason"]
        types = {
            **dict.fromkeys(names, SQL("varchar[]")),
            **dict.fromkeys(RECORDS, SQL("int[]")),
            **dict.fromkeys(SWITCHES, SQL("bool[]")),
        }
        rows = {row["id"]: row for row in self._read_values(self._browse(plan))}
        for account, changes in plan.items():
            rows[account].update({name: new for name, (_old, new) in changes.items()})
        ids = sorted(rows)
        self.env.execute_query(
            SQL(
                "SELECT id FROM dso_account WHERE id = ANY(%s) ORDER BY id"
                " FOR NO KEY UPDATE",
                ids,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                UPDATE dso_account a
                   SET %(sets)s, write_uid = %(uid)s,
                       write_date = NOW() AT TIME ZONE 'UTC'
                  FROM unnest(%(ids)s::int[], %(columns)s) AS v(id, %(names)s)
                 WHERE a.id = v.id
                """,
                sets=SQL(", ").join(
                    SQL("%s = v.%s", SQL.identifier(name), SQL.identifier(name))
                    for name in names
                ),
                uid=self.env.uid,
                ids=ids,
                columns=SQL(", ").join(
                    SQL("%s::%s", [rows[key][name] or None for key in ids], types[name])
                    for name in names
                ),
                names=SQL(", ").join(map(SQL.identifier, names)),
            )
        )
        moved = [key for key, changes in plan.items() if "scenario_id" in changes]
        self.env["dso.change"].sudo()._note(  # what the user just assigned
            "scenario", self._browse(moved)
        )

    def _browse(self, ids):
        return self.env["dso.account"].browse(ids)

    def _write_holds(self, accounts, plan):
        """Holds of many accounts and their history, in a constant number of queries."""
        until = self.hold_until if self.source == "values" else None
        values = {
            "ids": accounts.ids,
            "reasons": [plan[key]["hold_reason"][1] for key in accounts.ids],
            "until": until or None,
            "uid": self.env.uid,
            "companies": accounts.company_id.ids,
            "todays": [company._dso_today() for company in accounts.company_id],
        }
        for query in (
            """
            UPDATE dso_account a
               SET hold_reason = v.reason, hold_until = %(until)s,
                   hold_user_id = %(uid)s, hold_note = NULL,
                   hold_opening_date = NULL, hold_lawyer_id = NULL
              FROM unnest(%(ids)s::int[], %(reasons)s::text[]) AS v(id, reason)
             WHERE a.id = v.id
            """,
            """
            UPDATE dso_hold h
               SET date_released = t.today, released_by_id = %(uid)s
              FROM unnest(%(companies)s::int[], %(todays)s::date[]) AS t(id, today)
             WHERE h.account_id = ANY(%(ids)s) AND h.date_released IS NULL
               AND h.reason <> 'channel' AND h.company_id = t.id
            """,
            """
            INSERT INTO dso_hold (
                   account_id, company_id, reason, date_from, date_until, user_id,
                   create_uid, create_date, write_uid, write_date)
            SELECT a.id, a.company_id, a.hold_reason, t.today, a.hold_until, %(uid)s,
                   %(uid)s, NOW() AT TIME ZONE 'UTC', %(uid)s, NOW() AT TIME ZONE 'UTC'
              FROM dso_account a
              JOIN unnest(%(companies)s::int[], %(todays)s::date[]) AS t(id, today)
                ON t.id = a.company_id
             WHERE a.id = ANY(%(ids)s)
            """,
        ):
            self.env.cr.execute(SQL(query, **values))
        self.env["dso.hold"].invalidate_model(flush=False)

    def _start_at_step(self, ids):
        """The changed accounts enter the new scenario at a step (rules.md §12).

        The steps before count as skipped; the distance to the last scenario action
        (L15) holds all the same.
        """
        step = self.start_step_id
        if step.scenario_id != self.scenario_id:
            raise UserError(
                self.env._(
                    "%(step)s is no step of %(scenario)s.",
                    step=step.display_name,
                    scenario=self.scenario_id.display_name,
                )
            )
        steps = (
            step.scenario_id.with_context(active_test=False)
            .step_ids.sorted(lambda s: (s.sequence, s.id))
            .ids
        )
        place = steps.index(step.id)
        self.env.cr.execute(
            SQL(
                """
                UPDATE dso_account
                   SET cycle_scenario_id = scenario_id, last_step_id = %s,
                       last_done_step_id = NULL, last_done_date = NULL,
                       redate_step_id = NULL, redate_date = NULL, cycle_memory = NULL
                 WHERE id = ANY(%s)
                """,
                steps[place - 1] if place else None,
                ids,
            )
        )
