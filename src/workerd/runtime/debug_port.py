"""`--debug-port`: tools such as wrangler wait for it to listen. What they would say there (Cap'n Proto RPC) this release does not speak:
each connection is refused, and the log says so."""

from __future__ import annotations

import asyncio

from workerd.observe.logs import Logs
from workerd.sockets.address import bind, parse_listen_address


class DebugPort:
    def __init__(self, address: str, logs: Logs) -> None:
        self._address = address
        self._logs = logs
        self._servers: list[asyncio.Server] = []
        self.port = 0

    async def start(self) -> None:
        """Raises AddressError or OSError."""
        for sock in await bind(parse_listen_address(self._address, 0)):
            self.port = sock.getsockname()[1]
            self._servers.append(await asyncio.start_server(self._refuse, sock=sock))
        self._logs.message(
            "info", "--debug-port: connections will be refused: its protocol is not supported by this release"
        )

    async def _refuse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._logs.message(
            "error", "--debug-port: a connection was refused: its protocol is not supported by this release"
        )
        writer.close()

    def close(self) -> None:
        for server in self._servers:
            server.close()
