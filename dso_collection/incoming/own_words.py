"""The words that the author of an e-mail wrote himself.

Quoted history, signatures and what a program adds are folded away. Odoo marks what HTML
shows as a quote; what is left is read line by line, in the conventions of the fourteen
languages of the assistant and a few of their neighbours. Nothing is lost by it: the
original is kept, and when nothing would be left, all of it counts as own words.
"""

import re

from lxml import etree, html

from odoo.tools import html_sanitize

from ..channels.plain import plain_text

#: Lines above a quote: who wrote when. Each is tried on up to three lines, as programs
#: break them, and has to end like this.
ATTRIBUTIONS = re.compile(
    r"^(?:"
    r"on\b.{6,160}\bwrote"
    r"|(?:am|on|vom)\b.{6,160}\bschrieb\b.{0,120}"
    r"|le\b.{6,160}\ba [ée]crit"
    r"|el\b.{6,160}\bescribi[óo]\b.{0,120}"
    r"|(?:il\b|in data\b).{6,160}\bha scritto"
    r"|op\b.{6,160}\b(?:schreef|heeft\b.{1,120}\bgeschreven)\b.{0,120}"
    r"|(?:em|a|no dia)\b.{6,160}\bescreveu\b.{0,120}"
    r"|(?:w dniu\b|dnia\b|pon\.|wt\.|śr\.|czw\.|pt\.|sob\.|niedz\.).{6,160}"
    r"\b(?:napisał(?:\(a\)|a)?|pisze)"
    r"|(?:dne\b|po |út |st |čt |pá |so |ne ).{6,160}\bnapsal(?:\(a\)|a)?"
    r"|(?:în|pe|la data)\b.{6,160}\ba scris"
    r"|(?:dana\b|u |pon|uto|sri|čet|pet|sub|ned).{6,160}\b(?:je )?napisao(?:/la)?\b"
    r".{0,120}"
    r"|.{6,160}\btarihinde\b.{0,160}\b(?:yazdı|şunları yazdı|şöyle yazdı)"
    r"|.{0,40}\d{4}\s?[年/\-.].{3,160}(?:のメール|が書きました|wrote|写道|寫道)"
    r"|.{2,160}(?:さんは書きました|さんからのメール|于.{4,60}写道)"
    r"|den\b.{6,160}\bskrev\b.{0,120}"
    r")\s*[:：]$",
    re.IGNORECASE,
)
#: The same by date, clock and address alone: "2026年11月23日(月) 10:05 Ann <a@b.c>:".
BARE_ATTRIBUTION = re.compile(
    r"^\d{4}\s?[年/\-.]\s?\d{1,2}\s?[月/\-.]\s?\d{1,2}.{0,60}<[^<>\s]+@[^<>\s]+>\s?[:：]$"
)
#: Rules that programs draw above a quoted message.
SEPARATORS = re.compile(
    r"^\s*[-_=*]{2,}\s*(?:"
    r"original message|original appointment|reply message"
    r"|urspr[üu]ngliche (?:nachricht|mail|e-mail)|originalnachricht"
    r"|message d'origine|message original|mensaje original|messaggio originale"
    r"|oorspronkelijk bericht|mensagem original|wiadomość oryginalna"
    r"|oryginalna wiadomość|p[ůu]vodn[íi] (?:zpr[áa]va|e-mail)|mesaj original"
    r"|izvorna poruka|orijinal (?:ileti|mesaj)|özgün ileti"
    r"|元のメッセージ|original message|原始邮件|邮件原件|原邮件|原始郵件"
    r")\s*[-_=*]{2,}\s*$",
    re.IGNORECASE,
)
FORWARDS = re.compile(
    r"^(?:\s*[-_=*]{2,}\s*)?(?:"
    r"forwarded message|begin forwarded message|weitergeleitete nachricht"
    r"|anfang der weitergeleiteten (?:nachricht|e-mail)|message transféré"
    r"|début du message (?:transféré|réexpédié)|mensaje reenviado"
    r"|inicio del mensaje reenviado|messaggio (?:inoltrato|reindirizzato)"
    r"|inizio messaggio inoltrato|doorgestuurd bericht|begin doorgestuurd bericht"
    r"|mensagem (?:encaminhada|reencaminhada)|wiadomość przekazana dalej"
    r"|přeposlaná zpráva|mesaj redirecționat|mesaj transmis|proslijeđena poruka"
    r"|iletilen mesaj|yönlendirilmiş ileti|転送されたメッセージ|転送メッセージ"
    r"|转发的邮件|已转发的邮件|轉寄郵件"
    r")(?:\s*[-_=*:：]+)?\s*$",
    re.IGNORECASE,
)
#: Names of the lines "From" and those that follow it, above a quote of Outlook's.
FROM = (
    "from|von|de|expéditeur|da|mittente|remitente|van|od|odesílatel|de la|kimden"
    "|gönderen|pošiljatelj|差出人|送信者|发件人|寄件者|från|fra"
)
BELOW_FROM = (
    "sent|date|to|cc|subject|gesendet|datum|an|betreff|envoyé|à|objet|enviado( el)?"
    "|fecha|para|asunto|inviato|data|a|oggetto|verzonden|aan|onderwerp|enviada( em)?"
    "|assunto|wysłano|wysłane|do|temat|odesláno|komu|předmět|trimis|către|subiect"
    "|poslano|za|prima|predmet|gönderildi|gönderilen|tarih|kime|konu|送信日時|日時"
    "|宛先|件名|发送时间|时间|日期|收件人|主题|寄件日期|收件者|主旨"
)
FROM_LINE = re.compile(rf"^\W*(?:{FROM})\s*[:：]\s*\S", re.IGNORECASE)
BELOW_FROM_LINE = re.compile(rf"^\W*(?:{BELOW_FROM})\s*[:：]", re.IGNORECASE)
QUOTED = re.compile(r"^\s*(?:>|&gt;|\|\s)")
SIGNATURE = re.compile(r"^\s*--\s?$|^\s*_{8,}\s*$")
#: What telephones and programs add below.
ADDED = re.compile(
    r"^\W*(?:"
    r"(?:sent|get outlook) (?:from|for|with) .{2,50}"
    r"|(?:von|mit) mein(?:em|er) .{2,40} gesendet|gesendet (?:von|mit) .{2,50}"
    r"|diese nachricht wurde von .{2,60} gesendet"
    r"|envoyé (?:de|depuis|à partir de) .{2,50}"
    r"|enviado (?:desde|do|de|a partir) .{2,50}|inviato d(?:a|al|all)['\s].{2,50}"
    r"|verzonden (?:vanaf|via|met) .{2,50}|verstuurd vanaf .{2,50}"
    r"|wysłan[eo] z .{2,50}|odesláno z .{2,50}|trimis de pe .{2,50}"
    r"|poslano (?:s|sa|iz) .{2,50}|.{2,30}(?:'?[ıiuü]m|cihazım)dan gönderildi"
    r"|.{2,20}から送信|发自我的.{2,20}|從我的.{2,20}傳送|来自我的.{2,20}"
    r")\W*$",
    re.IGNORECASE,
)
#: How subjects of forwarded messages begin.
FORWARDED_SUBJECT = re.compile(
    r"^\s*(?:re|aw|antw?|sv|r)?\s*[:：]?\s*"
    r"(?:fwd?|wg|tr|rv|i|enc|doorst|pd|pfwd|př|redir|prosl|ilt|i̇lt|ynt\.ilet"
    r"|転送|转发|轉寄|vb|vs)\s*[:：]",
    re.IGNORECASE,
)
#: A signature is short: what is longer below its sign is text.
SIGNATURE_LINES = 12
#: Characters of an e-mail that are read: what a log file pasted into one has more of
#: would hold up every e-mail behind it.
MAX_BODY = 1_000_000


