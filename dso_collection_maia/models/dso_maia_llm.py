from odoo import api, fields, models
from odoo.tools import SQL

from ..engine.llm import LlmEngine, LlmSettings, is_available


class DsoMaiaLlm(models.Model):
    """How much a company asked its language model on one day.

    Numbers only: what was sent and answered is kept nowhere.
    """

    _name = "dso.maia.llm"
    _description = "Use of the language model"
    _order = "day desc, company_id"
    _rec_name = "day"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    day = fields.Date(required=True, readonly=True)
    calls = fields.Integer("Messages sent", readonly=True)
    useful = fields.Integer(
        "Answers of use", readonly=True, help="Answers in the wanted form, in time."
    )
    characters = fields.Integer(
        readonly=True, help="Of the messages sent and the answers received."
    )

    _company_day_uniq = models.Constraint(
        "UNIQUE(company_id, day)", "There is one row for each company and day."
    )

    @api.model
    @api.private
    def _engine_of(self, company, embedded, names=()):
        """The engine of a company: the embedded one, with a language model if wanted.

        :param company: res.company, the root of an account
        :param embedded: :class:`..engine.embedded.EmbeddedEngine`
        :param names: of people and companies, taken out of what is sent
        """
        # settings that only administrators read. No user comes here: private, called by
        # the job alone; what is read stays in the engine, the key goes to the endpoint
        company = company.sudo()
        if not company.dso_maia_llm or not is_available():
            return embedded
        settings = LlmSettings(
            url=company.dso_maia_llm_url,
            model=company.dso_maia_llm_model,
            key=company.dso_maia_llm_key or "",
            redact=company.dso_maia_llm_redact,
            names=tuple(names),
        )
        return LlmEngine(
            embedded,
            settings,
            allow=lambda: self._take(company),
            done=lambda size, useful: self._note(company, size, useful),
        )

    @api.model
    def _take(self, company):
        """Count one more message of today, unless the day's limit is reached.

        :return: whether it may be sent
        """
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO dso_maia_llm AS used
                            (company_id, day, calls, useful, characters)
                     SELECT %(company)s, %(day)s, 1, 0, 0
                      WHERE %(most)s > 0
                ON CONFLICT (company_id, day)
                  DO UPDATE SET calls = used.calls + 1
                      WHERE used.calls < %(most)s
                  RETURNING id
                """,
                company=company.id,
                day=fields.Date.today(),
                most=company.dso_maia_llm_daily,
            )
        )
        self.invalidate_model(flush=False)
        return bool(rows)

    @api.model
    def _note(self, company, size, useful):
        """Add what a message that was sent came to.

        :param size: characters sent and received
        :param useful: whether the answer was in the wanted form
        """
        self.env.execute_query(
            SQL(
                """
                UPDATE dso_maia_llm
                   SET characters = characters + %(size)s, useful = useful + %(useful)s
                 WHERE company_id = %(company)s AND day = %(day)s
             RETURNING id
                """,
                size=size,
                useful=int(useful),
                company=company.id,
                day=fields.Date.today(),
            )
        )
        self.invalidate_model(flush=False)
