"""JavaScript that never ends, called by the platform in the middle of its own work: the turn's limit stops it, and the worker goes on."""

from __future__ import annotations

import re

import pytest
from tests.runtime.running import Answer, Failure, World, with_workers, worker

from workerd.runtime.limits import Limits

SOURCE = """
const forever = () => { for (;;); };
const endless = {
  header: () => new Headers({ get a() { forever(); } }),
  init: () => new Request('http://x', { get method() { forever(); } }),
  text: () => new URL({ toString: forever }),
  primitive: () => new TextDecoder({ [Symbol.toPrimitive]: forever }),
  clone: () => structuredClone({ get a() { forever(); } }),
  json: () => Response.json({ toJSON: forever }),
  inspect: () => console.log({ [Symbol.for('nodejs.util.inspect.custom')]: forever }),
  iterator: () => new Headers({ [Symbol.iterator]: forever }),
  trap: () => new Response('', new Proxy({}, { get: forever })),
  start: () => new ReadableStream({ start: forever }),
  pull: () => new ReadableStream({ pull: forever }).getReader().read(),
  size: () => new ReadableStream({ start(c) { c.enqueue(1); } }, { size: forever }),
  sink: () => new WritableStream({ write: forever }).getWriter().write(1),
  transform: () => new Response('x').body.pipeThrough(new TransformStream({ transform: forever })).getReader().read(),
  listener: () => { const t = new EventTarget(); t.addEventListener('x', forever); t.dispatchEvent(new Event('x')); },
  timer: () => new Promise(() => { setTimeout(forever, 1); }),
  microtask: () => new Promise(() => { queueMicrotask(forever); }),
  then: async () => { await { then: forever }; },
  rewriter: () => new HTMLRewriter().on('a', { element: forever }).transform(new Response('<a>')).text(),
  algorithm: () => crypto.subtle.digest({ get name() { forever(); } }, new Uint8Array(1)),
  prepare: () => {
    const { stack } = Object.assign(new Error('x'), { a: (Error.prepareStackTrace = forever) });
    return stack;
  },
  signal: () => new Promise(() => { AbortSignal.timeout(1).onabort = forever; }),
  body: () => new Response(new ReadableStream({ pull: forever })),
  microtasks: async () => { for (;;) await null; },
  regexp: () => /(a+)+$/.test('a'.repeat(60) + 'b'),
};
export default {
  async fetch(request) {
    const name = new URL(request.url).pathname.slice(1);
    if (Error.prepareStackTrace) Error.prepareStackTrace = undefined;
    if (name === 'alive') return new Response(await new Response('alive').text());
    const result = await endless[name]();
    return result instanceof Response ? result : new Response('done');
  },
};
"""
NAMES = re.findall(r"^  (\w+): ", SOURCE.partition("const endless = {")[2].partition("\n};")[0], re.MULTILINE)


@pytest.mark.parametrize("name", NAMES)
def test_is_stopped(name: str) -> None:
    async def ask(world: World) -> None:
        answer = await world.ask("main", f"/{name}")
        if isinstance(answer, Failure):
            assert "CPU time limit" in answer.message, answer.message
        else:
            # What is left out of the answer was stopped after the head was sent.
            assert name == "body", answer
        for service in ("main", "other"):
            alive = await world.ask(service, "/alive")
            assert isinstance(alive, Answer) and alive.text == "alive", f"{service}: {alive}"

    with_workers({"main": worker(SOURCE), "other": worker(SOURCE)}, ask, Limits(turn_ms=150))
