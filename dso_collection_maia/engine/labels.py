"""The closed vocabulary of the engine: what a message can be, and nothing else."""

#: Strongest first: of several situations in one message the first one wins.
STATUSES = (
    "litigation",
    "dispute",
    "promise_to_pay",
    "dispute_resolved",
    "on_going",
)
#: What an objection can be about.
_CAUSES = (
    "pricing",
    "delivery",
    "quality",
    "contract",
    "missing_document",
    "wrong_address",
    "other",
)
#: {status type: reasons that go with it}
REASONS = {
    "litigation": ("bankruptcy", "legal"),
    "dispute": _CAUSES,
    "promise_to_pay": ("scheduled_payment", "cash_flow"),
    "dispute_resolved": _CAUSES,
    "on_going": (
        "already_paid",
        "cash_flow",
        "in_process",
        "missing_document",
        "wrong_address",
        "information_request",
        "out_of_office",
        "other",
    ),
}
#: (status type, reason) pairs, in a fixed order.
CLASSES = tuple((status, reason) for status in STATUSES for reason in REASONS[status])
#: Pairs that hardly anybody writes: training texts need not have them.
RARE = frozenset(
    [
        ("dispute", "other"),
        ("dispute_resolved", "missing_document"),
        ("dispute_resolved", "wrong_address"),
    ]
)
#: Said to be well while it is not: (what it is, what was proposed).
DANGEROUS = frozenset(
    [
        ("dispute", "promise_to_pay"),
        ("dispute", "dispute_resolved"),
        ("litigation", "promise_to_pay"),
        ("litigation", "dispute_resolved"),
        ("litigation", "on_going"),
    ]
)
#: The languages of the product, ISO 639-1.
LANGUAGES = tuple("en fr de es it nl pt zh pl tr ro ja sv hr".split())
