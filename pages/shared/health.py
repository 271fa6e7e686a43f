"""Whether the process is up, and whether it is ready for people; for load balancers and orchestrators."""

from __future__ import annotations

from threading import Event

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

#: Set while a visitor would not have to wait for anything that the server does once.
READY = Event()

LIVE_PATH, READY_PATH = "/healthz", "/readyz"
_FRESH = {"Cache-Control": "no-store"}


async def _healthz(request: Request) -> JSONResponse:
    return JSONResponse({"status": "up"}, headers=_FRESH)


async def _readyz(request: Request) -> JSONResponse:
    if READY.is_set():
        return JSONResponse({"status": "ready"}, headers=_FRESH)
    return JSONResponse({"status": "warming up"}, status_code=503, headers=_FRESH)


ROUTES = (Route(LIVE_PATH, _healthz), Route(READY_PATH, _readyz))
