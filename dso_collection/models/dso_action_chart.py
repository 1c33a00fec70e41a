"""Charts of the agenda: how long actions wait, what was done, what comes."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .dso_action import OPEN_STATES

#: The bands of waiting by their least number of days late, longest first; their keys
#: sort as they stand, which is how Odoo's charts order them.
BANDS = (
    ("1_over_month", 31),
    ("2_month", 8),
    ("3_week", 1),
    ("4_today", 0),
)
CHARTS = {
    "todo": "dso_collection.dso_action_action_charts",
    "done": "dso_collection.dso_action_action_chart_done",
    "forecast": "dso_collection.dso_action_action_chart_forecast",
}


class DsoAction(models.Model):
    _inherit = "dso.action"

    seniority = fields.Selection(
        [
            ("1_over_month", "Late by more than 30 days"),
            ("2_month", "Late by 8 to 30 days"),
            ("3_week", "Late by up to 7 days"),
            ("4_today", "Today"),
            ("5_upcoming", "Upcoming"),
        ],
        compute="_compute_seniority",
        search="_search_seniority",
        help="How long it waits to be done.",
    )

    @api.depends("date", "state")
    def _compute_seniority(self):
        for action in self:
            if action.state not in OPEN_STATES or not action.date:
                action.seniority = False
                continue
            late = (action.company_id._dso_today() - action.date).days
            action.seniority = next(
                (band for band, least in BANDS if late >= least), "5_upcoming"
            )

    def _search_seniority(self, operator, value):
        if operator != "in":
            return NotImplemented
        known = dict(self._fields["seniority"].selection)
        domains = [
            Domain("company_id", "=", company.id) & self._seniority_domain(band, today)
            for company in self.env.companies.root_id
            for today in [company._dso_today()]
            for band in value
            if band in known
        ]
        found = Domain("state", "in", OPEN_STATES) & Domain.OR(domains)
        return (
            found | Domain("state", "not in", OPEN_STATES) if False in value else found
        )

    @api.model
    def _seniority_domain(self, band, today):
        """The dates of one band, as of ``today``."""
        if band == "5_upcoming":
            return Domain("date", ">", today)
        leasts = dict(BANDS)
        longer = [least for least in leasts.values() if least > leasts[band]]
        domain = Domain("date", "<=", today - timedelta(days=leasts[band]))
        if longer:
            domain &= Domain("date", ">", today - timedelta(days=min(longer)))
        return domain

    def _field_to_sql(self, alias, field_expr, query=None):
        """Actions can be grouped by how long they wait."""
        if field_expr != "seniority":
            return super()._field_to_sql(alias, field_expr, query)
        late = SQL(
            "(%s - %s)",
            self._today_sql(alias),
            SQL.identifier(alias, "date", to_flush=self._fields["date"]),
        )
        return SQL(
            "(CASE WHEN %s NOT IN %s THEN NULL %s ELSE '5_upcoming' END)",
            SQL.identifier(alias, "state", to_flush=self._fields["state"]),
            OPEN_STATES,
            SQL(" ").join(
                SQL("WHEN %s >= %s THEN %s", late, least, band) for band, least in BANDS
            ),
        )

    @api.model
    def action_open_chart(self, chart="todo"):
        """Open a chart: a collector starts with his own actions, as in the agenda.

        :param chart: ``todo``, ``done`` or ``forecast``
        """
        if chart not in CHARTS:
            chart = "todo"
        action = self.env["ir.actions.act_window"]._for_xml_id(CHARTS[chart])
        own = self.action_open_agenda()["context"]
        if chart == "done":
            # whose follow-ups they were is no filter of the history
            own.pop("search_default_my_follow_ups", None)
        period = {"done": "last_90_days", "forecast": "next_30_days"}.get(chart)
        return {
            **action,
            "context": {
                **own,
                **({f"search_default_{period}": 1} if period else {}),
                "dso_agenda_tab": "charts",
                "dso_chart": chart,
            },
        }
