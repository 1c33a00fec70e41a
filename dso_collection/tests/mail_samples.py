"""Answers to a reminder, as the mail programs of customers write them.

Headers, structure, markup and the way of quoting are those of each program; the words
are ours. :func:`samples` fills in who answers what, and tells what its author wrote.
"""

import base64
import quopri
from dataclasses import dataclass
from email.utils import format_datetime

from odoo import fields

#: What the reminder said: it must not count as the customer's words.
REMINDER = "Our records show that invoice INV/2026/00041 is overdue"

REMINDER_HTML = f"<p>Dear customer,</p><p>{REMINDER}.</p><p>Ann Collector</p>"


@dataclass
class Sample:
    """One e-mail; ``own`` is what its author wrote himself, blanks squeezed."""

    name: str
    content: bytes
    own: str
    automatic: bool = False


def samples(to, answered, sender="jane@customer.example", number=0):
    """Every sample, in answer to one message.

    :param to: address to which they are sent
    :param answered: Message-Id of the reminder
    :param sender: who answers
    :param int number: makes the Message-Ids of several calls differ
    :return: list of Sample
    """
    return [
        Sample(name, make(_Head(name, to, answered, sender, number)), own, automatic)
        for name, make, own, automatic in _SAMPLES
    ]


class _Head:
    """The headers that all have, in the order of each program's own."""

    def __init__(self, name, to, answered, sender, number):
        self.name, self.to, self.answered = name, to, answered
        self.sender, self.number = sender, number

    def lines(self, subject="Re: Reminder", *more, identify=True, answers=True):
        lines = [
            f'From: "Jane Miller" <{self.sender}>',
            f"To: {self.to}",
            f"Subject: {subject}",
            f"Date: {format_datetime(fields.Datetime.now())}",
            "MIME-Version: 1.0",
        ]
        if identify:
            lines.append(f"Message-ID: <{self.name}.{self.number}@customer.example>")
        if answers:
            lines += [f"In-Reply-To: {self.answered}", f"References: {self.answered}"]
        return [*lines, *more]


def _message(lines, body):
    if isinstance(body, str):
        body = body.encode()
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body.replace(b"\n", b"\r\n")


def _alternative(head, text, html, *more, subject="Re: Reminder", charset="utf-8"):
    boundary = f"=_{head.name}"
    lines = head.lines(
        subject, f'Content-Type: multipart/alternative; boundary="{boundary}"', *more
    )
    parts = b"".join(
        f"--{boundary}\nContent-Type: text/{kind}; charset={charset}\n"
        "Content-Transfer-Encoding: quoted-printable\n\n".encode()
        + quopri.encodestring(content.encode(charset))
        + b"\n"
        for kind, content in (("plain", text), ("html", html))
    )
    return _message(lines, parts + f"--{boundary}--\n".encode())


def _text(head, text, *more, subject="Re: Reminder", charset="utf-8", encoding="8bit"):
    lines = head.lines(
        subject,
        f"Content-Type: text/plain; charset={charset}",
        f"Content-Transfer-Encoding: {encoding}",
        *more,
    )
    return _message(lines, text.encode(charset))


