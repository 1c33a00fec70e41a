"""Living qualification rate: which statuses still say something (rules.md §9)."""

from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.dso_collection.models.dso_status import STATUS_TYPES

from ..measures import living
from .as_of import Figure


class DsoLivingReport(models.Model):
    """One row per overdue debit item, as of now: its status lives, is stale, or there
    is none. Stale ones tell since when, why, and whose turn it is."""

    _name = "dso.living.report"
    _description = "Living Qualification Rate"
    _inherit = "dso.report.item.row"
    _auto = False
    _rec_name = "move_id"
    _order = "stale_days desc, id"

    _row_ratios = {
        "rate": ("qualified", "overdue"),
        "living_rate": ("alive", "overdue"),
    }

    life = fields.Selection(
        [("living", "Living"), ("stale", "Stale"), ("none", "[None]")],
        "Status is",
        readonly=True,
        help="Living: its promise is in the future or within its grace, or its"
        " follow-up is open and not late by more than seven days.",
    )
    cause = fields.Selection(
        [
            ("promise", "Promise passed"),
            ("late", "Follow-up is late"),
            ("missing", "No follow-up"),
        ],
        "Stale because",
        readonly=True,
    )
    stale_since = fields.Date(readonly=True)
    stale_days = fields.Integer(
        "Stale for", readonly=True, aggregator="avg", help="Days."
    )
    owner_id = fields.Many2one(
        "res.users",
        readonly=True,
        help="Resolver of the follow-up, else of the item, else the collector.",
    )
    follow_up_id = fields.Many2one("dso.action", "Follow-up", readonly=True)
    follow_up_date = fields.Date("Follow-up on", readonly=True)
    due = fields.Date("Due date", readonly=True)
    days_late = fields.Integer("Days late", readonly=True, aggregator="max")
    status_type = fields.Selection(STATUS_TYPES, "Status type", readonly=True)
    status_id = fields.Many2one("dso.status", readonly=True)
    status_date = fields.Date("Status date", readonly=True)
    promise_date = fields.Date("Promised for", readonly=True)
    overdue = fields.Monetary("Overdue debits", readonly=True)
    qualified = fields.Monetary(
        readonly=True, help="Overdue debits that bear a status."
    )
    alive = fields.Monetary(
        "Living", readonly=True, help="Overdue debits whose status still lives."
    )
    rate = Figure(
        "Qualification rate", readonly=True, aggregator="avg", help="rules.md R1"
    )
    living_rate = Figure(
        "Living rate",
        readonly=True,
        aggregator="avg",
        help="Value of overdue items whose status lives, of the value of all.",
    )

    def _row_query(self, companies, as_of):
        """As of now, whatever the day: follow-ups have no history."""
        return SQL(
            """
            SELECT i.*, i.qualified / i.overdue AS rate,
                   i.alive / i.overdue AS living_rate
              FROM (%s) i
            """,
            living.living_items(companies),
        )

    def _row_day(self, as_of):
        return SQL("r.day")

    def action_open_follow_up(self):
        """Open the follow-up that is late."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "dso.action",
            "res_id": self.follow_up_id.id,
            "view_mode": "form",
            "name": self.follow_up_id.display_name,
        }

    # -------------------------------------------------------------------------
    # TABLE
    # -------------------------------------------------------------------------

    _report_key = "living_rate"
    _report_sequence = 20
    _report_as_of = False
    _report_group_by = ("life", "owner_id")
    _report_item_fields = (
        "partner_id",
        "move_id",
        "due",
        "days_late",
        "status_type",
        "status_id",
        "status_date",
        "promise_date",
        "life",
        "cause",
        "stale_since",
        "stale_days",
        "owner_id",
        "follow_up_date",
        "overdue",
        "company_id",
    )

    def _report_columns(self, options):
        return [
            self._row_count_column(self.env._("Items")),
            self._row_column("overdue", "money"),
            self._row_column("qualified", "money"),
            self._row_ratio_column("rate", "qualified", "overdue"),
            self._row_column("alive", "money"),
            self._row_ratio_column("living_rate", "alive", "overdue"),
            self._row_column("stale_days", "days", total="formula"),
        ]
