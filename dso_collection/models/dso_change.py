"""Four eyes: who changed what decides on a message (rules.md §5)."""

from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

#: What was changed, as it is told to whoever may not confirm.
WHAT = [
    ("date", "its date"),
    ("model", "its action model or step"),
    ("recipient", "its recipient"),
    ("scenario", "the customer's scenario"),
    ("text", "its text"),
    ("items", "its items"),
    ("planned", "the action itself, by planning it"),
]
#: Columns that say of which record the change is.
KEYS = (
    "action_id",
    "account_id",
    "step_id",
    "scenario_id",
    "action_model_id",
    "template_id",
)

# The changes behind each of some actions: its own, those of its customer, its step, its
# scenario, its model and the texts of that. One branch for each, so that each takes its
# index.
_BEHIND = SQL(
    """
    SELECT x.id AS id, c.id AS change_id FROM chosen x
      JOIN dso_change c ON c.action_id = x.id AND c.settled IS NOT TRUE
     UNION ALL
    SELECT x.id, c.id FROM chosen x
      JOIN dso_change c ON c.account_id = x.account_id AND c.settled IS NOT TRUE
       AND (x.kind = 'scenario' OR c.what = 'recipient')
     UNION ALL
    SELECT x.id, c.id FROM chosen x
      JOIN dso_change c ON c.step_id = x.step_id AND c.settled IS NOT TRUE
     UNION ALL
    SELECT x.id, c.id FROM chosen x
      JOIN dso_scenario_step st ON st.id = x.step_id
      JOIN dso_change c ON c.scenario_id = st.scenario_id AND c.settled IS NOT TRUE
     UNION ALL
    SELECT x.id, c.id FROM chosen x
      JOIN dso_change c ON c.action_model_id = x.action_model_id
       AND c.settled IS NOT TRUE
     UNION ALL
    SELECT x.id, c.id FROM chosen x
      JOIN (
        SELECT id AS action_model_id, template_id FROM dso_action_model
         UNION
        SELECT action_model_id, template_id FROM dso_action_model_variant
           ) t ON t.action_model_id = x.action_model_id
      JOIN dso_change c ON c.template_id = t.template_id AND c.settled IS NOT TRUE
    """
)


