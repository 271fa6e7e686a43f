"""The server: Streamlit with the app's own files beside it, nothing else."""

import streamlit as st

from pages.shared.routes import ROUTES
from pages.shared.security import MIDDLEWARE
from pages.shared.warm_up import warmed_up

app = st.App("pages/navigation.py", routes=ROUTES, middleware=MIDDLEWARE, lifespan=warmed_up)
