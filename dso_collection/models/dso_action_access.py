"""Links of a message to the page of its reader, put in when it leaves."""

from markupsafe import Markup

from odoo import api, fields, models

from .dso_access_token import PAGES, SECRET_LENGTH
from .dso_action_text import BUTTON, LINKING_TYPES

#: Links ``/dso/secret/<kind>/<number>`` that lead to the page of the reader.
PAGE_KINDS = ("page", "item")
#: Link of a text that becomes the page of its reader when it leaves.
MARKER = "/dso/secret/page/0"


class DsoAction(models.Model):
    _inherit = "dso.action"

    interactive_button = fields.Html(
        compute="_compute_page_buttons",
        sanitize=False,
        help="Button to the customer's page, in interactive messages to customers whose"
        " page is switched on; else nothing. Where a text does not name it, it stands"
        " below the text.",
    )
    internal_button = fields.Html(
        compute="_compute_page_buttons",
        sanitize=False,
        help="Button to the colleague's page, in internal messages; else nothing."
        " Where a text does not name it, it stands below the text.",
    )

    @api.depends("interactive", "type", "account_id.interactive", "lang_code")
    def _compute_page_buttons(self):
        for action in self:
            purpose = action._page_purpose()
            env = action.with_context(lang=action.lang_code).env
            action.interactive_button = purpose == "customer" and action._page_button(
                env._("See your invoices and answer")
            )
            action.internal_button = purpose == "internal" and action._page_button(
                env._("See the items and answer")
            )

    def _page_button(self, label):
        return Markup(
            '<p style="margin: 16px 0;"><a href="%s" style="%s">%s</a></p>'
        ) % (MARKER, BUTTON, label)

    def _page_purpose(self):
        """Whose page this message links to, or None (rules.md §7).

        Never of a letter, which nobody clicks: it has a code of its own, made when it
        is printed.
        """
        self.ensure_one()
        if self.type not in LINKING_TYPES:
            return None
        if self.interactive == "internal":
            return "internal"
        if self.interactive == "customer" and self.account_id.interactive:
            return "customer"
        return None

    def _item_link(self, item):
        """What the number of an item links to in an e-mail, or False.

        :param item: dict with move_id, of the lists of a text
        """
        self.ensure_one()
        if not (item.get("move_id") and self.type == "email" and self._page_purpose()):
            return False
        return f"/dso/secret/item/{item['move_id']}"

    def _secret_links(self, keys):
        """The links behind placeholders of one message, its secret made now.

        All links to the reader's page share one secret; the item that is meant stands
        behind a ``#``, which no browser sends to a server.

        :param keys: (kind, number) of ``/dso/secret/<kind>/<number>``
        :return: {key: link, or False for what leads nowhere}
        """
        self.ensure_one()
        page = None
        links = {}
        for kind, number in sorted(keys):
            if kind not in PAGE_KINDS:
                links[kind, number] = self._secret_link(kind, number)
                continue
            if page is None:
                page = self._page_link()
            anchor = f"#item-{number}" if kind == "item" else ""
            links[kind, number] = page and page + anchor
        return links

    def _page_link(self):
        """A new link to the page of this message's reader, or False without page."""
        self.ensure_one()
        purpose, reader = self._page_purpose(), self._recipient()
        if self.type == "sms" and self._customer_stands_in("phone"):
            reader = self.partner_id
        if not (purpose and reader):
            return False
        secret = self.env["dso.access.token"]._issue(
            self.account_id, self, reader, purpose
        )
        return f"{self.get_base_url()}{PAGES[purpose]}/{secret}"

    def _page_marker(self):
        """Where the link to the page of this message's reader is put in."""
        return f"{self.get_base_url()}{MARKER}"

    def _page_link_length(self):
        """Characters of the link that :meth:`_page_marker` becomes."""
        page = PAGES[self._page_purpose()]
        return len(self.get_base_url()) + len(page) + 1 + SECRET_LENGTH
