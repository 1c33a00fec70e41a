"""axe-core is fetched once, and only if it is the package that was tested."""

import base64
import hashlib
import io
import subprocess
import tarfile

import pytest
from dso_setup import axe
from dso_setup.console import Problem


def package(script):
    """An npm package that holds this script."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as archive:
        entry = tarfile.TarInfo("package/axe.min.js")
        entry.size = len(script)
        archive.addfile(entry, io.BytesIO(script))
    return held.getvalue()


@pytest.fixture
def npm(monkeypatch, tmp_path):
    """An npm that serves this package; the list of its calls."""
    served, calls = package(b"axe"), []

    def run(command, cwd, **_options):
        calls.append(command)
        (cwd / f"axe-core-{axe.VERSION}.tgz").write_bytes(served)

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setenv("DSO_CACHE", str(tmp_path))
    digest = base64.b64encode(hashlib.sha512(served).digest()).decode()
    monkeypatch.setattr(axe, "INTEGRITY", f"sha512-{digest}")
    return calls


def test_fetched_once(npm):
    assert axe.script().read_bytes() == b"axe"
    assert axe.script().read_bytes() == b"axe"
    assert len(npm) == 1
    assert npm[0][-1] == f"axe-core@{axe.VERSION}"


def test_another_package_is_refused(npm, monkeypatch, tmp_path):
    monkeypatch.setattr(axe, "INTEGRITY", "sha512-another")
    with pytest.raises(Problem, match="not the package that was tested"):
        axe.script()
    assert not list(tmp_path.iterdir())


def test_no_npm(npm, monkeypatch):
    def missing(*_args, **_options):
        raise FileNotFoundError("npm")

    monkeypatch.setattr(subprocess, "run", missing)
    with pytest.raises(Problem, match="could not be fetched. Cure: check node"):
        axe.script()
