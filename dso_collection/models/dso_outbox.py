"""What the outboxes of Odoo have in common when they carry messages of actions.

Each message is looked at once more in a transaction of its own, which commits "delivery
unknown" before the dialogue with the world begins (architecture: last look).
"""

import logging
from contextlib import contextmanager
from datetime import timezone

import psycopg2

from odoo import SUPERUSER_ID, api, fields, models
from odoo.modules import module
from odoo.tools import SQL

from .dso_action_send import CONFLICTS, _in_plain_words

_logger = logging.getLogger(__name__)

#: Conflicts with other transactions after which a message is left to the next run.
MAX_CONFLICTS = 3
#: A message whose ledger changes all the time is rendered so often in one run.
MAX_RENDERED = 3
#: Minutes until a message is looked at again that is held back by the switch.
HELD_MINUTES = 15
#: How long the look before a dialogue waits for somebody else's lock.
LOCK_TIMEOUT = "10s"


class DsoOutbox(models.AbstractModel):
    _name = "dso.outbox"
    _description = "Outbox of Collection"

    # -------------------------------------------------------------------------
    # WHAT EACH OUTBOX SAYS OF ITSELF
    # -------------------------------------------------------------------------

    def _dso_action(self):
        """The action that this message is sent for; empty once it was deleted."""
        raise NotImplementedError

    def _dso_waits(self):
        """SQL condition on its own table: it waits to leave."""
        raise NotImplementedError

    def _dso_outdated(self, action):
        """Whether it was made for what its channel would not send any more, beside
        what :meth:`dso.action._last_look` compares: another number, for instance."""
        return False

    def _dso_links(self, action):
        """The links of this message that carry a secret; stored nowhere.

        :return: {(kind, number): link}
        """
        raise NotImplementedError

    def _dso_keep_waiting(self, moment):
        """Leave it where it is; it is looked at again at ``moment`` (UTC, naive)."""
        raise NotImplementedError

    def _dso_cancel(self, reason):
        """Take it out: something else was decided."""
        raise NotImplementedError

    def _dso_fail(self, reason):
        """It does not arrive; the action says why."""
        raise NotImplementedError

    def _dso_set_aside(self, action, reason):
        """Somebody put back what had left: it stays as it was."""
        raise NotImplementedError

    def _dso_unknown_reason(self):
        """Why nobody knows whether it arrived, as a sentence."""
        raise NotImplementedError

    @api.model
    def _dso_outbox_job(self):
        """The ir.cron that empties this outbox."""
        raise NotImplementedError

    # -------------------------------------------------------------------------
    # BEFORE THE DIALOGUE
    # -------------------------------------------------------------------------

    @contextmanager
    def _dso_transaction(self):
        """A transaction of its own, committed at its end; rolled back on an error."""
        if module.current_test:
            # a test sees nothing of another connection; Odoo's outbox does the same
            with self.env.cr.savepoint():
                yield self.sudo().env  # the outbox works with all rights
            return
        with self.env.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    def _dso_begin(self, message_id):
        """Look at the ledger once more and commit "delivery unknown".

        A conflict with another transaction is repeated with a new look. A message that
        cannot be looked at fails alone, with its cause.

        :return: (links with secrets to put in, None where the dialogue must not begin;
            id of one rendered instead)
        """
        name = f"{self._name} {message_id}"
        for _attempt in range(MAX_CONFLICTS):
            try:
                with self._dso_transaction() as env:
                    # whoever called may hold a lock, and would wait for us for ever
                    env.cr.execute(SQL("SET LOCAL lock_timeout = %s", LOCK_TIMEOUT))
                    return env[self._name].browse(message_id)._dso_look()
            except CONFLICTS as error:
                _logger.info("%s: looking again: %s", name, str(error).strip())
            except Exception as error:
                # whatever its text or its customer's data raise: it fails alone
                _logger.warning("%s cannot be looked at", name, exc_info=True)
                try:
                    with self._dso_transaction() as env:
                        message = env[self._name].browse(message_id).exists()
                        message._dso_fail(_in_plain_words(error))
                except psycopg2.Error:
                    _logger.exception("%s stays in the outbox", name)
                break
        return None, None

    def _dso_lock(self):
        """Take this message for this transaction.

        :return: False for one that another worker has, or that waits no more
        """
        self.ensure_one()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM %s WHERE id = %s AND %s
                   FOR NO KEY UPDATE SKIP LOCKED
                """,
                SQL.identifier(self._table),
                self.id,
                self._dso_waits(),
            )
        )
        return bool(rows)

    def _dso_look(self):
        if not self._dso_lock():
            return None, None
        action = self._dso_action()
        if not action:
            self._dso_cancel(self.env._("The action of this message was deleted."))
            return None, None
        if action.delivery_settled:
            # sent again in its place, or left at that, by a person
            self._dso_cancel(action.outcome)
            return None, None
        if self._dso_hold_back(action):
            return None, None
        verdict = action._last_look()
        if verdict is None and self._dso_outdated(action):
            verdict = "changed"
        if verdict is None:
            # committed before the dialogue: what arrives opens, whatever comes after
            links = self._dso_links(action)
            self._dso_mark_unknown()
            return links, None
        action._lock_for_outbox()
        if action._may_have_left():
            # somebody put it back into the outbox: what left stays done
            self._dso_set_aside(
                action,
                self.env._(
                    "The account changed since it left: send it again from its action."
                ),
            )
            return None, None
        if verdict == "changed":
            self._dso_cancel(self.env._("The account changed: rendered again."))
            try:
                with self.env.cr.savepoint():
                    return None, action._render_again().id
            except CONFLICTS:
                raise
            except Exception as error:
                # as when it was rendered first: a person decides
                _logger.warning(
                    "Action %s not rendered again", action.id, exc_info=True
                )
                action._engine().write(
                    {"delivery": "failed", "error_detail": str(error)[:500]}
                )
                return None, None
        action._withdraw(verdict)
        self._dso_cancel(action.outcome or verdict)
        return None, None

    def _dso_hold_back(self, action):
        """Leave it in the outbox while sending is switched off, or, when it left by
        itself, outside the sending hours; it is looked at again later."""
        company = action.company_id
        now = fields.Datetime.now()
        if not company.dso_sending_active:
            self._dso_keep_waiting(fields.Datetime.add(now, minutes=HELD_MINUTES))
            return True
        if action.sent_by_id or company._dso_sending_open():
            return False
        opening = company._dso_sending_next()
        moment = (
            fields.Datetime.to_datetime(
                opening.astimezone(timezone.utc).replace(tzinfo=None, microsecond=0)
            )
            if opening
            else fields.Datetime.add(now, days=1)
        )
        self._dso_keep_waiting(moment)
        cron = self._dso_outbox_job()
        # one start for all messages that wait for it
        if not self.env["ir.cron.trigger"].search_count(
            [("cron_id", "=", cron.id), ("call_at", "=", moment)], limit=1
        ):
            cron._trigger(moment)
        return True

    def _dso_mark_unknown(self):
        """From now on nobody knows whether it arrived, until the result is known."""
        reason = self._dso_unknown_reason()
        self._dso_fail(reason)
        self._dso_action()._engine().write(
            {"delivery": "unknown", "error_detail": reason, "retry_at": False}
        )
