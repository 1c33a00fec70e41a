"""Charts as SVG, drawn here, so that printing asks nobody for them."""

from math import floor, log10

from markupsafe import Markup, escape

#: Of the series, in their order: told apart by lightness too, readable on white.
COLOURS = ("#35506b", "#c2703d", "#5b8c5a", "#8a6fa8", "#b8a13a", "#7b8794")
INK = "#1f2328"
FAINT = "#57606a"
GRID = "#d8dee4"
#: Units of the drawing to a millimetre of paper; all measures are in these.
SCALE = 3.77
ROW = 22
LABEL = 190
#: Room for a figure beside its bar.
FIGURE = 96
#: Characters that fit beside the bars.
LABEL_LENGTH = 30
LINE_HEIGHT = 190
#: Ticks of a time axis that can be read.
TICKS = 8


def svg(chart, words, width, rtl=False):
    """Draw a chart of a report.

    :param chart: dict ``kind`` (``bar``: a row for each label, ``line``: labels are
        points in time), ``labels``, ``series`` [{name, values}]; a value of None is not
        drawn
    :param words: function that writes a value
    :param width: of the drawing in millimetres
    :param rtl: whether the reader reads from right to left
    :return: Markup of one ``<svg>``, empty for a chart without labels
    """
    if not chart or not chart["labels"]:
        return Markup("")
    wide = width * SCALE
    draw = _lines if chart["kind"] == "line" else _bars
    height, shapes = draw(chart, words, wide, rtl)
    legend = _legend(chart["series"], wide, rtl) if len(chart["series"]) > 1 else []
    if legend:
        shapes = [
            *legend,
            Markup('<g transform="translate(0 20)">%s</g>') % Markup("").join(shapes),
        ]
        height += 20
    # the drawing is mirrored by its places: a page from right to left would turn the
    # sides of its texts once more
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" width="100%%"'
        ' direction="ltr" style="direction: ltr;"'
        ' role="img" font-family="Arial, Liberation Sans, DejaVu Sans, sans-serif"'
        ' font-size="11">%s</svg>'
    ) % (round(wide), height, Markup("").join(shapes))


def height_of(chart):
    """Height of the drawing in millimetres."""
    if not chart or not chart["labels"]:
        return 0
    legend = 20 if len(chart["series"]) > 1 else 0
    if chart["kind"] == "line":
        return (LINE_HEIGHT + legend) / SCALE
    return (len(chart["labels"]) * _row_height(chart) + 6 + legend) / SCALE


def _row_height(chart):
    return max(ROW, 10 * len(chart["series"]) + 8)


def _bars(chart, words, wide, rtl):
    """A row for each label, a bar in it for each series, to both sides of nothing."""
    series = chart["series"]
    values = [v or 0 for one in series for v in one["values"]]
    low, high = min(0, *values), max(0, *values)
    span = (high - low) or 1
    left_room = FIGURE if low < 0 else 0
    room = wide - LABEL - FIGURE - left_room
    row_height = _row_height(chart)
    thick = (row_height - 8) / len(series)
    zero = LABEL + left_room + room * -low / span

    def place(x, width=0):
        return wide - x - width if rtl else x

    shapes = []
    for index, label in enumerate(chart["labels"]):
        top = index * row_height + 3
        shapes.append(
            _text(
                place(LABEL - 8),
                top + row_height / 2,
                _short(label),
                "end" if not rtl else "start",
                INK,
            )
        )
        for number, one in enumerate(series):
            value = one["values"][index]
            if value is None:
                continue
            width = room * abs(value) / span
            x = zero if value >= 0 else zero - width
            y = top + 1 + number * thick
            shapes.append(_rect(place(x, width), y, width, thick - 1, _colour(number)))
            outside = x + width + 5 if value >= 0 else x - 5
            anchor = "start" if (value >= 0) != rtl else "end"
            shapes.append(
                _text(place(outside), y + thick / 2 + 3.5, words(value), anchor, FAINT)
            )
    height = len(chart["labels"]) * row_height + 6
    shapes.append(_line(place(zero), 0, place(zero), height, FAINT))
    return height, shapes


