"""The customer beside the list: his situation, and what can be done now."""

from odoo import api, fields, models
from odoo.tools import format_amount, format_date

from .dso_action import OPEN_STATES

#: Events of the timeline that are shown.
EVENTS = 3
#: Characters of an event's comment that are shown.
SHORT = 140


class DsoAction(models.Model):
    _inherit = "dso.action"

    last_status_id = fields.Many2one(
        "dso.status",
        "Last status",
        compute="_compute_last_status_id",
        help="Of the leader invoice; of a specific action, of its items.",
    )

    @api.depends("leader_id", "line_ids.move_id", "account_id")
    def _compute_last_status_id(self):
        moves = self.leader_id | self.line_ids.move_id
        items = self.env["dso.item"].search_fetch(
            [("move_id", "in", moves.ids), ("status_id", "!=", False)],
            ["move_id", "account_id", "status_id", "status_date"],
            order="status_date, id",
        )
        latest = {(item.account_id, item.move_id): item for item in items}
        for action in self:
            accounts = action.leader_account_id | action.account_id
            accounts |= action.line_ids.account_id
            own = action.leader_id or action.line_ids.move_id
            found = [
                latest[key]
                for key in ((account, move) for account in accounts for move in own)
                if key in latest
            ]
            found.sort(key=lambda item: (item.status_date, item.id))
            action.last_status_id = found[-1].status_id if found else False

    @api.readonly
    def get_situation(self):
        """What a collector wants to know of the customer while the list stays.

        :return: dict of words ready to show: customer, action, buttons (name, label,
            key, and what is asked before), warnings, facts (label, value, href),
            alerts (name, level), events (date, what, text); False when the action is
            gone
        """
        action = self.exists()
        if not action:
            return False
        action.ensure_one()
        action.check_access("read")
        account = action.account_id
        return {
            "customer": action.partner_id.display_name,
            "action": action.display_name,
            "buttons": action._buttons_now(),
            "warnings": [
                words
                for words in (
                    action.error if action.state == "error" else False,
                    action.four_eyes,
                    action.held,
                    account.hold_words,
                    account.note,
                )
                if words
            ],
            "facts": action._facts(),
            "alerts": [
                {"name": alert.name, "level": alert.level} for alert in action.alert_ids
            ],
            "events": action._last_events(),
        }

    def _facts(self):
        account = self.account_id
        currency = self.company_id.currency_id
        contact = self.contact_id or self.partner_id
        phone = contact.phone or self.partner_id.phone
        facts = [
            (
                self.env._("Overdue"),
                format_amount(self.env, self.amount_overdue, currency),
                False,
            )
        ]
        if leader := self._leader_name():
            facts.append(
                (
                    self.env._("Leader"),
                    self.env._(
                        "%(invoice)s, due %(date)s",
                        invoice=leader,
                        date=format_date(self.env, self.leader_date),
                    ),
                    False,
                )
            )
        if self.days_late > 0:
            facts.append((self.env._("Days late"), str(self.days_late), False))
        if self.last_status_id:
            facts.append((self.env._("Last status"), self.last_status_id.name, False))
        if account.average_delay_count:
            facts.append((self.env._("Payments"), account.behaviour_words, False))
        facts.append((self.env._("Contact"), contact.display_name, False))
        facts.append(
            (
                self.env._("Phone"),
                phone or self.env._("None known"),
                f"tel:{phone}" if phone else False,
            )
        )
        facts.append((self.env._("Collector"), self.collector_id.name or "", False))
        if self.state in OPEN_STATES:
            facts.append(
                (
                    self.env._("Priority %s", self.priority),
                    self.priority_words or "",
                    False,
                )
            )
        return [
            {"label": label, "value": value, "href": href}
            for label, value, href in facts
            if value
        ]

    def _last_events(self):
        accounts = self.account_id | self.account_id.member_ids
        # with its fields at once: a line of this query is not found by its id again
        events = self.env["dso.history"].search_fetch(
            [("account_id", "in", accounts.ids)],
            ["date", "kind", "name", "status_id", "text", "item_name"],
            limit=EVENTS,
        )
        kinds = dict(events._fields["kind"]._description_selection(self.env))
        return [
            {
                "date": format_date(self.env, event.date),
                "what": event.status_id.name or event.name or kinds.get(event.kind),
                "text": " ".join((event.text or event.item_name or "").split())[:SHORT],
            }
            for event in events
        ]

    def _buttons_now(self):
        """What the user may do with this action now: the verb that it waits for first.
        Each has its key."""
        user = self.env.user
        # a resolver drives his own follow-ups only
        if self.state not in OPEN_STATES or not self.has_access("write"):
            return []
        collector = user.has_group("dso_collection.group_collector")
        planned = self.state == "planned"
        manual = self.mode == "manual"
        release = self.needs_release
        rows = [
            ("action_call", self.env._("Call"), "p", self.type == "phone"),
            (
                "action_confirm",
                self.env._("Confirm"),
                "c",
                collector
                and planned
                and self.mode == "auto_confirm"
                and not self.confirmed
                and not self.four_eyes,
            ),
            (
                "action_send",
                self.env._("Send"),
                "e",
                collector
                and manual
                and self.sendable
                and not release
                and not self.four_eyes,
            ),
            (
                "action_release",
                self.env._("Release"),
                "l",
                release and user.has_group("dso_collection.group_release"),
            ),
            ("action_complete", self.env._("Close"), "d", self.dispute),
            (
                "action_finish",
                self.env._("Done"),
                "d",
                not self.dispute and manual and not release,
            ),
            ("action_redate", self.env._("Re-date"), "r", True),
            (
                "action_skip",
                self.env._("Skip"),
                "s",
                collector and self.kind == "scenario",
            ),
            ("action_cancel", self.env._("Cancel"), "x", self.kind != "scenario"),
        ]
        asked = {
            "action_send": self.env._("Send this message now?"),
            "action_cancel": self.env._("Cancel this action?"),
            "action_skip": self.env._("Skip this step?"),
        }
        return [
            {"name": name, "label": label, "key": key, "ask": asked.get(name, False)}
            for name, label, key, shown in rows
            if shown
        ]

    def action_redate(self):
        """Open the window that moves these actions to another day."""
        self.check_access("write")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "dso_collection.dso_action_reschedule_action"
        )
        return {
            **action,
            "context": {
                "active_model": self._name,
                "active_ids": self.ids,
                "dialog_size": "medium",
            },
        }

    def action_finish(self):
        """Open the window that asks what came out of these actions."""
        self.check_access("write")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "dso_collection.dso_action_finish_action"
        )
        return {
            **action,
            "context": {
                "active_model": self._name,
                "active_ids": self.ids,
                "dialog_size": "medium",
            },
        }
