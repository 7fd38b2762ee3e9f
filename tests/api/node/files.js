// node:fs over the worker's virtual file system, process, os, url.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import fsPromises from 'node:fs/promises';
import os from 'node:os';
import url from 'node:url';

export const trees = {
  test() {
    assert.deepEqual(fs.readdirSync('/').sort(), ['bundle', 'dev', 'tmp']);
    assert.match(fs.readFileSync('/bundle/worker', 'utf8'), /virtual file system/);
    assert.throws(() => fs.writeFileSync('/bundle/worker', 'x'), { code: 'EPERM' });
    fs.mkdirSync('/tmp/a/b', { recursive: true });
    fs.writeFileSync('/tmp/a/b/one.txt', 'one');
    fs.appendFileSync('/tmp/a/b/one.txt', ' more');
    fs.symlinkSync('/tmp/a/b/one.txt', '/tmp/a/link');
    assert.equal(fs.readFileSync('/tmp/a/link', 'utf8'), 'one more');
    assert.ok(fs.lstatSync('/tmp/a/link').isSymbolicLink() && fs.statSync('/tmp/a/link').isFile());
    fs.cpSync('/tmp/a', '/tmp/c', { recursive: true });
    fs.renameSync('/tmp/c/b/one.txt', '/tmp/c/b/two.txt');
    assert.deepEqual(fs.readdirSync('/tmp/c', { recursive: true }).map((name) => name.split('/').at(-1)).sort(), ['b', 'link', 'two.txt']);
    fs.rmSync('/tmp/a', { recursive: true });
    assert.throws(() => fs.statSync('/tmp/a'), { code: 'ENOENT', syscall: 'stat' });
    assert.equal(fs.existsSync('/tmp/a'), false);
  },
};
export const separate = {
  test() {
    // Each request has its own /tmp.
    assert.deepEqual(fs.readdirSync('/tmp'), []);
  },
};
export const descriptors = {
  async test() {
    const fd = fs.openSync('/tmp/f', 'w+');
    fs.writeSync(fd, 'hello');
    assert.equal(fs.writeSync(fd, Buffer.from('J'), 0, 1, 0), 1);
    const room = Buffer.alloc(10);
    assert.equal(fs.readSync(fd, room, 0, 10, 1), 4);
    assert.equal(room.toString('latin1', 0, 4), 'ello');
    fs.ftruncateSync(fd, 2);
    fs.closeSync(fd);
    assert.throws(() => fs.writeSync(fd, 'x'), { code: 'EBADF' });
    assert.equal(await fsPromises.readFile('/tmp/f', 'utf8'), 'Je');
    await using handle = await fsPromises.open('/tmp/f', 'a');
    await handle.write('!');
    assert.equal(await new Promise((resolve, reject) => fs.readFile('/tmp/f', 'utf8', (e, d) => (e ? reject(e) : resolve(d)))), 'Je!');
    const out = fs.createWriteStream('/tmp/g');
    for (let i = 0; i < 100; i++) out.write(`${i}\n`);
    await new Promise((resolve) => out.end(resolve));
    let text = '';
    for await (const chunk of fs.createReadStream('/tmp/g', { encoding: 'utf8', highWaterMark: 16 })) text += chunk;
    assert.equal(text.split('\n').length, 101);
    await assert.rejects(fsPromises.readFile('/tmp/none'), { code: 'ENOENT' });
  },
};
export const processes = {
  test(_, env) {
    assert.equal(process.platform, 'linux');
    assert.equal(process.env.TEXT, 'from the environment');
    process.env.ADDED = 1;
    assert.equal(process.env.ADDED, '1');
    assert.equal(env.TEXT, 'from the environment');
    assert.equal(process.cwd(), '/bundle');
    assert.ok(process.hrtime.bigint() >= 0n);
    assert.equal(os.EOL, '\n');
    assert.throws(() => process.chdir('/none'), { code: 'ENOENT' });
  },
};
export const rejections = {
  async test() {
    const seen = new Promise((resolve) => process.once('unhandledRejection', (reason) => resolve(reason)));
    Promise.reject('nobody handles it');
    assert.equal(await seen, 'nobody handles it');
  },
};
export const urls = {
  test() {
    const { protocol, auth, host, hostname, port, pathname, search, query, hash } = url.parse('http://u:p@Example.com:81/p a?q=1#h');
    assert.deepEqual([protocol, auth, host, hostname, port, pathname, search, query, hash], ['http:', 'u:p', 'example.com:81', 'example.com', '81', '/p%20a', '?q=1', 'q=1', '#h']);
    assert.equal(url.resolve('http://a.com/b/c/d', '../e?x#y'), 'http://a.com/b/e?x#y');
    assert.equal(url.resolve('/one/two', '//host/three'), '//host/three');
    assert.equal(url.format({ protocol: 'https', host: 'x.y', pathname: 'p', query: { a: [1, 2] } }), 'https://x.y/p?a=1&a=2');
    assert.equal(url.format(new URL('http://a@xn--caf-dma.com/?b#c'), { auth: false, fragment: false, search: false, unicode: true }), 'http://café.com/');
    assert.throws(() => url.parse('http://a b%@[::1/'), (e) => e.code === 'ERR_INVALID_URL' || e instanceof URIError);
    assert.equal(url.fileURLToPath('file:///a%20b/c'), '/a b/c');
    assert.equal(url.fileURLToPath('file://nas/My%20Docs', { windows: true }), '\\\\nas\\My Docs');
    assert.throws(() => url.fileURLToPath('file:///a%2Fb'), { code: 'ERR_INVALID_FILE_URL_PATH' });
    assert.equal(url.pathToFileURL('/a b#c').href, 'file:///a%20b%23c');
    assert.equal(url.domainToASCII('español.com'), 'xn--espaol-zwa.com');
    assert.equal(url.domainToUnicode('xn--fiq228c.com'), '中文.com');
  },
};
export default {
  fetch() {
    try {
      process.exit(7);
    } finally {
      globalThis.reached = true;
    }
  },
};
export const exiting = {
  async test(_, env) {
    await assert.rejects(env.SELF.fetch('http://x'), /process\.exit\(7\)/);
    assert.equal(globalThis.reached, undefined);
  },
};
