"""The letter of an action in Odoo's Print menu."""

from odoo import api, models


class ReportLetter(models.AbstractModel):
    _name = "report.dso_collection.letter"
    _description = "Letter of a Collection Action"

    @api.model
    def _get_report_values(self, docids, data=None):
        """
        :param docids: ids of dso.action
        """
        actions = self.env["dso.action"].browse(docids)
        actions.check_access("read")
        return {
            "doc_ids": actions.ids,
            "doc_model": "dso.action",
            "docs": actions,
            "letters": [
                action.with_context(lang=action.lang_code)._letter_values(
                    *action._letter_text()
                )
                for action in actions
            ],
        }
