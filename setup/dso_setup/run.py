"""`setup/run`: a demo server, with the main job's result."""

import argparse
import contextlib
import socket
from datetime import date
from pathlib import Path

from . import databases, ledger, ledger_file, mailbox, main_job, postgres
from .console import Problem, main, say, step

PARSER = argparse.ArgumentParser(
    prog="setup/run",
    description="Set up Odoo 19 with the DSO Collection addons, run the main job "
    "(evaluate who is to be reminded, when and how), print what it found, and serve.",
    epilog=f"{ledger_file.COLUMNS_HELP}\n{mailbox.VARIABLES_HELP}",
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
    mail_server = _mail_server(book)
    with contextlib.ExitStack() as stack:
        stack.enter_context(postgres.running())
        databases.configure()
        mail = stack.enter_context(mailbox.delivering(mail_server))
        if book:
            day = options.today or date.today()
            database, table = _load_ledger(book, day, fresh=options.fresh)
            say(table)
            say("Sending is off: no mail reaches the customers of a ledger from here.")
        else:
            if options.fresh:
                mailbox.empty()
            database = databases.make_demo(fresh=options.fresh)
            _set_address(database, options.port)
            _run_main_job(database, mail)
        if options.once:
            return 0
        return _serve(database, options.port, with_crons=not book)


def _mail_server(book):
    """The mail server that the environment names; none for a ledger, whose customers
    are real."""
    named = mailbox.settings()
    return {} if book else named


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


def _run_main_job(database, mail):
    """Evaluate and send in the demo, and tell what became of it."""
    step("Main job: evaluating every account")
    with databases.environment(database) as env:
        accounts = main_job.evaluate_all(env)
        rows = main_job.found(accounts, date.today())
        company = env.ref("base.main_company")
        notes = []
        released = main_job.go_live(company)
        if released:
            notes.append(
                f"{released} e-mails waited for a collector's confirmation; this first"
                " run has confirmed them in his place."
            )
        if company.dso_sending_active:
            step(f"Main job: sending what is due to the {mail.name}")
            result = main_job.send(company)
            rows += result
            notes += _notes_on_hours(company) if dict(result)["Sent now"] else []
        else:
            notes.append(f"Nothing was sent: sending is off for {company.name}.")
        notes.append(f"Mails of this demo go to the {mail.name}.")
        if mail.real:
            notes.append(
                "Its customers' addresses end in .example, where nobody receives them."
            )
        say("\n".join([main_job.table(rows), *notes]))


def _notes_on_hours(company):
    opening = company._dso_sending_next()
    if not opening or company._dso_sending_open():
        return []
    return [
        "The sending hours are closed now: this run has sent as if they were open, the"
        f" server waits for {opening:%A, %H:%M}."
    ]


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
            databases.analyze(env.cr)
            step(f"Main job: evaluating as of {day}")
            ledger.accounts_of(company).evaluate(today=day)
            env.cr.commit()
        databases.set_key(database, key)
    with databases.environment(database) as env:
        company = ledger.company_of(env, book)
        table = main_job.table(main_job.found(ledger.accounts_of(company), day))
        return database, f"{ledger_file.counts(book, day)}\n{table}"


def _serve(database, port, *, with_crons):
    url = _set_address(database, port)
    with databases.environment(database) as env:
        logins = _logins(env)
    step("Server: starting")
    with databases.serving(database, port, cron_threads=int(with_crons)) as server:
        say(f"\n    {url}/odoo    log in as: {logins}\n")
        say(f"Database {database}; log in {databases.LOG}; Ctrl-C ends.")
        return server.wait()


def _set_address(database, port):
    """Tell a database the address it is served at, which its mails link to."""
    url = f"http://localhost:{port}"
    with databases.environment(database) as env:
        parameters = env["ir.config_parameter"]
        parameters.set_param("web.base.url", url)
        # for documents, Odoo waits a second each for scripts that they do not have
        parameters.set_param("report.print_delay", "0")
        env.cr.commit()
    return url


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
