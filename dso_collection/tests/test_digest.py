"""Figures of collection in Odoo's digest e-mail."""

from datetime import datetime

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import TODAY, DsoCommon, day

FIGURES = ("kpi_dso_overdue", "kpi_dso_promises_due", "kpi_dso_actions_done")


@tagged("post_install", "-at_install")
class TestDigest(DsoCommon):
    def setUp(self):
        super().setUp()
        self.enterContext(freeze_time(TODAY))
        self.digest = self.env["digest.digest"].create(
            {
                "name": "Collection",
                "company_id": self.company.id,
                **dict.fromkeys(FIGURES, True),
            }
        )

    def figures(self, start, end, user=None):
        digest = self.digest.with_user(user or self.env.user).with_context(
            start_datetime=datetime.combine(day(start), datetime.min.time()),
            end_datetime=datetime.combine(day(end), datetime.min.time()),
        )
        digest.invalidate_recordset()
        return [digest[f"{name}_value"] for name in FIGURES]

    def test_figures(self):
        """Overdue as of now, promises due and actions done of the period."""
        move = self.invoice("10 Nov", 1200.0)
        self.on("18 Nov", "done")
        self.evaluate()
        with freeze_time(TODAY):
            promise = self.status("promise_to_pay")
            move.dso_qualify(promise, "", promise_date=day("27 Nov"))
        self.assertEqual(self.figures("17 Nov", "24 Nov"), [1200, 0, 1])
        self.assertEqual(self.figures("24 Nov", "28 Nov"), [1200, 1200, 0])
        self.assertEqual(self.figures("27 Nov", "28 Nov"), [1200, 1200, 0])
        self.assertEqual(self.figures("28 Nov", "29 Nov"), [1200, 0, 0])

    def test_rights(self):
        """Who has no role in collection gets a digest without these figures."""
        stranger = new_test_user(
            self.env,
            login="dso_stranger",
            groups="base.group_user",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        with self.assertRaises(AccessError):
            self.figures("17 Nov", "24 Nov", stranger)
        names = {
            kpi["kpi_name"] for kpi in self.digest._compute_kpis(self.company, stranger)
        }
        self.assertFalse(names & set(FIGURES))
        viewer = new_test_user(
            self.env,
            login="dso_digest_viewer",
            groups="dso_collection.group_viewer",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        kpis = self.digest._compute_kpis(self.company, viewer)
        self.assertLessEqual(set(FIGURES), {kpi["kpi_name"] for kpi in kpis})
        for kpi in kpis:
            if kpi["kpi_name"] in FIGURES:
                xmlid = kpi["kpi_action"].partition("?")[0]
                self.assertTrue(self.env.ref(xmlid))
