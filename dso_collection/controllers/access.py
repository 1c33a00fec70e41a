"""The pages behind the links of our messages, for who has no login."""

from odoo import http
from odoo.http import request
from odoo.tools import format_date

from .access_guard import ROUTE, AccessGuard


class AccessController(AccessGuard, http.Controller):
    """Reads only: programs that look behind links change nothing."""

    @http.route("/dso/secret/<string:kind>/<int:number>", **ROUTE)
    def stored_link(self, kind, number, **_kwargs):
        """A link of a message as it is kept: its secret is in what left only."""
        return self._render("dso_collection.access_stored", {}, 404)

    def _values_of(self, token):
        """What a page shows: texts only, no record that leads further.

        :param token: dso.access.token in sudo, whose secret was compared
        """
        action, account = token.action_id, token.account_id
        company = action.sender_company_id or token.company_id
        lang = self._lang_of(token.recipient_id.lang).code
        sender = account.acting_collector_id or action.sender_id
        sender = sender.filtered("active")
        colleague = token.recipient_id.user_ids.filtered(
            lambda user: user.has_group("dso_collection.group_viewer")
        )
        return {
            "lang": lang,
            "company": company.name,
            "logo": not company.uses_default_logo and f"/logo.png?company={company.id}",
            "contact": sender.name or company.name,
            "phone": sender.phone or company.phone,
            "email": sender.email_normalized or company.email,
            "valid_until": format_date(
                request.env,
                token.expires_at.date(),
                lang_code=lang,
                date_format="long",
            ),
            "in_odoo": token.purpose == "internal"
            and colleague
            and action
            and f"/odoo/collection-actions/{action.id}",
        }
