import assert from 'node:assert';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

async function say(socket, text) {
  const writer = socket.writable.getWriter();
  await writer.write(encoder.encode(text));
  writer.releaseLock();
}

async function hear(socket) {
  const reader = socket.readable.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  return decoder.decode(value);
}

async function upgraded(service) {
  const socket = service.connect('a:1', { secureTransport: 'starttls' });
  await say(socket, 'upgrade');
  const greeting = await hear(socket);
  const secure = socket.startTls();
  await secure.opened;
  assert.strictEqual(secure.secureTransport, 'on');
  await say(secure, 'secret');
  return [greeting, await hear(secure)];
}

async function unsecured(service, secureTransport) {
  const socket = service.connect('a:1', { secureTransport });
  await say(socket, 'no upgrade');
  const greeting = await hear(socket);
  await say(socket, 'message');
  return [greeting, await hear(socket)];
}

export const startTls = {
  async test(_, env) {
    assert.deepStrictEqual(await upgraded(env.upgrading), ['a:1 starttls', 'secret over on']);
    assert.deepStrictEqual(await unsecured(env.upgrading, 'starttls'), ['a:1 starttls', 'message over starttls']);
    assert.deepStrictEqual(await unsecured(env.upgrading, 'off'), ['a:1 off', 'message over off']);
  },
};

export const startTlsWithoutFlag = {
  async test(_, env) {
    assert.deepStrictEqual(await unsecured(env.plain, 'starttls'), ['a:1 off', 'message over off']);
    const socket = env.plain.connect('a:1', { secureTransport: 'starttls' });
    await say(socket, 'no upgrade');
    await hear(socket);
    const secure = socket.startTls();
    const refused = { name: 'Error', message: 'startTls() is not supported on this connection.' };
    await assert.rejects(secure.opened, refused);
    await assert.rejects(secure.closed, refused);
    await assert.rejects(hear(secure), refused);
    await socket.closed;
  },
};

export const passThrough = {
  async test(_, env) {
    assert.deepStrictEqual(await unsecured(env.passing, 'off'), ['a:1 off', 'message over off']);
    assert.deepStrictEqual(await upgraded(env.passing), ['a:1 starttls', 'secret over on']);
    const lost = env['passing-far'].connect('a:1');
    await assert.rejects(lost.opened, { message: 'proxy request failed, cannot connect to the specified address' });
    assert.deepStrictEqual(await lost.readable.getReader().read(), { done: true, value: undefined });
  },
};

export const refused = {
  async test(_, env) {
    const secure = env.plain.connect('a:1', { secureTransport: 'on' });
    await assert.rejects(secure.opened, { name: 'Error', message: 'Incoming CONNECT with TLS not supported' });
    const none = env.none.connect('a:1');
    const failure = { name: 'Error', message: 'proxy request failed, cannot connect to the specified address' };
    await assert.rejects(none.opened, failure);
    await assert.rejects(none.closed, failure);
    await assert.rejects(say(none, 'x'), failure);
    assert.deepStrictEqual(await none.readable.getReader().read(), { done: true, value: undefined });
  },
};

export const closedUnderRead = {
  async test(_, env) {
    const socket = env.plain.connect('a:1');
    await say(socket, 'no upgrade');
    await hear(socket);
    const reader = socket.readable.getReader();
    const writer = socket.writable.getWriter();
    const closed = { name: 'TypeError', message: 'This socket has been closed.' };
    const read = assert.rejects(reader.read(), closed);
    const wait = assert.rejects(writer.closed, closed);
    await socket.close();
    await read;
    await wait;
    await reader.closed;
  },
};