# ------------------------------------------------------------------------ the programs
def _outlook(head):
    text = (
        "Dear Ann,\n\nwe will pay on Friday.\n\nKind regards\nJane\n\n"
        "From: Ann Collector <ann@company.example>\n"
        "Sent: Monday, November 23, 2026 9:12 AM\n"
        "To: Jane Miller <jane@customer.example>\nSubject: Reminder\n\n"
        f"Dear customer,\n\n{REMINDER}.\n"
    )
    html = (
        '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head>'
        '<meta name="Generator" content="Microsoft Word 15 (filtered medium)">'
        "<style><!-- p.MsoNormal {margin:0cm;} --></style></head>"
        '<body lang="EN-GB"><div class="WordSection1">'
        '<p class="MsoNormal">Dear Ann,<o:p></o:p></p>'
        '<p class="MsoNormal"><o:p>&nbsp;</o:p></p>'
        '<p class="MsoNormal">we will pay on Friday.<o:p></o:p></p>'
        '<p class="MsoNormal">Kind regards<br>Jane<o:p></o:p></p>'
        '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm">'
        '<p class="MsoNormal"><b>From:</b> Ann Collector &lt;ann@company.example&gt;'
        "<br><b>Sent:</b> Monday, November 23, 2026 9:12 AM<br>"
        "<b>To:</b> Jane Miller &lt;jane@customer.example&gt;<br>"
        "<b>Subject:</b> Reminder<o:p></o:p></p></div>"
        f'<div class="MsoNormal">{REMINDER_HTML}</div></div></body></html>'
    )
    return _alternative(
        head,
        text,
        html,
        "Thread-Topic: Reminder",
        "Thread-Index: AQHbPZ7mC0pKk0x1aE6q1R0L2b1Q3Q==",
        "X-MS-Has-Attach:",
        "Content-Language: en-GB",
    )


def _outlook_web(head):
    html = (
        '<html><body><div class="elementToProof" style="font-family:Aptos">'
        "The goods never arrived.</div>"
        '<div id="appendonsend"></div><hr style="display:inline-block;width:98%">'
        '<div id="divRplyFwdMsg" dir="ltr"><font face="Calibri"><b>From:</b> Ann'
        " Collector &lt;ann@company.example&gt;<br><b>Sent:</b> Monday, November 23,"
        " 2026 9:12 AM<br><b>To:</b> Jane<br><b>Subject:</b> Reminder</font></div>"
        f"<div>{REMINDER_HTML}</div></body></html>"
    )
    text = (
        "The goods never arrived.\n________________________________\n"
        "From: Ann Collector <ann@company.example>\n"
        "Sent: Monday, November 23, 2026 9:12 AM\nTo: Jane\nSubject: Reminder\n\n"
        f"{REMINDER}.\n"
    )
    return _alternative(head, text, html, "X-Mailer: Microsoft Outlook 16.0")


def _gmail(head):
    text = (
        "We paid last week, reference 4711.\n\nOn Mon, 23 Nov 2026 at 09:12, Ann"
        f" Collector <ann@company.example>\nwrote:\n\n> Dear customer,\n> {REMINDER}.\n"
    )
    html = (
        '<div dir="ltr">We paid last week, reference 4711.</div><br>'
        '<div class="gmail_quote gmail_quote_container"><div dir="ltr"'
        ' class="gmail_attr">On Mon, 23 Nov 2026 at 09:12, Ann Collector &lt;'
        '<a href="mailto:ann@company.example">ann@company.example</a>&gt; wrote:<br>'
        '</div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;'
        f'border-left:1px solid rgb(204,204,204)">{REMINDER_HTML}</blockquote></div>'
    )
    return _alternative(head, text, html)


def _apple(head):
    text = (
        "Please send us a copy of the invoice.\n\nSent from my iPhone\n\n"
        "> On 23. Nov 2026, at 09:12, Ann Collector <ann@company.example> wrote:\n> \n"
        f"> {REMINDER}.\n"
    )
    html = (
        '<html><head><meta http-equiv="content-type" content="text/html;'
        ' charset=utf-8"></head><body dir="auto">Please send us a copy of the invoice.'
        '<br><div><br></div><div dir="ltr">Sent from my iPhone</div><div dir="ltr"><br>'
        '<blockquote type="cite">On 23. Nov 2026, at 09:12, Ann Collector'
        " &lt;ann@company.example&gt; wrote:<br><br></blockquote></div>"
        f'<blockquote type="cite"><div dir="ltr">{REMINDER_HTML}</div></blockquote>'
        "</body></html>"
    )
    return _alternative(head, text, html, "X-Mailer: iPhone Mail (23A344)")


