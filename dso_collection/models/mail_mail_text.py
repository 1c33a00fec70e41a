"""The text part of e-mails: for readers who see no HTML, and for filters that count."""

import re
from email.utils import parseaddr

from lxml import etree, html

from odoo import models
from odoo.tools import formataddr

#: Widest line of a table; a wider one is written one cell below the other.
LINE = 76
#: What has a meaning between addresses.
NAMELESS = re.compile(r'[<>"\\,;:@()\[\]\x00-\x1f]+')
PARAGRAPHS = {"p", "ul", "ol", "blockquote", "h1", "h2", "h3", "h4"}
LINES = {"div", "tr", "pre", "body", "html", "caption"}
HIDDEN = {"head", "style", "script", "title", "template"}


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _prepare_outgoing_list(self, *args, **kwargs):
        """Mails of actions keep their tables readable without HTML, and leave whatever
        their reader is called."""
        emails = super()._prepare_outgoing_list(*args, **kwargs)
        if self._dso_of_action():
            for email in emails:
                email["subject"] = " ".join((email["subject"] or "").split())
                for name in ("email_from", "reply_to"):
                    email[name] = address_line(email[name] or "")
                for name in ("email_to", "email_cc"):
                    email[name] = [address_line(to) for to in email[name] or []]
                text = plain_text(email["body"])
                email["body_alternative"] = text or email["body_alternative"]
        return emails


def address_line(address):
    """A formatted address whose name is nothing but a name.

    A line break in it would begin a header, and of a name too long for one line Python
    drops the quotes: what stands in it like an address would become a reader.
    """
    name, email = parseaddr(" ".join(address.split()))
    if not name or not email:
        return address
    return formataddr((" ".join(NAMELESS.sub(" ", name).split()), email))


def plain_text(body):
    """An e-mail's HTML as text that reads well.

    Paragraphs are apart, tables keep their columns, links tell where they lead, images
    their alternative text.

    :param str body: HTML of any kind
    :return: str, without blanks at the end of its lines
    """
    if not body or not body.strip():
        return ""
    try:
        root = html.fromstring(body)
    except (etree.ParserError, ValueError):
        return ""
    text = _block(root)
    lines = [line.rstrip() for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def _block(node):
    """Text of an element with the line breaks that it asks for."""
    if not isinstance(node.tag, str) or node.tag in HIDDEN:
        return ""
    if node.tag == "br":
        return "\n"
    if node.tag == "img":
        return _squeezed(node.get("alt"))
    if node.tag == "table" and node.find(".//th") is not None:
        return f"\n\n{_table(node)}\n\n"
    inner = _inner(node)
    if node.tag == "a":
        return _link(node, inner)
    if node.tag == "li":
        return f"\n- {inner.strip()}"
    if node.tag in PARAGRAPHS:
        return f"\n\n{inner.strip()}\n\n"
    if node.tag in LINES:
        return f"\n{inner.strip(' ')}\n"
    return inner + " " if node.tag in ("td", "th") else inner


def _squeezed(text):
    # what a browser squeezes; a no-break space is no such blank. The sign that keeps a
    # minus with its figure takes no place, and would put columns out of line.
    return re.sub(r"[ \t\r\n\f]+", " ", (text or "").replace("\ufeff", ""))


def _join(before, after):
    """No blank begins a line or stands twice."""
    if before.endswith((" ", "\n")) or not before:
        after = after.lstrip(" ") if before else after
    if after.startswith("\n"):
        before = before.rstrip(" ")
    return before + after


def _link(node, inner):
    url = (node.get("href") or "").strip()
    words = inner.strip()
    if not url.startswith(("http://", "https://")) or words == url:
        return inner
    return f"{words}: {url}" if words else url


def _table(table):
    """A table in columns; one that is too wide row by row, each cell with its head.

    Further lines of a cell stand below its row.
    """
    caption = table.find(".//caption")
    title = " ".join(_inner(caption).split()) if caption is not None else ""
    lines = [title, "-" * min(len(title), LINE)] if title else []
    rows = [
        [_lines(cell) for cell in row if cell.tag in ("td", "th")]
        for row in table.iter("tr")
    ]
    rows = [row for row in rows if any(row)]
    if not rows:
        return "\n".join(lines)
    count = max(map(len, rows))
    rows = [row + [[]] * (count - len(row)) for row in rows]
    firsts = [[cell[0] if cell else "" for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*firsts, strict=True)]
    narrow = sum(widths) + 2 * (count - 1) <= LINE
    for index, (row, first) in enumerate(zip(rows, firsts, strict=True)):
        below = [f"  {line}" for cell in row for line in cell[1:]]
        if narrow:
            cells = [
                text.ljust(width) for text, width in zip(first, widths, strict=True)
            ]
            if count > 1:  # figures stand at the right
                cells[-1] = first[-1].rjust(widths[-1])
            lines += ["  ".join(cells).rstrip(), *below]
        elif index:
            named = zip(firsts[0], first, strict=True)
            lines += ["", *(f"{name}: {text}" for name, text in named if text), *below]
    return "\n".join(lines)


def _lines(cell):
    """The lines of a cell, without empty ones. Where its links lead stands elsewhere in
    the message: an address would tear the columns apart."""
    for link in cell.iter("a"):
        link.tag = "span"
    lines = [" ".join(line.split()) for line in _inner(cell).splitlines()]
    return [line for line in lines if line]


def _inner(node):
    text = _squeezed(node.text)
    for child in node:
        text = _join(text, _block(child))
        text = _join(text, _squeezed(child.tail))
    return text
