"""The customer's page behind a link, its files, and the way to the payment form."""

from odoo import http
from odoo.http import request
from odoo.tools import format_date

from . import payment
from .access_guard import FORM_SIZE, HEADERS, POST_ROUTE, ROUTE, AccessGuard

#: Where the page is, before the secret.
PAGE = "/dso/c"
#: The form of a long page names many items; what is chosen stands in a session.
PAY_ROUTE = {
    **POST_ROUTE,
    "save_session": True,
    "max_content_length": 4 * FORM_SIZE,
}


class CustomerPage(AccessGuard, http.Controller):
    @http.route(f"{PAGE}/<string:secret>", **ROUTE)
    def customer_page(self, secret, **asked):
        """The open items of a customer, to his contact.

        :param asked: ``q`` and ``show`` narrow the list
        """
        token, refusal = self._admit(secret, "customer", "page")
        if refusal:
            return refusal
        return self._render(
            "dso_collection.access_customer",
            self._page_of(token, secret, asked),
            200,
        )

    @http.route(f"{PAGE}/<string:secret>/invoice/<string:key>.pdf", **ROUTE)
    def invoice_pdf(self, secret, key, **_kwargs):
        """The PDF of one item of the page."""
        token, refusal = self._admit(secret, "customer", "document")
        if refusal:
            return refusal
        found = self._account_of(token)._page_invoice_pdf(key)
        if not found:
            return self._render("dso_collection.access_nothing", {}, 404)
        name, content = found
        return self._file(content, name, "application/pdf")

    @http.route(f"{PAGE}/<string:secret>/statement.<any(pdf,xlsx):form>", **ROUTE)
    def page_statement(self, secret, form, **_kwargs):
        """The statement of account, in the language of its reader."""
        token, refusal = self._admit(secret, "customer", "document")
        if refusal:
            return refusal
        return self._file(*self._account_of(token)._page_statement(form))

    @http.route(f"{PAGE}/<string:secret>/pay", **PAY_ROUTE)
    def page_pay(self, secret, pay=None, **_kwargs):
        """Go on to the payment form with what was chosen; nothing is paid here.

        :param pay: key of an offer of the page, or "chosen"
        """
        token, refusal = self._admit(secret, "customer", "pay")
        if refusal:
            return refusal
        keys = request.httprequest.form.getlist("item")
        account = self._account_of(token)
        if self._is_own_form("answer", token):
            address, problem = payment.begin(
                account, token.recipient_id, token, pay, keys
            )
        else:
            problem = account.env._(
                "This page was open for too long. Please send the form once more."
            )
        if problem:
            values = self._page_of(token, secret, {})
            return self._render(
                "dso_collection.access_customer",
                {**values, "problem": problem, "ticked": keys},
                400,
            )
        answer = request.redirect(address)
        answer.headers.extend(HEADERS)
        answer.set_cookie(
            payment.BACK,
            secret,
            max_age=payment.BACK_SECONDS,
            path=payment.PAY,
            secure=request.httprequest.scheme == "https",
            httponly=True,
            samesite="Lax",
        )
        return answer

    def _account_of(self, token):
        """The account of a token, in the language of its reader."""
        lang = self._lang_of(token.recipient_id.lang).code
        return token.account_id.with_context(lang=lang)

    def _page_of(self, token, secret, asked):
        """Values of the page.

        :param token: dso.access.token in sudo, whose secret was compared
        :param asked: dict of the request
        """
        account = self._account_of(token)
        lang = account.env.context["lang"]
        page = account._page_values(token.recipient_id, asked)
        return {
            "lang": lang,
            "page": page,
            "company": page["company"]["name"],
            "logo": page["company"]["logo"],
            "base": f"{PAGE}/{secret}",
            "may_answer": token._may_answer(),
            "form_key": self._form_key("answer", token),
            "valid_until": format_date(
                request.env,
                token.expires_at.date(),
                lang_code=lang,
                date_format="long",
            ),
        }
