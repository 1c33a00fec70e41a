"""The one way in for every link that our messages carry (architecture, invariants)."""

import hashlib
import hmac
import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import NO_ACCESS, Domain
from odoo.tools import SQL

#: Bytes of randomness in a secret: what nobody guesses.
SECRET_BYTES = 32
#: Characters of a secret as it stands in a link.
SECRET_LENGTH = 43
#: Leading characters of a hash by which its row is found.
PREFIX = 16
#: Compared with where no row is found, so that both take the same time.
NOTHING = "0" * 64
#: Days that an ended token is still shown to collectors.
KEPT_DAYS = 90
#: Seconds between two notes of when a page was opened: a reload writes nothing.
OPENED_EVERY = 3600

PURPOSES = [("customer", "Customer page"), ("internal", "Internal page")]
#: Where the pages are, by purpose.
PAGES = {"customer": "/dso/c", "internal": "/dso/i"}
#: Why a token was revoked.
REVOKED_BECAUSE = [
    ("user", "By a user"),
    ("merged", "Customer merged"),
    ("withdrawn", "Letter withdrawn"),
    ("switched_off", "Page switched off for the customer"),
    ("archived", "Reader archived"),
    ("moved", "Reader moved to another company"),
    ("address", "Reader's address or number changed"),
]


