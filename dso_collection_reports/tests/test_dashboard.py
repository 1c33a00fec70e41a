"""Dashboard and digest: what they show can be read, and is what the reports say."""

import base64
import json
from datetime import datetime

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from odoo.addons.dso_collection.tests.common import TODAY

from .test_report_table import ReportCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestDashboard(ReportCommon):
    def sheet(self):
        dashboard = self.env.ref("dso_collection_reports.dashboard_collection")
        return json.loads(base64.b64decode(dashboard.spreadsheet_binary_data))

    def sources(self):
        """(model, domain, groups, measure, context) of each pivot and chart."""
        sheet = self.sheet()
        for pivot in sheet["pivots"].values():
            rows = [row["fieldName"] for row in pivot["rows"]]
            for measure in pivot["measures"]:
                yield pivot["model"], pivot["domain"], rows, measure["fieldName"], {}
        for figure in sheet["sheets"][0]["figures"]:
            data = figure["data"]
            if "metaData" in data:
                meta = data["metaData"]
                search = data["searchParams"]
                yield (
                    meta["resModel"],
                    search["domain"],
                    meta["groupBy"],
                    meta["measure"],
                    search["context"],
                )

    def test_figures(self):
        """Every figure of the dashboard can be read by a viewer, and filtered by what
        its filters name."""
        self.r1()
        viewer = self.reader("dashboard_viewer")
        sources = list(self.sources())
        self.assertGreater(len(sources), 10)
        for model, domain, groups, measure, context in sources:
            report = self.env[model].with_user(viewer).with_context(**context)
            aggregator = report._fields[measure].aggregator
            self.assertTrue(aggregator, (model, measure))
            found = report._read_group(domain, groups, [f"{measure}:{aggregator}"])
            if model == "dso.trend.report":
                self.assertGreater(len(found), 1)  # days of a trend
            for name in ("collector_id", "partner_id"):
                self.assertIn(name, report._fields, model)

    def test_links(self):
        """What a click opens is there."""
        sheet = self.sheet()
        for menu in sheet["chartOdooMenusReferences"].values():
            self.assertTrue(self.env.ref(menu).action)
        cells = sheet["sheets"][0]["cells"].values()
        links = [
            cell.split("ir_menu_xml_id/")[1][:-1] for cell in cells if "](" in cell
        ]
        self.assertEqual(len(links), 2)
        for menu in links:
            self.assertTrue(self.env.ref(menu).action)

    def test_on_a_phone(self):
        """Phones show the figures without the cells: charts have their titles, and
        what stands under a card fits beside its number."""
        for figure in self.sheet()["sheets"][0]["figures"]:
            data = figure["data"]
            self.assertTrue(data["title"]["text"])
            if data["type"] == "scorecard":
                self.assertLessEqual(len(data["baselineDescr"]["text"]), 13)

    def test_who_sees_it(self):
        """Everybody with a role in collection, and nobody else."""
        dashboard = self.env.ref("dso_collection_reports.dashboard_collection")
        self.assertTrue(dashboard.with_user(self.reader("dash_in")).read(["name"]))
        employee = new_test_user(self.env, "dash_out", "base.group_user")
        with self.assertRaises(AccessError):
            dashboard.with_user(employee).read(["name"])

    def test_digest(self):
        """R1: the digest tells the rate of the end of its period, and the DSO of the
        report; not to whom they are no business."""
        self.r1()
        self.env.cr.flush()
        digest = self.env["digest.digest"].create(
            {"name": "Digest", "company_id": self.company.id}
        )
        manager = digest.with_context(
            start_datetime=datetime(2026, 11, 16), end_datetime=datetime(2026, 11, 23)
        )
        self.assertAlmostEqual(manager.kpi_dso_rate_value, 90)
        [(days,)] = self.env["dso.dso.report"]._read_group([], [], ["dso:avg"])
        self.assertAlmostEqual(manager.kpi_dso_days_value, days)
        before = digest.with_context(
            start_datetime=datetime(2026, 11, 1), end_datetime=datetime(2026, 11, 2)
        )
        before.invalidate_recordset()
        self.assertAlmostEqual(before.kpi_dso_rate_value, 0)
        # of a company that is not the reader's he reads nothing, nor of another instead
        foreign = self.env["digest.digest"].create(
            {"name": "Digest", "company_id": self.other_company().id}
        )
        foreign = foreign.with_user(self.reader("digest_in")).with_context(
            start_datetime=datetime(2026, 11, 16), end_datetime=datetime(2026, 11, 23)
        )
        self.assertEqual(foreign.kpi_dso_rate_value, 0)
        employee = new_test_user(self.env, "digest_out", "base.group_user")
        with self.assertRaises(AccessError):
            digest.with_user(employee).kpi_dso_rate_value  # noqa: B018
