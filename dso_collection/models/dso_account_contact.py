"""Who is written to: the contacts of a customer and their roles (rules.md §10)."""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine.evaluation import RECIPIENT
from .dso_contact_role import COLLECTION
from .dso_qualification import ENGINE

#: Columns that a phone has no place for.
WIDE = "d-none d-md-table-cell"


class DsoAccount(models.Model):
    _inherit = "dso.account"

    contact_ids = fields.One2many(
        related="partner_id.child_ids",
        string="Contacts",
        readonly=False,
        help="The contacts of the customer, as in Contacts.",
    )

    recipients = fields.Html(
        "Who gets what", compute="_compute_recipients", sanitize=False
    )

    @api.depends("contact_id", "partner_id", "hold_reason", "hold_until")
    @api.depends_context("lang")
    def _compute_recipients(self):
        """Who receives what by e-mail today, in one small table."""
        roles = self.env["dso.contact.role"].search([("active", "=", True)])
        used = self.env["dso.action.model"].search([("recipient_role_id", "!=", False)])
        keys = [
            (account._origin.id, role.id, "email") for account in self for role in roles
        ]
        found = self._find_recipients(keys)
        languages = dict(self.env["res.lang"].get_installed())
        heads = [
            self.env._("What"),
            self.env._("Goes to"),
            self.env._("E-mail"),
            self.env._("Phone"),
            self.env._("Address"),
            self.env._("Language"),
        ]
        for account in self:
            rows = Markup()
            lines = [
                (role, found[account._origin.id, role.id, "email"]) for role in roles
            ]
            main = next((r for role, r in lines if role.code == COLLECTION), None)
            for role, contact in lines:
                if not contact or (
                    role.code != COLLECTION
                    and contact == main
                    and role not in used.recipient_role_id
                ):
                    continue
                rows += self._recipient_row(account, role, contact, languages)
            account.recipients = (
                Markup(
                    "<div class='table-responsive'><table class='table table-sm mb-2'>"
                    "<thead><tr>%s</tr></thead><tbody>%s</tbody></table></div>"
                )
                % (
                    Markup().join(
                        Markup("<th class='%s'>%s</th>")
                        % (WIDE if place > 2 else "", head)
                        for place, head in enumerate(heads)
                    ),
                    rows,
                )
                if rows
                else False
            )

    def _recipient_row(self, account, role, contact, languages):
        problem = ""
        if not contact.email:
            problem = self.env._("no e-mail address")
        elif not contact.email_normalized:
            problem = self.env._("address not valid")
        elif contact.message_bounce:
            problem = self.env._("%s bounced", contact.message_bounce)
        address = ", ".join(part for part in (contact.street, contact.city) if part)
        cells = [
            role.name,
            Markup("%s <span class='text-muted'>%s</span>")
            % (contact.name or contact.display_name, account._why_recipient(contact)),
            Markup("%s <span class='text-danger'>%s</span>")
            % (contact.email or "", problem),
            contact.phone or "",
            address,
            languages.get(contact.lang)
            or languages.get(account.company_id.partner_id.lang, ""),
        ]
        return Markup("<tr>%s</tr>") % Markup().join(
            Markup("<td class='%s'>%s</td>") % (WIDE if place > 2 else "", cell)
            for place, cell in enumerate(cells)
        )

    def _why_recipient(self, contact):
        """Why this contact of the customer is written to, in a few words."""
        self.ensure_one()
        if self.hold_in_force and contact == self.hold_lawyer_id:
            return self.env._("his lawyer")
        if contact == self.contact_id:
            return self.env._("chosen")
        if contact == self.partner_id:
            return self.env._("the customer")
        if contact.dso_contact_role_ids:
            return self.env._("by role")
        return self.env._("invoice address")

    @api.constrains("contact_id", "partner_id")
    def _check_contact(self):
        if self.env.context.get("dso_engine") is ENGINE:
            return  # a merge: the contact moves to the customer in its course
        for account in self:
            contact = account.contact_id
            if contact and contact.commercial_partner_id != account.partner_id:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is no contact of %(customer)s: his reminders"
                        " would reach somebody else. Add the contact to the customer"
                        " first; a lawyer is entered with the hold.",
                        contact=contact.display_name,
                        customer=account.partner_id.display_name,
                    )
                )

    @api.model
    def _forget_strangers(self, partners):
        """Contacts that moved to another customer are chosen no more by the old one."""
        self.search([("contact_id", "in", partners.ids)]).filtered(
            lambda a: a.contact_id.commercial_partner_id != a.partner_id
        ).contact_id = False

    @api.private
    def _recipients(self, role=COLLECTION, channel="email"):
        """Who receives what goes to these customers (rules.md §10).

        The lawyer while one represents the customer; else a contact with the role, if
        that is another than collection; the chosen collection contact; a contact with
        the role collection; the invoice address; the customer. By role or invoice
        address, only who can be reached by the channel.

        :param role: code of a dso.contact.role
        :param channel: type of action: email, sms, letter...
        :return: {account: res.partner}
        """
        role = self.env["dso.contact.role"]._by_code(role)
        found = self._find_recipients([(a.id, role.id, channel) for a in self])
        return {a: found[a.id, role.id or False, channel] for a in self}

    @api.model
    def _find_recipients(self, wanted):
        """Recipients by the same SQL as the evaluation's, in one query.

        :param wanted: list of (account id, role id or False, type of action)
        :return: {the same: res.partner, empty for an account that is not there}
        """
        Partner = self.env["res.partner"]
        wanted = {(account, role or False, kind) for account, role, kind in wanted}
        self.flush_model(
            [
                "company_id",
                "contact_id",
                "hold_lawyer_id",
                "hold_reason",
                "hold_until",
                "partner_id",
            ]
        )
        Partner.flush_model(
            [
                *("active", "city", "commercial_partner_id", "dso_contact_role_ids"),
                *("dso_fax", "email", "parent_id", "phone", "street", "type"),
            ]
        )
        keys = [key for key in wanted if isinstance(key[0], int)]
        companies = self.browse({key[0] for key in keys}).sudo().company_id  # today
        rows = self.env.execute_query(
            SQL(
                """
                SELECT n.id, n.role_id, n.type, (%(recipient)s)
                  FROM (
                    SELECT a.id, w.role_id, w.type, a.partner_id, a.contact_id,
                           CASE WHEN a.hold_reason = 'lawyer'
                                 AND (a.hold_until IS NULL
                                      OR a.hold_until >= t.today)
                                THEN a.hold_lawyer_id END AS lawyer_id
                      FROM unnest(%(ids)s::int[], %(roles)s::int[], %(types)s::text[])
                           AS w(account_id, role_id, type)
                      JOIN dso_account a ON a.id = w.account_id
                      JOIN unnest(%(companies)s::int[], %(todays)s::date[])
                           AS t(company_id, today) ON t.company_id = a.company_id
                       ) n
                """,
                recipient=RECIPIENT,
                ids=[key[0] for key in keys],
                roles=[key[1] or None for key in keys],
                types=[key[2] or "email" for key in keys],
                companies=companies.ids,
                todays=[company._dso_today() for company in companies],
            )
        )
        found = {
            (account, role or False, kind): Partner.browse(partner)
            for account, role, kind, partner in rows
        }
        return {
            key: found.get((key[0], key[1], key[2] or "email"), Partner)
            for key in wanted
        }

    @api.model
    def _reached_by_role(self, partners=None):
        """Customers one of whose contacts receives reminders by his role.

        :param partners: res.partner, the only customers asked for; default all
        """
        groups = self.env["res.partner"]._read_group(
            Domain("dso_contact_role_ids.code", "=", COLLECTION)
            & Domain("email", "not in", (False, ""))
            & (
                Domain.TRUE
                if partners is None
                else Domain("commercial_partner_id", "in", partners.ids)
            ),
            ["commercial_partner_id"],
        )
        return self.env["res.partner"].union(*(group[0] for group in groups))

    @api.model
    def _missing_contact_domain(self):
        """Customers whose reminders by e-mail reach nobody; of all, or of ``self``."""
        no_mail = Domain("email", "in", (False, ""))
        chosen = Domain("contact_id.active", "=", True)
        by_type = Domain("type", "=", "invoice") & ~no_mail
        reached = self._reached_by_role(self.partner_id if self else None)
        return (chosen & Domain("contact_id", "any", no_mail)) | (
            ~chosen
            & Domain("partner_id", "any", no_mail)
            & Domain("partner_id", "not in", reached.ids)
            & ~Domain("partner_id.child_ids", "any", by_type)
        )