class DsoAccessToken(models.Model):
    """What a link in one message opens, for one reader.

    The secret itself stands in the message only: what is kept is its hash. Rows are
    made by the outbox when a message leaves, and are never written by users.
    """

    _name = "dso.access.token"
    _description = "Access Token"
    _order = "id desc"
    _allow_sudo_commands = False

    account_id = fields.Many2one(
        "dso.account", "Customer", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="account_id.company_id", store=True, index=True
    )
    action_id = fields.Many2one(
        "dso.action",
        "Sent with",
        index="btree_not_null",
        ondelete="cascade",
        help="The message that carries the link.",
    )
    recipient_id = fields.Many2one(
        "res.partner",
        "Reader",
        required=True,
        index=True,
        ondelete="cascade",
        help="Whom the link was sent to: it ends when he is deleted, archived or moves"
        " to another company.",
    )
    purpose = fields.Selection(PURPOSES, "Opens", required=True)
    secret_hash = fields.Char(required=True, groups=NO_ACCESS, copy=False)
    expires_at = fields.Datetime("Valid until", required=True)
    revoked_at = fields.Datetime("Revoked on")
    revoked_by_id = fields.Many2one("res.users", "Revoked by", ondelete="set null")
    revoked_because = fields.Selection(REVOKED_BECAUSE, "Revoked because")
    opened_at = fields.Datetime(
        "Last opened",
        help="To the hour. A mail program that looks behind links opens them, too.",
    )
    mail_id = fields.Many2one(
        "mail.mail",
        index="btree_not_null",
        ondelete="set null",
        groups=NO_ACCESS,
        help="The mail with which a link that its reader asked for leaves.",
    )
    state = fields.Selection(
        [("valid", "Valid"), ("expired", "Expired"), ("revoked", "Revoked")],
        compute="_compute_state",
        search="_search_state",
    )

    # a link is found by the beginning of its hash
    _prefix_idx = models.Index(f"(left(secret_hash, {PREFIX}))")

    # -------------------------------------------------------------------------
    # COMPUTES
    # -------------------------------------------------------------------------

    @api.depends("recipient_id", "purpose")
    def _compute_display_name(self):
        labels = dict(self._fields["purpose"]._description_selection(self.env))
        for token in self:
            who = token.sudo().recipient_id.name or ""  # its own reader
            token.display_name = f"{labels.get(token.purpose, '')}: {who}"

    @api.depends("expires_at", "revoked_at")
    def _compute_state(self):
        now = fields.Datetime.now()
        for token in self:
            token.state = (
                "revoked"
                if token.revoked_at
                else "valid"
                if token.expires_at and token.expires_at > now
                else "expired"
            )

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = fields.Datetime.now()
        standing = Domain("revoked_at", "=", False)
        domains = {
            "revoked": Domain("revoked_at", "!=", False),
            "valid": standing & Domain("expires_at", ">", now),
            "expired": standing & Domain("expires_at", "<=", now),
        }
        return Domain.OR(domains[key] for key in value if key in domains)

    # -------------------------------------------------------------------------
    # MADE, FOUND, REVOKED
    # -------------------------------------------------------------------------

    @api.model
    def _issue(self, account, action, recipient, purpose):
        """Make a token; called by the outbox at the moment of leaving only.

        :param account: dso.account that the page is about
        :param action: dso.action whose message carries the link
        :param recipient: res.partner who reads it
        :param purpose: key of PURPOSES
        :return: the secret, which stands nowhere else
        """
        return self._make(account, action, recipient, purpose)[1]

    @api.model
    def _make(self, account, action, recipient, purpose):
        """A new token and its secret; see :meth:`_issue`."""
        secret = secrets.token_urlsafe(SECRET_BYTES)
        token = self.sudo().create(  # for a message that the caller sends
            {
                "account_id": account.id,
                "action_id": action.id,
                "recipient_id": recipient.id,
                "purpose": purpose,
                "secret_hash": self._hash(secret, purpose),
                "expires_at": self._end(account),
            }
        )
        return token, secret

    @api.model
    def _end(self, account):
        """Until when a link that leaves now is valid (UTC, naive)."""
        days = account.company_id.sudo().dso_link_days  # one setting of its root
        return fields.Datetime.now() + timedelta(days=max(days, 1))

    @api.model
    def _prepare(self, account, action, recipient, purpose):
        """Make the token of a link that its reader asked for; its secret is made when
        its mail leaves, see :meth:`_complete`.

        :param account: as for :meth:`_issue`, like what follows
        :return: dso.access.token that nobody has a secret of
        """
        return self._make(account, action, recipient, purpose)[0]

    def _complete(self):
        """Give a prepared token the secret that leaves now.

        :return: its link; False when it would open nothing, or nothing leaves, any more
        """
        self.ensure_one()
        if not (self._opens() and self.company_id.dso_sending_active):
            return False
        secret = secrets.token_urlsafe(SECRET_BYTES)
        self.write(
            {
                "secret_hash": self._hash(secret, self.purpose),
                "expires_at": self._end(self.account_id),
            }
        )
        base = self.account_id.get_base_url()
        return f"{base}{PAGES[self.purpose]}/{secret}"

    @api.model
    def _hash(self, secret, purpose):
        """What is kept of a secret: a link of one purpose opens no page of another."""
        return hashlib.sha256(f"{purpose}:{secret}".encode()).hexdigest()

    @api.model
    def _find(self, secret, purpose):
        """The token behind a link that still opens its page.

        The hash that is compared is the caller's own work: nothing of a stored secret
        shows in the time that it takes, and what does not exist takes as long.

        :param secret: text of a link, of whatever a stranger typed
        :param purpose: key of PURPOSES
        :return: dso.access.token in sudo; empty for what is unknown, has expired, was
            revoked, or whose reader or customer may not see the page any more
        """
        tokens = self.sudo()  # whoever holds the secret; what he sees is the page's
        if not isinstance(secret, str) or len(secret) > 2 * SECRET_LENGTH:
            secret = ""
        digest = self._hash(secret, purpose)
        self.flush_model(["secret_hash"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, secret_hash FROM dso_access_token
                 WHERE left(secret_hash, %s) = %s
                """,
                PREFIX,
                digest[:PREFIX],
            )
        )
        found = [
            number
            for number, kept in rows or [(False, NOTHING)]
            if hmac.compare_digest(kept, digest)
        ]
        token = tokens.browse(found)
        if len(token) != 1 or token.purpose != purpose or not token._opens():
            return tokens.browse()
        return token

    def _opens(self):
        """Whether this token still opens its page, for its reader and customer."""
        self.ensure_one()
        reader = self.recipient_id
        if self.revoked_at or self.expires_at <= fields.Datetime.now():
            return False
        if not reader.active:
            return False
        account = self.account_id
        if self.purpose == "internal":
            return account._is_own_contact(reader)
        if not account.interactive or not account.partner_id.active:
            return False
        lawyer = account.hold_lawyer_id
        represented = account.hold_in_force and account.hold_reason == "lawyer"
        if represented:
            # past a customer's lawyer nobody of the customer is dealt with
            return reader == lawyer
        customers = (account | account.member_ids).partner_id
        return reader.commercial_partner_id in customers

    def _may_answer(self):
        """Whether who holds this link may answer for its reader.

        Colleagues in copy of a message read the same link: who is logged in as one of
        us looks, and promises nothing in the customer's name (rules.md §7).
        """
        self.ensure_one()
        return self.purpose == "internal" or not self.env.user._is_internal()

    def _note_opened(self):
        """Remember that the page was opened, to the hour."""
        self.ensure_one()
        now = fields.Datetime.now()
        if not self.opened_at or (now - self.opened_at).total_seconds() >= OPENED_EVERY:
            self.opened_at = now.replace(minute=0, second=0, microsecond=0)

    def _revoke(self, because, user=None):
        """End these tokens; those that were revoked before keep their cause.

        :param because: key of REVOKED_BECAUSE
        :param user: res.users who decided it, or None
        """
        standing = self.sudo().filtered(  # callers check who may
            lambda token: not token.revoked_at
        )
        standing.write(
            {
                "revoked_at": fields.Datetime.now(),
                "revoked_by_id": user.id if user else False,
                "revoked_because": because,
            }
        )

    def action_revoke(self):
        """End these links at once.

        :raise AccessError: for a user who is no collector
        """
        self.env["dso.action"]._check_collector()
        self.check_access("read")
        self._revoke("user", self.env.user)
        return True

    @api.autovacuum
    def _gc_ended(self):
        """Forget links some time after they ended."""
        limit = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        ended = self.search(
            Domain("expires_at", "<", limit) | Domain("revoked_at", "<", limit),
            limit=10_000,
        )
        ended.unlink()
        return len(ended), int(len(ended) == 10_000)
