"""Daily limits: how many messages leave by themselves, to a customer and in all.

What people send is counted, and never held back (rules.md §1.3).
"""

from collections import Counter
from contextlib import contextmanager

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

#: What was handed over and may have reached its reader.
COUNTED = ("queued", "sent", "bounced", "unknown")
#: Number of our advisory locks: one sender at a time for a company with a limit.
LOCK = 19_05_2026


class DsoAction(models.Model):
    _inherit = "dso.action"

    left_on = fields.Date(
        readonly=True,
        copy=False,
        help="Day of the company on which it was handed over.",
    )

    # what left today, to whom
    _left_on_idx = models.Index(
        "(company_id, left_on, account_id) WHERE left_on IS NOT NULL"
    )

    def _before_leaving(self, sender):
        res = super()._before_leaving(sender)
        self._note_day()
        return res

    def _render_again(self):
        self._note_day()
        return super()._render_again()

    def _note_day(self):
        """Keep the day on which these were handed over.

        Their accounts are written, too: whoever counts with an older look at the
        database meets a conflict, and counts anew.
        """
        self.env.execute_query(
            SQL(
                "UPDATE dso_account SET write_date = now() AT TIME ZONE 'UTC'"
                " WHERE id = ANY(%s) RETURNING id",
                self.account_id.ids,
            )
        )
        for company, actions in self.grouped("company_id").items():
            actions._engine().left_on = company._dso_today()

    @api.model
    def _written_today(self, company, accounts=None):
        """How many messages have left today for customers of a root company.

        :param accounts: dso.account, the only customers asked for; default all
        :return: {dso.account: number}
        """
        groups = self._read_group(
            Domain("company_id", "=", company.id)
            & Domain("left_on", "=", company._dso_today())
            & Domain("delivery", "in", COUNTED)
            & Domain("interactive", "!=", "internal")
            & (
                Domain.TRUE
                if accounts is None
                else Domain("account_id", "in", accounts.ids)
            ),
            ["account_id"],
            ["__count"],
        )
        return dict(groups)

    def _over_limits(self, company):
        """Which of these would leave by themselves above a daily limit, in their order.

        Messages to colleagues have none. A constant number of queries.

        :param company: root company of all of these
        :return: {action: "customer" or "company"}
        """
        company = company.sudo()  # its limits
        customer_cap, company_cap = company.dso_cap_customer, company.dso_cap_company
        if not self or not (customer_cap or company_cap):
            return {}
        accounts = None if company_cap else self.account_id
        written = Counter(self._written_today(company, accounts))
        total = sum(written.values())
        over = {}
        for action in self:
            if action.interactive == "internal":
                continue
            if customer_cap and written[action.account_id] >= customer_cap:
                over[action] = "customer"
            elif company_cap and total >= company_cap:
                over[action] = "company"
            else:
                written[action.account_id] += 1
                total += 1
        return over

    def _within_limits(self):
        """Those of these released actions that may leave today."""
        over = {}
        for company, actions in self.grouped("company_id").items():
            over.update(actions._over_limits(company))
        return self - self.browse().union(*over)

    def _claim(self, sender=None):
        actions = super()._claim(sender)
        return actions if sender else actions.sorted("date, id")._within_limits()

    @api.model
    def _waiting_ids(self, company):
        """Ids of what is due and released, without what is above the daily limits."""
        actions = self.browse(super()._waiting_ids(company))
        return actions._within_limits().ids

    @contextmanager
    def _counting(self, company):
        """Let nobody else count for a company with a limit of its own meanwhile, over
        the commits inside. Those of its customers are kept by the locks of the claim.

        :return: False while another worker sends for it
        """
        if not company.sudo().dso_cap_company:  # its limit
            yield True
            return
        key = SQL("%s, %s", LOCK, company.id)
        [[locked]] = self.env.execute_query(SQL("SELECT pg_try_advisory_lock(%s)", key))
        if not locked:
            yield False
            return
        try:
            # what others have sent until now is to be seen
            self.env["ir.cron"]._commit_progress()
            yield True
        except BaseException:
            self.env.cr.rollback()  # else the lock would outlive the failure
            raise
        finally:
            self.env.cr.execute(SQL("SELECT pg_advisory_unlock(%s)", key))

    # -------------------------------------------------------------------------
    # IN WORDS
    # -------------------------------------------------------------------------

    def _tell_limits(self, company):
        """Say of due actions of a root company that they wait for tomorrow, while they
        would leave but for its limits."""
        company = company.sudo()  # its switch, hours and limits
        if not (company.dso_sending_active and company._dso_sending_open()):
            return
        for action, which in self.sorted("date")._over_limits(company).items():
            if which == "customer":
                action.held = self.env._(
                    "Held until tomorrow: the customer has been written to today"
                )
            else:
                action.held = self.env._(
                    "Held until tomorrow: the company's limit of %s messages a day is"
                    " reached",
                    company.dso_cap_company,
                )

    def _told_today(self):
        """A sentence for whoever sends to customers that have been written to today;
        False where the daily limit is not reached."""
        names = []
        for company, actions in self.grouped("company_id").items():
            cap = company.sudo().dso_cap_customer  # its limit
            if not cap:
                continue
            written = self.sudo()._written_today(company, actions.account_id)  # own
            for account in actions.account_id:
                if written.get(account, 0) >= cap:
                    names.append(account.partner_id.display_name)
        if not names:
            return False
        return self.env._("Written to before today: %s.", ", ".join(names[:5]))
