"""Links that opened nothing, by where they came from: who guesses is slowed down."""

import hashlib
import hmac
import ipaddress
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import NO_ACCESS, Domain

#: Links that open nothing from one source until it waits.
ATTEMPTS = 20
#: Minutes in which they are counted, and after which it may go on.
WINDOW = 10


class DsoAccessAttempt(models.Model):
    """One link that opened nothing. Of its source a keyed hash is kept, no address."""

    _name = "dso.access.attempt"
    _description = "Failed Access"
    _log_access = False

    source = fields.Char(required=True, groups=NO_ACCESS)
    tried_at = fields.Datetime(required=True, default=fields.Datetime.now)

    # how often one source failed lately
    _source_idx = models.Index("(source, tried_at)")
    # what is forgotten
    _tried_idx = models.Index("(tried_at)")

    @api.model
    def _source_of(self, address):
        """What is kept of an address: of IPv6 the network of one customer's line.

        :param address: of a request, or None
        """
        try:
            found = ipaddress.ip_address(address or "")
            network = 64 if found.version == 6 else 32
            name = str(ipaddress.ip_network(f"{found}/{network}", strict=False))
        except ValueError:
            name = ""
        parameters = self.env["ir.config_parameter"].sudo()  # the key of the hash
        key = parameters.get_param("database.secret") or ""
        digest = hmac.new(key.encode(), f"dso:{name}".encode(), hashlib.sha256)
        return digest.hexdigest()[:32]

    @api.model
    def _is_limited(self, source):
        """Whether a source failed so often that it has to wait."""
        since = fields.Datetime.now() - timedelta(minutes=WINDOW)
        attempts = self.sudo()  # counts only
        return (
            attempts.search_count(
                Domain("source", "=", source) & Domain("tried_at", ">", since),
                limit=ATTEMPTS,
            )
            >= ATTEMPTS
        )

    @api.model
    def _note(self, source):
        """Count a link that opened nothing; who waits already is not counted."""
        self.sudo().create({"source": source})  # nothing but the count

    @api.autovacuum
    def _gc_old(self):
        limit = fields.Datetime.now() - timedelta(minutes=WINDOW)
        old = self.search([("tried_at", "<", limit)], limit=10_000)
        old.unlink()
        return len(old), int(len(old) == 10_000)
