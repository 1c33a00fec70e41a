"""The verbs of the agenda on many actions: what can be done is done, the rest is told.

A verb refuses as a whole when one action does not allow it; that is right for one, and
for callers that want all or nothing. A user who has chosen thousands wants the others
done, and to know which were not, and why (rules.md §5).
"""

from odoo import api, models
from odoo.exceptions import UserError

from .dso_action import OPEN_STATES

#: Different refusals that are told one by one.
TOLD = 5


class DsoAction(models.Model):
    _inherit = "dso.action"

    # -------------------------------------------------------------------------
    # BUTTONS
    # -------------------------------------------------------------------------

    def action_confirm_many(self):
        """Confirm those of these actions that can be.

        :return: the notification that says how many were, how many not and why
        """
        self._check_collector()
        return self._do_many("action_confirm")

    def action_send_many(self):
        """Send those of these actions that can leave now, whatever the hour."""
        self._check_collector()
        self.exists().check_access("write")
        told = self._told_today()
        sent, refusals = self._try_many("action_send")
        waiting = sent.filtered("send_when_ready_id")
        stuck = sent.filtered(lambda a: a.delivery != "queued") - waiting
        for action in stuck:
            reason = action._why_not_sent()
            refusals[reason] = refusals.get(reason, 0) + 1
        if len(self) == 1 and refusals:
            raise UserError(next(iter(refusals)))
        return self._tell_many(len(sent - stuck), refusals, told)

    def action_done_many(self):
        """Complete those of these actions that can be. Who closes a dispute is asked
        how it ended: those are left to their own button."""
        return self._do_many("action_done")

    def action_skip_many(self):
        """Skip those of these actions that are steps of a scenario."""
        self._check_collector()
        return self._do_many("action_skip")

    def action_cancel_many(self):
        """Cancel those of these actions that are still open."""
        return self._do_many("action_cancel")

    def action_assign_many(self):
        """Open the window that gives the customers of these actions another collector,
        scenario, or hold."""
        self._check_collector()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "dso_collection.dso_assign_action"
        )
        return {
            **action,
            "target": "new",
            "context": {
                "active_model": "dso.account",
                "active_ids": self.account_id.ids,
                "dialog_size": "large",
            },
        }

    # -------------------------------------------------------------------------
    # THE VERBS
    # -------------------------------------------------------------------------

    @api.model
    def _verb(self, name, **values):
        """The function that does a verb to a recordset at once."""
        verbs = {
            "action_confirm": lambda actions: actions.action_confirm(),
            "action_send": lambda actions: actions.action_send(),
            "action_done": lambda actions: actions._finish(values.get("outcome")),
            "action_skip": lambda actions: actions.action_skip(),
            "action_cancel": lambda actions: actions.action_cancel(),
            "action_reschedule": lambda actions: actions.action_reschedule(
                values["date"]
            ),
        }
        return verbs[name]

    def _do_many(self, name, **values):
        """Do a verb to those of these actions that allow it.

        :return: the notification that says how many were done, how many not and why
        :raise UserError: when there is one action only, and it refuses
        """
        self.exists().check_access("write")
        done, refusals = self._try_many(name, **values)
        if len(self) == 1 and refusals:
            raise UserError(next(iter(refusals)))
        return self._tell_many(len(done), refusals)

    def _try_many(self, name, **values):
        """Do a verb to those of these actions that allow it, as few times as possible.

        What is known to refuse is left out first. The rest is tried at once; when one
        refuses all the same, in halves, so that the others are done.

        :return: (actions done, {reason: number of actions})
        """
        actions = self.exists()
        refusals = {}
        gone = len(self) - len(actions)
        if gone:
            refusals[self.env._("no longer there")] = gone
        for reason, refused in actions._refused(name).items():
            refusals[reason] = len(refused)
            actions -= refused
        verb = self._verb(name, **values)
        done = self.browse()
        waiting = [actions] if actions else []
        while waiting:
            part = waiting.pop()
            try:
                with self.env.cr.savepoint():
                    verb(part)
                done |= part
            except UserError as error:
                if len(part) == 1:
                    reason = str(error)
                    refusals[reason] = refusals.get(reason, 0) + 1
                else:
                    middle = len(part) // 2
                    waiting += [part[middle:], part[:middle]]
        return done, refusals

    def _refused(self, name):
        """Those of these actions that a verb refuses, by reason; each once."""
        rules = [
            (self.env._("already closed"), lambda a: a.state not in OPEN_STATES),
        ]
        if name == "action_confirm":
            rules += [
                (
                    self.env._("not an action to confirm"),
                    lambda a: a.mode != "auto_confirm",
                ),
                (
                    self.env._("has a problem to be solved first"),
                    lambda a: a.state == "error",
                ),
                (self.env._("confirmed already"), lambda a: a.confirmed),
            ]
        elif name == "action_done":
            rules += [
                (
                    self.env._("follows a dispute: close it by its own button"),
                    lambda a: a.dispute,
                ),
                (
                    self.env._("automatic: it is done when it leaves"),
                    lambda a: a.mode != "manual",
                ),
                (
                    self.env._("still in the outbox"),
                    lambda a: a.delivery == "queued",
                ),
                (
                    self.env._("waits for its release"),
                    lambda a: not a._release_holds(),
                ),
            ]
        elif name == "action_send":
            rules += [
                (self.env._("done by hand, not sent"), lambda a: not a.sendable),
                (
                    self.env._("still in the outbox"),
                    lambda a: a.delivery == "queued",
                ),
                (
                    self.env._("waits for its release"),
                    lambda a: not a._release_holds(),
                ),
                (
                    self.env._("the customer is on hold"),
                    lambda a: a._kept_by_hold(),
                ),
            ]
        elif name == "action_skip":
            rules.append(
                (
                    self.env._("not a step of a scenario"),
                    lambda a: a.kind != "scenario",
                )
            )
        refused = {}
        rest = self
        for reason, rule in rules:
            found = rest.filtered(rule)
            if found:
                refused[reason] = found
                rest -= found
        return refused

    def _finish(self, outcome=None):
        """Complete actions, with what came out of them."""
        self._lock_open()
        if outcome:
            self.write({"outcome": outcome})
        return self.action_done()

    @api.model
    def _tell_many(self, done, refusals, note=False):
        """The notification after a verb on many: none is refused in silence.

        :param note: a sentence that is told, too
        """
        words = [self.env._("%s done.", done)]
        if refusals:
            words.append(self.env._("%s not:", sum(refusals.values())))
            told = sorted(refusals.items(), key=lambda pair: -pair[1])
            words += [f"{count} × {reason}" for reason, count in told[:TOLD]]
            if len(told) > TOLD:
                words.append(
                    self.env._(
                        "and %s for other reasons",
                        sum(count for _reason, count in told[TOLD:]),
                    )
                )
        if note:
            words.append(note)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if refusals else "success",
                "sticky": bool(refusals),
                "message": " · ".join(words),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
