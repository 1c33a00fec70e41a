"""What is missing shows as soon as an action is planned (L17)."""

from odoo import Command
from odoo.tests import freeze_time, tagged

from .common import TODAY, DsoCommon


@tagged("post_install", "-at_install")
class TestPlanningProblems(DsoCommon):
    def _specific(self, **values):
        move = self.invoice("10 Nov")
        with freeze_time(TODAY):
            action = self.env["dso.action"].create(
                {
                    "account_id": self.account().id,
                    "kind": "specific",
                    "action_model_id": self.email.id,
                    "mode": "auto",
                    "date": TODAY,
                    "line_ids": [Command.create({"move_id": move.id})],
                    **values,
                }
            )
        self.evaluate()
        return action

    def test_specific_action_without_contact(self):
        """L17: an automatic specific action without a contact is yellow, and cured."""
        self.customer.email = False
        action = self._specific()
        self.assertEqual((action.state, action.problem), ("error", "no_contact"))
        self.customer.email = "ar@customer.example"
        self.evaluate()
        self.assertEqual((action.state, action.problem), ("planned", False))

    def test_specific_action_without_text(self):
        """L17: what cannot leave without a text says so."""
        model = self._model("Bare", "email")
        action = self._specific(action_model_id=model.id)
        self.assertEqual((action.state, action.problem), ("error", "no_template"))

    def test_internal_action_needs_no_contact(self):
        """§2: an internal e-mail goes to colleagues."""
        self.customer.email = False
        action = self._specific(interactive="internal")
        self.assertEqual(action.state, "planned")

    def test_manual_action_waits_for_nobody(self):
        """§2: a person who acts finds the contact himself."""
        self.customer.email = False
        action = self._specific(mode="manual")
        self.assertEqual(action.state, "planned")
