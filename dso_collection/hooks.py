"""What Odoo's uninstallation leaves behind of an addon, this one takes with it."""

import psycopg2

from odoo.tools import SQL

#: All models of the addons, those that build on this one included.
OUR_MODELS = "dso.%"


def uninstall_hook(env):
    """Prepare the uninstallation, so that every other table is left as it was.

    Runs while everything is still there. Odoo then deletes what has an external id,
    drops columns and tables, and removes the messages, activities and attachments of
    the models that go.
    """
    _release_calendars(env)
    _give_back_flags(env)
    _delete_records(env)
    _delete_preferences(env)
    _delete_reflections(env)
    env.invalidate_all(flush=False)


def _release_calendars(env):
    """Let go of the sending hours, which companies otherwise keep from deletion."""
    env["res.company"].search([]).dso_sending_calendar_id = False


def _give_back_flags(env):
    """Give Odoo's own no-follow-up flag back where a dispute has set it."""
    env["account.move.line"].flush_model(["no_followup"])
    env.cr.execute(
        """
        UPDATE account_move_line SET no_followup = FALSE
         WHERE id IN (SELECT account_move_line_id FROM dso_item_flagged_line)
        """
    )


def _delete_records(env):
    """Empty our tables.

    Odoo deletes the records that came with the addon one after the other, last one
    first; those that a user's records refer to would refuse, each with an error in the
    log. With nothing left, nothing refuses.
    """
    env.flush_all()
    waiting = [
        model._table
        for name, model in env.registry.items()
        if name.startswith("dso.") and model._auto and not model._abstract
    ]
    while waiting:
        left = [table for table in waiting if not _delete_rows(env.cr, table)]
        if len(left) == len(waiting):
            break  # they refer to each other: Odoo drops them all the same
        waiting = left
    env.cr.execute("DELETE FROM ir_model_data WHERE model LIKE %s", [OUR_MODELS])


def _delete_rows(cr, table):
    """Delete all rows; False when rows of another table need them."""
    try:
        with cr.savepoint(flush=False):
            cr.execute(
                SQL("DELETE FROM %s", SQL.identifier(table)), log_exceptions=False
            )
    except psycopg2.errors.ForeignKeyViolation:
        return False
    return True


def _delete_preferences(env):
    """Delete what users kept about our models under their name: searches, exports."""
    env.cr.execute("DELETE FROM ir_filters WHERE model_id LIKE %s", [OUR_MODELS])
    env.cr.execute("DELETE FROM ir_exports WHERE resource LIKE %s", [OUR_MODELS])
    env.cr.execute(r"DELETE FROM ir_config_parameter WHERE key LIKE 'dso\_collection%'")


def _delete_reflections(env):
    """Delete what Odoo noted about our models in the name of other addons.

    External ids of what our models inherit, which it gives to every addon that extends
    the inherited model; foreign keys of our columns on its tables, which it notes as
    ours but forgets.
    """
    env.cr.execute(
        """
        DELETE FROM ir_model_data
         WHERE model = 'ir.model.inherit'
           AND res_id IN (SELECT i.id
                            FROM ir_model_inherit i
                            JOIN ir_model m ON m.id = i.model_id
                           WHERE m.model LIKE %s)
        """,
        [OUR_MODELS],
    )
    env.cr.execute(
        """
        DELETE FROM ir_model_constraint c
         USING ir_module_module module, ir_model m
         WHERE module.id = c.module AND m.id = c.model
           AND c.type = 'f' AND m.model NOT LIKE %s
           AND module.name IN (SELECT name FROM ir_module_module
                                WHERE state = 'to remove')
        """,
        [OUR_MODELS],
    )
