"""From a message as received to the customer's own words."""

import re
import unicodedata

#: Longer messages are read up to here: extraction must never cost minutes.
MAX_CHARS = 10_000

# What mail programs write above the history, in the languages of the product.
_HEADERS = re.compile(
    r"^(?:"
    r"-{2,}\s*(?:original message|ursprüngliche nachricht|message d'origine|"
    r"mensaje original|messaggio originale|oorspronkelijk bericht|"
    r"mensagem original|wiadomość oryginalna|özgün ileti|mesajul original|"
    r"原始邮件|元のメッセージ|ursprungligt meddelande|izvorna poruka)\s*-{2,}"
    r"|_{10,}"
    r"|(?:on|am|le|el|il|op|em|w dniu|în data de|den|dana)\b(?:.|\n(?!\n)){4,160}?\b"
    r"(?:wrote|schrieb|a écrit|escribió|ha scritto|schreef|escreveu|napisał(?:\(a\))?|"
    r"a scris|skrev|je napisa[ol]a?)[^\n:]{0,80}:"
    r"|.{4,120}(?:tarihinde|şunu yazdı|写道|のメール).{0,40}[:：]"
    r"|(?:from|von|de|da|van|od|kimden|från|发件人|差出人)\s*[:：].{0,120}\n"
    r"(?:sent|gesendet|envoyé|enviado|inviato|verzonden|wysłano|gönderildi|trimis|"
    r"skickat|poslano|date|datum|发送时间|送信日時)\s*[:：]"
    r")",
    re.IGNORECASE | re.MULTILINE,
)
_SIGNATURE = re.compile(r"^-- ?$", re.MULTILINE)


def normalise(text):
    """NFC, one kind of line end, no control or broken characters, at most
    :data:`MAX_CHARS` long."""
    text = (text or "")[: 2 * MAX_CHARS]
    text = text.encode("utf-8", "ignore").decode("utf-8")  # lone surrogates
    text = unicodedata.normalize("NFC", text)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(
        ch
        for ch in text
        if ch in "\n\t" or unicodedata.category(ch) not in ("Cc", "Cf")
    )
    return text[:MAX_CHARS]


def own_words(text):
    """Split a message into the customer's own words and the rest (labels, 1).

    Quoted lines, history below the header of a mail program and the signature are no
    words of the customer: they never give an item, a date or an amount.

    :return: (own words, what was cut off)

    >>> own_words("We pay INV/12.\\n> INV/13 is due")
    ('We pay INV/12.', '> INV/13 is due')
    """
    text = normalise(text)
    cut = len(text)
    for pattern in (_HEADERS, _SIGNATURE):
        match = pattern.search(text)
        if match:
            cut = min(cut, match.start())
    lines = text[:cut].split("\n")
    own = [line for line in lines if not line.lstrip().startswith(">")]
    quoted = [line for line in lines if line.lstrip().startswith(">")]
    removed = "\n".join(part for part in ("\n".join(quoted), text[cut:]) if part)
    return "\n".join(own).strip(), removed.strip()
