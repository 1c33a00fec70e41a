"""What a printed, exported or e-mailed report is: one table for all its forms."""

from collections import defaultdict
from datetime import date

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.models import READ_GROUP_DISPLAY_FORMAT
from odoo.tools import SQL, format_date

from ..measures import ledger

#: What may be asked of any report.
OPTIONS = {"companies", "as_of", "period", "trend", "group_by", "domain", "words"}
#: Groups in the chart; what comes after them is pooled.
CHARTED = 8
#: Lines of one chart that can be told apart.
LINES = 6
#: Group of a trend: each of its days has one.
DAY = "day:day"
#: Items that are read from the database at a time.
CHUNK = 1_000
#: How fields stand on the sheet of the items; all others as text.
ITEM_TYPES = {"monetary": "money", "integer": "int", "float": "days", "date": "date"}
#: Types of the fields that rows can be grouped by.
GROUP_TYPES = ("many2one", "selection", "date", "boolean", "char")
#: Levels of groups in one table.
MAX_LEVELS = 4


class DsoReportTable(models.AbstractModel):
    """Mixin of the models that are reports.

    A report on a model of rows (``_auto = False`` or not) says what it counts, by
    :attr:`_report_key`, :attr:`_report_group_by`, :attr:`_report_item_fields` and
    :meth:`_report_columns`; everything else follows. A report of another shape
    overrides :meth:`_report_table`, and :meth:`_report_items` if it has any.

    Everything is read with the rights of the environment's user, in the companies of
    the options, and in his language.
    """

    _name = "dso.report.table"
    _description = "Report as a Table"

    #: What schedules and windows know the report by; ``None``: it is not offered.
    _report_key = None
    #: Its place among the reports.
    _report_sequence = 100
    #: Groups when nobody asks for others: ``field`` or ``date_field:month``.
    _report_group_by = ()
    #: Whether it can be asked as of a day.
    _report_as_of = True
    #: Whether it can be asked as a trend: of several days, each on its own.
    _report_trend = False
    #: Groups of a trend when nobody asks for others.
    _report_trend_group_by = (DAY,)
    #: Key of the column that is charted in a trend; ``None``: the one of a day.
    _report_trend_main = None
    #: Date field that a period restricts; ``None``: it has no period.
    _report_period_field = None
    #: Whether its screen tells remarks, see :meth:`_report_remarks`.
    _report_remarked = False
    #: What always holds of its rows.
    _report_domain = ()
    #: Fields of the sheet of the items, in their order; none: there is no such sheet.
    _report_item_fields = ()
    #: Key of the column that orders groups and is charted; ``None``: the first amount.
    _report_main = None

    # -------------------------------------------------------------------------
    # WHICH REPORTS THERE ARE
    # -------------------------------------------------------------------------

    @api.model
    def _report_models(self):
        """:return: {key: name of the model} of all reports, in their order"""
        registry = self.env.registry
        offered = [
            registry[name]
            for name in registry.descendants(["dso.report.table"], "_inherit")
            if registry[name]._report_key
        ]
        offered.sort(key=lambda model: (model._report_sequence, model._report_key))
        return {model._report_key: model._name for model in offered}

    @api.model
    def _report_of(self, key):
        """:return: the model of a report
        :raise UserError: when there is none of this key"""
        name = self._report_models().get(key)
        if not name:
            raise UserError(self.env._("There is no report %s.", key))
        return self.env[name]

    @api.model
    def _selection_report(self):
        """Reports by key and title, for selection fields."""
        return [
            (key, self.env[name]._report_title())
            for key, name in self._report_models().items()
        ]

    @api.model
    def _report_title(self):
        """Title in the user's language."""
        model = self.env["ir.model"]._get(self._name)
        # sudo: users may not read ir.model; a title is no secret, screens show it
        return model.sudo().name

    # -------------------------------------------------------------------------
    # OPTIONS
    # -------------------------------------------------------------------------

    @api.model
    def _report_options(self, options=None):
        """Check what is asked of the report, and fill in what is not.

        :param options: dict of any of ``companies`` (ids, of those that the user may
            work in; default: those he works in), ``as_of`` (date or ISO string;
            default: today of each company), ``period`` (pair of dates or ISO strings,
            both included), ``trend`` (``week`` or ``month``: the ends of the last ones
            and the day itself), ``group_by`` (list of fields), ``domain`` (search on
            the report's model), ``words`` (texts that tell the domain to the reader)
        :return: dict with all of them: ``as_of`` a date or None, ``period`` a pair of
            dates or None, ``trend`` or None
        :raise AccessError: where the user may not read the report or a company
        :raise UserError: for what the report does not know
        """
        self.check_access("read")
        options = dict(options or {})
        if unknown := sorted(options.keys() - OPTIONS):
            raise UserError(
                self.env._("A report has no option %s.", ", ".join(unknown))
            )
        as_of = ledger.to_day(self.env, options.get("as_of"))
        period = options.get("period")
        if as_of and not self._report_as_of:
            raise UserError(self.env._("This report cannot be asked as of a day."))
        if period:
            if not self._report_period_field:
                raise UserError(self.env._("This report has no period."))
            start, end = (ledger.to_day(self.env, value) for value in period)
            if not (start and end and start <= end):
                raise UserError(self.env._("A period begins before it ends."))
            period = (start, end)
        trend = options.get("trend") or None
        if trend and not self._report_trend:
            raise UserError(self.env._("This report has no trend."))
        if trend not in (None, "week", "month"):
            raise UserError(self.env._("A trend is of weeks or months."))
        domain = Domain(options.get("domain") or [])
        domain.validate(self)
        return {
            "companies": self._report_companies(options.get("companies")),
            "as_of": as_of,
            "period": period or None,
            "trend": trend,
            "group_by": self._report_check_groups(options.get("group_by"), trend),
            "domain": list(domain),
            "words": [str(word) for word in options.get("words") or []],
        }

    @api.model
    def _report_companies(self, ids):
        """Ids of the companies asked for.

        :raise AccessError: for one that the user may not work in
        """
        if not ids:
            return self.env.companies.ids
        if not self.env.su and set(ids) - set(self.env.user._get_company_ids()):
            raise AccessError(
                self.env._("You may not see the figures of all these companies.")
            )
        return list(ids)

    @api.model
    def _report_check_groups(self, group_by, trend=None):
        """Fields to group by, as a list; that of a trend begins with its days.

        :param group_by: list of fields, None: the report's own
        :raise UserError: for fields that the report does not have, or too many
        """
        if group_by is None:
            group_by = self._report_trend_group_by if trend else self._report_group_by
        checked = []
        for spec in group_by:
            name, _colon, part = str(spec).partition(":")
            field = self._fields.get(name)
            dated = field is not None and field.type == "date"
            if (
                field is None
                or not field._description_groupable(self.env)
                or field.type not in GROUP_TYPES
                or (part and (not dated or part not in READ_GROUP_DISPLAY_FORMAT))
                or not self._has_field_access(field, "read")
            ):
                raise UserError(self.env._("The report cannot be grouped by %s.", spec))
            checked.append(f"{name}:{part or 'month'}" if dated else name)
        if len(checked) > MAX_LEVELS:
            raise UserError(
                self.env._("A report has at most %s levels of groups.", MAX_LEVELS)
            )
        if trend:
            checked = [DAY, *(s for s in checked if s.partition(":")[0] != "day")]
        return checked

    @api.model
    def _report_source(self, options):
        """The model as of the day, in the companies asked for, and what to search.

        :param options: as :meth:`_report_options` returns them
        :return: (model, Domain)
        """
        context = {"allowed_company_ids": options["companies"]}
        if options["as_of"]:
            context["dso_as_of"] = options["as_of"].isoformat()
        if options["trend"]:
            context["dso_trend"] = options["trend"]
        domain = Domain(options["domain"]) & Domain(list(self._report_domain))
        if options["period"]:
            start, end = options["period"]
            domain &= Domain(self._report_period_field, ">=", start)
            domain &= Domain(self._report_period_field, "<=", end)
        return self.with_context(**context), domain

    # -------------------------------------------------------------------------
    # TABLE
    # -------------------------------------------------------------------------

    @api.model
    def _report_columns(self, options):
        """The figures of the report, from left to right.

        :param options: as :meth:`_report_options` returns them
        :return: list of dicts: ``key``, ``label``, ``type`` (``text`` ``money``
            ``int`` ``percent`` (fraction of 1) ``days`` ``date``), ``total`` (``sum``
            ``none`` ``formula``), and where the figure comes from: ``aggregate`` (of
            the model, ``"overdue:sum"``) or ``formula`` (``("ratio", key, key)`` of
            two columns, ``("share", key)`` of the total of one); both with a ratio
            that the database takes itself
        """
        raise NotImplementedError

    @api.model
    def _report_table(self, options=None):
        """The report as plain data.

        :param options: see :meth:`_report_options`
        :return: dict with ``key``, ``title``, ``subtitle``, ``as_of`` (date),
            ``companies`` (res.company), ``company_names``, ``currency``
            (res.currency, empty where the companies have several), ``columns`` (see
            :meth:`_report_columns`; the first one is ``label``), ``rows`` (dicts
            ``level`` from 0, ``values`` {key: value}, ``ref`` (model, id) or None,
            ``currency``), ``heads`` (groups of so many first levels are not added up:
            what is of several currencies or days), ``totals`` {key: value} or None,
            ``chart`` (dict ``kind``
            ``bar`` or ``line``, ``type`` of its values, ``labels``, ``series`` [{name,
            values}]) or None, ``notes`` [str]
        """
        options = self._report_options(options)
        source, domain = self._report_source(options)
        companies, currency = self._report_currency(options)
        group_by = options["group_by"]
        if not currency and group_by[:1] != ["currency_id"]:
            group_by = ["currency_id", *(g for g in group_by if g != "currency_id")]
        trend = options["trend"]
        heads = (0 if currency else 1) + (1 if trend else 0)
        columns = self._report_columns(options)
        main = self._report_main_key(columns)
        if trend:
            main = self._report_trend_main or main
        totals, rows = source._report_rows(
            domain, group_by, columns, main, currency, heads
        )
        return {
            **self._report_frame(options),
            "columns": [
                {
                    "key": "label",
                    "label": " / ".join(map(self._report_group_label, group_by)),
                    "type": "text",
                    "total": "none",
                },
                *columns,
            ],
            "rows": rows,
            "heads": heads,
            "totals": None if heads else self._report_totals(totals, columns),
            "chart": self._report_chart(rows, columns, main, group_by)
            if currency
            else None,
        }

    @api.model
    def _report_frame(self, options):
        """What every table says of itself, whatever its figures are."""
        companies, currency = self._report_currency(options)
        as_of = options["as_of"] or companies[:1]._dso_today()
        period = options["period"]
        notes = []
        if options["words"]:
            notes.append(self.env._("Only: %s", "; ".join(options["words"])))
        if not currency:
            notes.append(
                self.env._(
                    "The companies keep their books in several currencies: each has"
                    " its own sums."
                )
            )
        notes += self._report_remarks(options)
        if period:
            subtitle = self.env._(
                "%(start)s to %(end)s",
                start=format_date(self.env, period[0]),
                end=format_date(self.env, period[1]),
            )
        elif options["trend"] == "week":
            subtitle = self.env._("Weeks until %s", format_date(self.env, as_of))
        elif options["trend"]:
            subtitle = self.env._("Months until %s", format_date(self.env, as_of))
        else:
            subtitle = self.env._("As of %s", format_date(self.env, as_of))
        return {
            "key": self._report_key,
            "title": self._report_title(),
            "subtitle": subtitle,
            "as_of": as_of,
            "companies": companies,
            "company_names": ", ".join(companies.mapped("name")),
            "currency": currency,
            "notes": notes,
        }

    @api.model
    def _report_remarks(self, options):
        """What is told beside the figures, whatever they are filtered by.

        :param options: as :meth:`_report_options` returns them
        :return: list of sentences
        """
        return []

    @api.model
    def report_remarks(self, as_of=None):
        """The remarks of a report for its screen, of the companies switched on.

        :param as_of: ISO date; None: today
        :return: list of sentences
        :raise AccessError: who may not read the report
        """
        return self._report_remarks(self._report_options({"as_of": as_of}))

    @api.model
    def _report_currency(self, options):
        """(res.company, the one currency of their books, empty where it is not one)"""
        companies = self.env["res.company"].browse(options["companies"])
        currency = companies.currency_id
        return companies, currency if len(currency) == 1 else currency[:0]

    @api.model
    def _report_main_key(self, columns):
        """Key of the column that matters most."""
        if self._report_main:
            return self._report_main
        amounts = [column["key"] for column in columns if column["type"] == "money"]
        return (amounts or [columns[0]["key"]])[0]

    def _report_rows(self, domain, group_by, columns, main, currency, heads=0):
        """Figures of all levels, in one query.

        :param main: key of the column by which groups are ordered
        :param currency: res.currency of all rows; empty: groups of the first level
            have their own
        :param heads: of so many first levels the groups are not added up; shares are
            taken of the last of them, without any of the total
        :return: (totals {key: value}, rows)
        """
        counted = [column for column in columns if column.get("aggregate")]
        found = self._read_grouping_sets(
            domain,
            [group_by[:depth] for depth in range(len(group_by) + 1)],
            [column["aggregate"] for column in counted],
        )

        def figures(aggregates, whole=None):
            values = {
                column["key"]: (0 if column["total"] == "sum" else None)
                if value is None or value is False
                else value
                for column, value in zip(counted, aggregates, strict=True)
            }
            for column in columns:
                kind, *keys = column.get("formula") or ("",)
                if kind == "ratio" and "aggregate" not in column:
                    part, of = (values[key] for key in keys)
                elif kind == "share":
                    part, of = values[keys[0]], (whole or values)[keys[0]]
                else:
                    continue
                values[column["key"]] = part / of if of else None
            return values

        # what the rows do not have is no level of its own
        def empty(described):
            return len(described) == 1 and not described[0][0][-1]

        totals = figures(found[0][0] if found[0] else [0] * len(counted))
        children = defaultdict(list)
        for depth, groups in enumerate(found[1:], start=1):
            for group in groups:
                children[group[: depth - 1]].append((group[:depth], group[depth:]))
        ranks = [self._report_rank(spec) for spec in group_by]
        rows = []

        def walk(path, whole, row_currency):
            level = len(path)
            described = [
                (keys, figures(aggregates, None if level < heads else whole))
                for keys, aggregates in children.pop(path, [])
            ]
            described.sort(key=lambda pair: ranks[level](pair[0][-1], pair[1][main]))
            for keys, values in described:
                # sudo: the group was read with the user's rights; its currency has a
                # name and decimals, nothing else is read of it
                own = keys[0].sudo() if not currency else currency
                if not (level and level + 1 < len(group_by) and empty(described)):
                    name, ref = self._report_group(group_by[level], keys[-1])
                    shown = {} if level < heads - 1 else values
                    rows.append(
                        {
                            "level": level,
                            "values": {"label": name, **shown},
                            "ref": ref,
                            "currency": own,
                        }
                    )
                walk(keys, values if level < heads else whole, own)

        walk((), None if heads else totals, currency)
        return totals, rows

    def _report_rank(self, spec):
        """Order of the groups of one level: selections as they are declared, dates by
        time, everything else by its main figure, the greatest first."""
        field = self._fields[spec.partition(":")[0]]
        if field.type == "selection":
            keys = [key for key, _label in field._description_selection(self.env)]
            return lambda value, _main: keys.index(value) if value in keys else -1
        if field.type == "date":
            return lambda value, _main: (not value, value or date.min)
        if field.type == "boolean":
            return lambda value, _main: bool(value)
        return lambda value, main: -(main or 0)

    def _report_group_label(self, spec):
        """Label of a level of groups."""
        field = self._fields[spec.partition(":")[0]]
        return field._description_string(self.env)

    def _report_group(self, spec, value):
        """What a group is called, and the record that it is: (text, (model, id))."""
        name, _dot, part = spec.partition(":")
        field = self._fields[name]
        if field.type == "many2one":
            if not value:
                return self.env._("None"), None
            # sudo: the group was read with the user's rights, and of what it stands for
            # only the name is told, as a list tells it
            return value.sudo().display_name, (value._name, value.id)
        if field.type == "selection":
            labels = dict(field._description_selection(self.env))
            return labels.get(value, self.env._("None")), None
        if field.type == "boolean":
            return self.env._("Yes") if value else self.env._("No"), None
        if field.type == "date" and value:
            words = READ_GROUP_DISPLAY_FORMAT.get(part, False)
            return format_date(self.env, value, date_format=words), None
        return str(value) if value else self.env._("None"), None

    @api.model
    def _report_totals(self, totals, columns):
        """Figures of the last row; what has no total has none, as balances of several
        days."""
        return {
            column["key"]: totals[column["key"]]
            for column in columns
            if column["total"] != "none"
        } or None

    def _report_chart(self, rows, columns, main, group_by):
        """The main figure of the groups of the first level: over time as a line, in a
        trend as a line for each group of the second level, if they are few."""
        groups = [row["values"] for row in rows if not row["level"]]
        column = next(column for column in columns if column["key"] == main)
        if len(groups) < 2:
            return None  # one bar compares nothing
        parts = self._report_lines(rows, column) if group_by[0] == DAY else {}
        if 1 < len(parts) <= LINES:
            return {
                "kind": "line",
                "type": column["type"],
                "labels": [group["label"] for group in groups],
                "series": [
                    {"name": name, "values": values} for name, values in parts.items()
                ],
            }
        dated = self._fields[group_by[0].partition(":")[0]].type == "date"
        shown = groups if dated else groups[:CHARTED]
        rest = groups[len(shown) :]
        labels = [group["label"] for group in shown]
        # a line has a gap where there is no figure; a bar of none is one of 0
        values = [group[main] if dated else group[main] or 0 for group in shown]
        if rest and column["total"] == "sum":
            labels.append(self.env._("%s others", len(rest)))
            values.append(sum(group[main] or 0 for group in rest))
        return {
            "kind": "line" if dated else "bar",
            "type": column["type"],
            "labels": labels,
            "series": [{"name": column["label"], "values": values}],
        }

    @api.model
    def _report_lines(self, rows, column):
        """A figure of the groups of the second level, in each of the first.

        :return: {name: [value; where there is no such group 0, None of a rate]}
        """
        found, count = defaultdict(dict), 0
        for row in rows:
            if not row["level"]:
                count += 1
            elif row["level"] == 1:
                values = found[row["values"]["label"]]
                values[count - 1] = row["values"][column["key"]]
        nothing = 0 if column["total"] == "sum" else None
        return {
            name: [values.get(number, nothing) for number in range(count)]
            for name, values in found.items()
        }

    # -------------------------------------------------------------------------
    # ITEMS
    # -------------------------------------------------------------------------

    @api.model
    def _report_item_count(self, options=None):
        """How many items stand behind the report; 0 where it has no such sheet."""
        if not self._report_item_fields:
            return 0
        source, domain = self._report_source(self._report_options(options))
        return source.search_count(domain)

    @api.model
    def _report_items(self, options=None):
        """What stands behind the figures, one by one.

        :param options: see :meth:`_report_options`
        :return: (columns, iterator over lists of values, in the order of the columns);
            columns are dicts ``key``, ``label``, ``type`` (as of the table) and, of
            money, ``currency`` (the key of the column with the code of its currency)
            and ``total`` (``sum`` where all rows are of one currency).
            Rows are fetched as they are asked for, so that memory does not grow with
            their number; no commit may come between
        """
        options = self._report_options(options)
        source, domain = self._report_source(options)
        _companies, currency = self._report_currency(options)
        names = list(self._report_item_fields)
        if options["trend"]:
            names.insert(0, "day")
        columns = []
        for name in names:  # grows: a currency follows the amounts in it
            field = source._fields[name]
            column = {
                "key": name,
                "label": field._description_string(self.env),
                "type": ITEM_TYPES.get(field.type, "text"),
            }
            if field.type == "monetary":
                column["currency"] = field.get_currency_field(source)
                if column["currency"] not in names:
                    names.append(column["currency"])
                # of the companies' own books: the others are of many currencies
                if column["currency"] == "currency_id" and currency:
                    # what was open on one day and on another does not add up
                    column["total"] = "none" if options["trend"] else "sum"
            columns.append(column)
        return columns, source._report_fetch(domain, names)

    def _report_fetch(self, domain, names):
        """The values of these fields of the rows that fit, in plain words,
        :data:`CHUNK` rows at a time by a cursor of the database."""
        trend = self.env.context.get("dso_trend")
        query = self._search(domain, order=f"day, {self._order}" if trend else None)
        select = query.select(
            *(self._field_to_sql(self._table, name, query) for name in names)
        )
        cr = self.env.cr
        self.env.flush_query(select)
        cursor = SQL.identifier("dso_report_items")
        cr.execute(SQL("DECLARE %s NO SCROLL CURSOR FOR %s", cursor, select))
        try:
            while True:
                cr.execute(SQL("FETCH FORWARD %s FROM %s", CHUNK, cursor))
                chunk = cr.fetchall()
                if not chunk:
                    return
                columns = (
                    self._report_words(name, values)
                    for name, values in zip(
                        names, zip(*chunk, strict=True), strict=True
                    )
                )
                yield from map(list, zip(*columns, strict=True))
        finally:
            cr.execute(SQL("CLOSE %s", cursor))

    def _report_words(self, name, values):
        """The values of one field as a reader knows them: names, labels, None."""
        field = self._fields[name]
        if field.type == "many2one":
            # sudo: the rows were searched with the user's rights, and of what stands on
            # them only the names are told, as a list tells them
            records = (
                self.env[field.comodel_name]
                .sudo()
                .browse({value for value in values if value})
            )
            words = {record.id: record.display_name for record in records.exists()}
            records.invalidate_recordset()
            return [words.get(value) for value in values]
        if field.type == "selection":
            labels = dict(field._description_selection(self.env))
            return [labels.get(value) for value in values]
        if field.type == "boolean":
            yes = self.env._("Yes")
            return [yes if value else None for value in values]
        return values
