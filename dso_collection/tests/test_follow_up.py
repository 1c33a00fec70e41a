"""Follow-ups: tasks of the colleague who is to fix something (rules.md §2)."""

from odoo import Command
from odoo.tests import freeze_time, new_test_user, tagged

from .common import TODAY, DsoCommon, day


@tagged("post_install", "-at_install")
class TestFollowUp(DsoCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.task = cls._model("Ask the warehouse", "follow_up")
        cls.dispute = cls.env["dso.status"].create(
            {"name": "Missing goods", "type": "dispute", "action_model_id": cls.task.id}
        )
        cls.resolver, cls.other = (
            new_test_user(
                cls.env,
                login,
                "dso_collection.group_resolver",
                email=f"{login}@company.example",
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            )
            for login in ("rita", "otto")
        )

    def setUp(self):
        super().setUp()
        today = freeze_time(str(TODAY))
        today.__enter__()
        self.addCleanup(today.__exit__, None, None, None)
        self.moves = self.invoice("10 Oct", 1000) | self.invoice("20 Oct", 500)

    def notices(self, user):
        return self.env["mail.message"].search(
            [
                ("model", "=", "dso.action"),
                ("message_type", "=", "user_notification"),
                ("partner_ids", "in", user.partner_id.ids),
            ]
        )

    def qualify(self, resolver, moves=None):
        (moves or self.moves).dso_qualify(self.dispute, "Box 3", resolver=resolver)
        return self.account().open_action_ids.filtered("dispute")

    def test_resolver_is_told_and_finds_it(self):
        """The task stands in the resolver's agenda, and he is told once."""
        tasks = self.qualify(self.resolver)
        [notice] = self.notices(self.resolver)
        self.assertIn(f"/odoo/collection-actions/{tasks[0].id}", notice.body)
        self.assertIn("Customer", notice.body)
        self.assertNotIn("Box 3", notice.body, "the comment stays in the record")
        agenda = self.env["dso.action"].with_user(self.resolver).action_open_agenda()
        self.assertIn("search_default_my_follow_ups", agenda["context"])
        mine = self.env["dso.action"].with_user(self.resolver)
        self.assertEqual(mine.search([("resolver_id", "=", self.resolver.id)]), tasks)
        tasks[0].with_user(self.resolver).action_reschedule(day("1 Dec"))
        self.assertEqual(tasks[0].date, day("1 Dec"))

    def test_next_resolver_is_told(self):
        tasks = self.qualify(self.resolver)
        tasks[0].write({"resolver_id": self.other.id})
        self.assertEqual(len(self.notices(self.other)), 1)
        tasks[0].write({"resolver_id": self.other.id})
        self.assertEqual(len(self.notices(self.other)), 1, "told once")

    def test_own_task_and_other_types(self):
        """Who takes a task himself is told nothing; nor who gets an e-mail instead."""
        self.qualify(self.env.user, self.moves[0])
        self.assertFalse(self.notices(self.env.user))
        self.dispute.action_model_id = self.email
        self.qualify(self.resolver, self.moves[1])
        self.assertFalse(self.notices(self.resolver))

    def test_hostile_customer_name(self):
        self.customer.name = "<script>alert(1)</script>"
        self.qualify(self.resolver)
        self.assertNotIn("<script>", self.notices(self.resolver).body)
