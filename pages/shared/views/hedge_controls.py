"""What the Hedge page asks beside the shared settings: the contract and its terms."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from data.coins import coin_of
from pages.shared.addresses import clear_what_was_meant_otherwise
from pages.shared.by_hand import bound
from pages.shared.choices import HedgeChoices
from pages.shared.state import AppState
from pages.shared.terms import contract_key, offered_terms
from pages.shared.widgets import number, seed

TABLE = "from the table"


def hedge_controls(state: AppState) -> AppState:
    """One line: contract, leverage, holding time, beta by hand; the rare ones in a popover."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        with st.container(width=380):
            state = replace(state, hedge=_contract(state.hedge, state.settings.benchmark))
        choices = clear_what_was_meant_otherwise(state).hedge
        with st.container(width=115):
            leverage = number(
                "leverage",
                "Leverage",
                choices.leverage,
                1,
                150,
                step=1.0,
                help="Notional over isolated margin of the hedge.",
            )
        with st.container(width=150):
            holding = number(
                "holding_days",
                "Holding time, days",
                choices.holding_days,
                0.25,
                365,
                step=1.0,
                help="How long the hedge is kept: fees are paid once, funding all the time.",
            )
        with st.container(width=150):
            by_hand = number(
                "beta_by_hand",
                "Beta by hand",
                choices.beta_by_hand,
                -1_000,
                1_000,
                optional=True,
                step=0.05,
                placeholder="estimate",
                help="Sizes the order in place of the estimate, which stays beside it. Empty: the estimate.",
            )
        with st.container(width=120):
            choices = _terms(choices)
    choices = replace(choices, leverage=leverage, holding_days=holding, beta_by_hand=by_hand)
    return bound(replace(state, hedge=choices))


def _contract(choices: HedgeChoices, benchmark: str) -> HedgeChoices:
    labels = {
        contract_key(terms): f"{contract_key(terms)} · {terms.kind} {terms.expiry}"
        for terms in offered_terms(benchmark)
    }
    if not labels:
        st.selectbox("Contract", [f"whole units of {benchmark}"], disabled=True, key="no_contract")
        return choices
    usual = next(iter(labels))
    seed("contract", choices.contract)
    if st.session_state["contract"] not in labels:  # another benchmark, or none chosen yet
        st.session_state["contract"] = usual
    chosen = st.selectbox(
        "Contract",
        list(labels),
        key="contract",
        format_func=labels.__getitem__,
        help=f"What {coin_of(benchmark).name} is shorted in. The table below ranks them for this order.",
    )
    return replace(choices, contract="" if chosen == usual else str(chosen))


def _terms(choices: HedgeChoices) -> HedgeChoices:
    """What the table says and the user may know better; empty fields take the table's."""
    with st.popover("Terms", icon=":material/contract_edit:", width="stretch"):
        return replace(
            choices,
            beta_target=number(
                "beta_target",
                "Target beta",
                choices.beta_target,
                -10,
                10,
                step=0.1,
                help="Beta wanted after the hedge; 0 is market neutral.",
            ),
            fee_bp=number(
                "fee_bp",
                "Fee, basis points a side",
                choices.fee_bp,
                -10,
                100,
                step=0.5,
                optional=True,
                placeholder=TABLE,
                help="Taker fee of your account, 5 basis points are 0.05%.",
            ),
            slippage_bp=number(
                "slippage_bp",
                "Slippage, basis points a side",
                choices.slippage_bp,
                0,
                500,
                step=0.5,
                help="What the price gives way between decision and fill.",
            ),
            funding_annual_percent=number(
                "funding_annual_percent",
                "Funding, percent a year",
                choices.funding_annual_percent,
                -1_000,
                1_000,
                optional=True,
                placeholder="from the data",
                step=1.0,
                help="Positive: longs pay shorts, so a short hedge receives it. Empty: resampled from the "
                "history of charges where there is one.",
            ),
            extra_margin_usd=number(
                "extra_margin_usd",
                "Margin added, USD",
                choices.extra_margin_usd,
                0,
                1e12,
                step=100.0,
                help="Beyond notional over leverage; it moves the liquidation price away.",
            ),
            maintenance_percent=number(
                "maintenance_percent",
                "Maintenance margin, percent",
                choices.maintenance_percent,
                0.1,
                50,
                step=0.1,
                optional=True,
                placeholder=TABLE,
                help="One rate for every size, in place of the exchange's tiers.",
            ),
            contract_size=number(
                "contract_size",
                "Size of one contract",
                choices.contract_size,
                1e-9,
                1e9,
                optional=True,
                placeholder=TABLE,
                help="Coins in one linear contract, USD in one inverse contract.",
            ),
            quantity_step=number(
                "quantity_step",
                "Step, contracts",
                choices.quantity_step,
                1e-9,
                1e9,
                optional=True,
                placeholder=TABLE,
                help="Orders are whole multiples of it.",
            ),
            minimum_quantity=number(
                "minimum_quantity",
                "Smallest order, contracts",
                choices.minimum_quantity,
                1e-9,
                1e9,
                optional=True,
                placeholder=TABLE,
            ),
        )
