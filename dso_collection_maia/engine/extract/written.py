"""Numbers of invoices as they are written, without knowing which are open (labels, 6).

Any run of digits may be a number of an invoice, an order, a phone, an amount. What a
number is like (letters before digits, slashes, zeros) and the words around it decide.
"""

import re
from itertools import islice

from ..text import fold
from ..types import NumberFound

#: Words for an invoice, folded, in the languages of the product.
INVOICE = (
    r"(?:(?:e-?|r[./])?invoices?|invs?|bills?|statements? items?|"
    r"factures?|facts?|fac|fact|"
    r"(?:teil|schluss|abschlags|sammel|end|ab|an|schluß|monats)?rechnung(?:en|s)?|"
    r"rechnungs?-?n(?:umme)?rn?|rechn?|rg|beleg(?:e|s|nummer)?|faktur(?:en|a|y|e|ze|"
    r"om|ami|"
    r"ach|ie)?|"
    r"facturas?|fras?|fatture|fattura|fatt|ft|notas?(?: fiscal| fiscais)?|nfs?-?e?|"
    r"faturas?|"
    r"facturen|factuur|factuurnummer|fv|fak|vat|"
    r"faturalar\w*|fatura(?:nin|niz|yi|si|niza|niz[ia]|lar\w*)?|"
    r"facturile|facturi|facturii|factura|facturilor|"
    r"fakturor(?:na)?|fakturan?|fakturanr|fakturanummer|"
    r"racun(?:i|a|u|e|om|ima)?|"
    r"发票|發票|账单|帐单|請求書|インボイス|請求|fapiao)"
)
_MARK = (
    r"(?:\s*(?:no|nr|nos|nrs|num|numbers?|nummern?|numeros?|numero|numer|numar(?:ul)?|"
    r"n|"
    r"br|broj|sayili|seri|ref|号|番号|编号|號|号码)\b)?[\s.:°º#(\"'“„«№（「：,-]{0,4}"
)
_INVOICE_BEFORE = re.compile(r"(?<![a-z])" + INVOICE + _MARK + r"$")
_NUMBER_BEFORE = re.compile(r"(?:#|№|n[°º]\.?|(?<![a-z])(?:nos?|nr|num|br)[.:]?)\s*$")
#: Other documents and things with numbers.
_OTHER_BEFORE = re.compile(
    r"(?:(?:purchase |work )?orders?|order numbers?|bestell(?:ung|nummer|"
    r"nr)?\w*|"
    r"auftrags?\w*|"
    r"(?:bons? de )?commandes?|bdc|bc|(?:orden(?:es)? de )?pedidos?|ordin[ei](?: di "
    r"acquisto)?|"
    r"bestel(?:ling|nummer|bon)?\w*|inkooporders?|encomenda|oc|zamowieni\w+|siparis\w*|"
    r"comand[ae]\w*|bestallning\w*|inkopsorder\w*|narudzb\w*|narudzbenic\w*|"
    r"订单|合同|采购单|注文(?:番号|書)?|発注(?:番号|書)?|契約(?:番号)?|"
    r"delivery(?: notes?| slips?)?|lieferschein\w*|bons? de livraison|bl|"
    r"albar[ae]n\w*|ddt|"
    r"bolla|pakbon\w*|leverbon\w*|guia(?: de remessa)?|wz|irsaliye\w*|aviz\w*|"
    r"foljesedel\w*|"
    r"otpremnic\w*|送货单|納品書|"
    r"credit(?: note| memo)?s?|cn|gutschrift\w*|gs|avoirs?|(?:notas? de )?(?:credito|"
    r"abono)|"
    r"abonos?|nota di credito|creditnota\w*|nc|korekt\w*|iade\w*|storno\w*|"
    r"kreditfaktura\w*|kreditnota\w*|odobrenj\w*|knjizno odobrenje|红字|赤伝|"
    r"tickets?|cases?|incident|vorgang|aktenzeichen|az\.?|dossier|expediente|processo|"
    r"pratica|proc\.|caso|zgloszeni\w*|talep|tichet\w*|arende\w*|predmet|sygn\w*|akt|"
    r"requests?|cerer\w*|postupk\w*|expte\.?|expediente|dosar\w*(?: de executare)?|"
    r"esas|"
    r"rastreo|abonament\w*|abonnements?|abo|subscription|referinta|reference|referenz|"
    r"referencia|riferimento|codigo|code|codice|kod|quittungsblock|talon|terminada en|"
    r"claims?|complaints?|reklamation\w*|reclamations?|sinistre|rma|gp|工单|案件|"
    r"lots?|batch(?:es)?|charge|partij|parti\w*|lote|lotto|serial|serie|sn|批次|ロット|"
    r"cheques?|checks?|scheck|assegno|talao|cek|cec|支票|小切手|"
    r"tracking|awb|colis|paket|sendung|sendungsnummer|shipment|container|cmr|waybill|"
    r"运单|"
    r"receipts?|quittung|recu|recibo|ricevuta|pokwitowani\w*|makbuz|kvitto|chitanta|"
    r"trace|bank ref|ending|payment(?: ref\w*)?|transaction|transfer|uetr|swift|trn|"
    r"cro|trx|betaalkenmerk|"
    r"verwendungszweck|zahlungsreferenz|reference de paiement|remittance|flow|伝票|"
    r"account|acct|konto|kto|compte|cuenta|conto|rekening|conta|rachun\w*|hesap|cont|"
    r"iban|"
    r"racun iban|账号|口座|customer|kunden\w*|client|cliente|klant\w*|musteri|"
    r"phone|tel|telefon\w*|tlf|mobile?|mob|fax|handy|cell|ext|durchwahl|gsm|cep|电话|"
    r"電話|内線|"
    r"contract|vertrag\w*|contrats?|contrato|contratto|umow\w*|sozlesme\w*|avtal\w*|"
    r"ugovor\w*|"
    r"clause|article|artikel|art|section|paragraph|§|page|seite|pagina|strona|str|"
    r"room|raum|"
    r"floor|unit|building|street|site|hall|gate|line|position|pos|item|model|modell|"
    r"type|typ|"
    r"grade|size|version|v|vat(?: id| no)?|ust-?id\w*|nif|cif|cnpj|cpf|p\.?\s?iva|nip|"
    r"oib|"
    r"btw|siret|siren|hrb|regon|kvk|cui|j|vkn|tva|"
    r"week|kw|semaine|semana|settimana|vecka|v|tydzien|tjedan|hafta|saptamana)"
    r"(?:\s*(?:no|nr|num(?:ber|mer|ero)?|n|br|numarasi|kodu)\b\.?)?[ \t:°º#(\"'-]{0,3}$"
)
#: In capitals only: "po" is a preposition in some languages.
_PURCHASE_ORDER = re.compile(
    r"\bP\.?/?O\.?s?(?: (?:[Nn]o|[Nn]r|number)\.?)?[ :#]{0,3}$"
)
#: What follows a quantity, not a number of an invoice.
_UNIT_AFTER = re.compile(
    r"\s?(?:%|‰|€|\$|£|¥|円|元|₺|°|percent|prozent|procent|"
    r"(?:eur|euros?|eura|eure|franken?|francs?|fcfa|quid|bucks|lira\w*|usd|gbp|chf|"
    r"pln|ron|try|tl|zl|zlot\w+|lei|leu|sek|kr|kronor|kn|kuna|brl|"
    r"jpy|cny|yen|rmb|dollars?|pounds?|reais|lira|hrk|dkk|nok|huf|czk|cad|aud|k)\b|"
    r"(?:pcs|pieces?|units?|boxes|pallets?|stuck|stk|st|pieces?|palett\w+|kg|g|t|"
    r"tons?|km|m2|"
    r"m3|m|cm|mm|l|ml|h|hrs?|hours?|stunden|heures|horas|ore|uur|godzin\w*|saat|"
    r"timmar|sati|"
    r"days?|tagen?|jours?|dias?|giorni|dagen|dni|gun|zile|dagar|dana|weeks?|months?|"
    r"years?|"
    r"wochen|monaten?|mois|semaines|meses|semanas|mesi|settimane|weken|maanden|"
    r"miesi\w+|ay|"
    r"luni|manader|mjesec\w*|sztuk\w*|szt|adet|bucati|buc|kom|komada|stycken|x|people|"
    r"guests|"
    r"nights|employees|invoices|factures|rechnungen|facturas|fatture|facturen|"
    r"faktur\w*|"
    r"racuna|fatura|sheets|metres|meters|litres|liters|items|positions|copies|nd|rd|"
    r"th|er|"
    r"eme|de|ste)\b|個|件|箱|台|本(?!日)|枚|日|天|月|年|周|个|名|人|分|時|点|公斤|吨|"
    r"套|張|张)"
)
# Letters that stand before digits, but make no number of an invoice.
_NO_PREFIX = re.compile(
    r"(?:q|h|kw|cw|wk|v|s|t|p|pp|a|x|gmt|utc|iso|din|en|uk|us|eu|rev|ver|win|sat|mon|"
    r"tue|wed"
    r"|thu|fri|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|tel|mob|m|ext|eur|"
    r"usd|gbp"
    r"|covid|b|po|cn|rma|wo|so|pn|sn|do|be|de|dn|gr|lot|nr|no|ca|am|um|le|at|on|in|of|"
    r"by|to"
    r"|art|pos|week|art\.?|vat|iva|mwst)"
)
_TOKEN = re.compile(
    r"(?<![a-z\d_@.+§/\-])"
    r"(?:[a-z]{1,8}[-/.#]?|"
    r"[a-z]{1,5}[-/][a-z]{1,5}[-/]?)?\d[\da-z]*(?:[-/._#][\da-z]+)*"
    r"(?![a-z\d_@%])"
)
_DATE = re.compile(
    r"(?:\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})|\d{4}[./-]\d{1,2}[./-]\d{1,2}|"
    r"(?:0?[1-9]|[12]\d|3[01])[./](?:0?[1-9]|1[0-2])|(?:0?[1-9]|1[0-2])/(?:19|20)\d\d)$"
)
_PHONE = re.compile(
    r"(?<![\w/.-])(?:\+\s?\d|00\d|\(?0\d)[\d()]*(?:[ .]|/ ?|\(0\))[\d ()./-]{5,}\d"
    r"|(?<!\w)\d{1,4} ?(?:in|ik|ie|o|c|m|rg|gc|gp) \d+/\d+"
    r"|(?<!\w)[a-z]{2}\d\d(?: ?[\da-z]{4}){3,7}(?: ?[\da-z]{1,3})?(?!\w)"
    r"|(?<!\w)(?:w-?[89]|iso \d+|b2b|24/7)(?!\w)|\d{1,2}:\d\d|(?:saat|um|at|kl|alle|a "
    r"las|a) \d{1,2}[:.]\d\d"
    r"|\d{1,2}[:.]\d\d ?(?:h|uhr|am|pm)(?!\w)"
    r"|https?://\S+|www\.\S+|\S+@\S+"
)
#: Capitals before a number that are no part of it.
_NO_LETTERS = re.compile(
    r"[AEIOUVWYZ]|NR|NO|NUM|BR|PO|EUR|USD|GBP|CHF|PLN|RON|TRY|SEK|JPY|CNY|BRL|HKD|TWD|"
    r"VAT|IVA|TVA"
    r"|KW|TEL|REF|OF|AND|ON|FOR|THE|THIS|IS|PAID|PAY|ACH|SWIFT|IN|TO|ISO|DIN|EN|US|UK|"
    r"EU|MT"
    r"|CET|GMT|TL|KM|WZ|ZW|BT|IBAN|BIC|AG|SA|SL|SAS|LTD|LLC|BV|AB|DOO|SRL|SPA|NIP|CN|"
    r"GS|AV"
    r"|IK|HRB|WE|NOT|DO|DE|LA|LE|EL|IL|LES|DER|DIE|DAS|AM|UM|BIS|NIF|CIF|OIB|CUI|BTW|AT"
)
#: Letters with which numbers of requests and the like begin.
_NO_INVOICE = frozenset("sr req tkt inc case rma ticket po cn wo tp pay ref".split())
#: "la 210": what the reader knows to be an invoice.
_THE_BEFORE = re.compile(r"(?<![a-z])(?:la|wegen|zu|sur|re|regarding|betr\.?|dot\.?) $")
_ZIP = re.compile(r", \d{5} [A-Z]")
_GOES_ON = re.compile(
    r"\s*(?:[-–=:,]|$|(?!(?:am|on|le|el|il|op|pa|do|by|bis|until|x|mal|fois)\b)[a-z(])"
)
_START = re.compile(r"(?:^|[\n.!?;:。])[ \t\-*•>\"']*$")
#: More numbers than these are a table, not a letter.
MAX_TOKENS = 300
_LIST_LINK = re.compile(
    r"^\s*(?:[,;/&+、，・]|(?:,\s*)?(?:and|und|et|y|e|en|i|och|ve|si|oraz|a|ou|oder|"
    r"or|of|"
    r"sowie|samt|as well as|ile|ja|plus|和|及|与|と|以及|並びに))\s*(?:the |also |die "
    r"|la |"
    r"les |las |le |de )?$"
)
_VALUE = re.compile(
    r"(?:19|20)\d\d$|\d{1,3}(?:[.,]\d{3})+(?:[.,]\d{1,2})?$|\d+[.,]\d{1,2}$|0\d{8,}$"
)


