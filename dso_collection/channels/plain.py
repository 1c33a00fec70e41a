"""Rendered texts without markup, and how many text messages they take."""

import math
import re

from lxml import etree, html

#: Characters of the GSM alphabet, and those of it that take two places.
GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_TWICE = set("\f^{}\\[~]|€")
#: Places in a message that stands alone, and in one of several parts.
GSM_PLACES = (160, 153)
UNICODE_PLACES = (70, 67)
#: Widest line of a table; a wider one is written one cell below the other.
LINE = 76
#: Links whose address stands beside their words; the last becomes one when it leaves.
FOLLOWED = ("http://", "https://", "/dso/secret/")
PARAGRAPHS = {"p", "ul", "ol", "blockquote", "h1", "h2", "h3", "h4"}
LINES = {"div", "tr", "pre", "body", "html", "caption"}
HIDDEN = {"head", "style", "script", "title", "template"}


def sms_parts(text):
    """(places, number of parts) of a text message: 160 places of the GSM alphabet or 70
    of Unicode, fewer in each part of a longer one."""
    if set(text) <= GSM | GSM_TWICE:
        length = sum(2 if character in GSM_TWICE else 1 for character in text)
        alone, part = GSM_PLACES
    else:
        length = len(text.encode("utf-16-le")) // 2
        alone, part = UNICODE_PLACES
    return length, 1 if length <= alone else math.ceil(length / part)


def plain_text(body):
    """HTML as text that reads well: for readers who see none, and filters that count.

    Paragraphs are apart, tables keep their columns, links tell where they lead, images
    their alternative text.

    :param body: HTML of any kind, or False
    :return: str, without blanks at the end of its lines
    """
    if not body or not str(body).strip():
        return ""
    try:
        root = html.fromstring(str(body))
    except (etree.ParserError, ValueError):
        return ""
    text = _block(root)
    lines = [line.rstrip() for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def short_text(body):
    """The same in as few characters as it takes: text messages are paid by them.

    :param body: HTML, or False
    """
    return "\n".join(" ".join(line.split()) for line in plain_text(body).splitlines())


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
    if not url.startswith(FOLLOWED) or words == url:
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
