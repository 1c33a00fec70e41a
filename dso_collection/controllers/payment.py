"""Payment of what a customer chose on his page, through Odoo's payment form.

The form runs scripts of payment providers, so its address carries no secret: what is to
be paid stands in the session of who chose it, and is worked out again at each step.
"""

import secrets

from odoo import http
from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.http import request
from odoo.tools.misc import get_lang

from odoo.addons.payment.controllers.portal import PaymentPortal

#: Where the payment form is.
PAY = "/dso/pay"
#: Name in the session of what is to be paid, and how many choices it keeps.
CHOICES = "dso_pay"
KEPT_CHOICES = 5
#: Cookie with the way back to a page without login, and its life in seconds.
BACK = "dso_back"
BACK_SECONDS = 3600


def begin(account, reader, token, asked, keys):
    """Note what is to be paid, by who was let in before.

    :param account: dso.account of the page
    :param reader: res.partner who pays
    :param token: dso.access.token of his link; empty in the portal
    :param asked: key of an offer, or "chosen"
    :param keys: of the items that he chose
    :return: (address of the form, None), or (None, why it cannot be paid, in words)
    """
    payment = account._page_payment(asked, keys, reader)
    if "problem" in payment:
        return None, payment["problem"]
    number = secrets.token_urlsafe(16)
    choices = dict(request.session.get(CHOICES) or {})
    choices[number] = {
        "account": account.id,
        "token": token.id or False,
        "user": False if token else request.env.uid,
        "asked": asked,
        "keys": list(keys),
    }
    request.session[CHOICES] = dict(list(choices.items())[-KEPT_CHOICES:])
    return f"{PAY}/{number}", None


