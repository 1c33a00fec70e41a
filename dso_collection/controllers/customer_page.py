"""The customer's page behind a link, and its files. Nothing here changes anything."""

from odoo import http
from odoo.http import request
from odoo.tools import format_date

from .access_guard import ROUTE, AccessGuard

#: Where the page is, before the secret.
PAGE = "/dso/c"


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
