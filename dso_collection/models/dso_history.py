"""The timeline of an account: every action, qualification and reply in one list."""

from odoo import api, fields, models
from odoo.tools import SQL

from .dso_action import CAUSES
from .dso_action_model import TYPES
from .dso_status import STATUS_TYPES


class DsoHistory(models.Model):
    """What happened with a customer, latest first; read from where it is kept.

    A query, no table: nothing is stored twice and nothing is left behind.
    """

    _name = "dso.history"
    _description = "Collection History"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "name"

    account_id = fields.Many2one("dso.account", "Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    date = fields.Datetime(readonly=True)
    kind = fields.Selection(
        [
            ("done", "Action done"),
            ("cancelled", "Action cancelled"),
            ("qualification", "Qualification"),
            ("reply", "Reply"),
        ],
        readonly=True,
    )
    name = fields.Char("What", readonly=True)
    type = fields.Selection(TYPES, "Type of action", readonly=True)
    status_id = fields.Many2one("dso.status", "Status", readonly=True)
    status_type = fields.Selection(STATUS_TYPES, readonly=True)
    promise_date = fields.Date("Promised for", readonly=True)
    move_id = fields.Many2one("account.move", "Item", readonly=True)
    item_name = fields.Char("Items", readonly=True)
    cause = fields.Selection(CAUSES, "Cancelled because", readonly=True)
    text = fields.Text("Comment", readonly=True)
    user_id = fields.Many2one("res.users", "By", readonly=True)
    action_id = fields.Many2one("dso.action", "Action", readonly=True)
    qualification_id = fields.Many2one("dso.qualification", readonly=True)
    reply_id = fields.Many2one("dso.reply", "Reply", readonly=True)

    can_undo = fields.Boolean(related="qualification_id.can_undo")
    undone = fields.Boolean(related="qualification_id.undone")

    def action_open(self):
        """Open what stands behind a line: the action, the reply, or the item."""
        self.ensure_one()
        record = self.action_id or self.reply_id or self.move_id or self.account_id
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "view_mode": "form",
        }

    @property
    def _table_query(self):
        self.env["dso.action"].flush_model()
        self.env["dso.qualification"].flush_model()
        self.env["dso.reply"].flush_model()
        return SQL(" UNION ALL ").join(self._sources())

    @api.model
    def _sources(self):
        """Queries with the columns of this model; their ids do not overlap."""
        model_name = self.env["dso.action.model"]._field_to_sql("am", "name")
        items = self.env["dso.reply"]._fields["move_ids"]
        step_name = self.env["dso.scenario.step"]._field_to_sql("st", "name")
        return [
            SQL(
                """
                SELECT x.id * 4 AS id, x.account_id, x.company_id,
                       COALESCE(x.sent_at,
                                CASE WHEN x.write_date::date = x.date_closed
                                     THEN x.write_date
                                     ELSE x.date_closed + time '12:00' END) AS date,
                       CASE WHEN x.state = 'done' THEN 'done' ELSE 'cancelled' END
                           AS kind,
                       COALESCE(NULLIF(x.name, ''), NULLIF(%(step)s, ''), %(model)s)
                           AS name,
                       x.type, NULL::int AS status_id, NULL::varchar AS status_type,
                       x.promise_date, x.leader_id AS move_id,
                       COALESCE(lead.name, items.names) AS item_name, x.cause,
                       NULLIF(CONCAT_WS(E'\\n', NULLIF(x.outcome, ''),
                           NULLIF(x.note, '')), '') AS text,
                       x.user_done_id AS user_id,
                       x.id AS action_id, NULL::int AS qualification_id,
                       NULL::int AS reply_id
                  FROM dso_action x
                  JOIN dso_action_model am ON am.id = x.action_model_id
             LEFT JOIN dso_scenario_step st ON st.id = x.step_id
             LEFT JOIN account_move lead ON lead.id = x.leader_id
             LEFT JOIN LATERAL (
                    SELECT string_agg(al.move_name, ', ' ORDER BY al.due, al.id)
                           AS names
                      FROM dso_action_line al WHERE al.action_id = x.id
                       ) items ON lead.id IS NULL
                 WHERE x.state IN ('done', 'cancelled')
                """,
                model=model_name,
                step=step_name,
            ),
            SQL(
                """
                SELECT q.id * 4 + 1, q.account_id, q.company_id, q.date,
                       'qualification', q.move_name, NULL, q.status_id,
                       q.status_type, q.promise_date, q.move_id, q.move_name,
                       NULL, q.comment, q.user_id, NULL, q.id, NULL
                  FROM dso_qualification q
                """
            ),
            SQL(
                """
                SELECT r.id * 4 + 2, r.account_id, r.company_id, r.date, 'reply',
                       r.name, NULL, NULL, NULL, NULL::date, NULL,
                       (SELECT string_agg(m.name, ', ' ORDER BY m.name)
                          FROM %(items)s rel
                          JOIN account_move m ON m.id = rel.%(move)s
                         WHERE rel.%(reply)s = r.id),
                       NULL, r.body, NULL, NULL, NULL, r.id
                  FROM dso_reply r
                """,
                items=SQL.identifier(items.relation),
                move=SQL.identifier(items.column2),
                reply=SQL.identifier(items.column1),
            ),
        ]
