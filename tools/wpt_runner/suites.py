"""The suites: which folders of the Web Platform Tests are run, and with which compatibility date and flags."""

from __future__ import annotations

from dataclasses import dataclass

#: The newest behaviour of everything, as the reference's own runs of these tests have it.
NEWEST = "2999-12-31"
FLAGS = (
    "immutable_api_prototypes",
    "spec_compliant_property_attributes",
    "pedantic_wpt",
    "experimental",
    "nodejs_compat",
    "unsupported_process_actual_platform",
)


@dataclass(frozen=True)
class Suite:
    """`folder` is relative to the tests' root. `server`: its tests ask the tests' own HTTP server. `tentative`: those of its tests that are
    named so count, because what they test is in the standard by now. `plain_listeners`: addEventListener's `true` for capture, which
    Workers refuse and which means nothing without a tree, is left out."""

    name: str
    folder: str
    date: str = NEWEST
    flags: tuple[str, ...] = ()
    server: bool = False
    tentative: bool = False
    plain_listeners: bool = False


SUITES = (
    Suite("url", "url"),
    Suite("urlpattern", "urlpattern"),
    Suite("urlpattern-legacy", "urlpattern", date="2025-04-09"),
    Suite("encoding", "encoding"),
    Suite("streams", "streams"),
    Suite("fetch/api", "fetch/api", server=True),
    Suite("WebCryptoAPI", "WebCryptoAPI"),
    Suite("compression", "compression", tentative=True),
    Suite("FileAPI", "FileAPI"),
    Suite("hr-time", "hr-time"),
    Suite("dom/abort", "dom/abort"),
    Suite("dom/events", "dom/events"),
    Suite("html/webappapis/timers", "html/webappapis/timers"),
    Suite("html/webappapis/structured-clone", "html/webappapis/structured-clone"),
    Suite("html/webappapis/microtask-queuing", "html/webappapis/microtask-queuing"),
    Suite("html/webappapis/atob", "html/webappapis/atob"),
    Suite("html/webappapis/scripting", "html/webappapis/scripting"),
    Suite("websockets", "websockets", server=True, plain_listeners=True),
    Suite("eventsource", "eventsource", server=True),
    Suite("performance-timeline", "performance-timeline"),
    Suite("user-timing", "user-timing"),
    Suite("webidl", "webidl"),
    Suite("console", "console"),
    Suite("wasm/jsapi", "wasm/jsapi"),
    Suite("webmessaging", "webmessaging", plain_listeners=True),
    Suite("xhr/formdata", "xhr/formdata"),
    Suite("mimesniff", "mimesniff"),
    Suite("fs", "fs", flags=("enable_web_file_system",)),
)
