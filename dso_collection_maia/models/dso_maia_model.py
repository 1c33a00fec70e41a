"""What the assistant has learnt in a company: versions, one of them in use."""

import logging
import time
from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import config
from odoo.tools.lru import LRU

from odoo.addons.dso_collection.models.dso_action_send import _in_plain_words

from ..engine import adapt
from ..engine.adapt import LEAST
from ..engine.apart import EngineDied, EngineTimeout, Reader
from ..engine.embedded import default_model
from ..engine.model import Model, ModelError

_logger = logging.getLogger(__name__)

#: The newest examples, so many, are learnt from; and no more for each second that a job
#: has, as what learning takes beside encoding grows with the square of their number.
MOST, MOST_A_SECOND = 3_000, 10
#: Seconds that learning may take where Odoo sets jobs no limit.
LONGEST = 600
#: Versions that this process has read, by their name and checksum: two may be alike.
_READ = LRU(8)


class DsoMaiaModel(models.Model):
    """A version of the engine's model, learnt from a company's examples.

    A job learns it. It is used at once when nothing that is measured fell, else kept
    and not used. A version that is there can be taken again by one click, and so can
    the shipped model. What one company taught, no other one sees.
    """

    _name = "dso.maia.model"
    _inherit = ["dso.file.job"]
    _description = "Version of What MAIA Has Learnt"
    _order = "id desc"
    _rec_name = "version"

    _window = "dso_collection_maia.dso_maia_model_action"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.company.root_id,
    )
    version = fields.Char(readonly=True)
    state = fields.Selection(
        [
            ("queued", "Being learnt"),
            ("ready", "Learnt"),
            ("refused", "Not better"),
            ("failed", "Failed"),
        ],
        required=True,
        default="queued",
        readonly=True,
    )
    in_use = fields.Boolean("In use", readonly=True)
    example_count = fields.Integer("Examples", readonly=True, aggregator=None)
    held_count = fields.Integer(
        "Kept apart",
        readonly=True,
        aggregator=None,
        help="Examples that were measured on and not learnt from: one in five.",
    )
    manifest = fields.Json(readonly=True)
    checksum = fields.Char("SHA-256", readonly=True)
    own_before = fields.Float("Own texts before", readonly=True, aggregator=None)
    own_after = fields.Float("Own texts", readonly=True, aggregator=None)
    shipped_before = fields.Float("Shipped before", readonly=True, aggregator=None)
    shipped_after = fields.Float("Shipped texts", readonly=True, aggregator=None)
    dangerous_before = fields.Float("Dangerous before", readonly=True, aggregator=None)
    dangerous_after = fields.Float(
        "Dangerous confusions",
        readonly=True,
        aggregator=None,
        help="Share of texts that are a dispute or litigation and would be taken for a"
        " promise, or for settled.",
    )
    verdict = fields.Char(compute="_compute_verdict")

    _in_use_uniq = models.UniqueIndex(
        "(company_id) WHERE in_use", "One version is in use in a company."
    )
    _queued_uniq = models.UniqueIndex(
        "(company_id) WHERE state = 'queued'",
        "A version is being learnt already.",
    )

    @api.depends("state", "manifest", "in_use", "error")
    def _compute_verdict(self):
        words = {
            "own": self.env._("fewer of the company's texts would be right"),
            "shipped": self.env._("fewer of the shipped texts would be right"),
            "dangerous": self.env._("more disputes would be taken for settled"),
        }
        for model in self:
            fell = (model.manifest or {}).get("refused") or []
            if model.state == "refused":
                model.verdict = self.env._(
                    "Not used: %s.", ", ".join(words[name] for name in fell)
                )
            elif model.in_use:
                model.verdict = self.env._("In use")
            else:
                model.verdict = model.error

    # -------------------------------------------------------------------------
    # USING
    # -------------------------------------------------------------------------

    @api.model
    def _of_company(self, company):
        """The version that a company uses, None for the shipped one.

        :param company: res.company, a root
        :return: :class:`..engine.model.Model` or None
        """
        # The version of one company, which the caller names: the job, of the reply that
        # it reads. Weights only, and no method of a client gives them back.
        versions = self.sudo()
        used = versions.search([("company_id", "=", company.id), ("in_use", "=", True)])
        return used._loaded() if used else None

    def _loaded(self):
        """This version, or the shipped one where it cannot be read."""
        self.ensure_one()
        key = self.version, self.checksum
        model = _READ.get(key)
        if model:
            return model
        try:
            model = Model.from_bytes(self.attachment_id.raw or b"", self.manifest or {})
        except ModelError:
            _logger.warning("MAIA: version %s", self.version, exc_info=True)
            return default_model()
        _READ[key] = model
        return model

    def action_use(self):
        """Use this version from now on: also how to go back to an earlier one.

        :raise UserError: for one that was refused or has not been learnt
        """
        self.ensure_one()
        self._check_manager()
        self.check_access("read")
        if self.state != "ready":
            raise UserError(
                self.env._("Only a version that has passed its test can be used.")
            )
        self.sudo()._use()  # role and company checked just above
        return True

    def action_use_shipped(self):
        """Use what came with the product, in the current company."""
        self._check_manager()
        used = self.search(
            [("company_id", "=", self.env.company.root_id.id), ("in_use", "=", True)]
        )
        used.sudo().in_use = False  # role checked, and found with the user's rights
        return True

    def _use(self):
        """This version takes the place of the one in use."""
        self.search(
            [("company_id", "=", self.company_id.id), ("in_use", "=", True)]
        ).in_use = False
        self.flush_model(["in_use"])
        self.in_use = True

    @api.model
    def _check_manager(self):
        if not self.env.user.has_group("dso_collection.group_manager"):
            raise AccessError(
                self.env._("Only credit managers decide what the assistant learns.")
            )

    # -------------------------------------------------------------------------
    # LEARNING
    # -------------------------------------------------------------------------

    def action_learn(self):
        """Ask for a version learnt from the examples of the current company.

        :raise UserError: while there are too few of them
        """
        self._check_manager()
        company = self.env.company.root_id
        waiting = self.search(
            [("company_id", "=", company.id), ("state", "=", "queued")]
        )
        if waiting:
            return waiting._show()
        count = len(self.env["dso.maia.example"]._to_learn(company, LEAST))
        if count < LEAST:
            raise UserError(self._too_few(count))
        asked = self.sudo().create(  # role checked just above
            {"company_id": company.id, "user_id": self.env.uid}
        )
        # whoever may ask may start the job, whose cron he cannot read
        self.env.ref("dso_collection_maia.ir_cron_learn").sudo()._trigger()
        return asked.sudo(False)._show()

    @api.model
    def _cron_learn(self):
        """Learn what was asked for, each in a transaction of its own."""
        self.search([("state", "=", "queued")], order="id")._make_waiting()

    def _make_or_fail(self):
        # a part of the time is left to other jobs of this run, and to this one's end
        seconds = self._seconds()
        limit = seconds * 9 // 10
        until = time.monotonic() + limit
        try:
            kept = self._encode(seconds // 2, limit)
            if kept:
                with self.env.cr.savepoint():
                    self._learn(*kept, max(1, int(until - time.monotonic())))
        except Exception as error:
            # whatever breaks one company's learning breaks no other's
            self.env.invalidate_all(flush=False)
            _logger.warning("MAIA: learning %s", self.id, exc_info=True)
            self._fail(self._why(error))

    @api.model
    def _too_few(self, count):
        """Why nothing can be learnt."""
        return self.env._(
            "There are %(count)s examples to learn from, and %(least)s are needed: go"
            " on confirming and correcting proposals.",
            count=count,
            least=LEAST,
        )

    @api.model
    def _why(self, error):
        """What went wrong, in words."""
        if isinstance(error, EngineTimeout):
            return self.env._("It took too long.")
        if isinstance(error, EngineDied):
            return self.env._("It broke down: there may not be enough memory.")
        return _in_plain_words(error)

    @api.model
    def _seconds(self):
        """Seconds of the clock after which Odoo ends a job and who runs it."""
        limit = config["limit_time_real_cron"]
        limit = config["limit_time_real"] if limit < 0 else limit
        return min(limit or LONGEST, LONGEST)

    def _encode(self, seconds, limit):
        """Compute the sentence vectors of texts that have none, and keep them.

        Where there is no time for enough of them, the next run goes on.

        :param seconds: that it takes, about
        :param limit: seconds after which it is ended
        :return: (examples to learn from, their :class:`..engine.adapt.Encoded`, how
            many had no time), None when the next run goes on
        """
        self.ensure_one()
        cron = self.env["ir.cron"]
        most = min(MOST, MOST_A_SECOND * self._seconds())
        examples = self.env["dso.maia.example"]._to_learn(self.company_id, most)
        shipped = self.env["dso.maia.vectors"]
        rows = list(zip(examples.mapped("text"), examples._vectors(), strict=True))
        with Reader(limit=limit) as reader:
            kept = reader.encode(rows, shipped._kept(), seconds)
        # what others changed while it was computed is seen from here on
        cron._commit_progress()
        if kept.available:
            with self.env.cr.savepoint():
                shipped._keep(kept.shipped)
                examples._keep_vectors(kept.own)
        # kept whatever becomes of learning, and nobody waits for it while that lasts
        cron._commit_progress()
        there = set(examples.exists())
        pairs = [
            (one, record)
            for one, record in zip(examples, kept.own, strict=True)
            if one in there
        ]
        if not pairs:  # erased since somebody asked
            raise UserError(self._too_few(0))
        ready = [pair for pair in pairs if pair[1] or not kept.available]
        if kept.left or len(ready) < min(LEAST, len(pairs)):
            self._go_on(kept.left, len(pairs) - len(ready))
            return None
        own = [record for _one, record in ready]
        taken = examples.browse([one.id for one, _record in ready])
        return taken, replace(kept, own=own), len(pairs) - len(ready)

    def _go_on(self, shipped, own):
        """Have the next run go on reading: it comes to an end, as each reads some."""
        self.write(
            {
                "attempts": 0,
                "error": self.env._(
                    "%s texts are still to be read; it goes on by itself.",
                    shipped + own,
                ),
            }
        )
        self.env.ref("dso_collection_maia.ir_cron_learn")._trigger()

    def _learn(self, examples, kept, left, limit):
        """Learn a version, measure it, and use it when nothing fell.

        In a process of its own: time and memory are not those of the job's worker.

        :param examples: dso.maia.example
        :param kept: their :class:`..engine.adapt.Encoded`
        :param left: examples that there was no time to read
        :param limit: seconds after which it is ended
        """
        company = self.company_id
        rows = [
            (one.text, one.received_on, one.lang, one.pairs, one.weight)
            for one in examples
        ]
        number = self.search_count([("company_id", "=", company.id)])
        with Reader(limit=limit) as reader:
            learnt = reader.learn(self._of_company(company), rows, number, kept)
        before, after = learnt.before, learnt.after
        refused = adapt.refused(before, after)
        self._keep(
            f"maia-{learnt.manifest['version']}.npz",
            learnt.content,
            "application/octet-stream",
            state="refused" if refused else "ready",
            version=learnt.manifest["version"],
            manifest={**learnt.manifest, "refused": refused},
            checksum=learnt.manifest["sha256"],
            example_count=len(examples),
            held_count=learnt.held,
            own_before=before.own or 0,
            own_after=after.own or 0,
            shipped_before=before.shipped or 0,
            shipped_after=after.shipped or 0,
            dangerous_before=before.dangerous,
            dangerous_after=after.dangerous,
        )
        if refused:
            self._tell("warning", self.verdict)
        else:
            self._use()
            self._tell("success", self._learnt_words(len(examples), left))

    def _learnt_words(self, count, left):
        """That it was learnt, and whether examples are left that had no time."""
        if left:
            return self.env._(
                "MAIA has learnt from %(count)s examples. There was no time to read"
                " %(left)s older ones: learn again to go on with them.",
                count=count,
                left=left,
            )
        return self.env._("MAIA has learnt from %s examples.", count)

    def _failed_words(self):
        return self.env._("MAIA could not learn: %s", self.error)
