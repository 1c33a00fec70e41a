"""Who opened which page without login, and when; how often is too often."""

import ipaddress
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain

#: What is noted.
KINDS = [
    ("page", "Page opened"),
    ("preview", "Looked at by a program"),
    ("document", "Document downloaded"),
    ("answer", "Answer sent"),
    ("pay", "Payment begun"),
    ("new_link", "New link asked for"),
    ("refused", "Refused"),
    ("limited", "Slowed down"),
]
#: How often one link may do what within the window.
LIMITS = {"page": 120, "preview": 60, "document": 60, "answer": 30, "pay": 30}
#: How often all links together from one network.
NETWORK_LIMIT = 1000
#: Minutes in which they are counted.
WINDOW = 10
#: Rows of one company that one run of the clean-up takes away.
BATCH = 10_000
#: Characters of what a note says beside its kind.
DETAIL = 200


class DsoAccessLog(models.Model):
    """One access. Its address is shortened to its network, and no secret stands in it.

    Written by the pages only.
    """

    _name = "dso.access.log"
    _description = "Access to a Page"
    _order = "accessed_at desc, id desc"
    _log_access = False
    _allow_sudo_commands = False

    accessed_at = fields.Datetime("On", required=True, default=fields.Datetime.now)
    kind = fields.Selection(KINDS, "What", required=True)
    account_id = fields.Many2one("dso.account", "Customer", ondelete="cascade")
    company_id = fields.Many2one("res.company", index=True, ondelete="cascade")
    token_id = fields.Many2one("dso.access.token", "Link", ondelete="set null")
    partner_id = fields.Many2one(
        "res.partner", "Reader", index="btree_not_null", ondelete="set null"
    )
    network = fields.Char(
        "From network", help="The address without its last part: no single line."
    )
    detail = fields.Char(help="Which document or items.")

    # how often a link was used lately
    _token_idx = models.Index("(token_id, accessed_at) WHERE token_id IS NOT NULL")
    # how often a network came lately
    _network_idx = models.Index("(network, accessed_at)")
    # of one customer
    _account_idx = models.Index("(account_id, accessed_at)")
    # what is forgotten
    _accessed_idx = models.Index("(accessed_at)")

    @api.depends("kind", "accessed_at")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for access in self:
            access.display_name = labels.get(access.kind, "")

    @api.model
    def _network_of(self, address):
        """The network of an address: of IPv4 its first three parts, of IPv6 its first
        three groups.

        :param address: of a request, or None
        :return: for instance ``192.0.2.0/24``; False without address
        """
        try:
            found = ipaddress.ip_address(address or "")
        except ValueError:
            return False
        length = 48 if found.version == 6 else 24
        return str(ipaddress.ip_network(f"{found}/{length}", strict=False))

    @api.model
    def _note(
        self, kind, address, token=None, *, account=None, partner=None, detail=""
    ):
        """Note one access.

        :param kind: key of KINDS
        :param address: of the request
        :param token: dso.access.token whose secret was compared, or None
        :param account: dso.account, where there is no token
        :param partner: res.partner who reads, where there is no token
        :param detail: which document or items; never a secret
        """
        account = account or (token and token.account_id)
        partner = partner or (token and token.recipient_id)
        self.sudo().create(  # nobody else writes here
            {
                "kind": kind,
                "account_id": account.id if account else False,
                "company_id": account.company_id.id if account else False,
                "token_id": token.id if token else False,
                "partner_id": partner.id if partner else False,
                "network": self._network_of(address),
                "detail": (detail or "")[:DETAIL],
            }
        )

    @api.model
    def _is_limited(self, token, kind, address):
        """Whether a link was used, or a network came, so often that it has to wait.

        :param token: dso.access.token whose secret was compared
        :param kind: key of LIMITS
        :param address: of the request
        """
        since = Domain(
            "accessed_at", ">", fields.Datetime.now() - timedelta(minutes=WINDOW)
        )
        log = self.sudo()  # counts only
        own = since & Domain("token_id", "=", token.id)
        limit = LIMITS[kind]
        network = since & Domain("network", "=", self._network_of(address))
        limited = (
            log.search_count(own & Domain("kind", "=", kind), limit=limit) >= limit
            or log.search_count(network, limit=NETWORK_LIMIT) >= NETWORK_LIMIT
        )
        if limited and not log.search_count(
            own & Domain("kind", "=", "limited"), limit=1
        ):
            # once a window: who is slowed down does not fill the log
            self._note("limited", address, token)
        return limited

    @api.autovacuum
    def _gc_kept(self):
        """Forget what is older than the company keeps it."""
        done = again = 0
        companies = self.env["res.company"].search([("parent_id", "=", False)])
        for company in companies.filtered("dso_keep_log_months"):
            limit = fields.Datetime.now() - relativedelta(
                months=company.dso_keep_log_months
            )
            old = self.search(
                Domain("company_id", "=", company.id)
                & Domain("accessed_at", "<", limit),
                limit=BATCH,
            )
            old.unlink()
            done += len(old)
            again |= len(old) == BATCH
        return done, int(again)
