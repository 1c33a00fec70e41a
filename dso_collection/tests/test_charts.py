"""Charts of the agenda: bands of waiting, periods, what is behind a bar."""

from datetime import timedelta

from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from .common import TODAY, DsoCommon

BANDS = {
    "1_over_month": (31, 400),
    "2_month": (8, 30),
    "3_week": (1, 7),
    "4_today": (0, 0),
    "5_upcoming": (-60, -1),
}


@tagged("post_install", "-at_install")
class TestCharts(DsoCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        account = cls.env["dso.account"]._of_partner(cls.customer)
        cls.actions = cls.env["dso.action"].create(
            [
                {
                    "account_id": account.id,
                    "action_model_id": cls.phone.id,
                    "date": TODAY - timedelta(days=late),
                }
                for ends in BANDS.values()
                for late in ends
            ]
        )

    def setUp(self):
        super().setUp()
        self.enterContext(freeze_time(TODAY))

    def test_seniority(self):
        """§5: to do by seniority; each day is in one band, read, searched, grouped."""
        expected = {
            band: self.actions[number * 2 : number * 2 + 2]
            for number, band in enumerate(BANDS)
        }
        own = [("id", "in", self.actions.ids)]
        Action = self.env["dso.action"]
        groups = Action._read_group(own, ["seniority"], ["id:recordset"])
        self.assertEqual(dict(groups), expected)
        self.assertEqual([band for band, _actions in groups], list(BANDS))
        for band, actions in expected.items():
            self.assertEqual(set(actions.mapped("seniority")), {band})
            self.assertEqual(
                Action.search([*own, ("seniority", "=", band)], order="id"), actions
            )

    def test_no_such_band(self):
        """A search for a band that does not exist finds nothing."""
        self.assertFalse(
            self.env["dso.action"].search([("seniority", "=", "yesterday")])
        )

    def test_closed_ones_do_not_wait(self):
        """What is done has no seniority."""
        self.actions[0].action_cancel()
        self.assertFalse(self.actions[0].seniority)
        self.assertNotIn(
            self.actions[0],
            self.env["dso.action"].search([("seniority", "=", "1_over_month")]),
        )
        own = [("id", "in", self.actions.ids)]
        self.assertEqual(
            self.env["dso.action"].search([*own, ("seniority", "=", False)]),
            self.actions[0],
        )

    def test_periods(self):
        """§5: a week to several months, by the day of the screen."""
        view = self.env.ref("dso_collection.dso_action_view_search_chart")
        arch = self.env["dso.action"].get_view(view.id, "search")["arch"]
        for name, days in (("next_7_days", 7), ("next_30_days", 30)):
            domain = arch.split(f'name="{name}"')[1].split('domain="')[1].split('"')[0]
            domain = safe_eval(domain.replace("&lt;", "<"))
            found = self.env["dso.action"].search(domain) & self.actions
            self.assertEqual(
                found,
                self.actions.filtered(
                    lambda a, d=days: a.date <= TODAY + timedelta(days=d)
                ),
            )

    def test_a_click_lists_what_is_behind(self):
        """Each chart opens its actions in the list where they can be worked on."""
        for chart, xmlid in (
            ("todo", "dso_action_view_list"),
            ("done", "dso_action_view_list_history"),
            ("forecast", "dso_action_view_list"),
        ):
            action = self.env["dso.action"].action_open_chart(chart)
            views = {kind: number for number, kind in action["views"]}
            self.assertEqual(list(views), ["graph", "pivot", "list", "form"])
            self.assertEqual(
                views["list"], self.env.ref(f"dso_collection.{xmlid}").id, chart
            )

    def test_defaults(self):
        """A collector starts with his own actions, a manager with everybody's; each
        default is a filter that is there."""
        collector = new_test_user(
            self.env, login="dso_chart", groups="dso_collection.group_collector"
        )
        Action = self.env["dso.action"]
        for chart in ("todo", "done", "forecast"):
            mine = Action.with_user(collector).action_open_chart(chart)
            self.assertTrue(mine["context"].get("search_default_mine"))
            arch = Action.get_view(mine["search_view_id"][0], "search")["arch"]
            defaults = [n for n in mine["context"] if n.startswith("search_default_")]
            for name in defaults:
                self.assertIn(f'name="{name.removeprefix("search_default_")}"', arch)
            everybody = Action.action_open_chart(chart)["context"]
            self.assertNotIn("search_default_mine", everybody)
