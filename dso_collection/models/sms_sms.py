"""The outbox of text messages looks once more, and knows what it does not know.

Odoo's own queue locks and sends hundreds in one transaction: a process that is killed
in between leaves all of them in the queue, and they are sent again. Text messages of
actions wait in a state of their own, which that queue does not see. Each leaves in
transactions of its own, "delivery unknown" committed before the provider is asked.
"""

import logging
import re
from datetime import timedelta

import psycopg2
import requests
import urllib3

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.sms.tools.sms_api import SmsApi

from .dso_action_send import _in_plain_words
from .dso_outbox import MAX_CONFLICTS, MAX_RENDERED
from .dso_qualification import ENGINE

_logger = logging.getLogger(__name__)

#: State in which text messages of actions wait to leave.
QUEUED = "dso_queued"
#: Failures of the company's own account with the provider: nothing has left, and
#: nothing leaves until somebody cures it.
OF_ACCOUNT = ("sms_credit", "sms_acc")
#: Minutes until the outbox is looked at again after the provider could not be reached.
PAUSE_MINUTES = 5
#: Links that are put in when a text message leaves.
SECRET_LINK = re.compile(r"\S*/dso/secret/(\w+)/(\d{1,9})\b\S*")


class SmsSms(models.Model):
    _name = "sms.sms"
    _inherit = ["sms.sms", "dso.outbox"]

    state = fields.Selection(
        selection_add=[(QUEUED, "In queue of collection")],
        ondelete={QUEUED: "set canceled"},
    )
    dso_action_id = fields.Many2one(
        "dso.action",
        "Collection action",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="cascade",
        groups="dso_collection.group_viewer",
    )
    dso_wait_until = fields.Datetime(
        "Not before",
        readonly=True,
        copy=False,
        groups="dso_collection.group_viewer",
        help="It is looked at again at this moment.",
    )

    def _dso_of_actions(self):
        """Those of these that actions send."""
        # only whether they are the actions' own
        return self.browse(self.sudo().filtered("dso_action_id").ids)

    def write(self, vals):
        """What is put back into the queue waits in ours, to be looked at."""
        if vals.get("state") != "outgoing" or self._dso_sending():
            return super().write(vals)
        ours = self._dso_of_actions()
        res = super(SmsSms, self - ours).write(vals)
        if ours:
            super(SmsSms, ours).write({**vals, "state": QUEUED})
            ours._dso_trigger()
        return res

    def unlink(self):
        self._dso_tell_taken_out()
        return super().unlink()

    def action_set_canceled(self):
        self._dso_tell_taken_out()
        return super().action_set_canceled()

    def _dso_tell_taken_out(self):
        """What a person takes out of the outbox does not arrive: its action says so."""
        waiting = self._dso_of_actions().filtered(lambda sms: sms.state == QUEUED)
        for sms in waiting.sudo():  # whoever may cancel a text message
            sms._dso_note_failure(
                self.env._("It was taken out of the outbox before it left.")
            )

    # -------------------------------------------------------------------------
    # LEAVING
    # -------------------------------------------------------------------------

    def _dso_sending(self):
        """Whether this is our own outbox at work."""
        return self.env.context.get("dso_engine") is ENGINE

    def send(self, unlink_failed=False, unlink_sent=True, raise_exception=False):
        ours = self._dso_of_actions()
        if ours:
            ours._dso_trigger()
        return super(SmsSms, self - ours).send(
            unlink_failed=unlink_failed,
            unlink_sent=unlink_sent,
            raise_exception=raise_exception,
        )

    def _send(self, unlink_failed=False, unlink_sent=True, raise_exception=False):
        # no way leads past the last look
        others = self if self._dso_sending() else self - self._dso_of_actions()
        if not others:
            return None
        return super(SmsSms, others)._send(
            unlink_failed=unlink_failed,
            unlink_sent=unlink_sent,
            raise_exception=raise_exception,
        )

    @api.model
    def _process_queue(self):
        self._dso_process_queue()
        return super()._process_queue()

    @api.model
    def _dso_process_queue(self):
        """Let the text messages of actions leave, each in transactions of its own."""
        domain = Domain("state", "=", QUEUED) & (
            Domain("dso_wait_until", "=", False)
            | Domain("dso_wait_until", "<=", fields.Datetime.now())
        )
        # each has its own account with the provider
        companies = self.env["res.company"].search([("parent_id", "=", False)])
        waiting = {
            company: self.search(
                domain & Domain("dso_action_id.company_id", "=", company.id),
                limit=self._get_send_batch_size(),
                order="id",
            ).ids
            for company in companies
        }
        left = sum(len(ids) for ids in waiting.values())
        cron = self.env["ir.cron"]
        served = Domain.FALSE
        for company, ids in waiting.items():
            for place, sms_id in enumerate(ids):
                taken = self._dso_deliver(sms_id)
                done = 1 if taken else len(ids) - place
                left -= done
                if not cron._commit_progress(done, remaining=left):
                    return
                if not taken:
                    # what is left of this company stays in the outbox
                    pause = timedelta(minutes=PAUSE_MINUTES)
                    self._dso_outbox_job()._trigger(fields.Datetime.now() + pause)
                    break
            else:
                served |= Domain("dso_action_id.company_id", "=", company.id)
        if self.search_count(domain & served, limit=1):
            self._dso_outbox_job()._trigger()

    def _dso_deliver(self, sms_id):
        """Deliver one text message, in transactions of its own.

        :return: False when the provider takes no more for now
        """
        waiting = [sms_id]
        for _attempt in range(MAX_RENDERED):
            if not waiting:
                break
            sms_id = waiting.pop()
            links, again = self._dso_begin(sms_id)
            if again:
                waiting.append(again)
            if links is not None:
                return self._dso_talk(sms_id, links)
        return True

    def _dso_talk(self, sms_id, links):
        """Ask the provider once, and write what it said.

        :param links: see :meth:`_dso_links`
        :return: False when the provider takes no more for now
        """
        witness = Witness(links)
        for _attempt in range(MAX_CONFLICTS):
            try:
                with self._dso_transaction() as env:
                    return env["sms.sms"].browse(sms_id)._dso_dialogue(witness)
            except psycopg2.Error as error:
                _logger.warning("Result of sms %s is lost: %s", sms_id, error)
                if not witness.asked:
                    break  # "delivery unknown" stands, though nothing has left
        return True

    def _dso_dialogue(self, witness):
        """The dialogue by Odoo's own means; its result stands on the message.

        :param Witness witness: asks the provider, or repeats what it said
        :return: False when the provider takes no more for now
        """
        sms = self.with_company(self._get_sms_company()).with_context(dso_engine=ENGINE)
        action = sms._dso_action()
        sms.state = "outgoing"
        # what came of it is noted from here on
        sms._dso_notifications().write(
            {
                "notification_status": "ready",
                "failure_type": False,
                "failure_reason": False,
            }
        )
        for api_of_company, _sms in sms._split_by_api():
            witness.api = api_of_company
        sms.with_context(sms_api=witness)._send(unlink_sent=True)
        sms.env.flush_all()
        self.env["dso.action"].invalidate_model(flush=False)
        action._follow_sms()
        verdict = witness.verdict()
        if verdict == "cut":
            self._dso_mark_unknown()
            return False
        if verdict == "unreached" or self.failure_type in OF_ACCOUNT:
            if verdict == "unreached":
                reason = self.env._("The SMS provider cannot be reached")
                action._engine().error_detail = reason
            action._engine().write(action._next_attempt())
            return False
        if verdict == "refused" and witness.error:
            action._engine().error_detail = _in_plain_words(witness.error)
        return True

    # -------------------------------------------------------------------------
    # BEFORE THE DIALOGUE
    # -------------------------------------------------------------------------

    def _dso_action(self):
        self.ensure_one()
        return self.dso_action_id

    def _dso_waits(self):
        return SQL("state = %s", QUEUED)

    def _dso_outdated(self, action):
        """Another number by now, or one whose owner wants no text messages."""
        if self.number != action._phone_number():
            return True
        blacklist = self.env["phone.blacklist"]
        return bool(blacklist.search_count([("number", "=", self.number)], limit=1))

    def _dso_links(self, action):
        keys = {
            (kind, int(number)) for kind, number in SECRET_LINK.findall(self.body or "")
        }
        return action._secret_links(keys) if keys else {}

    def _dso_keep_waiting(self, moment):
        self.dso_wait_until = moment

    def _dso_set_aside(self, action, reason):
        self.state = "sent" if action.sent_at else "error"

    def _dso_unknown_reason(self):
        return self.env._(
            "Delivery unknown: the connection ended before the SMS provider answered."
            " It may have arrived; it is not sent again by itself."
        )

    def _dso_fail(self, reason):
        self.write({"state": "error", "failure_type": "unknown"})
        self._dso_note_failure(reason)

    def _dso_note_failure(self, reason):
        """Tell the action why this text message does not arrive."""
        self._dso_notifications().write(
            {
                "notification_status": "exception",
                "failure_type": "unknown",
                "failure_reason": reason,
            }
        )

    def _dso_cancel(self, reason):
        self.write({"state": "canceled"})
        self._dso_notifications().write(
            {"notification_status": "canceled", "failure_reason": reason}
        )

    def _dso_notifications(self):
        return self.env["mail.notification"].search(
            [("sms_id_int", "in", self.ids), ("notification_type", "=", "sms")]
        )

    @api.model
    def _dso_outbox_job(self):
        return self.env.ref("sms.ir_cron_sms_scheduler_action")

    @api.model
    def _dso_trigger(self):
        # whoever puts a message into the outbox may start it, whose cron he cannot read
        self._dso_outbox_job().sudo()._trigger()

    @api.model
    def _dso_release(self, companies):
        """Let the text messages of actions leave that waited for sending to be switched
        on.

        :param companies: root companies
        """
        waiting = self.search(
            Domain("state", "=", QUEUED)
            & Domain("dso_wait_until", "!=", False)
            & Domain("dso_action_id.company_id", "in", companies.ids)
        )
        if waiting:
            waiting.dso_wait_until = False
            self._dso_trigger()


