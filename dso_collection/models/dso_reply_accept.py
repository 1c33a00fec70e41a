"""What follows an answer by itself, where a company wants it (rules.md §7)."""

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import NO_ACCESS, Domain
from odoo.tools import SQL, format_date

from .dso_qualification import ENGINE

#: Headings of the statement under which an item may be promised without a person.
ACCEPTED_GROUPS = ("claimed",)
#: Types of status that such an item may have.
ACCEPTED_TYPES = (None, False, "on_going", "dispute_resolved")


class DsoReply(models.Model):
    _inherit = "dso.reply"

    filed_comment = fields.Text(
        readonly=True,
        copy=False,
        groups=NO_ACCESS,
        help="What was added by itself to the comments of its items: erased with it.",
    )

    # -------------------------------------------------------------------------
    # PROMISES WITHIN LIMITS
    # -------------------------------------------------------------------------

    def _accept_at_once(self):
        """Qualify the promises of this answer that are within the company's limits.

        Only those of a customer's own page, and all of an account's or none: what is
        promised of several items is one word. Everything else waits for a person.
        """
        self.ensure_one()
        company = self.company_id
        if self.source != "page" or not company.dso_accept_promises:
            return
        promised = self.line_ids.filtered(lambda line: line.said == "promise")
        if not promised:
            return
        self._take_turns()
        if not self._within_limits(promised):
            return
        status = self.line_ids._status_of(
            "promise_to_pay", "status_promise_in_writing", company
        )
        if not status:
            return
        for lines in promised.grouped("situation").values():
            moves = lines.move_id.with_user(SUPERUSER_ID).with_company(company)
            amounts = {line.move_id.id: line.amount for line in lines if line.amount}
            done = moves.dso_qualify(
                status,
                None,
                items=self._keys_of(moves),
                promise_date=lines[0].promise_date,
                promise_amount=amounts,
            )
            self._answered_by(done, accepted=True)
        if promised == self.line_ids and not (self.body or self.attachment_ids):
            # nothing is left to read
            self._engine().write(
                {
                    "state": "validated",
                    "user_id": SUPERUSER_ID,
                    "processed_on": fields.Datetime.now(),
                    "told": True,
                }
            )
            self._let_actions_go()

    def _take_turns(self):
        """Two promises at the same moment are each within limits that they exceed
        together: who comes second conflicts, is done again, and counts the first."""
        account = self.account_id.head_id or self.account_id
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE dso_account SET write_date = write_date WHERE id = %s",
                account.id,
            )
        )

    def _keys_of(self, moves):
        """(id of the entry, id of the account) of items of this reply's customer."""
        accounts = self.account_id | self.account_id.member_ids
        ids = set(moves.ids)
        return [
            (row["move_id"], row["account_id"])
            for row in accounts._item_rows()
            if row["move_id"] in ids
        ]

    def _within_limits(self, promised):
        """Whether a company lets these promises stand without a person.

        Not in several payments, which a person agrees on; not on items that are
        disputed, in litigation, arranged or promised already, nor once a formal notice
        went out; not after a broken promise; not while the customer is on hold; not
        later, nor for more, than the company says. What is promised already counts:
        many small promises are a large one.
        """
        company = self.company_id
        accounts = self.account_id | self.account_id.member_ids
        today = company._dso_today()
        last = fields.Date.add(today, days=company.dso_accept_promise_days)
        if any(
            line.instalments or not today <= line.promise_date <= last
            for line in promised
        ):
            return False
        if self.account_id.hold_in_force or any(accounts.mapped("hold_in_force")):
            return False
        given = self.env["dso.promise"].search(
            [
                ("account_id", "in", accounts.ids),
                ("state", "in", ("open", "broken", "partly")),
            ]
        )
        if any(promise.state != "open" for promise in given):
            return False
        rows = {}
        for row in accounts._statement():
            rows.setdefault(row["move_id"], []).append(row)
        total = sum(given.mapped("amount"))
        for line in promised:
            own = rows.get(line.move_id.id)
            if not own or not self._may_be_accepted(own):
                return False
            open_amount = sum(row["amount"] for row in own)
            company_amount = sum(row["company_amount"] for row in own)
            part = min(line.amount / open_amount, 1) if line.amount else 1
            total += company_amount * part
        if (
            company.currency_id.compare_amounts(
                total, company.dso_accept_promise_amount
            )
            > 0
        ):
            return False
        return not self._has_notice(promised.move_id, accounts)

    @api.model
    def _may_be_accepted(self, rows):
        """Whether nothing on the instalments of one item asks for a person."""
        return all(
            row["group"] in ACCEPTED_GROUPS
            and row["status_type"] in ACCEPTED_TYPES
            and row["company_amount"] > 0
            and not row["disputed_amount"]
            for row in rows
        )

    def _has_notice(self, moves, accounts):
        """Whether a formal notice or litigation is behind these items, or next."""
        grave = Domain("type", "in", ("letter_ar", "litigation")) | Domain(
            "action_model_id.formal_notice", "=", True
        )
        Action = self.env["dso.action"]
        left = (
            grave
            & Domain("state", "=", "done")
            & (Domain("line_ids.move_id", "in", moves.ids))
        )
        ahead = (
            grave
            & Domain("state", "in", ("planned", "error"))
            & Domain("account_id", "in", (accounts | accounts.head_id).ids)
            & Domain("date", "<=", self.company_id._dso_today())
        )
        return bool(Action.search_count(left | ahead, limit=1))

    # -------------------------------------------------------------------------
    # COMMENTS OF COLLEAGUES
    # -------------------------------------------------------------------------

    def _file_comment(self):
        """Put a colleague's comment into the history of the items, where the company
        wants that without a person (rules.md §7): nothing but comment and files."""
        self.ensure_one()
        company = self.company_id
        if self.source != "internal" or not company.dso_internal_auto:
            return
        items = self.env["dso.item"].search(
            [
                ("move_id", "in", self.move_ids.ids),
                (
                    "account_id",
                    "in",
                    (self.account_id | self.account_id.member_ids).ids,
                ),
                ("qualification_id", "!=", False),
            ]
        )
        if (
            self.line_ids.filtered("resolution")
            or not self.body
            or not self.move_ids
            or items.move_id != self.move_ids
        ):
            # more than a comment, or of an item without history: somebody looks at it
            return
        signed = self.with_context(lang=company.partner_id.lang).env._(
            "%(author)s, %(date)s: %(comment)s",
            author=self.partner_id.name,
            date=format_date(self.env, company._dso_today()),
            comment=self.body,
        )
        for before, group in items.qualification_id.grouped("comment").items():
            comment = f"{before}\n{signed}" if before else signed
            new = group.with_user(SUPERUSER_ID)._amend(comment=comment)
            self._answered_by(new)
        if self.attachment_ids:
            # neither his name nor his words, which go when he asks for it
            items.with_user(SUPERUSER_ID)._attach(
                self.attachment_ids.with_user(SUPERUSER_ID),
                self.with_context(lang=company.partner_id.lang).env._(
                    "From a colleague, %s", format_date(self.env, company._dso_today())
                ),
            )
        self._engine().write(
            {
                "filed_comment": signed,
                "state": "validated",
                "user_id": SUPERUSER_ID,
                "processed_on": fields.Datetime.now(),
            }
        )
        self._let_actions_go()

    # -------------------------------------------------------------------------
    # WHAT BECAME OF IT
    # -------------------------------------------------------------------------

    @api.private
    def _answered_by(self, qualifications, accepted=False):
        """Note which qualifications took up the answers of these replies.

        :param qualifications: dso.qualification rows, the latest of their items
        :param bool accepted: nobody had to look at them
        """
        by_move = {q.move_id.id: q for q in qualifications}
        lines = self.line_ids.sudo().with_context(  # links only, callers qualified
            dso_engine=ENGINE
        )
        for line in lines:
            if line.move_id.id in by_move:
                line.write(
                    {
                        "qualification_id": by_move[line.move_id.id].id,
                        "accepted": accepted,
                    }
                )

    def action_take_back(self):
        """Undo the promises that were accepted at once; the reply waits again.

        :raise AccessError: for a user who is no collector
        :raise UserError: when nothing of it stands, or was qualified again since
        """
        self.ensure_one()
        self._check_collector()
        self.check_access("write")
        standing = self.line_ids.filtered(
            lambda line: line.accepted and line.qualification_id
        ).qualification_id.filtered(lambda q: not q.undone)
        if not standing:
            raise UserError(
                self.env._("No promise of this reply that was accepted at once stands.")
            )
        standing.action_undo()
        if self.state != "to_process":
            self.action_reopen()
        return True
