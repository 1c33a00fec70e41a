"""What the customer's page shows: texts and numbers of one account, no records.

The page behind a link and the page of the portal show the same values. Everything is
read with the rights of the superuser, so callers check first who asks: the link by
:meth:`dso.access.token._find`, the portal user by :meth:`_page_accounts`.
"""

import functools
import logging
from ast import literal_eval
from urllib.parse import urlencode

from babel.dates import parse_pattern

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import float_round, format_amount, format_date, get_lang
from odoo.tools.image import image_data_uri
from odoo.tools.misc import babel_locale_parse, posix_to_ldml

from odoo.addons.base.models.res_lang import intersperse

from ..report.qr_code import qr_code
from .dso_account_pay import PAYABLE_TYPES
from .dso_account_statement import CUSTOMER_GROUPS
from .dso_action_documents import XLSX
from .dso_document import file_name

_logger = logging.getLogger(__name__)

#: Ways to narrow the list, and the headings or conditions that each of them lets in.
FILTERS = ("all", "overdue", "due", "agreed", "review", "credits")
#: Items that one page lists at most; the search finds the others.
MAX_ITEMS = 2000
#: What Odoo writes in amounts so that no line breaks in them.
NO_BREAK, NO_WIDTH = "\N{NO-BREAK SPACE}", "\N{ZERO WIDTH NO-BREAK SPACE}"
#: Characters of a search that are looked at.
MAX_SEARCH = 100


def amount_writer(env, currency):
    """A function that writes amounts of a currency as Odoo's ``format_amount`` does.

    What that one asks of the language and the currency for each amount is asked once:
    for a thousand items it is the greater part of the work.

    :param env: in the language of the reader
    :param currency: res.currency
    :return: function from a number to text
    """
    lang = env["res.lang"]._get_data(id=get_lang(env).id)
    counts, separator = literal_eval(lang.grouping), lang.thousands_sep or ""
    point, places = lang.decimal_point, currency.decimal_places
    rounding, symbol = currency.rounding, currency.symbol or ""
    before, after = (
        (f"{symbol}{NO_BREAK}", "")
        if currency.position == "before"
        else ("", f"{NO_BREAK}{symbol}")
    )

    def write(amount):
        rounded = float_round(amount, precision_rounding=rounding)
        whole, _point, part = f"{rounded:.{places}f}".partition(".")
        text = intersperse(whole, counts, separator)[0]
        text = f"{text}{point}{part}" if part else text
        # a blank breaks no line, nor does what follows a minus
        text = text.replace(" ", NO_BREAK).replace("-", f"-{NO_WIDTH}")
        return f"{before}{text}{after}"

    return write


def date_writer(env):
    """What writes dates as ``format_date`` does, from a pattern read once.

    :param env: in the language of the reader
    :return: function from a date to text; each day is written once
    """
    lang = get_lang(env)
    locale = babel_locale_parse(lang.code)
    pattern = parse_pattern(posix_to_ldml(lang.date_format, locale=locale))
    return functools.cache(lambda date: pattern.apply(date, locale) if date else "")


