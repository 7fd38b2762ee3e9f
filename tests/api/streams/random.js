// Thousands of random sequences of operations, callbacks that call back included: whatever happens to the streams, no error may come from
// the inside of the platform. A failure names the seed of its sequence.
let seed = 1;
function below(n) {
  seed = (seed * 1103515245 + 12345) & 0x7fffffff;
  return (seed >> 8) % n;
}
const pick = (list) => list[below(list.length)];

const INSIDE = /Cannot read prop|is not a function|is not iterable|private (field|member)|Invalid typed array|out of bounds|Maximum call|internal error/i;
const found = new Map();
function look(error, where) {
  const message = String(error?.message ?? error);
  if (INSIDE.test(message)) found.set(`${where}: ${message}`, `seed ${seed}, ${error.stack}`);
}

/** One sequence's streams, and what is done with them. Pipes only lead from older streams to newer ones: chunks must not go round. */
class Playground {
  readables = [];
  writables = [];
  readers = [];
  byobReaders = [];
  writers = [];
  controllers = [];
  #age = 0;

  add(readable, writable) {
    const age = ++this.#age;
    if (readable !== undefined) this.readables.push({ stream: readable, age: age + 0.5 });
    if (writable !== undefined) this.writables.push({ stream: writable, age });
  }

  /** What a callback of user code does. */
  act() {
    switch (below(10)) {
      case 0: return Promise.reject(new Error('rejected on purpose'));
      case 1: throw new Error('thrown on purpose');
      case 2: return new Promise(() => {});
      case 3: return scheduler.wait(0);
      case 4: case 5: this.step(); return undefined;
      default: return undefined;
    }
  }

  strategy() {
    return pick([undefined, {}, { highWaterMark: 0 }, { highWaterMark: 3, size: () => below(3) }, new CountQueuingStrategy({ highWaterMark: 2 })]);
  }

  make() {
    const keep = (c) => void this.controllers.push(c);
    const chunk = () => pick(['text', new Uint8Array([1, 2, 3]), new Uint16Array(2)]);
    switch (below(7)) {
      case 0:
        this.add(new ReadableStream({
          start: keep,
          pull: (c) => (below(2) ? c.enqueue(chunk()) : below(5) ? this.act() : c.close()),
          cancel: () => this.act(),
        }, this.strategy()));
        break;
      case 1:
        this.add(new ReadableStream({
          type: 'bytes', autoAllocateChunkSize: pick([undefined, 4]), start: keep, cancel: () => this.act(),
          pull: (c) => {
            if (c.byobRequest && below(2)) c.byobRequest.respond(1);
            else if (below(2)) c.enqueue(new Uint8Array([1, 2, 3]));
            else return this.act();
          },
        }));
        break;
      case 2:
        this.add(undefined, new WritableStream({ start: keep, write: () => this.act(), close: () => this.act(), abort: () => this.act() }, this.strategy()));
        break;
      case 3: {
        const t = new TransformStream({
          start: keep, transform: (x, c) => (below(3) ? c.enqueue(x) : this.act()), flush: () => this.act(), cancel: () => this.act(),
        }, this.strategy(), this.strategy());
        this.add(t.readable, t.writable);
        break;
      }
      case 4: {
        const Class = pick([IdentityTransformStream, TextEncoderStream, TextDecoderStream]);
        const t = pick([() => new Class(), () => new CompressionStream('gzip'), () => new DecompressionStream('gzip'), () => new FixedLengthStream(9)])();
        this.add(t.readable, t.writable);
        break;
      }
      case 5: this.add(new Response('some text '.repeat(below(9) + 1)).body); break;
      default: this.add(ReadableStream.from(['a', 'b', 'c']));
    }
  }

  /** Looks at a promise's failure. */
  #watch(promise, where) {
    promise?.then(undefined, (e) => look(e, where));
  }

  operations = {
    make: () => this.make(),
    makeAnother: () => this.make(),
    getReader: () => this.readers.push(pick(this.readables).stream.getReader()),
    getByobReader: () => this.byobReaders.push(pick(this.readables).stream.getReader({ mode: 'byob' })),
    getWriter: () => this.writers.push(pick(this.writables).stream.getWriter()),
    read: () => pick(this.readers).read(),
    readInto: () => pick(this.byobReaders).read(pick([new Uint8Array(3), new Uint16Array(2)]), pick([undefined, { min: 2 }])),
    readAtLeast: () => pick(this.byobReaders).readAtLeast(2, new Uint8Array(4)),
    write: () => pick(this.writers).write(pick(['text', new Uint8Array(5)])),
    close: () => (below(3) ? undefined : pick(this.writers).close()),
    abort: () => (below(4) ? undefined : pick(this.writers).abort('aborted')),
    cancel: () => (below(4) ? undefined : pick(this.readers).cancel('cancelled')),
    cancelStream: () => (below(4) ? undefined : pick(this.readables).stream.cancel('cancelled')),
    release: () => pick(this.readers).releaseLock(),
    releaseByob: () => pick(this.byobReaders).releaseLock(),
    releaseWriter: () => pick(this.writers).releaseLock(),
    desiredSizes: () => this.writers.forEach((w) => w.desiredSize),
    states: () => Promise.all([...this.writers.flatMap((w) => [w.ready, w.closed]), ...this.readers.map((r) => r.closed)]),
    enqueue: () => pick(this.controllers).enqueue?.(pick(['text', new Uint8Array(2)])),
    error: () => (below(6) ? undefined : pick(this.controllers).error('failed')),
    finish: () => (below(4) ? undefined : pick(this.controllers).close?.()),
    pipe: () => {
      const from = pick(this.readables);
      const to = pick(this.writables);
      if (to.age < from.age) return undefined;
      return from.stream.pipeTo(to.stream, { preventClose: !below(3), preventAbort: !below(3), preventCancel: !below(3), signal: AbortSignal.timeout(below(3)) });
    },
    tee: () => pick(this.readables).stream.tee().forEach((stream) => this.add(stream)),
    transfer: () => {
      const list = pick([this.readables, this.writables]);
      const { stream, age } = pick(list);
      list.push({ stream: structuredClone(stream, { transfer: [stream] }), age });
    },
    text: () => (below(3) ? undefined : new Response(pick(this.readables).stream).text()),
    iterate: () => (below(3) ? undefined : pick(this.readables).stream.values().next()),
  };

  step() {
    const name = pick(Object.keys(this.operations));
    try {
      const result = this.operations[name]();
      if (result instanceof Promise) this.#watch(result, name);
    } catch (e) {
      // There may be nothing yet to pick from.
      if (!/undefined \(reading '(stream|age|read|readAtLeast|write|close|abort|cancel|releaseLock|enqueue|error)'\)/.test(e.message)) look(e, name);
    }
  }
}

export default {
  async test() {
    const end = Date.now() + 3000;
    let rounds = 0;
    while (Date.now() < end) {
      seed = ++rounds * 7919;
      const ground = new Playground();
      for (let i = below(60) + 10; i > 0; i--) {
        ground.step();
        if (below(4) === 0) await null;
        if (below(15) === 0) await scheduler.wait(0);
      }
      await scheduler.wait(0);
    }
    if (rounds < 20) throw new Error(`only ${rounds} rounds`);
    if (found.size > 0) throw new Error([...found].map(([what, where]) => `${what}\n${where}`).join('\n'));
  },
};
