"""One line of what a message says, made of what was understood, not of its words.

The sentences are templates: nothing that a customer writes can change them. Whoever
shows them hands over the translation into the reader's language and the formats.
"""

#: {(status type, reason) or status type: sentence}
SENTENCES = {
    ("promise_to_pay", "scheduled_payment"): "The customer promises to pay.",
    (
        "promise_to_pay",
        "cash_flow",
    ): "The customer is short of money and promises to pay.",
    ("dispute", "pricing"): "The customer disputes the amount.",
    ("dispute", "delivery"): "The customer disputes the delivery.",
    ("dispute", "quality"): "The customer disputes the quality.",
    ("dispute", "contract"): "The customer says that there is no order or contract.",
    ("dispute", "missing_document"): "The customer refuses for lack of a document.",
    ("dispute", "wrong_address"): "The customer refuses: made out to somebody else.",
    ("dispute", "other"): "The customer disputes, without a clear cause.",
    ("dispute_resolved", "pricing"): "The objection to the amount is settled.",
    ("dispute_resolved", "delivery"): "The objection to the delivery is settled.",
    ("dispute_resolved", "quality"): "The objection to the quality is settled.",
    ("dispute_resolved", "contract"): "The objection to the contract is settled.",
    ("dispute_resolved", "missing_document"): "The missing document has arrived.",
    ("dispute_resolved", "wrong_address"): "The objection to the address is settled.",
    ("dispute_resolved", "other"): "The objection is settled.",
    ("litigation", "bankruptcy"): "Insolvency proceedings are named.",
    ("litigation", "legal"): "A lawyer, a court or a collection agency is in charge.",
    ("on_going", "already_paid"): "The customer says that it has been paid.",
    ("on_going", "cash_flow"): "The customer cannot pay now and names no day.",
    ("on_going", "in_process"): "The customer is still checking.",
    ("on_going", "missing_document"): "The customer asks for a document.",
    ("on_going", "wrong_address"): "The message reached the wrong person or address.",
    ("on_going", "information_request"): "The customer asks a question.",
    ("on_going", "out_of_office"): "An absence notice.",
    ("on_going", "other"): "Nothing that helps.",
    "date": "Day: %(date)s.",
    "amount": "Amount: %(amount)s.",
    "invoices": "Invoices: %(numbers)s.",
    "several": "Several situations:",
}


def summarise(proposal, translate=str, format_date=None, format_amount=None):
    """What a proposal says, in one or a few short sentences.

    :param translate: gives the sentence in the reader's language
    :param format_date: gives a day as text, ISO 8601 when None
    :param format_amount: gives (amount, currency) as text
    """
    date_text = format_date or (lambda day: day.isoformat())
    amount_text = format_amount or (
        lambda value, currency: f"{value} {currency or ''}".strip()
    )
    if proposal.items:
        lines = [translate(SENTENCES["several"])]
        for item in proposal.items:
            lines.append(f"{item.number}: {_said(item, translate, date_text)}")
        return "\n".join(lines)
    words = [_said(proposal, translate, date_text)]
    if proposal.promise_amount:
        amount = amount_text(proposal.promise_amount, proposal.currency)
        words.append(translate(SENTENCES["amount"]) % {"amount": amount})
    if proposal.invoice_numbers:
        numbers = ", ".join(proposal.invoice_numbers)
        words.append(translate(SENTENCES["invoices"]) % {"numbers": numbers})
    return " ".join(words)


def _said(one, translate, date_text):
    words = translate(SENTENCES[one.status_type, one.reason])
    if one.promise_date:
        day = translate(SENTENCES["date"]) % {"date": date_text(one.promise_date)}
        words = f"{words} {day}"
    return words