class DsoAccount(models.Model):
    _inherit = "dso.account"

    # -------------------------------------------------------------------------
    # WHO SEES WHICH ACCOUNT
    # -------------------------------------------------------------------------

    @api.model
    def _page_accounts(self, user):
        """The accounts whose page a portal user opens: those of his own commercial
        partner whose page is switched on and who no lawyer stands before.

        :param user: res.users who is logged in
        :return: dso.account in sudo, one per company of his customer
        """
        accounts = self.sudo().search(  # of the user's own commercial partner
            Domain("partner_id", "=", user.partner_id.commercial_partner_id.id)
            & Domain("interactive", "=", True),
            order="company_id, id",
        )
        return accounts.filtered(
            lambda account: not (
                account.hold_in_force and account.hold_reason == "lawyer"
            )
        )

    @api.model
    def _page_account(self, user, account_id):
        """The one of :meth:`_page_accounts` with a number, which may be empty.

        :param account_id: of whatever a stranger typed
        """
        accounts = self._page_accounts(user)
        return accounts.filtered(lambda account: account.id == account_id)

    # -------------------------------------------------------------------------
    # VALUES
    # -------------------------------------------------------------------------

    def _page_values(self, reader, asked=None):
        """Everything that the page shows, in the language of the context.

        :param reader: res.partner who reads it
        :param asked: dict of a GET request; ``q`` (text) and ``show`` (key of
            :data:`FILTERS`) narrow the list, anything else is ignored
        :return: dict with ``items`` (see :meth:`_page_items`; those asked for),
            ``count`` (of all), ``left_out`` (asked for, but beyond
            :data:`MAX_ITEMS`), ``several`` (whether items of grouped accounts are
            among them), ``totals`` (of :meth:`_page_totals`), ``filters`` (key,
            label, count, chosen, query), ``search``, ``show``, ``date``, ``customer``,
            ``reader``, ``company``, ``bank``, ``collector``, ``offers`` (of
            :meth:`_page_pay_offers`)
        """
        self.ensure_one()
        rows = self._page_rows()
        items = self._page_items(rows)
        search = str((asked or {}).get("q") or "").strip()[:MAX_SEARCH]
        show = (asked or {}).get("show")
        show = show if show in FILTERS else "all"
        counts = {key: 0 for key in FILTERS}
        for item in items:
            for key in item["in"]:
                counts[key] += 1
        words = search.casefold().split()
        chosen = [
            item
            for item in items
            if show in item["in"]
            and (not words or all(word in self._page_text(item) for word in words))
        ]
        claimed = [row for row in rows if row["group"] == "claimed"]
        company = self._statement_company(rows)
        return {
            "items": chosen[:MAX_ITEMS],
            "count": len(items),
            "left_out": max(len(chosen) - MAX_ITEMS, 0),
            "several": len({row["account_id"] for row in rows}) > 1,
            "totals": self._page_totals(rows),
            "filters": [
                {
                    "key": key,
                    "label": label,
                    "count": counts[key],
                    "chosen": key == show,
                    "query": self._page_query(key, search),
                }
                for key, label in self._page_filters().items()
                if counts[key] or key in ("all", show)
            ],
            "search": search,
            "show": show,
            "date": format_date(self.env, self.company_id._dso_today()),
            "customer": self.partner_id.name or "",
            "reader": reader.name or "",
            "company": self._page_company(company),
            "bank": self._page_bank(claimed, company),
            "collector": self._page_collector(company),
            "offers": self._page_pay_offers(items, reader),
        }

    def _page_rows(self):
        """Statement rows that a customer may see (rules.md §12)."""
        return [row for row in self._statement() if row["group"] in CUSTOMER_GROUPS]

    def _page_items(self, rows):
        """One entry per item, its open instalments inside, by due date.

        :param rows: of :meth:`_page_rows`
        :return: list of dicts of texts, numbers and booleans: key (names the item in
            links and forms of this account), account, number, kind, kind_words, ref,
            date, due, days_late, late_words, group (heading of the statement), status
            (in customer wording), state (overdue, due, agreed, paying, review,
            credit), currency, open, open_amount, claimed, claimed_amount, disputed,
            disputed_amount, overdue_amount and pay_amount (what can be paid online of
            it now, and all together), company_id, currency_id, agreed (date),
            instalments (list of number, due, open, late), has_pdf, may_answer, in
            (filters that let it in)
        """
        env = self.env
        currencies = {
            number: env["res.currency"].browse(number)
            for number in {row["currency_id"] for row in rows}
        }
        kinds = dict(
            env["account.move.line"]._fields["dso_kind"]._description_selection(env)
        )
        remarks = self._customer_remarks(rows)
        states = self._page_state_words()
        names = {
            account.id: account.partner_id.name or ""
            for account in self | self.member_ids
        }
        by_item = {}
        for row in rows:
            by_item.setdefault((row["move_id"], row["account_id"]), []).append(row)

        day = date_writer(env)
        written = {
            number: amount_writer(env, currency)
            for number, currency in currencies.items()
        }

        def money(amount, currency):
            return written[currency.id](amount)

        @functools.cache
        def late_words(days):
            return env._("1 day late") if days == 1 else env._("%s days late", days)

        items, keys = [], set()
        for (move_id, account_id), own in by_item.items():
            first, currency = own[0], currencies[own[0]["currency_id"]]
            # an entry of several grouped accounts stands once under each
            key = str(move_id)
            if key in keys:
                key = f"{move_id}-{account_id}"
            keys.add(key)
            lead = min(own, key=lambda row: CUSTOMER_GROUPS.index(row["group"]))
            amount = sum(row["amount"] for row in own)
            parts = [
                (row["amount"] - row["disputed_amount"], row["days_late"])
                for row in own
                if row["group"] == "claimed"
            ]
            claimed = sum(part for part, _late in parts)
            overdue = sum(part for part, late in parts if late)
            disputed = sum(
                row["disputed_amount"]
                for row in own
                if row["group"] in ("claimed", "disputed")
            )
            if len(own) > 1 or disputed:
                amount, claimed, overdue, disputed = map(
                    currency.round, (amount, claimed, overdue, disputed)
                )
            late = max((late for _part, late in parts), default=0)
            state = self._page_state(lead["group"], late)
            payable = (
                state not in ("credit", "paying")
                and first["move_type"] in PAYABLE_TYPES
            )
            number, ref = first["name"] or "", first["ref"] or ""
            amount_words = money(amount, currency)
            items.append(
                {
                    "key": key,
                    "move_id": move_id,
                    "account_id": account_id,
                    "account": names[account_id],
                    "number": number,
                    "kind": first["kind"],
                    "kind_words": kinds[first["kind"]],
                    "ref": ref,
                    "date": day(first["invoice_date"]),
                    "due": "" if state == "credit" else day(first["due"]),
                    "days_late": late,
                    "late_words": late and late_words(late),
                    "group": lead["group"],
                    "state": state,
                    "status": remarks.get(lead["line_id"]) or states[state],
                    "currency": currency.name,
                    "currency_id": currency.id,
                    "company_id": first["company_id"],
                    "open_amount": amount,
                    "open": amount_words,
                    "claimed_amount": claimed,
                    "claimed": money(claimed, currency) if disputed else amount_words,
                    "disputed_amount": disputed,
                    "disputed": disputed and money(disputed, currency),
                    "overdue_amount": overdue if payable else 0.0,
                    "pay_amount": (claimed or amount) if payable else 0.0,
                    "agreed": first["status_type"] == "promise_to_pay"
                    and first["promise_date"]
                    and day(first["promise_date"]),
                    "instalments": [
                        {
                            "number": env._(
                                "%(position)s of %(count)s",
                                position=row["position"],
                                count=row["instalments"],
                            ),
                            "due": day(row["due"]),
                            "open": money(row["amount"], currency),
                            "late": row["group"] == "claimed" and row["days_late"] > 0,
                        }
                        for row in own
                    ]
                    if first["instalments"] > 1
                    else [],
                    "has_pdf": first["move_type"]
                    in ("out_invoice", "out_refund", "out_receipt"),
                    "may_answer": state != "credit",
                    "in": self._page_filters_of(state, bool(disputed)),
                }
            )
        return items

    @api.model
    def _page_text(self, item):
        """What a search looks through."""
        words = f"{item['number']} {item['ref']} {item['open']} "
        return f"{words}{item['open_amount']:.2f}".replace("\xa0", " ").casefold()

    @api.model
    def _page_state(self, group, days_late):
        return {
            "arranged": "agreed",
            "paying": "paying",
            "disputed": "review",
            "credits": "credit",
        }.get(group, "overdue" if days_late else "due")

    @api.model
    def _page_state_words(self):
        """What a customer reads of an item that has no status of its own."""
        return {
            "overdue": self.env._("Overdue"),
            "due": self.env._("Not due yet"),
            "agreed": self.env._("Arranged with you"),
            "paying": self.env._("Payment under way"),
            "review": self.env._("Under review"),
            "credit": self.env._("Deducted from your balance"),
        }

    @api.model
    def _page_filters(self):
        return {
            "all": self.env._("All"),
            "overdue": self.env._("Overdue"),
            "due": self.env._("Not due yet"),
            "agreed": self.env._("Arranged or being paid"),
            "review": self.env._("Under review"),
            "credits": self.env._("Credits"),
        }

    @api.model
    def _page_filters_of(self, state, disputed):
        """Filters that let an item in; one that is partly disputed is in two."""
        own = {"paying": "agreed", "credit": "credits"}.get(state, state)
        return {"all", own, "review"} if disputed else {"all", own}

    @api.model
    def _page_query(self, show, search):
        """What narrows the list, as the end of an address."""
        chosen = {"show": show if show != "all" else "", "q": search}
        query = urlencode({name: text for name, text in chosen.items() if text})
        return f"?{query}" if query else ""

    def _page_totals(self, rows):
        """Sums per currency as the printed statement tells them."""
        listed = [
            {
                "group": group,
                "days_late": row["days_late"],
                "amount": amount,
                "currency": self.env["res.currency"].browse(row["currency_id"]),
            }
            for row, group, amount, _company in self._listed(rows)
        ]
        labels = self._total_labels(self.env)
        return [
            {
                "currency": total["currency"].name,
                "overdue": total["words"]["overdue"] if total["overdue"] else "",
                "balance": total["words"]["balance"],
                "lines": [
                    {"key": name, "label": label, "amount": total["words"][name]}
                    for name, label in labels.items()
                    if total[name] or name == "balance"
                ],
            }
            for total in self._customer_totals(listed)
        ]

    # -------------------------------------------------------------------------
    # WHO ASKS FOR THE MONEY
    # -------------------------------------------------------------------------

    def _page_company(self, company):
        """The company as a letterhead tells it."""
        partner = company.partner_id
        address = partner._display_address(without_company=True)
        return {
            "name": company.name,
            # nobody writes to customers under "Your logo"
            "logo": not company.uses_default_logo and f"/logo.png?company={company.id}",
            "address": [line for line in address.splitlines() if line.strip()],
            "vat": company.vat or "",
            "vat_label": company.vat and (company.vat_label or self.env._("VAT")),
            "phone": company.phone or "",
            "email": company.email or "",
            "website": company.website or "",
        }

    def _page_bank(self, rows, company):
        """The bank account that all claimed invoices name, with a code to scan.

        :param rows: of the claimed items
        :return: dict with number, holder, name, bic, qr (data of an image) and
            qr_amount; False where invoices differ or do not say
        """
        bank = self._statement_bank(rows).sudo()  # the account that invoices print
        if not bank:
            return False
        return {
            "number": bank.acc_number or "",
            "holder": bank.acc_holder_name or company.name,
            "name": bank.bank_id.name or "",
            "bic": bank.bank_id.bic or "",
            **self._page_bank_qr(bank, rows),
        }

    def _page_bank_qr(self, bank, rows):
        """A payment code for all that is overdue, where Odoo makes one for its
        currency and bank."""
        nothing = {"qr": False, "qr_amount": ""}
        overdue = [row for row in rows if row["days_late"]]
        currencies = {row["currency_id"] for row in overdue}
        if len(currencies) != 1:
            return nothing
        currency = self.env["res.currency"].browse(currencies)
        amount = currency.round(
            sum(row["amount"] - row["disputed_amount"] for row in overdue)
        )
        numbers = list(dict.fromkeys(row["name"] for row in overdue))
        reference = numbers[0] if len(numbers) == 1 else self.partner_id.ref or ""
        asked = amount > 0 and bank._build_qr_code_vals(
            amount, reference, "", currency, self.partner_id
        )
        code = asked and self._page_bank_code(bank, asked)
        if not code:
            return nothing
        return {"qr": code, "qr_amount": format_amount(self.env, amount, currency)}

    @api.model
    def _page_bank_code(self, bank, asked):
        """The payment code that Odoo makes for a bank account, as data of an image.

        A plain QR code is drawn; what wears a sign in its middle, as in Switzerland, is
        a picture of Odoo's.

        :param asked: dict of res.partner.bank._build_qr_code_vals()
        """
        values = bank._get_qr_code_generation_params(**asked) or {}
        if values.get("barcode_type") == "QR" and not values.get("mask"):
            return qr_code(values["value"])
        try:
            return bank._get_qr_code_base64(**asked)
        except Exception:
            # libraries of pictures raise what they like: the page is whole without
            _logger.warning("No payment code of bank %s", bank.id, exc_info=True)
            return False

    def _page_collector(self, company):
        """Name, photo and numbers of who answers: the acting collector, else the
        company."""
        user = self.acting_collector_id.sudo()  # as his letters name him
        photo = user.partner_id.image_128
        return {
            "name": user.name or company.name,
            "photo": photo and image_data_uri(photo),
            "phone": user.phone or company.phone or "",
            "email": user.email_normalized or company.email or "",
        }

    # -------------------------------------------------------------------------
    # WHAT A REQUEST NAMES
    # -------------------------------------------------------------------------

    def _page_item(self, key):
        """The item that a request names, if it is one that the page shows.

        :param key: text of whatever a stranger typed
        :return: entry of :meth:`_page_items`, or None
        """
        return self._page_items_by_key().get(key)

    def _page_items_by_key(self):
        """Every item of the page by the key that forms and links name it by."""
        self.ensure_one()
        return {item["key"]: item for item in self._page_items(self._page_rows())}

    # -------------------------------------------------------------------------
    # FILES
    # -------------------------------------------------------------------------

    def _page_invoice_pdf(self, key):
        """The PDF of an item of the page: Odoo's own file as it is, else our copy of
        today's state, which is made now if need be.

        :param key: text of whatever a stranger typed
        :return: (file name, bytes); None for what the page does not show, or of which
            there is no PDF
        """
        item = self._page_item(key)
        if not (item and item["has_pdf"]):
            return None
        move = self.env["account.move"].browse(item["move_id"])
        actions = self.env["dso.action"]
        copies = actions._copies_of(move)
        if move.id not in copies:
            actions._make_copy(move)
            copies = actions._copies_of(move)
        return f"{file_name(item['number'])}.pdf", copies[move.id].raw

    def _page_statement(self, form):
        """The statement as its reader saves it, in the language of the context.

        :param form: "pdf" or "xlsx"
        :return: (bytes, file name, mimetype)
        """
        self.ensure_one()
        account = self.with_context(dso_reader_lang=self.env.context.get("lang"))
        name = f"{account._statement_file_name()}.{form}"
        if form == "xlsx":
            return account._statement_xlsx(), name, XLSX
        reports = account.env["ir.actions.report"]
        content, suffix = reports._render_qweb_pdf(
            "dso_collection.report_statement", account.ids
        )
        mimetype = "application/pdf" if suffix == "pdf" else "text/html"
        return content, name, mimetype
