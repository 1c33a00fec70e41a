"""Confirming one or thousands, and four eyes (rules.md §5)."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, freeze_time, tagged

from .common import TODAY, DsoCommon


class ConfirmCase(DsoCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.email.mode = "auto_confirm"
        cls.anna, cls.ben = (
            cls.env["res.users"].create(
                {
                    "name": name,
                    "login": f"confirm_{name}",
                    "email": f"{name}@own.example",
                    "group_ids": [
                        Command.set(
                            [
                                cls.env.ref("base.group_user").id,
                                cls.env.ref("base.group_partner_manager").id,
                                cls.env.ref("mail.group_mail_template_editor").id,
                                cls.env.ref("dso_collection.group_manager").id,
                            ]
                        )
                    ],
                }
            )
            for name in ("Anna", "Ben")
        )

    def setUp(self):
        super().setUp()
        clock = freeze_time(TODAY)
        clock.start()
        self.addCleanup(clock.stop)

    def proposal(self, due="18 Nov", partner=None):
        """An e-mail that waits for its confirmation."""
        self.invoice(due, partner=partner)
        account = self.evaluate(account=self.account(partner))
        return account.proposal_id


@tagged("post_install", "-at_install")
class TestConfirm(ConfirmCase):
    def test_recorded(self):
        """§5: who confirmed, and when, is kept with the action."""
        action = self.proposal().with_user(self.ben)
        action.action_confirm()
        self.assertTrue(action.confirmed)
        self.assertEqual(action.confirmed_by_id, self.ben)
        self.assertTrue(action.confirmed_at)
        self.assertEqual(action.confirmed_amount, action.amount_claimed)
        with self.assertRaisesRegex(UserError, "buttons"):
            action.confirmed_by_id = self.anna

    def test_many_some_refused(self):
        """Of many, what can be confirmed is; how many are not and why is told."""
        good = self.proposal()
        bad = self.proposal(partner=self._customer("No address", email=False))
        call = self.env["dso.action"].create(
            {"account_id": good.account_id.id, "action_model_id": self.phone.id}
        )
        self.assertEqual(bad.state, "error")
        everything = good | bad | call
        with self.assertRaises(UserError):
            everything.action_confirm()  # all or none
        told = everything.action_confirm_many()["params"]
        self.assertTrue(good.confirmed)
        self.assertFalse((bad | call).filtered("confirmed"))
        self.assertIn("1 done", told["message"])
        self.assertIn("2 not", told["message"])
        self.assertIn("problem", told["message"])
        self.assertIn("not an action to confirm", told["message"])
        self.assertEqual(told["type"], "warning")

    def test_none_can_be_confirmed(self):
        """Nothing is confirmed: an error, with the customer's name when it is one."""
        bad = self.proposal(partner=self._customer("No address", email=False))
        with self.assertRaisesRegex(UserError, "No address.*No collection contact"):
            bad.action_confirm()

    def test_closed_meanwhile(self):
        """One that was closed meanwhile does not stop the others."""
        good, gone = self.proposal(), self.proposal(partner=self._customer("Gone"))
        gone.action_skip()
        told = (good | gone).action_confirm_many()
        self.assertTrue(good.confirmed)
        self.assertIn("already closed", told["params"]["message"])

    def test_queries(self):
        """Set-based: no more queries for thirty than for two."""
        accounts = self.env["dso.account"]
        for number in range(32):
            partner = self._customer(f"Many {number}")
            self.many_items(1, partner).line_ids.no_followup = False
            self.invoice("18 Nov", partner=partner)
            accounts |= accounts._of_partner(partner)
        accounts.evaluate(TODAY)
        self.env.flush_all()
        actions = accounts.open_action_ids
        self.assertEqual(len(actions), 32)
        counts = []
        actions[:1].action_confirm_many()  # what is read once for all
        for some in (actions[1:3], actions[3:]):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.action_confirm_many()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)
        self.assertTrue(all(actions.mapped("confirmed")))

    def test_make_manual(self):
        """§2: one action becomes editable; it leaves the automatic ones."""
        action = self.proposal()
        with self.assertRaisesRegex(UserError, "make it manual"):
            action.own_body = "<p>Mine</p>"
        action.action_make_manual()
        self.assertEqual(action.mode, "manual")
        action.own_body = "<p>Mine</p>"
        with self.assertRaisesRegex(UserError, "manual already"):
            action.action_make_manual()

    def test_queue(self):
        """The queue holds what waits, problems included; not what is confirmed."""
        waiting = self.proposal()
        confirmed = self.proposal(partner=self._customer("Confirmed"))
        confirmed.action_confirm()
        window = self.env["dso.action"].action_open_confirm_queue()
        found = self.env["dso.action"].search(window["domain"])
        self.assertIn(waiting, found)
        self.assertNotIn(confirmed, found)


