"""The customer's page for portal users: the same page, after the login of Odoo."""

from odoo import http
from odoo.http import content_disposition, request
from odoo.tools.misc import get_lang

from odoo.addons.portal.controllers.portal import CustomerPortal

from . import payment
from .access_guard import HEADERS

#: Where the pages of a logged-in customer are.
PORTAL = "/my/collection"
#: What files of a customer tell browsers, of the headers of pages without login.
FILE_HEADERS = [
    (name, value)
    for name, value in HEADERS
    if name in ("Cache-Control", "Pragma", "X-Content-Type-Options")
]


class CollectionPortal(CustomerPortal):
    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "collection_count" in counters:
            accounts = request.env["dso.account"]._page_accounts(request.env.user)
            values["collection_count"] = len(accounts)
        return values

    @http.route(PORTAL, type="http", auth="user", methods=["GET"], website=True)
    def portal_collection(self, **_kwargs):
        """The accounts of the user's own customer; the page itself, if it is one."""
        accounts = request.env["dso.account"]._page_accounts(request.env.user)
        if len(accounts) == 1:
            return request.redirect(f"{PORTAL}/{accounts.id}")
        return request.render(
            "dso_collection.portal_accounts",
            {
                **self._prepare_portal_layout_values(),
                "page_name": "collection",
                "accounts": [
                    {
                        "url": f"{PORTAL}/{account.id}",
                        "company": account.company_id.name,
                        "totals": account._page_totals(account._page_rows()),
                    }
                    for account in accounts
                ],
            },
        )

    @http.route(
        f"{PORTAL}/<int:account_id>",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
    )
    def portal_account(self, account_id, **asked):
        """The page of one account.

        :param asked: ``q`` and ``show`` narrow the list
        """
        return self._portal_page(self._own_account(account_id, "page"), asked)

    @http.route(
        f"{PORTAL}/<int:account_id>/pay", type="http", auth="user", methods=["POST"]
    )
    def portal_pay(self, account_id, pay=None, **_kwargs):
        """Go on to the payment form with what was chosen; nothing is paid here.

        :param pay: key of an offer of the page, or "chosen"
        """
        account = self._own_account(account_id, "pay")
        keys = request.httprequest.form.getlist("item")
        address, problem = payment.begin(
            account,
            request.env.user.partner_id,
            request.env["dso.access.token"],
            pay,
            keys,
        )
        if problem:
            return self._portal_page(account, {}, problem=problem, ticked=keys)
        return request.redirect(address)

    def _portal_page(self, account, asked, **values):
        """The page of an account of the user's own.

        :param asked: dict of the request
        :param values: more of the template
        """
        return request.render(
            "dso_collection.portal_account",
            {
                **self._prepare_portal_layout_values(),
                "page_name": "collection",
                "page": account._page_values(request.env.user.partner_id, asked),
                "base": f"{PORTAL}/{account.id}",
                "may_answer": True,
                "valid_until": False,
                "csrf_token": request.csrf_token(),
                **values,
            },
            headers={"Cache-Control": "no-store"},
        )

    @http.route(
        f"{PORTAL}/<int:account_id>/invoice/<string:key>.pdf",
        type="http",
        auth="user",
        methods=["GET"],
    )
    def portal_invoice_pdf(self, account_id, key, **_kwargs):
        """The PDF of one item of the page."""
        found = self._own_account(account_id, "document")._page_invoice_pdf(key)
        if not found:
            raise request.not_found()
        name, content = found
        return self._portal_file(content, name, "application/pdf")

    @http.route(
        f"{PORTAL}/<int:account_id>/statement.<any(pdf,xlsx):form>",
        type="http",
        auth="user",
        methods=["GET"],
    )
    def portal_statement(self, account_id, form, **_kwargs):
        """The statement of account, in the language of the user."""
        account = self._own_account(account_id, "document")
        return self._portal_file(*account._page_statement(form))

    def _own_account(self, account_id, kind):
        """An account whose page the user opens, in sudo and in his language; noted as
        behind a link.

        :param kind: key of the kinds of dso.access.log
        :raise NotFound: for any other number
        """
        accounts = request.env["dso.account"]
        account = accounts._page_account(request.env.user, account_id)
        if not account:
            raise request.not_found()
        request.env["dso.access.log"]._note(
            kind,
            request.httprequest.remote_addr,
            account=account,
            partner=request.env.user.partner_id,
        )
        return account.with_context(lang=get_lang(request.env).code)

    def _portal_file(self, content, name, mimetype):
        return request.make_response(
            content,
            [
                ("Content-Type", mimetype),
                ("Content-Length", len(content)),
                ("Content-Disposition", content_disposition(name)),
                *FILE_HEADERS,
            ],
        )
