"""What a reply says of each item: one reply may say different things of several."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_amount, format_date

from .dso_payment_plan import EVERY
from .dso_qualification import ENGINE
from .dso_status import DISPUTE_OUTCOMES

#: What may be said of an item on a page.
SAID = [
    ("promise", "Will be paid"),
    ("processing", "Is being processed"),
    ("disputed", "Is disputed"),
    ("paid", "Was paid"),
    ("comment", "Comment"),
]
#: The type of status that each of them asks for.
PROPOSES = {
    "promise": "promise_to_pay",
    "processing": "on_going",
    "disputed": "dispute",
    "paid": "on_going",
}
#: The shipped status that says it best; else the first one of its type.
SHIPPED = {
    "promise": "status_promise_in_writing",
    "processing": "status_contacted",
    "paid": "status_already_paid",
}
#: Payment states of an invoice on which nothing is left to pay.
SETTLED = ("paid", "in_payment", "reversed")


class DsoReplyLine(models.Model):
    """One answer to one item within a reply, as its author gave it.

    Rows are written once, by the page on which somebody answered, and stay; what became
    of the answer is read off the qualification that followed.
    """

    _name = "dso.reply.line"
    _description = "Answer To An Item"
    _order = "reply_id desc, situation, id"
    _rec_name = "move_name"

    reply_id = fields.Many2one(
        "dso.reply", "Reply", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="reply_id.company_id", store=True, index=True)
    situation = fields.Integer(
        default=1,
        aggregator=None,
        help="Items with the same number got one and the same answer.",
    )
    move_id = fields.Many2one(
        "account.move", "Item", index="btree_not_null", ondelete="set null"
    )
    move_name = fields.Char("Number", help="Kept when the entry is deleted.")
    said = fields.Selection(SAID, "Says", required=True)
    status_id = fields.Many2one(
        "dso.status",
        "Cause",
        ondelete="restrict",
        help="The company's own status that the author chose by its customer wording.",
    )
    promise_date = fields.Date("Promised for")
    amount = fields.Monetary(
        aggregator=None,
        help="What is promised, disputed or was paid of the item; 0 = all of it.",
    )
    currency_id = fields.Many2one("res.currency")
    instalments = fields.Integer(
        "Payments",
        aggregator=None,
        help="In how many equal payments it is promised, the first one on the promised"
        " day; 0 = in one.",
    )
    every = fields.Selection(EVERY, "How often")
    paid_on = fields.Date("Paid on")
    reference = fields.Char("Payment reference")
    resolution = fields.Selection(
        DISPUTE_OUTCOMES, "Proposed outcome", help="How a colleague would end it."
    )
    qualification_id = fields.Many2one(
        "dso.qualification",
        "Qualified as",
        index="btree_not_null",
        ondelete="set null",
        help="What the item became by this answer.",
    )
    accepted = fields.Boolean(
        "Accepted at once",
        help="A promise within the limits of the company: nobody had to look at it.",
    )

    outcome = fields.Char(
        compute="_compute_outcome",
        compute_sudo=False,
        help="What became of the answer, in the words that its author reads.",
    )

    _amount_positive = models.Constraint(
        "CHECK(COALESCE(amount, 0) >= 0)", "The amount of an answer is positive."
    )

    # -------------------------------------------------------------------------
    # WORDS
    # -------------------------------------------------------------------------

    @api.depends("reply_id.state", "qualification_id", "move_id.payment_state")
    @api.depends_context("lang", "uid")
    def _compute_outcome(self):
        sentences = self._dispute_sentences()
        for line in self:
            line.outcome = line._outcome_words(sentences)

    def _dispute_sentences(self):
        """How the disputes that these answers began ended, for their authors.

        :return: {dso.qualification: sentence, which may be empty}; of those that ended
        """
        begun = self.qualification_id.filtered(lambda q: q.status_type == "dispute")
        ends = self.env["dso.qualification"].search(
            [
                ("move_id", "in", begun.move_id.ids),
                ("dispute_ended_id", "!=", False),
                ("undone", "=", False),
            ],
            order="id",
        )
        ended = {}
        for end in ends:
            for q in begun:
                if q.move_id == end.move_id and q.id < end.id and q not in ended:
                    ended[q] = end.dispute_sentence or ""
        return ended

    def _outcome_words(self, sentences):
        self.ensure_one()
        q = self.qualification_id
        if self.move_id.payment_state in SETTLED:
            return self.env._("Settled")
        if q in sentences:
            return sentences[q] or self.env._("Review completed")
        if q and not q.undone:
            if q.promise_date:
                return self.env._(
                    "Noted: payment on %s", format_date(self.env, q.promise_date)
                )
            return q.status_id._wording()
        if self.reply_id.state == "to_process":
            return self.env._("Received, will be read")
        return self.env._("Read")

    def _words(self):
        """What these lines say, which share a situation, in the context's language."""
        first = self[:1]
        env = self.env
        amount = sum(self.mapped("amount"))
        currency = first.currency_id
        part = amount and len(self.currency_id) == 1
        shown = format_amount(env, amount, currency) if part else ""
        if first.said == "promise":
            date = format_date(env, first.promise_date)
            if first.instalments:
                return first._plan_words(date, shown)
            if shown:
                return env._(
                    "Payment of %(amount)s on %(date)s", amount=shown, date=date
                )
            return env._("Payment on %s", date)
        if first.said == "disputed":
            # the words that customers chose, of a line that may be read
            cause = first.status_id.sudo().customer_cause
            if cause and shown:
                return env._(
                    "Disputed, %(amount)s: %(cause)s", amount=shown, cause=cause
                )
            if cause:
                return env._("Disputed: %s", cause)
            return env._("Disputed, %s", shown) if shown else env._("Disputed")
        if first.said == "paid":
            words = env._("Paid on %s", format_date(env, first.paid_on))
            if first.reference:
                words = env._(
                    "%(paid)s, reference %(reference)s",
                    paid=words,
                    reference=first.reference,
                )
            return words
        if first.said == "processing":
            return env._("Being processed for payment")
        if first.resolution:
            outcomes = self._fields["resolution"]._description_selection(env)
            return env._("Proposed outcome: %s", dict(outcomes)[first.resolution])
        return env._("Comment")

    def _plan_words(self, date, shown):
        """A promise in several payments.

        :param date: words of the day of the first one
        :param shown: words of what they add up to; empty for all that is open
        """
        env = self.env
        told = {"count": self.instalments, "date": date}
        if self.every == "week":
            words = env._("%(count)s weekly payments, the first on %(date)s", **told)
        elif self.every == "fortnight":
            words = env._(
                "%(count)s payments every two weeks, the first on %(date)s", **told
            )
        else:
            words = env._("%(count)s monthly payments, the first on %(date)s", **told)
        if not shown:
            return words
        return env._("%(payments)s, %(amount)s in all", payments=words, amount=shown)

    # -------------------------------------------------------------------------
    # THE QUALIFICATION
    # -------------------------------------------------------------------------

    def _proposed_status(self):
        """The status that these lines, which share a situation, ask for.

        :return: dso.status, empty for a comment
        """
        first = self[:1]
        if first.status_id.active:
            return first.status_id
        kind = PROPOSES.get(first.said)
        return self._status_of(kind, SHIPPED.get(first.said), first.company_id)

    @api.model
    def _status_of(self, kind, shipped, company):
        """A status of a type: the shipped one while it is active, else the first.

        :param kind: key of STATUS_TYPES, or None
        :param shipped: name of its external id, or None
        :param company: res.company, the root of the account
        """
        Status = self.env["dso.status"]
        if not kind:
            return Status
        status = shipped and self.env.ref(
            f"dso_collection.{shipped}", raise_if_not_found=False
        )
        if status and status.active and status.type == kind:
            return status
        return Status.search(
            [("type", "=", kind), ("company_id", "in", (False, company.id))], limit=1
        )

    def _is_open(self):
        """Whether this answer still asks for a qualification."""
        self.ensure_one()
        q = self.qualification_id
        return bool(
            self.move_id
            and (self.said != "comment" or self.resolution)
            and (not q or q.undone)
        )

    # -------------------------------------------------------------------------
    # STAYS AS IT WAS GIVEN
    # -------------------------------------------------------------------------

    @api.constrains("reply_id", "move_id", "status_id")
    def _check_own(self):
        """An answer speaks of an item of its reply, with a status of its company."""
        for line in self:
            if line.move_id and line.move_id not in line.reply_id.move_ids:
                raise ValidationError(
                    self.env._(
                        "%s is not among the items of the reply.",
                        line.move_id.display_name,
                    )
                )
            owner = line.status_id.company_id
            if owner and owner != line.reply_id.company_id:
                raise ValidationError(
                    self.env._(
                        "%s is a status of another company.", line.status_id.name
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        self._check_engine()
        return super().create(vals_list)

    def write(self, vals):
        self._check_engine()
        return super().write(vals)

    def _check_engine(self):
        if self.env.context.get("dso_engine") is not ENGINE:
            raise UserError(
                self.env._(
                    "An answer stays as it was given: say what you make of it when you"
                    " qualify its item."
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("Answers are part of the history and cannot be deleted.")
        )
