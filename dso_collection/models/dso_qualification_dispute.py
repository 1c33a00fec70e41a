"""How disputes end: outcome, credit note, who decided, how long it took."""

from odoo import api, fields, models
from odoo.tools import SQL

from .dso_qualification import ENGINE
from .dso_status import DISPUTE_OUTCOMES


class Closing:
    """How a dispute ends, under the context key ``dso_closing`` while its follow-up is
    completed: an object, so that no remote caller can put one into a context."""

    def __init__(self, values, date=None, comment=None):
        """
        :param dict values: dso.qualification values: dispute_outcome, ...
        :param date: status date of the resolution; None = today
        :param comment: internal comment; None = each item keeps its own
        """
        self.values = values
        self.date = date
        self.comment = comment


class DsoQualification(models.Model):
    _inherit = "dso.qualification"

    dispute_outcome = fields.Selection(
        DISPUTE_OUTCOMES,
        help="How the item's latest dispute ended; carried on by later rows until"
        " another dispute begins.",
    )
    dispute_ended_id = fields.Many2one(
        "dso.status",
        "Dispute",
        index="btree_not_null",
        ondelete="restrict",
        help="The dispute status that this row ended.",
    )
    dispute_date = fields.Date(
        "Disputed since", help="Status date of the dispute that lasts or was ended."
    )
    dispute_days = fields.Integer(
        "Resolution time",
        aggregator="avg",
        help="Days from the status date of the dispute to that of the next status.",
    )
    dispute_decided_by_id = fields.Many2one("res.users", "Decided by")
    dispute_credit_note_id = fields.Many2one(
        "account.move", "Credit note", index="btree_not_null", ondelete="set null"
    )
    dispute_sentence = fields.Char(
        "Sentence for the customer", help="The customer will read this."
    )

    def _follow_disputes(self):
        """Carry begin and outcome of disputes from row to row, and note their ends.

        A dispute lasts from its status date to that of the next other status, another
        type of dispute included. The same status again, or a row that only amends it,
        goes on with it.
        """
        if not self:
            return
        self.flush_model()
        self.env.execute_query(
            SQL(
                """
                UPDATE dso_qualification q
                   SET dispute_date = d.began,
                       dispute_ended_id = CASE WHEN d.ends THEN d.status_id END,
                       dispute_days = CASE WHEN d.ends
                                           THEN GREATEST(q.status_date - d.since, 0)
                                           END,
                       dispute_outcome = CASE WHEN q.status_type = 'dispute' THEN NULL
                                              ELSE COALESCE(q.dispute_outcome,
                                                            d.dispute_outcome) END
                  FROM (
                    SELECT c.id, b.status_id, b.dispute_outcome, b.since, b.ends,
                           CASE WHEN c.status_type <> 'dispute'
                                THEN CASE WHEN b.ends THEN b.since END
                                WHEN b.status_id = c.status_id THEN b.since
                                ELSE c.status_date END AS began
                      FROM dso_qualification c
                 LEFT JOIN LATERAL (
                        SELECT p.status_id, p.dispute_outcome,
                               COALESCE(p.dispute_date, p.status_date) AS since,
                               p.status_type = 'dispute'
                                   AND p.status_id IS DISTINCT FROM c.status_id
                                   AS ends
                          FROM dso_qualification p
                         WHERE p.id = c.previous_id
                           ) b ON TRUE
                     WHERE c.id = ANY(%s)
                       ) d
                 WHERE q.id = d.id
             RETURNING q.id
                """,
                self.ids,
            )
        )
        self._show_outcome()

    def _follow_disputes_back(self, undone):
        """These rows undo others: begin and outcome are those of the row before.

        :param undone: dso.qualification rows that are undone
        """
        self.flush_model()
        by_item = {(u.move_id, u.account_id): u for u in self}
        pairs = [
            (row.previous_id.id, by_item[row.move_id, row.account_id].id)
            for row in undone
            if row.previous_id
        ]
        if pairs:
            self.env.execute_query(
                SQL(
                    """
                    UPDATE dso_qualification q
                       SET dispute_date = b.dispute_date,
                           dispute_outcome = b.dispute_outcome
                      FROM unnest(%s::int[], %s::int[]) AS r(before, now)
                      JOIN dso_qualification b ON b.id = r.before
                     WHERE q.id = r.now
                 RETURNING q.id
                    """,
                    [before for before, _now in pairs],
                    [now for _before, now in pairs],
                )
            )
        self._show_outcome()

    def _show_outcome(self):
        """The item tells how its latest dispute ended."""
        self.flush_recordset()
        self.env["dso.item"].flush_model(["qualification_id", "dispute_outcome"])
        self.env.execute_query(
            SQL(
                """
                UPDATE dso_item i SET dispute_outcome = q.dispute_outcome
                  FROM dso_qualification q
                 WHERE q.id = ANY(%s) AND i.qualification_id = q.id
                   AND i.dispute_outcome IS DISTINCT FROM q.dispute_outcome
             RETURNING i.id
                """,
                self.ids,
            )
        )
        self.invalidate_recordset(flush=False)
        self.env["dso.item"].invalidate_model(["dispute_outcome"], flush=False)

    def _close_disputes(self, values):
        """Note how the disputes ended that these rows have just ended.

        :param dict values: dispute_outcome, dispute_decided_by_id,
            dispute_credit_note_id, dispute_sentence
        """
        ended = self.filtered("dispute_ended_id")
        # rows of this very act, behind dso_qualify's check
        ended.sudo().with_context(dso_engine=ENGINE).write(values)
        ended._show_outcome()

    @api.model
    def _average_resolution(self, statuses):
        """Average resolution time of disputes by their status, in days.

        What was undone does not count.

        :return: {dso.status: float}
        """
        ended = [("dispute_ended_id", "in", statuses.ids), ("undone", "=", False)]
        return dict(self._read_group(ended, ["dispute_ended_id"], ["dispute_days:avg"]))
