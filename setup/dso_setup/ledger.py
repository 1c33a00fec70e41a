"""Load a ledger into Odoo: a company that stands as the ledger stood on a day."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date

from odoo.fields import Command

from .console import Problem, step
from .ledger_copies import Copies
from .ledger_file import read as read

#: What no ledger needs: mail followers, log notes, field tracking.
QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
    "no_reset_password": True,
}
#: Invoices and payments come with all their lines, Odoo need not find them.
WHOLE = {
    "skip_invoice_sync": True,
    "skip_invoice_line_sync": True,
    "skip_account_move_synchronization": True,
}
CHUNK = 50  # some of Odoo's steps take the square of it


def load(env, book, day):
    """Make a company that stands as the ledger stood at the end of `day`.

    Invoices issued later are not there; those settled by then are paid, each customer's
    of one day with one payment; open ones that are disputed have a dispute status.
    Nothing is committed.

    :return: the company
    """
    book_invoices = book.issued_by(day)
    if not book_invoices:
        first = min(invoice.issued for invoice in book.invoices)
        raise Problem(
            f"{book.name} has no invoice up to {day}",
            f"its first one is of {first}: name a later --today",
        )
    env = env(context={**env.context, **QUIET})
    step(f"Ledger: {len(book_invoices)} invoices up to {day}: company and customers")
    company = _make_company(env, book)
    env = company.with_company(company).env
    customers = _make_customers(env, book_invoices, company)
    moves = _write(env, _bundles(env, book_invoices, customers, day))
    disputed = [moves[i] for i in book_invoices if i.disputed and i.open_on(day)]
    if disputed:
        step(f"Ledger: qualifying {len(disputed)} disputed invoices")
        status = env["dso.status"].search([("type", "=", "dispute")], limit=1)
        comment = f"Disputed according to {book.name}"
        env["account.move"].browse(disputed).dso_qualify(
            status, comment, status_date=day
        )
    env["dso.account"]._ensure()
    return company


@dataclass
class _Bundle:
    """An open invoice, or those that a customer settles on a day with one payment."""

    customer: object
    currency: object
    credit: bool
    settled: date | None
    invoices: list = field(default_factory=list)
    number: str = None  # of the payment

    @property
    def kind(self):
        return (self.currency, self.credit, bool(self.settled))

    @property
    def amount(self):
        return sum(abs(invoice.amount) for invoice in self.invoices)

    @property
    def memo(self):
        return ", ".join(invoice.number for invoice in self.invoices)[:200]


def company_of(env, book):
    return env["res.company"].search([("name", "=", _company_name(book))], limit=1)


def accounts_of(company):
    return company.env["dso.account"].search([("company_id", "=", company.id)])


def _company_name(book):
    return f"Ledger {book.name.rsplit('.', 1)[0]}"


def _make_company(env, book):
    """A company with a chart of accounts, in the currency of most of the rows."""
    codes = Counter(invoice.currency for invoice in book.invoices if invoice.currency)
    currencies = _currencies(env, codes)
    code = codes.most_common(1)[0][0] if codes else None
    # with its country, a company would get that country's localization installed
    company = (
        env["res.company"]
        .with_context(chart_template_load=True)
        .create(
            {
                "name": _company_name(book),
                "country_id": env.company.country_id.id or env.ref("base.us").id,
                "currency_id": (currencies.get(code) or env.company.currency_id).id,
            }
        )
        .with_env(env)
    )
    env["account.chart.template"].try_loading(
        "generic_coa", company, install_demo=False
    )
    if currencies.get(code):
        company.currency_id = currencies[code]  # the chart has one of its own
    # who logs in finds this company open
    admin = env.ref("base.user_admin")
    admin.write({"company_ids": [(4, company.id)], "company_id": company.id})
    return company


def _currencies(env, codes):
    """{code: active currency}; a code that Odoo does not know is refused."""
    currencies = env["res.currency"].with_context(active_test=False)
    found = {c.name: c for c in currencies.search([("name", "in", list(codes))])}
    unknown = sorted(set(codes) - set(found))
    if unknown:
        raise Problem(
            f"unknown currency: {', '.join(unknown)}", "use ISO codes such as EUR"
        )
    for currency in found.values():
        currency.active = True
    if len(found) > 1:
        step("Ledger: notice: no exchange rates are loaded, currencies count 1 to 1")
    return found


def _make_customers(env, invoices, company):
    """{name: partner}, with the first e-mail address that the ledger has."""
    emails = {}
    for invoice in invoices:
        emails[invoice.customer] = emails.get(invoice.customer) or invoice.email
    partners = env["res.partner"].create(
        [
            {
                "name": name,
                "email": email,
                "is_company": True,
                "company_id": company.id,
                "country_id": company.country_id.id,
            }
            for name, email in emails.items()
        ]
    )
    return dict(zip(emails, partners, strict=True))


def _bundles(env, invoices, customers, day):
    """The invoices in bundles, their payments numbered by date."""
    accounts = _Accounts(env)
    bundles = {}
    for invoice in invoices:
        settled = None if invoice.open_on(day) else invoice.settled
        values = {
            "customer": customers[invoice.customer],
            "currency": accounts.currencies.get(invoice.currency, accounts.currency),
            "credit": invoice.amount < 0,
            "settled": settled,
        }
        key = tuple(values.values()) if settled else invoice
        bundles.setdefault(key, _Bundle(**values)).invoices.append(invoice)
    _number_payments([bundle for bundle in bundles.values() if bundle.settled], env)
    return list(bundles.values())


def _number_payments(paid, env):
    """Give each payment the number that Odoo gives, in the order of their dates."""
    bank = _Accounts(env).bank
    numbers = defaultdict(int)
    prefixes = {}
    for bundle in sorted(paid, key=lambda bundle: (bundle.settled, bundle.memo)):
        year = bundle.settled.year
        if year not in prefixes:
            entry = env["account.move"].new(
                {"journal_id": bank.id, "date": bundle.settled}
            )
            start = entry.with_context(is_payment=True)._get_starting_sequence()
            prefixes[year] = start.rstrip("0"), len(start) - len(start.rstrip("0"))
        numbers[year] += 1
        prefix, digits = prefixes[year]
        bundle.number = f"{prefix}{numbers[year]:0{digits}}"


def _write(env, bundles):
    """Write the documents; {invoice: id of its entry}.

    Odoo itself posts the first bundle of each kind, and all that are not like others.
    """
    first = {}
    posted, copied = [], []
    for bundle in bundles:
        if not _copyable(bundle, env.company):
            posted.append(bundle)
        elif bundle.kind in first:
            copied.append(bundle)
        else:
            first[bundle.kind] = bundle
            posted.append(bundle)
    moves = _post_invoices(env, posted)
    payments = _pay(env, [bundle for bundle in posted if bundle.settled], moves)
    others = sum(len(bundle.invoices) for bundle in copied)
    step(f"Ledger: copying what Odoo wrote, for {others} invoices like these")
    copies = Copies(
        env,
        {
            kind: (moves[bundle.invoices[0]], payments.get(bundle.number))
            for kind, bundle in first.items()
        },
    )
    ids = {invoice: move.id for invoice, move in moves.items()}
    for bundle in copied:
        ids |= zip(bundle.invoices, copies.add(bundle), strict=True)
    copies.save()
    return ids


def _copyable(bundle, company):
    """Whether all amounts are the same number in the books as on the documents."""
    return all(
        bundle.currency._convert(
            float(invoice.amount), company.currency_id, company, invoice.issued
        )
        == bundle.currency.round(float(invoice.amount))
        == float(invoice.amount)
        for invoice in bundle.invoices
    )


def _post_invoices(env, bundles):
    """{invoice: posted account.move}"""
    # a ledger's numbers are what they are; Odoo would refuse 2012/17 of the year 2013
    env["ir.config_parameter"].set_param(
        "sequence.mixin.constraint_start_date", date.max
    )
    accounts = _Accounts(env)
    rows = [(bundle, invoice) for bundle in bundles for invoice in bundle.invoices]
    moves = {}
    for chunk in _chunks(rows, "posting invoices"):
        created = (
            env["account.move"]
            .with_context(**WHOLE)
            .create([_move_values(i, accounts, bundle) for bundle, i in chunk])
        )
        created.action_post()
        invoices = [invoice for _bundle, invoice in chunk]
        moves.update(zip(invoices, created.with_env(env), strict=True))
        env.flush_all()
    return moves


def _chunks(rows, what):
    """Parts of a list, told one by one."""
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        if not start % (10 * CHUNK):
            step(f"Ledger: {what}, {start} of {len(rows)} done")
        yield chunk


class _Accounts:
    """What entries of the ledger's company are written with."""

    def __init__(self, env):
        self.currency = env.company.currency_id
        self.currencies = {c.name: c for c in env["res.currency"].search([])}
        journals = env["account.journal"]
        own = [("company_id", "=", env.company.id)]
        self.sales = journals.search([("type", "=", "sale"), *own], limit=1)
        self.bank = journals.search([("type", "=", "bank"), *own], limit=1)


