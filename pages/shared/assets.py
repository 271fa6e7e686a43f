"""Files that the app serves itself, so that charts need no other server."""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from pathlib import Path

import plotly
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

# The version in the address lets a browser keep the file for good.
PLOTLY_ADDRESS = f"assets/plotly-{plotly.__version__}.min.js"
PLOTLY_FILE = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
FOR_A_YEAR = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
PACKED = {"Content-Encoding": "gzip"}

COMPONENTS = Path(__file__).parent / "components"
SCRIPTS = {file.name: file.read_bytes() for file in sorted(COMPONENTS.glob("*.js"))}
# The folder's name tells their content, so that they too may be kept for good and import one another.
SCRIPTS_FOLDER = f"assets/components-{hashlib.sha256(b''.join(SCRIPTS.values())).hexdigest()[:16]}"
# Streamlit sends what a component is given as its script with every change of it, and the browser reads
# that letter by letter to know it again: 20 kB for each chart of a page.
LOADER = """
export default async (component) => {{
  const script = await import(new URL("{address}", document.baseURI));
  return script.default(component);
}}
"""


def component_script(component: str) -> str:
    """What a component is given as its script: it imports the real one, which the browser keeps."""
    return LOADER.format(address=f"{SCRIPTS_FOLDER}/{component}.js")


def _script(request: Request) -> Response:
    content = SCRIPTS.get(request.path_params["name"])
    if content is None:
        return Response("There is no such script.", status_code=404)
    return Response(content, media_type="text/javascript", headers=FOR_A_YEAR)


def _plotly(request: Request) -> Response:
    packs = "gzip" in request.headers.get("accept-encoding", "")
    content = packed_plotly() if packs else PLOTLY_FILE.read_bytes()
    headers = FOR_A_YEAR | PACKED if packs else FOR_A_YEAR
    return Response(content, media_type="text/javascript", headers=headers)


@cache
def packed_plotly() -> bytes:
    """Packed once: 4.5 MB take a fifth of a second, which every first visitor would wait for."""
    return gzip.compress(PLOTLY_FILE.read_bytes(), compresslevel=6)


ROUTES = (Route(f"/{PLOTLY_ADDRESS}", _plotly), Route(f"/{SCRIPTS_FOLDER}/{{name}}", _script))
