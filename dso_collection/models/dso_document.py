"""Files that were rendered for messages, before any of them leaves."""

import re

from odoo import api, fields, models
from odoo.fields import Domain

#: Days after which a rendered file that no message carries is thrown away.
KEPT_DAYS = 30


def file_name(name):
    """A name that every system can save a file under."""
    return " ".join(re.sub(r'[\\/:*?"<>|\x00-\x1f]+', " ", name).split())[-200:]


class DsoDocument(models.Model):
    """A rendered file, and of what it was rendered.

    Rows are added and never changed: a job that renders for seconds must not wait for,
    or break, whoever works on the action or the invoice meanwhile.
    """

    _name = "dso.document"
    _description = "Document of a Message"
    _order = "id desc"
    _rec_name = "attachment_id"

    company_id = fields.Many2one("res.company", required=True, index=True)
    action_id = fields.Many2one(
        "dso.action",
        index="btree_not_null",
        ondelete="cascade",
        help="Whose statement it is.",
    )
    move_id = fields.Many2one(
        "account.move",
        "Invoice",
        index="btree_not_null",
        ondelete="cascade",
        help="Of which it is a copy: invoices that Odoo has made no PDF of.",
    )
    form = fields.Selection([("pdf", "PDF"), ("xlsx", "Excel")], required=True)
    fingerprint = fields.Char(
        required=True, help="Of what was rendered: another one asks for a new file."
    )
    attachment_id = fields.Many2one("ir.attachment", "File", ondelete="cascade")

    @api.model
    def _keep(self, name, content, mimetype, **values):
        """Keep a rendered file.

        :param values: of the document; see its fields
        :return: dso.document
        """
        document = self.create(values)
        document.attachment_id = self.env["ir.attachment"].create(
            {
                "name": file_name(name),
                "raw": content,
                "mimetype": mimetype,
                "res_model": self._name,
                "res_id": document.id,
            }
        )
        return document

    @api.autovacuum
    def _gc_documents(self):
        """Throw away what no message carries any more, a thousand at a time."""
        limit = fields.Datetime.subtract(fields.Datetime.now(), days=KEPT_DAYS)
        old = self.search(Domain("create_date", "<", limit), limit=1000, order="id")
        carried = self.env["mail.message"].search(
            [("attachment_ids", "in", old.attachment_id.ids)]
        )
        kept = carried.attachment_ids
        useless = old.filtered(lambda document: document.attachment_id not in kept)
        useless.attachment_id.unlink()
        useless.exists().unlink()
