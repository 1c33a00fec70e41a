"""A report as PDF and as XLSX, both of the same table."""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang
from odoo.tools.image import image_data_uri
from odoo.tools.misc import get_lang

from odoo.addons.dso_collection.models.dso_document import file_name

from ..printing import chart
from ..printing.workbook import MAX_ROWS, Workbook

#: Groups on paper: more is read by nobody, and takes minutes to print.
PRINTED = 5_000
#: Width of a bold digit in letters' sizes; millimetres of a point, and beside a figure.
DIGIT, POINT, PADDING = 0.7, 0.3528, 2
#: Columns that fit beside the groups on an upright page.
UPRIGHT_COLUMNS = 6
#: How wide the columns are, beside each other.
WEIGHTS = {"text": 13, "money": 11, "int": 7, "percent": 9, "days": 8, "date": 9}
LABEL_WEIGHT = 26
#: By what one build of wkhtmltopdf shrinks every page, as of letters.
ZOOM = 1.302
#: Millimetres of a page within its margins: (width, height).
UPRIGHT, ACROSS = (186, 267), (273, 182)
#: Heights in millimetres: letterhead with title, a line of it, heading and rows of the
#: table, foot of the page.
HEAD, HEAD_LINE, TABLE_HEAD, ROW, FOOT = 26, 5, 10, 5.2, 8


