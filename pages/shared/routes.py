"""Everything the server answers beside Streamlit's own addresses."""

from pages.shared import archive, assets

ROUTES = (*assets.ROUTES, archive.FILMS.route, archive.CHARTS.route)