class DsoChange(models.Model):
    """One person's change of what decides on messages.

    It counts until another person has confirmed a message that it decides on: with
    him, two people have seen it. Noted only where a company asks for four eyes.
    """

    _name = "dso.change"
    _description = "Change That Another Person Confirms"
    _order = "id desc"
    _rec_name = "what"

    what = fields.Selection(WHAT, required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", "Changed by", required=True, readonly=True, ondelete="cascade"
    )
    date = fields.Datetime(readonly=True, default=fields.Datetime.now)
    company_id = fields.Many2one(
        "res.company",
        readonly=True,
        ondelete="cascade",
        help="Empty: of what all companies share.",
    )
    settled = fields.Boolean(readonly=True, help="Another person has confirmed it.")
    action_id = fields.Many2one(
        "dso.action", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    account_id = fields.Many2one(
        "dso.account", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    step_id = fields.Many2one(
        "dso.scenario.step", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    scenario_id = fields.Many2one(
        "dso.scenario", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    action_model_id = fields.Many2one(
        "dso.action.model", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    template_id = fields.Many2one(
        "mail.template", readonly=True, index="btree_not_null", ondelete="cascade"
    )

    @api.model
    def _watching(self):
        """The root companies that ask for four eyes when the present user changes
        something; none for what the system does by itself."""
        companies = self.env["res.company"]
        if self.env.uid == SUPERUSER_ID:
            return companies
        return companies.browse(companies._dso_four_eyes_ids())

    @api.model
    def _note(self, what, records):
        """Keep that the present user changed something of these records.

        One statement for any number; nothing while no company asks for four eyes, and
        nothing of what the system does by itself.

        :param str what: key of WHAT
        :param records: records of a model that one of KEYS refers to
        """
        companies = self._watching()
        if not records or not companies:
            return
        self._unconfirm(what, records, companies)
        key = next(
            name for name in KEYS if self._fields[name].comodel_name == records._name
        )
        shared = "company_id" not in records._fields
        records.flush_model()
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO dso_change (
                       what, user_id, date, company_id, %(key)s,
                       create_uid, create_date, write_uid, write_date)
                SELECT %(what)s, %(uid)s, NOW() AT TIME ZONE 'UTC', r.company_id, r.id,
                       %(uid)s, NOW() AT TIME ZONE 'UTC',
                       %(uid)s, NOW() AT TIME ZONE 'UTC'
                  FROM (SELECT id, %(company)s AS company_id FROM %(table)s t
                         WHERE id = ANY(%(ids)s)) r
                 WHERE (r.company_id IS NULL OR r.company_id = ANY(%(companies)s))
                   AND NOT EXISTS (
                       SELECT 1 FROM dso_change c
                        WHERE c.%(key)s = r.id AND c.user_id = %(uid)s
                          AND c.what = %(what)s AND c.settled IS NOT TRUE)
                """,
                key=SQL.identifier(key),
                what=what,
                uid=self.env.uid,
                company=SQL("NULL::int") if shared else _company(records),
                table=SQL.identifier(records._table),
                ids=records.ids,
                companies=companies.ids,
            )
        )

    @api.model
    def _unconfirm(self, what, records, companies):
        """What was confirmed before the change is to be looked at again."""
        behind = {
            "dso.action": Domain("id", "in", records.ids),
            "dso.account": Domain("account_id", "in", records.ids)
            & (Domain.TRUE if what == "recipient" else Domain("kind", "=", "scenario")),
            "dso.scenario.step": Domain("step_id", "in", records.ids),
            "dso.scenario": Domain("step_id.scenario_id", "in", records.ids),
            "dso.action.model": Domain("action_model_id", "in", records.ids),
            "mail.template": Domain("action_model_id.template_id", "in", records.ids)
            | Domain("action_model_id.variant_ids.template_id", "in", records.ids),
        }
        self.env["dso.action"].sudo().search(  # takes confirmations back only
            behind[records._name]
            & Domain("company_id", "in", companies.ids)
            & Domain("confirmed", "=", True)
            & Domain("state", "in", ("planned", "error"))
        )._engine().write({"confirmed": False})

    @api.model
    def _behind(self, actions, user):
        """What a user has changed of these actions, and nobody else has confirmed.

        :return: {action id: set of keys of WHAT}, without actions of companies that do
            not ask for four eyes
        """
        return self._grouped(
            actions, user, SQL("c.user_id = %s", user.id), SQL("c.what")
        )

    @api.model
    def _settle(self, actions, user):
        """A user has confirmed these: what others changed of them is seen by two."""
        found = self._grouped(
            actions, user, SQL("c.user_id <> %s", user.id), SQL("c.id")
        )
        ids = set().union(*found.values())
        if ids:
            self.env.execute_query(
                SQL(
                    "UPDATE dso_change SET settled = TRUE WHERE id = ANY(%s)"
                    " RETURNING id",
                    sorted(ids),
                )
            )
            self.invalidate_model(["settled"], flush=False)

    def _grouped(self, actions, user, whose, what):
        for name in ("dso.action", "dso.change", "dso.action.model", "res.company"):
            self.env[name].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                WITH chosen AS (
                    SELECT x.id, x.account_id, x.step_id, x.kind, x.action_model_id
                      FROM dso_action x
                      JOIN res_company co ON co.id = x.company_id AND co.dso_four_eyes
                     WHERE x.id = ANY(%(ids)s)
                )
                SELECT b.id, array_agg(DISTINCT %(what)s)
                  FROM (%(behind)s) b
                  JOIN dso_change c ON c.id = b.change_id
                 WHERE %(whose)s
              GROUP BY b.id
                """,
                ids=actions.ids,
                what=what,
                behind=_BEHIND,
                whose=whose,
            )
        )
        return {row[0]: set(row[1]) for row in rows}


def _company(records):
    """The root company of a row, as SQL."""
    field = records._fields["company_id"]
    if not field.store:  # of a step: that of its scenario
        return SQL(
            "(SELECT s.company_id FROM dso_scenario s WHERE s.id = t.scenario_id)"
        )
    return SQL("t.company_id")
