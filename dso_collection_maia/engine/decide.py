"""From probabilities to a proposal: certain rules, dates, amounts, invoices."""

import re
from dataclasses import replace

import numpy as np

from . import days
from .clauses import REST, clause_of, parts
from .extract.amounts import parse_number
from .labels import CLASSES, DANGEROUS, REASONS, STATUSES
from .text import fold, sentences
from .types import AmountFound, ItemProposal, NumberFound, Proposal

#: Below this confidence a person must look closely.
UNSURE = 0.55
#: That all is well must be so many times as likely as that it is not: a dispute that is
#: taken for a promise harms, a promise taken for a dispute is looked at once more. On
#: five folds of the training texts a quarter less of these confusions, for two
#: proposals of a thousand that were right.
CAUTION = 1.6
#: Why a proposal must be looked at closely.
DOUBTS = (
    "unsure",  # low confidence
    "no_date",  # a promise without a date
    "paid_later",  # said to be paid, with a date that is still to come
    "hidden",  # words that no reader sees
    "instructions",  # words that speak to the software
    "not_open",  # an invoice that is none of the open ones
    "several",  # a number or an amount that fits several items
    "disagree",  # two readers understand it differently
)
#: How sure each situation of a message must be that says several.
SURE_OF_ITEM = 0.4
#: How sure half a sentence beside an objection must be of a promise for its day to be
#: one, where no word of payment is near: "we signed on 1 July" promises nothing.
SURE_OF_DAY = 0.8
#: So many sentences, and stretches of single invoices, are looked at in full: the time
#: that a message takes has an end.
MOST_SENTENCES, MOST_STRETCHES = 8, 12
_STATUS_OF = [STATUSES.index(status) for status, _reason in CLASSES]
_INDEX = {pair: index for index, pair in enumerate(CLASSES)}
_BOUNCE = re.compile(
    r"undeliver(?:ed|able)|delivery (?:status notification|has failed|failure)|mail "
    r"delivery"
    r" (?:failed|system|subsystem)|returned to sender|mailer-daemon|address (?:not "
    r"found|"
    r"rejected)|user unknown|mailbox (?:unavailable|full|not found)|recipient "
    r"(?:rejected|"
    r"not found)|\b55\d[ -]5\.\d\.\d|unzustellbar|nicht zugestellt|non remis|non "
    r"distribue|"
    r"no se (?:ha podido|pudo) entregar|mancata consegna|onbestelbaar|nao (?:foi "
    r")?entregue|"
    r"niedostarczon|teslim edilemedi|nu a putut fi livrat|kunde inte levereras|"
    r"nije isporucena|无法投递|退信|配信不能|配信できません"
)
#: Words that speak to software, in folded text.
TO_SOFTWARE = re.compile(
    r"\b(?:ignore|disregard|forget|override) (?:all |any |your |the |previous |prior )+"
    r"(?:instructions?|rules?|prompts?|above)|system (?:prompt|override|note|"
    r"message)\s*[:=]|"
    r"\b(?:mark|set|classify|label|flag|treat) (?:this|it|all|every\w*|the|as|"
    r"invoice\w*|status)"
    r"[^.\n]{0,50}\b(?:paid|resolved|closed|settled|promise\w*)\b|"
    r"\b(?:you are|as) an? (?:ai|assistant|language model)\b|"
    r"\[?(?:system|assistant|admin)\]?\s*[:=]|status_type|promise_to_pay|on_going|"
    r"ignorier\w* (?:alle|deine|die|samtliche)[^.\n]{0,30}(?:anweisung|regel)|"
    r"ignor\w+ (?:toutes |les |tes |vos |todas |las |tus |tutte |le |as |suas |toate |"
    r"instruc|wszystk\w+ |poprzedni\w+ |sve |alla |alle )+[^.\n]{0,30}"
    r"(?:instruction|instrucc|istruzion|instruc|instrukcj|uput|instruktion|instructi)|"
    r"(?:onceki |tum )?talimatlari? (?:yoksay|unut|dikkate alma)|negeer (?:alle|je|de)|"
    r"忽略[^。\n]{0,12}(?:指令|指示|说明)|指示を無視|無視して"
)


