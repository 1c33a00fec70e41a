"""Expected payment dates of past days: what forecasts are measured by later."""

from odoo import api, fields, models
from odoo.tools import SQL

from .dso_item import EXPECTED_SOURCES


class DsoExpectation(models.Model):
    """When an item that was open on a past day was expected to be paid.

    ``dso.item`` knows what is expected now; these rows keep it, or what it would have
    been, for some days. The core only keeps them: an assistant writes them, for the
    ends of months.
    """

    _name = "dso.expectation"
    _description = "Expected Payment of a Past Day"
    _rec_name = "move_id"
    _order = "day desc, id"

    move_id = fields.Many2one("account.move", required=True, ondelete="cascade")
    account_id = fields.Many2one(
        "dso.account", required=True, index=True, ondelete="cascade"
    )
    day = fields.Date("As of", required=True)
    expected_date = fields.Date("Expected payment", required=True)
    expected_source = fields.Selection(EXPECTED_SOURCES, "Expected because of")

    # the entry first: it is what is deleted
    _item_day_uniq = models.Constraint(
        "UNIQUE(move_id, account_id, day)", "An item has one expectation a day."
    )

    @api.model
    def _keep(self, day, rows):
        """Keep what was expected on a day; what is kept already stays.

        :param day: date
        :param rows: list of (move id, account id, date, source)
        :return: number of rows that are new
        """
        if not rows:
            return 0
        moves, accounts, dates, sources = map(list, zip(*rows, strict=True))
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO dso_expectation (move_id, account_id, day, expected_date,
                            expected_source, create_uid, create_date, write_uid,
                            write_date)
                SELECT k.*, %(uid)s, NOW() AT TIME ZONE 'UTC',
                       %(uid)s, NOW() AT TIME ZONE 'UTC'
                  FROM (SELECT move_id, account_id, %(day)s::date, expected, source
                          FROM unnest(%(moves)s::int[], %(accounts)s::int[],
                                      %(dates)s::date[], %(sources)s::varchar[])
                               AS e(move_id, account_id, expected, source)) k
           ON CONFLICT (move_id, account_id, day) DO NOTHING
                """,
                uid=self.env.uid,
                day=day,
                moves=moves,
                accounts=accounts,
                dates=dates,
                sources=sources,
            )
        )
        return self.env.cr.rowcount

    @api.model
    def _forget(self, condition):
        """Forget what was expected.

        :param condition: SQL on ``dso_expectation e``
        """
        self.env.cr.execute(SQL("DELETE FROM dso_expectation e WHERE %s", condition))
        self.invalidate_model(flush=False)
