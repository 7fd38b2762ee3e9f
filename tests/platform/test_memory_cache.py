from __future__ import annotations

import asyncio
from typing import Any, cast

from workerd.platform import memory_cache
from workerd.platform.memory_cache import Limits, MemoryCache

CTX = cast(Any, None)


def cache_of(keys: int, value: int, total: int) -> MemoryCache:
    cache = MemoryCache()
    cache.limits = Limits(keys, value, total)
    return cache


def test_the_least_recently_used_goes_first() -> None:
    cache = cache_of(2, 10, 100)
    cache.put("a", b"1", None, 0)
    cache.put("b", b"2", None, 0)
    assert cache.get("a", 0) == b"1"
    cache.put("c", b"3", None, 0)
    assert [cache.get(key, 0) for key in "abc"] == [b"1", None, b"3"]


def test_what_is_over_goes_before_what_is_used() -> None:
    cache = cache_of(2, 10, 100)
    cache.put("a", b"1", None, 0)
    cache.put("b", b"2", 5, 0)
    assert cache.get("b", 5) == b"2"
    cache.put("c", b"3", None, 6)
    assert [cache.get(key, 6) for key in "abc"] == [b"1", None, b"3"]
    assert cache.get("c", 10**15) == b"3"


def test_room_is_made_for_large_values() -> None:
    cache = cache_of(100, 60, 100)
    for key in "abcd":
        cache.put(key, bytes(25), None, 0)
    cache.put("e", bytes(60), None, 0)
    assert len(cache) == 2
    cache.put("e", bytes(61), None, 0)
    assert cache.get("e", 0) is None
    cache.put("f", bytes(60), None, 0)
    assert cache.get("d", 0) is not None


def test_replacing_does_not_fill_the_heap() -> None:
    cache = cache_of(3, 10, 100)
    for i in range(1000):
        cache.put("k", b"v", i + 1, 0)
    assert len(cache._expirations) < 50
    assert cache.get("k", 999) == b"v"


def test_no_room_at_all() -> None:
    cache = cache_of(0, 0, 0)
    cache.limits = Limits(5, 0, 7).normalized()
    cache.put("a", b"", None, 0)
    assert len(cache) == 0


def test_the_next_in_line_makes_what_the_first_could_not() -> None:
    async def scenario() -> None:
        number = memory_cache.attach(None, Limits(5, 5, 5))
        first = memory_cache.claim(CTX, number, "k", 0)
        assert isinstance(first, int)
        second = cast(asyncio.Future[Any], memory_cache.claim(CTX, number, "k", 0))
        gone = cast(asyncio.Future[Any], memory_cache.claim(CTX, number, "k", 0))
        third = cast(asyncio.Future[Any], memory_cache.claim(CTX, number, "k", 0))
        gone.cancel()
        memory_cache.settle(CTX, first, None, None, 0)
        ticket = await second
        assert isinstance(ticket, int)
        memory_cache.settle(CTX, ticket, b"v", None, 0)
        assert await third == b"v"
        assert memory_cache.claim(CTX, number, "k", 0) == b"v"

    asyncio.run(scenario())


def test_the_same_id_is_the_same_cache() -> None:
    small = memory_cache.attach("shared", Limits(1, 1, 1))
    assert memory_cache.attach("shared", Limits(9, 9, 9)) == small
    assert memory_cache.attach(None, Limits(1, 1, 1)) != small
    memory_cache._by_number[small].cache.put("k", b"123", None, 0)
    assert memory_cache.get(CTX, small, "k", 0) == b"123"
