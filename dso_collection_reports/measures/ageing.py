"""Age of what is open: buckets of days late, as a company has them (rules.md §9)."""

from odoo.tools import SQL

#: Upper ends of the buckets, in days late, unless a company has its own.
DEFAULT_BOUNDS = (30, 60, 90)
#: No company has more buckets than these: they are columns on paper.
MAX_BOUNDS = 8
#: Columns of the aged balance: not due, each bucket, and what is older.
COLUMNS = [f"age_{number}" for number in range(MAX_BOUNDS + 2)]


def parse_bounds(text):
    """``"30, 60, 90"`` → (30, 60, 90).

    :return: tuple of ascending positive days; the usual ones for an empty text
    :raise ValueError: for anything else
    """
    if not (text or "").strip():
        return DEFAULT_BOUNDS
    bounds = tuple(int(part) for part in text.split(","))
    if (
        len(bounds) > MAX_BOUNDS
        or bounds[0] <= 0
        or bounds[-1] > 9999
        or any(low >= high for low, high in zip(bounds, bounds[1:], strict=False))
    ):
        raise ValueError(text)
    return bounds


def buckets(env, bounds):
    """The buckets in order.

    :return: list of (key, label): ``not_due``, ``1_30``, ``31_60``, … ``over_90``
    """
    result = [("not_due", env._("Not due"))]
    low = 1
    for high in bounds:
        result.append((f"{low}_{high}", f"{low}-{high}"))
        low = high + 1
    result.append((f"over_{bounds[-1]}", f"> {bounds[-1]}"))
    return result


def bucket(days_late, bounds):
    """SQL: key of the bucket of so many days late. Due on the day itself: not due.

    :param days_late: SQL, an integer
    """
    low = 1
    cases = [SQL("WHEN %s <= 0 THEN 'not_due'", days_late)]
    for high in bounds:
        cases.append(SQL("WHEN %s <= %s THEN %s", days_late, high, f"{low}_{high}"))
        low = high + 1
    return SQL("CASE %s ELSE %s END", SQL(" ").join(cases), f"over_{bounds[-1]}")


def columns(days_late, amount, bounds):
    """SQL: the amount, in the column of its age; 0 in the others.

    :param days_late: SQL, an integer
    :param amount: SQL
    :return: SQL, expressions named by :data:`COLUMNS`, those beyond the bounds 0
    """
    lows = (None, 1, *(bound + 1 for bound in bounds))
    highs = (0, *bounds, None)
    expressions = []
    for number, name in enumerate(COLUMNS):
        if number >= len(lows):
            expressions.append(SQL("0::numeric AS %s", SQL.identifier(name)))
            continue
        low, high = lows[number], highs[number]
        expressions.append(
            SQL(
                "CASE WHEN %(low)s AND %(high)s THEN %(amount)s ELSE 0 END AS %(name)s",
                low=SQL("TRUE") if low is None else SQL("%s >= %s", days_late, low),
                high=SQL("TRUE") if high is None else SQL("%s <= %s", days_late, high),
                amount=amount,
                name=SQL.identifier(name),
            )
        )
    return SQL(", ").join(expressions)


def overdue_share(late, total):
    """Overdue % = what is late by more than the company's number of days ÷ all that is
    open, credits deducted in both (rules.md §9). Credits may exceed one and not the
    other: it stays within 0 and 1.

    :param late: SQL, open amount late by more than so many days
    :param total: SQL, open amount
    :return: SQL, a fraction; NULL where nothing is owed on balance
    """
    return SQL(
        "CASE WHEN %(t)s > 0 THEN LEAST(1, GREATEST(0, %(l)s / %(t)s)) END",
        t=total,
        l=late,
    )
