"""The collection rules, twice: ``rules`` to read, ``evaluation`` to run.

Nothing is imported here, so that ``rules`` stays usable without Odoo.
"""
