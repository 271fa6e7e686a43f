"""Page configuration and navigation, nothing else."""

import streamlit as st

from pages.shared.addresses import end_run

st.set_page_config(page_title="Beta hedge", page_icon="pages/shared/icon.svg", layout="wide")

st.navigation(
    [
        st.Page("portfolio.py", title="Portfolio", icon=":material/account_balance_wallet:"),
        st.Page("beta.py", title="Beta", icon=":material/scatter_plot:", default=True),
        st.Page("hedge.py", title="Hedge", icon=":material/shield:"),
        st.Page("backtest.py", title="Backtest", icon=":material/history:"),
        st.Page("what_if.py", title="What-if", icon=":material/bolt:"),
        st.Page("estimators.py", title="Estimators", icon=":material/stacked_line_chart:"),
        st.Page("monitor.py", title="Monitor", icon=":material/visibility:"),
        st.Page("stored.py", title="Data", icon=":material/database:"),
        st.Page("maths.py", title="Maths", icon=":material/function:"),
        st.Page("report.py", title="Report", icon=":material/description:"),
    ],
    position="top",
).run()

end_run()
