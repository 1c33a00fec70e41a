"""The call screen, from the customer record."""

from odoo import models

from .dso_action import OPEN_STATES


class DsoAccount(models.Model):
    _inherit = "dso.account"

    def action_call(self):
        """Open the call screen, with the call that is planned if there is one.

        :raise AccessError: for a user who is no collector
        """
        self.ensure_one()
        self.env["dso.action"]._check_collector()
        self.check_access("write")
        planned = self.env["dso.action"].search(
            [
                ("account_id", "=", self.id),
                ("type", "=", "phone"),
                ("state", "in", OPEN_STATES),
                ("date", "<=", self.company_id._dso_today()),
            ],
            limit=1,
        )
        return self._open_call(planned)

    def _open_call(self, action):
        """The window of a call.

        :param action: dso.action that is done by it, or empty
        """
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Call %s", self.partner_id.display_name),
            "res_model": "dso.call",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_account_id": self.id,
                "default_action_id": action.id,
                "active_model": "dso.account",
                "active_ids": self.ids,
                "active_id": self.id,
                "dialog_size": "extra-large",
            },
        }
