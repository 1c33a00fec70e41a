"""Where mails of the demo go: to a mail server that is named, else to a folder.

Odoo reads its mail server from the environment, so both this process and the server
that it starts deliver there, and nothing about it is written anywhere.
"""

import asyncio
import contextlib
import email
import email.policy
import logging
import os
import re
import threading
from dataclasses import dataclass
from pathlib import Path

from aiosmtpd.smtp import SMTP

from .console import Problem

FOLDER = Path(os.environ["DSO_STATE"]) / "mailbox"
#: What Odoo itself reads.
ODOO = {
    "ODOO_SMTP_SERVER",
    "ODOO_SMTP_PORT",
    "ODOO_SMTP_USER",
    "ODOO_SMTP_PASSWORD",
    "ODOO_SMTP_SSL",
    "ODOO_EMAIL_FROM",
    "ODOO_FROM_FILTER",
}
#: {ODOO_SMTP_ENCRYPTION: usual port}
PORTS = {"none": 25, "starttls": 587}
VARIABLES_HELP = """\
variables for the demo's mails, which stay in .dso/mailbox without the first:
  ODOO_SMTP_HOST        a mail server that delivers them for real
  ODOO_SMTP_PORT        default: 587 with starttls, else 25
  ODOO_SMTP_ENCRYPTION  starttls or none (default)
  ODOO_SMTP_USER        optional, with ODOO_SMTP_PASSWORD
  ODOO_SMTP_FROM        optional: the only sender address that the server accepts
"""


@dataclass
class Destination:
    """Where mails are delivered, in words."""

    name: str
    real: bool = False


def settings():
    """Odoo's variables for the mail server that the environment names; {} without.

    Whatever else it says about mail is taken out of it: no command of the set-up may
    mail for real by accident.
    """
    given = {
        name: os.environ.get(f"ODOO_SMTP_{name}", "").strip()
        for name in ("HOST", "PORT", "ENCRYPTION", "USER", "PASSWORD", "FROM")
    }
    forget()
    if not given["HOST"]:
        return {}
    encryption = given["ENCRYPTION"].lower() or "none"
    if encryption not in PORTS:
        raise Problem(
            f"ODOO_SMTP_ENCRYPTION={given['ENCRYPTION']} is not known",
            f"set it to one of {', '.join(PORTS)}",
        )
    port = given["PORT"] or str(PORTS[encryption])
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise Problem(f"ODOO_SMTP_PORT={port} is no port", "set a number such as 587")
    found = {
        "ODOO_SMTP_SERVER": given["HOST"],
        "ODOO_SMTP_PORT": port,
        "ODOO_SMTP_SSL": str(encryption == "starttls"),
        "ODOO_SMTP_USER": given["USER"],
        "ODOO_SMTP_PASSWORD": given["PASSWORD"],
    }
    if given["FROM"]:
        found |= dict.fromkeys(("ODOO_EMAIL_FROM", "ODOO_FROM_FILTER"), given["FROM"])
    return found


def forget():
    """Take Odoo's own variables about mail out of the environment."""
    for name in ODOO:
        os.environ.pop(name, None)


@contextlib.contextmanager
def delivering(real):
    """Tell Odoo where to deliver, for as long as this lasts; the :class:`Destination`.

    :param real: what :func:`settings` found; {} for the local mailbox
    """
    try:
        if real:
            os.environ.update(real)
            host, port = real["ODOO_SMTP_SERVER"], real["ODOO_SMTP_PORT"]
            yield Destination(f"mail server {host}:{port}", real=True)
            return
        with Mailbox(FOLDER) as mailbox:
            os.environ["ODOO_SMTP_SERVER"] = "127.0.0.1"
            os.environ["ODOO_SMTP_PORT"] = str(mailbox.port)
            yield Destination(f"mailbox {mailbox.folder}")
    finally:
        forget()


class Mailbox:
    """``with Mailbox(folder) as mailbox:`` a mail server on 127.0.0.1:`mailbox.port`.

    It accepts every message and keeps it as ``<number>-<recipient>-<subject>.eml``,
    before it says so.
    """

    def __init__(self, folder):
        self.folder = Path(folder)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        logging.getLogger("mail.log").setLevel(logging.WARNING)  # each connection
        self._thread.start()
        self._server = self._wait(
            self._loop.create_server(
                # its own name is asked of no name server
                lambda: SMTP(self, hostname="localhost", enable_SMTPUTF8=True),
                "127.0.0.1",
                0,
            )
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_exception):
        self._wait(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _wait(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    async def _close(self):
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()  # who is still connected
        await asyncio.gather(*others, return_exceptions=True)

    async def handle_DATA(self, server, session, envelope):
        self.keep(envelope.rcpt_tos[0], envelope.original_content)
        return "250 OK"

    def keep(self, recipient, content):
        """Write a message; its path."""
        message = email.message_from_bytes(content, policy=email.policy.default)
        subject = re.sub(r"[\W_]+", "-", str(message["Subject"] or "").lower())
        subject = subject.strip("-")[:60].strip("-") or "no-subject"
        address = re.sub(r"[^\w.@+-]+", "", recipient)[:80]
        name = f"{address}-{subject}.eml"
        path = self.folder / f"{self._last() + 1:04}-{name}"
        path.write_bytes(content)
        return path

    def _last(self):
        numbers = (path.name.partition("-")[0] for path in self.folder.glob("*.eml"))
        return max((int(number) for number in numbers if number.isdigit()), default=0)


def empty(folder=FOLDER):
    """Throw away what a mailbox holds."""
    for path in folder.glob("*.eml"):
        path.unlink()
