// writable_stream_spec_compliant_writer, both sides: `ready` of new and of released writers, and writes whose size() releases the writer.
import { equal, tick } from 'check';

const RELEASED = 'This WritableStream writer has been released.';

async function outcome(promise) {
  let state = 'pending';
  promise.then(() => (state = 'fulfilled'), (e) => (state = e.message));
  await tick();
  return state;
}
const never = () => new Promise(() => {});

export const beforeTheStart = {
  async test(_, env) {
    const writer = new WritableStream({ start: never }).getWriter();
    equal(await outcome(writer.ready), env.compliant ? 'fulfilled' : 'pending');
  },
};

export const withBackpressure = {
  async test(_, env) {
    const stream = new WritableStream({}, { highWaterMark: 0 });
    await tick();
    const writer = stream.getWriter();
    equal(writer.desiredSize, 0);
    equal(await outcome(writer.ready), env.compliant ? 'pending' : 'fulfilled');
  },
};

export const startedDespiteBackpressure = {
  async test() {
    const start = Promise.withResolvers();
    const writer = new WritableStream({ start: () => start.promise }, { highWaterMark: 0 }).getWriter();
    equal(await outcome(writer.ready), 'pending');
    start.resolve();
    equal(await outcome(writer.ready), 'fulfilled');
  },
};

export const startFails = {
  async test(_, env) {
    const writer = new WritableStream({ start: () => Promise.reject(new Error('no start')) }).getWriter();
    equal(await outcome(writer.ready), env.compliant ? 'fulfilled' : 'no start');
    equal(await outcome(writer.ready), 'no start');
    equal(await outcome(writer.closed), 'no start');
  },
};

export const released = {
  async test(_, env) {
    const stream = new WritableStream();
    const writer = stream.getWriter();
    await writer.ready;
    const before = writer.ready;
    writer.releaseLock();
    equal(writer.ready === before, !env.compliant);
    equal(await outcome(before), 'fulfilled');
    equal(await outcome(writer.ready), env.compliant ? RELEASED : 'fulfilled');
    equal(await outcome(writer.closed), RELEASED);
  },
};

export const releasedAfterTheEnd = {
  async test(_, env) {
    const writer = new WritableStream().getWriter();
    await writer.close();
    const { closed } = writer;
    writer.releaseLock();
    equal(writer.closed, closed);
    equal(await outcome(closed), 'fulfilled');
    equal(await outcome(writer.ready), env.compliant ? RELEASED : 'fulfilled');
  },
};

export const writerOfAFailingStream = {
  async test(_, env) {
    let controller;
    const stream = new WritableStream({ start(c) { controller = c; }, write: never });
    let writer = stream.getWriter();
    const write = writer.write('x');
    await tick();
    controller.error(new Error('failing'));
    equal(writer.desiredSize, 0);
    writer.releaseLock();
    writer = stream.getWriter();
    equal(await outcome(writer.ready), env.compliant ? 'failing' : 'fulfilled');
    equal(await outcome(write), 'pending');
  },
};

function releasingIn(then) {
  const made = { written: [] };
  made.stream = new WritableStream({ write(chunk) { made.written.push(chunk); } }, {
    size() {
      made.writer.releaseLock();
      then(made.stream);
      return 1;
    },
  });
  made.writer = made.stream.getWriter();
  return made;
}

export const sizeReleases = {
  async test(_, env) {
    const made = releasingIn(() => {});
    equal(await outcome(made.writer.write('x')), env.compliant ? RELEASED : 'fulfilled');
    equal(made.written.join(), env.compliant ? '' : 'x');
  },
};

export const sizeChangesTheWriter = {
  async test() {
    const made = releasingIn((stream) => stream.getWriter());
    equal(await outcome(made.writer.write('x')), 'fulfilled');
    equal(made.written.join(), 'x');
  },
};

export const sizeCloses = {
  async test(_, env) {
    const made = releasingIn((stream) => void stream.close());
    equal(await outcome(made.writer.write('x')), env.compliant ? RELEASED : 'This ReadableStream is closed.');
  },
};
