"""What to do next after a situation of a reply, with the reason in words."""

from odoo import api, fields, models
from odoo.tools import format_date


class DsoMaiaProposalItem(models.Model):
    _inherit = "dso.maia.proposal.item"

    next_text = fields.Char("Next", compute="_compute_next_text")

    @api.depends("status_id", "reason_id", "promise_date", "decision")
    @api.depends_context("lang")
    def _compute_next_text(self):
        for item in self:
            plan = item._next_action() if not item.decision else None
            item.next_text = plan and self.env._(
                "Next: %(action)s on %(date)s. %(reason)s",
                action=plan["model"].name,
                date=format_date(self.env, plan["date"], date_format="medium"),
                reason=plan["words"],
            )

    def _next_rule(self):
        """The row of the table for what the reply says; may be empty."""
        self.ensure_one()
        Rule = self.env["dso.maia.rule"]
        if self.status_type == "promise_to_pay" and not self.promise_date:
            rule = Rule._of_reply(self.company_id, "no_date")
            if rule:
                return rule
        return Rule._of_reply(self.company_id, "reply", self.reason_id)

    def _next_action(self):
        """The most relevant next action.

        The status's own settings first, then the table, then what disputes and promises
        have by rule; else the scenario goes on.

        :return: dict of model (dso.action.model), date, mode, recipient (key of
            ``dso.maia.rule.recipient``) and words; None where nothing is planned
        """
        self.ensure_one()
        Rule = self.env["dso.maia.rule"]
        status, today = self.status_id, self.company_id._dso_today()
        promised = self.status_type == "promise_to_pay" and self.promise_date
        if status.action_model_id:
            return {
                "model": status.action_model_id,
                "date": self.promise_date
                if promised
                else fields.Date.add(today, days=status.delay),
                "mode": status.mode or status.action_model_id.mode,
                "recipient": "resolver"
                if status.internal_interactive
                else Rule._goes_to(status.action_model_id),
                "words": self.env._("So says the status %s.", status.name),
            }
        rule = self._next_rule() if not promised else Rule
        if rule:
            return {
                "model": rule.action_model_id,
                "date": fields.Date.add(today, days=rule.days),
                "mode": rule.mode or rule.action_model_id.mode,
                "recipient": rule.recipient,
                "words": self.env._("So says your table of next actions.")
                if rule.situation == "reply"
                else self.env._("It names no day: ask for one."),
            }
        model = status._follow_up_model() if status else False
        if model:
            return {
                "model": model,
                "date": self.promise_date
                if promised
                else fields.Date.add(today, days=status.delay),
                "mode": model.mode,
                "recipient": Rule._goes_to(model),
                "words": self.env._("On the promised day.")
                if promised
                else self.env._("As disputes and promises have it."),
            }
        proposal = self.reply_id.account_id.proposal_id
        if proposal.action_model_id:
            return {
                "model": proposal.action_model_id,
                "date": proposal.date,
                "mode": proposal.mode,
                "recipient": Rule._goes_to(proposal.action_model_id),
                "words": self.env._("The scenario goes on."),
            }
        return None
