"""Where customers' answers come to a company."""

from odoo import api, fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    dso_capture = fields.Boolean(
        "Capture answers",
        help="E-mails carry a reply address of each customer's own, so that every"
        " answer is noted with him. Given to every new customer.",
    )
    dso_capture_way = fields.Selection(
        [
            ("reply_to", "As reply address"),
            ("copy", "In copy"),
        ],
        "Customer's own address",
        default="reply_to",
        required=True,
        help="As reply address every answer comes in. In copy the sender gets the"
        " answers; what customers answer to all comes in, too.",
    )
    dso_reply_alias_id = fields.Many2one(
        "mail.alias",
        "Alias for answers",
        readonly=True,
        copy=False,
        ondelete="set null",
    )
    dso_reply_alias_name = fields.Char(
        "Address for answers",
        compute="_compute_dso_reply_alias_name",
        inverse="_inverse_dso_reply_alias_name",
        help="Answers to e-mails come here, and what comes from unknown senders waits"
        " among the unmatched e-mails. Empty: answers come to Odoo's own address.",
    )

    @api.depends("dso_reply_alias_id.alias_name")
    def _compute_dso_reply_alias_name(self):
        for company in self:
            alias = company.sudo().dso_reply_alias_id  # of a readable company
            company.dso_reply_alias_name = alias.alias_name

    def _inverse_dso_reply_alias_name(self):
        self.check_access("write")
        for company in self:
            # an alias for our own model, of a company that the user may write
            alias = company.sudo().dso_reply_alias_id
            name = (company.dso_reply_alias_name or "").strip()
            if alias:
                alias.alias_name = name or False
            elif name:
                company.sudo().dso_reply_alias_id = alias.create(  # as above
                    {
                        "alias_name": name,
                        "alias_domain_id": company.alias_domain_id.id,
                        "alias_model_id": self.env["ir.model"]._get_id(
                            "dso.reply.unmatched"
                        ),
                        "alias_defaults": repr({"company_id": company.root_id.id}),
                        "alias_contact": "everyone",
                    }
                )

    def _dso_account_numbers(self):
        """The company's own account numbers and those of its branches, upper case,
        without blanks."""
        self.ensure_one()
        branches = self.sudo().search([("id", "child_of", self.id)])  # numbers only
        return set(branches.partner_id.bank_ids.mapped("sanitized_acc_number"))
