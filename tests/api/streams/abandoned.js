// Streams and pipes nobody holds are collected, however unfinished they are.
import { equal } from 'check';

const never = () => new Promise(() => {});
const shared = new AbortController();
const quiet = (promise) => void promise.catch(() => {});

const abandoned = {
  pendingRead() {
    const stream = new ReadableStream();
    void stream.getReader().read();
    return stream;
  },
  pendingByobRead() {
    const stream = new ReadableStream({ type: 'bytes' });
    void stream.getReader({ mode: 'byob' }).read(new Uint8Array(8));
    return stream;
  },
  pendingWrite() {
    const stream = new WritableStream({ write: never });
    quiet(stream.getWriter().write(1));
    return stream;
  },
  waitingPipe() {
    const stream = new ReadableStream({ pull: never });
    quiet(stream.pipeTo(new WritableStream()));
    return stream;
  },
  pipeWithLivingSignal() {
    const stream = new ReadableStream();
    quiet(stream.pipeTo(new WritableStream(), { signal: shared.signal }));
    return stream;
  },
  stuckPipe() {
    const stream = new ReadableStream({ pull(c) { c.enqueue(1); } });
    quiet(stream.pipeTo(new WritableStream({ write: never })));
    return stream;
  },
  transforms() {
    const stream = new ReadableStream({ start(c) { c.enqueue('x'); }, pull: never });
    stream.pipeThrough(new TransformStream()).pipeThrough(new TextEncoderStream());
    return stream;
  },
  tee() {
    const stream = new ReadableStream();
    void stream.tee()[0].getReader().read();
    return stream;
  },
  identity() {
    const { readable, writable } = new IdentityTransformStream();
    quiet(writable.getWriter().write('abc'));
    return readable;
  },
  compression() {
    const { readable, writable } = new CompressionStream('gzip');
    void readable.getReader().read();
    return writable;
  },
  transferred() {
    const stream = new ReadableStream();
    void structuredClone(stream, { transfer: [stream] }).getReader().read();
    return stream;
  },
  bodies() {
    const response = new Response('abc'.repeat(100));
    response.clone();
    return response.body;
  },
  textOfEndless() {
    const stream = new ReadableStream();
    quiet(new Response(stream).text());
    return stream;
  },
  iteration() {
    const stream = new ReadableStream();
    void stream.values().next();
    return stream;
  },
};

export default {
  async test() {
    // 10,000 in all, at least.
    const each = Math.ceil(10_000 / Object.keys(abandoned).length);
    for (const [name, make] of Object.entries(abandoned)) {
      const refs = [];
      for (let i = 0; i < each; i++) refs.push(new WeakRef(make()));
      for (let i = 0; i < 3; i++) {
        await scheduler.wait(1);
        gc();
      }
      equal(refs.filter((ref) => ref.deref() !== undefined).length, 0, name);
    }
  },
};