def decide(engine, prepared, message, context):
    """Make a proposal of prepared words.

    :param engine: gives :meth:`probabilities` for words
    """
    certain = _certain(prepared)
    probabilities = _only(certain, 0.97) if certain else engine.probabilities(prepared)
    if message.said:
        probabilities = _within(probabilities, message.said)
    items = () if certain else _items(engine, prepared, message, context)
    if items:
        probabilities = _strongest(probabilities, items)
    chances = by_status(probabilities)
    status = likeliest(chances)
    reasons = {
        reason: float(probabilities[_INDEX[status, reason]])
        for reason in REASONS[status]
    }
    reason = max(reasons, key=reasons.get)
    found, amount = _promise(engine, prepared, status, chances)
    if items and not found:
        first = next((item for item in items if item.promise_date), None)
        promise_date = first and first.promise_date
    else:
        promise_date = found and found.value
    proposal = Proposal(
        status_type=status,
        reason=reason,
        promise_date=promise_date,
        promise_amount=amount and amount.value,
        currency=amount and amount.currency,
        invoice_numbers=tuple(dict.fromkeys(n.text for n in prepared.numbers)),
        items=items,
        confidence=chances[status],
        probabilities=chances,
        reasons=reasons,
        doubts=(),
        evidence=_evidence(engine, prepared, status, found),
        lang=prepared.lang,
        reading=prepared.reading,
        engine=engine.name,
    )
    return replace(proposal, doubts=tuple(_doubts(proposal, prepared, context)))


def _certain(prepared):
    """The class of a message that needs no judgement, None for all others."""
    own = fold(prepared.own)
    if not re.search(r"\w", own):
        return "on_going", "other"
    if _BOUNCE.search(own[:600]) and len(_BOUNCE.findall(own[:1500])) > 1:
        return "on_going", "wrong_address"
    return None


def _only(pair, probability):
    result = np.full(len(CLASSES), (1 - probability) / (len(CLASSES) - 1))
    result[_INDEX[pair]] = probability
    return result


def _within(probabilities, status):
    """What its author chose himself holds; words say no more than its reason."""
    mask = np.array([pair[0] == status for pair in CLASSES], float)
    rest = probabilities * mask + 1e-9 * mask
    return rest / rest.sum()


def by_status(probabilities):
    """:return: {status type: probability} of the probabilities of classes"""
    sums = np.bincount(_STATUS_OF, weights=probabilities, minlength=len(STATUSES))
    return {s: float(v) for s, v in zip(STATUSES, sums, strict=True)}


def likeliest(chances):
    """The status type to propose: the most likely one, unless another one that it would
    be dangerous to take for it is nearly as likely (:data:`CAUTION`).

    :param chances: {status type: probability}
    """
    status = max(chances, key=chances.get)
    feared = [other for other in STATUSES if (other, status) in DANGEROUS]
    worst = max(feared, key=chances.get, default=status)
    return worst if CAUTION * chances[worst] > chances[status] else status


# -- dates and amounts ---------------------------------------------------------


