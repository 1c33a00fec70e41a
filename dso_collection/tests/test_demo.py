"""The demo data loads on a plain ledger, and shows every state of the product."""

from odoo.tests import TransactionCase, tagged
from odoo.tools.convert import convert_file

from ..engine.evaluation import REASONS
from ..models.dso_status import STATUS_TYPES


@tagged("post_install", "-at_install")
class TestDemo(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls.env.ref("dso_collection.demo_summit", raise_if_not_found=False):
            convert_file(
                cls.env, "dso_collection", "demo/dso_demo.xml", {}, mode="init"
            )
        cls.company = cls.env.ref("base.main_company")
        cls.accounts = cls.env["dso.account"].search(
            [
                ("company_id", "=", cls.company.id),
                ("partner_id.email", "not like", "%@example.com"),
            ]
        )
        cls.actions = cls.accounts.action_ids

    def test_every_state_occurs(self):
        """Each reason, state, kind, mode, colour, delivery and status type is shown."""
        self.assertLessEqual(
            {key for key, _label in REASONS}, set(self.accounts.mapped("reason"))
        )
        self.assertEqual(
            {key for key, _label in STATUS_TYPES},
            set(self.accounts.qualification_ids.mapped("status_type")) - {False},
        )
        for name in ("kind", "state", "mode"):
            values = dict(self.actions._fields[name].selection)
            self.assertEqual(set(values), set(self.actions.mapped(name)), name)
        self.assertLessEqual(
            {"yellow", "green", "red", "blue", "white"},
            set(self.actions.mapped("colour")),
        )
        self.assertLessEqual(
            {"sent", "failed", "bounced", "unknown"},
            set(self.actions.mapped("delivery")),
        )
        self.assertLessEqual(
            {"settled", "leader_changed", "hold", "skipped", "user", "superseded"},
            set(self.actions.mapped("cause")),
        )

    def test_replies_of_every_kind(self):
        """Replies by page, by mail and noted by a user, to process and validated."""
        replies = self.env["dso.reply"].search(
            [("account_id", "in", self.accounts.ids)]
        )
        self.assertEqual(set(replies.mapped("source")), {"user", "page", "mail"})
        self.assertEqual(set(replies.mapped("state")), {"to_process", "validated"})

    def test_every_payment_profile_occurs(self):
        """Each shipped payment profile is shown, and accounts that paid nothing."""
        shipped = self.env["dso.payment.profile"].search([("company_id", "=", False)])
        self.assertEqual(self.accounts.payment_profile_id, shipped)
        self.assertTrue(self.accounts.filtered(lambda a: not a.average_delay_count))

    def test_credit_and_roles_occur(self):
        """A limit that holds, one that is near and one that is passed; contacts with
        roles; a substitute."""
        self.assertEqual(
            set(self.accounts.mapped("credit_state")),
            {"none", "within", "near", "over"},
        )
        self.assertTrue(self.accounts.partner_id.child_ids.dso_contact_role_ids)
        self.assertTrue(
            self.env["dso.absence"].search(
                [("user_id", "=", self.env.ref("dso_collection.user_demo_manager").id)]
            )
        )

    def test_loading_twice_changes_nothing(self):
        """The loader is idempotent."""
        before = self.env["dso.account"].search_count([])
        moves = self.env["account.move"].search_count([])
        self.env["dso.demo"]._load()
        self.assertEqual(self.env["dso.account"].search_count([]), before)
        self.assertEqual(self.env["account.move"].search_count([]), moves)

    def test_evaluating_again_changes_nothing(self):
        """The stories end in a state that today's evaluation agrees with."""
        self.assertFalse(self.accounts.evaluate())
