"""Page configuration and navigation, nothing else."""

import streamlit as st

st.set_page_config(page_title="Beta hedge", page_icon="pages/shared/icon.svg", layout="wide")

st.navigation(
    [st.Page("beta.py", title="Beta", icon=":material/scatter_plot:", default=True)],
    position="top",
).run()
