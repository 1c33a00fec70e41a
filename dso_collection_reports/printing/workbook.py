"""Reports as XLSX: typed cells, totals that calculate, rows straight to disk."""

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

#: A sheet of XLSX has so many rows.
MAX_ROWS = 1_048_576
#: A cell of XLSX holds so many characters.
MAX_TEXT = 32_767
#: Excel folds so many levels.
MAX_OUTLINE = 7
WIDTHS = {"text": 24, "money": 15, "int": 10, "percent": 11, "days": 10, "date": 12}
LABEL_WIDTH = 44
#: Points: two lines of words.
HEAD_HEIGHT = 30


class Workbook:
    """One workbook, written from the top downwards.

    ``with Workbook(path, rtl) as book: book.table(...); book.items(...)``
    """

    def __init__(self, path, labels, digits, rtl=False):
        """
        :param labels: dict ``total`` and ``currency``: what these are called
        :param digits: {code of a currency: its decimal places}
        :param rtl: whether its reader reads from right to left
        """
        self.labels = labels
        self.digits = digits
        self.rtl = rtl
        self.formats = {}
        self.book = xlsxwriter.Workbook(
            path,
            {
                "constant_memory": True,
                # what customers are called must not become a formula or a link
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.book.close()

    # -------------------------------------------------------------------------
    # SHEETS
    # -------------------------------------------------------------------------

    def table(self, table):
        """The sheet of the report.

        A group's figure is the sum of what stands under it, the total that of
        everything, ratios are taken of the cells: the sheet goes on calculating when
        somebody hides, filters or corrects a row.

        :param table: dict as ``dso.report.table._report_table()`` returns it
        """
        columns, rows = table["columns"], table["rows"]
        sheet = self._sheet(table["title"])
        sheet.set_landscape()
        sheet.outline_settings(symbols_below=False)
        for number, column in enumerate(columns):
            width = WIDTHS[column["type"]] if number else LABEL_WIDTH
            sheet.set_column(number, number, width)
        line = 0
        sheet.write_string(line, 0, table["title"], self._format(bold=True, size=14))
        faint = self._format(colour="#57606a")
        for text in (
            table["subtitle"],
            table["company_names"],
            table["currency"].name or "",
            *table["notes"],
        ):
            line += 1
            sheet.write_string(line, 0, text[:MAX_TEXT], faint)
        head = line + 2
        # the currency of a row stands beside it where there are several
        own_currency = not table["currency"]
        self._head(sheet, head, columns, own_currency and self.labels["currency"])
        sheet.freeze_panes(head + 1, 1)
        sheet.repeat_rows(head)
        first, last = head + 1, head + len(rows)
        ends = _ends(rows)
        heads = table.get("heads", 0)
        total_row = last + 1 if table["totals"] else None
        root = first
        for index, row in enumerate(rows):
            number = first + index
            level = row["level"]
            folded = min(level, MAX_OUTLINE)
            sheet.set_row(number, None, None, {"level": folded} if folded else {})
            block = (number + 1, first + ends[index]) if ends[index] > index else None
            if level < max(heads, 1):
                root = number
            self._row(
                sheet,
                number,
                columns,
                row,
                None if level < heads - 1 else block,
                total_row if total_row is not None else root,
                bold=bool(block) and not level,
            )
            if own_currency:
                sheet.write_string(number, len(columns), row["currency"].name or "")
        if total_row is not None:
            total = {
                "level": 0,
                "values": {**table["totals"], "label": self.labels["total"]},
                "currency": table["currency"],
            }
            block = (first, last) if rows else None
            self._row(
                sheet, total_row, columns, total, block, total_row, bold=True, top=1
            )

    def items(self, title, columns, rows):
        """The sheet of the items, a row each.

        :param columns: dicts as ``dso.report.table._report_items()`` returns them
        :param rows: iterator over lists of values; nothing is kept of them
        :return: how many there were
        """
        sheet = self._sheet(title)
        sheet.set_landscape()
        for number, column in enumerate(columns):
            sheet.set_column(number, number, WIDTHS[column["type"]])
        self._head(sheet, 0, columns)
        sheet.freeze_panes(1, 1)
        sheet.repeat_rows(0)
        keys = [column["key"] for column in columns]
        currencies = [
            keys.index(column["currency"]) if column.get("currency") else None
            for column in columns
        ]
        summed = [column.get("total") == "sum" for column in columns]
        sums = [0.0] * len(columns)
        line = 0
        for line, row in enumerate(rows, start=1):
            for number, value in enumerate(row):
                if value is None or value is False:
                    continue
                if summed[number]:
                    sums[number] += value
                kind = columns[number]["type"]
                code = currencies[number]
                currency = row[code] if code is not None else None
                self._cell(sheet, line, number, kind, value, currency)
        sheet.autofilter(0, 0, max(line, 1), len(columns) - 1)
        if line and any(summed):
            bold = {"bold": True, "top": 1}
            sheet.write_string(line + 1, 0, self.labels["total"], self._format(**bold))
            for number, column in enumerate(columns):
                if number and summed[number]:
                    currency = currencies[number]
                    code = row[currency] if currency is not None else None
                    sheet.write_formula(
                        line + 1,
                        number,
                        _subtotal(number, 1, line),
                        self._format(self._number(column["type"], code), **bold),
                        # shown by programs that do not calculate
                        round(sums[number], 6),
                    )
        return line

    # -------------------------------------------------------------------------
    # CELLS
    # -------------------------------------------------------------------------

    def _sheet(self, title):
        name = "".join(" " if c in "[]:*?/\\'" else c for c in title)[:31].strip()
        sheet = self.book.add_worksheet(name or None)
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        if self.rtl:
            sheet.right_to_left()
        return sheet

    def _head(self, sheet, line, columns, extra=None):
        sheet.set_row(line, HEAD_HEIGHT)
        labels = [(column["label"], column["type"]) for column in columns]
        if extra:
            labels.append((extra, "text"))
        for number, (label, kind) in enumerate(labels):
            style = self._format(
                bold=True,
                bottom=1,
                fill="#eef1f4",
                wrap=True,
                align="right" if kind not in ("text", "date") else None,
            )
            sheet.write_string(line, number, label, style)

    def _row(self, sheet, line, columns, row, block, whole, **style):
        """One row of the table.

        :param block: (first, last) line of what stands under it, None: nothing does
        :param whole: line of what shares are taken of
        """
        keys = [column["key"] for column in columns]
        for number, column in enumerate(columns):
            value = row["values"].get(column["key"])
            kind = column["type"]
            if not number:
                text = "" if value is None else str(value)[:MAX_TEXT]
                label = self._format(indent=row["level"], **style)
                sheet.write_string(line, 0, text, label)
                continue
            formula = self._formula(column, keys, line, number, block, whole)
            cell = self._format(self._number(kind, row["currency"].name), **style)
            if formula:
                sheet.write_formula(
                    line, number, formula, cell, "" if value is None else value
                )
            elif value is None or value is False:
                sheet.write_blank(line, number, None, cell)
            elif kind == "date":
                sheet.write_datetime(line, number, value, cell)
            elif kind == "text":
                sheet.write_string(line, number, str(value)[:MAX_TEXT], cell)
            else:
                sheet.write_number(line, number, value, cell)

    def _formula(self, column, keys, line, number, block, whole):
        """What a cell calculates, None where it is a figure of its own."""
        if column["total"] == "sum":
            return _subtotal(number, *block) if block else None
        if column["total"] != "formula" or not column.get("formula"):
            return None
        kind, *names = column["formula"]
        part = xl_rowcol_to_cell(line, keys.index(names[0]))
        of = (
            xl_rowcol_to_cell(line, keys.index(names[1]))
            if kind == "ratio"
            else xl_rowcol_to_cell(whole, keys.index(names[0]), row_abs=True)
        )
        return f'=IF({of}=0,"",{part}/{of})'

    def _cell(self, sheet, line, number, kind, value, currency):
        if kind in ("money", "int", "days", "percent"):
            sheet.write_number(
                line, number, value, self._format(self._number(kind, currency))
            )
        elif kind == "date":
            sheet.write_datetime(line, number, value, self._format("yyyy-mm-dd"))
        else:
            sheet.write_string(line, number, str(value)[:MAX_TEXT])

    def _number(self, kind, currency=None):
        """Number format of a type of cell."""
        if kind == "money":
            digits = "0" * self.digits.get(currency, 2)
            return "#,##0" + (f".{digits}" if digits else "")
        return {
            "int": "#,##0",
            "percent": "0.0%",
            "days": "#,##0.0",
            "date": "yyyy-mm-dd",
        }.get(kind)

    def _format(self, number=None, **style):
        """The format of a cell; a workbook has each only once."""
        key = (number, *sorted(style.items()))
        if key not in self.formats:
            names = {
                "size": "font_size",
                "colour": "font_color",
                "fill": "bg_color",
                "wrap": "text_wrap",
            }
            values = {names.get(k, k): v for k, v in style.items() if v is not None}
            if number:
                values["num_format"] = number
            self.formats[key] = self.book.add_format(values)
        return self.formats[key]


def _subtotal(column, first, last):
    """The sum of these lines of a column, without the sums among them."""
    name = xl_col_to_name(column)
    return f"=SUBTOTAL(9,{name}{first + 1}:{name}{last + 1})"


def _ends(rows):
    """Index of the last row that stands under each row, its own where none does.

    >>> _ends([{"level": 0}, {"level": 1}, {"level": 2}, {"level": 0}])
    [2, 2, 2, 3]
    """
    ends, waiting = list(range(len(rows))), []
    for index, row in enumerate(rows):
        while waiting and rows[waiting[-1]]["level"] >= row["level"]:
            ends[waiting.pop()] = index - 1
        waiting.append(index)
    for index in waiting:
        ends[index] = len(rows) - 1
    return ends
