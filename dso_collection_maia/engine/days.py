"""Which of the days that a message names is the day of payment.

Words around a day decide: of payment for it; of negation, or of plans and events that
have been, against it. All patterns are sought in folded text (:func:`.text.fold`).
"""

import re
from functools import lru_cache
from itertools import islice

from .clauses import clause_of
from .reader import is_ahead
from .text import fold


def _compiled(pattern):
    """A pattern for folded text: kana lose their voiced marks there."""
    folded = "".join(ch if ch.isascii() else fold(ch) for ch in pattern)
    return re.compile(folded)


#: {language: words of payment, words of something else that has its day}
_WORDS = {
    "en": (
        r"\bpa(?:y|id)|transfer|remit|settl|\bwir(?:e|ing)|\bbacs|cheque|\bruns?\b"
        r"|clear|\bsort|releas|\bmoney|\bfunds",
        r"original|initial|plann|promis|suppos|meant to|remind|arriv|deliver|receiv"
        r"|dated|\bdue\b|\bsaid\b|\btold\b|exhibition|holiday|\bback\b",
    ),
    "de": (
        r"zahl|uberweis|ueberweis|beglich|begleich|anweis|\bgeld|\braus|uberwies",
        r"ursprung|geplant|zugesagt|versproch|sollte|eigentlich|mahnung|liefer"
        r"|angekommen|fallig|urlaub|zuruck",
    ),
    "fr": (
        r"\bpai|\bpay|regl|\bvir(?:e|ement)|\bvers(?:e|ons)|cheque|prelev|solde",
        r"initial|prevu|promis|devait|etait|relance|livr|recu\b|echu|conge|retour",
    ),
    "es": (
        r"\bpag|transfer|\babon|liquid|ingres|\bgir|bizum|remesa",
        r"inicial|previst|prometid|\biba|debia|recordatorio|entreg|lleg|recib|vencid"
        r"|vacacion",
    ),
    "it": (
        r"\bpag|bonific|\bsald|\bvers|accredit|liquid|rimess|distint",
        r"inizial|previst|promess|doveva|sollecito|consegn|arriv|ricevut|scadut|ferie",
    ),
    "nl": (
        r"betal|overmak|overgemaakt|\bvold|overboek|\bstort|\bover\b|\bgeld",
        r"oorspronkelijk|gepland|beloofd|\bzou|herinnering|gelever|aangekomen"
        r"|ontvangen|verval|vakantie",
    ),
    "pt": (
        r"\bpag|transfer|liquid|deposit|\bpix\b|\bquit",
        r"inicial|previst|prometid|devia|lembrete|entreg|cheg|recebid|vencid|ferias",
    ),
    "pl": (
        r"plac|plat|przel|ureguluj",
        r"pierwotn|planowan|obieca|\bmial|wezwani|dostaw|dotarl|otrzym|urlop",
    ),
    "tr": (
        r"\bode|yatir|havale|\beft|gonder|aktar",
        r"once|planlan|soz ver|hatirlat|teslim|geldi|vade|izin",
    ),
    "ro": (
        r"\bplat|\bvir(?:a|ez|ament)|achit|transfer|\bbani",
        r"initial|planificat|promis|trebuia|memento|livr|sosit|primit|scaden|concedi",
    ),
    "sv": (
        r"betal|overfor|swish|regler|insatt|\bpengar",
        r"ursprung|planera|lovade|skulle|paminnelse|lever|\bkom\b|mottag|forfall"
        r"|semester",
    ),
    "hr": (
        r"plac|uplat|isplat|prebac|doznac|podmir|novac",
        r"prvotn|planiran|obeca|trebal|opomen|isporu|stig|primlj|dospje|godisnj",
    ),
    "zh": (r"[付转汇打给结]|还款|到账|款", r"原|本来|说好|催|到货|收到|发货|到期|验收"),
    "ja": (
        r"払|振込|振り込|入金|送金",
        r"当初|予定でした|お伝え|督促|納品|届|到着|期限",
    ),
}
#: {language: words that speak to the reader of the message}
_READER = {
    "en": r"\byou(?:rs)?\b",
    "de": r"\b(?:ihnen|euch|dir|sie)\b",
    "fr": r"\b(?:vous|votre|vos)\b",
    "es": r"\b(?:os|usted(?:es)?|les?|te)\b",
    "it": r"\b(?:voi|v[ie]|lei)\b",
    "nl": r"\b(?:u|jou|je|jullie)\b",
    "pt": r"\b(?:vos|te|lhes?|voces?)\b",
    "pl": r"\b(?:panstw\w*|wam|panu|pani)\b",
    "tr": r"\b(?:siz(?:e|in|ler)?|sana)\b",
    "ro": r"\b(?:va|dumneavoastra|dvs|voi)\b",
    "sv": r"\b(?:er|ni|dig)\b",
    "hr": r"\b(?:vam|vas|vase\w*)\b",
    "zh": "[你您贵]",
    "ja": "御社|貴社|そちら",
}
#: {language: words that deny what follows them}
_DENIALS = {
    "en": r"\bnot\b|n't\b|\b(?:cant|wont|dont|cannot|never|forget)\b|instead of"
    r"|rather than",
    "de": r"\bnicht\b|\bstatt|anstatt|vergessen sie",
    "fr": r"\bne\b|\bn'|\bpas\b|au lieu d|plutot que|\boubli",
    "es": r"\bno\b|en lugar de|en vez de|\bolvid",
    "it": r"\bnon\b|invece d|anziche|dimentic",
    "nl": r"\bniet\b|in plaats van|vergeet",
    "pt": r"\bnao\b|em vez d|esquec",
    "pl": r"\bnie\b|zamiast|zapomn",
    "tr": r"(?!)",
    "ro": r"\bnu\b|in loc de|uitati",
    "sv": r"\binte\b|i stallet for|\bglom\b",
    "hr": r"\bne(?:cemo|cu|ce)?\b|umjesto|zaboravi",
    "zh": "(?<![能可是])不|没|别|而不是",
    "ja": r"(?!)",
}
#: "No later than the 10th" and "the part that we do not dispute" deny no day.
_LIMIT = (
    r"(?!\W{0,2}(?:later|spater|plus tard|mas tarde|oltre|mais tarde|pozniej|mai "
    r"tarziu|senare|kasnije|晚于|迟于)|\W{0,2}(?:\w{1,6}\W){0,2}(?:disput|contest|"
    r"discut"
    r"|bestr|betwist|kwestion|ospor))"
)
#: "Only on the 15th", "not before the 10th" and "not until Friday" name a day.
_ONLY = re.compile(
    r"\b(?:que|only|erst|solo|nur|until|till|bis|jusqu|hasta|fino|tot|ate|do|pana|till"
    r"|before|vor|avant|antes|prima|voor|przed|inainte|fore|prije|kadar)\b[^\n]{0,12}$"
)
# In some languages the negation follows.
_NOT_AFTER = _compiled(
    r"来不及|不了|不行|不成|付不|没法|无法|ません(?!か|でしょうか)|できな|間に合わ"
    r"|ではなく|olmadi|olmaz|degil|yapama|odeyeme|yetismez|yerine"
)
#: So many days of a message are judged: who names more names none to pay on.
MOST_DAYS = 40
#: What :func:`standing` gives at most for a day that is denied is below this.
DENIED = -1
_AFTERWARDS = ("zh", "ja", "tr")


