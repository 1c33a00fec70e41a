"""Odoo's configuration, command line and databases of this checkout.

    dso_base[_demo]    Odoo with Invoicing, nothing of ours      once per Odoo
    dso_template       dso_base with our addons, no demo data    once per state of them
    dso_demo           with demo data, kept and upgraded         `setup/run`
    dso_ledger         dso_template with a ledger loaded         `setup/run --ledger`
    dso_test_<pid>     a copy of dso_template                    one `setup/test`

Each of the first four carries, as its comment, the key of what it was made from.
"""

import contextlib
import fcntl
import functools
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psycopg2
from psycopg2 import sql

from . import mailbox
from .console import Problem, step

ROOT = Path(os.environ["DSO_ROOT"])
STATE = Path(os.environ["DSO_STATE"])
ODOO = Path(os.environ["DSO_ODOO"])
CONFIGURATION = STATE / "odoo.conf"
LOG = STATE / "log" / "odoo.log"


# ------------------------------------------------------------------------ our addons
def addons():
    """The names of this checkout's installable addons."""
    return sorted(path.parent.name for path in ROOT.glob("*/__manifest__.py"))


@functools.cache
def odoo_key():
    """Changes when the Odoo that we run changes."""
    package = ODOO / "odoo"
    version = (package / "release.py").read_bytes()
    modules = "".join(sorted(path.name for path in package.glob("addons/*")))
    return hashlib.sha256(version + modules.encode() + bytes(ODOO)).hexdigest()[:12]


@functools.cache
def addons_key():
    """Changes when an installed database of the addons would change."""
    digest = hashlib.sha256(odoo_key().encode())
    for addon in addons():
        for path in sorted((ROOT / addon).rglob("*")):
            parts = path.relative_to(ROOT / addon).parts
            # Odoo itself notices a changed asset
            if parts[0] in ("tests", "static", "readme") or path.suffix == ".pyc":
                continue
            if path.is_file():
                digest.update(bytes(path.relative_to(ROOT)))
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


# -------------------------------------------------------------------- PostgreSQL side
def execute(query, *arguments, database="postgres"):
    """Run one statement outside a transaction; the rows it returns, if any."""
    connection = psycopg2.connect(dbname=database)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(query, arguments)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def key_of(database):
    """What :func:`set_key` wrote; None when there is no such database."""
    rows = execute(
        "SELECT COALESCE(shobj_description(oid, 'pg_database'), '') FROM pg_database "
        "WHERE datname = %s",
        database,
    )
    return rows[0][0] if rows else None


def set_key(database, key):
    statement = sql.SQL("COMMENT ON DATABASE {} IS {}")
    execute(statement.format(sql.Identifier(database), sql.Literal(key)))


def filestore(database):
    return STATE / "data" / "filestore" / database


def drop(database):
    """Remove a database, whoever is connected, and its files."""
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
    execute(statement.format(sql.Identifier(database)))
    shutil.rmtree(filestore(database), ignore_errors=True)


def clone(template, database):
    """Copy a database; its files are linked, as Odoo never changes one in place."""
    drop(database)
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    try:
        execute(statement.format(sql.Identifier(database), sql.Identifier(template)))
    except psycopg2.errors.ObjectInUse as error:
        raise Problem(
            f"{template} is in use ({error.diag.message_detail})", "close what uses it"
        ) from error
    if filestore(template).exists():
        shutil.copytree(filestore(template), filestore(database), copy_function=os.link)


def analyze(cursor):
    """Let the planner see what was written, which autovacuum has not done yet."""
    cursor.execute(
        "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' "
        "AND tablename ~ '^(account_|dso_|res_partner)'"
    )
    cursor.execute(f"ANALYZE {', '.join(name for (name,) in cursor.fetchall())}")


# --------------------------------------------------------------------------- Odoo side
def configure():
    """Write Odoo's configuration file and name it in the environment."""
    mailbox.forget()
    # Debian's package has all of Odoo's addons in one folder, a checkout in two
    folders = [ODOO / "odoo" / "addons", ODOO / "addons", ROOT]
    paths = [str(path) for path in folders if any(path.glob("*/__manifest__.py"))]
    CONFIGURATION.write_text(
        "[options]\n"
        f"addons_path = {','.join(paths)}\n"
        f"data_dir = {STATE / 'data'}\n"
        "http_interface = 127.0.0.1\n"
        "list_db = False\n"
        "limit_time_real = 0\n"
        "limit_time_real_cron = 0\n"
        # nobody answers there: no mail of a test leaves the machine (`mailbox.py`)
        "smtp_server = localhost\n"
        "smtp_port = 1\n"
    )
    os.environ["ODOO_RC"] = str(CONFIGURATION)