class Witness:
    """Stands between Odoo and the interface of a provider, and sees how it ended.

    Odoo tells a provider that could not be reached from one that did not answer by
    nothing. Asked again, it repeats what the provider said.
    """

    def __init__(self, links):
        """``links``: {(kind, number): link}, put in where the text names them."""
        self.api = None
        self.links = links
        self.asked = False
        self.results = None
        self.error = None

    def __getattr__(self, name):
        return getattr(self.api, name)

    def _send_sms_batch(self, messages, delivery_reports_url=False):
        if self.asked:
            if self.error:
                raise self.error
            return self.results
        messages = [
            {**message, "content": _complete(message["content"], self.links)}
            for message in messages
        ]
        self.asked = True
        try:
            self.results = self.api._send_sms_batch(
                messages, delivery_reports_url=delivery_reports_url
            )
        except Exception as error:
            self.error = error
            raise
        return self.results

    def verdict(self):
        """How the dialogue ended: answered, refused, unreached (nothing has left) or
        cut (nobody knows)."""
        if self.error:
            return _how_it_failed(self.error)
        if not isinstance(self.api, SmsApi) and any(
            result.get("state") == "server_error" for result in self.results or ()
        ):
            # other providers than Odoo's say so when nothing came back
            return "cut"
        return "answered"


