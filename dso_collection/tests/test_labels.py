"""How screens speak: one way of writing labels."""

import re

from lxml import etree

from odoo.tests import TransactionCase, tagged

CAPITALISED = re.compile(r"[A-Z][a-z]+")
#: Names that are written with a capital.
NAMES = {"Odoo", "Excel"}


@tagged("post_install", "-at_install")
class TestLabels(TransactionCase):
    def test_sentence_case(self):
        """Labels of fields, buttons, filters and pages are in sentence case, also those
        that a field would get from its name."""
        found = []
        for view in self.env["ir.ui.view"].search(
            [("model", "!=", False), ("model_data_id.module", "=like", "dso_%")]
        ):
            found += [
                f"{view.xml_id}: {label}"
                for label in self._labels(etree.fromstring(view.arch), view.model)
                if self._title_case(label)
            ]
        self.assertFalse(found)

    def _title_case(self, label):
        return any(
            CAPITALISED.fullmatch(word) and word not in NAMES
            for word in label.split()[1:]
        )

    def _labels(self, node, model):
        """The labels that a node's children show, in views of ``model``."""
        for child in node:
            inner = model
            if label := child.get("string"):
                yield label
            if child.tag == "field" and model in self.env:
                field = self.env[model]._fields.get(child.get("name"))
                if not field or field.name == "display_name":
                    continue
                inner = field.comodel_name or model
                own = model.startswith("dso.") or field.name.startswith("dso_")
                if own and not label and self._shows_label(child):
                    yield field.string
            yield from self._labels(child, inner)

    def _shows_label(self, node):
        return node.get("nolabel") != "1" and not (
            {"1", "True"} & {node.get("invisible"), node.get("column_invisible")}
        )