def odoo(*arguments):
    """Run an Odoo command to its end; its log goes to the state folder."""
    command = [sys.executable, "-m", "odoo", *arguments]
    with open(LOG, "ab+") as output:
        start = output.seek(0, os.SEEK_END)
        code = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        ).returncode
        output.seek(start)
        text = output.read().decode(errors="replace")
    if not code:
        return
    if "No space left" in text:
        raise Problem("the disk is full", f"free 2 GB at {STATE}, then start again")
    # the last line of a traceback says most
    errors = re.findall(r"^(?:[\w.]+(?:Error|Exception|Violation)\b.*)$", text, re.M)
    cause = errors[-1] if errors else f"exit code {code}"
    raise Problem(f"`odoo {' '.join(arguments)}`: {cause[:200]}", f"see {LOG}")


def install(database, modules, *options):
    odoo("-d", database, "-i", ",".join(modules), "--stop-after-init", "--no-http",
         "--log-level=warn", "--max-cron-threads=0", *options)  # fmt: skip


@contextlib.contextmanager
def alone(name):
    """Let one process at a time do something in this checkout."""
    with open(STATE / f"{name}.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            step(f"Waiting for another command of this checkout ({name})")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def make_base(*, demo):
    """Odoo with Invoicing and what comes with it."""
    database = "dso_base_demo" if demo else "dso_base"
    if key_of(database) != odoo_key():
        step(f"Database: Odoo with Invoicing{', with demo data' if demo else ''}")
        drop(database)
        execute(f"CREATE DATABASE {database} TEMPLATE template0 ENCODING 'UTF8'")
        install(database, ["account"], *(["--with-demo"] if demo else []))
        set_key(database, odoo_key())
    return database


def make_template():
    """A database with our addons, without demo data, to copy."""
    with alone("template"):
        if key_of("dso_template") != addons_key():
            base = make_base(demo=False)
            step(f"Database: installing {', '.join(addons())}")
            clone(base, "dso_template")
            install("dso_template", addons())
            set_key("dso_template", addons_key())
    return "dso_template"


def make_demo(*, fresh=False):
    """The demo database; what a user did in it survives a change of the addons."""
    key = f"{odoo_key()} {addons_key()}"
    with alone("demo"):
        if fresh or key_of("dso_demo") in (None, ""):
            base = make_base(demo=True)
            step(f"Database: installing {', '.join(addons())} with demo data")
            clone(base, "dso_demo")
            install("dso_demo", addons())
            # notices of Odoo's own demo data, which nobody asked for
            execute("DELETE FROM mail_mail", database="dso_demo")
            set_key("dso_demo", key)
        elif key_of("dso_demo") != key:
            step(f"Database: upgrading {', '.join(addons())}")
            same_odoo = key_of("dso_demo").split()[0] == odoo_key()
            names = ",".join(addons())
            install("dso_demo", addons(), "-u", names if same_odoo else "all")
            set_key("dso_demo", key)
    return "dso_demo"


@contextlib.contextmanager
def environment(database):
    """An Odoo environment of the superuser in this process; commit is the caller's."""
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.tools import config

    if not config["db_name"]:
        config.parse_config(
            ["-d", database, "--no-http", "--log-level=warn", f"--logfile={LOG}"],
            setup_logging=True,
        )
    with Registry(database).cursor() as cursor:
        yield api.Environment(cursor, SUPERUSER_ID, {})


@contextlib.contextmanager
def serving(database, port, *, cron_threads=0):
    """A server of one database that answers on http://localhost:`port`."""
    command = [
        *(sys.executable, "-m", "odoo", "-d", database, "--no-database-list"),
        *(f"--db-filter=^{database}$", f"--http-port={port}", f"--logfile={LOG}"),
        *(f"--max-cron-threads={cron_threads}", "--log-level=warn"),
    ]
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        for _attempt in range(240):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/web/health").close()
                break
            if server.poll() is not None:
                raise Problem(f"the server ended by itself (see {LOG})", "start again")
            time.sleep(0.25)
        yield server
    finally:
        server.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(10)
        server.kill()
        server.wait()
