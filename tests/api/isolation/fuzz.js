// Short runs of the API fuzzer; the long ones are tests/fuzz/api_fuzz.py.
import assert from 'node:assert';

const SEEDS = [1, 2, 3];

export const oddArguments = {
  async test(_, env) {
    let done = 0;
    for (const seed of SEEDS) {
      try {
        const result = await (await env.fuzzed.fetch(`http://fuzzed/${seed}/1000`)).json();
        assert(result.functions > 1500, `only ${result.functions} functions`);
        // Most throw, but not all.
        assert(result.thrown > 100 && result.thrown < 950, `${result.thrown} threw`);
        done++;
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        // A request may fail of what it calls, but not the process, nor another worker.
        console.log(`seed ${seed}: ${error}`);
      }
      assert.strictEqual(await (await env.backend.fetch('http://backend/')).text(), 'hello');
    }
    assert(done > 0);
  },
};
