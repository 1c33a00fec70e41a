"""What the web client knows of reports."""

from odoo import models


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    def session_info(self):
        """Which models are reports, {model: {key, trend, remarks}}: their screens offer
        to print them, trends where the table can be one, and ask for remarks."""
        info = super().session_info()
        if self.env.user.has_group("dso_collection.group_viewer"):
            reports = self.env["dso.report.table"]._report_models()
            info["dso_reports"] = {
                model: {
                    "key": key,
                    "trend": self.env[model]._report_trend,
                    "remarks": self.env[model]._report_remarked,
                }
                for key, model in reports.items()
            }
        return info
