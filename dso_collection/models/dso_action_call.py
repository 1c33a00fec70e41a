"""Phone calls: the script as it is spoken, and what came out of them."""

from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.tools import format_date, formatLang

from .dso_action_model_call import ALLOWED, PLACEHOLDER, named

CALL_OUTCOMES = [
    ("reached", "Reached"),
    ("no_answer", "No answer"),
    ("promise", "Promises to pay"),
    ("dispute", "Disputes"),
    ("call_back", "Call back later"),
]


class DsoAction(models.Model):
    _inherit = "dso.action"

    call_outcome = fields.Selection(CALL_OUTCOMES, readonly=True, copy=False)
    call_back_at = fields.Datetime(
        "Call back at",
        readonly=True,
        copy=False,
        help="When the customer asked to be called again.",
    )

    def action_call(self):
        """Open the call screen.

        :raise AccessError: for a user who may not do this action
        :raise UserError: when the action was closed meanwhile
        """
        self.ensure_one()
        self._lock_open()
        return self.account_id._open_call(self)

    @api.private
    def action_reschedule(self, date):
        """An hour that was agreed on the phone holds for its day only."""
        res = super().action_reschedule(date)
        self.filtered("call_back_at")._engine().call_back_at = False
        return res

    # -------------------------------------------------------------------------
    # SCRIPT
    # -------------------------------------------------------------------------

    def _call_script(self):
        """The script of this action's model in the customer's language, its
        placeholders filled in; nothing in it is evaluated.

        :return: Markup
        """
        self.ensure_one()
        model = self.action_model_id.with_context(lang=self.lang_code)
        text = Markup(model.script or "")
        filled, position = Markup(""), 0
        for match in PLACEHOLDER.finditer(text):
            filled += text[position : match.start()]
            name = named(match.group(1))
            # what was saved before a value was renamed is shown as it is
            filled += (
                self._in_script(name) if name in ALLOWED else escape(match.group(0))
            )
            position = match.end()
        return filled + text[position:]

    def _in_script(self, path):
        """A documented value in words of the language that is spoken.

        :param path: one of ALLOWED
        """
        record = self
        *names, last = path.removeprefix("object.").split(".")
        for name in names:
            record = record[name]
        field, value = record._fields[last], record[last]
        if field.type == "html":
            return Markup(value or "")
        env = self.with_context(lang=self.lang_code).env
        if field.type == "monetary":
            return escape(formatLang(env, value, currency_obj=self.currency_id))
        if field.type == "date":
            return escape(
                format_date(env, value, lang_code=self.lang_code, date_format="long")
            )
        return escape(value or "")

    # -------------------------------------------------------------------------
    # OUTCOME
    # -------------------------------------------------------------------------

    def _unanswered_calls(self, account):
        """The calls of an account that nobody answered, since the last one that
        somebody did."""
        calls = self.search(
            [
                ("account_id", "=", account.id),
                ("state", "=", "done"),
                ("call_outcome", "!=", False),
            ],
            order="date_done desc, id desc",
            limit=20,
        )
        answered = calls.filtered(lambda call: call.call_outcome != "no_answer")
        if not answered:
            return calls
        # on one day nobody knows which was first: who was spoken with was reached
        return calls.filtered(lambda call: call.date_done > answered[0].date_done)

    def _call_in_words(self, outcome, notes):
        """What came out of a call, in one line of the history."""
        label = dict(self._fields["call_outcome"]._description_selection(self.env))
        first = (notes or "").strip().partition("\n")[0][:200]
        return f"{label[outcome]}: {first}" if first else label[outcome]

    def _call_done(self, outcome, notes):
        """Complete this action with what came out of the call.

        :return: as :meth:`action_complete`
        """
        self.ensure_one()
        self._lock_open()
        note = "\n".join(part for part in (self.note, notes) if part)
        self._engine().write(
            {
                "call_outcome": outcome,
                "outcome": self._call_in_words(outcome, notes),
                "note": note or False,
            }
        )
        return self.action_complete()

    def _note_call(self, account, model, outcome, notes):
        """Note a call in the history, whose action goes on.

        :param account: dso.account, access to which the caller has checked
        :param model: dso.action.model of the call
        :return: the done action
        """
        today = account.company_id._dso_today()
        engine = self._engine().sudo()  # a resolver notes calls of his follow-ups
        return engine.create(
            {
                "account_id": account.id,
                "kind": "out_of_scenario",
                "action_model_id": model.id,
                "mode": "manual",
                "interactive": "no",
                "name": self.env._("Phone call"),
                "state": "done",
                "date": today,
                "date_done": today,
                "date_closed": today,
                "user_done_id": self.env.uid,
                "leader_id": self.leader_id.id,
                "leader_date": self.leader_date,
                "call_outcome": outcome,
                "outcome": self._call_in_words(outcome, notes),
                "note": notes,
            }
        )
