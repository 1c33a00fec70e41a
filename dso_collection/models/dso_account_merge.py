"""Accounts when their customers are merged, or move to another entity.

The items of an account follow the ledger: a line's customer is the commercial entity of
its partner. What collection knows of the items has to go with them, or a disputed
invoice would be chased in its new place.
"""

from odoo import api, models
from odoo.tools import SQL

from .dso_account_hold import CHANNEL_TYPES, HOLD_FIELDS
from .dso_action import OPEN_STATES
from .dso_qualification import ENGINE

#: Holds that the law asks for: no lighter one takes their place.
BY_LAW = ("insolvency", "lawyer", "deceased")


class DsoAccount(models.Model):
    _inherit = "dso.account"

    @api.model
    def _merge_partners(self, sources, destination):
        """Move accounts, actions and history of merged customers to the destination.

        The sources' proposals are cancelled; cycle state of the destination stays.

        :param sources: res.partner that the merge deletes
        :param destination: res.partner that stays
        """
        target_partner = destination.commercial_partner_id
        # a link was sent about the items of then, to the reader of then
        self._revoke_links_of(sources, "merged")
        for contact in sources:
            owner = contact.commercial_partner_id
            if owner not in sources | target_partner:
                # a mere contact: its items leave their customer
                moves = self._moves_of(contact.ids).get(contact.id, [])
                self._move_items(owner.id, target_partner.id, moves)
        self.env.flush_all()
        for source in self.search([("partner_id", "in", sources.ids)]):
            target = self.search(
                [
                    ("company_id", "=", source.company_id.id),
                    ("partner_id", "=", target_partner.id),
                ]
            )
            if not target and target_partner not in sources:
                source.with_context(dso_engine=ENGINE).partner_id = target_partner
                source._mark_dirty()
                continue
            if target == source:
                continue
            target._absorb(source)
        self.env["dso.dirty"]._mark(partners=destination.ids)

    def _absorb(self, source):
        """Take over everything that ``source`` holds, and delete it."""
        self.ensure_one()
        source.action_ids.filtered(
            lambda a: a.kind == "scenario" and a.state in OPEN_STATES
        )._close_cancelled("merged")
        values = {}
        for name in ("collector_id", "contact_id", "note"):
            if not self[name] and source[name]:
                values[name] = source[name]
        if self._yields_to(source):
            values.update({name: source[name] for name in HOLD_FIELDS})
        # who refused a channel refused it for good
        values.update(
            {name: True for name in CHANNEL_TYPES if source[name] and not self[name]}
        )
        if source.last_any_date:
            values["last_any_date"] = max(
                self.last_any_date or source.last_any_date, source.last_any_date
            )
        self.with_context(dso_engine=ENGINE).write(
            {
                name: value.id if isinstance(value, models.BaseModel) else value
                for name, value in values.items()
            }
        )
        source.member_ids.filtered(lambda m: m != self).head_id = (
            self.head_id if self.head_id != source else False
        ) or self
        if self.head_id == source:
            self.head_id = False
        self.env.flush_all()
        ids = {
            "source": source.id,
            "target": self.id,
            "uid": self.env.uid,
            "today": self.company_id._dso_today(),
            "model": self.env["ir.model"]._get_id(self._name),
        }
        self._take_items(source)
        for query in (
            """UPDATE dso_action SET account_id = %(target)s
                WHERE account_id = %(source)s""",
            """UPDATE dso_action SET leader_account_id = %(target)s
                WHERE leader_account_id = %(source)s""",
            """UPDATE dso_action_line SET account_id = %(target)s
                WHERE account_id = %(source)s""",
            """UPDATE dso_qualification SET account_id = %(target)s
                WHERE account_id = %(source)s""",
            """UPDATE dso_promise SET account_id = %(target)s
                WHERE account_id = %(source)s""",
            """UPDATE dso_promise_line SET account_id = %(target)s
                WHERE account_id = %(source)s""",
            """UPDATE dso_payment_plan SET account_id = %(target)s
                WHERE account_id = %(source)s""",
            # one e-mail that came to both is one from now on
            """UPDATE dso_reply his SET message_key = NULL
                WHERE his.account_id = %(source)s
                  AND EXISTS (SELECT 1 FROM dso_reply mine
                               WHERE mine.account_id = %(target)s
                                 AND mine.message_key = his.message_key)""",
            """UPDATE dso_reply SET account_id = %(target)s
                WHERE account_id = %(source)s""",
            """UPDATE dso_access_token SET account_id = %(target)s
                WHERE account_id = %(source)s""",
            """UPDATE dso_letter SET account_id = %(target)s
                WHERE account_id = %(source)s""",
            """UPDATE dso_release SET account_id = %(target)s
                WHERE account_id = %(source)s""",
            """UPDATE dso_late_claim SET account_id = %(target)s
                WHERE account_id = %(source)s""",
            # what goes on of his holds has been noted anew
            """UPDATE dso_hold SET account_id = %(target)s,
                      released_by_id = CASE WHEN date_released IS NULL THEN %(uid)s
                                            ELSE released_by_id END,
                      date_released = COALESCE(date_released, %(today)s)
                WHERE account_id = %(source)s""",
            """UPDATE dso_litigation_file SET account_id = %(target)s
                WHERE account_id = %(source)s""",
            """UPDATE mail_message SET res_id = %(target)s
                WHERE model = 'dso.account' AND res_id = %(source)s""",
            """UPDATE ir_attachment SET res_id = %(target)s
                WHERE res_model = 'dso.account' AND res_id = %(source)s""",
            # answers to what was sent before still come in
            """UPDATE mail_alias SET alias_force_thread_id = %(target)s,
                      alias_parent_thread_id = %(target)s
                WHERE alias_model_id = %(model)s
                  AND alias_force_thread_id = %(source)s""",
            """UPDATE dso_reply_suggestion SET account_id = %(target)s
                WHERE account_id = %(source)s""",
            """UPDATE dso_dirty SET account_id = %(target)s
                WHERE account_id = %(source)s""",
        ):
            self.env.cr.execute(SQL(query, **ids))
        self.env.invalidate_all(flush=False)
        self.env["dso.promise"]._count(self.ids)
        source.unlink()
        self._mark_dirty()

    def _yields_to(self, source):
        """Whether the hold of ``source`` is the one to keep: one in force before one
        that is over, one by law before any other."""
        if not source.hold_in_force:
            return not self.hold_reason and bool(source.hold_reason)
        if not self.hold_in_force:
            return True
        return source.hold_reason in BY_LAW and self.hold_reason not in BY_LAW

    def _take_items(self, source, moves=None):
        """Take over what collection knows of items of ``source``.

        An item that both know is one from now on. It keeps the row that excludes it,
        so that nothing disputed is chased; else that of this account.

        :param list moves: ids of entries, default all
        """
        excludes = SQL("(ignored OR status_type IN ('dispute', 'litigation')) IS TRUE")
        ids = {
            "source": source.id,
            "target": self.id,
            "moves": SQL("TRUE") if moves is None else SQL("move_id = ANY(%s)", moves),
            "excludes": excludes,
            "mine_stays": SQL(
                "(mine.ignored OR mine.status_type IN ('dispute', 'litigation'))"
                " IS TRUE OR (his.ignored OR his.status_type IN"
                " ('dispute', 'litigation')) IS NOT TRUE"
            ),
        }
        for query in (
            # files of an item that both know stay with the row that stays
            """UPDATE ir_attachment f SET res_id = CASE WHEN %(mine_stays)s
                                                        THEN mine.id ELSE his.id END
                 FROM dso_item mine
                 JOIN dso_item his ON his.move_id = mine.move_id
                  AND his.account_id = %(source)s
                WHERE mine.account_id = %(target)s
                  AND mine.move_id IN (SELECT move_id FROM dso_item WHERE %(moves)s)
                  AND f.res_model = 'dso.item'
                  AND f.res_id IN (mine.id, his.id)""",
            # and what of them may be sent to the customer
            """UPDATE dso_item_shared_attachment s SET dso_item_id = f.res_id
                 FROM ir_attachment f
                 JOIN dso_item d ON d.id = f.res_id
                  AND d.account_id IN (%(source)s, %(target)s)
                WHERE f.id = s.ir_attachment_id AND f.res_model = 'dso.item'
                  AND s.dso_item_id <> f.res_id""",
            # the row that stays gives back what either dispute has flagged
            """INSERT INTO dso_item_flagged_line (dso_item_id, account_move_line_id)
               SELECT CASE WHEN %(mine_stays)s THEN mine.id ELSE his.id END,
                      f.account_move_line_id
                 FROM dso_item mine
                 JOIN dso_item his ON his.move_id = mine.move_id
                  AND his.account_id = %(source)s
                 JOIN dso_item_flagged_line f ON f.dso_item_id IN (mine.id, his.id)
                WHERE mine.account_id = %(target)s
                  AND mine.move_id IN (SELECT move_id FROM dso_item WHERE %(moves)s)
          ON CONFLICT DO NOTHING""",
            """DELETE FROM dso_item
                WHERE account_id = %(target)s AND %(moves)s AND NOT %(excludes)s
                  AND move_id IN (SELECT move_id FROM dso_item
                                   WHERE account_id = %(source)s AND %(excludes)s)""",
            """DELETE FROM dso_item
                WHERE account_id = %(source)s AND %(moves)s
                  AND move_id IN (SELECT move_id FROM dso_item
                                   WHERE account_id = %(target)s)""",
            """UPDATE dso_item SET account_id = %(target)s
                WHERE account_id = %(source)s AND %(moves)s""",
            """DELETE FROM dso_expectation his USING dso_expectation mine
                WHERE his.account_id = %(source)s AND mine.account_id = %(target)s
                  AND his.move_id = mine.move_id AND his.day = mine.day
                  AND mine.move_id IN (SELECT move_id FROM dso_expectation
                                        WHERE %(moves)s)""",
            """UPDATE dso_expectation SET account_id = %(target)s
                WHERE account_id = %(source)s AND %(moves)s""",
        ):
            self.env.cr.execute(SQL(query, **ids))

    @api.model
    def _moves_of(self, partners):
        """The entries on whose receivable lines these contacts stand.

        :param partners: ids of partners
        :return: {partner id: [move id]}
        """
        self.env["account.move.line"].flush_model(["partner_id", "account_id"])
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT l.partner_id, array_agg(DISTINCT l.move_id)
                      FROM account_move_line l
                      JOIN account_account aa ON aa.id = l.account_id
                       AND aa.account_type = 'asset_receivable'
                     WHERE l.partner_id = ANY(%s)
                  GROUP BY l.partner_id
                    """,
                    list(partners),
                )
            )
        )

    @api.model
    def _move_items(self, old, new, moves):
        """Items that moved to another commercial entity take along what collection
        knows of them; open specific actions are split where needed.

        :param int old: commercial partner before
        :param int new: commercial partner now
        :param list moves: ids of the entries that moved
        """
        self.env.flush_all()
        entries = self.env["account.move"].browse(moves)
        for source in self.search([("partner_id", "=", old)]):
            source._mark_dirty()
            moves = entries.filtered(
                lambda m, s=source: m.company_id.root_id == s.company_id
            ).ids
            if not moves:
                continue
            target = self._of_partner(
                self.env["res.partner"].browse(new), source.company_id
            )
            self.env.flush_all()
            target._take_items(source, moves)
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE dso_qualification SET account_id = %(target)s
                     WHERE account_id = %(source)s AND move_id = ANY(%(moves)s)
                    """,
                    source=source.id,
                    target=target.id,
                    moves=moves,
                )
            )
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE dso_late_claim SET account_id = %(target)s
                     WHERE account_id = %(source)s AND move_id = ANY(%(moves)s)
                    """,
                    source=source.id,
                    target=target.id,
                    moves=moves,
                )
            )
            self.env["dso.promise"]._move_items(source, target, moves)
            self.env.invalidate_all(flush=False)
            source._split_specific_actions(target, moves)
            target._mark_dirty()

    def _split_specific_actions(self, target, moves):
        """Open specific actions follow their items to ``target``."""
        actions = self.action_ids.filtered(
            lambda a: a.kind == "specific" and a.state in OPEN_STATES
        )
        for action in actions:
            lines = action.line_ids.filtered(lambda line: line.move_id.id in moves)
            if not lines:
                continue
            if lines == action.line_ids:
                action._engine().write({"account_id": target.id})
                lines._engine().write({"account_id": target.id})
                continue
            twin = self.env["dso.action"].create(
                action.copy_data(
                    {
                        "account_id": target.id,
                        "kind": "out_of_scenario",
                        "line_ids": [],
                    }
                )
            )
            lines._engine().write({"action_id": twin.id, "account_id": target.id})
            twin._engine().write(
                {
                    "kind": "specific",
                    "date_forced": action.date_forced,
                    "resolver_id": action.resolver_id.id,
                    "dispute": action.dispute,
                    "promise_date": action.promise_date,
                    "leader_id": action.leader_id.id,
                    "leader_account_id": action.leader_account_id.id,
                    "leader_date": action.leader_date,
                    "amount_claimed": action.amount_claimed,
                    "promise_amount": action.promise_amount,
                    "promise_means": action.promise_means,
                }
            )
