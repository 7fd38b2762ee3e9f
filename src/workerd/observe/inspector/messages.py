"""What is changed in protocol messages on their way.

The reference answers the Network domain itself, and its workers' `console` is native code; ours is JavaScript, whose frames would
stand in every console message in front of the user's.
"""

from __future__ import annotations

import json
from typing import Any

from workerd.observe.inspector.stepping import PLATFORM

_BLACKBOX = [f"^{name}" for name in PLATFORM]
_WITH_STACKS = tuple(
    f'{{"method":"{event}"' for event in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Debugger.paused")
)
#: The id of commands that we send ourselves.
OWN_ID = -1
_OWN_ANSWER = f'{{"id":{OWN_ID},'


def answer(message: str) -> str | None:
    """Our own answer to a command of a client; None: V8's inspector is to answer."""
    if '"Network.' not in message:
        return None
    try:
        command = json.loads(message)
    except ValueError:
        return None
    if not isinstance(command, dict) or not isinstance(command.get("id"), int):
        return None
    number, method = command["id"], command.get("method")
    if method in ("Network.enable", "Network.disable"):
        return _dump({"id": number, "method": method, "result": {}})
    if method == "Network.getResponseBody":
        error = {"code": -32600, "message": "Network.getResponseBody is not supported"}
        return _dump({"id": number, "method": method, "error": error})
    return None


def for_worker(message: str) -> list[str]:
    """What V8's inspector gets for a command of a client: debuggers step over the platform's code, not into it."""
    if '"Debugger.enable"' in message:
        return [
            message,
            _dump({"id": OWN_ID, "method": "Debugger.setBlackboxPatterns", "params": {"patterns": _BLACKBOX}}),
        ]
    if '"Debugger.setBlackboxPatterns"' in message:
        try:
            command = json.loads(message)
            command["params"]["patterns"] += _BLACKBOX
        except (ValueError, TypeError, KeyError):
            return [message]  # V8 says what is wrong with it
        return [_dump(command)]
    return [message]


def for_client(message: str) -> str | None:
    """A message of V8's inspector as clients get it: stacks without the platform's frames. None: they do not get it."""
    if message.startswith(_OWN_ANSWER):
        return None
    if not message.startswith(_WITH_STACKS):
        return message
    if not any(f'"url":"{name}' in message for name in PLATFORM):
        return message
    event = json.loads(message)
    params = event["params"]
    _strip(params.get("stackTrace"))
    _strip(params.get("asyncStackTrace"))
    _strip(params.get("exceptionDetails", {}).get("stackTrace"))
    return _dump(event)


def _strip(stack: dict[str, Any] | None) -> None:
    while stack is not None:
        stack["callFrames"] = [frame for frame in stack["callFrames"] if not frame["url"].startswith(PLATFORM)]
        stack = stack.get("parent")


def _dump(message: dict[str, Any]) -> str:
    return json.dumps(message, separators=(",", ":"))
