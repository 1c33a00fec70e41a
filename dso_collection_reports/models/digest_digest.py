"""What the digest e-mail tells of the reports."""

from odoo import fields, models


class DigestDigest(models.Model):
    """Figures at the end of the digest's period (the names are prescribed by Odoo's
    digest: ``kpi_x`` switches on what ``kpi_x_value`` computes)."""

    _inherit = "digest.digest"

    kpi_dso_days = fields.Boolean("DSO (days)", copy=False)
    kpi_dso_days_value = fields.Float(
        compute="_compute_kpi_dso_days_value", groups="dso_collection.group_viewer"
    )
    kpi_dso_rate = fields.Boolean("Qualification rate (%)", copy=False)
    kpi_dso_rate_value = fields.Float(
        compute="_compute_kpi_dso_rate_value", groups="dso_collection.group_viewer"
    )

    def _dso_at_end(self, model, aggregate, name, factor=1):
        """Set a figure: its aggregate on the last day of the period, in the companies
        of the group of each digest that its reader works in.

        :param factor: what the digest shows for 1
        """
        self._dso_check_viewer()
        _start, end, _companies = self._get_kpi_compute_parameters()
        day = fields.Date.to_date(end)
        for digest in self:
            root = (digest.company_id or self.env.company).root_id
            companies = self.env.user.company_ids.filtered(
                lambda company, root=root: company.root_id == root
            )
            if not companies:
                digest[name] = 0
                continue
            report = self.env[model].with_context(
                allowed_company_ids=companies.ids, dso_as_of=day.isoformat()
            )
            [(value,)] = report._read_group([], [], [aggregate]) or [(0,)]
            digest[name] = factor * (value or 0)

    def _compute_kpi_dso_days_value(self):
        """By count-back (rules.md §9)."""
        self._dso_at_end("dso.dso.report", "dso:avg", "kpi_dso_days_value")

    def _compute_kpi_dso_rate_value(self):
        """Of what was overdue on that day (rules.md R1)."""
        self._dso_at_end("dso.item.report", "rate:avg", "kpi_dso_rate_value", 100)

    def _compute_kpis_actions(self, company, user):
        menu = self.env.ref("dso_collection.menu_root").id
        return {
            **super()._compute_kpis_actions(company, user),
            "kpi_dso_days": f"dso_collection_reports.dso_dso_report_action"
            f"?menu_id={menu}",
            "kpi_dso_rate": f"dso_collection_reports.dso_item_report_action"
            f"?menu_id={menu}",
        }
