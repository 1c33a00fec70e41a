"""What the screens of the agenda need of actions: grouping, tabs and cures."""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .dso_action import OPEN_STATES

#: Counters end here, as Odoo's pager does.
COUNT_LIMIT = 10000


class DsoAction(models.Model):
    _inherit = "dso.action"

    calendar_title = fields.Char(
        "Customer and action", compute="_compute_calendar_title"
    )

    @api.depends("partner_id.name", "display_name")
    def _compute_calendar_title(self):
        for action in self:
            action.calendar_title = f"{action.partner_id.name}: {action.display_name}"

    @api.depends("account_id.amount_overdue", "account_id.member_ids.amount_overdue")
    def _compute_amount_overdue(self):
        accounts = self.account_id._origin
        accounts.flush_model(["amount_overdue", "head_id"])
        totals = dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT id, SUM(amount)::float
                      FROM (SELECT id, amount_overdue AS amount
                              FROM dso_account WHERE id = ANY(%(ids)s)
                             UNION ALL
                            SELECT head_id, amount_overdue
                              FROM dso_account WHERE head_id = ANY(%(ids)s)) a
                  GROUP BY id
                    """,
                    ids=accounts.ids,
                )
            )
        )
        for action in self:
            action.amount_overdue = totals.get(action.account_id._origin.id, 0)

    def _field_to_sql(self, alias, field_expr, query=None):
        """Actions can be grouped by what is late, today, upcoming, and by colour, and
        sorted by what is overdue."""
        if field_expr == "amount_overdue":
            self.env["dso.account"].flush_model(["amount_overdue", "head_id"])
            return SQL(
                """
                (SELECT SUM(amount_overdue) FROM dso_account
                  WHERE id = %(account)s OR head_id = %(account)s)
                """,
                account=SQL.identifier(alias, "account_id"),
            )
        if field_expr not in ("due_state", "colour"):
            return super()._field_to_sql(alias, field_expr, query)

        def column(name):
            return SQL.identifier(alias, name, to_flush=self._fields[name])

        today = self._today_sql(alias)
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

    def _read_group_select(self, aggregate_spec, query):
        """What a customer owes counts once, whatever the number of his actions."""
        if aggregate_spec == "amount_overdue:sum":
            factor = SQL("1")
        elif aggregate_spec == "amount_overdue:sum_currency":
            factor = self._currency_factor_sql()
        else:
            return super()._read_group_select(aggregate_spec, query)
        self.env["dso.account"].flush_model(["amount_overdue", "head_id"])
        return SQL(
            """
            (SELECT SUM(b.amount_overdue * %(factor)s) FROM dso_account b
              WHERE b.id IN (
                    SELECT unnest(array_agg(DISTINCT %(account)s))
                     UNION
                    SELECT m.id
                      FROM unnest(array_agg(DISTINCT %(account)s)) AS k(id)
                      JOIN dso_account m ON m.head_id = k.id))
            """,
            factor=factor,
            account=SQL.identifier(
                query.table, "account_id", to_flush=self._fields["account_id"]
            ),
        )

    def _currency_factor_sql(self):
        """SQL: from the currency of the account ``b`` to that of the present company,
        at today's rate; for the companies of the user."""
        own = self.env.company.root_id.sudo()  # currencies and rates only
        return SQL(
            "(CASE b.company_id %s END)",
            SQL(" ").join(
                SQL(
                    "WHEN %s THEN %s::numeric",
                    company.id,
                    company.currency_id._get_conversion_rate(
                        company.currency_id, own.currency_id, own, own._dso_today()
                    ),
                )
                # currencies and time zones, of companies that the user works in
                for company in self.env.companies.root_id.sudo()
            ),
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
        """Counters of the first two tabs (rules.md §5), in two queries.

        Red is what needs a person now: manual actions that are due, automatic ones to
        confirm that are due, and problems. What is confirmed or leaves by itself never
        counts as red.

        :param domain: the filters that the user has set
        :return: for ``manual`` and ``automatic`` a dict of ``total``, ``todo`` and
            ``more``: whether there are more than :data:`COUNT_LIMIT`, of which the
            earliest are counted
        """
        domain = Domain(domain) & Domain("state", "in", OPEN_STATES)
        return {
            "manual": self._count_tab(domain & Domain("mode", "=", "manual")),
            "automatic": self._count_tab(
                domain & Domain("mode", "in", ("auto", "auto_confirm"))
            ),
        }

    @api.model
    def _count_tab(self, domain):
        query = self._search(domain, order="date", limit=COUNT_LIMIT + 1)
        total, todo = self.env.execute_query(
            SQL(
                "SELECT COUNT(*), COUNT(*) FILTER (WHERE red) FROM (%s) AS t(red)",
                query.select(self._red_sql(self._table)),
            )
        )[0]
        return {
            "total": min(total, COUNT_LIMIT),
            "todo": min(todo, COUNT_LIMIT),
            "more": total > COUNT_LIMIT,
        }

    def _red_sql(self, alias):
        """SQL: whether an open action needs a person now."""
        return SQL(
            """
            (%(state)s = 'error' OR %(date)s <= %(today)s AND (
                %(mode)s = 'manual'
                OR %(mode)s = 'auto_confirm' AND %(confirmed)s IS NOT TRUE))
            """,
            today=self._today_sql(alias),
            **{
                name: SQL.identifier(alias, name, to_flush=self._fields[name])
                for name in ("state", "date", "mode", "confirmed")
            },
        )

    @api.model
    def _count_own(self):
        """How many of the user's actions need a person, as collector, as who stands in
        and as resolver: late, today (with the problems of later days, which are not to
        wait until then), and how many are to be done or confirmed later.

        :return: (late, today, later)
        """
        mine = Domain("collector_id", "=", self.env.uid)
        mine |= Domain("acting_collector_id", "=", self.env.uid)
        resolves = Domain("resolver_id", "=", self.env.uid) & ~mine
        parts = []
        for own in (mine, resolves):
            query = self._search(own & Domain("state", "in", OPEN_STATES))
            red, today = self._red_sql(self._table), self._today_sql(self._table)
            date, mode, confirmed = (
                SQL.identifier(self._table, name, to_flush=self._fields[name])
                for name in ("date", "mode", "confirmed")
            )
            waits = SQL("(%s = 'manual' OR %s IS NOT TRUE)", mode, confirmed)
            late, due = SQL("%s < %s", date, today), SQL("%s <= %s", date, today)
            parts.append(
                query.select(
                    SQL("%s AND %s", red, late),
                    SQL("%s AND NOT %s", red, late),
                    SQL(
                        "NOT %s AND NOT %s AND %s <> 'auto' AND %s",
                        red,
                        due,
                        mode,
                        waits,
                    ),
                )
            )
        return self.env.execute_query(
            SQL(
                "SELECT COUNT(*) FILTER (WHERE late), COUNT(*) FILTER (WHERE today),"
                " COUNT(*) FILTER (WHERE later) FROM (%s) AS t(late, today, later)",
                SQL(" UNION ALL ").join(parts),
            )
        )[0]

    @api.model
    def get_empty_list_help(self, help_message):
        """Where nothing is collected yet, an empty agenda leads to the first steps."""
        message = super().get_empty_list_help(help_message)
        manager = self.env.user.has_group("dso_collection.group_manager")
        if not manager or self.env["dso.account"].search_count([], limit=1):
            return message
        return Markup("%s<a type='action' name='%s' class='btn btn-primary'>%s</a>") % (
            Markup(message or ""),  # of the window action, not of a user
            "dso_collection.dso_first_run_server_action",
            self.env._("First steps"),
        )

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
            "today": ("today_or_problem", "needs_person"),
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
        self.check_access("read")
        if self.problem == "no_gateway":
            if not self.env.user.has_group("dso_collection.group_manager"):
                raise UserError(
                    self.env._("A credit manager sets up a gateway in the settings.")
                )
            return self.env["ir.actions.act_window"]._for_xml_id(
                "dso_collection.res_config_settings_action"
            )
        if self.undelivered:
            record = self.sent_to_id or self._recipient()
        else:
            record = self._where_cured() or self.contact_id or self.partner_id
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "view_mode": "form",
            "name": record.display_name,
        }

    def _where_cured(self):
        """The record where the problem of this action is cured, empty where that is
        its contact."""
        self.ensure_one()
        if self.problem in ("no_template", "not_sent", "too_large", "no_documents"):
            return self.action_model_id
        if self.problem in (
            "no_sender",
            "no_resolver",
            "no_channel",
            "no_lawyer",
            "nothing_claimed",
        ):
            return self.account_id
        if self.problem in ("text_outdated", "empty_text", "not_released"):
            return self
        blacklist, entry = {
            "blocked_phone": ("phone.blacklist", ("number", self._phone_number())),
            "blocked_address": (
                "mail.blacklist",
                ("email", self._recipient().email_normalized),
            ),
        }.get(self.problem, (None, None))
        # Odoo shows its blacklists to administrators: others give another address
        if not blacklist or not self.env[blacklist].has_access("read"):
            return self.env["res.partner"]
        return self.env[blacklist].search([(entry[0], "=", entry[1])], limit=1)