def _promise(engine, prepared, status, chances):
    """(date, amount) that the customer says he will pay, each found or None."""
    if status not in ("promise_to_pay", "dispute", "litigation"):
        return None, None
    own = prepared.own
    folded, spans = fold(own), sentences(own)
    future = days.future(prepared)
    amounts = list(prepared.reading.amounts)
    scored = {}

    def promised(position):
        if status == "promise_to_pay":
            span = next((s for s in spans if s[0] <= position < s[1]), (0, len(own)))
        else:  # beside an objection a promise may stand in half a sentence
            span = clause_of(folded, position, position + 1)
        if span == (0, len(own)):
            return chances["promise_to_pay"], span
        if span not in scored:
            meaning = len(scored) < MOST_SENTENCES
            its = engine.probabilities(prepared.part(*span), meaning)
            scored[span] = by_status(its)["promise_to_pay"]
        return scored[span], span

    chosen = None
    if status == "promise_to_pay":
        chosen = _best(prepared, folded, future, promised)
    else:
        likely = [
            found
            for found in future
            if promised(found.start)[0]
            > (0.5 if days.standing(prepared, folded, found) > 0 else SURE_OF_DAY)
        ]
        chosen = _best(prepared, folded, likely, promised)
    if chosen:
        chosen = _later_of_range(prepared, future, chosen)
    elif status != "promise_to_pay":
        return None, None
    amount = _amount(amounts, chosen, promised)
    if not amount and chosen and not amounts:
        amount = _bare_amount(prepared, chosen)
    return chosen, amount


def _best(prepared, folded, future, promised):
    """The day that the words around it make the day of payment, None without any.

    Of several those of the sentences that promise most, then the one beside words of
    payment, then the first: of instalments the first counts (labels, 4).
    """
    if len(future) > 1:
        strongest = max(promised(found.start)[0] for found in future)
        future = [f for f in future if promised(f.start)[0] >= 0.8 * strongest]
    points = [days.standing(prepared, folded, found) for found in future]
    if not points or max(points) < days.DENIED:
        return None
    return future[points.index(max(points))]


_RANGE = re.compile(
    r"\s*(?:-|–|—|/|to|bis(?: zum)?|au|al|ao|tot(?: en met)?|ate|do|till|til|〜|～|~|"
    r"から|至|到|"
    r"ile|la|oder|or|ou|o|of|lub|veya|sau|eller|ili|或|または)\s*(?:the |den |dem |le "
    r"|el |il )?"
)
_BETWEEN = re.compile(
    r"(?:between|zwischen(?: dem)?|entre(?: le| el)?|tra il|fra il|tussen|miedzy|"
    r"arasi|intre|"
    r"mellan|izmedu)\s*(?:the |den |dem |le |el |il |de )?$"
)


def _later_of_range(prepared, future, chosen):
    """Of "between the 4th and the 6th" the later day (labels, 4)."""
    folded = fold(prepared.own)
    for found in future:
        between = folded[chosen.end : found.start]
        if found.start < chosen.end or len(between) > 24:
            continue
        if _RANGE.fullmatch(between) or _BETWEEN.search(folded[: chosen.start][-24:]):
            if found.value > chosen.value:
                return found
    return chosen


def _amount(amounts, chosen, promised):
    """The amount in the sentence of the promise, the one next to its date."""
    best, best_key = None, None
    for amount in amounts:
        probability, span = promised(amount.start)
        if probability < 0.4:
            continue
        same = bool(chosen and span[0] <= chosen.start < span[1])
        distance = abs(amount.start - chosen.start) if same else 0
        key = (not same, distance, amount.start)
        if best is None or key < best_key:
            best, best_key = amount, key
    return best


_BARE = re.compile(
    r"(?<![\w.,/:-])(?P<number>\d{2,6}(?:[.,]\d{2})?),?\s+"
    r"(?:by |bis |zum |am |on |for |le |el |il |op |pa |den |do |dnia |w |pe |u |dana |"
    r"no dia |dia |em |til )?(?:the )?$"
)


def _bare_amount(prepared, chosen):
    """Of "200 on 5 June" the 200: no currency, but directly before the day."""
    before = fold(prepared.own)[max(0, chosen.start - 24) : chosen.start]
    match = _BARE.search(before)
    if not match:
        return None
    start = chosen.start - len(before) + match.start()
    if any(found.start <= start < found.end for found in prepared.numbers):
        return None
    value = parse_number(match["number"])
    return AmountFound(
        start, start + len(match["number"]), match["number"], value=value
    )


# -- several invoices ----------------------------------------------------------


