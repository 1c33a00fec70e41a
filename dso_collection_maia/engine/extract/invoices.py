"""Invoice numbers in a customer's words, matched with his open items (labels, 6).

Customers shorten numbers: ``INV/2026/00012`` becomes INV/12, 2026/12, 00012 or "invoice
12". A short form counts when it is written as a number of an invoice: with the letters,
the year or the leading zeros of the number, or after a word for invoice.
"""

import re
from collections import defaultdict

from ..text import LOOK_BACK, fold
from ..types import NumberFound
from .names import month_names

_KEYWORD = (
    r"(?:invoices?|inv|bills?|factures?|facts?|rechnungen|rechnung|rg|re|facturas?|"
    r"fras?"
    r"|fatture|fattura|ft|facturen|factuur|faturas?|faktury|faktura|fakturor|fakturalar"
    r"|facturile|facturi|factura|racuni|racun|racune|numbers?|nummer|numeros?|no|nr|num"
    r"|发票|發票|請求書|号|番号)"
)
_MARK = r"(?:\s*(?:no|nr|nos|num|numbers?|nummer|numeros?|n)?\s*[.:°º#]{0,2}\s*)"
_TOKEN = re.compile(
    r"(?<![a-z\d/\-])"
    r"(?P<letters>[a-z]{1,12})?(?P<gap>[ ./_\-#°º]{0,2})"
    r"(?P<digits>\d{1,10}(?:[/_\-.]\d{1,10}){0,3})"
    r"(?![a-z\d%€$£¥/]|[.,]\d)"
)
_BEFORE_KEYWORD = re.compile(
    r"(?:(?<![a-z])" + _KEYWORD + r"(?![a-z])" + _MARK + r"|[#№]\s*|n[°º]\s*)$"
)
_LIST = re.compile(
    r"^\s*(?:,|;|&|\+|/|、|和|と|及|,?\s*and|und|et|y|e|en|i|och|ve|si|as well as)"
    r"\s*"
    r"(?:" + _KEYWORD + _MARK + r")?$"
)
_RANGE = re.compile(
    r"^\s*(?:-|to|through|until|till|bis|a|au|al|tot|ate|do|til|〜|～|到|から)\s*"
    r"(?:" + _KEYWORD + _MARK + r")?$"
)
_NO_NUMBER = re.compile(
    r"\s*(?:[.:]?\s?\d|st\b|nd\b|rd\b|th\b|days?|weeks?|eur|usd|[€$£%])"
)
#: Further apart, two numbers are no range.
MAX_RANGE = 50
# Numbers of other documents are none of ours (labels, 6).
_OTHER = re.compile(
    r"(?:p\.?o\.?|orders?|purchase order|bestellung|commande|pedido|ordine"
    r"|delivery note|lieferschein|credit note|gutschrift|avoir|ticket|case|lot|cheque"
    r"|check|tracking|week|page|ordernr|customer)" + _MARK + r"$"
)


class _Number:
    """An open item's number, taken apart: letters, other numbers, last number."""

    def __init__(self, item):
        self.item = item
        folded = fold(item.number)
        self.letters = {part for part in re.findall(r"[a-z]+", folded)}
        digits = re.findall(r"\d+", folded)
        self.last = digits[-1] if digits else ""
        self.others = {int(part) for part in digits[:-1]}

    def fits(self, letters, digits):
        """How a token that consists of ``letters`` and ``digits`` fits this number.

        :return: None, ``"full"`` when it stands for itself, ``"short"`` when only a
            word for invoice before it makes it a number of an invoice
        """
        if not self.last or int(digits[-1]) != int(self.last):
            return None
        if any(int(part) not in self.others for part in digits[:-1]):
            return None
        if letters in self.letters:
            return "full"
        zeros = digits[-1] == self.last and len(self.last) >= 4
        if len(digits) > 1 or zeros:
            return "full"
        return "short"


def find_invoices(text, items):
    """The invoice numbers that ``text`` names, in order.

    :param items: the customer's :class:`OpenItem`
    :return: list of :class:`NumberFound`; without items where the text clearly names an
        invoice that is not open, with several where a short form fits several

    >>> from ..types import OpenItem
    >>> items = [OpenItem(n, f"INV/2026/{n:05}") for n in (12, 13, 14)]
    >>> [f.items[0].key for f in find_invoices("Invoices 12 and 13 are paid", items)]
    [12, 13]
    >>> [f.items[0].key for f in find_invoices("Invoices 12 to 14 are paid", items)]
    [12, 13, 14]
    """
    folded = fold(text)
    numbers, by_last = [_Number(item) for item in items], defaultdict(list)
    for number in numbers:
        if number.last:
            by_last[int(number.last)].append(number)
    prefixes = (
        set().union(*(number.letters for number in numbers)) if numbers else set()
    )
    found = []

    def add(start, end, these):
        found.append(NumberFound(start, end, text[start:end], items=tuple(these)))

    for match in _TOKEN.finditer(folded):
        letters, digits = match["letters"] or "", re.findall(r"\d+", match["digits"])
        prefixed = letters in prefixes
        keyword = bool(re.fullmatch(_KEYWORD, letters))
        if letters and not prefixed and not match["gap"] and not keyword:
            continue  # part of a word, or another document: "PO12", "B2"
        start, end = match.start() if prefixed else match.start("digits"), match.end()
        before = folded[max(0, start - LOOK_BACK) : start]
        if _OTHER.search(before):
            continue
        link = found and _link(folded, found[-1].end, start, end)
        named = prefixed or link or bool(_BEFORE_KEYWORD.search(before))
        alike = by_last.get(int(digits[-1]), ())
        hits = [(n, n.fits(letters, digits)) for n in alike]
        fitting = [n.item for n, fit in hits if fit == "full" or (fit and named)]
        fitting = [
            item for item in fitting if fold(item.number) == folded[start:end]
        ] or fitting
        if link == "range" and len(fitting) == len(found[-1].items) == 1:
            for item in _between(numbers, found[-1].items[0], fitting[0]):
                add(start, end, [item])
        elif named and not fitting and len(digits) == 2 and "-" in match["digits"]:
            ends = [
                [n.item for n in by_last.get(int(d), ()) if n.fits("", [d])]
                for d in digits
            ]
            if all(len(these) == 1 for these in ends):
                (first,), (last,) = ends
                for item in [first, *_between(numbers, first, last), last]:
                    add(start, end, [item])
                continue
        if fitting or (named and _looks_like_number(prefixed, digits)):
            add(start, end, fitting)
    return found


def _link(folded, previous_end, start, end):
    """Whether a number goes on with what was found before it.

    :return: ``"list"`` in "INV/12, 13", ``"range"`` in "INV/12 to 14", else None;
        an amount or the day of a date goes on with nothing
    """
    between = folded[previous_end:start]
    after = folded[end : end + 24]
    month = re.match(r"\s*(?:of |de |di )?([^\W\d_]+)", after)
    if _NO_NUMBER.match(after) or (month and month[1] in month_names()):
        return None
    if _LIST.search(between):
        return "list"
    return "range" if _RANGE.search(between) else None


def _between(numbers, first, last):
    """The items between the two ends of a range, by their last numbers."""
    low, high = (int(n.last) for end in (first, last) for n in numbers if n.item == end)
    if high - low > MAX_RANGE:
        return []
    return [n.item for n in numbers if n.last and low < int(n.last) < high]


def _looks_like_number(prefixed, digits):
    """Whether a number that fits no open item is worth telling the reader."""
    return prefixed or len(digits) > 1 or len(digits[-1]) >= 3
