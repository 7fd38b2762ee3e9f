"""Memory caches: what Workers of this process keep for each other between requests.

A cache is known to JS by a number, given by `attach()` when its binding is made. Values are V8's serialization; times are
milliseconds since the epoch, as the Worker's clock has them. Only one request at a time makes a missing value: it holds
a ticket, others wait for the value or, where it fails, for the ticket.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import OrderedDict, deque
from dataclasses import dataclass, field

from workerd.platform.ops import OpContext, op

Claim = bytes | int


@dataclass(frozen=True, slots=True)
class Limits:
    """The most keys, bytes of one value, bytes of all values."""

    keys: int
    value: int
    total: int

    def normalized(self) -> Limits:
        """A cache that may hold nothing in one respect holds nothing."""
        if not (self.keys and self.value and self.total):
            return Limits(0, 0, 0)
        return Limits(self.keys, min(self.value, self.total), self.total)

    def with_those_of(self, other: Limits) -> Limits:
        return Limits(max(self.keys, other.keys), max(self.value, other.value), max(self.total, other.total))


@dataclass(slots=True)
class _Entry:
    value: bytes
    expiration: float | None
    #: Tells it from earlier entries of the key in the heap of expirations.
    number: int


class MemoryCache:
    """Least recently used entries go first, after those whose time is over."""

    def __init__(self) -> None:
        self.limits = Limits(0, 0, 0)
        #: In the order of use, the latest last.
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._expirations: list[tuple[float, int, str]] = []
        self._numbers = itertools.count()
        self._total = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: str, now: float) -> bytes | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        if _is_over(entry.expiration, now):
            self.remove(key)
            return None
        self._entries.move_to_end(key)
        return entry.value

    def put(self, key: str, value: bytes, expiration: float | None, now: float) -> None:
        """Replaces the key's value; values too large or too old are not kept."""
        self.remove(key)
        if not self.limits.keys or len(value) > self.limits.value or _is_over(expiration, now):
            return
        while len(self._entries) >= self.limits.keys or self._total + len(value) > self.limits.total:
            self._evict(now)
        number = next(self._numbers)
        self._entries[key] = _Entry(value, expiration, number)
        self._total += len(value)
        if expiration is not None:
            heapq.heappush(self._expirations, (expiration, number, key))
            if len(self._expirations) > 2 * len(self._entries) + 16:
                self._forget_replaced()

    def remove(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._total -= len(entry.value)

    def _evict(self, now: float) -> None:
        heap = self._expirations
        while heap and not self._is_current(heap[0]):
            heapq.heappop(heap)
        self.remove(heap[0][2] if heap and _is_over(heap[0][0], now) else next(iter(self._entries)))

    def _is_current(self, item: tuple[float, int, str]) -> bool:
        entry = self._entries.get(item[2])
        return entry is not None and entry.number == item[1]

    def _forget_replaced(self) -> None:
        self._expirations = [item for item in self._expirations if self._is_current(item)]
        heapq.heapify(self._expirations)


def _is_over(expiration: float | None, now: float) -> bool:
    return expiration is not None and expiration < now


@dataclass(slots=True)
class _Making:
    """A value that somebody is making. `waiting`: those who will get it, or the task of making it."""

    shared: _Shared
    key: str
    waiting: deque[asyncio.Future[Claim]] = field(default_factory=deque)


@dataclass(slots=True)
class _Shared:
    cache: MemoryCache = field(default_factory=MemoryCache)
    making: dict[str, int] = field(default_factory=dict)


_numbers = itertools.count(1)
_by_number: dict[int, _Shared] = {}
_by_id: dict[str, int] = {}
_tickets: dict[int, _Making] = {}


def attach(cache_id: str | None, limits: Limits) -> int:
    """The number of the cache `cache_id`, or of a new one. It has the largest limits that anybody asked for."""
    number = None if cache_id is None else _by_id.get(cache_id)
    if number is None:
        number = next(_numbers)
        _by_number[number] = _Shared()
        if cache_id is not None:
            _by_id[cache_id] = number
    cache = _by_number[number].cache
    cache.limits = cache.limits.with_those_of(limits.normalized())
    return number


@op("memory_cache.get")
def get(ctx: OpContext, number: int, key: str, now: float) -> bytes | None:
    return _by_number[number].cache.get(key, now)


@op("memory_cache.claim")
def claim(ctx: OpContext, number: int, key: str, now: float) -> Claim | asyncio.Future[Claim]:
    """The value; or the ticket of whoever has to make it, who must give it back with `settle`; or either, later."""
    shared = _by_number[number]
    value = shared.cache.get(key, now)
    if value is not None:
        return value
    ticket = shared.making.get(key)
    if ticket is not None:
        future: asyncio.Future[Claim] = asyncio.get_running_loop().create_future()
        _tickets[ticket].waiting.append(future)
        return future
    return _issue(_Making(shared, key))


def _issue(making: _Making) -> int:
    ticket = next(_numbers)
    _tickets[ticket] = making
    making.shared.making[making.key] = ticket
    return ticket


@op("memory_cache.settle")
def settle(ctx: OpContext, ticket: int, value: bytes | None, expiration: float | None, now: float) -> None:
    """Gives a ticket back, with the value, or with None: then the next in line has to make it."""
    making = _tickets.pop(ticket)
    shared = making.shared
    del shared.making[making.key]
    if value is not None:
        shared.cache.put(making.key, value, expiration, now)
    while making.waiting:
        future = making.waiting.popleft()
        if future.done():
            continue
        if value is None:
            future.set_result(_issue(making))
            return
        future.set_result(value)


@op("memory_cache.delete")
def delete(ctx: OpContext, number: int, key: str) -> None:
    _by_number[number].cache.remove(key)
