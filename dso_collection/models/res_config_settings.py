from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of collection: a branch shows and changes those of its root."""

    _inherit = "res.config.settings"

    dso_root_company_id = fields.Many2one(related="company_id.root_id", string="Root")
    dso_currency_id = fields.Many2one(
        related="company_id.root_id.currency_id", string="Collection currency"
    )

    # === New customers === #
    dso_scenario_id = fields.Many2one(
        related="company_id.root_id.dso_scenario_id", readonly=False
    )
    dso_client_type_id = fields.Many2one(
        related="company_id.root_id.dso_client_type_id", readonly=False
    )
    dso_collector_id = fields.Many2one(
        related="company_id.root_id.dso_collector_id", readonly=False
    )
    dso_interactive = fields.Boolean(
        related="company_id.root_id.dso_interactive", readonly=False
    )
    dso_link_days = fields.Integer(
        related="company_id.root_id.dso_link_days", readonly=False
    )

    # === Dunning === #
    dso_minimum_amount = fields.Monetary(
        related="company_id.root_id.dso_minimum_amount",
        readonly=False,
        currency_field="dso_currency_id",
    )
    dso_minimum_base = fields.Selection(
        related="company_id.root_id.dso_minimum_base", readonly=False, required=True
    )
    dso_ignore_below = fields.Monetary(
        related="company_id.root_id.dso_ignore_below",
        readonly=False,
        currency_field="dso_currency_id",
    )
    dso_priority_amount = fields.Monetary(
        related="company_id.root_id.dso_priority_amount",
        readonly=False,
        currency_field="dso_currency_id",
    )
    dso_litigation_excluded = fields.Boolean(
        related="company_id.root_id.dso_litigation_excluded", readonly=False
    )
    dso_tz = fields.Selection(related="company_id.root_id.dso_tz", readonly=False)

    # === Qualification === #
    dso_quick_promise_status_id = fields.Many2one(
        related="company_id.root_id.dso_quick_promise_status_id", readonly=False
    )
    dso_quick_promise_days = fields.Integer(
        related="company_id.root_id.dso_quick_promise_days", readonly=False
    )
    dso_quick_promise_follow_up = fields.Boolean(
        related="company_id.root_id.dso_quick_promise_follow_up", readonly=False
    )
    dso_dispute_no_followup = fields.Boolean(
        related="company_id.root_id.dso_dispute_no_followup", readonly=False
    )

    # === Promises === #
    dso_promise_grace_days = fields.Integer(
        related="company_id.root_id.dso_promise_grace_days", readonly=False
    )
    dso_promise_follow_up_offset = fields.Integer(
        related="company_id.root_id.dso_promise_follow_up_offset", readonly=False
    )

    # === Late penalties === #
    dso_penalties = fields.Boolean(
        related="company_id.root_id.dso_penalties", readonly=False
    )
    dso_penalty_rate = fields.Float(
        related="company_id.root_id.dso_penalty_rate", readonly=False
    )
    dso_recovery = fields.Boolean(
        related="company_id.root_id.dso_recovery", readonly=False
    )
    dso_recovery_cost = fields.Monetary(
        related="company_id.root_id.dso_recovery_cost",
        readonly=False,
        currency_field="dso_currency_id",
    )

    # === Replies === #
    dso_accept_promises = fields.Boolean(
        related="company_id.root_id.dso_accept_promises", readonly=False
    )
    dso_accept_promise_days = fields.Integer(
        related="company_id.root_id.dso_accept_promise_days", readonly=False
    )
    dso_accept_promise_amount = fields.Monetary(
        related="company_id.root_id.dso_accept_promise_amount",
        readonly=False,
        currency_field="dso_currency_id",
    )
    dso_internal_auto = fields.Boolean(
        related="company_id.root_id.dso_internal_auto", readonly=False
    )
    dso_reply_hold_days = fields.Integer(
        related="company_id.root_id.dso_reply_hold_days", readonly=False
    )
    dso_capture = fields.Boolean(
        related="company_id.root_id.dso_capture", readonly=False
    )
    dso_capture_way = fields.Selection(
        related="company_id.root_id.dso_capture_way", readonly=False, required=True
    )
    dso_reply_alias_name = fields.Char(
        related="company_id.root_id.dso_reply_alias_name", readonly=False
    )
    dso_reply_alias_domain = fields.Char(
        related="company_id.root_id.alias_domain_id.name", string="Domain of answers"
    )

    # === Data protection === #
    dso_keep_reply_months = fields.Integer(
        related="company_id.root_id.dso_keep_reply_months", readonly=False
    )
    dso_keep_file_months = fields.Integer(
        related="company_id.root_id.dso_keep_file_months", readonly=False
    )
    dso_keep_log_months = fields.Integer(
        related="company_id.root_id.dso_keep_log_months", readonly=False
    )

    dso_late_basis = fields.Selection(
        related="company_id.root_id.dso_late_basis", readonly=False, required=True
    )
    dso_late_country_id = fields.Many2one(
        related="company_id.root_id.dso_late_country_id", readonly=False
    )
    dso_late_since = fields.Date(
        related="company_id.root_id.dso_late_since", readonly=False
    )
    dso_late_journal_id = fields.Many2one(
        related="company_id.root_id.dso_late_journal_id", readonly=False
    )
    dso_late_product_id = fields.Many2one(
        related="company_id.root_id.dso_late_product_id", readonly=False
    )
    dso_late_account_id = fields.Many2one(
        related="company_id.root_id.dso_late_account_id", readonly=False
    )
    dso_late_warning = fields.Char(
        "Late payment rates", compute="_compute_dso_late_warning"
    )

    # === Sending === #
    dso_sending_active = fields.Boolean(related="company_id.root_id.dso_sending_active")
    dso_sending_user_id = fields.Many2one(
        related="company_id.root_id.dso_sending_user_id"
    )
    dso_sending_date = fields.Datetime(related="company_id.root_id.dso_sending_date")
    dso_four_eyes = fields.Boolean(
        related="company_id.root_id.dso_four_eyes", readonly=False
    )
    dso_sending_calendar_id = fields.Many2one(
        related="company_id.root_id.dso_sending_calendar_id", readonly=False
    )

    dso_letter_layout = fields.Selection(
        related="company_id.root_id.dso_letter_layout", readonly=False
    )
    dso_letter_way = fields.Selection(
        related="company_id.root_id.dso_letter_way", readonly=False, required=True
    )
    dso_letter_service = fields.Boolean(compute="_compute_dso_letter_service")
    dso_invoice_addresses = fields.Selection(
        related="company_id.root_id.dso_invoice_addresses",
        readonly=False,
        required=True,
    )
    dso_mail_limit = fields.Integer(
        related="company_id.root_id.dso_mail_limit", readonly=False
    )

    # === Channels === #
    dso_cap_customer = fields.Integer(
        related="company_id.root_id.dso_cap_customer", readonly=False
    )
    dso_cap_company = fields.Integer(
        related="company_id.root_id.dso_cap_company", readonly=False
    )
    dso_fax_pattern = fields.Char(
        related="company_id.root_id.dso_fax_pattern", readonly=False
    )

    @api.depends("company_id")
    def _compute_dso_letter_service(self):
        self.dso_letter_service = self.env["dso.letter"]._service() is not None

    @api.depends("company_id", "dso_late_basis", "dso_late_country_id")
    def _compute_dso_late_warning(self):
        """What an administrator has to do about rates of the law, in words."""
        for settings in self:
            settings.dso_late_warning = (
                settings.dso_late_basis == "statutory"
                and settings.company_id.root_id._dso_late_warning(
                    settings.dso_late_country_id
                )
            )
