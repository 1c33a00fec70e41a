"""The statement as the customer sees it: PDF, XLSX, attachment of an e-mail."""

from datetime import datetime, time
from io import BytesIO

import xlsxwriter

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_amount, format_date
from odoo.tools.misc import get_lang

from .dso_account_statement import CUSTOMER_GROUPS
from .dso_document import file_name

#: All that a customer learns of an item. What is not named here never leaves.
CUSTOMER_FIELDS = (
    "account_id",
    "kind",
    "name",
    "ref",
    "invoice_date",
    "due",
    "days_late",
    "amount",
    "currency_id",
    "position",
    "instalments",
)
TOTALS = ("overdue", "not_due", "arranged", "paying", "disputed", "credits", "balance")


class DsoAccount(models.Model):
    _inherit = "dso.account"

    def _statement_contact(self):
        """Who the statement is written to; his language is its language."""
        self.ensure_one()
        return self._recipients()[self] or self.partner_id

    def _statement_file_name(self):
        """Name of the printed statement, without its ending."""
        self.ensure_one()
        today = self.company_id._dso_today()
        env = self.with_context(lang=self._statement_lang()).env
        return file_name(
            env._(
                "Statement of account %(customer)s %(date)s",
                customer=self.partner_id.name,
                date=today.isoformat(),
            )
        )

    def _statement_lang(self):
        """Language of the statement: of who asks for it on the customer's page, else
        of who it is written to."""
        self.ensure_one()
        code = (
            self.env.context.get("dso_reader_lang")
            or self._statement_contact().lang
            or self.company_id.partner_id.lang
        )
        return get_lang(self.env, code).code

    def _statement_of_customer(self, line_ids=None, today=None):
        """The statement in the words, and with the items, that the customer may see.

        Items in litigation and items left out of collection are not listed, disputed
        ones stand under their own heading (rules.md §12). Of each item only
        :data:`CUSTOMER_FIELDS` and its remark in customer wording are told.

        :param line_ids: ids of the lines to list, default all
        :param today: date, or None for the company's own today
        :return: dict with lang, date, company, partner, contact, collector, bank,
            parts (one per account that has items: name, sections, and totals),
            totals (list of dicts per currency: currency, and the amounts
            :data:`TOTALS`), penalties, recovery (company currency)
        """
        self.ensure_one()
        lang = self._statement_lang()
        account = self.with_context(lang=lang)
        env = account.env
        rows = [
            row
            for row in account._statement(today)
            if row["group"] in CUSTOMER_GROUPS
            and (line_ids is None or row["line_id"] in line_ids)
        ]
        remarks = account._customer_remarks(rows)
        listed = [
            {
                **{name: row[name] for name in CUSTOMER_FIELDS},
                "group": group,
                "amount": amount,
                "currency": env["res.currency"].browse(row["currency_id"]),
                "remark": ""
                if group == "claimed" and row["disputed_amount"]
                else remarks.get(row["line_id"], ""),
            }
            for row, group, amount, _company in account._listed(rows)
        ]
        members = account | account.member_ids
        company = account._statement_company(rows)
        contact = account._statement_contact().with_context(lang=lang)
        claimed = [row for row in rows if row["group"] == "claimed"]
        return {
            "lang": lang,
            "account": account,
            "date": rows[0]["today"] if rows else account.company_id._dso_today(),
            "company": company,
            "partner": account.partner_id,
            "contact": contact,
            "address": _lines(contact),
            "company_address": _lines(company.partner_id),
            # the name and address of the own colleague who answers
            "collector": account.collector_id.sudo(),
            "bank": account._statement_bank(claimed),
            "parts": [
                {
                    "name": member.partner_id.display_name,
                    "sections": account._customer_sections(own),
                    "totals": account._customer_totals(own),
                }
                for member in members
                if (own := [item for item in listed if item["account_id"] == member.id])
            ],
            "totals": account._customer_totals(listed),
            "penalties": sum(row["penalty"] for row in claimed),
            "recovery": sum(row["recovery"] for row in claimed),
        }

    def _statement_company(self, rows):
        """Whose letterhead: the branch that all items are of, else the root."""
        companies = {row["company_id"] for row in rows}
        if len(companies) == 1:
            return self.env["res.company"].sudo().browse(companies)  # letterhead only
        return self.company_id.sudo()  # letterhead only

    def _statement_bank(self, rows):
        """The bank account to pay to: the one that all the invoices name, trusted.

        :return: res.partner.bank, empty where invoices differ or do not say
        """
        moves = self.env["account.move"].sudo()  # of rows that the caller may show
        banks = moves._read_group(
            [
                ("id", "in", list({row["move_id"] for row in rows})),
                ("move_type", "in", moves.get_invoice_types()),
            ],
            ["partner_bank_id"],
        )
        if len(banks) == 1 and banks[0][0].allow_out_payment:
            return banks[0][0]
        return self.env["res.partner.bank"]

    def _customer_remarks(self, rows):
        """What a customer reads of the status of each item: {line id: words}."""
        env = self.env
        default = {
            "on_going": env._("Awaiting payment"),
            "promise_to_pay": env._("Payment promised"),
            "dispute": env._("Under review"),
            "dispute_resolved": env._("Review completed, payable"),
        }
        statuses = env["dso.status"].sudo()  # their customer wording only
        remarks = {}
        for row in rows:
            # of litigation and of what is ignored a customer reads nothing
            told = row["group"] in CUSTOMER_GROUPS and row["group"] != "credits"
            if not row["status_id"] or not told:
                continue
            words = (
                statuses.browse(row["status_id"]).customer_wording
                or default[row["status_type"]]
            )
            if row["status_type"] == "promise_to_pay" and row["promise_date"]:
                words = env._(
                    "%(promise)s: %(date)s",
                    promise=words,
                    date=format_date(env, row["promise_date"]),
                )
            remarks[row["line_id"]] = words
        return remarks

    def _customer_sections(self, items):
        """[{key, title, items}] of the headings that have items, in their order."""
        env = self.env
        titles = {
            "claimed": env._("Open invoices"),
            "arranged": env._("Arranged with you, not claimed here"),
            "paying": env._("Payment under way"),
            "disputed": env._("Under review, not claimed here"),
            "credits": env._("Credits and payments to allocate"),
        }
        kinds = dict(
            env["account.move.line"]._fields["dso_kind"]._description_selection(env)
        )
        sections = []
        for key in CUSTOMER_GROUPS:
            own = [
                {
                    **item,
                    "number": self._instalment_words(item),
                    "kind_words": kinds[item["kind"]],
                    "date_words": format_date(env, item["invoice_date"]),
                    "due_words": ""
                    if key == "credits"
                    else format_date(env, item["due"]),
                    "amount_words": format_amount(
                        env, item["amount"], item["currency"]
                    ),
                    "late": key == "claimed" and item["days_late"] > 0,
                }
                for item in items
                if item["group"] == key
            ]
            if own:
                sections.append({"key": key, "title": titles[key], "items": own})
        return sections

    @api.model
    def _instalment_words(self, item):
        if item["instalments"] > 1:
            return self.env._(
                "%(number)s (%(position)s of %(count)s)",
                number=item["name"],
                position=item["position"],
                count=item["instalments"],
            )
        return item["name"]

    def _customer_totals(self, items):
        """Sums of :data:`TOTALS` per currency, that of the company first."""
        totals = {}
        for item in items:
            own = totals.setdefault(item["currency"], dict.fromkeys(TOTALS, 0.0))
            key = item["group"]
            if key == "claimed":
                key = "overdue" if item["days_late"] else "not_due"
            own[key] += item["amount"]
            own["balance"] += item["amount"]
        return [
            {
                "currency": currency,
                **{name: currency.round(amount) for name, amount in amounts.items()},
                "words": {
                    name: format_amount(self.env, currency.round(amount), currency)
                    for name, amount in amounts.items()
                },
            }
            for currency, amounts in sorted(
                totals.items(),
                key=lambda pair: (pair[0] != self.currency_id, pair[0].name),
            )
        ]

    def _readable_line_ids(self, line_ids=None):
        """Which of the statement's lines the user may read, so of his branches.

        :param line_ids: ids that a caller from outside named, default all
        """
        wanted = {row["line_id"] for row in self._statement()}
        if line_ids is not None:
            wanted &= set(line_ids)
        return set(
            self.env["account.move.line"]._search(Domain("id", "in", sorted(wanted)))
        )

    # -------------------------------------------------------------------------
    # XLSX
    # -------------------------------------------------------------------------

    def _statement_xlsx(self, line_ids=None):
        """The customer's statement as a workbook with real numbers and dates.

        :param line_ids: ids of the lines to list, default all
        :return: bytes
        """
        self.ensure_one()
        statement = self._statement_of_customer(line_ids)
        env = statement["account"].env
        several = len(statement["parts"]) > 1
        output = BytesIO()
        # what customers are called must not become a formula or a link
        book = xlsxwriter.Workbook(
            output,
            {
                "in_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        sheet = book.add_worksheet(env._("Statement")[:31])
        bold = book.add_format({"bold": True})
        title = book.add_format({"bold": True, "font_size": 14})
        head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#eef1f4"})
        right = book.add_format(
            {"bold": True, "bottom": 1, "bg_color": "#eef1f4", "align": "right"}
        )
        date = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})

        def money(currency, **values):
            digits = "0" * currency.decimal_places
            pattern = "#,##0" + (f".{digits}" if digits else "")
            return book.add_format({"num_format": pattern, **values})

        formats = {
            total["currency"]: (
                money(total["currency"]),
                money(total["currency"], bold=True),
            )
            for total in statement["totals"]
        }
        columns = [
            (env._("Heading"), 34, head),
            (env._("Type"), 14, head),
            (env._("Number"), 24, head),
            (env._("Your reference"), 20, head),
            (env._("Date"), 12, head),
            (env._("Due date"), 12, head),
            (env._("Days late"), 10, right),
            (env._("Open amount"), 16, right),
            (env._("Currency"), 10, head),
            (env._("Remark"), 34, head),
        ]
        if several:
            columns.insert(0, (env._("Account"), 28, head))
        sheet.write_string(0, 0, env._("Statement of account"), title)
        sheet.write_string(1, 0, statement["partner"].name or "", bold)
        sheet.write_string(2, 0, statement["company"].name)
        sheet.write_string(3, 0, env._("As of"))
        sheet.write_datetime(3, 1, _midnight(statement["date"]), date)
        start = 5
        for index, (label, width, style) in enumerate(columns):
            sheet.set_column(index, index, width)
            sheet.write_string(start, index, label, style)
        line = start
        for part in statement["parts"]:
            for section in part["sections"]:
                for item in section["items"]:
                    line += 1
                    cells = [part["name"]] if several else []
                    cells += [
                        section["title"],
                        item["kind_words"],
                        item["number"],
                        item["ref"] or "",
                    ]
                    for index, text in enumerate(cells):
                        sheet.write_string(line, index, text)
                    column = len(cells)
                    sheet.write_datetime(
                        line, column, _midnight(item["invoice_date"]), date
                    )
                    if item["due_words"]:
                        sheet.write_datetime(
                            line, column + 1, _midnight(item["due"]), date
                        )
                    if item["late"]:
                        sheet.write_number(line, column + 2, item["days_late"])
                    sheet.write_number(
                        line, column + 3, item["amount"], formats[item["currency"]][0]
                    )
                    sheet.write_string(line, column + 4, item["currency"].name)
                    sheet.write_string(line, column + 5, item["remark"])
        last = len(columns) - 1
        if line > start:
            sheet.autofilter(start, 0, line, last)
        sheet.freeze_panes(start + 1, 0)
        line += 1
        for total in statement["totals"]:
            for name, label in self._total_labels(env).items():
                if total[name] or name == "balance":
                    line += 1
                    style = formats[total["currency"]][1]
                    sheet.write_string(line, last - 3, label, bold)
                    sheet.write_number(line, last - 2, total[name], style)
                    sheet.write_string(line, last - 1, total["currency"].name, bold)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(start)
        book.close()
        return output.getvalue()

    @api.model
    def _total_labels(self, env):
        return {
            "overdue": env._("Overdue"),
            "not_due": env._("Not due yet"),
            "arranged": env._("Arranged with you"),
            "paying": env._("Payment under way"),
            "disputed": env._("Under review"),
            "credits": env._("Credits and payments to allocate"),
            "balance": env._("Balance"),
        }


def _lines(partner):
    """An address without its empty lines."""
    address = partner._display_address(without_company=True)
    return "\n".join(line for line in address.splitlines() if line.strip())


def _midnight(date):
    """A workbook knows no dates, only moments."""
    return datetime.combine(date, time())
