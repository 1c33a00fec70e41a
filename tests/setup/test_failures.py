"""What can go wrong while setting up: one line each with its cure, no traceback."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from dso_setup import postgres, run
from dso_setup.console import Problem

SETUP = Path(__file__).parents[2] / "setup"
TESTED = next(
    line.split()
    for line in (SETUP / "odoo.version").read_text().splitlines()
    if not line.startswith("#")
)


class Machine:
    """A machine on which some commands are replaced and nothing is cached."""

    def __init__(self, folder):
        self.folder = folder
        self.bin = folder / "bin"
        self.cache = folder / "cache" / "dso-collection"
        self.state = folder / "state"
        for path in (self.bin, self.cache, self.state / "log"):
            path.mkdir(parents=True)
        (self.state / "log" / "setup.log").touch()
        self.environment = {
            "PATH": f"{self.bin}:{os.environ['PATH']}",
            "HOME": str(folder),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "DSO_STATE": str(self.state),
        }

    def has(self, command, script):
        """Replace a command by a shell script."""
        path = self.bin / command
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def sets_up(self, step, **environment):
        """Run a step of bootstrap.sh: (exit code, what it told)."""
        result = subprocess.run(
            ["bash", "-c", f'. "{SETUP}/bootstrap.sh"; {step}'],
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        return result.returncode, result.stderr

    def fails(self, step, **environment):
        """The one line that a step ends with when it fails."""
        code, told = self.sets_up(step, **environment)
        assert code == 1, told
        assert "Traceback" not in told
        *_before, last = told.splitlines()
        assert "ERROR: " in last and ". Cure: " in last and last.endswith(".")
        assert told.count("ERROR: ") == 1
        return last.split("ERROR: ")[1]


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def odoo_checkout(folder, version_info):
    (folder / "odoo").mkdir(parents=True)
    (folder / "odoo" / "release.py").write_text(
        f"FINAL = 'final'\nversion_info = {version_info}\n"
    )
    return {"ODOO_HOME": str(folder)}


@pytest.mark.parametrize(
    "version_info, series",
    [
        ("(18, 0, 0, FINAL, 0, '')", "18.0"),
        ("('saas~19', 1, 0, FINAL, 0, '')", "saas~19.1"),
        ("(20, 0, 0, FINAL, 0, '')", "20.0"),
    ],
)
def test_another_series_is_refused(machine, tmp_path, version_info, series):
    home = odoo_checkout(tmp_path / "home", version_info)
    line = machine.fails("odoo_source", **home)
    assert line.startswith(
        f"Odoo {series} in {home['ODOO_HOME']}, these addons are for"
    )
    assert "check out branch 19.0" in line


def test_19_0_of_odoo_home_is_taken(machine, tmp_path):
    home = odoo_checkout(tmp_path / "home", "(19, 0, 0, FINAL, 0, '')")
    code, told = machine.sets_up('odoo_source; echo "$ODOO" >&2', **home)
    assert code == 0
    assert told.splitlines()[-1] == home["ODOO_HOME"]


def test_a_folder_without_odoo_is_refused(machine, tmp_path):
    line = machine.fails("odoo_source", ODOO_HOME=str(tmp_path))
    assert line.startswith(f"no Odoo in {tmp_path}")


def test_no_network(machine):
    machine.has(
        "apt-get",
        'case "$*" in *indextargets*) echo http://archive/debian/ bookworm;;\n'
        '*) echo "E: Failed to fetch http://archive/debian sid"; exit 100;; esac',
    )
    line = machine.fails("download_odoo")
    assert line.startswith("Failed to fetch http://archive/debian sid. Cure: check")


def test_a_broken_download_is_thrown_away(machine):
    deb = machine.cache / "debs" / f"odoo-19_{TESTED[0]}_all.deb"
    deb.parent.mkdir()
    deb.write_bytes(b"half of it")
    line = machine.fails("odoo_source")
    assert line.startswith("the download of odoo-19 is broken. Cure: start again")
    assert not deb.exists()


def test_a_changed_package_of_the_tested_version_is_refused(machine):
    deb = machine.cache / "debs" / f"odoo-19_{TESTED[0]}_all.deb"
    deb.parent.mkdir()
    deb.write_bytes(b"something else")
    machine.has("dpkg-deb", f"echo '{TESTED[0]}'")
    line = machine.fails("odoo_source")
    assert line.startswith("the download of odoo-19 is broken")


def test_a_newer_19_0_is_taken_with_a_notice(machine):
    odoo = machine.cache / "odoo" / "usr/lib/python3/dist-packages"
    odoo_checkout(odoo, "(19, 0, 0, FINAL, 0, '')")
    (machine.cache / "odoo" / ".version").write_text("19.0.0+dfsg-99\n")
    code, told = machine.sets_up("odoo_source")
    assert code == 0
    assert f"19.0.0+dfsg-99 is newer than the tested {TESTED[0]}" in told


def test_little_space_is_seen_before_the_download(machine):
    machine.has("df", "echo header; echo /dev/sda 10000 9900 100 99% /")
    machine.has("apt-get", "echo http://archive/debian/ bookworm")
    line = machine.fails("download_odoo")
    assert "has 100 MB free, 3000 MB are needed" in line


def test_a_disk_that_fills_up(machine):
    machine.has("unpack", 'echo "tar: write error: No space left on device"; exit 2')
    line = machine.fails('quietly "try again" unpack')
    assert line.startswith("the disk is full. Cure: free 4 GB below ")


def test_too_old_a_python(machine):
    for version in ("", ".10", ".11", ".12", ".13"):
        machine.has(f"python3{version}", "echo Python 3.9.2; exit 1")
    line = machine.fails("python_venv runtime")
    assert line.startswith("no Python 3.10 to 3.13 with venv. Cure: install one")


def test_a_package_with_another_hash_is_refused(machine):
    machine.has("pip", 'echo "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES"; exit 1')
    line = machine.fails('quietly "check the network" pip')
    assert line.startswith("THESE PACKAGES DO NOT MATCH THE HASHES. Cure: check the")


def test_missing_packages_without_root(machine):
    machine.has("id", "echo 1000")
    machine.has("apt-cache", "echo Package: $2")
    machine.environment["PATH"] = str(machine.bin)  # nothing else is installed
    for command in "uname xargs date dirname bash apt-get echo grep".split():
        (machine.bin / command).symlink_to(shutil.which(command))
    line = machine.fails("system_packages test")
    assert line.startswith(
        "missing system packages. Cure: sudo apt-get install --no-install-recommends "
    )
    for package in ("python3-venv", "wkhtmltopdf", "chromium", "git"):
        assert f" {package}" in line


def test_port_in_use():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(
            Problem, match=f"port {port} cannot be used .*setup/run --po"
        ):
            run._check_port(port)


def test_no_postgresql_at_pghost(monkeypatch, tmp_path):
    monkeypatch.setenv("PGHOST", str(tmp_path))
    with pytest.raises(
        Problem, match=f"no PostgreSQL at PGHOST={tmp_path}.*unset PGHOST"
    ):
        with postgres.running():
            pass
