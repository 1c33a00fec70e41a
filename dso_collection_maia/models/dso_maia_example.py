"""What people made of proposals, kept to learn from."""

import base64

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import NO_ACCESS, Domain

from odoo.addons.dso_collection.models.dso_status import STATUS_TYPES

from ..engine.clean import clean
from ..engine.labels import REASONS
from ..engine.pseudonym import pseudonymised

#: Characters of a text that are kept.
MAX_TEXT = 4_000
#: Who confirms what stands there may not have looked: it counts for a half.
WEIGHTS = {"confirmed": 0.5, "filed": 0.5, "corrected": 1.0}
#: Rows that one run of the clean-up takes up.
BATCH = 1_000


class DsoMaiaExample(models.Model):
    """One situation of a reply that a person decided on, without who wrote it.

    Written by the product only, when the decision is made, and again when it is taken
    back; erased with its reply, and after the months that the company keeps it.
    """

    _name = "dso.maia.example"
    _description = "Example that MAIA Learns From"
    _order = "date desc, id desc"
    _rec_name = "text"

    item_id = fields.Many2one(
        "dso.maia.proposal.item",
        "Situation",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    reply_id = fields.Many2one(
        "dso.reply",
        "Reply",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    date = fields.Datetime("Decided on", required=True, readonly=True)
    user_id = fields.Many2one("res.users", "Decided by", readonly=True)
    text = fields.Text(
        readonly=True,
        help="The author's words, without names, addresses and long numbers.",
    )
    received_on = fields.Date(readonly=True)
    lang = fields.Char("Language", readonly=True, help="Of the words, ISO 639-1.")
    decision = fields.Selection(
        [
            ("confirmed", "Confirmed"),
            ("corrected", "Corrected"),
            ("filed", "Filed without qualifying"),
            ("rejected", "Dismissed"),
        ],
        required=True,
        readonly=True,
    )
    proposed_type = fields.Selection(STATUS_TYPES, "Proposed", readonly=True)
    proposed_id = fields.Many2one(
        "dso.maia.reason", "Proposed reason", readonly=True, ondelete="restrict"
    )
    confidence = fields.Float(readonly=True, aggregator="avg")
    engine = fields.Char("Proposed by", readonly=True)
    decided_type = fields.Selection(STATUS_TYPES, "Decided", readonly=True)
    status_id = fields.Many2one(
        "dso.status", "Decided status", readonly=True, ondelete="set null"
    )
    pairs = fields.Json(
        readonly=True,
        help="What the words say, as (type, reason) of the engine; a status can stand"
        " for several. Empty: nothing is learnt from it.",
    )
    weight = fields.Float(
        readonly=True,
        aggregator="sum",
        help="How much it counts: 1 corrected, 0.5 confirmed, 0 not learnt from.",
    )
    right = fields.Float(
        readonly=True,
        aggregator="avg",
        help="1 where the proposal was right as it stood; the average is the accuracy.",
    )
    right_type = fields.Float(
        "Type right",
        readonly=True,
        aggregator="avg",
        help="1 where at least the type was right.",
    )

    # in the table: a file would stay for a while after its text is erased
    vector = fields.Binary(
        attachment=False,
        readonly=True,
        copy=False,
        groups=NO_ACCESS,
        help="What the encoder made of the words, so that they are encoded once.",
    )

    _item_uniq = models.Constraint(
        "UNIQUE(item_id)", "This situation has its example already."
    )
    # what is learnt from, what is shown, what is cleaned up
    _recent_idx = models.Index("(company_id, date)")

    # -------------------------------------------------------------------------
    # WRITING
    # -------------------------------------------------------------------------

    @api.model
    def _note(self, items):
        """Note what was decided on situations; what was noted of them before goes.

        :param items: dso.maia.proposal.item, with or without a decision
        """
        examples = self.sudo()  # noted by whoever decided, whose rights were checked
        examples.search([("item_id", "in", items.ids)]).unlink()
        decided = items.sudo().filtered("decision")  # behind the same check
        texts = self._texts(decided)
        examples.create([item._example() | texts[item] for item in decided])

    @api.model
    def _texts(self, items):
        """{situation: values of its words}, without who wrote them."""
        result = {}
        for item in items:
            reply = item.reply_id
            own = clean(reply.body or "").own
            if len(item.proposal_id.item_ids) > 1:
                # of a message that says several things, the words of this one
                own = item.evidence or ""
            partners = reply.account_id.partner_id | reply.partner_id
            partners |= reply.account_id.contact_id
            names = [*partners.mapped("name"), reply.account_id.collector_id.name]
            numbers = [*item.move_ids.mapped("name"), *(item.numbers or "").split(", ")]
            result[item] = {
                "text": pseudonymised(own, names, numbers)[:MAX_TEXT],
                "received_on": fields.Date.to_date(reply.date),
            }
        return result

    # -------------------------------------------------------------------------
    # KEEPING
    # -------------------------------------------------------------------------

    @api.autovacuum
    def _gc_kept(self):
        """Delete what is older than its company keeps it."""
        done, again = 0, False
        for company in self.env["res.company"].search([("parent_id", "=", False)]):
            months = company.dso_maia_keep_months
            if not months:
                continue
            limit = fields.Datetime.now() - relativedelta(months=months)
            old = self.search(
                Domain("company_id", "=", company.id) & Domain("date", "<", limit),
                order="date, id",
                limit=BATCH,
            )
            done += len(old)
            again = again or len(old) == BATCH
            old.unlink()
        return done, int(again)

    # -------------------------------------------------------------------------
    # WHAT IS LEARNT
    # -------------------------------------------------------------------------

    @api.model
    def _to_learn(self, company, most):
        """The newest examples of a company that something can be learnt from.

        :param company: res.company, a root
        """
        return self.search(
            Domain("company_id", "=", company.id)
            & Domain("weight", ">", 0)
            & Domain("text", "not in", (False, "")),
            limit=most,
        )

    def _vectors(self):
        """:return: what was kept of the words of each, bytes, b"" where nothing was"""
        self.fetch(["vector"])
        return [base64.b64decode(one.vector or b"") for one in self]

    def _keep_vectors(self, records):
        """Keep what the encoder made of the words of these examples.

        :param records: bytes for each, None where there is nothing new
        """
        wanted = dict(zip(self, records, strict=True))
        # taken back or erased meanwhile: nothing of it is kept
        present = self.exists().try_lock_for_update()
        for one, kept in zip(present, present._vectors(), strict=True):
            if wanted[one] and wanted[one] != kept:
                one.vector = base64.b64encode(wanted[one])

    @api.model
    def _pairs_of(self, status, proposed):
        """What words say that a person gave this status to.

        :param status: dso.status
        :param proposed: dso.maia.reason
        :return: list of [type, reason]
        """
        reasons = status.maia_reason_ids.filtered(
            lambda reason: reason.status_type == status.type
        )
        if proposed in reasons:
            return [[proposed.status_type, proposed.code]]
        codes = reasons.mapped("code") or REASONS[status.type]
        return [[status.type, code] for code in codes]
