"""Collectors are told of the replies that came in, several in one notice: in the web
client and by e-mail within minutes, or by e-mail once a day."""

from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import NO_ACCESS, Domain

#: So long a notice waits for further replies.
GATHER = timedelta(minutes=10)
#: Replies that a daily e-mail names.
NAMED = 50


class DsoReply(models.Model):
    _inherit = "dso.reply"

    told = fields.Boolean(
        readonly=True, copy=False, help="The collector knows that it came in."
    )

    mailed = fields.Boolean(
        readonly=True, copy=False, help="The collector was written to about it."
    )

    notice_id = fields.Many2one(
        "mail.message",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups=NO_ACCESS,
        help="What told its collector, and repeats its beginning: erased with it.",
    )

    _untold_idx = models.Index("(id) WHERE told IS NOT TRUE")
    _unmailed_idx = models.Index("(id) WHERE mailed IS NOT TRUE")

    @api.model_create_multi
    def create(self, vals_list):
        """What a user noted down himself is no news; nor is what a machine answers."""
        replies = super().create(vals_list)
        known = replies.filtered(lambda r: r.source == "user" or r.automatic)
        known._engine().write({"told": True, "mailed": True})
        if replies - known:
            # whoever may note a reply may start the job, whose cron he cannot read
            cron = self.env.ref("dso_collection.ir_cron_replies").sudo()
            cron._trigger(fields.Datetime.now() + GATHER)
        return replies

    @api.model
    def _cron_tell(self):
        """One notice to each collector about the replies that wait for him."""
        waiting = self.search([("told", "=", False)], order="date, id")
        news = waiting.filtered(lambda reply: reply.state == "to_process")
        for user, replies in news.grouped(lambda reply: reply._told_user()).items():
            if user:
                replies._show(user)
                if user.dso_reply_notice != "daily":
                    replies._tell(user)
                    replies._engine().mailed = True
        waiting._engine().told = True
        self.env["ir.cron"]._commit_progress(len(waiting), remaining=0)

    @api.model
    def _cron_tell_daily(self):
        """One e-mail a day about what came in, to those who want it so."""
        waiting = self.search([("mailed", "=", False)], order="date, id")
        news = waiting.filtered(lambda reply: reply.state == "to_process")
        for user, replies in news.grouped(lambda reply: reply._told_user()).items():
            if user:
                replies._tell(user)
        waiting._engine().write({"told": True, "mailed": True})
        self.env["ir.cron"]._commit_progress(len(waiting), remaining=0)

    def _show(self, user):
        """Show one notice about these replies in the web client, if it is open.

        :param user: res.users
        """
        env = self.with_context(lang=user.lang or self.env.lang).env
        customers = self.account_id.partner_id.mapped("display_name")
        frauds = any(self.mapped("fraud"))
        user._bus_send(
            "simple_notification",
            {
                "type": "danger" if frauds else "info",
                "title": env._("Replies to take up: %s", len(self)),
                "message": ", ".join(customers[:5])
                + (f". {env._('Possible fraud among them.')}" if frauds else ""),
                "sticky": frauds,
            },
        )

    def _told_user(self):
        """Who takes up a reply: the collector or who stands in for him, else a credit
        manager, else the administrator (rules.md §7)."""
        self.ensure_one()
        account = self.account_id
        return account.acting_collector_id or account.company_id._dso_fallback_sender()

    def _tell(self, user):
        """Send one notice about these replies.

        :param user: res.users
        """
        env = self.with_context(lang=user.lang or self.env.lang).env
        lines = [
            Markup('<li>%s<a href="/odoo/collection-replies/%s">%s</a>: %s</li>')
            % (
                Markup("<strong>%s</strong> ") % env._("Possible fraud:")
                if reply.fraud
                else "",
                reply.id,
                reply.account_id.partner_id.display_name,
                " ".join((reply.body or reply.name or "").split())[:120],
            )
            for reply in self.with_env(env)[:NAMED]
        ]
        if len(self) > NAMED:
            lines.append(
                Markup("<li>%s</li>") % env._("and %s more", len(self) - NAMED)
            )
        self._engine().notice_id = env["mail.thread"].message_notify(
            partner_ids=user.partner_id.ids,
            subject=env._("Replies to take up: %s", len(self)),
            body=Markup("<p>%s</p><ul>%s</ul>")
            % (
                env._("Until somebody takes them up, automatic actions wait:"),
                Markup().join(lines),
            ),
            email_layout_xmlid="mail.mail_notification_light",
        )

    @api.model
    @api.readonly
    def waiting_counts(self):
        """How many replies wait for somebody: ``all`` that the user may see, and
        ``mine``, of his own customers or those he stands in for."""
        self.check_access("read")
        waits = Domain("state", "=", "to_process") & Domain("automatic", "=", False)
        mine = Domain("account_id.collector_id", "=", self.env.uid) | Domain(
            "account_id.acting_collector_id", "=", self.env.uid
        )
        return {
            "all": self.search_count(waits),
            "mine": self.search_count(waits & mine),
        }
