from odoo import api, models


class DsoMaiaProposal(models.Model):
    _inherit = "dso.maia.proposal"

    @api.model
    def _engine(self, company):
        """The engine of the company, beside it its language model if it has one."""
        embedded = super()._engine(company)
        partners = self.reply_id.account_id.partner_id
        # Contacts of the customer of this very reply, which was read with the caller's
        # rights just above. Their names are taken out of what is sent, none is shown.
        people = partners.sudo().child_ids[:200]
        names = (partners | people | self.reply_id.partner_id).mapped("name")
        return self.env["dso.maia.llm"]._engine_of(
            company, embedded, filter(None, names)
        )
