"""What was typed by hand belongs to what it was typed for: a pair has its beta, a contract its terms."""

from __future__ import annotations

from dataclasses import replace

from hedging.plots.formats import beta_text, signed
from pages.shared.choices import LONGEST_NAME, HedgeChoices
from pages.shared.settings import Settings
from pages.shared.state import AppState
from pages.shared.terms import contract_in_use

TERM_WORDS = {
    "contract_size": "contract size {}",
    "quantity_step": "quantity step {}",
    "minimum_quantity": "smallest order {}",
    "fee_bp": "fee of {} bp",
    "maintenance_percent": "maintenance margin of {}%",
}
HAND_FIELDS = ("beta_by_hand", *TERM_WORDS)


def bound(state: AppState) -> AppState:
    """The state with what each hand beta and hand term was typed for noted beside it."""
    hedge, settings = state.hedge, state.settings
    beta_for = terms_for = ""
    if hedge.beta_by_hand is not None:
        beta_for = hedge.beta_for or _pair(settings)
    if _typed_terms(hedge):
        terms_for = hedge.terms_for or contract_in_use(hedge, settings.benchmark)[:LONGEST_NAME]
    return replace(state, hedge=replace(hedge, beta_for=beta_for, terms_for=terms_for))


def meant(state: AppState) -> tuple[AppState, tuple[str, ...]]:
    """The state without what was typed for another pair or contract, and a sentence for each."""
    hedge, settings, said = state.hedge, state.settings, []
    pair = _pair(settings)
    if hedge.beta_by_hand is not None and hedge.beta_for not in ("", pair):
        said.append(
            f"Beta {beta_text(hedge.beta_by_hand)} by hand was typed for {hedge.beta_for} and is cleared: "
            f"{pair} is hedged by its own."
        )
        hedge = replace(hedge, beta_by_hand=None, beta_for="")
    typed = _typed_terms(hedge)
    if typed and hedge.terms_for:
        contract = contract_in_use(hedge, settings.benchmark)[:LONGEST_NAME]
        if contract != hedge.terms_for:
            said.append(
                f"Typed for {hedge.terms_for} and cleared: {', '.join(typed)}. For {contract} the table "
                "holds."
            )
            hedge = replace(
                hedge,
                terms_for="",
                contract_size=None,
                quantity_step=None,
                minimum_quantity=None,
                fee_bp=None,
                maintenance_percent=None,
            )
    return replace(state, hedge=hedge), tuple(said)


def _pair(settings: Settings) -> str:
    return f"{settings.asset} on {settings.benchmark}"[:LONGEST_NAME]


def _typed_terms(hedge: HedgeChoices) -> list[str]:
    typed = {name: getattr(hedge, name) for name in TERM_WORDS}
    return [
        signed(TERM_WORDS[name].format(f"{value:g}")) for name, value in typed.items() if value is not None
    ]
