"""Follow-ups are tasks of colleagues: who is to fix something is told."""

from markupsafe import Markup

from odoo import api, models
from odoo.tools import format_date

from .dso_action import OPEN_STATES

#: Customers that one notice names.
NAMED = 10


class DsoAction(models.Model):
    _inherit = "dso.action"

    @api.model_create_multi
    def create(self, vals_list):
        actions = super().create(vals_list)
        actions._tell_resolvers()
        return actions

    @api.model
    def _insert_planned(self, rows):
        actions = super()._insert_planned(rows)
        actions._tell_resolvers()
        return actions

    def write(self, vals):
        before = (
            {action: action.resolver_id for action in self}
            if vals.get("resolver_id")
            else {}
        )
        res = super().write(vals)
        self.filtered(
            lambda a: a in before and before[a] != a.resolver_id
        )._tell_resolvers()
        return res

    def _tell_resolvers(self):
        """Tell colleagues of follow-ups that are theirs from now on: one notice each,
        by Odoo's own means, as each of them reads his notices. Who gives a task to
        himself knows it, and what is an e-mail to the resolver tells him itself; whom
        the caller writes to about it is ``dso_told_resolver_id`` in the context."""
        told = [self.env.uid, self.env.context.get("dso_told_resolver_id")]
        tasks = self.filtered(
            lambda a: (
                a.type == "follow_up"
                and a.state in OPEN_STATES
                and a.resolver_id
                and a.resolver_id.id not in told
            )
        )
        for resolver, actions in tasks.grouped("resolver_id").items():
            env = actions.with_context(lang=resolver.lang or self.env.lang).env
            lines = [
                Markup('<li><a href="/odoo/collection-actions/%s">%s</a>: %s</li>')
                % (
                    action.id,
                    action.partner_id.display_name,
                    env._(
                        "%(action)s, for %(date)s",
                        action=action.with_env(env).display_name,
                        date=format_date(env, action.date),
                    ),
                )
                for action in actions[:NAMED]
            ]
            more = len(actions) - NAMED
            if more > 0:
                lines.append(Markup("<li>%s</li>") % env._("and %s more", more))
            actions[0].sudo().message_notify(  # names and dates of his own tasks
                partner_ids=resolver.partner_id.ids,
                subject=env._("Collection: a follow-up for you"),
                body=Markup("<p>%s</p><ul>%s</ul>")
                % (
                    env._("You are asked to follow up:"),
                    Markup("").join(lines),
                ),
                email_layout_xmlid="mail.mail_notification_light",
            )
