"""Which text an action leaves with, what it may announce, and what it rests on."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import formatLang

from .dso_legal_basis import NOTICE_DAYS


class DsoAction(models.Model):
    _inherit = "dso.action"

    # known to whoever may read the action: the text that leaves with it
    template_id = fields.Many2one(
        "mail.template",
        "Text of the model",
        compute="_compute_template_id",
        compute_sudo=True,
        help="The text of the action model, or the one that it has for such a debtor.",
    )
    announces_notice = fields.Boolean(
        compute="_compute_announced",
        help="Whether a formal notice follows in the scenario: no text may announce one"
        " otherwise.",
    )
    announces_litigation = fields.Boolean(
        compute="_compute_announced",
        help="Whether litigation follows in the scenario: no text may announce it"
        " otherwise.",
    )
    notice_deadline = fields.Date(
        compute="_compute_notice",
        help="Last day to pay after this action, by the law of the customer's country.",
    )
    legal_basis = fields.Text(
        compute="_compute_notice",
        help="What a formal notice rests on in the customer's country.",
    )
    interest_basis = fields.Text(
        compute="_compute_notice",
        help="What late penalties and recovery costs rest on: the law, our terms, or"
        " what was agreed.",
    )

    @api.depends(
        "action_model_id.template_id",
        "action_model_id.variant_ids.template_id",
        "account_id.late_category",
        "account_id.partner_id.country_id",
        "account_id.partner_id.is_company",
        "account_id.partner_id.vat",
    )
    def _compute_template_id(self):
        for action in self:
            account = action.account_id
            action.template_id = (
                action.action_model_id._template_for(
                    account.partner_id.country_id, account._late_debtor()
                )
                if action.action_model_id.variant_ids and account
                else action.action_model_id.template_id
            )

    @api.depends("step_id", "account_id.scenario_id", "account_id.last_step_id")
    def _compute_announced(self):
        """What still follows in the scenario (rules.md §2)."""
        for action in self:
            step = action.step_id or action.account_id.last_step_id
            scenario = action.step_id.scenario_id or action.account_id.scenario_id
            if step.scenario_id != scenario:
                step = step.browse()
            ahead = scenario.step_ids.filtered(
                lambda other, step=step: not step
                or (other.sequence, other.id) > (step.sequence, step.id)
            ).action_model_id
            action.announces_notice = any(ahead.mapped("formal_notice"))
            action.announces_litigation = "litigation" in ahead.mapped("type")

    @api.depends("account_id", "lang_code")
    def _compute_notice(self):
        def debtor(action, country):
            account = action.account_id
            return (action.company_id.root_id, country, account._late_debtor())

        theirs = {a: debtor(a, a.account_id.partner_id.country_id) for a in self}
        ours = {a: debtor(a, a.company_id._dso_late_country()) for a in self}
        found = self.env["dso.legal.basis"]._find({*theirs.values(), *ours.values()})
        for action in self:
            basis = found[theirs[action]].with_context(lang=action.lang_code)
            action.legal_basis = basis.notice_text
            action.notice_deadline = _working_day(
                action.company_id._dso_today()
                + timedelta(days=basis.notice_days or NOTICE_DAYS)
            )
            by_law = found[ours[action]].with_context(lang=action.lang_code)
            action.interest_basis = action._interest_basis(by_law)

    def _interest_basis(self, by_law):
        """The sentence on interest, after what the account bears.

        A public authority is told what the law says although nothing is charged: the
        notice to it is one of statutory interest.

        :param by_law: dso.legal.basis, in the language of the text
        """
        self.ensure_one()
        account, env = self.account_id, by_law.env
        company = account.company_id.sudo()  # the rate that the text prints
        basis = account.late_basis or company.dso_late_basis
        debtor = account._late_debtor()
        if basis == "statutory" or debtor == "consumer" and basis != "own":
            return by_law.interest_text
        own = basis == "own"
        rate = account.late_rate if own else company.dso_penalty_rate
        if not (account.penalties and rate):
            return debtor == "public" and by_law.interest_text
        rate = formatLang(env, rate, digits=2)
        if own:
            return env._(
                "Interest is charged at the rate agreed with you, %s %% a year.", rate
            )
        return env._(
            "Interest is charged at the rate of our terms of payment, %s %% a year.",
            rate,
        )


def _working_day(day):
    """``day``, or the Monday after it."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
