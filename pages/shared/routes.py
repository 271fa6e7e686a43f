"""Everything the server answers beside Streamlit's own addresses."""

from pages.shared import archive, assets, health

ROUTES = (*health.ROUTES, *assets.ROUTES, archive.FILMS.route, archive.CHARTS.route)
