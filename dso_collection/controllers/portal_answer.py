"""Answering in the portal: the forms of the pages behind links, after Odoo's login."""

from odoo import http
from odoo.http import request

from ..models.dso_reply_page import AnswerPage
from .answer_form import FORM_WITH_FILES
from .answer_pages import AnswerPages
from .portal import PORTAL, CollectionPortal

ROUTE = {"type": "http", "auth": "user", "website": True}


class CollectionPortalAnswer(AnswerPages, CollectionPortal):
    @http.route(f"{PORTAL}/<int:account_id>/answer", methods=["GET"], **ROUTE)
    def portal_form(self, account_id, **_kwargs):
        """The empty form, with what the address ticks."""
        page = self._answer_page(account_id, "page")
        form = self._form_of(page)
        form.fill(request.httprequest.args)
        return self._render_portal_form(page, form)

    @http.route(
        f"{PORTAL}/<int:account_id>/answer",
        methods=["POST"],
        max_content_length=FORM_WITH_FILES,
        **ROUTE,
    )
    def portal_answer(self, account_id, **_kwargs):
        """The form for the items that were ticked on the page, or an answer."""
        page = self._answer_page(account_id, "answer")
        form = self._form_of(page)
        files = self._sent(form)
        if self._is_choosing():
            return self._render_portal_form(page, form)
        once = self._receive(page, form, files)
        if once is None:
            return self._render_portal_form(page, form, 422)
        return self._see(f"{PORTAL}/{account_id}/answered/{once}")

    @http.route(
        f"{PORTAL}/<int:account_id>/answered/<string:once>", methods=["GET"], **ROUTE
    )
    def portal_answered(self, account_id, once, **_kwargs):
        """What was answered, and what happens next."""
        page = self._answer_page(account_id, "page")
        values = self._answered_values(page, once)
        if values is None:
            raise request.not_found()
        return self._render_portal(page, "dso_collection.portal_answered", values)

    def _answer_page(self, account_id, kind):
        """
        :param kind: key of the kinds of dso.access.log
        :raise NotFound: for an account that is not the user's own
        """
        account = self._own_account(account_id, kind)
        return AnswerPage(account, request.env.user.partner_id)

    def _render_portal_form(self, page, form, status=200):
        values = {
            **self._form_values(page, form),
            "target": f"{PORTAL}/{page.account.id}/answer",
            "may_answer": True,
        }
        return self._render_portal(
            page, "dso_collection.portal_answer", values, status=status
        )

    def _render_portal(self, page, template, values, status=200):
        company = page.account.company_id
        who = page.account._page_collector(company)
        response = request.render(
            template,
            {
                **self._prepare_portal_layout_values(),
                "page_name": "collection",
                "page": {"company": {"name": company.name}},
                "company": company.name,
                "contact": who["name"],
                "phone": who["phone"],
                "email": who["email"],
                "back": f"{PORTAL}/{page.account.id}",
                **values,
            },
            headers={"Cache-Control": "no-store"},
        )
        response.status_code = status
        return response
