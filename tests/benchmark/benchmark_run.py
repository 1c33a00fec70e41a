"""A small run of a benchmark, whose figures its test reads."""

import json
import subprocess
import sys
from pathlib import Path


def figures(name, database, folder, *options, timeout=600):
    """Run a benchmark on a database of its own and return its figures.

    :param name: of its module in this folder
    :param folder: where its figures are written
    :param options: further arguments of the benchmark
    :param timeout: seconds
    """
    target = folder / "figures.json"
    command = [
        *(sys.executable, str(Path(__file__).with_name(f"{name}.py"))),
        *("--db", database, "--no-docs", "--json", str(target), *options),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    print(done.stdout)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(target.read_text())
