"""Where the answers to a message go, and how they come back as replies to process."""

from odoo import models


class DsoAction(models.Model):
    _inherit = "dso.action"

    def _message_post_after_hook(self, message, msg_vals):
        """What the mail gateway brings is noted as a reply of the account: somebody
        takes it up. Nothing else changes by it, because nobody proves who he is in an
        e-mail (rules.md §7)."""
        res = super()._message_post_after_hook(message, msg_vals)
        for action in self:
            self.env["dso.reply"]._take_in(message, action.account_id, action)
        return res

    def _notify_get_reply_to_batch(self, defaults=None, author_ids=None):
        """Answers go to the customer's own address, else to the company's address for
        answers, else where Odoo has them go."""
        found = super()._notify_get_reply_to_batch(
            defaults=defaults, author_ids=author_ids
        )
        actions = self.filtered(lambda action: action.interactive != "internal")
        # accounts of actions that the caller writes a message of
        actions.account_id.sudo()._make_capture_addresses()
        for action in actions:
            if address := action._reply_address():
                found[action.id] = action._notify_get_reply_to_formatted_email(
                    address, author_id=(author_ids or {}).get(action.id)
                )
        return found

    def _reply_address(self):
        """Where answers to this message of the customer's go, or False for Odoo's own
        way."""
        self.ensure_one()
        account = self.account_id
        root = account.company_id.sudo()  # its settings and its address only
        if (
            account.capture
            and account.capture_address
            and root.dso_capture_way != "copy"
        ):
            return account.capture_address
        alias = root.dso_reply_alias_id
        return alias.alias_domain_id and alias.alias_name and alias.alias_full_name

    def _in_copy(self):
        """The customer's own address may stand in copy: answers to all come there."""
        copies = super()._in_copy()
        account = self.account_id
        root = account.company_id.sudo()  # one setting of its root
        if (
            self.type == "email"
            and self.interactive != "internal"
            and account.capture
            and account.capture_address
            and root.dso_capture_way == "copy"
        ):
            copies = [*copies, account.capture_address]
        return copies
