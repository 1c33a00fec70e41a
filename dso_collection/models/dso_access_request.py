"""Links that somebody asked for again: to whom they go is found out by a job.

The page that asks only writes a row, known or not: it takes as long, and says the same,
for a reader of ours as for a stranger.
"""

import logging
from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.fields import NO_ACCESS, Domain
from odoo.tools import SQL, email_normalize

from .dso_access_token import PREFIX
from .dso_action_access import MARKER
from .dso_action_text import BUTTON

_logger = logging.getLogger(__name__)

#: Requests that one run of the job takes up.
BATCH = 200
#: Links that one request leads to, for who reads for several customers.
MAX_LINKS = 5
#: Links that one reader gets for one customer within an hour, and within a day.
PER_HOUR, PER_DAY = 1, 3
#: Longest address of a mailbox.
MAX_ADDRESS = 254


class DsoAccessRequest(models.Model):
    """One request for a new link; gone as soon as the job has taken it up.

    The link goes to an address that we know already, never to one that was typed.
    """

    _name = "dso.access.request"
    _description = "Request for a Link"
    _log_access = False
    _allow_sudo_commands = False

    asked_at = fields.Datetime(required=True, default=fields.Datetime.now)
    email = fields.Char(groups=NO_ACCESS, help="Typed by who asked.")
    secret_hash = fields.Char(groups=NO_ACCESS, help="Of the link that was opened.")
    network = fields.Char()

    @api.model
    def _ask(self, address, *, email=None, link=None):
        """Note that somebody asked for a new link.

        :param address: of the request
        :param email: text that was typed
        :param link: (secret, purpose) of the page that asked
        """
        self.sudo().create(  # a note for the job: who it is, nobody has looked yet
            {
                "email": email_normalize((email or "")[:MAX_ADDRESS]),
                "secret_hash": link and self.env["dso.access.token"]._hash(*link),
                "network": self.env["dso.access.log"]._network_of(address),
            }
        )
        cron = self.env.ref("dso_collection.ir_cron_access_requests")
        cron.sudo()._trigger()  # whoever asks may start the job

    @api.model
    def _cron_send(self):
        """Send the links that were asked for."""
        waiting = self.search([], order="id", limit=BATCH)
        if not waiting:
            return
        left = self.search_count([]) - len(waiting)
        jobs = self.env["ir.cron"]
        jobs._commit_progress(remaining=len(waiting) + left)
        for request in waiting:
            try:
                with self.env.cr.savepoint():
                    request._send_links()
            except psycopg2.OperationalError:
                raise  # another transaction was in the way: the next run takes it
            except Exception:
                _logger.exception("A link that was asked for could not be sent")
            request.unlink()
            if not jobs._commit_progress(1):
                break

    def _send_links(self):
        """Send new links for one request; nothing where nobody is known."""
        self.ensure_one()
        sent = 0
        for account, reader, purpose, action in self._readers():
            if sent < MAX_LINKS and self._may_get(account, reader):
                sent += self._send_link(account, reader, purpose, action)

    def _readers(self):
        """Who may be meant.

        :return: list of (dso.account, res.partner, purpose, dso.action), the newest
            link first, one for each account, reader and purpose
        """
        tokens = self.env["dso.access.token"]
        if self.secret_hash:
            tokens.flush_model(["secret_hash"])
            found = self.env.execute_query(
                SQL(
                    "SELECT id FROM dso_access_token"
                    " WHERE left(secret_hash, %s) = %s AND secret_hash = %s",
                    PREFIX,
                    self.secret_hash[:PREFIX],
                    self.secret_hash,
                )
            )
            tokens = tokens.browse(number for (number,) in found)
            people = tokens.recipient_id
            addressed = self.env["dso.account"]
        elif self.email:
            people = self.env["res.partner"].search(
                [("email_normalized", "=", self.email)]
            )
            # a colleague's link is not for who knows his address only
            tokens = tokens.search(
                Domain("recipient_id", "in", people.ids)
                & Domain("purpose", "=", "customer")
            )
            addressed = self.env["dso.account"].search(
                Domain("partner_id", "in", people.commercial_partner_id.ids)
                & Domain("head_id", "=", False)
                & Domain("interactive", "=", True)
            )
        else:
            return []
        found = {}
        for token in tokens.sorted("id", reverse=True):
            key = (token.account_id, token.recipient_id, token.purpose)
            found.setdefault(key, token)
        for account, reader in addressed._recipients().items():
            if reader in people:
                found.setdefault((account, reader, "customer"), tokens.browse())
        return [
            (*key, token.action_id)
            for key, token in found.items()
            # what a user ended stays ended, until we write to its reader again
            if token.revoked_because != "user"
        ]

    def _may_get(self, account, reader):
        """Whether a reader may be written to now, and was not just before."""
        address = reader.email_normalized
        if not (address and account.company_id.dso_sending_active):
            return False
        log = self.env["dso.access.log"]
        own = (
            Domain("kind", "=", "new_link")
            & Domain("account_id", "=", account.id)
            & Domain("partner_id", "=", reader.id)
        )
        for hours, limit in ((1, PER_HOUR), (24, PER_DAY)):
            since = fields.Datetime.now() - timedelta(hours=hours)
            if log.search_count(own & Domain("accessed_at", ">", since)) >= limit:
                return False
        blocked = self.env["mail.blacklist"].search_count([("email", "=", address)])
        return not blocked

    def _send_link(self, account, reader, purpose, action):
        """Put one new link into the outbox, if it would open.

        :return: whether it was
        """
        token = self.env["dso.access.token"]._prepare(account, action, reader, purpose)
        if not token._opens():
            token.unlink()
            return False
        company = action.sender_company_id or account.company_id
        collector = account.acting_collector_id
        if not collector.email_normalized:
            collector = account.company_id._dso_fallback_sender()
        sender = collector.email_formatted or company.email_formatted
        lang = reader.lang or self.env.lang
        texts = self.with_context(lang=lang).env
        body = texts["ir.qweb"]._render(
            "dso_collection.access_new_link_mail",
            {
                "lang": (lang or "en_US").replace("_", "-"),
                "company": company.name,
                "base_url": account.get_base_url(),
                "marker": MARKER,
                "button": BUTTON,
                "internal": purpose == "internal",
            },
        )
        token.mail_id = self.env["mail.mail"].create(
            {
                "subject": texts._("Your new link to %s", company.name),
                "body_html": body,
                "email_from": sender,
                "reply_to": sender,
                "recipient_ids": reader.ids,
                "author_id": collector.partner_id.id or company.partner_id.id,
                "model": "dso.account",
                "res_id": account.id,
                "message_type": "email_outgoing",
                "auto_delete": True,
            }
        )
        self.env["dso.access.log"]._note("new_link", None, token)
        self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()
        return True

    @api.autovacuum
    def _gc_old(self):
        """What no job took up within a day is forgotten."""
        limit = fields.Datetime.now() - timedelta(days=1)
        old = self.search([("asked_at", "<", limit)], limit=10_000)
        old.unlink()
        return len(old), int(len(old) == 10_000)
