"""Whether a machine wrote an e-mail: absences, acknowledgements, failures."""

import re

#: Headers that only machines write, with the values that persons' programs may set.
AUTOMATIC = {
    "Auto-Submitted": ("no",),
    "X-Autoreply": ("no",),
    "X-Autorespond": (),
    "X-Auto-Respond": (),
    "X-Autoresponder": (),
    "X-Vacation": (),
    "X-Failed-Recipients": (),
}
#: How lists and answering machines call what they send.
PRECEDENCES = ("auto_reply", "auto-reply", "bulk", "junk", "list")
#: How their subjects begin where their headers say nothing.
SUBJECT = re.compile(
    r"^\s*(?:(?:re|aw|antw?|sv|r|rif|odp|ynt)\s*[:：]\s*)*\W*(?:"
    r"out of (?:the )?office|automatic reply|auto(?:matic)?[ -]?(?:reply|response)"
    r"|auto:|away from (?:my|the) (?:mail|office|desk)|on (?:vacation|leave|holiday)\b"
    r"|abwesenheits(?:notiz|meldung|assistent)|automatische antwort|abwesend\b"
    r"|nicht im b[üu]ro|r[ée]ponse automatique|absence du bureau|absent\b.{0,9}bureau"
    r"|message d'absence|avis d'absence|respuesta autom[áa]tica"
    r"|fuera de (?:la )?oficina|risposta automatica|fuori (?:sede|ufficio)|assente\b"
    r"|automatische? antwoord"
    r"|afwezig(?:heid)?\b|resposta autom[áa]tica|fora do escrit[óo]rio|ausência\b"
    r"|automatyczna odpowied[źz]|odpowied[źz] automatyczna|poza biurem"
    r"|nieobecno[śs][ćc]"
    r"|automatick[áa] odpov[ěe][ďd]|mimo kancel[áa][řr]|r[ăa]spuns automat"
    r"|automatski odgovor|odsutan\b|otomatik yan[ıi]t|ofis d[ıi][şs][ıi]nda"
    r"|自動(?:返信|応答|回复|回覆)|不在(?:通知|のお知らせ)|自动(?:回复|答复)"
    r"|delivery status notification|returned mail|undelivered mail returned"
    r"|mail delivery (?:failure|failed)|failure notice"
    r"|(?:undeliverable|unzustellbar|onbestelbaar)\s*:"
    r")",
    re.IGNORECASE,
)
#: Who tells that a mail was not delivered. Subjects do not tell: "undelivered" and
#: "mancata consegna" are what customers write above a dispute about goods.
POSTMASTER = re.compile(
    r"^(?:[^<]*<)?\s*(?:mailer-daemon|postmaster|mail-daemon|microsoftexchange\w*)@",
    re.IGNORECASE,
)


def is_automatic(headers, subject=None):
    """Whether headers, sender or subject say that no person wrote a message.

    :param headers: mapping of headers, such as email.message.Message
    :param subject: str, decoded, or None
    """
    for name, persons in AUTOMATIC.items():
        value = str(headers.get(name) or "").partition(";")[0].strip().lower()
        # of a comment in brackets, the word before it counts
        word = value.partition("(")[0].strip()
        if value and word not in persons:
            return True
    if str(headers.get("Precedence") or "").strip().lower() in PRECEDENCES:
        return True
    sender = str(headers.get("From") or "")
    return bool(POSTMASTER.match(sender) or SUBJECT.match(subject or ""))
