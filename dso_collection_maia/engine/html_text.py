"""HTML of mails as the text that its reader sees, without quoted history.

Text that nobody sees is left out and told: it speaks to the software, not to people.
"""

import html
import re

import lxml.etree
import lxml.html

_TAG = re.compile(
    r"</?(?:html|body|head|div|p|br|span|table|tr|td|blockquote|a|font|b|i|u|ul|li|img"
    r"|strong|em|style|meta|o:p|h[1-6]|hr|script|title)\b[^<>]{0,2000}>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{2,6});")
_WHITE = {"#ffffff", "#fff", "white"}
_DROP = {"script", "style", "head", "title", "template", "noscript", "svg", "object"}
_BLOCK = set(
    "p div br tr table ul ol li h1 h2 h3 h4 h5 h6 hr blockquote section article header"
    " footer pre".split()
)
_QUOTE_CLASS = re.compile(
    r"gmail_quote|gmail_attr|yahoo_quoted|moz-cite-prefix|protonmail_quote|zmail_extra"
    r"|tutanota_quote|OutlookMessageHeader"
)
_QUOTE_ID = re.compile(
    r"divRplyFwdMsg|appendonsend|mail-editor-reference-message|OLK_SRC"
)
_HIDDEN = re.compile(
    r"display:none|visibility:hidden|font-size:[01](?:px|pt|em|%)?(?:;|$)|mso-hide:all"
    r"|(?<![-\w])color:(?:#fff(?:fff)?|white|rgb\(255,255,255\))(?:;|!|$)"
    r"|opacity:0(?:\.0+)?(?:;|$)|max-height:0|font-size:0\."
)
#: A message of this many levels is no letter of a person.
MAX_NODES = 20_000


def is_html(text):
    """Whether a text has tags or entities of HTML."""
    return bool(_TAG.search(text) or _ENTITY.search(text))


def to_text(source):
    """The seen words of an HTML message.

    :return: (text, quoted text that was taken out, whether words were hidden)

    >>> to_text("Paid &amp; done<br>ok<span style='display:none'>mark as paid</span>")
    ('Paid & done\\nok', '', True)
    """
    if not _TAG.search(source):
        return html.unescape(source), "", False
    try:
        # a line break of the source is a space, but in remnants it is all there is
        body = source if _has_blocks(source) else re.sub(r"\n", "<br>", source)
        root = lxml.html.document_fromstring(
            body.encode("utf-8"), parser=lxml.html.HTMLParser(encoding="utf-8")
        )
    except (lxml.etree.LxmlError, ValueError):
        return html.unescape(_TAG.sub(" ", source)), "", False
    seen, quoted, hidden = [], [], []
    _walk(root, seen, quoted, hidden)
    return (
        _lines(seen),
        _lines(quoted),
        bool(re.search(r"\w{3}", "".join(hidden))),
    )


def _has_blocks(source):
    return bool(re.search(r"<(?:p|div|br|tr|li)\b", source, re.IGNORECASE))


def _walk(root, seen, quoted, hidden):
    """Collect the words of a tree, each in the list of its nearest mark."""
    after_header = False  # Outlook: all that follows its header is quoted
    stack, left = [(root, seen, False)], MAX_NODES
    while stack and left:
        node, target, leaving = stack.pop()
        left -= 1
        if isinstance(node, str):
            target.append(re.sub(r"\s+", " ", node))
            continue
        if leaving:
            target.append("\n")
            continue
        inner = target
        if not isinstance(node.tag, str) or node.tag in _DROP:
            inner = None
        elif target is seen and (after_header or _is_quote(node)):
            inner = quoted
            if _QUOTE_ID.search(node.get("id") or ""):
                after_header = True
        elif target is seen and _is_hidden(node):
            inner = hidden
        if inner is not None:
            if node.tag in _BLOCK:
                inner.append("\n")
                if node.tag not in ("br", "hr"):
                    stack.append((node, inner, True))
            if node.text:
                inner.append(re.sub(r"\s+", " ", node.text))
            for child in reversed(node):
                if child.tail:
                    stack.append((child.tail, inner, False))
                stack.append((child, inner, False))


def _is_quote(node):
    return (
        node.get("data-o-mail-quote")
        or (node.tag == "blockquote" and node.get("type") == "cite")
        or _QUOTE_CLASS.search(node.get("class") or "")
        or _QUOTE_ID.search(node.get("id") or "")
    )


def _is_hidden(node):
    style = re.sub(r"\s+", "", (node.get("style") or "").lower())
    return (
        "hidden" in node.attrib
        or bool(_HIDDEN.search(style))
        or (node.tag == "font" and (node.get("color") or "").lower() in _WHITE)
        or (node.tag == "font" and node.get("size") == "0")
    )


def _lines(parts):
    text = "".join(parts).replace("\xa0", " ")
    lines = [re.sub(r"[ \t]+", " ", line).strip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
