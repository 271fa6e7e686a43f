"""What the browser fetches by itself: large things under addresses that nobody can guess.

Streamlit hashes, copies and sends again whatever a component is given. A chart or a film is offered here
instead: the component gets its address, which names the content, and the browser keeps what it has fetched.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

SECRET = secrets.token_bytes(32)
PRIVATE = {"Cache-Control": "private, max-age=3600, immutable", "X-Content-Type-Options": "nosniff"}


class Archive:
    """Things on offer, of which the latest are kept as bytes; for all sessions, bounded in both."""

    def __init__(self, folder: str, media_type: str, *, most_offered: int, most_kept: int) -> None:
        self.folder, self.media_type = folder, media_type
        self.most_offered, self.most_kept = most_offered, most_kept
        self._makers: OrderedDict[str, Callable[[], bytes]] = OrderedDict()
        self._made: OrderedDict[str, bytes] = OrderedDict()
        self._lock = Lock()

    def offer(self, key: tuple[str, ...], make: Callable[[], bytes]) -> str:
        """The address of a thing, relative to the app; ``key`` holds everything the thing depends on."""
        token = hmac.new(SECRET, repr(key).encode(), hashlib.sha256).hexdigest()[:40]
        with self._lock:
            self._makers[token] = make
            self._makers.move_to_end(token)
            while len(self._makers) > self.most_offered:
                self._makers.popitem(last=False)
        return f"{self.folder}/{token}"

    def find(self, token: str) -> bytes | None:
        """The thing, made now if nobody has asked before; None for an address that is not on offer."""
        with self._lock:
            make, ready = self._makers.get(token), self._made.get(token)
            if ready is not None:
                self._made.move_to_end(token)
        if make is None or ready is not None:
            return ready
        made = make()  # outside the lock: a film takes half a second
        with self._lock:
            self._made[token] = made
            while len(self._made) > self.most_kept:
                self._made.popitem(last=False)
        return made

    @property
    def route(self) -> Route:
        """Answers under the folder. Sync on purpose: Starlette runs it in a thread, and no session waits."""

        def answer(request: Request) -> Response:
            content = self.find(request.path_params["token"])
            if content is None:
                return Response(status_code=404)
            return Response(content, media_type=self.media_type, headers=PRIVATE)

        return Route(f"/{self.folder}/{{token:str}}", answer)


FILMS = Archive("film", "application/octet-stream", most_offered=256, most_kept=4)  # of some 5 MB
# Charts of some 100 kB; one on offer keeps the view alive that it is drawn from, some 300 kB for three.
CHARTS = Archive("chart", "application/json", most_offered=160, most_kept=48)
