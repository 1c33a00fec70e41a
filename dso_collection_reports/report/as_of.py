"""What every report of a day has in common."""

from odoo import fields

#: Attributes of the fields of a report: they are read, never written, and a figure of
#: one day is no figure of another one.
AS_OF = {"readonly": True, "depends_context": ["dso_as_of", "dso_trend"]}


class Figure(fields.Float):
    """A figure that there may not be, a rate of nothing: False then, instead of 0."""

    def convert_to_record(self, value, record):
        return False if value is None else value


class MoneyFigure(fields.Monetary):
    """As :class:`Figure`, of an amount."""

    def convert_to_record(self, value, record):
        return False if value is None else value
