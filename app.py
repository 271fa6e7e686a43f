"""Page configuration and navigation, nothing else."""

import streamlit as st

st.set_page_config(page_title="Beta hedge", page_icon=":material/balance:", layout="wide")

st.navigation(
    [st.Page("pages/beta.py", title="Beta", icon=":material/scatter_plot:", default=True)],
    position="top",
).run()
