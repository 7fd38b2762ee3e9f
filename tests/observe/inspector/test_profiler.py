"""CPU profiles and heap snapshots."""

from __future__ import annotations

import json
import time
from collections import Counter

from tests.observe.inspector.workers import Server


def test_a_cpu_profile_shows_the_users_functions(server: Server) -> None:
    with server.debugger() as debugger:
        debugger.call("Profiler.enable")
        debugger.call("Profiler.setSamplingInterval", interval=500)
        debugger.call("Profiler.start")
        server.fetch("/burn")
        hits: Counter[tuple[str, str]] = Counter()
        for node in debugger.call("Profiler.stop")["profile"]["nodes"]:
            hits[node["callFrame"]["functionName"], node["callFrame"]["url"]] += node["hitCount"]
        # Either: the optimising compiler may have put the one into the other.
        assert hits.most_common(1)[0][0] in {("burn", "main.js"), ("/burn", "main.js")}


def test_profiles_of_two_workers_at_once(server: Server) -> None:
    with server.debugger() as main, server.debugger("other:side") as other:
        for each in (main, other):
            each.call("Profiler.enable")
            each.call("Profiler.start")
        server.fetch("/burn")
        names = [
            {n["callFrame"]["functionName"] for n in each.call("Profiler.stop")["profile"]["nodes"]}
            for each in (main, other)
        ]
        assert "/burn" in names[0] and "/burn" not in names[1]


def test_a_heap_snapshot(server: Server) -> None:
    with server.debugger() as debugger:
        debugger.evaluate("globalThis.Findable = class Findable {}; globalThis.kept = new Findable(); 0")
        debugger.call("HeapProfiler.enable")
        debugger.call("HeapProfiler.takeHeapSnapshot", reportProgress=False)
        chunks = [e["params"]["chunk"] for e in debugger.events if e["method"] == "HeapProfiler.addHeapSnapshotChunk"]
        snapshot = json.loads("".join(chunks))
        assert snapshot["snapshot"]["node_count"] > 1000 and "Findable" in snapshot["strings"]


def test_allocation_tracking_reports_by_itself(server: Server) -> None:
    with server.debugger() as debugger:
        debugger.call("HeapProfiler.startTrackingHeapObjects")
        debugger.wait("HeapProfiler.heapStatsUpdate")
        debugger.evaluate("globalThis.more = new Array(1000).fill().map(() => ({})); 0")
        debugger.wait("HeapProfiler.lastSeenObjectId")
        debugger.call("HeapProfiler.stopTrackingHeapObjects")
        debugger.events.clear()
        time.sleep(0.2)
        debugger.evaluate("0")
        assert not [e for e in debugger.events if e["method"] == "HeapProfiler.heapStatsUpdate"]
