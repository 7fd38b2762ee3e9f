import { bytes, collect, equal, ok, rejects, text, throws } from 'check';

const FORMATS = ['gzip', 'deflate', 'deflate-raw'];

async function through(data, stream, size = data.length) {
  const writer = stream.writable.getWriter();
  const written = (async () => {
    for (let i = 0; i < data.length; i += size) await writer.write(data.subarray(i, i + size));
    await writer.close();
  })();
  written.catch(() => {});
  const chunks = await collect(stream.readable);
  await written;
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

function sample(length) {
  const data = new Uint8Array(length);
  for (let i = 0, x = 1; i < length; i++) {
    x = (x * 48271) % 2147483647;
    data[i] = 97 + (x >> 8) % 7;
  }
  return data;
}

function sameBytes(a, b) {
  equal(a.length, b.length, 'length');
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) throw new Error(`byte ${i} differs`);
}

export const roundTrips = {
  async test() {
    for (const format of FORMATS) {
      for (const [length, size] of [[0, 1], [1, 1], [1000, 7], [200_000, 65536], [3_000_000, 3_000_000]]) {
        const data = sample(length);
        const packed = await through(data, new CompressionStream(format), size);
        if (length > 100) ok(packed.length < length / 2, 'it is smaller');
        sameBytes(await through(packed, new DecompressionStream(format), Math.max(1, size >> 1)), data);
      }
    }
  },
};

export const smallOutputIsZlibs = {
  async test() {
    const packed = await through(new TextEncoder().encode('0123456789'.repeat(1000)), new CompressionStream('gzip'));
    equal(packed.length, 66);
  },
};

export const writesDoNotWaitForReaders = {
  async test() {
    const { readable, writable } = new CompressionStream('gzip');
    const writer = writable.getWriter();
    await writer.write(sample(300_000));
    await writer.close();
    const plain = readable.pipeThrough(new DecompressionStream('gzip'));
    equal((await text(plain)).length, 300_000);
  },
};

export const wrongFormats = {
  test() {
    throws(() => new CompressionStream('zip'), TypeError);
    throws(() => new DecompressionStream(), TypeError);
  },
};

export const badInput = {
  async test() {
    await rejects(through(bytes(1, 2, 3, 4), new DecompressionStream('gzip')), 'Decompression failed.');
    if (!Cloudflare.compatibilityFlags.strict_compression_checks) return;
    const packed = await through(sample(5000), new CompressionStream('deflate'));
    await rejects(through(packed.subarray(0, packed.length - 3), new DecompressionStream('deflate')), 'incomplete data');
    const padded = new Uint8Array(packed.length + 1);
    padded.set(packed);
    await rejects(through(padded, new DecompressionStream('deflate')), 'Trailing bytes');
    await rejects(through(new Uint8Array(0), new DecompressionStream('gzip')), 'incomplete data');
  },
};

export const bombsWaitForTheirReader = {
  async test() {
    // A thousandfold: 256 MB from 250 kB.
    const packer = new CompressionStream('gzip');
    const zeros = new Uint8Array(1 << 20);
    const packing = (async () => {
      const writer = packer.writable.getWriter();
      for (let i = 0; i < 256; i++) await writer.write(zeros);
      await writer.close();
    })();
    const bomb = new Uint8Array(await new Response(packer.readable).arrayBuffer());
    await packing;
    ok(bomb.length < 400_000, 'the bomb is small');

    const { readable, writable } = new DecompressionStream('gzip');
    const writer = writable.getWriter();
    let written = false;
    writer.write(bomb).then(() => { written = true; }, () => {});
    await scheduler.wait(500);
    equal(written, false, 'the writer has to wait');
    const reader = readable.getReader();
    let total = 0;
    while (total < 64 << 20) total += (await reader.read()).value.length;
    equal(written, false, 'and to wait on');
    await reader.cancel(new Error('enough'));
    await rejects(writer.closed, 'enough');
  },
};

export const cancelAndAbort = {
  async test() {
    const one = new CompressionStream('gzip');
    const read = one.readable.getReader().read();
    one.writable.abort(new Error('abort'));
    await rejects(read, 'abort');
    const two = new DecompressionStream('gzip');
    await two.readable.cancel('cancel');
    await rejects(two.writable.getWriter().write(bytes(1)), 'cancel');
  },
};

// Each has TransformStream's prototype behind its own, but is no class derived from it.
export const interfaceObjects = {
  test() {
    for (const [Class, ...args] of [[CompressionStream, 'gzip'], [DecompressionStream, 'gzip'], [TextEncoderStream], [TextDecoderStream]]) {
      equal(Object.getPrototypeOf(Class), Function.prototype, Class.name);
      ok(new Class(...args) instanceof TransformStream);
      class Derived extends Class {}
      const derived = new Derived(...args);
      ok(derived instanceof Derived && derived.readable instanceof ReadableStream && derived.writable instanceof WritableStream);
    }
    equal(new (class extends TextDecoderStream {})('latin1').encoding, 'windows-1252');
    throws(() => Object.create(TextEncoderStream.prototype).encoding, 'Illegal invocation');
    throws(() => Object.create(TextDecoderStream.prototype).encoding, 'Illegal invocation');
  },
};