def find_written(text, blocked=()):
    """Numbers of invoices as ``text`` writes them, in order.

    :param blocked: found dates and amounts, whose digits are none of an invoice
    :return: list of :class:`NumberFound` without items

    >>> [n.text for n in find_written("INV-12 and FV/3/24, not order 4711 of 3.4.2026")]
    ['INV-12', 'FV/3/24']
    """
    folded = fold(text)
    taken = bytearray(len(text))
    for found in blocked:
        taken[found.start : found.end] = b"\1" * (found.end - found.start)
    for match in _PHONE.finditer(folded):
        taken[match.start() : match.end()] = b"\1" * len(match.group())
    kept = []
    for match in islice(_TOKEN.finditer(folded), MAX_TOKENS):
        start, end = match.span()
        if any(taken[start:end]):
            continue
        written = match.group().rstrip("-/._#")
        end = start + len(written)
        if _is_number(folded, text, start, end, kept):
            start -= _letters_before(folded, text, start)
            kept.append(NumberFound(start, end, text[start:end]))
    return kept


def _is_number(folded, text, start, end, kept):
    """Whether what stands at ``start`` to ``end`` is a number of an invoice."""
    written, before = folded[start:end], folded[max(0, start - 40) : start]
    letters = re.match(r"[a-z/\-]*", written).group().strip("-/")
    digits = sum(ch.isdigit() for ch in written)
    named = bool(_INVOICE_BEFORE.search(before))
    ordered = _PURCHASE_ORDER.search(text[max(0, start - 16) : start])
    if not named and (ordered or _is_other(before, letters)):
        return False
    if _UNIT_AFTER.match(folded[end : end + 14]):
        return bool(letters) and digits > 2
    if _DATE.match(written) and not (named and "/" in written and len(written) > 5):
        return False
    if named or re.fullmatch(INVOICE, letters or "-"):
        return True
    started = bool(_START.search(text[max(0, start - 12) : start]))
    if letters:
        return _is_with_letters(text[start:end], letters, digits, started)
    if kept and _LIST_LINK.match(folded[kept[-1].end : start]):
        return digits > 1 and not _VALUE.match(written)
    if _NUMBER_BEFORE.search(before) or _letters_before(folded, text, start):
        return digits > 1
    if _THE_BEFORE.search(before) and digits > 1 and not _VALUE.match(written):
        return True
    return _is_alone(folded, text, start, end, started)