def _apple_mac(head):
    text = (
        "Approved, it is in the payment run of 30 November.\n\nJane\n\n"
        "> On 23. Nov 2026, at 09:12, Ann Collector <ann@company.example> wrote:\n"
        f"> \n> {REMINDER}.\n"
    )
    return _text(
        head,
        text,
        "X-Mailer: Apple Mail (2.3864.200.81)",
        charset="us-ascii",
        encoding="7bit",
    )


def _thunderbird(head):
    html = (
        '<!DOCTYPE html><html><head><meta http-equiv="Content-Type"'
        ' content="text/html; charset=UTF-8"></head><body><p>We dispute the amount: the'
        ' discount is missing.</p><div class="moz-signature">-- <br>Jane Miller<br>'
        'Customer Ltd</div><div class="moz-cite-prefix">On 23.11.26 09:12, Ann'
        " Collector wrote:<br></div>"
        f'<blockquote type="cite" cite="mid:1@x">{REMINDER_HTML}</blockquote>'
        "</body></html>"
    )
    lines = head.lines(
        "Re: Reminder",
        "User-Agent: Mozilla Thunderbird",
        "Content-Type: text/html; charset=UTF-8",
        "Content-Transfer-Encoding: 8bit",
        "Content-Language: en-US",
    )
    return _message(lines, html)


def _thunderbird_below(head):
    """Answered below the quote, as many who write plain text do."""
    text = (
        "Am 23.11.26 um 09:12 schrieb Ann Collector:\n> Sehr geehrte Damen und"
        f" Herren,\n> {REMINDER}.\n> \nWir zahlen am 30.11.2026.\n\n-- \nJane Miller\n"
    )
    return _text(
        head,
        text,
        "User-Agent: Mozilla Thunderbird",
        "Content-Language: de-DE",
        subject="Re: Reminder",
    )


def _german(head):
    text = (
        "Guten Tag,\n\ndie Rechnung ist bei uns nicht eingegangen, bitte nochmals"
        " schicken.\n\nMit freundlichen Grüßen\nJane Miller\n\n"
        "-----Ursprüngliche Nachricht-----\nVon: Ann Collector <ann@company.example>\n"
        "Gesendet: Montag, 23. November 2026 09:12\nAn: Jane Miller\n"
        f"Betreff: Mahnung\n\n{REMINDER}.\n"
    )
    return _text(
        head,
        text,
        subject="=?windows-1252?Q?AW:_Mahnung_f=FCr_Oktober?=",
        charset="windows-1252",
    )


def _french(head):
    text = (
        "Bonjour,\n\nLe virement partira vendredi – 1 200 €.\n\nCordialement,\nJane\n\n"
        "Le lun. 23 nov. 2026 à 09:12, Ann Collector <ann@company.example> a\nécrit :\n"
        f"\n> {REMINDER}.\n"
    )
    body = base64.encodebytes(text.encode()).decode()
    lines = head.lines(
        "=?utf-8?B?UsOpOiBSYXBwZWw=?=",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: base64",
    )
    return _message(lines, body)


def _japanese(head):
    text = (
        "お世話になっております。\n30日に振り込みます。\n\n"
        "2026年11月23日(月) 9:12 Ann Collector <ann@company.example>:\n"
        f"> {REMINDER}.\n"
    )
    return _text(
        head,
        text,
        subject="=?iso-2022-jp?B?UmU6IBskQjNOREw5bRsoQg==?=",
        charset="iso-2022-jp",
        encoding="7bit",
    )


def _html_only(head):
    html = (
        "<html><body><table><tr><td>Invoice INV/2026/00041</td><td>will be paid</td>"
        "</tr></table><script>steal()</script>"
        f"<blockquote>{REMINDER_HTML}</blockquote></body></html>"
    )
    lines = head.lines(
        "Re: Reminder",
        "Content-Type: text/html; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
    )
    return _message(lines, html)


