"""From the snapshot to pages: the three thirds of the invoice, one below the other."""

from stakactl.adapters.documents.closing import closing_height, draw_closing, draw_footer
from stakactl.adapters.documents.figures import figures_for
from stakactl.adapters.documents.fonts import Fonts
from stakactl.adapters.documents.heading import Job, draw_continuation, draw_heading
from stakactl.adapters.documents.page import Document, Flow, Stamp, Style, Weight
from stakactl.adapters.documents.positions import draw_positions
from stakactl.adapters.documents.wording import words_for
from stakactl.domain.invoicing import InvoiceSnapshot

STAMP = Style(104, Weight.BOLD, 0x6B7280)
STAMP_ANGLE = 52.0


def lay_out(snapshot: InvoiceSnapshot, fonts: Fonts) -> Document:
    """Every page of the invoice; the page count is known only then, so footers come last."""
    words = words_for(snapshot.locale, credit_note=snapshot.credited is not None)
    job = Job(snapshot, fonts, words, figures_for(words.language))
    flow = Flow(lambda fresh: draw_continuation(job, fresh))
    draw_heading(job, flow)
    draw_positions(job, flow, keep=18 + closing_height(job))
    draw_closing(job, flow)
    for number, page in enumerate(flow.pages, start=1):
        page.extend(draw_footer(job, number, len(flow.pages)))
        if snapshot.specimen:
            width = fonts.width(words.specimen, STAMP)
            page.append(Stamp(words.specimen, STAMP, STAMP_ANGLE, width))
    return Document(
        title=fonts.clean(words.invoice.format(number=snapshot.number)),
        author=fonts.clean(snapshot.seller.name),
        subject=fonts.clean(f"{words.order} {snapshot.order_id}"),
        language="fr-FR" if words.language == "fr" else "en-GB",
        issued_on=snapshot.issued_on,
        pages=tuple(tuple(page) for page in flow.pages),
    )
