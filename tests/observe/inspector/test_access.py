"""Who is let in."""

from __future__ import annotations

import pytest

from workerd.observe.inspector.access import host_is_allowed, origin_is_allowed


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1:9229",
        "localhost:1",
        "a.localhost",
        "LOCALHOST",
        "[::1]:9229",
        "192.168.1.5",
        "[fe80::1]",
    ],
)
def test_hosts_that_no_dns_server_decides(host: str) -> None:
    assert host_is_allowed(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "evil.example:9229",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "[::1",
        "notlocalhost",
    ],
)
def test_other_hosts(host: str) -> None:
    assert not host_is_allowed(host)


def test_the_name_that_was_listened_on() -> None:
    assert host_is_allowed("dev.box:9229", "Dev.Box")
    assert not host_is_allowed("dev.box:9229", "*")


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "devtools://devtools",
        "chrome-devtools://devtools",
        "http://localhost:8787",
        "https://127.0.0.1",
        "http://[::1]:1",
        "https://devtools.devprod.cloudflare.dev",
        "https://cloudflare-devtools.pages.dev",
        "https://abc123.cloudflare-devtools.pages.dev",
    ],
)
def test_origins_let_in(origin: str | None) -> None:
    assert origin_is_allowed(origin)


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "null",
        "https://evil.example",
        "http://cloudflare-devtools.pages.dev",
        "https://evilcloudflare-devtools.pages.dev",
        "https://localhost.evil.example",
        "file://",
        "http://192.168.1.5",
        "http://[",
    ],
)
def test_origins_kept_out(origin: str) -> None:
    assert not origin_is_allowed(origin)