def is_forwarded(subject):
    """Whether a subject says that a message of somebody else is passed on.

    :param subject: str or None
    """
    return bool(FORWARDED_SUBJECT.match(subject or ""))


def own_words(body, subject=None):
    """What the author of an e-mail wrote himself, and whether something was folded.

    Of a message that he passes on, nothing is folded: it is what he wants to say.

    :param body: HTML of any kind, as it came in
    :param subject: str or None
    :return: (plain text, bool)
    """
    body = str(body or "")
    cut = len(body) > MAX_BODY
    body = body[:MAX_BODY]
    whole = _text_of(body, quotes=True)
    if is_forwarded(subject):
        return whole, cut
    own = unquoted(_text_of(body, quotes=False))
    if not own:
        # answered inside the quote, or nothing but a quote
        own = unquoted(whole) or whole
    return own, cut or _letters(own) != _letters(whole)


def unquoted(text):
    """Plain text without quotes and signature.

    :param text: str
    :return: str, empty when nothing else is in it
    """
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").split("\n")]
    kept = []
    index = 0
    while index < len(lines):
        line = lines[index]
        if FORWARDS.match(line.strip()):
            # passed on on purpose: what he wants to say
            kept += lines[index:]
            break
        if SEPARATORS.match(line) or _is_header(lines, index):
            break
        length = _attribution(lines, index)
        if length:
            index += length
            if not _quote_follows(lines, index):
                break  # the quote is not marked line by line: it goes to the end
            continue
        if QUOTED.match(line):
            index += 1
            continue
        if ADDED.match(line):
            index += 1
            continue
        if SIGNATURE.match(line) and _is_signature(lines, index):
            break
        kept.append(line)
        index += 1
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _text_of(body, quotes):
    """HTML as plain text, with or without what Odoo marks as a quote."""
    marked = str(html_sanitize(body or "", sanitize_tags=False))
    if not marked.strip():
        return ""
    root = html.fragment_fromstring(marked, create_parent="div")
    if not quotes:
        for node in root.xpath("//*[@data-o-mail-quote]"):
            if node.getparent() is not None:
                node.drop_tree()
    for node in root.iter("pre"):
        _keep_lines(node)
    return plain_text(etree.tostring(root, encoding="unicode"))


