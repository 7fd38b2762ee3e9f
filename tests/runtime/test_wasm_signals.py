"""WebAssembly that is told when its CPU time is nearly over (`__instance_signal`) or was ended (`__instance_terminated`)."""

from __future__ import annotations

import pytest
from tests.runtime.running import Answer, Failure, World, with_workers, worker

from workerd.runtime.limits import Limits

# (module (memory (export "memory") 1)
#   (global (export "__instance_signal") i32 (i32.const 8)) (global (export "__instance_terminated") i32 (i32.const 12))
#   (data (i32.const 8) "\\ff..")
#   (func (export "untilTold") (loop (br_if 0 (i32.eqz (i32.load (i32.const 8)))))) (func (export "forever") (loop (br 0))))
WASM = bytes.fromhex(
    "0061736d0100000001040160000003030200000503010001060b027f0041080b7f00410c0b074c05066d656d6f7279020011"
    "5f5f696e7374616e63655f7369676e616c0300155f5f696e7374616e63655f7465726d696e61746564030109756e74696c54"
    "6f6c64000007666f726576657200010a17020d0003404108280200450d000b0b070003400c000b0b0b0a010041080b04ffff"
    "ffff"
)
MAIN = """
import module from './loops.wasm';
const instance = HOW;
const { exports } = await instance;
const at = (offset) => new DataView(exports.memory.buffer).getUint32(offset, true);
export default { fetch(request) {
  const { pathname } = new URL(request.url);
  if (pathname === '/grow') exports.memory.grow(100);
  if (pathname === '/told') exports.untilTold();
  if (pathname === '/forever') exports.forever();
  return Response.json([at(8), at(12)]);
} };
"""


@pytest.mark.parametrize("how", ["new WebAssembly.Instance(module)", "WebAssembly.instantiate(module)"])
def test_signals(how: str) -> None:
    async def test(world: World) -> None:
        async def ask(path: str) -> str:
            answer = await world.ask(path=path)
            assert isinstance(answer, Answer), answer
            return answer.text

        assert await ask("/") == "[0,0]"
        # Told in time, it comes to its end; the next request starts anew.
        assert await ask("/told") == "[24,0]"
        assert await ask("/") == "[0,0]"
        # The memory may lie elsewhere after it has grown.
        assert await ask("/grow") == "[0,0]"
        assert await ask("/told") == "[24,0]"
        # One that does not listen is ended.
        assert isinstance(await world.ask(path="/forever"), Failure)
        assert await ask("/") == "[0,1]"

    modules: dict[str, str | bytes | tuple[str, str | bytes]] = {
        "main.js": MAIN.replace("HOW", how),
        "loops.wasm": ("wasm", WASM),
    }
    with_workers({"main": worker(modules)}, test, Limits(turn_ms=2000))