def _lines(chart, words, wide, _rtl):
    """A line for each series, over time from left to right in every language."""
    # half of a day's label stands to the right of its point
    left, right, top, bottom = 80, wide - 40, 12, LINE_HEIGHT - 26
    values = [v for one in chart["series"] for v in one["values"] if v is not None]
    low, high = min([0, *values]), max([0, *values])
    ticks = _ticks(low, high)
    low, high = min(low, ticks[0]), max(high, ticks[-1])
    span = (high - low) or 1
    count = len(chart["labels"])

    def x_of(index):
        return left + (right - left) * (index / (count - 1) if count > 1 else 0.5)

    def y_of(value):
        return bottom - (bottom - top) * (value - low) / span

    shapes = []
    for tick in ticks:
        shapes.append(_line(left, y_of(tick), right, y_of(tick), GRID))
        shapes.append(_text(left - 6, y_of(tick) + 4, words(tick), "end", FAINT))
    step = -(-count // TICKS)
    for index in range(0, count, step):
        shapes.append(
            _text(x_of(index), bottom + 16, chart["labels"][index], "middle", FAINT)
        )
    for number, one in enumerate(chart["series"]):
        colour = _colour(number)
        for run in _runs(one["values"]):
            points = " ".join(f"{x_of(i):.1f},{y_of(value):.1f}" for i, value in run)
            shapes.append(
                Markup(
                    '<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>'
                )
                % (points, colour)
            )
            shapes += [
                Markup('<circle cx="%.1f" cy="%.1f" r="2.4" fill="%s"/>')
                % (x_of(i), y_of(value), colour)
                for i, value in run
            ]
    return LINE_HEIGHT, shapes


def _runs(values):
    """[(index, value)] of each stretch without gaps."""
    runs, run = [], []
    for index, value in enumerate(values):
        if value is None:
            runs.append(run)
            run = []
        else:
            run.append((index, value))
    return [run for run in [*runs, run] if run]


def _ticks(low, high):
    """Four to six round values that span these.

    >>> _ticks(0, 71.33)
    [0, 20, 40, 60, 80]
    >>> _ticks(0, 0)
    [0, 1]
    """
    span = high - low
    if not span:
        return [0, 1]
    rough = span / 4
    unit = 10 ** floor(log10(rough))
    step = next(unit * m for m in (1, 2, 2.5, 5, 10) if unit * m >= rough * 0.999)
    first = floor(low / step)
    ticks = []
    while not ticks or ticks[-1] < high:
        ticks.append(round((first + len(ticks)) * step, 10))
    return [int(tick) if tick == int(tick) else tick for tick in ticks]


def _legend(series, wide, rtl):
    shapes, x = [], 0
    for number, one in enumerate(series):
        name = _short(one["name"])
        place = wide - x - 10 if rtl else x
        shapes.append(_rect(place, 2, 10, 10, _colour(number)))
        shapes.append(
            _text(wide - x - 15 if rtl else x + 15, 11, name, _start(rtl), FAINT)
        )
        x += 34 + 6.2 * len(name)
    return shapes


def _start(rtl):
    """What SVG calls the side where a text of this direction begins."""
    return "end" if rtl else "start"


def _short(text):
    text = " ".join(str(text).split())
    return text if len(text) <= LABEL_LENGTH else text[: LABEL_LENGTH - 1] + "…"


def _colour(number):
    return COLOURS[number % len(COLOURS)]


def _rect(x, y, width, height, colour):
    return Markup('<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>') % (
        x,
        y,
        width,
        height,
        colour,
    )


def _line(x1, y1, x2, y2, colour):
    return Markup(
        '<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" stroke-width="1"/>'
    ) % (x1, y1, x2, y2, colour)


def _text(x, y, text, anchor, colour):
    return Markup('<text x="%.1f" y="%.1f" text-anchor="%s" fill="%s">%s</text>') % (
        x,
        y,
        anchor,
        colour,
        escape(text),
    )
