"""What happens around a request: service-worker syntax, entrypoints, waitUntil, pass-through, service bindings."""

from __future__ import annotations

import asyncio

from tests.runtime.running import Answer, Failure, World, script, with_workers, worker

from workerd.config.model import ServiceDesignator


async def text(world: World, *args: str, **kwargs: object) -> str:
    answer = await world.ask(*args, **kwargs)  # type: ignore[arg-type]
    assert isinstance(answer, Answer), answer
    return answer.text


def test_service_worker_syntax() -> None:
    async def ask(world: World) -> None:
        assert await text(world) == "GET http://test.example/"

    source = "addEventListener('fetch', (e) => e.respondWith(new Response(e.request.method + ' ' + e.request.url)))"
    with_workers({"main": script(source)}, ask)


def test_listeners_of_a_module_without_a_default_export() -> None:
    async def ask(world: World) -> None:
        assert await text(world) == "listened"

    source = "addEventListener('fetch', (e) => e.respondWith(new Response('listened'))); export const other = () => {}"
    with_workers({"main": worker(source)}, ask)


def test_scripts_are_called_like_their_service_in_stacks() -> None:
    async def ask(world: World) -> None:
        assert (await text(world)).endswith("at answer (main:1:49)")

    source = (
        "function answer(e) { e.respondWith(new Response(new Error('x').stack)) } addEventListener('fetch', answer)"
    )
    with_workers({"main": script(source)}, ask)


def test_stacks_of_what_recursed_too_deep_name_its_lines() -> None:
    async def ask(world: World) -> None:
        lines = (await text(world)).split("\n")
        assert lines[0] == "RangeError: Maximum call stack size exceeded"
        assert lines[2].strip() == "at deeper (main.js:3:10)"

    source = """// The function's first line is not the module's.
function deeper(n) {
  return deeper(n + 1) + 1;
}
export default {
  fetch() {
    try {
      deeper(0);
    } catch (error) {
      return new Response(error.stack);
    }
  }
}"""
    with_workers({"main": worker(source)}, ask)


def test_respond_with_a_promise_and_wait_until() -> None:
    async def ask(world: World) -> None:
        assert await text(world) == "later"
        await asyncio.sleep(0.05)
        assert "after the answer" in world.log

    source = """addEventListener('fetch', (event) => {
      event.respondWith(new Promise((resolve) => setTimeout(() => resolve(new Response('later')), 5)));
      event.waitUntil(scheduler.wait(20).then(() => console.log('after the answer')));
    })"""
    with_workers({"main": script(source)}, ask)


def test_respond_with_something_else() -> None:
    async def ask(world: World) -> None:
        assert await text(world) == "parameter 1 is not of type 'Promise'."

    source = """addEventListener('fetch', (event) => {
      try {
        event.respondWith(5);
      } catch (error) {
        event.respondWith(new Response(error.message.split(': ')[1]));
      }
    })"""
    with_workers({"main": script(source)}, ask)


def test_wait_until_of_modules_and_timers_that_die() -> None:
    async def ask(world: World) -> None:
        assert await text(world) == "now"
        await asyncio.sleep(0.08)
        assert "waited" in world.log
        assert "orphan" not in world.log

    source = """export default { fetch(request, env, ctx) {
      ctx.waitUntil(scheduler.wait(10).then(() => console.log('waited')));
      setTimeout(() => console.log('orphan'), 50);
      return new Response('now');
    } }"""
    with_workers({"main": worker(source)}, ask)


def test_rejected_wait_until_is_logged() -> None:
    async def ask(world: World) -> None:
        assert await text(world) == "fine"
        await asyncio.sleep(0.02)
        assert "Error: background" in world.log

    source = "export default { fetch(r, e, ctx) { ctx.waitUntil(Promise.reject(new Error('background'))); return new Response('fine') } }"
    with_workers({"main": worker(source)}, ask)


def test_env_and_ctx() -> None:
    async def ask(world: World) -> None:
        assert await text(world) == "hello,function,function"

    source = (
        "export default { fetch(r, env, ctx) { "
        "return new Response([env.TEXT, typeof ctx.waitUntil, typeof ctx.passThroughOnException].join()) } }"
    )
    with_workers({"main": worker(source, bindings={"TEXT": "hello"})}, ask)


