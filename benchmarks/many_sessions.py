"""A team on one server: sessions that each change a control every two seconds, over the real protocol."""

from __future__ import annotations

import asyncio
import json
import random
import time
from dataclasses import dataclass, field
from urllib.request import urlopen

import numpy as np
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.servers import Server

PAUSE_SECONDS = 2.0
SHARE_OF_POSITIONS = 0.5
SETTLE_SECONDS = 10.0
OPENING_SECONDS = 0.4  # between one session and the next


@dataclass
class LoadResult:
    """What the sessions saw."""

    sessions: int
    seconds: float
    times_ms: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    memory_before_mb: float = 0.0
    memory_during_mb: float = 0.0
    memory_after_mb: float = 0.0

    @property
    def late_ms(self) -> float:
        """95th percentile of the time from a change to the end of the run."""
        return float(np.quantile(self.times_ms, 0.95))


class Session:
    """One browser's side of the protocol, as far as a control needs it."""

    def __init__(self, socket: ClientConnection, query: str) -> None:
        self.socket = socket
        self.query = query
        self.position_id = self.scrubber_id = ""
        self.fragment_id = ""  # of the part of the page that these two are in
        self.charts: set[str] = set()  # addresses of the figures on the page
        self.fetched: set[str] = set()
        self.states: dict[str, WidgetState] = {}

    async def run(self) -> str:
        """Ask for a run with the widgets as they are; gives what went wrong, or nothing."""
        message = BackMsg()
        message.rerun_script.query_string = self.query
        message.rerun_script.fragment_id = self.fragment_id
        message.rerun_script.widget_states.CopyFrom(WidgetStates(widgets=list(self.states.values())))
        await self.socket.send(message.SerializeToString())
        trouble = ""
        while True:
            answer = ForwardMsg()
            content = await self.socket.recv()
            answer.ParseFromString(content if isinstance(content, bytes) else content.encode())
            kind = answer.WhichOneof("type")
            if kind == "delta":
                trouble = trouble or self._seen(answer)
            elif kind == "page_info_changed":
                self.query = answer.page_info_changed.query_string
            elif kind == "script_finished":
                return trouble

    def _seen(self, answer: ForwardMsg) -> str:
        element = answer.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "number_input" and element.number_input.label == "Position":
            self.position_id, self.fragment_id = element.number_input.id, answer.delta.fragment_id
        if kind == "bidi_component" and element.bidi_component.component_name == "scrubber":
            self.scrubber_id = element.bidi_component.id
        if kind == "bidi_component" and element.bidi_component.component_name == "live_chart":
            self.charts.add(json.loads(element.bidi_component.json)["figure"])
        if kind == "exception":
            return element.exception.message
        if kind == "alert" and element.alert.format == element.alert.ERROR:
            return element.alert.body
        return ""

    def change(self, chance: random.Random) -> None:
        """Type another position, or let go of the thumb at another lookback, turn about."""
        if chance.random() < SHARE_OF_POSITIONS:
            value = round(chance.uniform(1_000, 100_000), 2)
            self.states[self.position_id] = WidgetState(id=self.position_id, double_value=value)
        else:
            lookback = json.dumps({"lookback": chance.randrange(10, 366)})
            self.states[self.scrubber_id] = WidgetState(id=self.scrubber_id, json_value=lookback)

    async def fetch_charts(self, url: str) -> None:
        """As the browser does: only figures that it has not seen."""
        for address in self.charts - self.fetched:
            await asyncio.to_thread(lambda address=address: urlopen(f"{url}/{address}", timeout=30).read())
        self.fetched |= self.charts
        self.charts.clear()


async def _one(
    server: Server, query: str, seed: int, result: LoadResult, *, everybody: asyncio.Barrier, wait: float
) -> None:
    chance = random.Random(seed)  # noqa: S311 - which position a session types is no secret
    address = server.url.replace("http", "ws", 1) + "/_stcore/stream"
    await asyncio.sleep(wait)  # a team does not open its browsers in one instant
    async with connect(address, subprotocols=["streamlit"], max_size=None, ping_interval=None) as socket:  # type: ignore[list-item]
        session = Session(socket, query)
        trouble = await session.run()
        await session.fetch_charts(server.url)
        await everybody.wait()
        await asyncio.sleep(chance.random() * PAUSE_SECONDS)
        until = time.perf_counter() + result.seconds
        while time.perf_counter() < until and not trouble:
            session.change(chance)
            start = time.perf_counter()
            trouble = await session.run()
            result.times_ms.append(1e3 * (time.perf_counter() - start))
            await session.fetch_charts(server.url)
            spent = time.perf_counter() - start
            await asyncio.sleep(max(0.0, PAUSE_SECONDS - spent))
        if trouble:
            result.errors.append(trouble)


async def load_test(server: Server, query: str, *, sessions: int, seconds: float) -> LoadResult:
    """Run the sessions side by side and watch the server's memory."""
    result = LoadResult(sessions, seconds)
    # What a first visitor makes stays.
    await _one(server, query, 0, LoadResult(1, 5 * PAUSE_SECONDS), everybody=asyncio.Barrier(1), wait=0.0)
    await asyncio.sleep(SETTLE_SECONDS)
    result.memory_before_mb = server.resident_mb
    everybody = asyncio.Barrier(sessions)
    work = asyncio.gather(
        *(
            _one(server, query, seed, result, everybody=everybody, wait=seed * OPENING_SECONDS)
            for seed in range(1, sessions + 1)
        )
    )
    await asyncio.sleep(sessions * OPENING_SECONDS + 0.9 * seconds)
    result.memory_during_mb = server.resident_mb
    await work
    await asyncio.sleep(SETTLE_SECONDS)
    result.memory_after_mb = server.resident_mb
    return result
