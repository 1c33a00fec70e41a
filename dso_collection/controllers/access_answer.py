"""Answering on the pages behind the links of our messages."""

from odoo import http
from odoo.http import request

from ..models.dso_reply_page import AnswerPage
from .access import AccessController
from .access_guard import POST_ROUTE, ROUTE
from .answer_form import FORM_WITH_FILES
from .answer_pages import AnswerPages

#: Name of the form, for its key.
FORM = "answer"
SEND_ROUTE = {**POST_ROUTE, "max_content_length": FORM_WITH_FILES}


class AnswerController(AnswerPages, AccessController):
    # -------------------------------------------------------------------------
    # CUSTOMERS
    # -------------------------------------------------------------------------

    @http.route("/dso/c/<string:secret>/answer", **ROUTE)
    def customer_form(self, secret, **_kwargs):
        """The empty form, with what the address ticks."""
        return self._show_form(secret, "customer")

    @http.route("/dso/c/<string:secret>/answer", **SEND_ROUTE)
    def customer_answer(self, secret, **_kwargs):
        """The form for the items that were ticked on the page, or an answer."""
        return self._take_form(secret, "customer")

    @http.route("/dso/c/<string:secret>/answered/<string:once>", **ROUTE)
    def customer_answered(self, secret, once, **_kwargs):
        """What was answered, and what happens next."""
        return self._show_answered(secret, "customer", once)

    # -------------------------------------------------------------------------
    # COLLEAGUES
    # -------------------------------------------------------------------------

    @http.route("/dso/i/<string:secret>", **ROUTE)
    def internal_page(self, secret, **_kwargs):
        """The page of a colleague who was asked about items."""
        return self._show_form(secret, "internal")

    @http.route("/dso/i/<string:secret>", **SEND_ROUTE)
    def internal_answer(self, secret, **_kwargs):
        """What a colleague answers."""
        return self._take_form(secret, "internal")

    @http.route("/dso/i/<string:secret>/answered/<string:once>", **ROUTE)
    def internal_answered(self, secret, once, **_kwargs):
        """What he answered, and what happens next."""
        return self._show_answered(secret, "internal", once)

    # -------------------------------------------------------------------------
    # THE FORM
    # -------------------------------------------------------------------------

    def _page_of_link(self, token):
        lang = self._lang_of(token.recipient_id.lang)
        return AnswerPage.of_token(token, lang.code)

    def _show_form(self, secret, purpose):
        token, refusal = self._admit(secret, purpose, "page")
        if refusal:
            return refusal
        page = self._page_of_link(token)
        form = self._form_of(page)
        form.fill(request.httprequest.args)
        if page.internal and not form.chosen:
            # what he was asked about, unless he unticks some
            form.chosen = list(form.items)
        return self._render_form(secret, page, form)

    def _take_form(self, secret, purpose):
        token, refusal = self._admit(secret, purpose, "answer")
        if refusal:
            return refusal
        page = self._page_of_link(token)
        form = self._form_of(page)
        files = self._sent(form)
        if self._is_choosing():
            return self._render_form(secret, page, form)
        once = None
        if not token._may_answer():
            form.refuse(
                form.env._(
                    "You are logged in as a colleague: you may look at this page, and"
                    " only the customer answers on it."
                )
            )
        elif not self._is_own_form(FORM, token):
            form.refuse(
                form.env._(
                    "The form was open for too long. What you wrote is still here:"
                    " please send it again."
                ),
                files,
            )
        else:
            once = self._receive(page, form, files)
        if once is None:
            return self._render_form(secret, page, form, 422)
        return self._see(f"{self._path_of(secret, purpose)}/answered/{once}")

    def _path_of(self, secret, purpose):
        return f"/dso/{'i' if purpose == 'internal' else 'c'}/{secret}"

    def _render_form(self, secret, page, form, status=200):
        token = page.token
        path = self._path_of(secret, token.purpose)
        asked = {}
        if page.internal:
            asked = {"asked": token._request_values(form.env.lang)}
        values = {
            **self._values_of(token),
            **self._form_values(page, form),
            **asked,
            "back": path,
            "target": path if page.internal else f"{path}/answer",
            "form_key": self._form_key(FORM, token),
            "may_answer": token._may_answer(),
        }
        name = "internal" if page.internal else "answer"
        return self._render(f"dso_collection.access_{name}", values, status)

    def _show_answered(self, secret, purpose, once):
        token, refusal = self._admit(secret, purpose, "page")
        if refusal:
            return refusal
        values = self._answered_values(self._page_of_link(token), once)
        if values is None:
            return self._render("dso_collection.access_nothing", {}, 404)
        back = self._path_of(secret, purpose)
        return self._render(
            "dso_collection.access_answered",
            {**self._values_of(token), **values, "back": back},
            200,
        )
