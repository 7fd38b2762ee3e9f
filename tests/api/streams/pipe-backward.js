// pipe_to_backward_propagation, both sides: what becomes of a pipe whose destination ends while no write of the pipe is under way.
import { equal, ok, tick } from 'check';

async function outcome(promise) {
  let state = 'pending';
  promise.then(() => (state = 'fulfilled'), (e) => (state = e.message));
  await tick();
  await tick();
  return state;
}

function make() {
  const made = { cancelled: [] };
  made.source = new ReadableStream({
    start(c) { made.from = c; },
    cancel(reason) { made.cancelled.push(reason.message); },
  });
  made.dest = new WritableStream({
    start(c) { made.to = c; },
    write() { return made.writing; },
    close() { return made.closing; },
  });
  return made;
}

const CLOSED = 'This destination writable stream is closed.';

export const destinationFails = {
  async test(_, env) {
    const made = make();
    const pipe = made.source.pipeTo(made.dest);
    await tick();
    made.to.error(new Error('no more'));
    equal(await outcome(pipe), env.propagates ? 'no more' : 'fulfilled');
    equal(made.cancelled.join(), 'no more');
    ok(!made.source.locked && !made.dest.locked, 'both are let go');
  },
};

export const destinationFailsPreventCancel = {
  async test(_, env) {
    const made = make();
    const pipe = made.source.pipeTo(made.dest, { preventCancel: true });
    await tick();
    made.to.error(new Error('no more'));
    equal(await outcome(pipe), env.propagates ? 'no more' : 'pending');
    equal(made.cancelled.length, 0);
    ok(!made.source.locked && !made.dest.locked, 'both are let go');
    const reader = made.source.getReader();
    made.from.close();
    await reader.closed;
    equal(await outcome(pipe), env.propagates ? 'no more' : 'fulfilled');
  },
};

export const closeWasUnderWay = {
  async test(_, env) {
    const made = make();
    const close = Promise.withResolvers();
    made.closing = close.promise;
    const closed = made.dest.close();
    const pipe = made.source.pipeTo(made.dest);
    equal(await outcome(pipe), 'pending');
    close.resolve();
    await closed;
    equal(await outcome(pipe), env.propagates ? CLOSED : 'fulfilled');
    equal(made.cancelled.join(), CLOSED);
  },
};

export const failsBeforeThePipe = {
  async test() {
    const made = make();
    made.to.error(new Error('already'));
    equal(await outcome(made.source.pipeTo(made.dest)), 'already');
    equal(made.cancelled.join(), 'already');
  },
};

export const failsDuringAWrite = {
  async test() {
    const made = make();
    const write = Promise.withResolvers();
    made.writing = write.promise;
    const pipe = made.source.pipeTo(made.dest);
    made.from.enqueue('chunk');
    await tick();
    write.reject(new Error('write failed'));
    equal(await outcome(pipe), 'write failed');
  },
};

export const abortedTransform = {
  async test(_, env) {
    const made = make();
    const { readable, writable } = new TransformStream();
    const pipe = made.source.pipeTo(writable);
    await tick();
    await readable.cancel(new Error('unwanted'));
    equal(await outcome(pipe), env.propagates ? 'unwanted' : 'fulfilled');
    equal(made.cancelled.join(), 'unwanted');
  },
};
