"""What the digest e-mail tells of collection."""

from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain


class DigestDigest(models.Model):
    """Figures of collection, for those who may see them (the names are prescribed by
    Odoo's digest: ``kpi_x`` switches on what ``kpi_x_value`` computes)."""

    _inherit = "digest.digest"

    # whether a figure is sent says nothing of it, and is read by whoever sends a digest

    kpi_dso_overdue = fields.Boolean("Overdue now", copy=False)
    kpi_dso_overdue_value = fields.Monetary(
        compute="_compute_kpi_dso_overdue_value", groups="dso_collection.group_viewer"
    )
    kpi_dso_promises_due = fields.Boolean("Promises to pay due", copy=False)
    kpi_dso_promises_due_value = fields.Monetary(
        compute="_compute_kpi_dso_promises_due_value",
        groups="dso_collection.group_viewer",
    )
    kpi_dso_actions_done = fields.Boolean("Collection actions done", copy=False)
    kpi_dso_actions_done_value = fields.Integer(
        compute="_compute_kpi_dso_actions_done_value",
        groups="dso_collection.group_viewer",
    )

    def _dso_check_viewer(self):
        """The digest leaves out what its reader may not see.

        :raise AccessError: for a reader without a role in collection
        """
        if not self.env.user.has_group("dso_collection.group_viewer"):
            raise AccessError(self.env._("Your digest holds no figures of collection."))

    def _dso_per_company(self, model, domain, aggregate, name):
        """Set a figure: its aggregate over the root company of each digest."""
        _start, _end, companies = self._get_kpi_compute_parameters()
        found = dict(
            self.env[model]._read_group(
                Domain(domain) & Domain("company_id", "in", companies.root_id.ids),
                ["company_id"],
                [aggregate],
            )
        )
        for digest in self:
            company = digest.company_id or self.env.company
            digest[name] = found.get(company.root_id, 0)

    def _compute_kpi_dso_overdue_value(self):
        """As of now, whatever the period: the ledger's past is for reports."""
        self._dso_check_viewer()
        self._dso_per_company(
            "dso.account", [], "amount_overdue:sum", "kpi_dso_overdue_value"
        )

    def _compute_kpi_dso_promises_due_value(self):
        """Amounts that customers promised for a day of the period, kept or not."""
        self._dso_check_viewer()
        start, end, _companies = self._get_kpi_compute_parameters()
        self._dso_per_company(
            "dso.promise",
            [
                ("date", ">=", fields.Date.to_date(start)),
                ("date", "<", fields.Date.to_date(end)),
                ("state", "!=", "cancelled"),
            ],
            "amount:sum",
            "kpi_dso_promises_due_value",
        )

    def _compute_kpi_dso_actions_done_value(self):
        """Actions of any kind that were done on a day of the period."""
        self._dso_check_viewer()
        start, end, _companies = self._get_kpi_compute_parameters()
        self._dso_per_company(
            "dso.action",
            [
                ("state", "=", "done"),
                ("date_done", ">=", fields.Date.to_date(start)),
                ("date_done", "<", fields.Date.to_date(end)),
            ],
            "__count",
            "kpi_dso_actions_done_value",
        )

    def _compute_kpis_actions(self, company, user):
        menu = self.env.ref("dso_collection.menu_root").id
        return {
            **super()._compute_kpis_actions(company, user),
            **{
                name: f"dso_collection.{action}?menu_id={menu}"
                for name, action in (
                    ("kpi_dso_overdue", "dso_account_action"),
                    ("kpi_dso_promises_due", "dso_promise_action"),
                    ("kpi_dso_actions_done", "dso_action_action_history"),
                )
            },
        }
