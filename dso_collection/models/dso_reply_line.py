"""What a reply says of each item: one reply may say different things of several."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

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


class DsoReplyLine(models.Model):
    """One answer to one item within a reply, as its author gave it.

    Rows are written once, by the page on which somebody answered, and stay; what became
    of the answer is read off the qualification that followed.
    """

    _name = "dso.reply.line"
    _description = "Answer To An Item"
    _order = "reply_id desc, situation, id"
    _rec_name = "move_name"
    _allow_sudo_commands = False

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

    _amount_positive = models.Constraint(
        "CHECK(COALESCE(amount, 0) >= 0)", "The amount of an answer is positive."
    )

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
