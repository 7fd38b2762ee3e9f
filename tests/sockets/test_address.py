"""Listen addresses."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path

import pytest

from workerd.sockets.address import AddressError, ListenAddress, bind, inherit, parse_listen_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("*", ListenAddress("*", 80)),
        ("*:8080", ListenAddress("*", 8080)),
        ("*:0", ListenAddress("*", 0)),
        ("127.0.0.1", ListenAddress("127.0.0.1", 80)),
        ("127.0.0.1:81", ListenAddress("127.0.0.1", 81)),
        ("[::1]:82", ListenAddress("::1", 82)),
        ("[::1]", ListenAddress("::1", 80)),
        ("::1", ListenAddress("::1", 80)),
        ("localhost:83", ListenAddress("localhost", 83)),
        ("unix:/run/x.sock", ListenAddress(unix="/run/x.sock")),
        ("unix-abstract:name", ListenAddress(unix="\0name")),
    ],
)
def test_forms(text: str, address: ListenAddress) -> None:
    assert parse_listen_address(text, 80) == address


@pytest.mark.parametrize("text", ["", ":80", "a:b", "a:99999", "[::1", "a:80:90]", "[]:80", "a:-1"])
def test_not_addresses(text: str) -> None:
    with pytest.raises(AddressError):
        parse_listen_address(text, 80)


def bound(text: str) -> list[socket.socket]:
    return asyncio.run(bind(parse_listen_address(text, 0)))


def test_all_interfaces_means_both_families() -> None:
    (sock,) = bound("*:0")
    with sock:
        assert sock.family == socket.AF_INET6
        assert not sock.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR)


def test_every_address_of_a_name_gets_the_same_port(monkeypatch: pytest.MonkeyPatch) -> None:
    def found(*_: object, **__: object) -> list[tuple[object, ...]]:
        v4 = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))
        return [v4, (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", 0, 0, 0)), v4]

    monkeypatch.setattr(socket, "getaddrinfo", found)
    sockets = bound("two.test:0")
    assert [s.family for s in sockets] == [socket.AF_INET, socket.AF_INET6]
    assert len({s.getsockname()[1] for s in sockets}) == 1
    for sock in sockets:
        sock.close()


def test_a_name_that_is_none() -> None:
    with pytest.raises(AddressError, match=r'"nothing\.invalid" cannot be resolved'):
        bound("nothing.invalid:0")


def test_a_port_in_use_leaves_nothing_open() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        before = len(os.listdir("/proc/self/fd"))
        with pytest.raises(OSError, match="in use"):
            bound(f"127.0.0.1:{taken.getsockname()[1]}")
        assert len(os.listdir("/proc/self/fd")) == before


def test_a_stale_unix_socket_is_replaced_and_a_living_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as first:
        first.bind(str(path))
        first.listen()
        with pytest.raises(OSError, match="in use"):
            bound(f"unix:{path}")
    (sock,) = bound(f"unix:{path}")
    sock.close()
    path.unlink()
    path.write_text("not a socket")
    with pytest.raises(OSError, match="in use"):
        bound(f"unix:{path}")
    assert path.read_text() == "not a socket"


def test_inherited_descriptors_must_listen(tmp_path: Path) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        with pytest.raises(AddressError, match="is not a listening socket"):
            inherit(sock.fileno())
        sock.listen()
        again = inherit(os.dup(sock.fileno()))
        assert again.getsockname() == sock.getsockname()
        again.close()
    with open(tmp_path / "f", "w") as file, pytest.raises(AddressError, match="is not a socket"):
        inherit(file.fileno())
    with pytest.raises(AddressError, match="is not a socket"):
        inherit(9999)
