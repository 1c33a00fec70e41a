"""What a database holds, table by table, to tell what an addon leaves behind.

``Snapshot(database)`` takes the schema, as pg_dump writes it, and every row of every
table. ``before.difference(after)`` lists what is not the same, apart from what Odoo
itself changes whenever anybody installs an addon or logs in.
"""

import hashlib
import json
import re
import subprocess
from collections import Counter

import psycopg2
from psycopg2 import sql

#: Rows that Odoo itself writes with any addon or any log-in: table → which rows of it
#: do not count, as an SQL condition.
ODOOS_OWN_ROWS = {
    # bundles of scripts and styles, made anew when an addon comes or goes
    "ir_attachment": "t.url LIKE '/web/assets/%'",
    # after each change of the addons it asks for the cleaning job
    "ir_cron_trigger": """t.cron_id IN (
        SELECT res_id FROM ir_model_data
         WHERE module = 'base' AND name = 'autovacuum_job')""",
    # counters by which the processes tell each other to reload
    "orm_signaling_registry": "TRUE",
    "orm_signaling_default": "TRUE",
    "orm_signaling_stable": "TRUE",
    # who has a page open, and what those pages are told
    "bus_bus": "TRUE",
    "mail_presence": "TRUE",
    # how far each user has read his channels: an open page may mark them as read
    "discuss_channel_member": "TRUE",
    # who logged in from where
    "res_users_log": "TRUE",
    "res_device_log": "TRUE",
    # forms that the administrator opened: emptied by the cleaning job
    "res_config_settings": "TRUE",
    "base_module_uninstall": "TRUE",
    "base_module_uninstall_ir_module_module_rel": "TRUE",
}
WRITTEN = ["write_date", "write_uid"]
#: Tables of which Odoo notes a new date of writing although the rows stay the same.
ODOOS_OWN_COLUMNS = {
    # it goes through the list of addons, and an upgrade writes an empty address
    "ir_module_module": [*WRITTEN, "url"],
    # groups of the addon are implied by those of Invoicing and given to users, who are
    # looked at again for whether they are external
    "res_groups": WRITTEN,
    "res_users": WRITTEN,
    "res_partner": WRITTEN,
    # the settings of the addon are saved with the company
    "res_company": WRITTEN,
}


class Snapshot:
    def __init__(self, database):
        self.statements = schema(database)
        self.rows = {}
        connection = psycopg2.connect(dbname=database)
        try:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT relname FROM pg_class WHERE relkind = 'r'"
                    " AND relnamespace = 'public'::regnamespace ORDER BY relname"
                )
                for (table,) in cursor.fetchall():
                    self.rows[table] = self._read(cursor, table)
        finally:
            connection.close()

    def _read(self, cursor, table):
        """The rows of a table as JSON."""
        query = sql.SQL(
            "SELECT (to_jsonb(t) - {}::text[])::text FROM {} t WHERE ({}) IS NOT TRUE"
        ).format(
            sql.Literal(ODOOS_OWN_COLUMNS.get(table, [])),
            sql.Identifier(table),
            sql.SQL(ODOOS_OWN_ROWS.get(table, "FALSE")),
        )
        cursor.execute(query)
        return Counter(row for (row,) in cursor)

    def hashes(self):
        """{table: md5 of its rows in order}"""
        return {
            table: hashlib.md5("\n".join(sorted(rows.elements())).encode()).hexdigest()
            for table, rows in self.rows.items()
        }

    def difference(self, after):
        """What ``after`` has more (+), less (-) or otherwise (*), as lines to print."""
        found = [
            *(f"schema: - {text}" for text in (self.statements - after.statements)),
            *(f"schema: + {text}" for text in (after.statements - self.statements)),
        ]
        hashes, hashes_after = self.hashes(), after.hashes()
        for table in sorted(set(hashes) | set(hashes_after)):
            if hashes.get(table) != hashes_after.get(table):
                before = self.rows.get(table, Counter())
                found += _changes(table, before, after.rows.get(table, Counter()))
        return found


def _changes(table, before, after):
    """Rows that came, went or changed: of changed ones the columns that did."""
    gone = [json.loads(row) for row in (before - after).elements()]
    come = [json.loads(row) for row in (after - before).elements()]
    came = {row["id"]: row for row in come if "id" in row}
    lines = []
    for row in gone:
        other = came.pop(row.get("id"), None)
        if other is None:
            lines.append(f"{table}: - {row}")
            continue
        columns = {
            name: (row[name], other.get(name))
            for name in row
            if row[name] != other.get(name)
        }
        lines.append(f"{table}: * {row['id']} {row.get('name', '')}: {columns}")
    new = [*came.values(), *(row for row in come if "id" not in row)]
    return sorted([*lines, *(f"{table}: + {row}" for row in new)])


def schema(database):
    """The statements of pg_dump, without its remarks."""
    dump = subprocess.run(
        ["pg_dump", "--schema-only", "--no-owner", "--no-privileges", database],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    lines = [
        line
        for line in dump.splitlines()
        # \restrict carries a random key
        if line and not line.startswith(("--", "\\restrict", "\\unrestrict"))
    ]
    statements = re.split(r";$", "\n".join(lines), flags=re.MULTILINE)
    return Counter(statement.strip() for statement in statements if statement.strip())
