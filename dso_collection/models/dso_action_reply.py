"""An e-mail that answers a message comes back to its action, as a reply to process."""

from lxml import etree, html

from odoo import models
from odoo.tools import html2plaintext, html_sanitize

from .dso_qualification import ENGINE

#: Characters of an answer that are kept as its text; all of it is in the chatter.
MAX_TEXT = 20_000


class DsoAction(models.Model):
    _inherit = "dso.action"

    def _message_post_after_hook(self, message, msg_vals):
        """What the mail gateway brings is noted as a reply of the account: somebody
        takes it up. Nothing else changes by it, because nobody proves who he is in an
        e-mail (rules.md §7)."""
        res = super()._message_post_after_hook(message, msg_vals)
        for action in self:
            if message.message_type == "email":
                action.sudo()._note_reply(message)  # of the gateway, on its own thread
        return res

    def _note_reply(self, message):
        """Note an e-mail as a reply; what our own people write back is none.

        :param message: mail.message of type email
        """
        self.ensure_one()
        author = message.author_id
        if author and author in (self.sender_id | self.sent_by_id).partner_id:
            return
        text = _own_words(message.body)[:MAX_TEXT]
        self.env["dso.reply"].with_context(dso_engine=ENGINE).create(
            {
                "account_id": self.account_id.id,
                "action_id": self.id,
                "source": "mail",
                "name": message.subject,
                "body": text or self.env._("(no text)"),
                "partner_id": author.id,
                "email_from": message.email_from,
                "automatic": bool(self.env.context.get("dso_automatic_answer")),
                "attachment_ids": [(6, 0, message.attachment_ids.ids)],
            }
        )


def _own_words(body):
    """What the author of an e-mail wrote himself, as plain text: without what he
    quotes, unless there is nothing else."""
    marked = str(html_sanitize(body or "", sanitize_tags=False))
    if not marked.strip():
        return ""
    root = html.fragment_fromstring(marked, create_parent="div")
    for node in root.xpath("//*[@data-o-mail-quote or @data-o-mail-quote-container]"):
        parent = node.getparent()
        if parent is not None:
            node.drop_tree()
    own = html2plaintext(etree.tostring(root, encoding="unicode")).strip()
    return own or html2plaintext(body).strip()
