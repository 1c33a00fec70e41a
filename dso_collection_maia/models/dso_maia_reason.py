"""What the assistant can say of an item: the closed vocabulary of the engine."""

from odoo import api, fields, models

from odoo.addons.dso_collection.models.dso_status import STATUS_TYPES

#: {name of a shipped status: (type, reason) pairs that it stands for}
SHIPPED = {
    "status_contacted": [
        ("on_going", "in_process"),
        ("on_going", "cash_flow"),
        ("on_going", "information_request"),
        ("on_going", "wrong_address"),
    ],
    "status_waiting_for_document": [("on_going", "missing_document")],
    "status_already_paid": [("on_going", "already_paid")],
    "status_promise_in_writing": [
        ("promise_to_pay", "scheduled_payment"),
        ("promise_to_pay", "cash_flow"),
    ],
    "status_administrative_dispute": [
        ("dispute", "contract"),
        ("dispute", "missing_document"),
        ("dispute", "wrong_address"),
        ("dispute", "other"),
    ],
    "status_price_dispute": [("dispute", "pricing")],
    "status_quality_dispute": [("dispute", "quality")],
    "status_missing_material": [("dispute", "delivery")],
    "status_dispute_resolved": [
        ("dispute_resolved", "pricing"),
        ("dispute_resolved", "delivery"),
        ("dispute_resolved", "quality"),
        ("dispute_resolved", "contract"),
        ("dispute_resolved", "missing_document"),
        ("dispute_resolved", "wrong_address"),
        ("dispute_resolved", "other"),
    ],
    "status_insolvency": [("litigation", "bankruptcy")],
    "status_lawyer_court": [("litigation", "legal")],
}


class DsoMaiaReason(models.Model):
    """A reason inside one of the five status types, as the engine tells them apart.

    Rows are shipped, one for each pair of ``engine/labels.py``; a status of a company
    says for which of them it stands.
    """

    _name = "dso.maia.reason"
    _description = "Reason that MAIA Knows"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    status_type = fields.Selection(STATUS_TYPES, "Type", required=True)
    code = fields.Char(required=True)
    sentence = fields.Char(
        required=True, translate=True, help="What a customer says, in one sentence."
    )
    status_ids = fields.Many2many(
        "dso.status",
        "dso_maia_reason_status",
        "reason_id",
        "status_id",
        "Statuses",
    )

    _code_uniq = models.Constraint(
        "UNIQUE(status_type, code)", "This reason is there already."
    )

    @api.model
    def _of(self, status_type, code):
        """The reason of a pair of the engine's vocabulary."""
        return self.search([("status_type", "=", status_type), ("code", "=", code)])

    @api.model
    def _adopt_shipped(self):
        """Let the shipped statuses stand for their reasons.

        Unless any status does: what managers chose stays.
        """
        if self.search_count([("status_ids", "!=", False)], limit=1):
            return
        for name, pairs in SHIPPED.items():
            status = self.env.ref(f"dso_collection.{name}", raise_if_not_found=False)
            for pair in pairs if status else ():
                self._of(*pair).status_ids |= status

    def _status(self, company):
        """The status that stands for this reason in a company; may be empty.

        A company's own status comes before one that all companies share.

        :param company: res.company, the root of an account
        """
        self.ensure_one()
        fitting = self.status_ids.filtered(
            lambda status: status.active
            and status.type == self.status_type
            and status.company_id in (company, company.browse())
        )
        return fitting.sorted(lambda s: (not s.company_id, s.sequence, s.id))[:1]
