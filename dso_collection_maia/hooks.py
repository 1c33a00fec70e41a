"""What the assistant has written into the core's tables goes with it."""

from odoo.tools import SQL


def uninstall_hook(env):
    """Nobody keeps expected payment dates up to date any more: forecasts are to go by
    their own rules again."""
    env["dso.item"]._clear_expected(SQL("TRUE"))
    env["dso.expectation"]._forget(SQL("TRUE"))
    env["dso.item"].invalidate_model(["expected_date", "expected_source"], flush=False)