@lru_cache(maxsize=32)
def _patterns(lang):
    lang = lang if lang in _WORDS else "en"
    denial = f"(?:{_DENIALS[lang]}){_LIMIT}"
    return [_compiled(words) for words in (*_WORDS[lang], _READER[lang], denial)]


def future(prepared):
    """The first dates of prepared words that can be those of a promise, in order."""
    ahead = (f for f in prepared.reading.dates if is_ahead(f, prepared.received_on))
    return list(islice(ahead, MOST_DAYS))


def standing(prepared, folded, found):
    """How the words around a day speak for a payment on it: negative against it.

    :param folded: the own words of ``prepared``, folded
    """
    pay, other, reader, _denial = _patterns(prepared.lang)
    clause = folded[slice(*clause_of(folded, found.start, found.end))]
    points = bool(pay.search(clause)) - bool(other.search(clause))
    points += bool(reader.search(clause))
    return points - 4 * is_denied(prepared, folded, found)


def is_denied(prepared, folded, found):
    """Whether the words say that this is not the day: "not on the 4th"."""
    start, end = clause_of(folded, found.start, found.end)
    before = folded[start : found.start]
    if _patterns(prepared.lang)[3].search(before) and not _ONLY.search(before):
        return True
    after = folded[found.end : end]
    return prepared.lang in _AFTERWARDS and bool(_NOT_AFTER.search(after))
