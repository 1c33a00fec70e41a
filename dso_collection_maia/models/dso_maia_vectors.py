"""Sentence vectors of the shipped texts, computed once in a database."""

import base64

from odoo import api, fields, models
from odoo.fields import NO_ACCESS


class DsoMaiaVectors(models.Model):
    """What the encoder made of the texts that came with the product: one row.

    Nothing of a company's own texts stands here: their vectors are on their examples,
    and go with them. A record that is not of today's text and encoder is not taken, see
    :mod:`..engine.vectors`.
    """

    _name = "dso.maia.vectors"
    _description = "Sentence Vectors of the Texts MAIA Came With"

    # in the table, so that it goes with the addon
    content = fields.Binary(attachment=False, readonly=True, groups=NO_ACCESS)

    @api.model
    def _kept(self):
        """:return: bytes, as :attr:`..engine.adapt.Encoded.shipped`"""
        # for the job that learns: numbers, of texts that everybody has
        return base64.b64decode(self.sudo().search([], limit=1).content or b"")

    @api.model
    def _keep(self, content):
        """Keep these bytes in place of those before."""
        # called by the job that learns; nothing of it is shown to anybody
        kept = self.sudo().search([], limit=1) or self.sudo().create({})
        value = base64.b64encode(content)
        if value != (kept.content or b""):
            kept.content = value
