"""What stands before every page without login: who may ask, how often, for what.

Whoever holds a link holds its secret: the answer tells browsers, proxies and search
engines to keep nothing, and the secret does not reach the server's log. A link that is
unknown, has expired or was revoked gets one and the same answer.
"""

import hashlib
import hmac
import logging
import re
from urllib.parse import urlsplit

from odoo import fields
from odoo.http import content_disposition, request
from odoo.tools import get_lang

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
        "default-src 'none'; img-src 'self' data:; style-src 'self';"
        " script-src 'self'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'",
    ),
]
#: Seconds after which who was refused may try again.
RETRY_AFTER = "600"
SECRET_PATH = re.compile(r"(/dso/[ci]/)[^\s/?#\"]+")
#: Bytes of a form without files.
FORM_SIZE = 64 * 1024
#: Days for which a page that was opened can still be answered.
FORM_DAYS = 7
#: Name of the form that asks for a new link.
NEW_LINK = "new-link"
#: How browsers say that a request came from a page of ours, or from no page at all.
OWN_SITES = ("same-origin", "none")


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


for _name in ("werkzeug", "odoo.http"):
    logging.getLogger(_name).addFilter(SecretFilter())


#: How every page is reached.
ROUTE = {
    "type": "http",
    "auth": "public",
    "methods": ["GET"],
    "sitemap": False,
    "save_session": False,
}
#: How a form is sent: no session, hence no csrf_token of Odoo's; :meth:`_is_own_form`
#: takes its place. A route with files overrides ``max_content_length``.
POST_ROUTE = {
    **ROUTE,
    "methods": ["POST"],
    "csrf": False,
    "max_content_length": FORM_SIZE,
}


class AccessGuard:
    """Mixin of the controllers of pages without login."""

    # -------------------------------------------------------------------------
    # WHO COMES IN
    # -------------------------------------------------------------------------

    def _admit(self, secret, purpose, kind):
        """Let in who holds a link that opens.

        Every route begins with this, and answers with the refusal where there is one::

            token, refusal = self._admit(secret, "customer", "page")
            if refusal:
                return refusal

        :param secret: of the route
        :param purpose: key of the purposes of dso.access.token
        :param kind: key of the kinds of dso.access.log
        :return: (dso.access.token in sudo, None) or (None, response)
        """
        attempts = request.env["dso.access.attempt"]
        address = request.httprequest.remote_addr
        source = attempts._source_of(address)
        if attempts._is_limited(source):
            return None, self._wait()
        token = request.env["dso.access.token"]._find(secret, purpose)
        if not token:
            attempts._note(source)
            if self._is_asking():
                return None, self._ask(link=(secret, purpose))
            return None, self._nothing(kind == "page")
        log = request.env["dso.access.log"]
        if log._is_limited(token, kind, address):
            return None, self._wait()
        if request.httprequest.method == "POST" and not self._is_from_here():
            log._note("refused", address, token)
            return None, self._render("dso_collection.access_elsewhere", {}, 403)
        if self._is_preview():
            kind = "preview"
        else:
            token._note_opened()
        log._note(kind, address, token)
        return token, None

    def _nothing(self, can_ask=False):
        """The one answer to every link that opens nothing.

        :param bool can_ask: a form sent to the same address asks for a new link
        """
        # not of the link, which may be anybody's guess: all pages read alike
        values = {"form_key": can_ask and self._form_key(NEW_LINK)}
        return self._render("dso_collection.access_nothing", values, 404)

    def _is_asking(self):
        """Whether what was sent is the button of :meth:`_nothing`."""
        return (
            request.httprequest.method == "POST"
            and self._is_from_here()
            and self._is_own_form(NEW_LINK)
        )

    def _ask(self, **whom):
        """Write down that somebody asks for a new link; one answer to everybody.

        :param whom: of :meth:`dso.access.request._ask`
        """
        requests = request.env["dso.access.request"]
        requests._ask(request.httprequest.remote_addr, **whom)
        return self._render("dso_collection.access_new_link_sent", {}, 200)

    def _wait(self):
        """The answer to who asks too often."""
        return self._render(
            "dso_collection.access_limited",
            {},
            429,
            extra=[("Retry-After", RETRY_AFTER)],
        )

    def _is_preview(self):
        """Whether a program looks ahead of its reader, who has opened nothing yet."""
        headers = request.httprequest.headers
        return request.httprequest.method == "HEAD" or any(
            word in headers.get(name, "").lower()
            for name in ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
            for word in ("prefetch", "preview")
        )

    # -------------------------------------------------------------------------
    # FORMS
    # -------------------------------------------------------------------------

    def _is_from_here(self):
        """Whether a form was not sent by a page of somebody else.

        Browsers say where a request comes from. Our pages tell no referrer, so that
        their forms come from "null"; then the first header decides, and without both
        :meth:`_is_own_form`.
        """
        headers = request.httprequest.headers
        if headers.get("Sec-Fetch-Site", OWN_SITES[0]) not in OWN_SITES:
            return False
        origin = headers.get("Origin", "null")
        if origin == "null":
            return True
        parameters = request.env["ir.config_parameter"].sudo()  # our own address
        base = urlsplit(parameters.get_param("web.base.url") or "").netloc
        try:
            return urlsplit(origin).netloc in (request.httprequest.host, base)
        except ValueError:
            return False

    def _form_key(self, form, token=None):
        """What a form carries as ``form_key``: it was made here, lately, for this link.

        :param form: name of the form: a key of one form opens no other
        :param token: dso.access.token of the page, if it has one
        """
        return self._key_of_day(form, token, fields.Date.today().toordinal())

    def _key_of_day(self, form, token, day):
        parameters = request.env["ir.config_parameter"].sudo()  # the key of the hash
        key = (parameters.get_param("database.secret") or "").encode()
        secret_hash = token.sudo().secret_hash if token else ""  # signed, not shown
        message = f"dso-form:{form}:{secret_hash}:{day}".encode()
        return f"{day}.{hmac.new(key, message, hashlib.sha256).hexdigest()}"

    def _is_own_form(self, form, token=None):
        """Whether the form that was sent is one of ours, not older than FORM_DAYS.

        Where it is not, the page is shown again with what was typed and a new key.

        :param form: as for :meth:`_form_key`
        :param token: as for :meth:`_form_key`
        """
        given = str(request.params.get("form_key") or "")
        day, _dot, _digest = given.partition(".")
        today = fields.Date.today().toordinal()
        if not (day.isascii() and day.isdigit() and len(day) < 8):
            return False
        right = hmac.compare_digest(
            given.encode(), self._key_of_day(form, token, int(day)).encode()
        )
        return right and 0 <= today - int(day) <= FORM_DAYS

    # -------------------------------------------------------------------------
    # ANSWERS
    # -------------------------------------------------------------------------

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
        :param extra: more headers, as (name, value)
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

    def _file(self, content, name, mimetype):
        """A file to keep, which no browser opens as a page of ours.

        :param bytes content: of the file
        :param name: proposed to the reader, with its ending
        :param mimetype: what we know it to be; of an upload, what was sniffed
        """
        headers = dict(HEADERS)
        headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
        return request.make_response(
            content,
            [
                ("Content-Type", mimetype),
                ("Content-Length", len(content)),
                ("Content-Disposition", content_disposition(name)),
                *headers.items(),
            ],
        )
