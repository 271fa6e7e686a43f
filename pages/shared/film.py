"""The film of all lookbacks: worked out when a browser asks for it, sent once, painted without the server.

The browser fetches it before the scrubber is dragged. Offering costs nothing, so controls stay quick.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from hedging import HedgePlan, HedgingError, LookbackFilm, lookback_film
from hedging.backtesting.film import FILM_METHODS
from hedging.estimators.results import BetaEstimate
from hedging.plots.film import ChartFrame, pnl_frame, regression_frame, rolling_frame
from hedging.plots.formats import stamp_text
from hedging.plots.thinning import epoch_milliseconds
from pages.shared import words
from pages.shared.archive import FILMS
from pages.shared.settings import LONGEST_LOOKBACK, SHORTEST_LOOKBACK, Settings
from pages.shared.strip import Quotes, beta_figures

ALIGNMENT = 8  # of a block of numbers, so that the browser reads it where it lies


@dataclass(frozen=True, eq=False)
class FilmInputs:
    """What a film is made of."""

    settings: Settings
    quotes: Quotes
    position_usd: float
    plan: Callable[[BetaEstimate], HedgePlan | HedgingError]
    rolling_height: int
    simulated: bool


def offer_film(key: tuple[str, ...], inputs: FilmInputs) -> str | None:
    """The address of the film, None where its estimator cannot be had for all lookbacks in time.

    ``key`` names the data; with settings and position it decides what the film shows. The position is not
    in the data: a book and its mirror image have the same path of values.
    """
    if inputs.settings.method not in FILM_METHODS or not film_windows(inputs.quotes):
        return None
    settings = replace(inputs.settings, lookback=SHORTEST_LOOKBACK)
    whole = (*key, repr(settings), repr(inputs.position_usd), repr(inputs.rolling_height))
    return FILMS.offer(whole, lambda: make_film(inputs))


def film_windows(quotes: Quotes) -> range:
    """Lookbacks that this history allows."""
    return range(SHORTEST_LOOKBACK, min(LONGEST_LOOKBACK, len(quotes.aligned.asset)) + 1)


def make_film(inputs: FilmInputs) -> bytes:
    """Every frame as texts and blocks of numbers: length of the header, header as JSON, numbers."""
    settings, quotes = inputs.settings, inputs.quotes
    aligned = quotes.aligned
    film = lookback_film(
        aligned,
        windows=film_windows(quotes),
        position_usd=inputs.position_usd,
        method=settings.method,
        covariance=settings.applicable_covariance,
        confidence=settings.confidence,
    )
    asset, benchmark = aligned.asset.to_numpy(), aligned.benchmark.to_numpy()
    blocks = _Blocks()
    charts: dict[str, list[ChartFrame | None]] = {"regression": [], "rolling_beta": [], "hedge_pnl": []}
    strip = []
    for frame in film.frames:
        span = words.span_text(frame.window, settings, aligned.report)
        figures = beta_figures(
            frame.estimate, inputs.plan(frame.estimate), quotes, settings, lookback=frame.window
        )
        strip.append([[figure.label, figure.value, figure.small] for figure in figures])
        charts["regression"].append(
            regression_frame(
                frame, asset, benchmark, asset=settings.asset, benchmark=settings.benchmark, span=span
            )
        )
        charts["rolling_beta"].append(
            rolling_frame(frame, span=span, height=inputs.rolling_height, simulated=inputs.simulated)
        )
        charts["hedge_pnl"].append(None if frame.pnl is None else pnl_frame(frame.pnl, asset=settings.asset))
    longest = film.frames[-1].window
    header = {
        "first": film.frames[0].window,
        "strip": strip,
        "charts": {name: _chart_header(frames, blocks) for name, frames in charts.items()},
        "instants": blocks.add([epoch_milliseconds(film.index)]),
        "points": {
            "x": blocks.add([benchmark[-longest:]]),
            "y": blocks.add([asset[-longest:]]),
            "stamps": _stamps(film, longest),
        },
    }
    return blocks.with_header(header)


def _stamps(film: LookbackFilm, longest: int) -> list[str]:
    return [stamp_text(pd.Timestamp(stamp)) for stamp in film.index[-longest:]]


def _chart_header(frames: Sequence[ChartFrame | None], blocks: _Blocks) -> dict[str, object] | None:
    """Where each array of each trace starts in the numbers, and the layout's new values by lookback.

    Lookbacks come in order, so that frames are missing at the end only, where the history is too short.
    """
    there = [frame for frame in frames if frame is not None]
    if not there:
        return None
    traces: dict[int, dict[str, object]] = {}
    known: dict[int, object] = {}  # traces that share an array share its place
    for position, arrays in there[0].traces.items():
        traces[position] = {}
        for name in arrays:
            column = [frame.traces[position][name] for frame in there]
            identity = id(column[0])
            if identity not in known:
                known[identity] = blocks.add(column)
            traces[position][name] = known[identity]
    return {
        "count": len(there),
        "traces": traces,
        "last": [frame.last for frame in there],
        "layout": {path: [frame.layout[path] for frame in there] for path in there[0].layout},
    }


class _Blocks:
    """Numbers one after the other, as the browser's typed arrays read them."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.size = 0

    def add(self, arrays: Sequence[npt.NDArray[np.generic]]) -> dict[str, object]:
        """Append arrays of one kind; says their kind, their place and where each of them starts."""
        kind = _kind(arrays)
        content = np.concatenate([np.asarray(array).ravel() for array in arrays]).astype(kind).tobytes()
        place = {
            "kind": np.dtype(kind).str[1:],
            "offset": self.size,
            "starts": np.cumsum([0, *(len(array) for array in arrays)]).tolist(),
        }
        padding = -len(content) % ALIGNMENT
        self.parts.append(content + bytes(padding))
        self.size += len(content) + padding
        return place

    def with_header(self, header: dict[str, object]) -> bytes:
        """The whole film."""
        text = json.dumps(header, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
        text += b" " * (-(len(text) + 4) % ALIGNMENT)
        return len(text).to_bytes(4, "little") + text + b"".join(self.parts)


def _kind(arrays: Sequence[npt.NDArray[np.generic]]) -> str:
    """Positions in two or four bytes, instants in eight, everything else in the four that a screen needs."""
    if np.issubdtype(arrays[0].dtype, np.integer):
        return "<u2" if max(int(array.max()) for array in arrays) < 2**16 else "<u4"
    return "<f8" if abs(float(arrays[0][0])) > 1e9 else "<f4"
