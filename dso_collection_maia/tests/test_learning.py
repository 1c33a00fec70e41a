"""Examples, versions, and who may see them."""

import base64
from contextlib import nullcontext
from datetime import timedelta
from unittest.mock import Mock, patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.dso_collection.models.dso_qualification import ENGINE
from odoo.addons.dso_collection.tests.common import TODAY, DsoCommon

from ..engine import adapt, apart
from ..engine.adapt import Figures
from ..engine.embedded import default_model
from ..engine.vectors import RECORD, SEAL
from ..models import dso_maia_model
from ..models.dso_maia_model import LEAST
from .test_engine_apart import LAST
from .test_engine_vectors import Counted, Ticking

#: A process in which learning takes next to no time.
QUICK = """
importlib.import_module(package + ".features").ENCODER = None
importlib.import_module(package + ".adapt").shipped_lessons = lambda *_given: []
"""


class Here(nullcontext):
    """In place of a process of its own, which knows nothing of what is patched here."""

    #: Seconds that were given in turn: (to the process, to its texts if it reads any).
    given = []

    def __init__(self, limit):
        super().__init__(self)
        self.limit = limit

    def encode(self, *arguments):
        self.given.append((self.limit, arguments[-1]))
        return adapt.encode(*arguments)

    def learn(self, model, *arguments):
        self.given.append((self.limit, None))
        return adapt.learn(model or default_model(), *arguments)