def _move_values(invoice, accounts, bundle):
    amount = float(invoice.amount)
    customer = bundle.customer
    balance = bundle.currency._convert(
        amount, accounts.currency, accounts.sales.company_id, invoice.issued
    )
    return {
        "move_type": "out_invoice" if amount > 0 else "out_refund",
        "journal_id": accounts.sales.id,
        "name": invoice.number,
        "payment_reference": invoice.number,
        "partner_id": customer.id,
        "invoice_date": invoice.issued,
        "invoice_date_due": invoice.due,
        "invoice_payment_term_id": False,
        "currency_id": bundle.currency.id,
        "line_ids": [
            Command.create(
                {
                    "display_type": "product",
                    "name": invoice.number,
                    "account_id": accounts.sales.default_account_id.id,
                    "quantity": 1,
                    "price_unit": abs(amount),
                    "tax_ids": False,
                    "amount_currency": -amount,
                    "balance": -balance,
                }
            ),
            Command.create(
                {
                    "display_type": "payment_term",
                    "name": invoice.number,
                    "account_id": customer.property_account_receivable_id.id,
                    "date_maturity": invoice.due,
                    "amount_currency": amount,
                    "balance": balance,
                }
            ),
        ],
    }


def _pay(env, bundles, moves):
    """Pay bundles of invoices: {number: account.payment}."""
    bank = _Accounts(env).bank
    paid = {}
    for chunk in _chunks(bundles, "registering payments"):
        payments = env["account.payment"].create(
            [
                {
                    "payment_type": "outbound" if bundle.credit else "inbound",
                    "partner_type": "customer",
                    "partner_id": bundle.customer.id,
                    "journal_id": bank.id,
                    "date": bundle.settled,
                    "currency_id": bundle.currency.id,
                    "amount": float(bundle.amount),
                    "memo": bundle.memo,
                }
                for bundle in chunk
            ]
        )
        entries = _post_payments(payments, [bundle.number for bundle in chunk])
        plan = []
        for entry, bundle in zip(entries, chunk, strict=True):
            lines = entry.line_ids.union(*(moves[i].line_ids for i in bundle.invoices))
            plan.append(
                lines.filtered(lambda line: line.account_type == "asset_receivable")
            )
        env["account.move.line"]._reconcile_plan(plan)
        env.flush_all()
        paid |= {payment.name: payment for payment in payments}
    return paid


def _post_payments(payments, numbers):
    """What ``payments.action_post()`` does, but for all at once; the entries made."""
    env = payments.env
    entries = (
        env["account.move"]
        .with_context(**WHOLE)
        .create(
            [
                {**payment._generate_move_vals(), "name": number}
                for payment, number in zip(payments, numbers, strict=True)
            ]
        )
    )
    env.flush_all()
    env.cr.execute(
        """
        UPDATE account_payment p SET move_id = m.id, state = 'in_process'
          FROM account_move m
         WHERE m.id = ANY(%s) AND p.id = m.origin_payment_id
        """,
        [entries.ids],
    )
    payments.invalidate_recordset(["move_id", "state"], flush=False)
    entries.action_post()
    payments.modified(["move_id", "state"])
    return entries.with_env(env)