def _items(engine, prepared, message, context):
    """Situations of single invoices, when a message says different things of them."""
    stretches = parts(prepared.own, sentences(prepared.own), prepared.numbers)
    stretches += _rest(prepared, stretches, context)
    if not 2 <= len(stretches) <= MOST_STRETCHES or message.said:
        return ()
    folded, result = fold(prepared.own), {}
    for start, end, numbers in stretches:
        part = prepared.part(start, end)
        if not part.own:
            return ()
        said = _situation(engine, part, folded)
        for number in numbers:
            result.setdefault(
                number.text, replace(said, number=number.text, items=number.items)
            )
    situations = {(i.status_type, i.reason, i.promise_date) for i in result.values()}
    sure = min(item.confidence for item in result.values())
    if len(situations) < 2 or sure < SURE_OF_ITEM:
        return ()
    return tuple(result.values())


def _situation(engine, part, folded):
    """What a stretch of words says, as an :class:`ItemProposal` of no number yet.

    :param folded: the whole own words, folded
    """
    probabilities = engine.probabilities(part)
    chances = by_status(probabilities)
    status = likeliest(chances)
    day = amount = None
    if status == "promise_to_pay":
        found = _best(part, folded, days.future(part), lambda _start: (1.0, None))
        day = found and found.value
        amount = next(iter(part.reading.amounts), None)
    return ItemProposal(
        number="",
        status_type=status,
        reason=max(
            REASONS[status], key=lambda reason: probabilities[_INDEX[status, reason]]
        ),
        promise_date=day,
        promise_amount=amount and amount.value,
        currency=amount and amount.currency,
        confidence=chances[status],
        sentence=part.own,
    )


def _rest(prepared, stretches, context):
    """ "The rest", as a stretch that names the open items the message does not name."""
    named = {item.key for n in prepared.numbers for item in n.items}
    others = [item for item in context.items if item.key not in named]
    match = REST.search(fold(prepared.own))
    if not named or not others or not match:
        return []
    start = max(
        (end for _start, end, _n in stretches if end <= match.start()), default=0
    )
    end = min(
        (begin for begin, _end, _n in stretches if begin > match.start()),
        default=len(prepared.own),
    )
    mentions = [
        NumberFound(match.start(), match.end(), item.number, items=(item,))
        for item in others
    ]
    return [(start, end, mentions)]


def _strongest(probabilities, items):
    """The message as a whole is the strongest situation of its invoices (labels, 2)."""
    strongest = min(items, key=lambda item: STATUSES.index(item.status_type))
    mixed = 0.5 * probabilities
    mixed[_INDEX[strongest.status_type, strongest.reason]] += 0.5 * strongest.confidence
    return mixed / mixed.sum()


# -- doubts and evidence -------------------------------------------------------


def _doubts(proposal, prepared, context):
    status = proposal.status_type
    if proposal.confidence < UNSURE:
        yield "unsure"
    if status == "promise_to_pay" and not proposal.promise_date:
        yield "no_date"
    if proposal.reason == "already_paid" and days.future(prepared):
        yield "paid_later"
    if prepared.hidden:
        yield "hidden"
    if TO_SOFTWARE.search(fold(prepared.own)):
        yield "instructions"
    if context.items and prepared.reading.unmatched:
        yield "not_open"
    if prepared.reading.ambiguous:
        yield "several"


def _evidence(engine, prepared, status, chosen):
    """The sentences that speak most for the status, at most two."""
    own = prepared.own
    spans = sentences(own)
    scored = []
    for start, end in spans[:40]:
        part = prepared.part(start, end)
        if len(part.own) > 2:
            chance = by_status(engine.probabilities(part, meaning=False))[status]
            if chosen and start <= chosen.start < end:
                chance += 1  # the sentence that names the day is what one looks for
            scored.append((chance, -start, part.own))
    scored.sort(reverse=True)
    best = [words for chance, _start, words in scored[:1]]
    best += [words for chance, _start, words in scored[1:2] if chance > 0.5]
    return tuple(best)
