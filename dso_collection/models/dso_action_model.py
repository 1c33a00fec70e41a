"""The action library: what a step, a status or a user can plan."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..engine.evaluation import TYPES_WITH_TEMPLATE

TYPES = [
    ("email", "E-mail"),
    ("sms", "SMS"),
    ("letter", "Letter"),
    ("letter_ar", "Letter with acknowledgment"),
    ("fax", "Fax"),
    ("phone", "Phone call"),
    ("litigation", "Litigation"),
    ("follow_up", "Follow-up"),
]
MODES = [
    ("manual", "Manual"),
    ("auto", "Automatic"),
    ("auto_confirm", "Automatic, to confirm"),
]
#: Types that may leave by themselves.
AUTOMATIC_TYPES = ("email", "sms", "letter", "letter_ar", "fax")


class DsoActionModel(models.Model):
    _name = "dso.action.model"
    _description = "Action Model"
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: shared by all companies.")
    type = fields.Selection(TYPES, required=True, default="email")
    mode = fields.Selection(MODES, required=True, default="manual")
    formal_notice = fields.Boolean(
        "Formal notice",
        compute="_compute_formal_notice",
        store=True,
        readonly=False,
        help="A formal notice is never automatic: a person with the right releases it.",
    )
    template_id = fields.Many2one(
        "mail.template",
        domain="[('model', '=', 'dso.action')]",
        ondelete="restrict",
        help="Subject and text of what leaves.",
    )
    interactive = fields.Selection(
        [
            ("no", "Plain"),
            ("customer", "Interactive"),
            ("internal", "Internal interactive"),
        ],
        required=True,
        default="no",
    )
    proposed_status_id = fields.Many2one(
        "dso.status",
        "Proposed status",
        check_company=True,
        help="Status that a user is offered for the items once the action is done.",
    )
    recipient_role_id = fields.Many2one(
        "dso.contact.role",
        "Written to",
        ondelete="restrict",
        help="A contact of the customer with this role; without one, or empty: the"
        " collection contact.",
    )
    body = fields.Html(related="template_id.body_html", string="Text")
    step_count = fields.Integer(compute="_compute_step_count")
    missing_template = fields.Boolean(
        compute="_compute_missing_template", search="_search_missing_template"
    )

    @api.depends("type")
    def _compute_formal_notice(self):
        for model in self:
            model.formal_notice = model.type == "letter_ar"

    def _compute_step_count(self):
        counts = dict(
            self.env["dso.scenario.step"]._read_group(
                [("action_model_id", "in", self.ids)], ["action_model_id"], ["__count"]
            )
        )
        for model in self:
            model.step_count = counts.get(model, 0)

    @api.depends("type", "template_id")
    def _compute_missing_template(self):
        for model in self:
            model.missing_template = (
                model.type in TYPES_WITH_TEMPLATE and not model.template_id
            )

    def _search_missing_template(self, operator, value):
        if operator != "in":
            return NotImplemented
        missing = fields.Domain("type", "in", TYPES_WITH_TEMPLATE) & fields.Domain(
            "template_id", "=", False
        )
        return missing if True in value else ~missing

    @api.constrains("mode", "type", "formal_notice")
    def _check_automatic(self):
        for model in self:
            model._check_mode(model.mode)
            for name in ("dso.scenario.step", "dso.status"):
                users = (
                    self.env[name]
                    .sudo()  # those of any company bind the model
                    .search([("action_model_id", "=", model.id), ("mode", "!=", False)])
                )
                for mode in set(users.mapped("mode")):
                    model._check_mode(mode)

    def _check_mode(self, mode):
        """Refuse an automatic mode where a person must act (rules.md §2).

        :raise ValidationError: naming the model and the cure
        """
        for model in self:
            if mode == "manual":
                continue
            if model.type not in AUTOMATIC_TYPES:
                raise ValidationError(
                    self.env._(
                        "%(model)s is a %(type)s: it is done by a person and cannot be"
                        " automatic. Choose the mode Manual.",
                        model=model.name,
                        type=dict(
                            self._fields["type"]._description_selection(self.env)
                        )[model.type],
                    )
                )
            if model.formal_notice:
                raise ValidationError(
                    self.env._(
                        "%s is a formal notice: a person releases each one. Choose the"
                        " mode Manual.",
                        model.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for model in self:
            for name in ("dso.scenario.step", "dso.status", "dso.action"):
                user = (
                    self.env[name]
                    .sudo()  # of any company
                    .with_context(active_test=False)
                    .search([("action_model_id", "=", model.id)], limit=1)
                )
                if user:
                    raise UserError(
                        self.env._(
                            "%(model)s is used (%(kind)s %(user)s): archive it instead,"
                            " so that plans and history keep it.",
                            model=model.name,
                            kind=self.env[name]._description,
                            user=user.display_name,
                        )
                    )

    def write(self, vals):
        res = super().write(vals)
        if {"type", "mode", "template_id", "formal_notice", "interactive"} & set(vals):
            steps = (
                self.env["dso.scenario.step"]
                .sudo()  # of any company: follows a write that was checked
                .search([("action_model_id", "in", self.ids)])
            )
            if {"type", "mode", "interactive"} & set(vals):
                steps._realign_proposals()
            steps.scenario_id._mark_dirty()
        if set(vals) - {"name", "sequence", "active", "script", "proposed_status_id"}:
            self.env["dso.change"].sudo()._note("model", self)  # just written
        return res
