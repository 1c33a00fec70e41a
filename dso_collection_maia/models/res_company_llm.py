from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    """Where a company's language model is, if it uses one (off by default)."""

    _inherit = "res.company"

    dso_maia_llm = fields.Boolean(
        "Ask a language model",
        groups="base.group_system",
        copy=False,
        help="Replies are also sent to the endpoint below. Only where both readers"
        " agree is a proposal surer.",
    )
    dso_maia_llm_url = fields.Char("Endpoint", groups="base.group_system", copy=False)
    dso_maia_llm_model = fields.Char(
        "Language model", groups="base.group_system", copy=False
    )
    dso_maia_llm_key = fields.Char("API key", groups="base.group_system", copy=False)
    dso_maia_llm_redact = fields.Boolean(
        "Take out names and numbers",
        default=True,
        groups="base.group_system",
        copy=False,
    )
    dso_maia_llm_daily = fields.Integer(
        "Messages read by it a day", default=200, groups="base.group_system", copy=False
    )

    @api.constrains("dso_maia_llm", "dso_maia_llm_url", "dso_maia_llm_model")
    def _check_dso_maia_llm(self):
        for company in self.filtered("dso_maia_llm"):
            if not company.dso_maia_llm_url or not company.dso_maia_llm_model:
                raise ValidationError(
                    self.env._("A language model needs its endpoint and its name.")
                )
            try:
                url = urlsplit(company.dso_maia_llm_url)
                usable = url.scheme in ("http", "https") and bool(url.hostname)
            except ValueError:
                usable = False
            if not usable or url.username or url.query:
                raise ValidationError(
                    self.env._(
                        "The endpoint is an address like https://server/v1, without a"
                        " password in it."
                    )
                )
