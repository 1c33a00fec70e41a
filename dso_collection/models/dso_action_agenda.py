"""What the screens of the agenda need of actions: grouping, tabs and cures."""

from odoo import api, models
from odoo.tools import SQL

from .dso_action import OPEN_STATES


class DsoAction(models.Model):
    _inherit = "dso.action"

    @api.depends("account_id.amount_overdue", "account_id.member_ids.amount_overdue")
    def _compute_amount_overdue(self):
        for action in self:
            accounts = action.account_id | action.account_id.member_ids
            action.amount_overdue = sum(accounts.mapped("amount_overdue"))

    def _field_to_sql(self, alias, field_expr, query=None):
        """Actions can be grouped by what is late, today, upcoming, and by colour, and
        summed by what is overdue."""
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
        """SQL: today of the company of an action, for the companies of the user."""
        companies = self.env.companies.root_id
        return SQL(
            """
            (SELECT t.today FROM unnest(%s::int[], %s::date[]) AS t(company_id, today)
              WHERE t.company_id = %s)
            """,
            companies.ids,
            [company._dso_today() for company in companies],
            SQL.identifier(alias, "company_id", to_flush=self._fields["company_id"]),
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
        action = self.env["ir.actions.act_window"]._for_xml_id(
            xmlids.get(tab, xmlids["agenda"])
        )
        user = self.env.user
        if user.has_group("dso_collection.group_manager"):
            mine = {}
        elif user.has_group("dso_collection.group_collector"):
            mine = {"search_default_mine": 1}
        elif user.has_group("dso_collection.group_resolver"):
            mine = {"search_default_my_follow_ups": 1}
        else:
            mine = {}
        return {**action, "context": mine}

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