class DsoReportTable(models.AbstractModel):
    _inherit = "dso.report.table"

    # -------------------------------------------------------------------------
    # WORDS
    # -------------------------------------------------------------------------

    @api.model
    def _report_write(self, value, kind, currency):
        """A value of a table as its reader writes it; of money without the symbol.

        :param kind: type of the column
        :param currency: res.currency of its row
        """
        if value is None or value is False:
            return ""
        if kind == "money":
            return formatLang(self.env, value, digits=currency.decimal_places or 0)
        if kind == "percent":
            return self.env._("%s %%", formatLang(self.env, 100 * value, digits=1))
        if kind == "days":
            return formatLang(self.env, value, digits=1)
        if kind == "int":
            return formatLang(self.env, value, digits=0)
        if kind == "date":
            return format_date(self.env, value)
        return str(value)

    @api.model
    def _report_file_name(self, table, suffix):
        """Name of the file of a report, with the day it is of."""
        return f"{file_name(table['title'])} {table['as_of'].isoformat()}.{suffix}"

    # -------------------------------------------------------------------------
    # PDF
    # -------------------------------------------------------------------------

    @api.model
    def _report_pdf(self, options=None):
        """The report on paper, in the language of the environment.

        A run of wkhtmltopdf takes a good part of a second, more with many pages.

        :param options: see :meth:`_report_options`
        :return: (file name, bytes)
        :raise UserError: where PDFs cannot be made
        """
        Report = self.env["ir.actions.report"].with_context(dso_letter=True)
        if Report.get_wkhtmltopdf_state() in ("install", "broken"):
            raise UserError(
                self.env._(
                    "PDFs cannot be made on this server: wkhtmltopdf is missing. Ask"
                    " its administrator to install it."
                )
            )
        table = self._report_table(options)
        content = Report._run_wkhtmltopdf(
            [self._report_html(table)],
            report_ref="dso_collection_reports.report_table",
            landscape=not self._report_upright(table),
        )
        return self._report_file_name(table, "pdf"), content

    @api.model
    def _report_upright(self, table):
        """Whether the report stands upright on its pages."""
        return len(table["columns"]) <= UPRIGHT_COLUMNS + 1

    @api.model
    def _report_html(self, table):
        """The pages of a report; they refer to nothing that would be fetched.

        :return: str
        """
        Report = self.env["ir.actions.report"]
        lang = get_lang(self.env)
        company = table["companies"][:1]
        logo = company and company._dso_logo()
        width, _height = UPRIGHT if self._report_upright(table) else ACROSS
        return str(
            self.env["ir.qweb"]._render(
                "dso_collection_reports.table_document",
                {
                    "table": table,
                    "pages": self._report_pages(table),
                    "left_out": max(0, len(table["rows"]) - PRINTED),
                    "width": width,
                    "widths": self._report_widths(table),
                    "write": self._report_write,
                    "font": self._report_font(table, width),
                    "zoom": 1 if Report._dso_patched() else ZOOM,
                    "lang": lang.code.replace("_", "-"),
                    "direction": lang.direction or "ltr",
                    "company": company,
                    "logo": image_data_uri(logo) if logo else False,
                    "chart": chart.svg(
                        table["chart"],
                        lambda value: self._report_write(
                            value, table["chart"]["type"], table["currency"]
                        ),
                        width,
                        lang.direction == "rtl",
                    ),
                },
            )
        )

    @api.model
    def _report_weights(self, table):
        weights = [WEIGHTS[column["type"]] for column in table["columns"]]
        return [LABEL_WEIGHT, *weights[1:]]

    @api.model
    def _report_widths(self, table):
        """Width of each column of the table on paper, as CSS."""
        weights = self._report_weights(table)
        return [f"width: {100 * w / sum(weights):.1f}%;" for w in weights]

    @api.model
    def _report_font(self, table, width):
        """Size of the table's letters in points: so small that the longest amount fits
        into its column, as none is ever cut.

        :param width: of the table, in millimetres
        """
        count = len(table["columns"])
        usual = 7 if count > 11 else 8 if count > 9 else 8.5
        keys = [c["key"] for c in table["columns"] if c["type"] == "money"]
        rows = [(row["values"], row["currency"]) for row in table["rows"][:PRINTED]]
        if table["totals"]:
            rows.append((table["totals"], table["currency"]))
        amounts = [
            (values.get(key) or 0, currency)
            for values, currency in rows
            for key in keys
        ]
        if not amounts:
            return usual
        longest = max(
            sum(DIGIT if sign.isdigit() else DIGIT / 2 for sign in written)
            for written in (
                self._report_write(amount, "money", currency)
                for amount, currency in (
                    max(amounts, key=lambda pair: pair[0]),
                    min(amounts, key=lambda pair: pair[0]),
                )
            )
        )
        share = WEIGHTS["money"] / sum(self._report_weights(table))
        return min(usual, round((width * share - PADDING) / longest / POINT, 1))

    @api.model
    def _report_pages(self, table):
        """Rows of each page: it is known where each page ends, so that all repeat the
        heading and say which page they are, whatever prints them."""
        _width, height = UPRIGHT if self._report_upright(table) else ACROSS
        room = height - FOOT - TABLE_HEAD
        drawn = chart.height_of(table["chart"]) + 4
        first = room - HEAD - HEAD_LINE * len(table["notes"]) - drawn
        rows = table["rows"][:PRINTED]
        pages = []
        if first < 5 * ROW:  # the chart has the first page for itself
            pages.append([])
            first = room
        take = int(first / ROW)
        while rows or not pages:
            pages.append(rows[:take])
            rows, take = rows[take:], int(room / ROW)
        # totals and what was left out stand under the last rows
        if len(pages[-1]) * ROW + 3 * ROW > (first if len(pages) == 1 else room):
            pages.append([])
        return pages

    # -------------------------------------------------------------------------
    # XLSX
    # -------------------------------------------------------------------------

    @api.model
    def _report_xlsx(self, path, options=None):
        """Write the report as a workbook: the table, and the items behind it.

        :param path: of the file to write
        :param options: see :meth:`_report_options`
        :return: (file name, number of items)
        :raise UserError: when a sheet does not hold all items
        """
        count = self._report_item_count(options)
        if count > MAX_ROWS - 2:
            raise UserError(
                self.env._(
                    "%(count)s items do not fit on one sheet, which has room for"
                    " %(most)s: narrow the filters.",
                    count=count,
                    most=MAX_ROWS - 2,
                )
            )
        table = self._report_table(options)
        currencies = self.env["res.currency"].with_context(active_test=False)
        with Workbook(
            path,
            {"total": self.env._("Total"), "currency": self.env._("Currency")},
            {c.name: c.decimal_places for c in currencies.search([])},
            get_lang(self.env).direction == "rtl",
        ) as book:
            book.table(table)
            if self._report_item_fields:
                columns, rows = self._report_items(options)
                count = book.items(self.env._("Items"), columns, rows)
        return self._report_file_name(table, "xlsx"), count
