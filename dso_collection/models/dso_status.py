"""Collection statuses inside the five fixed types (rules.md §3.1)."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .dso_action_model import MODES

STATUS_TYPES = [
    ("on_going", "On going"),
    ("promise_to_pay", "Promise to pay"),
    ("dispute", "Dispute"),
    ("dispute_resolved", "Dispute resolved"),
    ("litigation", "Litigation"),
]
#: How a dispute ends (rules.md §3.3).
DISPUTE_OUTCOMES = [
    ("justified", "Justified"),
    ("partly", "Partly justified"),
    ("unjustified", "Unjustified"),
    ("withdrawn", "Withdrawn"),
]


class DsoStatus(models.Model):
    _name = "dso.status"
    _description = "Collection Status"
    _order = "type_sequence, sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    type = fields.Selection(STATUS_TYPES, required=True)
    type_sequence = fields.Integer(compute="_compute_type_sequence", store=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(
        default=True, help="Inactive: kept on items and in reports, offered no more."
    )
    company_id = fields.Many2one("res.company", help="Empty: shared by all companies.")
    delay = fields.Integer(
        "Days to follow-up",
        default=7,
        aggregator=None,
        help="Days from the qualification to its follow-up; a promise is followed up"
        " on its own date.",
    )
    action_model_id = fields.Many2one(
        "dso.action.model",
        "Specific action",
        check_company=True,
        ondelete="restrict",
        help="Follow-up that the status starts. Empty: disputes and promises take the"
        " standard one, other statuses none.",
    )
    mode = fields.Selection(MODES, help="Empty: as the action model says.")
    internal_interactive = fields.Boolean(
        "Internal interactive", help="The follow-up is sent to internal people."
    )
    customer_wording = fields.Char(
        "Customer wording",
        translate=True,
        help="The only words in which customers see this status. Empty: those of its"
        " type.",
    )
    customer_cause = fields.Char(
        "Reason customers choose",
        translate=True,
        help="Offered on the customer page to who disputes an item, in these words;"
        " empty: not offered.",
    )
    customer_email_id = fields.Many2one(
        "dso.action.model",
        "E-mail to the customer",
        check_company=True,
        ondelete="restrict",
        domain="[('type', '=', 'email'), ('interactive', '!=', 'internal')]",
        help="Proposed when an item is given this status. Empty: the one of its type.",
    )
    internal_email_id = fields.Many2one(
        "dso.action.model",
        "E-mail to a colleague",
        check_company=True,
        ondelete="restrict",
        domain="[('type', '=', 'email'), ('interactive', '=', 'internal')]",
        help="Proposed when a resolver is chosen. Empty: the one of its type.",
    )
    resolver_rule = fields.Selection(
        [
            ("nobody", "Nobody by himself"),
            ("user", "A colleague"),
            ("invoice", "Salesperson of the invoice"),
            ("customer", "Salesperson of the customer"),
        ],
        "Resolver",
        required=True,
        default="nobody",
        help="Who is to fix it, unless another one is chosen.",
    )
    resolver_id = fields.Many2one(
        "res.users",
        "Colleague",
        domain=[("share", "=", False)],
        help="The resolver of all items given this status.",
    )
    item_count = fields.Integer("Item count", compute="_compute_item_count")
    resolution_days = fields.Float(
        "Average resolution time",
        compute="_compute_resolution_days",
        digits=(16, 1),
        help="Days that disputes of this status took until the next status.",
    )

    _delay_positive = models.Constraint(
        "CHECK(delay >= 0)", "The days to follow-up cannot be negative."
    )

    @api.depends("type")
    def _compute_type_sequence(self):
        order = [key for key, _label in STATUS_TYPES]
        for status in self:
            status.type_sequence = order.index(status.type) if status.type else 0

    def _compute_item_count(self):
        counts = dict(
            self.env["dso.item"]._read_group(
                [("status_id", "in", self.ids)], ["status_id"], ["__count"]
            )
        )
        for status in self:
            status.item_count = counts.get(status, 0)

    @api.depends_context("allowed_company_ids")
    def _compute_resolution_days(self):
        averages = self.env["dso.qualification"]._average_resolution(self)
        for status in self:
            status.resolution_days = averages.get(status, 0)

    @api.constrains("resolver_rule", "resolver_id")
    def _check_resolver(self):
        for status in self:
            if status.resolver_rule == "user" and not status.resolver_id:
                raise ValidationError(
                    self.env._("Choose the colleague who resolves %s.", status.name)
                )

    @api.constrains("mode", "action_model_id")
    def _check_mode(self):
        for status in self:
            if status.mode:
                status.action_model_id._check_mode(status.mode)

    def write(self, vals):
        changes = self.filtered(lambda s: "type" in vals and s.type != vals["type"])
        if changes._is_used():
            raise UserError(
                self.env._(
                    "%s is already used: its type is part of the history. Archive it"
                    " and create another status.",
                    changes[0].name,
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for status in self:
            if status._is_used():
                raise UserError(
                    self.env._(
                        "%s is already used by items: archive it, so that history and"
                        " reports keep it.",
                        status.name,
                    )
                )

    def _is_used(self):
        return bool(
            self.env["dso.qualification"]
            .sudo()  # any company's history counts
            .search_count([("status_id", "in", self.ids)], limit=1)
        )

    def _wording(self):
        """How customers see this status, in the language of the context."""
        self.ensure_one()
        if self.customer_wording:
            return self.customer_wording
        return {
            "on_going": self.env._("Awaiting payment"),
            "promise_to_pay": self.env._("Payment announced"),
            "dispute": self.env._("Under review"),
            "dispute_resolved": self.env._("Review completed, payable"),
            "litigation": self.env._("Please contact us"),
        }[self.type]

    @api.model
    def _page_causes(self, company):
        """The reasons for a dispute that customers of a company may choose.

        :param company: res.company, the root of their account
        :return: list of (id, words in the language of the context)
        """
        statuses = self.sudo().search(  # the words that customers are shown only
            [
                ("type", "=", "dispute"),
                ("customer_cause", "!=", False),
                ("company_id", "in", (False, company.id)),
            ]
        )
        return [(status.id, status.customer_cause) for status in statuses]

    def _email_model(self, to):
        """The action model whose text is proposed for an e-mail on this status.

        :param to: ``customer`` or ``colleague``
        :return: dso.action.model of the type e-mail; may be empty
        """
        Model = self.env["dso.action.model"]
        internal = to == "colleague"
        own = self.internal_email_id if internal else self.customer_email_id
        names = (
            ["internal_request"]
            if internal
            else {
                "promise_to_pay": ["promise_confirmation"],
                "dispute": ["dispute_acknowledgement"],
            }.get(self.type, [])
            + ["customer_message"]
        )
        if internal and self.type == "dispute":
            names.insert(0, "dispute_follow_up_email")
        if own:
            return own
        for name in names:
            model = self.env.ref(
                f"dso_collection.model_{name}", raise_if_not_found=False
            )
            if model and model.active and model.template_id:
                return model
        return Model.search(
            [
                ("type", "=", "email"),
                ("template_id", "!=", False),
                ("interactive", "=" if internal else "!=", "internal"),
            ],
            limit=1,
        )

    def _resolver_of(self, figures):
        """Id of the user who is to fix an item given this status, or None.

        :param dict figures: of the item, with salesperson_id and
            customer_salesperson_id
        """
        self.ensure_one()
        return {
            "user": self.resolver_id.id or None,
            "invoice": figures["salesperson_id"],
            "customer": figures["customer_salesperson_id"],
        }.get(self.resolver_rule)

    def _follow_up_model(self):
        """The action model that follows up this status, or an empty recordset.

        Disputes and promises always have one (rules.md §3.3): the standard model
        stands in where the status names none.
        """
        self.ensure_one()
        if self.action_model_id:
            return self.action_model_id
        xmlid = {
            "dispute": "dso_collection.model_dispute_follow_up",
            "promise_to_pay": "dso_collection.model_promise_follow_up",
        }.get(self.type)
        model = xmlid and self.env.ref(xmlid, raise_if_not_found=False)
        if not model and xmlid:
            model = self.env["dso.action.model"].search(
                [("type", "in", ("follow_up", "phone"))], limit=1
            )
            if not model:
                raise UserError(
                    self.env._(
                        "%s needs a follow-up, and the action library has no phone or"
                        " follow-up model. Create one, or choose a specific action on"
                        " the status.",
                        self.name,
                    )
                )
        return model or self.env["dso.action.model"]
