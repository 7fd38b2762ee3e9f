import assert from 'node:assert';
import { connect } from 'cloudflare:sockets';

const decoder = new TextDecoder();
const encoder = new TextEncoder();

async function readAll(readable) {
  let out = '';
  for await (const chunk of readable) out += decoder.decode(chunk, { stream: true });
  return out;
}

export default {
  async connect(socket) {
    const { localAddress } = await socket.opened;
    const writer = socket.writable.getWriter();
    await writer.write(encoder.encode(`${localAddress}:`));
    if (localAddress.startsWith('throws')) throw new Error('in handler');
    for await (const chunk of socket.readable) await writer.write(chunk);
    await writer.close();
  },
};

export const echo = {
  async test(_, env) {
    const socket = env.self.connect('example.com:1234');
    assert.deepStrictEqual([socket.secureTransport, socket.upgraded], ['off', false]);
    assert.deepStrictEqual(await socket.opened, { remoteAddress: 'example.com:1234', localAddress: undefined });
    const writer = socket.writable.getWriter();
    // Both sides hold only so much: who writes without reading waits for ever.
    const reading = readAll(socket.readable);
    await writer.write(encoder.encode('hello '));
    await writer.write(encoder.encode('x'.repeat(200000)));
    await writer.close();
    const text = await reading;
    assert.strictEqual(text, `example.com:1234:hello ${'x'.repeat(200000)}`);
    await socket.closed;
  },
};

export const closing = {
  async test(_, env) {
    const socket = env.self.connect({ hostname: 'example.com', port: 80 });
    const closed = socket.close();
    assert.ok(closed instanceof Promise);
    await closed;
    await socket.closed;
    await assert.rejects(socket.writable.getWriter().write(new Uint8Array(1)), { name: 'TypeError' });
    const broken = env.self.connect('throws:1');
    await assert.rejects(readAll(broken.readable), /in handler/);
  },
};

export const badArguments = {
  test(_, env) {
    for (const address of ['foo', ':80', 'a b:80', 'x:99999', '', 'user@:1']) {
      assert.throws(() => env.self.connect(address), { name: 'TypeError' }, address);
    }
    assert.throws(() => connect(), { name: 'TypeError' });
    assert.throws(() => connect({ port: 1 }), { name: 'TypeError' });
    for (const port of [-1, 65536, NaN, 'x']) assert.throws(() => connect({ hostname: 'a', port }), { name: 'TypeError' });
    assert.throws(() => connect({ hostname: 'ä', port: 1 }), { message: /contains unsupported characters/ });
    assert.throws(() => env.self.connect('a:1', { secureTransport: 'maybe' }), { message: 'Unsupported value in secureTransport socket option: maybe' });
    assert.throws(() => env.self.connect('a:1').startTls(), { message: "The `secureTransport` socket option must be set to 'starttls' for startTls to be used." });
    assert.throws(() => env.self.connect('a:1', { secureTransport: 'on' }).startTls(), { message: 'Cannot startTls on a TLS socket.' });
  },
};

/** Who closes a socket while a read is under way hears of the end first, and so knows why the read fails. */
export const endsBeforeItsRead = {
  async test(_, env) {
    const socket = env.self.connect('example.com:80');
    const reader = socket.readable.getReader();
    await reader.read();
    const events = [];
    const reading = reader.read().catch((error) => { events.push(error.message); });
    socket.closed.then(() => events.push('closed'));
    reader.closed.then(() => events.push('reader closed'));
    await socket.close();
    await reading;
    assert.deepStrictEqual(events, ['reader closed', 'closed', 'This socket has been closed.']);
  },
};
