"""The schedule of a payment plan, for texts of actions; closing a dispute."""

from odoo import api, fields, models
from odoo.tools import format_amount, format_date

from .dso_action import OPEN_STATES


class DsoAction(models.Model):
    _inherit = "dso.action"

    plan_table = fields.Html(
        compute="_compute_plan_table",
        sanitize=False,
        help="Dates and amounts of the payment plan that this action is about.",
    )
    plan_id = fields.Many2one(related="promise_id.plan_id", string="Payment plan")

    @api.depends("promise_id.plan_id.promise_ids")
    def _compute_plan_table(self):
        for action in self:
            plan = action.promise_id.plan_id
            payments = [
                (promise.date, promise.item_amount, promise.item_currency_id)
                for promise in plan.promise_ids.sorted("sequence")
            ]
            action.plan_table = bool(payments) and action._render_plan(
                payments, plan.amount, plan.currency_id
            )

    def _render_plan(self, payments, total, currency):
        """The schedule of a plan, in the language of this action's text.

        :param payments: list of (date, amount, res.currency)
        :param total: amount in ``currency``
        """
        self.ensure_one()
        env = self.with_context(lang=self.lang_code).env
        return env["ir.qweb"]._render(
            "dso_collection.plan_table",
            {
                "rows": [
                    {
                        "date": format_date(env, day, date_format="long"),
                        "amount": format_amount(env, amount, of_payment),
                    }
                    for day, amount, of_payment in payments
                ],
                "total": format_amount(env, total, currency),
            },
        )

    def action_complete(self):
        """Done, by a button: who completes the follow-up of a dispute is asked how it
        ended; all others are done at once.

        :return: the window that asks, or True
        """
        disputes = self.filtered(lambda a: a.dispute and a.state in OPEN_STATES)
        others = self - disputes
        if others:
            others.action_done()
        if not disputes:
            return True
        disputes.check_access("write")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "dso_collection.dso_dispute_close_action"
        )
        return {
            **action,
            "context": {
                "active_model": self._name,
                "active_ids": disputes.ids,
                "dialog_size": "large",
            },
        }
