"""--predictable, --fake-timers, --gc-stress and autogates."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.testing.running import run_config, run_tests, write_config

from workerd.testing.clock import FakeClock

RANDOM = """
import assert from 'node:assert';
const first = Math.random();
export default {
  async test() {
    const bytes = [...crypto.getRandomValues(new Uint8Array(20))];
    console.log(first, Math.random(), crypto.randomUUID(), bytes.join());
    assert.notDeepStrictEqual([...crypto.getRandomValues(new Uint8Array(20))], bytes);
    assert.strictEqual(typeof gc, 'function');
  },
};
"""


def test_predictable(tmp_path: Path) -> None:
    runs = [run_tests(tmp_path, RANDOM, "--predictable") for _ in range(2)]
    assert [run.status for run in runs] == [0, 0], runs[0].stderr
    assert runs[0].stdout == runs[1].stdout
    assert run_tests(tmp_path, RANDOM).status == 1  # there is no gc() then


CLOCK = """
import assert from 'node:assert';
export const automatic = {
  async test() {
    const before = Date.now();
    await scheduler.wait(3_600_000);
    assert.strictEqual(Date.now() - before, 3_600_000);
    assert.strictEqual(performance.now(), Date.now());
    assert.ok(new Date() instanceof Date);
  },
};
export const interval = {
  async test() {
    let count = 0;
    await new Promise((resolve) => { const id = setInterval(() => { if (++count === 500) { clearInterval(id); resolve(); } }, 60_000); });
  },
};
export const manual = {
  async test({ clock }) {
    clock.automatic = false;
    const log = [];
    setTimeout(() => log.push(['b', clock.now]), 200);
    setTimeout(async () => { log.push(['a', clock.now]); await null; setTimeout(() => log.push(['c', clock.now]), 50); }, 100);
    const start = clock.now;
    await clock.advance(99);
    assert.deepStrictEqual(log, []);
    await clock.advance(61);
    assert.deepStrictEqual(log, [['a', start + 100], ['c', start + 150]]);
    assert.strictEqual(clock.now, start + 160);
    assert.strictEqual(await clock.next(), true);
    assert.deepStrictEqual(log.at(-1), ['b', start + 200]);
    assert.strictEqual(await clock.next(), false);
  },
};
export const set = {
  async test({ clock }) {
    clock.automatic = false;
    let fired = false;
    setTimeout(() => { fired = true; }, 1000);
    clock.set(new Date('2030-01-02T03:04:05Z'));
    assert.strictEqual(new Date().toISOString(), '2030-01-02T03:04:05.000Z');
    await clock.advance(999);
    assert.strictEqual(fired, false);
    await clock.advance(1);
    assert.strictEqual(fired, true);
    assert.throws(() => clock.set('never'), RangeError);
    assert.strictEqual(await clock.runAll(), 0);
  },
};
export const endless = {
  async test({ clock }) {
    clock.automatic = false;
    setInterval(() => {}, 1);
    await assert.rejects(clock.runAll(), /interval/);
  },
};
export const timeout = {
  async test(controller, { SELF }) {
    const signal = AbortSignal.timeout(86_400_000);
    const aborted = new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    await assert.rejects(aborted, { name: 'TimeoutError' });
    assert.strictEqual(await (await SELF.fetch('http://x')).text(), 'slept');
  },
};
export default { async fetch() { await scheduler.wait(10_000_000); return new Response('slept'); } };
"""


def test_fake_timers(tmp_path: Path) -> None:
    run = run_tests(tmp_path, CLOCK, "--fake-timers", "--timeout", "20")
    assert run.status == 0, run.stderr
    assert len(run.results) == 6


def test_time_is_predictable_too(tmp_path: Path) -> None:
    code = "export default { async test() { await scheduler.wait(1000); console.log(new Date().toISOString()); } }"
    run = run_tests(tmp_path, code, "--fake-timers", "--predictable")
    assert run.stdout == "2025-01-01T00:00:01.000Z\n"


def test_no_clock_without_the_option(tmp_path: Path) -> None:
    assert run_tests(tmp_path, "export default { test(c) { if ('clock' in c) throw 1; } }").status == 0


def test_timers_fire_in_order() -> None:
    clock = FakeClock(1000.0)
    fired: list[tuple[str, float]] = []
    clock.call_later(0.2, lambda: fired.append(("late", clock.now)))
    clock.call_later(0.1, lambda: fired.append(("early", clock.now)))
    clock.call_later(0.1, lambda: fired.append(("early too", clock.now)))
    clock.call_later(0.15, lambda: fired.append(("never", clock.now))).cancel()
    clock.run(150)
    assert fired == [("early", 1100.0), ("early too", 1100.0)]
    assert (clock.now, clock.due) == (1150.0, 1200.0)
    clock.set(0.0)
    assert clock.due == 50.0
    assert clock.fire_next() and not clock.fire_next()
    assert fired[-1] == ("late", 50.0)


def test_gc_stress(tmp_path: Path) -> None:
    # Each turn collects all garbage: what only a weak reference holds is gone in the next one.
    code = """
let weak;
export default {
  async test() {
    (() => { weak = new WeakRef({ big: new Array(1000) }); })();
    for (let i = 0; i < 3; i++) await scheduler.wait(1);
    console.log(weak.deref() === undefined);
  },
};
"""
    assert run_tests(tmp_path, code).stdout == "false\n"
    assert run_tests(tmp_path, code, "--gc-stress").stdout == "true\n"


@pytest.mark.parametrize("how", ["config", "option", "variable", "none"])
def test_autogates(tmp_path: Path, how: str) -> None:
    code = "import unsafe from 'workerd:unsafe'; export default { test() { console.log(unsafe.isTestAutogateEnabled()); } }"
    config = write_config(tmp_path, code)
    text = config.read_text().replace('["nodejs_compat"]', '["nodejs_compat", "unsafe_module"]')
    if how == "config":
        text = text.replace("(services", '(autogates = ["workerd-autogate-test-workerd"], services')
    config.write_text(text)
    environment = {"WORKERD_ALL_AUTOGATES": "1"} if how == "variable" else {}
    options = ["--all-autogates"] if how == "option" else []
    run = run_config(config, "--experimental", *options, environment=environment)
    assert run.stdout == f"{str(how != 'none').lower()}\n", run.stderr
