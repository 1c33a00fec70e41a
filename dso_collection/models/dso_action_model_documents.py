"""The files that leave with a message of an action model (rules.md §2, Attachments)."""

from odoo import fields, models


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
        help="Files on the items that were marked as meant for the customer.",
    )

    def _has_documents(self):
        """Those of these models whose e-mails leave with files."""
        return self.filtered(
            lambda model: (
                model.type == "email"
                and (
                    (model.attach_invoices or "no") != "no"
                    or (model.attach_statement or "no") != "no"
                    or model.attach_files
                )
            )
        )
