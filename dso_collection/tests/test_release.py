"""Formal notice and litigation leave only after a check list (rules.md §2)."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import day
from .sending_common import TODAY, SendingCommon


@tagged("post_install", "-at_install")
class TestRelease(SendingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.write(
            {
                "street": "14 rue de la République",
                "zip": "69002",
                "city": "Lyon",
                "country_id": cls.env.ref("base.fr").id,
            }
        )

    def setUp(self):
        super().setUp()
        today = freeze_time(str(TODAY))
        today.__enter__()
        self.addCleanup(today.__exit__, None, None, None)
        self.item = self.invoice("20 Oct")
        self.item.is_move_sent = True
        account = self.evaluate()
        Action = self.env["dso.action"]
        self.notice = Action.create(
            {"account_id": account.id, "action_model_id": self.letter.id}
        )
        self.suit = Action.create(
            {"account_id": account.id, "action_model_id": self.court.id}
        )

    def list_of(self, action, tick=True, **values):
        """The check list of an action as its window opens, all points ticked."""
        window = self.env["dso.release.make"].with_context(
            **action.action_release()["context"]
        )
        defaults = window.default_get(list(window._fields))
        make = window.create({**defaults, **values})
        make.point_ids.ticked = tick
        return make

    def speaks(self, action):
        return {p.key: p.speaks for p in self.list_of(action).point_ids}

    def test_check_list(self):
        """§2: undisputed, provably sent, legal name and address, deadline, no hold."""
        points = self.list_of(self.notice).point_ids
        self.assertEqual(
            points.mapped("key"),
            ["undisputed", "sent", "addressee", "deadline", "hold"],
        )
        self.assertEqual(points.mapped("speaks"), ["yes", "yes", "ask", "ask", "yes"])
        self.assertIn("Lyon", points[2].fact)

    def test_facts_against(self):
        """Each point tells what does not speak for it."""
        self.item.is_move_sent = False
        self.customer.zip = False
        self.env["dso.reply"].create(
            {"account_id": self.account().id, "body": "We disagree"}
        )
        speaks = self.speaks(self.notice)
        for key in ("undisputed", "sent", "addressee"):
            self.assertEqual(speaks[key], "no", key)
        make = self.list_of(self.notice)
        self.assertTrue(make.doubtful_count)
        with self.assertRaisesRegex(UserError, "Say why you release it all the same"):
            make.action_release_and_send()
        self.list_of(self.notice, note="Sent by courier").action_release_and_send()
        self.assertEqual(self.notice.state, "done")
        self.assertEqual(self.notice.release_note, "Sent by courier")

    def test_disputed_part(self):
        """A claimed item that is disputed in part speaks against."""
        self.item.dso_qualify(self.status("dispute"), "Too much", disputed_amount=300)
        self.assertEqual(self.speaks(self.notice)["undisputed"], "no")

    def test_released_and_sent(self):
        """§2: who released it, when and on what list is kept with the action."""
        self.list_of(self.notice).action_release_and_send()
        release = self.notice.release_id
        self.assertEqual(release.user_id, self.env.user)
        self.assertEqual(release.amount, 1000)
        self.assertEqual(release.deadline, self.notice.notice_deadline)
        self.assertEqual(len(release.points), 5)
        self.assertTrue(all(point["ticked"] for point in release.points))
        self.assertEqual((self.notice.state, self.notice.delivery), ("done", "queued"))
        self.assertTrue(self.notice.letter_id.registered)
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            release.note = "x"
        with self.assertRaises(AccessError):
            release.unlink()
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            release.sudo().unlink()
        with self.assertRaisesRegex(UserError, "check list"):
            release.create({"action_id": self.suit.id, "user_id": self.env.uid})

    def test_every_point_is_ticked(self):
        make = self.list_of(self.notice)
        make.point_ids[2].ticked = False
        with self.assertRaisesRegex(UserError, "legal name and address"):
            make.action_release_and_send()
        make.point_ids[2].unlink()
        with self.assertRaisesRegex(UserError, "legal name and address"):
            make.action_release_and_send()
        self.assertFalse(self.notice.release_id)

    def test_changed_while_open(self):
        """What changed since the window was opened is looked at again."""
        make = self.list_of(self.notice)
        self.item.is_move_sent = False
        with self.assertRaisesRegex(UserError, "changed since you opened"):
            make.action_release_and_send()

    def test_on_hold(self):
        """A hold is no matter of judgement."""
        self.account().write({"hold_reason": "pause"})
        make = self.list_of(self.notice, note="All the same")
        with self.assertRaisesRegex(UserError, "release the account first"):
            make.action_release_only()

    def test_nothing_without_release(self):
        """§2: neither button sends or completes it before."""
        for action in (self.notice, self.suit):
            with self.assertRaisesRegex(UserError, "press Release"):
                action.action_done()
        with self.assertRaisesRegex(UserError, "press Release"):
            self.notice.action_send()
        self.notice.sudo()._send_or_park(self.env.user)
        self.assertEqual(self.notice.problem, "not_released")

    def test_right(self):
        """§10: collectors do not release, unless they are given the right."""
        collector = new_test_user(
            self.env,
            "plain",
            "base.group_user,dso_collection.group_collector",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        with self.assertRaisesRegex(AccessError, "who has the right"):
            self.notice.with_user(collector).action_release()
        with self.assertRaises(AccessError):
            self.env["dso.release.make"].with_user(collector).create(
                {"action_id": self.notice.id}
            )
        collector.group_ids += self.env.ref("dso_collection.group_release")
        window = self.notice.with_user(collector).action_release()
        self.assertEqual(window["res_model"], "dso.release.make")

    def test_more_is_claimed(self):
        """L17: a release covers what was claimed, and less; not more."""
        self.list_of(self.notice).action_release_and_send()
        letter = self.notice.letter_id
        self.invoice("25 Oct", 500)
        letter.action_print()
        with freeze_time("2026-11-23"):
            self.run_job(self.env["dso.letter.batch"].sudo()._cron_make)
        self.assertEqual(letter.state, "withdrawn")
        self.assertEqual(self.notice.cause, "release_lapsed")

    def test_less_is_claimed(self):
        self.list_of(self.notice).action_release_and_send()
        self.notice.letter_id.action_print()
        self.pay(self.item, 400)
        self.run_job(self.env["dso.letter.batch"].sudo()._cron_make)
        self.assertEqual(self.notice.letter_id.state, "made")

    def test_sent_by_hand(self):
        self.list_of(self.notice).action_release_only()
        self.assertEqual(self.notice.state, "done")
        self.assertFalse(self.notice.letter_id)

    def test_litigation(self):
        """§3.3: its file is asked for, its items get a litigation status."""
        self.assertEqual(self.speaks(self.suit)["deadline"], "no")
        self.list_of(self.notice).action_release_only()
        with freeze_time("2026-12-28"):
            self.assertEqual(self.speaks(self.suit)["deadline"], "yes")
            window = self.list_of(self.suit).action_release_litigation()
            self.assertEqual(self.suit.state, "done")
            file = self.env["dso.litigation.file"].search(
                [("account_id", "=", self.account().id)]
            )
            self.assertEqual(file.move_ids, self.item)
            self.assertEqual(window["res_model"], "dso.qualify")
            qualify = self.env["dso.qualify"].with_context(**window["context"])
            values = qualify.default_get(list(qualify._fields))
            status = self.env["dso.status"].browse(values["status_id"])
            self.assertEqual(status.type, "litigation")
            rows = [command[2] for command in values["item_ids"] if command[2]]
            chosen = [row for row in rows if row.get("selected")]
            self.assertEqual([c["move_id"] for c in chosen], self.item.ids)

    def test_deadline_not_passed(self):
        """Litigation before the deadline of the notice needs a reason."""
        self.list_of(self.notice).action_release_only()
        self.assertGreater(self.notice.release_id.deadline, day("23 Nov"))
        with self.assertRaisesRegex(UserError, "Say why"):
            self.list_of(self.suit).action_release_litigation()

    def test_needs_no_release(self):
        action = self.env["dso.action"].create(
            {"account_id": self.account().id, "action_model_id": self.phone.id}
        )
        with self.assertRaisesRegex(UserError, "needs no release"):
            action.action_release()

    def test_release_of_another_action(self):
        """§2: a release lets go the one action that it was given for, however another
        one comes by it."""
        self.list_of(self.notice).action_release_only()
        kept = self.notice.release_id
        values = {
            "account_id": self.account().id,
            "action_model_id": self.letter.id,
        }
        Action = self.env["dso.action"]
        with self.assertRaisesRegex(UserError, "by their buttons"):
            Action.create({**values, "release_id": kept.id})
        with self.assertRaisesRegex(UserError, "by their buttons"):
            Action.with_context(default_release_id=kept.id).create(values)
        with self.assertRaisesRegex(UserError, "by their buttons"):
            self.suit.copy({"release_id": kept.id})
        other = Action.create(values)
        other._engine().release_id = kept
        with self.assertRaisesRegex(UserError, "press Release"):
            other.action_send()

    def test_released_once(self):
        """§2: each sending is released; a specific action that stays open asks again
        before it is sent a second time."""
        action = self.env["dso.action"].create(
            {
                "account_id": self.account().id,
                "action_model_id": self.letter.id,
                "kind": "specific",
                "line_ids": [Command.create({"move_id": self.item.id})],
            }
        )
        self.list_of(action).action_release_and_send()
        self.assertEqual((action.state, action.delivery), ("planned", "queued"))
        action.letter_id.action_print()
        self.run_job(self.env["dso.letter.batch"].sudo()._cron_make)
        action.letter_id.batch_id.action_posted()
        with self.assertRaisesRegex(UserError, "press Release"):
            action.action_send()
        self.list_of(action).action_release_and_send()
        self.assertEqual(action.letter_id.state, "waiting")

    def test_another_reader(self):
        """L17: a release is for its reader: nobody else gets the notice."""
        self.list_of(self.notice).action_release_and_send()
        self.notice.letter_id.action_print()
        self.account().contact_id = self.env["res.partner"].create(
            {"name": "Somebody else", "parent_id": self.customer.id}
        )
        self.run_job(self.env["dso.letter.batch"].sudo()._cron_make)
        self.assertEqual(self.notice.letter_id.state, "withdrawn")
        self.assertEqual(self.notice.cause, "release_lapsed")

    def by_email(self):
        """A formal notice that goes by e-mail."""
        model = self._model("Notice", "email", template=True, formal_notice=True)
        return self.env["dso.action"].create(
            {"account_id": self.account().id, "action_model_id": model.id}
        )

    def test_by_email_without_release(self):
        """§2: a formal notice is released whatever its channel."""
        notice = self.by_email()
        notice.sudo()._send_or_park(self.env.user)
        self.assertEqual(notice.problem, "not_released")

    def test_more_is_claimed_by_email(self):
        """L17: what waits in the outbox of e-mails does not outgrow its release."""
        notice = self.by_email()
        self.list_of(notice).action_release_and_send()
        self.assertEqual(notice.delivery, "queued")
        self.invoice("25 Oct", 500)
        self.assertFalse(self.run_outbox())
        self.assertEqual((notice.state, notice.cause), ("cancelled", "release_lapsed"))

    def test_deadline_of_the_release(self):
        """§2: the notice names the day that was checked, whenever it is printed; once
        that day is near the past it is to be released again."""
        self.list_of(self.notice).action_release_and_send()
        self.notice.letter_id.action_print()
        told = self.notice.release_id.deadline
        with freeze_time("2026-11-25"):
            self.env.invalidate_all()
            self.run_job(self.env["dso.letter.batch"].sudo()._cron_make)
            self.assertEqual(self.notice.notice_deadline, told)
            self.assertEqual(self.notice.letter_id.state, "made")
        with freeze_time(str(told)):
            self.env.invalidate_all()
            self.notice.letter_id.batch_id.action_download()
            self.run_job(self.env["dso.letter.batch"].sudo()._cron_make)
        self.assertEqual(self.notice.cause, "release_lapsed")

    def test_notice_that_did_not_arrive(self):
        """Litigation after a notice that the post returned needs a reason."""
        self.list_of(self.notice).action_release_and_send()
        self.notice.letter_id.action_print()
        self.run_job(self.env["dso.letter.batch"].sudo()._cron_make)
        letter = self.notice.letter_id
        with freeze_time("2026-12-28"):
            self.env.invalidate_all()
            self.assertEqual(self.speaks(self.suit)["deadline"], "no", "not posted")
        letter.batch_id.action_posted()
        with freeze_time("2026-12-28"):
            self.env.invalidate_all()
            self.assertEqual(self.speaks(self.suit)["deadline"], "yes")
            letter.action_came_back()
            points = self.list_of(self.suit).point_ids
            point = points.filtered(lambda point: point.key == "deadline")
            self.assertEqual(point.speaks, "no")
            self.assertIn("came back", point.fact)
