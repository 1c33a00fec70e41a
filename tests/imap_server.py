"""A real IMAP server on loopback: Debian's dovecot, with one mailbox.

It needs nothing but Debian's package: its configuration, its sockets and its mail are
in a temporary folder, which it takes away with it.
"""

import contextlib
import grp
import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

USER, PASSWORD = "answers", "secret"
#: Whose the mail is where the tests are root's: dovecot gives root none.
NOBODY = "nobody"
PATIENCE = 20  # seconds until the server answers

CONFIGURATION = """\
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_location = maildir:{folder}/mail
first_valid_uid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


class ImapServer:
    """``with ImapServer() as server:`` a mailbox on ``server.port``."""

    def __enter__(self):
        program = shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin")
        assert program, "dovecot is not installed: setup/test does it"
        own = pwd.getpwnam(NOBODY) if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        # not one of pytest's, to which only its own user finds the way
        self.folder = Path(tempfile.mkdtemp(prefix="dso-imap-"))
        self.folder.chmod(0o755)
        mail = self.folder / "mail"
        mail.mkdir()
        if os.getuid() == 0:
            shutil.chown(mail, own.pw_uid, own.pw_gid)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        settings = self.folder / "dovecot.conf"
        settings.write_text(
            CONFIGURATION.format(
                folder=self.folder,
                user=own.pw_name,
                group=grp.getgrgid(own.pw_gid).gr_name,
                uid=own.pw_uid,
                gid=own.pw_gid,
                password=PASSWORD,
                port=self.port,
            )
        )
        self._process = subprocess.Popen(
            [program, "-F", "-c", str(settings)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + PATIENCE
        while True:
            try:
                with self.client():
                    return self
            except (OSError, imaplib.IMAP4.error):
                if time.monotonic() > until or self._process.poll() is not None:
                    log = self.folder / "log"
                    text = log.read_text() if log.exists() else "no log"
                    self.__exit__()
                    raise AssertionError(f"dovecot does not answer: {text}") from None
                time.sleep(0.1)

    def __exit__(self, *_exception):
        self._process.terminate()
        self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextlib.contextmanager
    def client(self):
        """A client that has logged in, as a mail program would."""
        client = imaplib.IMAP4("127.0.0.1", self.port)
        try:
            client.login(USER, PASSWORD)
            yield client
        finally:
            client.logout()

    def deliver(self, *messages):
        """Put messages into the mailbox.

        :param bytes messages: with their headers
        """
        with self.client() as client:
            for message in messages:
                result, text = client.append("INBOX", None, None, message)
                assert result == "OK", text

    def unseen(self):
        """How many messages nobody has taken."""
        with self.client() as client:
            client.select(readonly=True)
            _result, data = client.search(None, "UNSEEN")
            return len(data[0].split())