def _no_id(head):
    """Without a Message-Id, as some programs of machines write."""
    lines = head.lines(
        "Payment advice", "Content-Type: text/plain; charset=us-ascii", identify=False
    )
    return _message(lines, "Payment 4712 is on its way.\n")


def _forwarded(head):
    text = (
        "see below, from our shop\n\n---------- Forwarded message ---------\n"
        "From: Bob <bob@customer.example>\nDate: Mon, 23 Nov 2026 at 10:00\n"
        "Subject: goods\nTo: <jane@customer.example>\n\nTwo boxes were broken.\n"
    )
    return _text(head, text, subject="Fwd: goods")


def _absence(head):
    return _text(
        head,
        "Ich bin bis 30.11. nicht im Büro.\n",
        "Auto-Submitted: auto-replied",
        "X-Auto-Response-Suppress: All",
        subject="=?utf-8?Q?Automatische_Antwort=3A_Mahnung?=",
    )


def _with_files(head, name, content, kind):
    boundary = f"=_{head.name}"
    lines = head.lines(
        "Re: Reminder", f'Content-Type: multipart/mixed; boundary="{boundary}"'
    )
    body = (
        f"--{boundary}\nContent-Type: text/plain; charset=utf-8\n\n"
        f"See the file.\n--{boundary}\nContent-Type: {kind}; name={name}\n"
        f"Content-Disposition: attachment; filename={name}\n"
        "Content-Transfer-Encoding: base64\n\n"
    ).encode()
    tail = f"--{boundary}--\n".encode()
    return _message(lines, body + base64.encodebytes(content) + tail)


def _winmail(head):
    """Rich text of Outlook in its own format, which other programs cannot open."""
    signature = bytes.fromhex("789f3e22 0000".replace(" ", ""))
    return _with_files(head, "winmail.dat", signature, "application/ms-tnef")


def _large(head):
    return _with_files(
        head, "scan.pdf", b"%PDF-1.4\n" + bytes(22 << 20), "application/pdf"
    )


_SAMPLES = [
    ("outlook", _outlook, "Dear Ann, we will pay on Friday. Kind regards Jane", False),
    ("outlook-web", _outlook_web, "The goods never arrived.", False),
    ("gmail", _gmail, "We paid last week, reference 4711.", False),
    ("apple-phone", _apple, "Please send us a copy of the invoice.", False),
    (
        "apple-mac",
        _apple_mac,
        "Approved, it is in the payment run of 30 November. Jane",
        False,
    ),
    (
        "thunderbird",
        _thunderbird,
        "We dispute the amount: the discount is missing.",
        False,
    ),
    ("thunderbird-below", _thunderbird_below, "Wir zahlen am 30.11.2026.", False),
    (
        "german",
        _german,
        "Guten Tag, die Rechnung ist bei uns nicht eingegangen, bitte nochmals"
        " schicken. Mit freundlichen Grüßen Jane Miller",
        False,
    ),
    (
        "french",
        _french,
        "Bonjour, Le virement partira vendredi – 1 200 €. Cordialement, Jane",
        False,
    ),
    (
        "japanese",
        _japanese,
        "お世話になっております。 30日に振り込みます。",
        False,
    ),
    ("html-only", _html_only, "Invoice INV/2026/00041 will be paid", False),
    ("no-id", _no_id, "Payment 4712 is on its way.", False),
    (
        "forwarded",
        _forwarded,
        "see below, from our shop ---------- Forwarded message --------- From: Bob"
        " <bob@customer.example> Date: Mon, 23 Nov 2026 at 10:00 Subject: goods To:"
        " <jane@customer.example> Two boxes were broken.",
        False,
    ),
    ("absence", _absence, "Ich bin bis 30.11. nicht im Büro.", True),
    ("winmail", _winmail, "See the file.", False),
    ("large", _large, "See the file.", False),
]
