"""What the screens of the agenda need of actions: grouping, tabs and cures."""

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from .dso_action import OPEN_STATES
from .dso_action_priority import DUE


class DsoAction(models.Model):
    _inherit = "dso.action"

    @api.depends("account_id.amount_overdue", "account_id.member_ids.amount_overdue")
    def _compute_amount_overdue(self):
        for action in self:
            accounts = action.account_id | action.account_id.member_ids
            action.amount_overdue = sum(accounts.mapped("amount_overdue"))

    def _field_to_sql(self, alias, field_expr, query=None):
        """Actions can be grouped by what is late, today, upcoming, and by colour, and
        summed by what is overdue; the worklist has its order."""
        if field_expr == "amount_overdue":
            self.env["dso.account"].flush_model(["amount_overdue", "head_id"])
            return SQL(
                """
                (SELECT SUM(amount_overdue) FROM dso_account
                  WHERE id = %(account)s OR head_id = %(account)s)
                """,
                account=SQL.identifier(alias, "account_id"),
            )
        if field_expr not in ("due_state", "colour", "worklist"):
            return super()._field_to_sql(alias, field_expr, query)

        def column(name):
            return SQL.identifier(alias, name, to_flush=self._fields[name])

        today = self._today_sql(alias)
        if field_expr == "worklist":
            return SQL(
                "(COALESCE(%(priority)s, 0) + CASE WHEN %(state)s IN %(open)s"
                " AND %(date)s <= %(today)s THEN %(due)s ELSE 0 END)",
                priority=column("priority"),
                state=column("state"),
                date=column("date"),
                open=OPEN_STATES,
                today=today,
                due=DUE,
            )
        if field_expr == "due_state":
            return SQL(
                """
                (CASE WHEN %(state)s NOT IN %(open)s THEN NULL
                      WHEN %(date)s < %(today)s THEN 'late'
                      WHEN %(date)s = %(today)s THEN 'today'
                      ELSE 'upcoming' END)
                """,
                state=column("state"),
                date=column("date"),
                open=OPEN_STATES,
                today=today,
            )
        return SQL(
            """
            (CASE WHEN %(state)s NOT IN %(open)s THEN NULL
                  WHEN %(state)s = 'error' THEN 'yellow'
                  WHEN %(mode)s = 'auto'
                    OR (%(mode)s = 'auto_confirm' AND %(confirmed)s) THEN 'green'
                  WHEN %(date)s <= %(today)s THEN 'red'
                  WHEN %(mode)s = 'manual' THEN 'blue'
                  ELSE 'white' END)
            """,
            state=column("state"),
            mode=column("mode"),
            confirmed=column("confirmed"),
            date=column("date"),
            open=OPEN_STATES,
            today=today,
        )

    def _today_sql(self, alias):
        """SQL: today of the company of an action, for the companies of the user; a
        constant where their days are the same."""
        todays = {c.id: c._dso_today() for c in self.env.companies.root_id}
        if len(set(todays.values())) == 1:
            return SQL("%s::date", next(iter(todays.values())))
        company = SQL.identifier(
            alias, "company_id", to_flush=self._fields["company_id"]
        )
        return SQL(
            "(CASE %s %s END)",
            company,
            SQL(" ").join(
                SQL("WHEN %s THEN %s::date", key, today)
                for key, today in todays.items()
            ),
        )

    @api.model
    @api.readonly
    def agenda_counts(self, domain):
        """Counters of the first two tabs (rules.md §5), in one query.

        Red is what needs a person now: manual actions that are due, automatic ones to
        confirm that are due, and problems. What is confirmed or leaves by itself never
        counts as red.

        :param domain: the filters that the user has set
        :return: ``{"manual": {"total": n, "todo": n}, "automatic": ...}``
        """
        query = self._search(Domain(domain) & Domain("state", "in", OPEN_STATES))
        colour = self._field_to_sql(self._table, "colour", query)
        mode = self._field_to_sql(self._table, "mode", query)
        rows = self.env.execute_query(
            query.select(
                SQL("COUNT(*) FILTER (WHERE %s = 'manual')", mode),
                SQL(
                    "COUNT(*) FILTER (WHERE %s = 'manual' AND %s IN ('red', 'yellow'))",
                    mode,
                    colour,
                ),
                SQL("COUNT(*)"),
                SQL("COUNT(*) FILTER (WHERE %s IN ('red', 'yellow'))", colour),
            )
        )
        total_manual, todo_manual, total, todo = rows[0]
        return {
            "manual": {"total": total_manual, "todo": todo_manual},
            "automatic": {"total": total - total_manual, "todo": todo - todo_manual},
        }

    @api.model
    def _own_domain(self):
        """Actions of the user: as collector, as who stands in, and as resolver."""
        return (
            Domain("collector_id", "=", self.env.uid)
            | Domain("acting_collector_id", "=", self.env.uid)
            | Domain("resolver_id", "=", self.env.uid)
        )

    @api.model
    def _count_own(self):
        """How many of the user's actions need a person: late, today, and how many are
        planned later; in one query."""
        query = self._search(self._own_domain() & Domain("state", "in", OPEN_STATES))
        colour = self._field_to_sql(self._table, "colour", query)
        due = self._field_to_sql(self._table, "due_state", query)
        red = SQL("%s IN ('red', 'yellow')", colour)
        rows = self.env.execute_query(
            query.select(
                SQL("COUNT(*) FILTER (WHERE %s AND %s = 'late')", red, due),
                SQL("COUNT(*) FILTER (WHERE %s AND %s = 'today')", red, due),
                SQL(
                    "COUNT(*) FILTER (WHERE %s IN ('blue', 'white') OR %s AND"
                    " %s = 'upcoming')",
                    colour,
                    red,
                    due,
                ),
            )
        )
        return rows[0]

    @api.model
    def action_open_agenda(self, tab="agenda"):
        """Open a tab of the agenda: a collector starts with his own actions, a credit
        manager with everybody's (rules.md §5).

        :param tab: ``agenda``, ``manual`` or ``automatic``
        """
        xmlids = {
            "agenda": "dso_collection.dso_action_action_agenda",
            "manual": "dso_collection.dso_action_action_manual",
            "automatic": "dso_collection.dso_action_action_automatic",
        }
        if tab not in xmlids:
            tab = "agenda"
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlids[tab])
        user = self.env.user
        if user.has_group("dso_collection.group_manager"):
            mine = {}
        elif user.has_group("dso_collection.group_collector"):
            mine = {"search_default_mine": 1}
        elif user.has_group("dso_collection.group_resolver"):
            mine = {"search_default_my_follow_ups": 1}
        else:
            mine = {}
        return {**action, "context": {"dso_agenda_tab": tab, **mine}}

    @api.model
    def action_open_own(self, due=None):
        """Open the user's actions from his activities in the systray.

        :param due: ``overdue``, ``today``, ``upcoming_all``; else all that need a
            person now
        """
        action = self.action_open_agenda("agenda")
        wanted = {
            "overdue": ("late", "needs_person"),
            "today": ("today", "needs_person"),
            "upcoming_all": ("upcoming", "not_released"),
        }.get(due, ("needs_person",))
        context = {
            "dso_agenda_tab": "agenda",
            "dso_agenda_once": True,
            "search_default_own": 1,
        }
        for name in wanted:
            context[f"search_default_{name}"] = 1
        return {**action, "context": context}

    def action_open_cure(self):
        """Open the record where the problem of this action is cured."""
        self.ensure_one()
        if self.problem in ("no_template", "not_sent", "too_large", "no_documents"):
            record = self.action_model_id
        elif self.problem in ("no_sender", "no_resolver"):
            record = self.account_id
        elif self.problem == "no_gateway":
            return self.env["ir.actions.act_window"]._for_xml_id(
                "dso_collection.res_config_settings_action"
            )
        elif self.problem == "blocked_phone":
            record = self.env["phone.blacklist"].search(
                [("number", "=", self._phone_number())], limit=1
            )
        elif self.problem == "blocked_address":
            record = self.env["mail.blacklist"].search(
                [("email", "=", self.contact_id.email_normalized)], limit=1
            )
        else:
            record = self.contact_id
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "view_mode": "form",
            "name": record.display_name,
        }
