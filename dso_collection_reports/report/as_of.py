"""What every report of a day has in common."""

#: Attributes of the fields of a report: they are read, never written, and a figure of
#: one day is no figure of another one.
AS_OF = {"readonly": True, "depends_context": ["dso_as_of", "dso_trend"]}
