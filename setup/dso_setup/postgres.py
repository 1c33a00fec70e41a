"""The PostgreSQL that everything here uses: $PGHOST's, else a private cluster.

The private cluster belongs to one checkout: its data are in the state folder, it is
reached through a socket only, and it runs while some command of the set-up runs.
It holds nothing but demo and test data, so it prefers speed to durability.
"""

import contextlib
import fcntl
import glob
import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg2

from .console import Problem, step

STATE = Path(os.environ["DSO_STATE"])
CONFIGURATION = """
listen_addresses = ''
unix_socket_directories = '{socket}'
max_connections = 100
shared_buffers = 512MB
work_mem = 32MB
maintenance_work_mem = 256MB
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 4GB
jit = off
"""


@contextlib.contextmanager
def running():
    """Export libpq's variables (PGHOST...) of a PostgreSQL that answers."""
    if os.environ.get("PGHOST"):
        error = _refusal()
        if error:
            raise Problem(
                f"no PostgreSQL at PGHOST={os.environ['PGHOST']} ({error})",
                "correct PGHOST, PGPORT, PGUSER and PGPASSWORD, or unset PGHOST to get "
                "a private cluster",
            )
        yield
        return
    cluster = _Cluster()
    # Who uses the cluster holds a shared lock; who finds no other user at the end stops
    # it. The gate lets one command at a time start or stop.
    with open(STATE / "pg.gate", "w") as gate, open(STATE / "pg.users", "w") as users:
        fcntl.flock(gate, fcntl.LOCK_EX)
        fcntl.flock(users, fcntl.LOCK_SH)
        cluster.start()
        fcntl.flock(gate, fcntl.LOCK_UN)
        try:
            yield
        except psycopg2.OperationalError as error:
            raise Problem(
                f"PostgreSQL ended ({str(error).splitlines()[0]})",
                f"look at the end of {cluster.log}; a full disk is the usual cause",
            ) from error
        finally:
            fcntl.flock(gate, fcntl.LOCK_EX)
            # somebody else uses it, or it is not there any more
            with contextlib.suppress(BlockingIOError, Problem):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                cluster.stop()


def _refusal():
    """Why no connection can be made, in one line; None when one can."""
    try:
        psycopg2.connect(dbname="postgres").close()
    except psycopg2.OperationalError as error:
        return str(error).strip().splitlines()[-1]
    return None


class _Cluster:
    def __init__(self):
        # PostgreSQL refuses to run as root
        self.user = _unprivileged_user() if os.getuid() == 0 else None
        self.become = {}
        if self.user:
            group = pwd.getpwnam(self.user).pw_gid
            self.become = {"user": self.user, "group": group, "extra_groups": []}
        key = hashlib.sha256(os.fsencode(STATE.resolve())).hexdigest()[:12]
        # A socket's path is limited to 107 bytes, the checkout's is not.
        self.socket = Path(tempfile.gettempdir()) / f"dso-{os.getuid()}-{key}"
        self.folder = STATE / "pg"
        if self.user and not self._reachable(STATE):
            # a checkout in a private folder of root's
            self.folder = Path("/var/lib/dso-collection") / key
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        self.bin = _postgres_programs()

    def start(self):
        os.environ.update(PGHOST=str(self.socket), PGPORT="5432", PGUSER="odoo")
        os.environ["PATH"] += os.pathsep + self.bin
        self._make_folder(self.socket, 0o700)
        if not (self.data / "PG_VERSION").exists():
            step("PostgreSQL: creating a private cluster")
            self._make_folder(self.folder, 0o755)
            shutil.rmtree(self.data, ignore_errors=True)
            self._run("initdb", "--username=odoo", "--auth=trust", "--encoding=UTF8",
                      "--locale=C.UTF-8", "--no-sync")  # fmt: skip
        if _refusal():
            step("PostgreSQL: starting")
            # also after a copy or a move of the checkout
            settings = self.data / "postgresql.auto.conf"
            settings.write_text(CONFIGURATION.format(socket=self.socket))
            self._run("pg_ctl", "start", "--wait", "--timeout=60", f"--log={self.log}")

    def stop(self):
        try:
            self._run("pg_ctl", "stop", "--mode=fast")
        finally:
            shutil.rmtree(self.socket, ignore_errors=True)

    def _run(self, program, *arguments):
        command = [f"{self.bin}/{program}", f"--pgdata={self.data}", *arguments]
        # The server inherits what is open here, so it gets files, not pipes.
        with open(STATE / "log" / "postgres.log", "ab+") as output:
            start = output.seek(0, os.SEEK_END)
            result = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                **self.become,
            )
            if result.returncode == 0:
                return
            output.seek(start)
            text = output.read().decode(errors="replace")
        if self.log.exists():
            text += self.log.read_text(errors="replace")[-4000:]
        if "No space left" in text:
            raise Problem("the disk is full", f"free 2 GB at {self.folder}")
        raise Problem(
            f"PostgreSQL's {program} failed (see {self.log}, {STATE}/log/postgres.log)",
            f"delete {self.folder} and start again: the demo data are made anew",
        )

    def _make_folder(self, path, mode):
        path.mkdir(parents=True, exist_ok=True)
        if path.owner() not in ({self.user, "root"} if self.user else {_me()}):
            raise Problem(f"{path} belongs to {path.owner()}", "delete it, start again")
        path.chmod(mode)
        if self.user:
            shutil.chown(path, self.user)

    def _reachable(self, path):
        test = ["test", "-x", str(path)]
        return not subprocess.run(test, **self.become).returncode


def _me():
    return pwd.getpwuid(os.getuid()).pw_name


def _unprivileged_user():
    users = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in users else "nobody"


def _postgres_programs():
    """The newest server's folder; Debian does not put it on the PATH."""
    found = sorted(
        glob.glob("/usr/lib/postgresql/*/bin/initdb"),
        key=lambda path: int(path.split("/")[4]),
    )
    initdb = found[-1] if found else shutil.which("initdb")
    if not initdb:
        raise Problem("no PostgreSQL server here", "apt-get install postgresql")
    return str(Path(initdb).resolve().parent)