def _keep_lines(pre):
    """Turn the line breaks of preformatted text into those of HTML.

    Children are put back all at once: one by one, a long e-mail would take minutes.
    """
    for node in list(pre.iter()):
        if not isinstance(node.tag, str):
            continue
        children = list(node)
        node.text, kept = _broken(node.text)
        for child in children:
            child.tail, breaks = _broken(child.tail)
            kept += [child, *breaks]
        if len(kept) > len(children):
            node[:] = kept
    pre.tag = "div"


def _broken(text):
    """The first line of a text, and an element for each break with what follows it."""
    first, *others = (text or "").split("\n")
    breaks = []
    for line in others:
        br = etree.Element("br")
        br.tail = line
        breaks.append(br)
    return first, breaks


def _attribution(lines, index):
    """How many lines from here on say who wrote what is quoted below; 0 for none."""
    if not lines[index].strip():
        return 0
    joined = ""
    for length in range(1, 4):
        if index + length > len(lines):
            break
        line = re.sub(r"^[>\s]+", "", lines[index + length - 1]).strip()
        if length > 1 and not line:
            break
        joined = f"{joined} {line}".strip()
        if len(joined) > 320:
            break
        if ATTRIBUTIONS.match(joined) or BARE_ATTRIBUTION.match(joined):
            return length
    return 0


def _is_header(lines, index):
    """Whether a block "From: ... Sent: ... To: ... Subject: ..." begins here."""
    if not FROM_LINE.match(lines[index]):
        return False
    below = [line for line in lines[index + 1 : index + 7] if line.strip()][:4]
    return sum(bool(BELOW_FROM_LINE.match(line)) for line in below) >= 2


def _quote_follows(lines, index):
    """Whether the next line with something in it is marked as quoted."""
    for line in lines[index:]:
        if line.strip():
            return bool(QUOTED.match(line))
    return True


def _is_signature(lines, index):
    below = [line for line in lines[index + 1 :] if line.strip()]
    return len(below) <= SIGNATURE_LINES or lines[index].strip("_ ") == ""


def _letters(text):
    return "".join(text.split())
