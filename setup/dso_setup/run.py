"""`setup/run`: a demo server, with the main job's result."""

import argparse
import socket
from datetime import date
from pathlib import Path

from . import databases, ledger, ledger_file, main_job, postgres
from .console import Problem, main, say, step

PARSER = argparse.ArgumentParser(
    prog="setup/run",
    description="Set up Odoo 19 with the DSO Collection addons, run the main job "
    "(evaluate who is to be reminded, when and how), print what it found, and serve.",
    epilog=ledger_file.COLUMNS_HELP,
    formatter_class=argparse.RawDescriptionHelpFormatter,
)
PARSER.add_argument("--once", action="store_true", help="end after the table")
PARSER.add_argument("--port", type=int, default=8069, help="default: %(default)s")
PARSER.add_argument(
    "--ledger", type=Path, metavar="FILE.csv",
    help="load a receivables export instead of the demo customers",
)  # fmt: skip
PARSER.add_argument(
    "--today", type=date.fromisoformat, metavar="YYYY-MM-DD",
    help="the day to load and evaluate the ledger for (default: today)",
)  # fmt: skip
PARSER.add_argument(
    "--fresh", action="store_true", help="throw the demo database away and make it anew"
)


def run(arguments):
    options = PARSER.parse_args(arguments)
    if options.today and not options.ledger:
        PARSER.error("--today needs --ledger: the demo data are of the real today")
    if not options.once:
        _check_port(options.port)
    book = ledger_file.read(options.ledger) if options.ledger else None
    with postgres.running():
        databases.configure()
        if book:
            day = options.today or date.today()
            database, table = _load_ledger(book, day, fresh=options.fresh)
        else:
            database = databases.make_demo(fresh=options.fresh)
            step("Main job: evaluating every account")
            with databases.environment(database) as env:
                accounts = main_job.evaluate_all(env)
                table = main_job.summary(accounts, date.today())
        say(table)
        if options.once:
            return 0
        return _serve(database, options.port, with_crons=not book)


def _check_port(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            raise Problem(
                f"port {port} cannot be used ({error.strerror or error})",
                f"end what uses it, or start: setup/run --port {_free_port()}",
            ) from error


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _load_ledger(book, day, *, fresh):
    """The database of a ledger as of a day, and the main job's table on it."""
    database = "dso_ledger"
    for line, reason in book.wrong:
        say(f"{book.name}, line {line}: {reason}; not loaded")
    key = f"{databases.addons_key()} {book.digest} {day}"
    if fresh or databases.key_of(database) != key:
        template = databases.make_template()
        databases.clone(template, database)
        with databases.environment(database) as env:
            company = ledger.load(env, book, day)
            step(f"Main job: evaluating as of {day}")
            ledger.accounts_of(company).evaluate(today=day)
            env.cr.commit()
        databases.set_key(database, key)
    with databases.environment(database) as env:
        company = ledger.company_of(env, book)
        table = main_job.summary(ledger.accounts_of(company), day)
        return database, f"{ledger_file.counts(book, day)}\n{table}"


def _serve(database, port, *, with_crons):
    url = f"http://localhost:{port}"
    with databases.environment(database) as env:
        parameters = env["ir.config_parameter"]
        parameters.set_param("web.base.url", url)
        # for documents, Odoo waits a second each for scripts that they do not have
        parameters.set_param("report.print_delay", "0")
        logins = _logins(env)
        env.cr.commit()
    step("Server: starting")
    with databases.serving(database, port, cron_threads=int(with_crons)) as server:
        say(f"\n    {url}/odoo    log in as: {logins}\n")
        say(f"Database {database}; log in {databases.LOG}; Ctrl-C ends.")
        return server.wait()


def _logins(env):
    """The users who can log in with their login as password."""
    context = env["res.users"]._crypt_context()
    env.cr.execute(
        "SELECT login, password FROM res_users WHERE active AND NOT share "
        "AND password IS NOT NULL ORDER BY id LIMIT 12"
    )
    found = [
        f"{login} / {login}"
        for login, password in env.cr.fetchall()
        if context.verify(login, password)
    ]
    return ", ".join(found)


if __name__ == "__main__":
    main(run)