def test_entrypoint_classes_and_props() -> None:
    async def ask(world: World) -> None:
        assert await text(world) == "named:main"
        assert await text(world, "target", entrypoint="Named") == "named:undefined"

    target = """import { WorkerEntrypoint } from 'cloudflare:workers';
    export class Named extends WorkerEntrypoint { fetch() { return new Response('named:' + this.ctx.props.from) } }
    export default { fetch() { return new Response('default') } }"""
    main = "export default { fetch(request, env) { return env.TARGET.fetch(request) } }"
    bound = ServiceDesignator("target", "Named", '{"from": "main"}')
    with_workers({"main": worker(main, bindings={"TARGET": bound}), "target": worker(target)}, ask)


def test_errors_pass_through_service_bindings() -> None:
    async def ask(world: World) -> None:
        assert await text(world) == "caught RangeError: far"
        # Logged once, where it was thrown.
        assert world.log.count("RangeError: far") == 1

    main = "export default { async fetch(r, env) { try { return await env.B.fetch(r) } catch (e) { return new Response(`caught ${e}`) } } }"
    b = "export default { fetch() { throw new RangeError('far') } }"
    with_workers({"main": worker(main, bindings={"B": ServiceDesignator("b")}), "b": worker(b)}, ask)


def test_bodies_stream_through_a_chain() -> None:
    async def ask(world: World) -> None:
        answer = await world.ask(method="POST", body=b"x" * 1_000_000)
        assert isinstance(answer, Answer)
        assert answer.body == b"x" * 1_000_000

    hop = "export default { fetch(request, env) { return env.NEXT.fetch(request) } }"
    end = "export default { fetch(request) { return new Response(request.body) } }"
    workers = {
        "main": worker(hop, bindings={"NEXT": ServiceDesignator("b")}),
        "b": worker(hop, bindings={"NEXT": ServiceDesignator("c")}),
        "c": worker(end),
    }
    with_workers(workers, ask)


def test_workers_that_call_each_other_in_circles() -> None:
    async def ask(world: World) -> None:
        assert await text(world, path="/?depth=200") == "200"

    source = """export default { fetch(request, env) {
      const url = new URL(request.url), depth = Number(url.searchParams.get('depth')), now = Number(url.searchParams.get('now') ?? 0);
      if (now === depth) return new Response(String(now));
      url.searchParams.set('now', now + 1);
      return env.OTHER.fetch(url);
    } }"""
    a = worker(source, bindings={"OTHER": ServiceDesignator("b")})
    b = worker(source, bindings={"OTHER": ServiceDesignator("main")})
    with_workers({"main": a, "b": b}, ask)


def test_pass_through_on_exception_without_a_next_service() -> None:
    async def ask(world: World) -> None:
        # The next service is the internet, which may not be reached from here: an error either way, and the first one is logged.
        assert isinstance(await world.ask(), Failure)
        assert "Error: first" in world.log

    source = "export default { fetch(r, e, ctx) { ctx.passThroughOnException(); throw new Error('first') } }"
    with_workers({"main": worker(source)}, ask)


def test_unhandled_rejections_are_logged() -> None:
    async def ask(world: World) -> None:
        assert await text(world) == "ok"
        assert "Error: nobody" in world.log

    source = "export default { fetch() { Promise.reject(new Error('nobody')); return new Response('ok') } }"
    with_workers({"main": worker(source)}, ask)


def test_platform_is_out_of_reach() -> None:
    async def ask(world: World) -> None:
        assert await text(world) == "undefined,undefined,undefined"

    source = (
        "export default { fetch() { return new Response([typeof __bootstrap, typeof native, typeof process].join()) } }"
    )
    with_workers({"main": worker(source)}, ask)


def test_a_body_belongs_to_its_request() -> None:
    async def ask(world: World) -> None:
        big = b"x" * 200_000
        streamed = world.graph.native.Pipe(1 << 20)
        streamed.write(big)
        assert await text(world, path="/keep", method="POST", body=streamed) == "kept"
        assert "Cannot perform I/O on behalf of a different request" in await text(world, path="/read")

    source = """let kept;
    export default { async fetch(request, env, ctx) {
      if (request.url.endsWith('/keep')) { kept = request; ctx.waitUntil(scheduler.wait(200)); return new Response('kept'); }
      try { return new Response(await kept.text()); } catch (error) { return new Response(error.message); }
    } }"""
    with_workers({"main": worker(source)}, ask)
