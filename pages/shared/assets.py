"""Files that the app serves itself, so that charts need no other server."""

from __future__ import annotations

from pathlib import Path

import plotly
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

# The version in the address lets a browser keep the file for good.
PLOTLY_ADDRESS = f"assets/plotly-{plotly.__version__}.min.js"
PLOTLY_FILE = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
FOR_A_YEAR = {"Cache-Control": "public, max-age=31536000, immutable"}


def _plotly(request: Request) -> FileResponse:
    return FileResponse(PLOTLY_FILE, media_type="text/javascript", headers=FOR_A_YEAR)


ROUTES = (Route(f"/{PLOTLY_ADDRESS}", _plotly),)
