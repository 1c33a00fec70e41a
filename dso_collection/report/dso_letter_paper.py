"""Where things stand on the sheets of a letter, and what is stamped on them.

Measured in mm from the upper left corner of an A4 page. The text is laid out by
wkhtmltopdf, whose two builds scale differently (see ``letter_document``); marks and
page numbers are drawn afterwards, because one build prints neither headers nor footers.
"""

from io import BytesIO
from typing import NamedTuple

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from odoo.tools.pdf import PdfFileReader, PdfFileWriter

#: Size of the page, and its margins as in ``paperformat_letter``.
WIDTH, HEIGHT = 210, 297
TOP, LEFT, RIGHT, BOTTOM = 10, 20, 20, 20


class Paper(NamedTuple):
    """One way to place a letter for the window of an envelope."""

    #: Left, top, width and height of what shows in the window.
    address: tuple
    #: The same of the logo; left, top and width of who writes, and of the references.
    logo: tuple
    sender: tuple
    info: tuple
    #: Where the text begins.
    text: float
    #: Whether a line with the sender's address stands above the address, in the window.
    return_line: bool
    #: Marks at the left edge: (distance from above, length).
    marks: tuple


PAPERS = {
    # DIN 5008: window on the left, 20 mm from the edge; zone of 45 mm
    "din_b": Paper(
        address=(25, 45, 80, 44),
        logo=(25, 12, 85, 26),
        sender=(125, 12, 65),
        info=(125, 50, 65),
        text=98,
        return_line=True,
        marks=((105, 4), (148.5, 6), (210, 4)),
    ),
    "din_a": Paper(
        address=(25, 27, 80, 44),
        logo=(25, 10, 85, 14),
        sender=(125, 10, 65),
        info=(125, 40, 65),
        text=82,
        return_line=True,
        marks=((87, 4), (148.5, 6), (192, 4)),
    ),
    # NF Z 11-001: window on the right, for a sheet folded in three
    "right": Paper(
        address=(107, 45, 83, 34),
        logo=(25, 12, 75, 18),
        sender=(25, 32, 75),
        info=(25, 58, 75),
        text=96,
        return_line=False,
        marks=((99, 4), (198, 4)),
    ),
}


def stamp(content, paper):
    """Draw folding marks on the first page of a letter, and page numbers where there
    are several.

    :param content: bytes of a PDF
    :param Paper paper: the layout of the letter
    :return: bytes of the PDF
    """
    reader = PdfFileReader(BytesIO(content))
    count = reader.getNumPages()
    overlay = BytesIO()
    canvas = Canvas(overlay, pagesize=(WIDTH * mm, HEIGHT * mm))
    for number in range(1, count + 1):
        if number == 1:
            canvas.setLineWidth(0.4)
            canvas.setStrokeGray(0.45)
            for distance, length in paper.marks:
                height = (HEIGHT - distance) * mm
                canvas.line(4 * mm, height, (4 + length) * mm, height)
        if count > 1:
            canvas.setFont("Helvetica", 8)
            canvas.setFillGray(0.35)
            canvas.drawRightString((WIDTH - RIGHT) * mm, 11 * mm, f"{number} / {count}")
        canvas.showPage()
    canvas.save()
    overlay.seek(0)
    marks = PdfFileReader(overlay)
    writer = PdfFileWriter()
    for number in range(count):
        page = reader.getPage(number)
        page.mergePage(marks.getPage(number))
        writer.addPage(page)
    output = BytesIO()
    writer.write(output)
    return output.getvalue()
