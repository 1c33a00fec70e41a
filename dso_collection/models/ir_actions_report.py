"""Letters are printed one by one, from pages that fetch nothing."""

from io import BytesIO

from odoo import api, models

from odoo.addons.base.models.ir_actions_report import _wkhtml

LETTER = "dso_collection.letter"


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    @api.model
    def _dso_patched(self):
        """Whether wkhtmltopdf is the build that prints at the true scale."""
        return _wkhtml().is_patched_qt

    @api.model
    def _build_wkhtmltopdf_args(self, *args, **kwargs):
        """A letter waits for no script: it has none."""
        command = super()._build_wkhtmltopdf_args(*args, **kwargs)
        if self.env.context.get("dso_letter") and "--javascript-delay" in command:
            command[command.index("--javascript-delay") + 1] = "0"
            command.append("--disable-javascript")
        return command

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        if self._get_report(report_ref).report_name != LETTER or not res_ids:
            return super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids)
        actions = self.env["dso.action"].browse(res_ids)
        actions.check_access("read")
        return {
            action.id: {"stream": BytesIO(action._letter_pdf()), "attachment": None}
            for action in actions
        }
