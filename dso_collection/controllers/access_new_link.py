"""A new link for who holds an old one, or says at which address he receives ours."""

from odoo import http
from odoo.http import request
from odoo.tools import email_normalize

from .access_guard import NEW_LINK, POST_ROUTE, ROUTE, AccessGuard


class NewLinkController(AccessGuard, http.Controller):
    """Nothing here tells whether a link or an address is known: what is asked for is
    written down, and a job finds out."""

    @http.route("/dso/new-link", **ROUTE)
    def ask(self, **_kwargs):
        """The form."""
        return self._show_form()

    @http.route("/dso/new-link", **POST_ROUTE)
    def ask_by_address(self, **params):
        """The form, sent: one answer to every address.

        :param params: ``email``, ``form_key``
        """
        typed = str(params.get("email") or "")
        refusal = self._refusal(typed)
        if refusal:
            return refusal
        if not email_normalize(typed):
            return self._show_form(typed, wrong=True)
        return self._ask(email=typed)

    @http.route("/dso/c/<string:secret>", **POST_ROUTE)
    def ask_by_customer_link(self, secret, **_params):
        """The button of a customer's link that opens nothing any more. A colleague's is
        sent to where he answers, see :meth:`AccessGuard._admit`."""
        return self._refusal() or self._ask(link=(secret, "customer"))

    def _refusal(self, typed=""):
        """Why a form is not taken in, as an answer, or None."""
        attempts = request.env["dso.access.attempt"]
        source = attempts._source_of(request.httprequest.remote_addr)
        if attempts._is_limited(source):
            return self._wait()
        if not self._is_from_here():
            return self._render("dso_collection.access_elsewhere", {}, 403)
        if not self._is_own_form(NEW_LINK):
            return self._show_form(typed, again=True)
        attempts._note(source)
        return None

    def _show_form(self, typed="", *, wrong=False, again=False):
        values = {
            "form_key": self._form_key(NEW_LINK),
            "email": typed[:254],
            "wrong": wrong,
            "again": again,
        }
        status = 400 if wrong or again else 200
        return self._render("dso_collection.access_new_link", values, status)
