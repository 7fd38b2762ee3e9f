import assert from 'node:assert';
import { connect } from 'cloudflare:sockets';

const read = (socket) => new Response(socket.readable).text();

export const properties = {
  test(_, env) {
    const { PG, MY } = env;
    assert.match(PG.host, /^[0-9a-f]{32}\.hyperdrive\.local$/);
    assert.strictEqual(PG.host, PG.host);
    assert.notStrictEqual(PG.host, MY.host);
    assert.match(PG.ip, /^240\.0\.\d+\.\d+$/);
    assert.deepStrictEqual([PG.database, PG.user, PG.password, PG.port, MY.port], ['db', 'me', 'secret', 5432, 3306]);
    assert.strictEqual(PG.connectionString, `postgresql://me:secret@${PG.host}:5432/db?sslmode=disable`);
    assert.strictEqual(MY.connectionString, `mysql://me:secret@${MY.host}:3306/db?ssl-mode=disabled`);
    assert.strictEqual(PG.constructor.name, 'Hyperdrive');
  },
};

export const connections = {
  async test(_, env) {
    assert.strictEqual(await read(env.PG.connect()), 'hello');
    assert.strictEqual(await read(connect({ hostname: env.PG.host, port: env.PG.port })), 'hello');
    assert.strictEqual(await read(connect(`${env.MY.ip}:3306`)), 'hello');
  },
};
