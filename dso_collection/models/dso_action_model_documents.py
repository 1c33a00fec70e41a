"""The files that leave with a message of an action model (rules.md §2, Attachments)."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

#: Types of actions that leave with files: in an e-mail, or printed behind a letter.
TYPES_WITH_FILES = ("email", "letter", "letter_ar")


class DsoActionModel(models.Model):
    _inherit = "dso.action.model"

    attach_invoices = fields.Selection(
        [
            ("no", "None"),
            ("claimed", "Claimed documents"),
            ("listed", "All listed documents"),
        ],
        "Invoices",
        required=True,
        default="no",
        help="PDF of invoices and credit notes. Claimed: the overdue ones, before the"
        " due date the one that falls due, of a specific action its own items.",
    )
    attach_statement = fields.Selection(
        [("no", "None"), ("pdf", "PDF"), ("xlsx", "Excel"), ("both", "PDF and Excel")],
        "Statement of account",
        required=True,
        default="no",
        help="As it stands on the day on which the message leaves.",
    )
    attach_files = fields.Boolean(
        "Shared files of the items",
        help="Files on the items that were marked as meant for the customer. Letters"
        " enclose those that are PDFs.",
    )

    @api.constrains("attach_statement", "type")
    def _check_enclosures(self):
        """What is printed is a PDF."""
        for model in self:
            if model.type in ("letter", "letter_ar") and model.attach_statement in (
                "xlsx",
                "both",
            ):
                raise ValidationError(
                    self.env._(
                        "%s is a letter: choose PDF, Excel cannot be printed.",
                        model.name,
                    )
                )

    def _has_documents(self):
        """Those of these models whose messages leave with files."""
        return self.filtered(
            lambda model: (
                model.type in TYPES_WITH_FILES
                and (
                    (model.attach_invoices or "no") != "no"
                    or (model.attach_statement or "no") != "no"
                    or model.attach_files
                )
            )
        )