class CollectionPayment(PaymentPortal):
    @http.route(
        f"{PAY}/<string:number>",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def dso_payment_form(self, number, **_kwargs):
        """Odoo's payment form for what was chosen."""
        account, reader, payment = self._dso_chosen(number)
        if "problem" in payment:
            return request.render(
                "dso_collection.pay_nothing",
                {"problem": payment["problem"], "back": f"{PAY}/{number}/back"},
            )
        providers = account._page_providers(payment["group"], reader, payment["amount"])
        tokens = request.env["payment.token"].sudo()  # of the user himself, see below
        may_store = dict.fromkeys(providers.ids, False)
        if self._dso_is_himself(reader):
            tokens = tokens._get_available_tokens(providers.ids, reader.id)
            may_store = self._compute_show_tokenize_input_mapping(providers)
        company = request.env["res.company"].sudo()  # its name and logo
        company = company.browse(payment["company_id"])
        return request.render(
            "dso_collection.pay_form",
            {
                "items": payment["items"],
                "back": f"{PAY}/{number}/back",
                "res_company": company,
                "company_mismatch": not self._can_partner_pay_in_company(
                    reader, company
                ),
                "expected_company": company,
                "show_tokenize_input_mapping": may_store,
                "reference_prefix": False,
                "amount": payment["amount"],
                "currency": request.env["res.currency"].browse(payment["currency_id"]),
                "partner_id": payment["partner_id"],
                "providers_sudo": providers,
                "payment_methods_sudo": account._page_payment_methods(
                    providers, reader, payment["currency_id"]
                ),
                "tokens_sudo": tokens,
                "availability_report": {},
                "transaction_route": f"{PAY}/{number}/transaction",
                "landing_route": f"{PAY}/{number}/back",
                "access_token": False,
            },
            headers={"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"},
        )

    @http.route(f"{PAY}/<string:number>/transaction", type="jsonrpc", auth="public")
    def dso_transaction(self, number, provider_id, amount, access_token=None, **kwargs):
        """Create the transaction of what was chosen.

        :return: what Odoo's payment form goes on with
        :raise ValidationError: when something else is open than what was shown, or
            the provider is not one of those that were offered
        """
        account, reader, payment = self._dso_chosen(number)
        if "problem" in payment:
            raise ValidationError(payment["problem"])
        currency = request.env["res.currency"].browse(payment["currency_id"])
        if not isinstance(amount, (int, float)) or currency.compare_amounts(
            payment["amount"], amount
        ):
            raise ValidationError(
                request.env._(
                    "What is open has changed meanwhile: go back to your invoices and"
                    " choose again."
                )
            )
        providers = account._page_providers(payment["group"], reader, payment["amount"])
        if provider_id not in providers.ids:
            raise ValidationError(
                request.env._("This cannot be paid online at the moment.")
            )
        self._validate_transaction_kwargs(kwargs)
        if not self._dso_is_himself(reader):
            kwargs.update(tokenization_requested=False, token_id=None)
            if kwargs.get("flow") == "token":
                raise ValidationError(
                    request.env._("This cannot be paid online at the moment.")
                )
        company = request.env["res.company"].sudo()  # the next number of its payments
        items = payment["items"]
        reference = (
            items[0]["number"]
            if len(items) == 1
            else company.browse(
                payment["company_id"]
            ).get_next_batch_payment_communication()
        )
        kwargs.update(landing_route=f"{PAY}/{number}/back", is_validation=False)
        transaction = self._create_transaction(
            provider_id=provider_id,
            amount=payment["amount"],
            currency_id=payment["currency_id"],
            partner_id=payment["partner_id"],
            reference_prefix=reference,
            custom_create_values={"invoice_ids": [Command.set(payment["move_ids"])]},
            **kwargs,
        )
        return transaction._get_processing_values()

    @http.route(
        f"{PAY}/<string:number>/back",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def dso_payment_back(self, number, **_kwargs):
        """Back to the page, after the payment or without one."""
        choice = self._dso_choice(number)
        if not choice["token"]:
            return request.redirect(f"/my/collection/{choice['account']}")
        secret = request.cookies.get(BACK) or ""
        token = request.env["dso.access.token"]._find(secret, "customer")
        if token and token.id == choice["token"]:
            return request.redirect(f"/dso/c/{secret}")
        return request.render("dso_collection.pay_done", {})

    def _dso_is_himself(self, reader):
        """Whether the visitor is the person who pays: nobody else, logged in or not,
        stores means of payment with him, sees his, or pays with them. Who holds a
        copied link, as a colleague or a portal user of another customer, pays with his
        own.

        :param reader: res.partner who pays
        """
        user = request.env.user
        return not user._is_public() and user.partner_id == reader

    def _dso_choice(self, number):
        """What this visitor chose.

        :raise NotFound: for what he has not chosen in this session
        """
        choice = (request.session.get(CHOICES) or {}).get(number)
        if not choice:
            raise request.not_found()
        return choice

    def _dso_chosen(self, number):
        """What was chosen, as the ledger stands now, if its page still opens.

        :return: (dso.account in sudo, res.partner who pays, dict of
            :meth:`dso.account._page_payment`)
        :raise NotFound: for what was not chosen in this session, and when its page
            does not open any more
        """
        choice = self._dso_choice(number)
        if choice["token"]:
            # noted by who showed its secret, in the session of this visitor
            token = request.env["dso.access.token"].sudo().browse(choice["token"])
            if not (token.exists() and token._opens()):
                raise request.not_found()
            account, reader = token.account_id, token.recipient_id
            lang = get_lang(request.env, reader.lang).code
        else:
            user = request.env.user
            if user.id != choice["user"]:
                raise request.not_found()
            accounts = request.env["dso.account"]
            account = accounts._page_account(user, choice["account"])
            if not account:
                raise request.not_found()
            reader, lang = user.partner_id, get_lang(request.env).code
        request.update_context(lang=lang)
        account = account.with_context(lang=lang)
        return (
            account,
            reader,
            account._page_payment(choice["asked"], choice["keys"], reader),
        )
