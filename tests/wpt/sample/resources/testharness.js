// A test harness of our own with the few calls the runner and the sample tests make; the real one is not part of this repository.
(() => {
  const [PASS, FAIL, TIMEOUT, NOTRUN] = [0, 1, 2, 3];
  const tests = [];
  const callbacks = [];
  let loaded = false;
  let over = false;
  let queue = Promise.resolve();

  function finish(status, message = null) {
    if (over) return;
    over = true;
    for (const callback of callbacks) callback(tests, { status, message });
  }

  function check() {
    if (loaded && tests.every((test) => test.settled)) finish(0);
  }

  function settle(test, status, message = null) {
    if (test.settled) return;
    Object.assign(test, { status, message, settled: true });
    check();
  }

  function add(name) {
    const test = { name, status: NOTRUN, message: null, settled: false, started: false };
    tests.push(test);
    return test;
  }

  globalThis.test = (body, name) => {
    const test = add(name);
    try {
      body();
      settle(test, PASS);
    } catch (error) {
      settle(test, FAIL, error.message);
    }
  };
  globalThis.promise_test = (body, name) => {
    const test = add(name);
    queue = queue.then(() => {
      test.started = true;
      return body();
    }).then(() => settle(test, PASS), (error) => settle(test, FAIL, error.message));
  };
  globalThis.assert_equals = (actual, expected) => {
    if (!Object.is(actual, expected)) throw new Error(`expected ${expected}, got ${actual}`);
  };
  globalThis.setup = () => {};
  globalThis.add_completion_callback = (callback) => callbacks.push(callback);
  globalThis.done = () => {
    loaded = true;
    check();
  };
  globalThis.timeout = () => {
    for (const test of tests) {
      if (!test.settled) Object.assign(test, { status: test.started ? TIMEOUT : NOTRUN, settled: true });
    }
    finish(2);
  };
})();
