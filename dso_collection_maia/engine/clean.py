"""From a message as received to the customer's own words."""

import re
import unicodedata
from dataclasses import dataclass

from .html_text import is_html, to_text

#: Longer messages are read up to here: extraction must never cost minutes.
MAX_CHARS = 10_000
#: Above this many characters of HTML the rest is not even parsed.
MAX_SOURCE = 200_000

# "On … wrote:", by what stands at its begin and its end. What follows the blanks begins
# with none: a line of ten thousand would be tried from each of them.
_WROTE = re.compile(
    r"^[ \t>]*(?![ \t>])(?:"
    r"(?:on|am|le|el|il|op|em|no dia|w dniu|dnia|în|in|la|pe|den|dana|u|dne|vào|"
    r"(?:mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim)[.,]|\d{1,4}[./年-])"
    r"[^\n]{0,160}(?:\n(?!\n)[^\n]{0,160}){0,2}?"
    r"(?:wrote|schrieb|a écrit|a ecrit|escribió|escribio|ha scritto|scrisse|schreef|"
    r"geschreven|heeft geschreven|escreveu|napisał(?:\(a\)|a)?|napisal(?:\(a\)|a)?|"
    r"pisze|a scris|skrev|je napisa[ol]a?|napisao(?:/la|\(la\))?|napisala|piše)"
    r"[^\n:：]{0,80}[:：]"
    r"|[^\n]{4,160}(?:tarihinde|şunu yazdı|şunları yazdı|yazdı|写道|寫道|のメール|"
    r"さんは書きました|(?:さん|様)?(?:が|は)書き(?:ました|込み))[^\n]{0,60}[:：]"
    r"|[^\n<]{0,80}<[^\n<>@]{1,60}@[^\n<>]{1,60}>[^\n]{0,40}"
    r"(?:wrote|schrieb|a écrit|escribió|ha scritto|schreef|escreveu|napisał|a scris|"
    r"skrev|napisao|yazdı|写道)?[ ]?[:：]"
    r")[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
# What begins history that goes on to the end of the message.
_FROM = (
    r"(?:from|von|de|da|van|od|kimden|gönderen|från|expeditor|de la|šalje|"
    r"发件人|寄件者|差出人)"
)
_HEADERS = re.compile(
    r"^[ \t]*(?:"
    r"[-_=*]{2,}[ ]*(?:original message|original appointment|ursprüngliche nachricht|"
    r"original-?nachricht|message d['’]origine|message original|mensaje original|"
    r"messaggio originale|oorspronkelijk bericht|originalmeddelande|"
    r"mensagem original|wiadomość oryginalna|oryginalna wiadomość|"
    r"(?:özgün|orijinal) (?:ileti|mesaj)|mesajul? original|"
    r"原始邮件|原始郵件|原邮件|元のメッセージ|ursprungligt meddelande|"
    r"izvorna poruka|originalna poruka)[ ]*[-_=*]{0,}"
    r"|_{10,}[ \t]*$|-{3,}[ ]?[^\n-]{4,40}[ ]?-{3,}[ \t]*$"
    r"|\*?" + _FROM + r"\*?[ ]*[:：][^\n]{1,160}\n(?:[^\n]{0,160}\n){0,2}?"
    r"[ \t]*\*?(?:sent|gesendet|envoyé|enviado(?: el)?|enviada|inviato|verzonden|"
    r"wysłan[oey]|gönderildi|gönderme tarihi|trimis|skickat|poslano|date|datum|data|"
    r"fecha|tarih|dată|发送时间|日期|送信日時|日時|to|an|à|para|a|aan|do|kime|till|"
    r"către|za|subject|betreff|objet|asunto|oggetto|onderwerp|assunto|temat|konu|"
    r"subiect|ämne|predmet|主题|件名|收件人|宛先)\*?[ ]*[:：]"
    r")",
    re.IGNORECASE | re.MULTILINE,
)
_FORWARDED = re.compile(
    r"^[ \t>]*(?![ \t>])[-_=*]{2,}[ ]*(?:forwarded (?:message|by)|"
    r"begin forwarded message|"
    r"weitergeleitete nachricht|message (?:transféré|transmis)|mensaje reenviado|"
    r"messaggio inoltrato|doorgestuurd bericht|mensagem (?:encaminhada|reencaminhada)|"
    r"wiadomość przekazana|przekazana wiadomość|iletilen (?:ileti|mesaj)|"
    r"mesaj redirecționat|转发(?:的)?邮件|转发邮件信息|転送(?:された)?メッセージ|"
    r"vidarebefordrat meddelande|proslijeđena poruka)[^\n]*$",
    re.IGNORECASE | re.MULTILINE,
)
# The author points to what stands below: then it is his statement, too.
_SEE_BELOW = re.compile(
    r"\b(?:see|as|cf\.?|please find)?\s?(?:e-?mail |message |note |comments? |answer |"
    r"reply |statement )?below\b|siehe unten|s\. ?u\.|(?:unten|nach)stehend|"
    r"ci-dessous|plus bas|(?:ver|véase|vea|mire) (?:más )?abajo|más abajo|a "
    r"continuación|"
    r"(?:qui |vedi )?sotto\b|di seguito|hieronder|zie onder|abaixo|poniżej|niżej|"
    r"aşağıda|mai jos|nedan\b|här under|u nastavku|u prilogu ispod|niže|ispod|"
    r"见下|如下|下面|以下|下記",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(r"^(?:-- ?|--+)$", re.MULTILINE)
_CLOSING = re.compile(
    r"^[ \t]*(?:(?:with |many |very )?(?:kind|best|warm|warmest|kindest)? ?"
    r"(?:regards|wishes)|kr|rgds|brgds|br|yours (?:sincerely|faithfully|truly)|"
    r"sincerely(?: yours)?|respectfully|cheers|all the best|"
    r"(?:mit )?(?:freundlichen?|besten?|herzlichen?|vielen|schönen?|viele|liebe|"
    r"lieben) "
    r"(?:gr(?:ü|u|ue)(?:ß|ss)en?|dank)(?: [^\n]{0,30})?|mfg|vg|lg|hochachtungsvoll|"
    r"(?:bien |très )?cordialement|bien à vous|salutations[^\n]{0,30}|"
    r"(?:meilleures|sincères) salutations|cdt|cdlt|"
    r"(?:veuillez|je vous prie)[^\n]{0,90}(?:salutations|sentiments)[^\n]{0,30}|"
    r"(?:un )?(?:cordial|cordiales|atentos?) saludos?|saludos(?: cordiales)?|"
    r"atentamente|un saludo|atte\.?|"
    r"(?:cordiali|distinti|cari) saluti|saluti|cordialmente|"
    r"(?:met )?vriendelijke groet(?:en)?|(?:hartelijke|beste) groet(?:en)?|groet(?:en|"
    r"jes)?"
    r"|mvg|hoogachtend|"
    r"(?:atenciosamente|cordiais cumprimentos|(?:com os )?(?:melhores|meus) "
    r"cumprimentos|"
    r"cumprimentos|att\.?|abraços?|abs)|"
    r"(?:z poważaniem|pozdrawiam(?: serdecznie)?|z wyrazami szacunku|pozdrowienia)|"
    r"(?:saygılar(?:ımla|ımızla)?|iyi (?:çalışmalar|günler)|kolay gelsin|"
    r"saygilarimla|selamlar)|"
    r"(?:cu (?:stimă|respect|stima)|toate cele bune|o zi bună)|"
    r"(?:med )?(?:vänliga|vänlig|bästa) hälsning(?:ar)?|mvh|hälsningar|"
    r"(?:lijep|srdačan|srdačno)? ?pozdrav|s poštovanjem|lp|"
    r"此致|敬礼|敬上|谢谢!?|祝好|顺祝商祺|顺颂商祺|以上(?:、|です)?[^\n]{0,20}|敬具|"
    r"草々|"
    r"(?:よろしく|宜しく)お願い(?:いた|致)?し?ます)"
    r"[ \t]*[,.!;:。，！]*[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_POSTSCRIPT = re.compile(
    r"^[ \t]*(?:p\.? ?s\.?|p\.? ?d\.?|n\.? ?b\.?|ps|dopisek|追伸|又及|附)[ ]?[:.\-–：]",
    re.IGNORECASE | re.MULTILINE,
)
_DEVICE = re.compile(
    r"^[ \t]*(?:sent from (?:my|outlook|mail)|get outlook for|von meinem|gesendet "
    r"(?:von|mit)|"
    r"envoyé (?:de|depuis)|enviado desde|inviato da|verzonden (?:vanaf|met)|"
    r"enviado do (?:meu|iphone)|enviado de|wysłane? z|iphone['’]umdan|"
    r"iphone'?dan gönderildi|trimis de pe|trimis din|skickat från|poslano s|"
    r"poslano iz|从我的|发自我的|iphoneから|iPhone から|"
    r"スマートフォンから)[^\n]{0,80}$",
    re.IGNORECASE | re.MULTILINE,
)
_DISCLAIMER = re.compile(
    r"^[ \t*]*(?:[^\n]{0,100}\b(?:confidential(?:ity)?|intended (?:solely|only)|"
    r"vertraulich\w*|confidentiel\w*|confidencial\w*|riservat[eio]|"
    r"vertrouwelijk\w*|poufn\w+|gizli(?:dir|lik)|confidențial\w*|konfidentiell\w*|"
    r"povjerljiv\w*|think before you print|avant d'imprimer)\b|"
    r"[^\n]{0,60}(?:保密|机密信息|機密情報))[^\n]*",
    re.IGNORECASE | re.MULTILINE,
)
#: A line of a signature is short; a longer one is a statement.
SIGNATURE_LINE = 100


@dataclass(frozen=True)
class Cleaned:
    """A message taken apart.

    :param own: the customer's own words
    :param removed: history, signature and footers
    :param hidden: whether there were words that no reader sees
    :param quoted: whether history was cut off
    """

    own: str
    removed: str = ""
    hidden: bool = False
    quoted: bool = False


def normalise(text):
    """NFC, one kind of line end, no control or broken characters, at most
    :data:`MAX_CHARS` long."""
    text = (text or "")[: 2 * MAX_CHARS]
    text = text.encode("utf-8", "ignore").decode("utf-8")  # lone surrogates
    text = unicodedata.normalize("NFC", text)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
    text = "".join(
        ch
        for ch in text
        if ch in "\n\t" or unicodedata.category(ch) not in ("Cc", "Cf", "Cs", "Co")
    )
    return text[:MAX_CHARS]


def own_words(text):
    """Split a message into the customer's own words and the rest (labels, 1).

    :return: (own words, what was cut off)

    >>> own_words("We pay INV/12.\\n> INV/13 is due")
    ('We pay INV/12.', '> INV/13 is due')
    """
    cleaned = clean(text)
    return cleaned.own, cleaned.removed


def clean(text):
    """Take a message apart (labels, 1).

    Quoted lines, history below the header of a mail program, signature and footers are
    no words of the customer: they never give an item, a date or an amount. What a
    colleague wrote counts when the author forwards it and says so ("see below").

    :return: :class:`Cleaned`
    """
    text = (text or "")[:MAX_SOURCE]
    gone, hidden = [], False
    if is_html(text):
        text, quoted, hidden = to_text(text)
        if quoted:
            gone.append(normalise(quoted))
    text = normalise(text)
    own, history = _cut_history(text)
    if history:
        gone.append(history)
    quoted_any = bool(gone)
    own, footer = _cut_footer(own)
    if gone and (not own or len(own) < 300) and _points_below(own, gone):
        own = f"{own}\n{_colleague(gone)}".strip()
    gone.append(footer)
    removed = "\n".join(part for part in gone if part).strip()
    return Cleaned(own, removed, hidden, quoted_any)


def _cut_history(text):
    """(what is new, what is quoted)"""
    cut = len(text)
    for pattern in (_HEADERS, _FORWARDED):
        match = pattern.search(text)
        if match:
            cut = min(cut, match.start())
    head, tail = text[:cut], text[cut:]
    quoted = [tail] if tail.strip() else []
    match = _WROTE.search(head)
    if match:
        rest = head[match.end() :]
        first = rest.lstrip("\n").lstrip()
        if first.startswith((">", "|")):
            head = head[: match.start()] + rest  # an answer may stand below
            quoted.insert(0, match.group())
        else:
            quoted.insert(0, head[match.start() :])
            head = head[: match.start()]
    lines = head.split("\n")
    marked = [line for line in lines if line.lstrip().startswith(">")]
    if marked:
        quoted.insert(0, "\n".join(marked))
    own = [
        line
        for line in lines
        if not line.lstrip().startswith(">") and not _WROTE.match(line)
    ]
    return "\n".join(own).strip(), "\n".join(quoted).strip()


def _cut_footer(own):
    """(text, signature and legal footer)"""
    gone = []
    for pattern in (_SIGNATURE, _DEVICE, _DISCLAIMER):
        match = pattern.search(own)
        if match and (pattern is not _DISCLAIMER or match.start() > 0):
            gone.insert(0, own[match.start() :])
            own = own[: match.start()]
    for match in _CLOSING.finditer(own):
        below = own[match.end() :]
        postscript = _POSTSCRIPT.search(below)
        signature = below[: postscript.start()] if postscript else below
        lines = [line for line in signature.split("\n") if line.strip()]
        if match.start() and all(len(line) <= SIGNATURE_LINE for line in lines[:12]):
            gone.insert(0, own[match.start() : match.end()] + signature)
            own = own[: match.start()]
            if postscript:
                own += below[postscript.start() :]
            break
    return own.strip(), "\n".join(part.strip() for part in gone if part.strip())


def _points_below(own, gone):
    if _FORWARDED.search("\n".join(gone)):
        return not own or bool(_SEE_BELOW.search(own)) or len(own) < 60
    return bool(own and _SEE_BELOW.search(own))


def _colleague(gone):
    """The first quoted message, without its marks and header lines."""
    lines = []
    for line in "\n".join(gone).split("\n"):
        if line.lstrip().startswith(">>"):
            break
        line = line.lstrip("> \t")
        match = _WROTE.match(line) or _FORWARDED.match(line) or _HEADERS.match(line)
        header = re.match(r"[\w \-*]{2,20}[:：]\s", line) and len(lines) < 6
        if (match or re.match(r"[-_=*]{5,}", line)) and any(lines):
            break
        if not match and not header and not re.match(r"[-_=*]{2,}", line):
            lines.append(line)
    own, _footer = _cut_footer("\n".join(lines).strip())
    return own