def _complete(text, links):
    """Complete the links of a text that carry a secret; a line with a link that leads
    nowhere is taken out.

    :param links: {(kind, number): link}
    """
    lines = []
    for line in text.split("\n"):
        found = {
            match.group(0): links.get((match.group(1), int(match.group(2))))
            for match in SECRET_LINK.finditer(line)
        }
        if all(found.values()):
            for marker, link in found.items():
                line = line.replace(marker, link)
            lines.append(line)
    return "\n".join(lines)


def _how_it_failed(error):
    """Whether a request was refused, never arrived, or ended without an answer."""
    while error:
        if isinstance(error, requests.exceptions.ConnectTimeout):
            return "unreached"
        if isinstance(error, requests.exceptions.HTTPError):
            refused = error.response is not None and error.response.status_code < 500
            return "refused" if refused else "cut"
        if isinstance(error, requests.exceptions.ConnectionError):
            reason = getattr(error.args[0] if error.args else None, "reason", None)
            new = isinstance(reason, urllib3.exceptions.NewConnectionError)
            return "unreached" if new else "cut"
        if isinstance(error, requests.exceptions.RequestException):
            return "cut"
        if not (error.__cause__ or error.__context__):
            # nothing was asked, or an answer said no
            return "unreached" if isinstance(error, AccessError) else "refused"
        error = error.__cause__ or error.__context__
    return "refused"