WELL = Figures(own=0.9, shipped=0.9, dangerous=0.02)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestLearning(DsoCommon):
    def setUp(self):
        super().setUp()
        Reason = self.env["dso.maia.reason"]
        self.quality = Reason._of("dispute", "quality")
        self.pricing = Reason._of("dispute", "pricing")
        self.thanks = Reason._of("on_going", "other")
        self.bad_goods = self.status(
            "dispute", maia_reason_ids=[Command.set(self.quality.ids)]
        )
        self.bad_price = self.status(
            "dispute", maia_reason_ids=[Command.set(self.pricing.ids)]
        )
        self.Example = self.env["dso.maia.example"]
        self.Version = self.env["dso.maia.model"]
        self.Proposal = self.env["dso.maia.proposal"]
        self.qualified = {}
        # no sentence vectors: what is learnt of words alone
        self.patch(adapt.features, "ENCODER", None)
        self.patch(dso_maia_model, "Reader", Here)
        self.commits = 0
        self.patch(self.registry["ir.cron"], "_commit_progress", self.commit)

    def commit(self, *_given, **_options):
        self.commits += 1
        self.env.flush_all()
        return float("inf")

    def situation(self, text="The goods are broken", reason=None, **values):
        """A situation that was proposed for a reply, not decided on."""
        Reply = self.env["dso.reply"].with_context(dso_engine=ENGINE)
        reply = Reply.create(
            {"account_id": self.account().id, "source": "page", "body": text}
        )
        return self.of_reply(reply.with_context(dso_engine=None), reason, **values)

    def of_reply(self, reply, reason=None, **values):
        reason = reason or self.quality
        Proposal = self.Proposal.sudo()  # written by the product only
        proposal = Proposal.search([("reply_id", "=", reply.id)])
        proposal = proposal or Proposal.create({"reply_id": reply.id})
        proposal.write({"lang": "en", "engine": "test", "state": "ready"})
        return proposal.item_ids.create(
            {
                "proposal_id": proposal.id,
                "status_type": reason.status_type,
                "reason_id": reason.id,
                "status_id": reason._status(self.company).id,
                "confidence": 0.8,
                **values,
            }
        )

    def decide(self, item, decision, status=None):
        values = {
            "decision": decision,
            "user_id": self.env.uid,
            "decided_on": fields.Datetime.now(),
        }
        if status:
            if status not in self.qualified:
                self.qualified[status] = self.invoice("1 Nov").dso_qualify(status, "so")
            values["qualification_ids"] = [Command.set(self.qualified[status].ids)]
        item.write(values)
        return self.Example.search([("item_id", "=", item.id)])

    def examples(self, count=LEAST):
        for number in range(count):
            self.decide(
                self.situation(f"blue form {number} went to the tower"),
                "corrected",
                self.bad_price,
            )

    def learn(self, before=WELL, after=WELL):
        """A version that was learnt from these examples, measured like this."""
        figures = iter([before, after])
        with (
            patch.object(adapt, "shipped_lessons", lambda *_args: []),
            patch.object(adapt, "figures", lambda *_args: next(figures)),
        ):
            action = self.Version.action_learn()
            version = self.Version.browse(action["res_id"])
            version.sudo()._make_or_fail()
        return version

    # -------------------------------------------------------------------------
    # EXAMPLES
    # -------------------------------------------------------------------------

    def test_confirmed(self):
        """A confirmed proposal is right, and counts for a half: who confirms may not
        have looked."""
        item = self.situation()
        example = self.decide(item, "confirmed", self.bad_goods)
        self.assertEqual((example.right, example.weight), (1, 0.5))
        self.assertEqual(example.pairs, [["dispute", "quality"]])
        self.assertEqual(example.lang, "en")

    def test_m5_corrected(self):
        """M5: Quality corrected to Price dispute is learnt; the proposal stays."""
        item = self.situation()
        example = self.decide(item, "corrected", self.bad_price)
        self.assertEqual((example.right, example.right_type), (0, 1))
        self.assertEqual(example.weight, 1)
        self.assertEqual(example.pairs, [["dispute", "pricing"]])
        self.assertEqual(example.status_id, self.bad_price)
        self.assertEqual(item.reason_id, self.quality)

    def test_rejected(self):
        """A dismissed proposal was wrong, and says nothing of what would be right."""
        example = self.decide(self.situation(), "rejected")
        self.assertEqual((example.right, example.right_type), (0, 0))
        self.assertEqual((example.weight, example.pairs or []), (0, []))

    def test_m4_filed(self):
        """M4: thanks, filed without qualifying: right where nothing was proposed,
        wrong where a status was."""
        thanks = self.situation("Thanks, received.", self.thanks, status_id=False)
        example = self.decide(thanks, "filed")
        self.assertEqual((example.right, example.pairs), (1, [["on_going", "other"]]))
        example = self.decide(self.situation(), "filed")
        self.assertEqual((example.right, example.pairs or []), (0, []))

    def test_taken_back(self):
        """A decision that is taken back is no example; another one takes its place."""
        item = self.situation()
        self.decide(item, "confirmed", self.bad_goods)
        item.write({"decision": False, "qualification_ids": [Command.clear()]})
        self.assertFalse(self.Example.search([("item_id", "=", item.id)]))
        example = self.decide(item, "corrected", self.bad_price)
        self.assertEqual(example.pairs, [["dispute", "pricing"]])

    def test_a_status_of_several_reasons(self):
        """A status may stand for several reasons: the proposed one if it is among them,
        else any of them."""
        both = self.quality | self.pricing
        status = self.status("dispute", maia_reason_ids=[Command.set(both.ids)])
        self.assertEqual(
            self.Example._pairs_of(status, self.pricing), [["dispute", "pricing"]]
        )
        other = self.env["dso.maia.reason"]._of("dispute", "delivery")
        self.assertCountEqual(
            self.Example._pairs_of(status, other),
            [["dispute", "pricing"], ["dispute", "quality"]],
        )
        unknown = self.status("litigation")
        self.assertEqual(
            {pair[0] for pair in self.Example._pairs_of(unknown, other)}, {"litigation"}
        )

    def test_without_its_author(self):
        """Nobody can read off an example who wrote it; its quoted part is not kept."""
        self.customer.name = "Brigitte Sommerfeld"
        item = self.situation(
            "Broken goods, says Brigitte.\nb.sommerfeld@customer.example"
            "\n+49 170 1234567\n\n> Dear Mrs Sommerfeld, you owe us money"
        )
        text = self.decide(item, "confirmed", self.bad_goods).text
        self.assertIn("Broken goods", text)
        for secret in ("Brigitte", "sommerfeld", "1234567", "owe us money"):
            self.assertNotIn(secret, text)

    def test_words_of_one_situation(self):
        """Of a reply with two situations each one learns its own words."""
        first = self.situation(
            "Price is wrong. Goods broken.", evidence="Goods broken."
        )
        second = self.of_reply(first.reply_id, self.pricing, evidence="Price is wrong.")
        one = self.decide(first, "confirmed", self.bad_goods)
        two = self.decide(second, "confirmed", self.bad_price)
        self.assertEqual((one.text, two.text), ("Goods broken.", "Price is wrong."))

    def test_erased_with_the_reply(self):
        """Who is forgotten is forgotten here, too (GDPR art. 17)."""
        item = self.situation()
        example = self.decide(item, "confirmed", self.bad_goods)
        item.reply_id._erase_content()
        self.assertFalse(example.exists())

    def test_kept_for_a_time(self):
        """Examples go after the months that the company keeps them; 0 keeps them."""
        example = self.decide(self.situation(), "confirmed", self.bad_goods)
        example.sudo().date = TODAY - timedelta(800)
        young = self.decide(self.situation(), "confirmed", self.bad_goods)
        self.company.dso_maia_keep_months = 0
        self.Example.sudo()._gc_kept()
        self.assertTrue(example.exists())
        self.company.dso_maia_keep_months = 24
        self.Example.sudo()._gc_kept()
        self.assertFalse(example.exists())
        self.assertTrue(young.exists())

    # -------------------------------------------------------------------------
    # VERSIONS
    # -------------------------------------------------------------------------

    def test_too_few(self):
        """A handful of examples says nothing."""
        self.examples(3)
        with self.assertRaisesRegex(UserError, "There are 3 examples"):
            self.Version.action_learn()

    def test_learnt_and_used(self):
        """A version that is not worse is used at once; it understands what only this
        company's customers mean, and no other company's engine does."""
        self.examples(30)
        foreign = self.setup_other_company(name="Other")["company"]
        version = self.learn()
        self.assertEqual(
            (version.state, version.in_use), ("ready", True), version.error
        )
        self.assertEqual(version.example_count, 30)
        mine = self.Proposal._engine(self.company)
        other = self.Proposal._engine(foreign)
        self.assertEqual(mine.model.version, version.version)
        self.assertIs(other.model, default_model())

    def test_measured_on_what_it_has_not_seen(self):
        """With the shipped texts, as it really runs: nothing falls."""
        self.examples(25)
        few = adapt.shipped_lessons("validation")[::10]
        with patch.object(adapt, "shipped_lessons", lambda *_args: few):
            action = self.Version.action_learn()
            version = self.Version.browse(action["res_id"])
            version.sudo()._make_or_fail()
        self.assertEqual(version.state, "ready", version.verdict)
        self.assertGreater(version.own_after, version.own_before)
        self.assertGreater(version.held_count, 0)

    def test_refused(self):
        """A version that is worse is kept, told, and neither used nor to be used."""
        self.examples()
        worse = Figures(own=0.9, shipped=0.9, dangerous=0.05)
        version = self.learn(after=worse)
        self.assertEqual((version.state, version.in_use), ("refused", False))
        self.assertIn("disputes", version.verdict)
        self.assertIs(self.Proposal._engine(self.company).model, default_model())
        with self.assertRaises(UserError):
            version.action_use()

    def test_rollback(self):
        """An earlier version is used again by one click, and so is the shipped one."""
        self.examples()
        first, second = self.learn(), self.learn()
        self.assertEqual((first.in_use, second.in_use), (False, True))
        self.assertNotEqual(first.version, second.version)
        first.action_use()
        self.assertEqual((first.in_use, second.in_use), (True, False))
        self.assertEqual(
            self.Proposal._engine(self.company).model.version, first.version
        )
        self.Version.action_use_shipped()
        self.assertFalse(first.in_use)
        self.assertIs(self.Proposal._engine(self.company).model, default_model())

    def test_a_damaged_file(self):
        """A version whose file is not the one that was learnt is not used."""
        self.examples()
        version = self.learn()
        dso_maia_model._READ.clear()
        version.sudo().attachment_id.raw = b"something else"
        with mute_logger("odoo.addons.dso_collection_maia.models.dso_maia_model"):
            engine = self.Proposal._engine(self.company)
        self.assertIs(engine.model, default_model())

    @mute_logger("odoo.addons.dso_collection_maia.models.dso_maia_model")
    def test_learning_breaks(self):
        """What breaks is told in words; the version in use stays."""
        self.examples()
        first = self.learn()
        with patch.object(adapt, "adapt", side_effect=MemoryError("no room")):
            version = self.learn()
        self.assertEqual((version.state, version.error), ("failed", "no room"))
        self.assertTrue(first.in_use)

    def in_a_process(self, spoilt=""):
        """The version that a process learns which was spoilt by this code."""
        boot = apart._BOOT.replace(LAST, QUICK + spoilt + LAST)
        action = self.Version.action_learn()
        version = self.Version.browse(action["res_id"])
        with (
            patch.object(apart, "_BOOT", boot),
            patch.object(dso_maia_model, "Reader", apart.Reader),
        ):
            version.sudo()._make_or_fail()
        return version

    def test_learnt_in_a_process_of_its_own(self):
        """As in this process; from the version in use, if there is one."""
        self.examples()
        version = self.in_a_process()
        self.assertEqual((version.state, version.in_use), ("ready", True))
        self.assertEqual((version.example_count, version.shipped_after), (LEAST, 0))
        self.assertGreater(version.own_after, version.own_before)
        second = self.in_a_process()
        self.assertEqual(second.own_before, version.own_after)
        model = self.Proposal._engine(self.company).model
        self.assertEqual(model.version, second.version)

    @mute_logger("odoo.addons.dso_collection_maia.models.dso_maia_model")
    def test_learning_hangs_or_dies(self):
        """It is ended, told in words, and the version in use stays."""
        self.examples()
        first = self.learn()
        hang = "import re; re.match('(a+)+$', 'a' * 64 + '!')\n"
        with patch.object(type(self.Version), "_seconds", lambda _self: 2):
            version = self.in_a_process(hang)
        self.assertEqual(
            (version.state, version.error), ("failed", "It took too long.")
        )
        version = self.in_a_process("import os; os.abort()\n")
        self.assertEqual(version.state, "failed")
        self.assertIn("broke down", version.error)
        self.assertTrue(first.in_use)

    def test_learning_ends_before_its_job(self):
        """It is ended before Odoo would end the job, and learns from no more than there
        is time for."""
        self.examples()
        with (
            patch.object(type(self.Version), "_seconds", lambda _self: 100),
            patch.object(Here, "given", []) as given,
        ):
            self.learn()
        self.assertEqual(given, [(90, 50), (90, None)])

    def test_learning_has_what_reading_left(self):
        """Both together end before the job does."""
        self.examples()
        clock = iter([1000, 1065.5])
        with (
            patch.object(type(self.Version), "_seconds", lambda _self: 100),
            patch.object(dso_maia_model, "time", Mock(monotonic=lambda: next(clock))),
            patch.object(Here, "given", []) as given,
        ):
            self.learn()
        self.assertEqual(given, [(90, 50), (24, None)])

    # -------------------------------------------------------------------------
    # VECTORS THAT ARE KEPT
    # -------------------------------------------------------------------------

    def encoder(self):
        encoder = Counted()
        self.patch(adapt.features, "ENCODER", encoder)
        self.patch(
            type(self.Version),
            "_of_company",
            lambda *_given: None,  # its replies are not read here
        )
        return encoder

    def ask(self):
        """A version that was asked for, and one run of the job."""
        action = self.Version.action_learn()
        version = self.Version.browse(action["res_id"])
        with patch.object(adapt, "shipped_lessons", lambda *_given: self.few_shipped()):
            version.sudo()._make_or_fail()
        return version

    def few_shipped(self):
        return [
            adapt.lesson(f"shipped {n}", TODAY, "en", [], key=str(n), shipped=True)
            for n in range(5)
        ]

    def kept_of(self, examples):
        return [len(record) for record in examples.sudo()._vectors()]

    def test_each_text_is_encoded_once(self):
        """A second version costs the new examples only."""
        encoder = self.encoder()
        self.examples()
        self.learn()
        self.assertEqual(len(encoder.asked), LEAST)
        self.examples(3)  # words that are known
        self.decide(self.situation("words of today"), "corrected", self.bad_price)
        encoder.asked.clear()
        version = self.learn()
        self.assertEqual(version.example_count, LEAST + 4)
        self.assertEqual(encoder.asked, ["words of today"])
        everything = self.Example.search([])
        self.assertEqual(set(self.kept_of(everything)), {RECORD})

    def test_a_damaged_vector(self):
        """It is computed anew, and kept."""
        encoder = self.encoder()
        self.examples()
        self.learn()
        example = self.Example.search([], limit=1)
        right = example.sudo().vector
        example.sudo().vector = base64.b64encode(bytes(RECORD))
        encoder.asked.clear()
        self.learn()
        self.assertEqual(encoder.asked, [example.text])
        self.assertEqual(example.sudo().vector, right)

    def test_vectors_go_with_their_examples(self):
        """Nothing that was made of words outlives them (GDPR art. 17): neither a
        decision taken back, nor an erased reply, nor the months of the company."""
        self.encoder()
        self.examples()
        self.ask()
        Vectors = self.env["dso.maia.vectors"].sudo()
        self.assertEqual(len(Vectors._kept()), 5 * RECORD)
        taken_back, erased, old = self.Example.search([], limit=3)
        seals = [one.sudo()._vectors()[0] for one in taken_back | erased | old]
        self.assertEqual(len(set(seals)), 3)
        taken_back.item_id.sudo().decision = False
        erased.reply_id._erase_content()
        old.sudo().date = TODAY - timedelta(3000)
        self.Example.sudo()._gc_kept()
        self.assertFalse((taken_back | erased | old).exists())
        left = self.Example.search([]).sudo()._vectors() + [Vectors._kept()]
        for seal in seals:
            self.assertFalse(any(seal[SEAL:] in each for each in left))
        for model in ("dso.maia.example", "dso.maia.vectors"):
            files = self.env["ir.attachment"].sudo()
            # with those of a field
            domain = [("res_model", "=", model), ("res_field", "!=", "-")]
            self.assertFalse(files.search_count(domain))

    def test_erased_while_it_was_read(self):
        """Nothing is kept of it, and nothing is learnt from it."""
        self.encoder()
        self.examples(LEAST + 5)
        gone = self.Example.search([], limit=1)
        gone_text = gone.text
        encode, learn, learnt = Here.encode, Here.learn, []

        def and_erased(reader, *arguments):
            kept = encode(reader, *arguments)
            gone.reply_id._erase_content()
            return kept

        def noted(reader, model, rows, *arguments):
            learnt.extend(row[0] for row in rows)
            return learn(reader, model, rows, *arguments)

        with (
            patch.object(Here, "encode", and_erased),
            patch.object(Here, "learn", noted),
        ):
            version = self.ask()
        self.assertFalse(version.error)
        self.assertEqual(version.example_count, LEAST + 4)
        self.assertEqual(len(learnt), LEAST + 4)
        self.assertNotIn(gone_text, learnt)

    @mute_logger("odoo.addons.dso_collection_maia.models.dso_maia_model")
    def test_all_erased_meanwhile(self):
        """Nothing is left to learn from: that is said, and nothing else breaks."""
        self.encoder()
        self.examples(LEAST)
        encode = Here.encode

        def and_erased(reader, *arguments):
            kept = encode(reader, *arguments)
            self.Example.search([]).reply_id._erase_content()
            return kept

        with patch.object(Here, "encode", and_erased):
            version = self.ask()
        self.assertIn("There are 0 examples to learn from", version.error)

    def test_goes_on_by_itself(self):
        """Too little time for a first version: what was read is kept, it says so, and
        the job comes back until there is enough."""
        encoder = self.encoder()
        self.examples(LEAST + 5)
        cron = self.env.ref("dso_collection_maia.ir_cron_learn")
        triggers = self.env["ir.cron.trigger"].sudo()
        domain = [("cron_id", "=", cron.id)]
        before = triggers.search_count(domain)
        with patch.object(adapt, "time", Ticking()):
            self.patch(type(self.Version), "_seconds", lambda _self: 30)
            version = self.ask()
            self.assertEqual(version.state, "queued")
            self.assertIn("goes on by itself", version.verdict)
            self.assertIn("15 texts", version.verdict)
            # when it was asked for, and to go on
            self.assertEqual(triggers.search_count(domain), before + 2)
            second = self.ask()
        self.assertEqual((second, second.state), (version, "ready"), version.error)
        self.assertEqual(triggers.search_count(domain), before + 2)
        self.assertEqual(len(encoder.asked), len(set(encoder.asked)))
        self.assertFalse(version.error)

    def test_shipped_texts_are_read_anew(self):
        """Other shipped texts came with an upgrade: nothing is learnt before they are
        read, however many examples are there."""
        encoder = self.encoder()
        self.examples()
        self.ask()
        self.env["dso.maia.vectors"].sudo()._keep(b"of others")
        self.patch(type(self.Version), "_seconds", lambda _self: 4)
        encoder.asked.clear()
        with patch.object(adapt, "time", Ticking()):
            version = self.ask()
        self.assertEqual((version.state, version.attempts), ("queued", 0))
        self.assertTrue(encoder.asked)
        self.assertTrue(all("shipped" in text for text in encoder.asked))

    def test_going_on_is_no_failed_attempt(self):
        """However many runs it takes."""
        self.encoder()
        self.examples()
        self.patch(type(self.Version), "_seconds", lambda _self: 6)
        version = self.Version.browse(self.Version.action_learn()["res_id"]).sudo()
        runs = 0
        while version.state == "queued" and runs < 30:
            runs += 1
            with (
                patch.object(adapt, "time", Ticking()),
                patch.object(
                    adapt, "shipped_lessons", lambda *_given: self.few_shipped()
                ),
            ):
                version._cron_learn()
        self.assertEqual(version.state, "ready", version.error)
        self.assertGreater(runs, 4)

    def test_read_though_learning_fails(self):
        """What was read stays, and is committed before it is learnt from."""
        encoder = self.encoder()
        self.examples()
        at = []

        def fails(*_given):
            at.append(self.commits)
            raise MemoryError("no room")

        with (
            patch.object(adapt, "adapt", fails),
            mute_logger("odoo.addons.dso_collection_maia.models.dso_maia_model"),
        ):
            version = self.ask()
        self.assertEqual((version.state, at), ("failed", [2]))
        encoder.asked.clear()
        self.ask()
        self.assertEqual(encoder.asked, [])

    def test_some_had_no_time(self):
        """Enough were read: they are learnt from, and the others are told."""
        self.encoder()
        self.examples(LEAST + 15)
        self.patch(type(self.Version), "_seconds", lambda _self: 60)
        with (
            patch.object(adapt, "time", Ticking()),
            patch.object(type(self.Version), "_tell") as tell,
        ):
            version = self.ask()
        left = LEAST + 15 - version.example_count
        self.assertTrue(0 < left < 15)
        if version.state == "ready":
            self.assertIn(f"{left} older ones", tell.call_args.args[1])
        self.assertIn(f"{left} older", self.Version._learnt_words(20, left))

    def test_no_more_than_can_be_learnt_in_time(self):
        """What learning costs beside reading grows with the square of the examples."""
        self.examples(LEAST + 5)
        self.patch(type(self.Version), "_seconds", lambda _self: 2)
        self.assertEqual(self.learn().example_count, 20)

    def test_vectors_are_read_by_nobody(self):
        """Neither by who may read the examples."""
        self.encoder()
        self.examples()
        self.learn()
        manager = new_test_user(self.env, "m", "dso_collection.group_manager")
        example = self.Example.search([], limit=1).with_user(manager)
        self.assertNotIn("vector", example.read()[0])
        with self.assertRaises(AccessError):
            example.read(["vector"])
        with self.assertRaises(AccessError):
            self.env["dso.maia.vectors"].with_user(manager).search([])

    def test_seconds(self):
        """Learning ends before Odoo ends the job, which would not tell anybody."""
        for cron, real, seconds in (
            (-1, 120, 120),
            (300, 120, 300),
            (0, 120, 600),
            (-1, 0, 600),
            (9000, 120, 600),
        ):
            limits = {"limit_time_real_cron": cron, "limit_time_real": real}
            with patch.object(dso_maia_model, "config", limits):
                self.assertEqual(self.Version._seconds(), seconds, limits)

    def test_asked_twice(self):
        """Asked again while it is being learnt, the same one is shown."""
        self.examples()
        first = self.Version.action_learn()
        self.assertEqual(self.Version.action_learn()["res_id"], first["res_id"])

    # -------------------------------------------------------------------------
    # RIGHTS
    # -------------------------------------------------------------------------

    def test_rights(self):
        """Examples and versions are for credit managers; nobody writes them."""
        self.examples()
        version = self.learn()
        example = self.Example.search([], limit=1)
        collector = new_test_user(self.env, "c", "dso_collection.group_collector")
        manager = new_test_user(self.env, "m", "dso_collection.group_manager")
        for record in (example, version):
            with self.assertRaises(AccessError):
                record.with_user(collector).read(["company_id"])
            record.with_user(manager).read(["company_id"])
            with self.assertRaises(AccessError):
                record.with_user(manager).write({"company_id": self.company.id})
        mine = self.Version.with_user(collector)
        for button in (
            mine.action_learn,
            mine.action_use_shipped,
            version.with_user(collector).action_use,
        ):
            with self.assertRaises(AccessError):
                button()
        self.assertTrue(version.in_use)

    def test_a_collector_decides(self):
        """Whoever decides need not be allowed to read examples."""
        item = self.situation()
        collector = new_test_user(self.env, "c", "dso_collection.group_collector")
        item.with_user(collector).sudo().write(
            {"decision": "rejected", "decided_on": fields.Datetime.now()}
        )
        self.assertTrue(self.Example.search([("item_id", "=", item.id)]))

    def test_other_company(self):
        """Examples of another company are not seen."""
        foreign = self.setup_other_company(name="Other")["company"]
        self.decide(self.situation(), "rejected")
        manager = new_test_user(
            self.env,
            "m",
            "dso_collection.group_manager",
            company_id=foreign.id,
            company_ids=[Command.set(foreign.ids)],
        )
        self.assertFalse(self.Example.with_user(manager).search([]))
