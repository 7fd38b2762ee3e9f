// enable_streams_nodejs_v24_compat, both sides.
import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert';
import { Duplex, Readable, Transform, Writable } from 'node:stream';

const tick = () => scheduler.wait(2);

export const unknownEncodings = {
  test(_, env) {
    for (const Class of [Readable, Writable, Duplex, Transform]) {
      const make = () => new Class({ defaultEncoding: 'nope' });
      if (env.v24) throws(make, { code: 'ERR_UNKNOWN_ENCODING', message: 'Unknown encoding: nope' });
      else make();
    }
    strictEqual(new Writable({ defaultEncoding: 'latin1' })._writableState.defaultEncoding, 'latin1');
    strictEqual(new Writable({ defaultEncoding: null })._writableState.defaultEncoding, 'utf8');
  },
};

export const backpressureOfSynchronousWrites = {
  async test(_, env) {
    let drains = 0;
    const stream = new Writable({ highWaterMark: 2, write(chunk, encoding, callback) { callback(); } });
    stream.on('drain', () => drains++);
    strictEqual(stream.write('abc'), env.v24);
    strictEqual(stream.writableNeedDrain, !env.v24);
    await tick();
    strictEqual(drains, env.v24 ? 0 : 1);
    const slow = new Writable({ highWaterMark: 2, write(chunk, encoding, callback) { setTimeout(callback, 1); } });
    strictEqual(slow.write('abc'), false);
  },
};

export const callbacksGetNull = {
  async test(_, env) {
    const seen = [];
    const stream = new Writable({ write(chunk, encoding, callback) { callback(); } });
    stream.write('a', (...args) => seen.push(args));
    await tick();
    stream.end('b', (...args) => seen.push(args));
    await tick();
    deepStrictEqual(seen, [[env.v24 ? null : undefined], [null]]);
    stream.end((error) => seen.push(error.code));
    await tick();
    strictEqual(seen[2], 'ERR_STREAM_ALREADY_FINISHED');
  },
};

export const endOfAFailedStream = {
  async test() {
    const stream = new Writable({ autoDestroy: false, write(chunk, encoding, callback) { callback(new Error('failed')); } });
    stream.on('error', () => {});
    stream.write('a');
    await tick();
    let told;
    stream.end((error) => (told = error));
    await tick();
    strictEqual(told.message, 'failed');
  },
};

export const destinationThrows = {
  async test(_, env) {
    const source = new Readable({ read() {} });
    const dest = new Writable();
    const thrown = new Error('no write');
    let emitted;
    dest.write = () => { throw thrown; };
    dest.on('error', (error) => (emitted = error));
    source.pipe(dest);
    await tick();
    if (env.v24) source.emit('data', 'x');
    else throws(() => source.emit('data', 'x'), thrown);
    await tick();
    strictEqual(emitted, env.v24 ? thrown : undefined);
    strictEqual(dest.destroyed, env.v24);
  },
};

export const transformEndsItself = {
  async test(_, env) {
    const seen = [];
    const stream = new Transform({
      readableHighWaterMark: 1,
      transform(chunk, encoding, callback) {
        this.push('more than one');
        this.push(null);
        callback();
        seen.push('returned');
      },
    });
    stream.write('a', () => seen.push('written'));
    ok(!seen.includes('written'));
    await tick();
    deepStrictEqual(seen, env.v24 ? ['returned', 'written'] : ['returned']);
  },
};
