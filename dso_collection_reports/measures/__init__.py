"""Measures: what is counted, each defined once (rules.md §9).

Plain functions that return :class:`odoo.tools.SQL` or numbers. Their docstrings give
formula, unit and source; screens, printed reports, files and the dashboard all take
their figures from here. None checks rights: the models that use them do, by access
rows, record rules, and the companies that they pass.
"""
