"""Steps that do not lead into the platform's code.

V8 can step over scripts by name ("blackboxing"), but not over those that came with the startup snapshot: they belong to no context. So a
step that ends in one is taken on from there, before the client hears of it.
"""

from __future__ import annotations

import json

#: Script names of the platform layer.
PLATFORM = ("workerd:", "node:internal")
#: Steps taken in search of the user's code; after that the platform's is shown, rather than to search forever.
_MOST = 500
_COMMANDS = ("Debugger.stepInto", "Debugger.stepOver", "Debugger.stepOut", "Debugger.pause")


class Stepping:
    """One client's. Commands of ours have the id `own_id`, whose answers the client must not see."""

    def __init__(self, own_id: int) -> None:
        self._own_id = own_id
        self._platform: set[str] = set()
        #: Whether it was this client that had the worker step or pause.
        self._ours = False
        self._steps = 0
        self._hide_resumed = False

    def command(self, message: str) -> None:
        """A command of the client passes."""
        if '"Debugger.' in message:
            if any(f'"{name}"' in message for name in _COMMANDS):
                self._ours = True
                self._steps = 0
            elif '"Debugger.resume"' in message:
                self._ours = False

    def event(self, message: str) -> tuple[str | None, str | None]:
        """An event passes: (what of it the client gets, a command to send)."""
        if message.startswith('{"method":"Debugger.scriptParsed"'):
            if any(f'"url":"{name}' in message for name in PLATFORM):
                params = json.loads(message)["params"]
                if params["url"].startswith(PLATFORM):
                    self._platform.add(params["scriptId"])
        elif message.startswith('{"method":"Debugger.resumed"'):
            if self._hide_resumed:
                self._hide_resumed = False
                return None, None
        elif message.startswith('{"method":"Debugger.paused"') and self._ours:
            step = self._next(json.loads(message)["params"])
            if step is not None:
                self._steps += 1
                self._hide_resumed = True
                return None, json.dumps({"id": self._own_id, "method": step})
            self._ours = False
        return message, None

    def _next(self, paused: dict[str, object]) -> str | None:
        """How to go on from a place in the platform's code."""
        frames = paused["callFrames"]
        assert isinstance(frames, list)
        inside = [frame["location"]["scriptId"] in self._platform for frame in frames]
        if (
            self._steps >= _MOST
            or paused.get("hitBreakpoints")
            or paused["reason"] not in ("other", "step")
            or not inside
            or not inside[0]
        ):
            return None
        # Called by the user's code: back there. Not yet in the user's code: into it.
        return "Debugger.stepInto" if all(inside) else "Debugger.stepOut"
