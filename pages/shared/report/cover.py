"""What stands above the sections, of the moment in which the report is made."""

from __future__ import annotations

from data.environment import utc_now
from hedging import HedgingError
from hedging.plots.formats import stamp_text
from pages.shared.book import load_book
from pages.shared.catalogue import SOURCE_LABELS, FileInputs
from pages.shared.loading import load_view
from pages.shared.messages import EXPECTED_ERRORS
from pages.shared.rare_settings import COVARIANCE_LABELS
from pages.shared.report.document import Cover
from pages.shared.settings import BOOK
from pages.shared.state import AppState, to_link
from pages.shared.views.estimators import METHOD_NAMES


def make_cover(state: AppState, files: FileInputs, address: str) -> Cover:
    """The cover with the prices of now, which are those of the sections.

    Parameters
    ----------
    state, files
        As the pages have them.
    address : str
        Of the page, for the link back.
    """
    settings = state.settings
    try:
        prices, simulated = _prices(state, files)
    except EXPECTED_ERRORS as error:
        prices, simulated = f"No prices: {error.problem}.", settings.source == "simulated"
    return Cover(
        title=f"{settings.asset} hedged with {settings.benchmark}",
        made_at=utc_now(),
        prices=prices,
        address=address,
        link=to_link(state),
        settings=(
            ("source", SOURCE_LABELS[settings.source]),
            ("returns", settings.interval),
            ("lookback", str(settings.lookback)),
            ("estimator", METHOD_NAMES[settings.method]),
            ("standard error", COVARIANCE_LABELS[settings.covariance]),
            ("confidence", f"{settings.confidence:.0%}"),
        ),
        simulated=simulated,
    )


def _prices(state: AppState, files: FileInputs) -> tuple[str, bool]:
    """Where they are from and as of when; a book that is no asset has prices all the same."""
    try:
        view = load_view(state, files)
    except HedgingError:
        if state.settings.asset != BOOK:
            raise
        book = load_book(state, files)
        return f"Prices from {book.benchmark.source}, as of {stamp_text(book.as_of)} UTC.", book.simulated
    return f"Prices from {view.asset.source}, as of {stamp_text(view.quotes.as_of)} UTC.", view.simulated
