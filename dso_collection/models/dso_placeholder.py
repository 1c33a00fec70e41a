"""The placeholders of collection texts, documented where texts are written."""

from markupsafe import Markup

from odoo import api, fields, models

#: Values of an action that its text may use, in three families (rules.md §2).
PLACEHOLDERS = {
    "customer": [
        "partner_id.name",
        "partner_id.ref",
        "contact_id.name",
        "lang_code",
    ],
    "items": [
        "items_table",
        "overdue_table",
        "not_due_table",
        "selected_table",
        "member_tables",
        "claimed_words",
        "amount_claimed",
        "amount_overdue",
        "amount_selected",
        "amount_not_due",
        "penalty_amount",
        "recovery_amount",
        "amount_costs",
        "amount_claimed_with_costs",
        "leader_id.name",
        "leader_date",
        "promise_date",
        "plan_table",
        "promise_amount",
        "promise_means_words",
        "status_wording",
        "colleague_note",
        "payment_button",
        "payment_button_undisputed",
        "announces_notice",
        "announces_litigation",
        "notice_deadline",
        "legal_basis",
        "interest_basis",
        "interactive_button",
        "internal_button",
    ],
    "company": [
        "company_logo",
        "sender_company_id.name",
        "collector_name",
        "collector_phone",
        "collector_photo",
        "signature_block",
        "sender_email",
    ],
}


class DsoActionModel(models.Model):
    _inherit = "dso.action.model"

    placeholder_help = fields.Html(
        "Placeholders", compute="_compute_placeholder_help", sanitize=False
    )

    def _compute_placeholder_help(self):
        self.placeholder_help = self.env["mail.template"]._dso_placeholder_help()


class MailTemplate(models.Model):
    _inherit = "mail.template"

    dso_placeholder_help = fields.Html(
        "Placeholders", compute="_compute_dso_placeholder_help", sanitize=False
    )

    @api.depends("model")
    def _compute_dso_placeholder_help(self):
        text = self._dso_placeholder_help()
        for template in self:
            template.dso_placeholder_help = template.model == "dso.action" and text

    @api.model
    def _dso_placeholder_help(self):
        """The documented placeholders as a table, in the user's language."""
        families = {
            "customer": self.env._("Customer"),
            "items": self.env._("Items and amounts"),
            "company": self.env._("Own company and user"),
        }
        rows = Markup()
        for family, paths in PLACEHOLDERS.items():
            rows += (
                Markup("<tr><th colspan='2' class='pt-3'>%s</th></tr>")
                % (families[family])
            )
            for path in paths:
                rows += Markup("<tr><td><code>%s</code></td><td>%s</td></tr>") % (
                    f"object.{path}",
                    self._dso_placeholder_label(path),
                )
        return Markup(
            "<p>%s</p><table class='table table-sm align-middle'>%s</table>"
        ) % (
            self.env._(
                "In the subject write {{ object.claimed_words }}, in the text choose"
                " Field in the menu that / opens."
            ),
            rows,
        )

    def _dso_placeholder_label(self, path):
        record = self.env["dso.action"]
        words = []
        for name in path.split("."):
            info = record.fields_get([name], ["string", "help"])[name]
            words.append(info["string"])
            described = info.get("help")
            if record._fields[name].relational:
                record = self.env[record._fields[name].comodel_name]
        return described if described and "." not in path else ": ".join(words)
