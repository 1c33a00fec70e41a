"""Rendered texts without markup, and how many text messages they take."""

import math
import re

from lxml import html

from odoo.tools import html2plaintext

#: Characters of the GSM alphabet, and those of it that take two places.
GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_TWICE = set("\f^{}\\[~]|€")
#: Places in a message that stands alone, and in one of several parts.
GSM_PLACES = (160, 153)
UNICODE_PLACES = (70, 67)
BLANKS = re.compile(r"[ \t\r\n]+")


def plain_text(body):
    """A rendered text as it reads without any markup; links stand beside their words.

    :param body: HTML, or False
    :return: str; lines without surrounding space, never two empty ones in a row
    """
    if not body or not str(body).strip():
        return ""
    root = html.fragment_fromstring(str(body), create_parent="div")
    for node in root.iter():
        # as a browser does: the text's own breaks are tags
        node.text = node.text and BLANKS.sub(" ", node.text)
        node.tail = node.tail and BLANKS.sub(" ", node.tail)
    for link in list(root.iter("a")):
        href = link.attrib.pop("href", "")
        if href and href not in link.text_content():
            link.tail = f" {href}{link.tail or ''}"
    text = html2plaintext(
        html.tostring(root, encoding="unicode"), include_references=False
    )
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


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
