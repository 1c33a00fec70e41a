"""Company settings of collection (rules.md §1.3)."""

from datetime import datetime, timezone

import pytz

from odoo import api, fields, models

#: Settings that can change proposals.
EVALUATED = {
    "dso_minimum_amount",
    "dso_minimum_base",
    "dso_ignore_below",
    "dso_litigation_excluded",
    "dso_tz",
}


class PastDay:
    """A day on which something is done instead of today, under the context key
    ``dso_past_day``: for loaders that write history. An object, so that no remote
    caller can put one into a context."""

    def __init__(self, date):
        self.date = date


class ResCompany(models.Model):
    _inherit = "res.company"

    dso_scenario_id = fields.Many2one(
        "dso.scenario",
        "Default scenario",
        default=lambda self: self._dso_default("scenario_standard"),
        help="Given to every new customer.",
    )
    dso_client_type_id = fields.Many2one(
        "dso.client.type",
        "Default client type",
        default=lambda self: self._dso_default("client_type_standard"),
        help="Given to every new customer.",
    )
    dso_collector_id = fields.Many2one(
        "res.users",
        "Default collector",
        domain=[("share", "=", False)],
        help="Given to every new customer.",
    )
    dso_minimum_amount = fields.Monetary(
        "Minimum amount for collection",
        help="Below it no scenario action is proposed (rules.md L12).",
    )
    dso_minimum_base = fields.Selection(
        [
            ("balance", "the collectable balance"),
            ("overdue", "the net overdue amount"),
        ],
        "Compared with",
        default="balance",
        required=True,
    )
    dso_ignore_below = fields.Monetary(
        "Ignore items below",
        help="Smaller items are left out of dunning (rules.md L2).",
    )
    dso_litigation_excluded = fields.Boolean(
        "Litigation is left out of dunning", default=True
    )
    dso_tz = fields.Selection(
        lambda self: [(tz, tz) for tz in sorted(pytz.all_timezones)],
        "Time zone of collection",
        help="Decides when a day begins. Empty: that of the company, else UTC.",
    )
    dso_sending_active = fields.Boolean(
        "Sending is active",
        help="Off after installation: nothing leaves by itself.",
    )

    _dso_amounts_positive = models.Constraint(
        "CHECK(COALESCE(dso_minimum_amount, 0) >= 0"
        " AND COALESCE(dso_ignore_below, 0) >= 0)",
        "The minimum amount and the ignore threshold cannot be negative.",
    )

    @api.model
    def _dso_default(self, name):
        return self.env.ref(f"dso_collection.{name}", raise_if_not_found=False)

    @api.model
    def _dso_set_defaults(self):
        """Give the shipped strategy to companies that have none (at installation)."""
        for name, xmlid in (
            ("dso_scenario_id", "scenario_standard"),
            ("dso_client_type_id", "client_type_standard"),
        ):
            self.search([(name, "=", False)]).write({name: self._dso_default(xmlid).id})

    def _dso_today(self):
        """Today in the company's time zone: its own, its partner's, else UTC."""
        self.ensure_one()
        past = self.env.context.get("dso_past_day")
        if isinstance(past, PastDay):
            return past.date
        root = self.root_id.sudo()  # a user of a branch may not read the root
        name = root.dso_tz or root.partner_id.tz or "UTC"
        now = datetime.now(timezone.utc)
        return now.astimezone(pytz.timezone(name)).date()

    def write(self, vals):
        res = super().write(vals)
        if EVALUATED & set(vals):
            self._dso_mark_accounts()
        return res

    def _dso_mark_accounts(self):
        """All accounts of these companies are to be evaluated again."""
        accounts = (
            self.env["dso.account"]
            .sudo()
            .search(  # only marks, shows nothing
                [("company_id", "in", self.root_id.ids)]
            )
        )
        accounts._mark_dirty()
