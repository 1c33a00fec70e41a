"""Load a ledger into Odoo: a company that stands as the ledger stood on a day."""

from collections import Counter, defaultdict
from datetime import date

from odoo.fields import Command

from .console import Problem, step
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
    moves = _post_invoices(env, book_invoices, customers)
    step("Ledger: registering the payments")
    _pay(env, [(i, moves[i]) for i in book_invoices if not i.open_on(day)])
    disputed = [moves[i].id for i in book_invoices if i.disputed and i.open_on(day)]
    if disputed:
        step(f"Ledger: qualifying {len(disputed)} disputed invoices")
        status = env["dso.status"].search([("type", "=", "dispute")], limit=1)
        comment = f"Disputed according to {book.name}"
        env["account.move"].browse(disputed).dso_qualify(
            status, comment, status_date=day
        )
    env["dso.account"]._ensure()
    return company


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


def _post_invoices(env, invoices, customers):
    """{invoice: posted account.move}"""
    # a ledger's numbers are what they are; Odoo would refuse 2012/17 of the year 2013
    env["ir.config_parameter"].set_param(
        "sequence.mixin.constraint_start_date", date.max
    )
    accounts = _Accounts(env)
    moves = {}
    for chunk in _chunks(invoices, "posting invoices"):
        created = (
            env["account.move"]
            .with_context(**WHOLE)
            .create([_move_values(i, accounts, customers[i.customer]) for i in chunk])
        )
        created.action_post()
        moves.update(zip(chunk, created.with_env(env), strict=True))
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


def _move_values(invoice, accounts, customer):
    amount = float(invoice.amount)
    currency = accounts.currencies.get(invoice.currency, accounts.currency)
    balance = currency._convert(
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
        "currency_id": currency.id,
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


def _pay(env, paid):
    """Pay (invoice, move) pairs; what a customer settles on a day is one payment."""
    groups = defaultdict(list)
    for invoice, move in paid:
        key = (invoice.settled, move.partner_id, move.currency_id, move.move_type)
        groups[key].append((invoice, move))
    bank = _Accounts(env).bank
    for chunk in _chunks(list(groups.items()), "registering payments"):
        payments = env["account.payment"].create(
            [
                {
                    "payment_type": "inbound" if kind == "out_invoice" else "outbound",
                    "partner_type": "customer",
                    "partner_id": partner.id,
                    "journal_id": bank.id,
                    "date": settled,
                    "currency_id": currency.id,
                    "amount": float(sum(abs(invoice.amount) for invoice, _m in pairs)),
                    "memo": ", ".join(invoice.number for invoice, _m in pairs)[:200],
                }
                for (settled, partner, currency, kind), pairs in chunk
            ]
        )
        entries = _post_payments(payments)
        plan = []
        for entry, (_key, pairs) in zip(entries, chunk, strict=True):
            moves = env["account.move"].union(*(move for _i, move in pairs))
            lines = (entry | moves).line_ids
            plan.append(
                lines.filtered(lambda line: line.account_type == "asset_receivable")
            )
        env["account.move.line"]._reconcile_plan(plan)
        env.flush_all()


def _post_payments(payments):
    """What ``payments.action_post()`` does, but for all at once; the entries made."""
    env = payments.env
    entries = (
        env["account.move"]
        .with_context(**WHOLE)
        .create([payment._generate_move_vals() for payment in payments])
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
