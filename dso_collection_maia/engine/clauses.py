"""A message that says different things of several invoices, taken apart."""

import re

from .text import fold

# What stands between two statements in one sentence, folded.
_SPLIT = re.compile(
    r"[;•|]|\n|\s[-–—]+\s|[,，、。.]\s*(?=$)|"
    r",?\s(?:but|while|whereas|however|though|aber|wahrend|hingegen|jedoch|dagegen|"
    r"mais|"
    r"tandis que|alors que|par contre|quant a|en revanche|pero|mientras|en cambio|sino|"
    r"mentre|invece|pero|ma|maar|terwijl|echter|daarentegen|mas|enquanto|porem|ja a|"
    r"ale|natomiast|zas|z kolei|a|ama|fakat|ise|ancak|dar|iar|insa|men|medan|daremot|"
    r"ali|dok|a|no|而|但|但是|しかし|一方|ですが)(?=\s)|[,，、：]|\band\b|\bund\b|"
    r"\bet\b|\by\b|"
    r"\be\b|\ben\b|\bi\b|\boch\b|\bve\b|\bsi\b|\boraz\b"
)
#: Between the numbers of one list stand no more letters than these.
_LIST = re.compile(
    r"[\s,;/&+、，和及と・().]*(?:(?:and|und|et|y|e|en|i|och|ve|si|oraz|sowie|ainsi "
    r"que|as"
    r" well as|plus|also|auch|a|ou|or|et la|e la|en de|invoice|invoices|rechnung|"
    r"rechnungen|"
    r"facture|factures|faktura|faktury|fatura|factura|fattura|factuur|racun|no|nr|n|"
    r"the|"
    r"die|la|le|les|de|der)[\s.,:()°º]*){0,4}$"
)
#: Where a statement ends at the latest.
_STOPS = "\n", ". ", "!", "?", "。", "！", "？", ";", ": "
#: No statement is longer than this on either side of what it is about.
REACH = 400
#: "The rest", "all others".
REST = re.compile(
    r"\b(?:the (?:rest|others?|remaining|remainder)|(?:all|any|everything) (?:the "
    r")?(?:other|"
    r"else|remaining)s?|rest(?:liche[nrs]?)?|ubrige[nrs]?|alle anderen|"
    r"le reste|les autres|toutes les autres|el resto|los demas|las demas|lo demas|"
    r"il resto|le altre|gli altri|tutto il resto|le rimanenti|de rest|de overige|"
    r"de andere|o resto|as (?:outras|demais|restantes)|os demais|reszta|reszte|"
    r"pozostal\w+|inne faktury|geri kalan\w*|diger\w*|kalan\w*|restul|celelalte|"
    r"resten|ovriga|de andra|ostal\w+|preostal\w+)\b|其余|其他|剩余|余下|残り|その他|"
    r"他の"
)


def parts(own, sentences, numbers):
    """The stretches of a text that speak of one invoice, or of one list of them.

    :param sentences: (start, end) of each sentence
    :param numbers: the found numbers, in order
    :return: list of (start, end, [numbers]); what has no number goes with what stands
        before it; words before the first number belong to the first one
    """
    if not numbers:
        return []
    folded = fold(own)
    groups = _groups(folded, sentences, numbers)
    starts = []
    for index, group in enumerate(groups):
        first = group[0].start
        sentence = _sentence(sentences, first)
        begin = sentence[0]
        if index and groups[index - 1][-1].end > begin:
            begin = _cut(folded, groups[index - 1][-1].end, first)
        starts.append(begin)
    ends = [*starts[1:], len(own)]
    result = []
    for begin, end, group in zip(starts, ends, groups, strict=True):
        rest = REST.search(folded, group[-1].end, end)
        if rest:
            end = max(
                group[-1].end, _sentence_or_clause(folded, sentences, rest, group)
            )
        result.append((begin, end, group))
    return result


def _groups(folded, sentences, numbers):
    """Numbers of one list belong together: "12, 13 and 14"."""
    groups = [[numbers[0]]]
    for before, number in zip(numbers, numbers[1:], strict=False):
        between = folded[before.end : number.start]
        if _LIST.fullmatch(between) and "\n" not in between:
            groups[-1].append(number)
        else:
            groups.append([number])
    return groups


def _sentence(sentences, position):
    return next((s for s in sentences if s[0] <= position < s[1]), (0, position))


def _cut(folded, start, end):
    """Where, between two numbers, the words for the second one begin."""
    cuts = [match.end() for match in _SPLIT.finditer(folded, start, end)]
    if not cuts:
        return end
    strong = [
        match.end()
        for match in _SPLIT.finditer(folded, start, end)
        if match.group().strip() in (";", "\n", "•", "|", "-", "–", "—")
        or len(match.group().strip(" ,")) > 2
    ]
    return (strong or cuts)[-1]


def clause_of(folded, start, end):
    """(start, end) of the statement around ``folded[start:end]``, within its line and
    :data:`REACH`."""
    low, high = max(0, start - REACH), min(len(folded), end + REACH)
    first = max(low, *(folded.rfind(mark, low, start) + 1 for mark in _STOPS))
    last = min(
        (place for mark in _STOPS if (place := folded.find(mark, end - 1, high)) >= 0),
        default=high,
    )
    for match in _SPLIT.finditer(folded, first, last):
        if match.end() <= start:
            first = match.end()
        elif match.start() >= end:
            return first, match.start()
    return first, last


def _sentence_or_clause(folded, sentences, rest, group):
    begin = _sentence(sentences, rest.start())[0]
    if begin > group[-1].end:
        return begin
    return _cut(folded, group[-1].end, rest.start())
