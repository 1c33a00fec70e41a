"""Release a formal notice or a litigation by its check list (rules.md §2).

Each point is computed where the facts are known, shown with them, and ticked by a
person with the right. What is released is kept with the action.
"""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_amount, format_date

from ..channels import channel_of
from ..models.dso_action import OPEN_STATES

#: Numbers of invoices that are named in a fact.
NAMED = 5


class DsoReleaseMake(models.TransientModel):
    _name = "dso.release.make"
    _description = "Release a Formal Notice or Litigation"

    action_id = fields.Many2one("dso.action", "Action", required=True, readonly=True)
    account_id = fields.Many2one(related="action_id.account_id")
    company_id = fields.Many2one(related="action_id.company_id")
    currency_id = fields.Many2one(related="action_id.currency_id")
    type = fields.Selection(related="action_id.type")
    litigation = fields.Boolean(compute="_compute_kind")
    may_send = fields.Boolean(compute="_compute_kind")
    amount = fields.Monetary("Claimed", compute="_compute_amount")
    deadline = fields.Date(
        help="Last day to pay that the notice names; of a litigation the one that the"
        " notice had named."
    )
    point_ids = fields.One2many("dso.release.point", "make_id", "Check list")
    doubtful_count = fields.Integer(compute="_compute_doubtful")
    note = fields.Text(
        "Why all the same",
        help="Needed where the facts do not speak for a point. Kept with the release.",
    )

    @api.depends("action_id")
    def _compute_kind(self):
        for make in self:
            action = make.action_id
            make.litigation = action.type == "litigation"
            make.may_send = bool(
                channel_of(action.type)
                and action.company_id.sudo().dso_sending_active  # its switch only
            )

    @api.depends("action_id")
    def _compute_amount(self):
        for make in self:
            make.amount = make.action_id._claimed_now() if make.action_id else 0

    @api.depends("point_ids.speaks")
    def _compute_doubtful(self):
        for make in self:
            make.doubtful_count = len(
                make.point_ids.filtered(lambda point: point.speaks == "no")
            )

    @api.model
    def _check_right(self):
        if not self.env.user.has_group("dso_collection.group_release"):
            raise AccessError(
                self.env._(
                    "Formal notices and litigation are released by who has the right:"
                    " ask a credit manager."
                )
            )

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        context = self.env.context
        if context.get("active_model") == "dso.action" and not values.get("action_id"):
            values["action_id"] = context.get("active_id")
        action = self.env["dso.action"].browse(values.get("action_id") or ()).exists()
        if action:
            action.check_access("read")
            deadline = self._deadline_of(action)
            values.setdefault("deadline", deadline)
            if "point_ids" in fields_list:
                values["point_ids"] = [
                    fields.Command.create({**point, "sequence": place})
                    for place, point in enumerate(self._points(action, deadline))
                ]
        return values

    # -------------------------------------------------------------------------
    # THE CHECK LIST
    # -------------------------------------------------------------------------

    @api.model
    def _deadline_of(self, action):
        """The last day to pay: of a notice as its text says it, of a litigation that of
        the last notice that was released; False where there was none."""
        if action.type != "litigation":
            return action.with_context(dso_new_release=True).notice_deadline
        return self._last_notice(action).deadline

    @api.model
    def _last_notice(self, action):
        """The last release of a formal notice of this customer."""
        return self.env["dso.release"].search(
            [
                ("account_id", "=", action.account_id.id),
                ("action_id.type", "!=", "litigation"),
                ("action_id.state", "=", "done"),
            ],
            limit=1,
        )

    @api.model
    def _points(self, action, deadline):
        """The points with their facts.

        :return: list of dicts with key, name, fact and speaks (yes, no, ask)
        """
        rows = self._claimed_rows(action)
        points = [
            self._undisputed(action, rows),
            self._provably_sent(rows),
            self._addressee(action),
            self._deadline(action, deadline),
            self._no_hold(action),
        ]
        return points

    @api.model
    def _claimed_rows(self, action):
        """What :meth:`dso.account._item_rows` says of the items that are claimed."""
        today = action.company_id._dso_today()
        rows = action._rows_by_action()[action.id]
        own = {(line.move_id.id, line.account_id.id) for line in action._own_lines()}
        if action.kind != "scenario" and own:
            return [row for row in rows if (row["move_id"], row["account_id"]) in own]
        return [
            row
            for row in rows
            if row["counts"] and row["claim"] > 0 and min(row["dues"]) < today
        ]

    def _undisputed(self, action, rows):
        disputed = [row for row in rows if row["status_type"] == "dispute"]
        replies = self.env["dso.reply"].search_count(
            [("account_id", "=", action.account_id.id), ("state", "=", "to_process")]
        )
        facts = []
        if disputed:
            facts.append(
                self.env._(
                    "under dispute, at least in part: %s",
                    self._named([row["name"] for row in disputed]),
                )
            )
        if replies:
            facts.append(self.env._("%s replies wait to be read", replies))
        return {
            "key": "undisputed",
            "name": self.env._("The amount is undisputed"),
            "fact": "; ".join(facts)
            or self.env._(
                "%(amount)s (items: %(count)s), nothing disputed, no reply unread",
                amount=format_amount(
                    self.env, action._claimed_now(), action.currency_id
                ),
                count=len(rows),
            ),
            "speaks": "no" if facts else "yes",
        }

    def _provably_sent(self, rows):
        ids = {row["move_id"] for row in rows}
        moves = self.env["account.move"].sudo().browse(ids)  # of the action's items
        invoices = moves.filtered(lambda move: move.is_sale_document(True))
        unsent = invoices.filtered(lambda move: not move.is_move_sent)
        return {
            "key": "sent",
            "name": self.env._("The invoices were provably sent"),
            "fact": self.env._(
                "not marked as sent: %s", self._named(unsent.mapped("name"))
            )
            if unsent
            else self.env._("All %s invoices are marked as sent", len(invoices))
            if invoices
            else self.env._("There is no invoice among the items"),
            "speaks": "no" if unsent or not invoices else "yes",
        }

    def _addressee(self, action):
        lines = action._letter_address()
        contact = action._recipient()
        customer = contact.commercial_partner_id
        place = contact if contact.street and contact.city else customer
        missing = [
            label
            for label, value in (
                (self.env._("street"), place.street),
                (self.env._("postcode"), place.zip),
                (self.env._("city"), place.city),
                (self.env._("country"), place.country_id),
            )
            if not value
        ]
        fact = ", ".join(lines)
        if customer.company_registry or customer.vat:
            fact = f"{fact} ({customer.company_registry or customer.vat})"
        if missing:
            fact = self.env._(
                "%(address)s: without %(missing)s",
                address=fact,
                missing=", ".join(missing),
            )
        return {
            "key": "addressee",
            "name": self.env._("It is the addressee's legal name and address"),
            "fact": fact,
            "speaks": "no" if missing else "ask",
        }

    def _deadline(self, action, deadline):
        today = action.company_id._dso_today()
        if action.type != "litigation":
            return {
                "key": "deadline",
                "name": self.env._("The deadline is right"),
                "fact": self.env._(
                    "to be paid by %(date)s, in %(days)s days",
                    date=format_date(self.env, deadline),
                    days=(deadline - today).days,
                )
                if deadline
                else self.env._("No deadline is known"),
                "speaks": "ask" if deadline and deadline > today else "no",
            }
        notice = self._last_notice(action)
        if not notice:
            fact = self.env._("No formal notice was released to this customer")
        else:
            letter = notice.action_id.letter_id
            arrival = self._not_arrived(notice.action_id)
            fact = self.env._(
                "formal notice of %(day)s, to be paid by %(date)s",
                day=format_date(self.env, notice.action_id.date_done),
                date=format_date(self.env, deadline) if deadline else "?",
            )
            if letter.receipt_date:
                fact = self.env._(
                    "%(notice)s, received on %(day)s",
                    notice=fact,
                    day=format_date(self.env, letter.receipt_date),
                )
            if arrival:
                fact = f"{fact}; {arrival}"
        passed = notice and not arrival and deadline and deadline < today
        return {
            "key": "deadline",
            "name": self.env._("The deadline of the formal notice has passed"),
            "fact": fact,
            "speaks": "yes" if passed else "no",
        }

    def _not_arrived(self, notice):
        """What speaks against the arrival of a notice, in words; False for one that
        was sent, or done by hand."""
        return {
            "queued": self.env._("it has not left yet"),
            "failed": self.env._("it could not be delivered"),
            "bounced": self.env._("it came back"),
            "unknown": self.env._("nobody knows whether it arrived"),
        }.get(notice.delivery, False)

    def _no_hold(self, action):
        account = action.account_id
        return {
            "key": "hold",
            "name": self.env._("No hold keeps it back"),
            "fact": account._hold_sentence() or self.env._("The account is on hold")
            if account.on_hold
            else self.env._("The account is not on hold"),
            "speaks": "no" if account.on_hold else "yes",
        }

    def _named(self, names):
        """The first of several numbers, in words."""
        shown = ", ".join(sorted(name or "?" for name in names)[:NAMED])
        if len(names) > NAMED:
            return self.env._(
                "%(names)s and %(count)s more", names=shown, count=len(names) - NAMED
            )
        return shown

    # -------------------------------------------------------------------------
    # BUTTONS
    # -------------------------------------------------------------------------

    def action_release_and_send(self):
        """Release the notice and hand it over to its channel."""
        self._release()
        self.action_id.action_send()
        return self._reload()

    def action_release_only(self):
        """Release the notice; it was, or will be, sent by hand."""
        self._release()
        self.action_id.action_done()
        return self._reload()

    def action_release_litigation(self):
        """Release the litigation: its file is made, and its items are qualified in the
        window that opens."""
        self._release()
        action = self.action_id
        moves = self.env["account.move"].browse(
            {row["move_id"] for row in self._claimed_rows(action)}
        )
        account = action.account_id
        action.action_done()
        if moves:
            self.env["dso.litigation.file"]._ask(account, moves)
        status = self.env["dso.status"].search(
            [
                ("type", "=", "litigation"),
                ("company_id", "in", (False, action.company_id.id)),
            ],
            limit=1,
        )
        window = self.env["ir.actions.act_window"]._for_xml_id(
            "dso_collection.dso_qualify_action"
        )
        return {
            **window,
            "context": {
                "active_model": "account.move" if moves else "dso.account",
                "active_ids": moves.ids or account.ids,
                "default_status_id": status.id,
                "dialog_size": "extra-large",
            },
        }

    def _reload(self):
        return {
            "type": "ir.actions.client",
            "tag": "soft_reload",
        }

    def _release(self):
        """Keep the release with its check list.

        :raise AccessError: for a user without the right
        :raise UserError: while a point is not ticked, a doubtful one has no reason, the
            account is on hold, or the facts have changed
        """
        self.ensure_one()
        self._check_right()
        action = self.action_id
        action._lock_open()
        if not action.needs_release:
            raise UserError(self.env._("%s needs no release.", action.display_name))
        points = self._check_points(action)
        release = (
            self.env["dso.release"]
            ._engine()
            .create(
                {
                    "action_id": action.id,
                    "user_id": self.env.uid,
                    "partner_id": action._recipient().id,
                    "amount": action._claimed_now(),
                    "deadline": self.deadline,
                    "note": self.note,
                    "points": points,
                }
            )
        )
        action._engine().write({"release_id": release.id, "release_used": False})
        if action.state in OPEN_STATES and action.problem == "not_released":
            action.action_retry()

    def _check_points(self, action):
        """The check list as it is kept: of the facts of this moment."""
        now = self._points(action, self.deadline)
        ticked = {point.key: point for point in self.point_ids}
        for fact in now:
            point = ticked.get(fact["key"])
            if not point or not point.ticked:
                raise UserError(
                    self.env._(
                        "Tick each point once you have checked it: %s.", fact["name"]
                    )
                )
            if fact["key"] == "hold" and fact["speaks"] == "no":
                raise UserError(
                    self.env._(
                        "%s is on hold: release the account first.",
                        action.partner_id.display_name,
                    )
                )
            if point.speaks != fact["speaks"]:
                raise UserError(
                    self.env._(
                        "This has changed since you opened the window: %(point)s:"
                        " %(fact)s. Open it again.",
                        point=fact["name"],
                        fact=fact["fact"],
                    )
                )
            if fact["speaks"] == "no" and not (self.note or "").strip():
                raise UserError(
                    self.env._(
                        "The facts do not speak for this point: %(point)s: %(fact)s."
                        " Say why you release it all the same.",
                        point=fact["name"],
                        fact=fact["fact"],
                    )
                )
        return [{**fact, "ticked": True} for fact in now]