@tagged("post_install", "-at_install")
class TestFourEyes(ConfirmCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.dso_four_eyes = True

    def assertAnothers(self, action, what):
        """Anna changed it: she is refused with the reason, Ben is not, and then she
        may confirm what follows."""
        hers = action.with_user(self.anna)
        hers.invalidate_recordset(["four_eyes"])
        self.assertIn(what, hers.four_eyes)
        with self.assertRaisesRegex(UserError, what):
            hers.action_confirm()
        self.assertFalse(action.confirmed)
        his = action.with_user(self.ben)
        self.assertFalse(his.four_eyes)
        his.action_confirm()
        self.assertTrue(action.confirmed)
        action._engine().write({"confirmed": False})
        hers.invalidate_recordset(["four_eyes"])
        self.assertFalse(hers.four_eyes, "two have seen it")

    def test_date(self):
        """Who moved an action does not confirm it."""
        action = self.proposal()
        action.with_user(self.anna).action_reschedule(TODAY)
        self.assertAnothers(action, "its date")

    def test_model(self):
        """Who changed the action model does not confirm what leaves with it."""
        action = self.proposal()
        self.email.with_user(self.anna).attach_statement = "pdf"
        self.assertAnothers(action, "its action model")

    def test_step(self):
        """Who changed the step does not confirm it."""
        action = self.proposal()
        action.step_id.with_user(self.anna).days = 4
        self.evaluate()
        self.assertAnothers(self.account().proposal_id, "action model or step")

    def test_scenario_spacing(self):
        """Who changed the spacing of the scenario does not confirm its steps."""
        action = self.proposal()
        self.scenario.with_user(self.anna).minimum_gap = 1
        self.assertAnothers(action, "action model or step")

    def test_text(self):
        """Who wrote the text does not confirm what leaves with it."""
        action = self.proposal()
        self.template.with_user(self.anna).subject = "Pay me"
        self.assertAnothers(action, "its text")

    def test_translation(self):
        """A translation is a text."""
        action = self.proposal()
        self.env["res.lang"]._activate_lang("fr_FR")
        self.template.with_user(self.anna).update_field_translations(
            "subject", {"fr_FR": "Payez"}
        )
        self.assertAnothers(action, "its text")

    def test_text_of_a_variant(self):
        """The text for debtors of a country is a text of the model."""
        action = self.proposal()
        other = self.template.copy()
        self.email.with_user(self.anna).variant_ids = [
            Command.create(
                {"country_id": self.env.ref("base.fr").id, "template_id": other.id}
            )
        ]
        self.assertAnothers(action, "text")
        other.with_user(self.anna).body_html = "<p>Another</p>"
        self.assertAnothers(action, "text")

    def test_recipient(self):
        """Who changed whom it is written to does not confirm it: the contact of the
        account, or an address."""
        action = self.proposal()
        contact = self.env["res.partner"].create(
            {"name": "Books", "parent_id": self.customer.id, "email": "b@c.example"}
        )
        action.account_id.with_user(self.anna).contact_id = contact
        self.assertAnothers(action, "its recipient")
        contact.with_user(self.anna).email = "mine@anna.example"
        self.assertAnothers(action, "its recipient")

    def test_contact_deleted(self):
        """L17: what was confirmed for a contact that is gone is looked at again, and
        not by whoever deleted him."""
        contact = self.env["res.partner"].create(
            {"name": "Books", "parent_id": self.customer.id, "email": "b@c.example"}
        )
        action = self.proposal()
        action.account_id.contact_id = contact
        action.with_user(self.ben).action_confirm()
        contact.with_user(self.anna).unlink()
        self.assertFalse(action.confirmed)
        self.assertAnothers(action, "its recipient")

    def test_grouped(self):
        """Who grouped a customer under another decides who reads what he owes."""
        head = self.proposal(partner=self._customer("Head"))
        self.proposal().account_id.with_user(self.anna).head_id = head.account_id
        self.evaluate(account=head.account_id)
        self.assertAnothers(head.account_id.proposal_id, "its recipient")

    def test_items(self):
        """L17: what was confirmed with other items is looked at again, and not by
        whoever changed them."""
        told, added = self.invoice("10 Nov"), self.invoice("11 Nov")
        action = (
            self.env["dso.action"]
            .with_user(self.ben)
            .create(
                {
                    "account_id": self.account().id,
                    "kind": "specific",
                    "action_model_id": self.email.id,
                    "line_ids": [Command.create({"move_id": told.id})],
                }
            )
        )
        action.with_user(self.env.user).action_confirm()
        action.with_user(self.anna).line_ids = [Command.create({"move_id": added.id})]
        self.assertFalse(action.confirmed)
        with self.assertRaisesRegex(UserError, "its items"):
            action.with_user(self.anna).action_confirm()

    def test_beside_the_list(self):
        """The customer beside the list offers what the server allows."""
        action = self.proposal()
        action.with_user(self.anna).action_reschedule(TODAY)
        self.env.invalidate_all()

        def situation(user):
            found = action.with_user(user).get_situation()
            return [button["name"] for button in found["buttons"]], found["warnings"]

        names, warnings = situation(self.anna)
        self.assertNotIn("action_confirm", names)
        self.assertIn("You changed its date", warnings[0])
        names, warnings = situation(self.ben)
        self.assertIn("action_confirm", names)
        self.assertFalse(warnings)

    def test_scenario(self):
        """Who gave the customer his scenario does not confirm its action."""
        action = self.proposal()
        other = self._scenario("Other", ("T1", 1, self.email))
        action.account_id.with_user(self.anna).scenario_id = other
        self.evaluate()
        self.assertAnothers(self.account().proposal_id, "scenario")

    def test_scenario_by_mass_assignment(self):
        """The same when a thousand customers were given it at once."""
        action = self.proposal()
        other = self._scenario("Other", ("T1", 1, self.email))
        self.env["dso.assign"].with_user(self.anna).with_context(
            active_model="dso.account", active_ids=action.account_id.ids
        ).create({"source": "values", "scenario_id": other.id}).action_apply()
        self.evaluate()
        self.assertAnothers(self.account().proposal_id, "scenario")

    def test_planned_by_oneself(self):
        """Who planned an action does not confirm it."""
        account = self.proposal().account_id
        action = (
            self.env["dso.action"]
            .with_user(self.anna)
            .create({"account_id": account.id, "action_model_id": self.email.id})
        )
        self.assertEqual(action.mode, "auto_confirm")
        self.assertAnothers(action.with_user(self.env.user), "planned")

    def test_manual_from_the_start(self):
        """A person's own message needs nobody else, whatever its model says."""
        self.company.dso_sending_active = True
        account = self.proposal().account_id
        action = (
            self.env["dso.action"]
            .with_user(self.anna)
            .create(
                {
                    "account_id": account.id,
                    "action_model_id": self.email.id,
                    "mode": "manual",
                }
            )
        )
        action.action_send()
        self.assertEqual(action.state, "done")

    def test_confirmation_falls(self):
        """What Ben confirmed does not leave with the text that Anna wrote after."""
        action = self.proposal()
        action.with_user(self.ben).action_confirm()
        self.template.with_user(self.anna).subject = "Pay me"
        self.assertFalse(action.confirmed)
        action.with_user(self.ben).action_confirm()
        action.with_user(self.anna).action_reschedule("2026-12-01")
        self.assertFalse(action.confirmed, "later, too, is another day")

    def test_no_way_around(self):
        """Neither sending at once, nor by hand, nor fully automatic."""
        self.company.dso_sending_active = True
        action = self.proposal().with_user(self.anna)
        self.template.with_user(self.anna).subject = "Pay me"
        with self.assertRaisesRegex(UserError, "You changed its text"):
            action.action_send()
        with self.assertRaisesRegex(UserError, "second person"):
            action.mode = "auto"
        action.action_make_manual()
        with self.assertRaisesRegex(UserError, "You changed"):
            action.action_send()
        action.with_user(self.ben).action_send()
        self.assertEqual(action.state, "done")

    def test_confirmed_by_another_may_be_sent(self):
        """What another person confirmed may be sent at once by whoever changed it."""
        self.company.dso_sending_active = True
        action = self.proposal()
        self.template.with_user(self.anna).subject = "Pay me"
        action.with_user(self.ben).action_confirm()
        action.with_user(self.anna).action_send()
        self.assertEqual(action.state, "done")

    def test_others_are_confirmed(self):
        """Of many, those that she changed stay, with their number and the reason."""
        hers, other = self.proposal(), self.proposal(partner=self._customer("Other"))
        hers.with_user(self.anna).action_reschedule(TODAY)
        told = (hers | other).with_user(self.anna).action_confirm_many()
        self.assertTrue(other.confirmed)
        self.assertFalse(hers.confirmed)
        self.assertIn("You changed its date", told["params"]["message"])

    def test_changed_while_looking(self):
        """§5: nobody confirms another text than the one that was shown to him."""
        action = self.proposal()
        seen = action.with_user(self.ben).seen_mark
        template = action.template_id
        template.body_html = f"<p>Another text</p>{template.body_html}"
        self.env.invalidate_all()
        ben = action.with_user(self.ben)
        with self.assertRaisesRegex(UserError, "changed while you looked"):
            ben.with_context(dso_seen=seen).action_confirm()
        self.assertFalse(action.confirmed)
        ben.with_context(dso_seen=ben.seen_mark).action_confirm()
        self.assertTrue(action.confirmed)

    def test_shows_its_files(self):
        """§5: whoever confirms sees which files leave, also those still to be made."""
        action = self.proposal()
        self.assertFalse(action.file_names)
        action.action_model_id.write(
            {"attach_invoices": "claimed", "attach_statement": "pdf"}
        )
        self.env.invalidate_all()
        names = action.with_user(self.anna).file_names
        self.assertIn(action.leader_id.name, names)
        self.assertIn("Statement of account (PDF)", names)

    def test_only_where_it_is_asked_for(self):
        """Off, nothing is noted and everybody confirms."""
        self.company.dso_four_eyes = False
        action = self.proposal()
        action.with_user(self.anna).action_reschedule(TODAY)
        self.assertFalse(self.env["dso.change"].search([]))
        action.with_user(self.anna).action_confirm()
        self.assertTrue(action.confirmed)

    def test_nobody_writes_changes(self):
        """Changes are noted, never edited: not by a manager either."""
        action = self.proposal()
        action.with_user(self.anna).action_reschedule(TODAY)
        change = self.env["dso.change"].search([])
        self.assertEqual(change.user_id, self.anna)
        for verb in ("write", "unlink", "create"):
            with self.assertRaises(AccessError):
                change.with_user(self.anna).check_access(verb)


@tagged("post_install", "-at_install", "is_tour")
class TestConfirmUi(DsoCommon, HttpCase):
    def test_queue(self):
        """§5: one message after the other by keys, in a browser."""
        self.email.mode = "auto_confirm"
        actions = self.env["dso.action"]
        for name in ("Atelier", "Brasserie", "Comptoir"):
            partner = self._customer(name)
            self.invoice("3 Nov", partner=partner)
            account = self.account(partner)
            account.evaluate()
            actions |= account.proposal_id
        self.start_tour(
            "/odoo/collection-confirm",
            "dso_confirm_queue",
            login=self.env.user.login,
            timeout=180,
        )
        self.assertEqual(actions.mapped("confirmed"), [True, False, False])
        self.assertEqual(actions.mapped("state"), ["planned", "cancelled", "planned"])
        self.assertEqual(
            actions.mapped("mode"), ["auto_confirm", "auto_confirm", "manual"]
        )
