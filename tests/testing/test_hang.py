"""Tests and requests that never end by themselves."""

from __future__ import annotations

from pathlib import Path

from tests.testing.running import run_tests

from workerd.runtime.hang import HUNG

HANGING = """
import assert from 'node:assert';
export default {
  async fetch(request) {
    switch (new URL(request.url).pathname) {
      case '/hang': return await new Promise(() => {});
      case '/wait': return new Response(await new Promise((resolve) => { globalThis.answer = resolve; }));
      case '/answer': globalThis.answer('from another request'); return new Response('done');
    }
  },
};
export const never = { async test() { await new Promise(() => {}); } };
export const waitUntil = { test(controller, env, ctx) { ctx.waitUntil(new Promise(() => {})); } };
export const stream = { async test() { await new IdentityTransformStream().readable.getReader().read(); } };
export const request = {
  async test(controller, { SELF }) {
    await assert.rejects(SELF.fetch('http://x/hang'), { message: /code had hung and would never generate a response/ });
  },
};
export const fromAnother = {
  async test(controller, { SELF }) {
    const first = SELF.fetch('http://x/wait');
    await scheduler.wait(250);
    await SELF.fetch('http://x/answer');
    assert.strictEqual(await (await first).text(), 'from another request');
  },
};
export const slow = { async test() { await scheduler.wait(400); } };
export const afterwards = { test() {} };
"""


def test_hangs_are_found_soon_and_nothing_else_is(tmp_path: Path) -> None:
    run = run_tests(tmp_path, HANGING, "--no-verbose", "--timeout", "20")
    assert run.results == {
        "main:afterwards": "PASS",
        "main:fromAnother": "PASS",
        "main:never": "FAIL",
        "main:request": "PASS",
        "main:slow": "PASS",
        "main:stream": "FAIL",
        "main:waitUntil": "FAIL",
    }
    assert f"main:never\n  {HUNG}\n" in run.stderr
    assert "did not finish within" not in run.stderr


def test_a_hang_that_something_still_refers_to(tmp_path: Path) -> None:
    run = run_tests(tmp_path, "let r; export default { async test() { await new Promise((x) => { r = x; }); } }")
    assert run.results == {"main": "FAIL"}
    assert HUNG in run.stderr


def test_time_limit(tmp_path: Path) -> None:
    code = "export default { async test() { await scheduler.wait(60_000); } }"
    run = run_tests(tmp_path, code, "--timeout", "0.3")
    assert run.results == {"main": "FAIL"}
    assert "main\n  The test did not finish within 0.3 s (--timeout).\n" in run.stderr


def test_loops(tmp_path: Path) -> None:
    code = """
export const loop = { test() { for (;;); } };
export const loopLater = { async test() { await scheduler.wait(1); for (;;); } };
export const next = { test() {} };
"""
    run = run_tests(tmp_path, code, "--no-verbose", environment={"WORKERD_CPU_LIMIT_MS": "300"})
    assert run.results == {"main:loop": "FAIL", "main:loopLater": "FAIL", "main:next": "PASS"}
    for name in ("loop", "loopLater"):
        assert f'main:{name}\n  The Worker "main" ran for over 0.3 s without a pause, and was stopped.\n' in run.stderr


def test_memory(tmp_path: Path) -> None:
    code = """
export const memory = { async test() { const all = []; for (;;) all.push(new Array(1e6).fill(all.length)); } };
export const next = { test() {} };
"""
    run = run_tests(tmp_path, code, "--no-verbose", environment={"WORKERD_HEAP_LIMIT_MB": "100"})
    assert run.results["main:memory"] == "FAIL"
    assert 'main:memory\n  The Worker "main" used more than 100 MiB of memory' in run.stderr
    assert run.results["main:next"] == "PASS"


def test_exit(tmp_path: Path) -> None:
    code = """
import assert from 'node:assert';
let went = 0;
export default {
  async fetch(request) {
    if (request.url.endsWith('slow')) { await scheduler.wait(30); return new Response('ok'); }
    try { process.exit(3); } catch { went++; } finally { went++; }
  },
};
export const request = {
  async test(controller, { SELF }) {
    const other = SELF.fetch('http://x/slow');
    await assert.rejects(SELF.fetch('http://x/'), { message: /process.exit\\(3\\)/ });
    assert.strictEqual(went, 0);
    assert.strictEqual(await (await other).text(), 'ok');
  },
};
export const now = { test() { process.exit(4); } };
export const later = { async test() { await scheduler.wait(1); process.exit(5); } };
"""
    run = run_tests(tmp_path, code, "--no-verbose")
    assert run.results == {"main:later": "FAIL", "main:now": "FAIL", "main:request": "PASS"}
    for name, status in (("now", 4), ("later", 5)):
        assert (
            f"main:{name}\n  Error: The Node.js process.exit({status}) API was called. Canceling the request."
            in run.stderr
        )