def _is_other(before, letters):
    """Whether words or letters make it a number of another document."""
    if letters in _NO_INVOICE or _OTHER_BEFORE.search(before):
        return True
    # of a payment, unless the message begins with it
    return bool(re.search(r"(?<![a-z])ref\.?:? *$", before) and len(before.strip()) > 5)


def _is_with_letters(written, letters, digits, started):
    """Judge "INV-12", "B20", "q3"."""
    if not re.search(r"[-/]", written) and _NO_PREFIX.fullmatch(letters):
        return digits > 3 or (started and digits > 1)
    if written.isalnum():
        return written[0].isupper() and (digits > 2 or started)
    return written[0].isupper() or digits > 2


def _is_alone(folded, text, start, end, started):
    """Judge digits that nothing but their form and place makes a number."""
    written = folded[start:end]
    digits = sum(ch.isdigit() for ch in written)
    if re.search(r"[-/][A-Z]{1,4}(?:[-/]|$)", text[start:end]):
        return True  # "88-B", "7-PP-8"
    if re.search(r"\d[a-z]+$", written):
        return False  # "24h", "3rd", "10k"
    if re.search(r"[/-]", written):
        return digits > 3 or started
    if _ZIP.search(text[max(0, start - 3) : end + 3]) or _VALUE.match(written):
        return False
    if digits < 4 and started:
        return bool(_GOES_ON.match(folded[end:]))
    return 4 <= digits <= 12


def _letters_before(folded, text, start):
    """How many signs of "FAC " stand before a number, 0 when it stands for itself."""
    match = re.search(r"(?<![\w/.-])([a-z]{1,5}) $", folded[max(0, start - 8) : start])
    if not match:
        return 0
    letters = text[start - len(match.group()) : start].strip()
    if not letters.isupper() or _NO_LETTERS.fullmatch(letters):
        return 0
    return len(match.group())
