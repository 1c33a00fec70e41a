"""Whether somebody may be after money: changed bank details, requests of strangers.

A warning for people, no filter: nothing is thrown away by it. It has to name what any
clerk would look at twice, in fourteen languages, and not every mail that says "bank".
"""

import re

#: What a warning is about, the gravest first.
FRAUDS = [
    ("bank_change", "Changed bank details"),
    ("stranger", "Stranger's request"),
    ("other_account", "Unknown bank account"),
]

#: Bank details and what is said to happen to them: in one sentence, in any order.
BANK = re.compile(
    # en
    r"\b(?:iban|bic|swift|sort code|bank(?:ing)? (?:account|details?|information|data"
    r"|coordinates)|account (?:number|details|information)|remittance (?:details"
    r"|account)|payment details|beneficiary account|wire instructions"
    # de, nl
    r"|bank(?:verbindung|daten|konto)|konto(?:verbindung|daten|nummer)"
    r"|zahlungsdaten|zahlungsverbindung|bankgegevens|rekeningnummer|bankrekening"
    # fr, es, it, pt
    r"|coordonnées bancaires|compte bancaire|rib|numéro de compte|domiciliation"
    r"|cuenta bancaria|datos bancarios|número de cuenta|coordenadas bancarias"
    r"|coordinate bancarie|conto (?:corrente|bancario)|dati bancari"
    r"|dados bancários|conta bancária|número da conta|nib"
    # pl, cs, ro, hr, tr
    r"|rachun(?:ek|ku|kiem|ki) bankow\w*|num(?:er|eru) (?:konta|rachunku)|konto bankowe"
    r"|dane bankowe|bankovní (?:účet|spojení|údaje)|číslo účtu|bankovního (?:účtu"
    r"|spojení)|cont(?:ul|ului)? bancar|date(?:le)? bancare|bankovn\w+ račun\w*"
    r"|broj računa|podaci banke|banka hesa[pb]\w*|hesap (?:numara\w*|bilgi\w*)"
    r"|banka bilgi\w*)\b"
    # ja, zh
    r"|振込先|口座番号|銀行口座|口座情報|お振込口座|銀行情報"
    r"|银行(?:账户|帐户|账号|信息|资料)|收款(?:账户|账号|帐户)|開戶行|开户行|銀行帳[戶號]",
    re.IGNORECASE,
)
CHANGE = re.compile(
    r"\b(?:new|chang(?:e|es|ed|ing)|updat(?:e|ed|es|ing)|no longer|instead|replac\w+"
    r"|different|closed|moved to|switch(?:ed)?"
    r"|neue?[nrms]?|geändert\w*|änder(?:n|t|ung\w*)|gewechselt|aktualisiert\w*"
    r"|nicht mehr|ab sofort|statt(?:dessen)?|umgestellt|lautet (?:nun|jetzt|künftig)"
    r"|nouve(?:au|l|lle|lles|aux)|chang(?:é|ée|és|ées|ement\w*|er|ent|eons)|modifi\w+"
    r"|désormais|mis(?:es)? à jour|remplac\w+"
    r"|nuev[oa]s?|cambi(?:o|ado|ada|ados|adas|ar|amos)|modificad\w+|actualizad\w+"
    r"|ya no|en lugar"
    r"|nuov[oaie]|cambiat\w+|cambio|modificat\w+|aggiornat\w+|variazione|variat\w+"
    r"|non più"
    r"|nieuwe?|gewijzigd\w*|veranderd|wijzig\w+|voortaan|niet meer"
    r"|nov[oa]s?|alter(?:ado|ada|ados|adas|ação|ações|ámos|amos)|mud(?:ou|ança|ado|ámos)"
    r"|atualizad\w+|deixou de"
    r"|now[yeaą]\w*|zmian\w+|zmieni\w+|aktualiz\w+|nieaktualn\w+"
    r"|nov[ýéáou]\w*|změn\w+|aktualizov\w+|již ne"
    r"|nou[ăaie]?|noile|schimb\w+|modific\w+|actualiz\w+"
    r"|nov[iaoeu]\w*|promijen\w+|promjen\w+|izmijen\w+|više ne"
    r"|yeni|değiş\w+|güncelle\w+|artık)\b"
    r"|変更|新しい|新口座|新たな|移行|变更|變更|更改|更新|新的|新账|新賬|新帳",
    re.IGNORECASE,
)
#: What a stranger asks for, and how he asks.
WANTED = re.compile(
    BANK.pattern + r"|\b(?:invoice cop(?:y|ies)|cop(?:y|ies) of|statement of account"
    r"|account statement|contracts?|documents?|passport|tax (?:number|certificate)"
    r"|customer list"
    r"|rechnungskopi\w+|kopien? der|kontoauszug|unterlagen|vertrag|verträge|dokumente?"
    r"|copies? (?:de|des)|relevé(?: de compte)?|documents?|contrat\w*"
    r"|copias? de|estado de cuenta|extracto|documentos?|contratos?"
    r"|copi[ae] (?:di|delle|della)|estratto conto|documenti|contratt\w+"
    r"|kopie(?:ën)? van|rekeningoverzicht|documenten|contracten"
    r"|cópias? d\w+|extrato|kopi[aeię] faktur\w*|zestawienie|dokument\w+|umow\w+"
    r"|kopi[ei] faktur\w*|výpis|smlouv\w+|copi[ei] (?:ale|după)|extras de cont"
    r"|documente\w*|preslik\w+|izvod|ugovor\w*|kopya\w*|ekstre\w*|belge\w*|sözleşme\w*)\b"
    r"|請求書の(?:写し|コピー)|書類|契約書|明細書|发票(?:副本|复印件)|文件|合同|对账单|對賬單",
    re.IGNORECASE,
)
ASKS = re.compile(
    r"\b(?:send|provide|share|forward|supply|need|require|request|confirm|could you"
    r"|please|kindly"
    r"|senden|schicken|übermitteln|benötigen|brauchen|bitte\w*|mitteilen"
    r"|envoy\w+|transmett\w+|fourni\w+|besoin|merci de|veuillez"
    r"|envi\w+|mand\w+|facilit\w+|necesit\w+|por favor|ruego|rogamos"
    r"|invi\w+|fornir\w+|bisogno|cortesemente|per favore"
    r"|stur\w+|toestur\w+|nodig|graag|gelieve|alstublieft"
    r"|precis\w+|solicit\w+|fornec\w+"
    r"|prosz\w+|przes\w+|wys\w+|potrzeb\w+|prosím\w*|zašlete|pošlete|potřeb\w+"
    r"|vă rog|vă rugăm|trimite\w*|nevoie|molim\w*|pošalj\w+|dostav\w+|treba\w*"
    r"|lütfen|gönder\w+|ihtiyac\w+|rica)\b"
    r"|ください|下さい|お送り|送付|请|請|发送|發送|提供",
    re.IGNORECASE,
)
SENTENCE = re.compile(r"(?<=[.!?])\s+|[。！？]|\n{2,}")
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ \u00a0-]?[A-Z0-9]){11,30}\b")


def suspicion(text, stranger, own_accounts=()):
    """What to warn of, as a key of :data:`FRAUDS`, or False.

    :param text: plain text, the author's own words
    :param bool stranger: his address is not known with the customer
    :param own_accounts: the company's own account numbers, upper case, no blanks
    """
    text = text or ""
    sentences = [" ".join(part.split()) for part in SENTENCE.split(text)]
    others = set(_ibans(text)) - set(own_accounts)
    if any(BANK.search(part) and CHANGE.search(part) for part in sentences):
        return "bank_change"
    if stranger and any(
        WANTED.search(part) and ASKS.search(part) for part in sentences
    ):
        return "stranger"
    return "other_account" if others else False


def _ibans(text):
    """Account numbers whose check digits are right, upper case, without blanks."""
    for found in IBAN.finditer(text.upper()):
        # words may follow it: the longest beginning that is a number counts
        pieces = re.split(r"[ \u00a0-]", found.group())
        for count in range(len(pieces), 0, -1):
            number = "".join(pieces[:count])
            if 15 <= len(number) <= 34 and _is_valid(number):
                yield number
                break


def _is_valid(number):
    turned = number[4:] + number[:4]
    return int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1
