"""axe-core, which the accessibility test runs on our screens: fetched once by npm."""

import base64
import hashlib
import os
import subprocess
import tarfile
import tempfile
from pathlib import Path

from .console import Problem, step

VERSION = "4.14.1"
#: As npm itself notes it in a lock file: the hash of the package.
INTEGRITY = (
    "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJ"
    "pZe37OgudVGtQ=="
)
CURE = "check node, npm and the network, then start again"


def script():
    """The path of axe.min.js, below the cache that checkouts share.

    :raise Problem: when it cannot be fetched, or is not what was tested
    """
    cache = Path(os.environ["DSO_CACHE"])
    target = cache / f"axe-core-{VERSION}.min.js"
    if not target.exists():
        step(f"axe-core: {VERSION} from npm")
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            source = _fetch(Path(folder))
            source.replace(target)  # at once: another run may look for it
    return target


def _fetch(folder):
    command = ["npm", "pack", "--silent", f"axe-core@{VERSION}"]
    try:
        subprocess.run(
            command, cwd=folder, check=True, capture_output=True, timeout=300
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise Problem(f"axe-core {VERSION} could not be fetched", CURE) from error
    package = folder / f"axe-core-{VERSION}.tgz"
    found = hashlib.sha512(package.read_bytes()).digest()
    if f"sha512-{base64.b64encode(found).decode()}" != INTEGRITY:
        raise Problem(f"axe-core {VERSION} is not the package that was tested", CURE)
    source = folder / "axe.min.js"
    with tarfile.open(package) as archive:
        source.write_bytes(archive.extractfile("package/axe.min.js").read())
    return source
