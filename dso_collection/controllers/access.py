"""The pages behind the links of our messages, for who has no login.

Whoever holds a link holds its secret: the answer tells browsers, proxies and search
engines to keep nothing, and the secret does not reach the server's log. A link that is
unknown, has expired or was revoked gets one and the same answer.
"""

import logging
import re

from odoo import http
from odoo.http import request
from odoo.tools import format_date, get_lang

#: What every answer says, whatever it contains.
HEADERS = [
    ("Cache-Control", "no-store"),
    ("Pragma", "no-cache"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Robots-Tag", "noindex, nofollow, noarchive"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    (
        "Content-Security-Policy",
        "default-src 'none'; img-src 'self'; style-src 'self'; form-action 'none';"
        " base-uri 'none'; frame-ancestors 'none'",
    ),
]
#: Seconds after which who was refused may try again.
RETRY_AFTER = "600"
SECRET_PATH = re.compile(r"(/dso/[ci]/)[^\s/?#\"]+")


class SecretFilter(logging.Filter):
    """Keep secrets out of the server's own log of requests."""

    def filter(self, record):
        if isinstance(record.args, tuple):
            record.args = tuple(
                SECRET_PATH.sub(r"\1***", arg) if isinstance(arg, str) else arg
                for arg in record.args
            )
        if isinstance(record.msg, str):
            record.msg = SECRET_PATH.sub(r"\1***", record.msg)
        return True


logging.getLogger("werkzeug").addFilter(SecretFilter())


#: How every page is reached.
ROUTE = {
    "type": "http",
    "auth": "public",
    "methods": ["GET"],
    "sitemap": False,
    "save_session": False,
}


class AccessController(http.Controller):
    """Reads only: programs that look behind links change nothing."""

    @http.route("/dso/c/<string:secret>", **ROUTE)
    def customer_page(self, secret, **_kwargs):
        """The page of a customer's contact."""
        return self._answer(secret, "customer")

    @http.route("/dso/i/<string:secret>", **ROUTE)
    def internal_page(self, secret, **_kwargs):
        """The page of a colleague who was asked about items."""
        return self._answer(secret, "internal")

    @http.route("/dso/secret/<string:kind>/<int:number>", **ROUTE)
    def stored_link(self, kind, number, **_kwargs):
        """A link of a message as it is kept: its secret is in what left only."""
        return self._render("dso_collection.access_stored", {}, 404)

    def _answer(self, secret, purpose):
        """The page of a secret.

        :param purpose: key of the purposes of dso.access.token
        """
        attempts = request.env["dso.access.attempt"]
        source = attempts._source_of(request.httprequest.remote_addr)
        if attempts._is_limited(source):
            return self._render(
                "dso_collection.access_limited",
                {},
                429,
                extra=[("Retry-After", RETRY_AFTER)],
            )
        token = request.env["dso.access.token"]._find(secret, purpose)
        if not token:
            attempts._note(source)
            return self._render("dso_collection.access_nothing", {}, 404)
        token._note_opened()
        values = self._values_of(token)
        return self._render(f"dso_collection.access_{purpose}", values, 200)

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
            "logo": f"/logo.png?company={company.id}",
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

    def _lang_of(self, code):
        """The installed language that is nearest to ``code``, which may be None."""
        installed = [lang for lang, _name in request.env["res.lang"].get_installed()]
        if code and code not in installed:
            same = [lang for lang in installed if lang[:2] == code[:2]]
            code = same[0] if same else None
        return get_lang(request.env, code)

    def _render(self, template, values, status, extra=()):
        """An answer that nobody keeps.

        :param values: of the template; without ``lang`` in the visitor's language
        :param status: of HTTP
        """
        lang = self._lang_of(values.get("lang") or request.best_lang)
        page = (
            request.env["ir.qweb"]
            .with_context(lang=lang.code)
            ._render(
                template,
                {
                    "company": False,
                    "logo": False,
                    **values,
                    "page_lang": lang.code.replace("_", "-").split("@")[0],
                    "direction": lang.direction,
                },
            )
        )
        response = request.make_response(
            f"<!DOCTYPE html>\n{page}",
            [("Content-Type", "text/html; charset=utf-8"), *HEADERS, *extra],
        )
        response.status_code = status
        return response
