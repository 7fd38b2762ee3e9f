// Modules of the platform that are evaluated when user code has already replaced the builtins: what they hand to those must not be internal.
import assert from 'node:assert';
import { crawl } from 'crawler';
import { NATIVE_NAMES } from 'expected';
import { pollute } from 'pollution';

const { toString } = Function.prototype;
const apply = Reflect.apply;
const { then } = Promise.prototype;

/** Loads and uses modules that nobody has loaded yet. No failure matters here. */
async function load() {
  const uses = {
    'node:crypto': (m) => [m.createHash('sha256').update('x').digest('hex'), m.randomBytes(8), m.createHmac('sha1', 'k').update('x').digest(), m.pbkdf2Sync('a', 'b', 1, 8, 'sha1'),
      m.createCipheriv('aes-128-gcm', m.randomBytes(16), m.randomBytes(12)).update('x'), m.generateKeyPairSync('ed25519')],
    'node:zlib': (m) => [m.gunzipSync(m.gzipSync('text')), m.brotliCompressSync('x'), m.createDeflate().write('x')],
    'node:fs': (m) => [m.writeFileSync('/tmp/a', 'b'), m.readFileSync('/tmp/a', 'utf8'), m.readdirSync('/bundle')],
    'node:util': (m) => [m.inspect({ a: new Map([[1, 2]]) }), m.format('%s', 1), m.types.isProxy(new Proxy({}, {})), m.promisify(setTimeout)(1)],
    'node:buffer': (m) => [m.Buffer.from('abc').toString('base64'), m.Buffer.concat([m.Buffer.alloc(3)])],
    'node:events': (m) => [new m.EventEmitter().on('a', () => {}).emit('a')],
    'node:stream': (m) => [new m.PassThrough().write('x')],
    'node:url': (m) => [m.parse('http://x/'), m.domainToASCII('\u00e9.x')],
    'node:timers': (m) => [m.clearTimeout(m.setTimeout(() => {}, 5, 1))],
    'node:async_hooks': (m) => [new m.AsyncLocalStorage().run(1, () => 1)],
    'node:diagnostics_channel': (m) => [m.channel('x').publish(1)],
    'node:dns': (m) => [m.lookup],
    'node:net': (m) => [m.isIP('1.1.1.1')],
    'node:http': (m) => [m.STATUS_CODES],
    'node:process': (m) => [m.nextTick(() => {}), m.env, m.hrtime()],
    'node:perf_hooks': (m) => [m.performance.now()],
    'node:module': (m) => [m.createRequire('/x')],
    'node:v8': (m) => [m.serialize],
    'cloudflare:sockets': (m) => [m.connect],
    'cloudflare:workers': (m) => [m.env],
  };
  for (const name in uses) {
    try {
      uses[name](await import(name));
    } catch {} // Whatever comes of it.
  }
  try {
    new TextDecoder('gb18030').decode(new Uint8Array([0xc4, 0xe3]));
    new TextDecoder('shift_jis').decode(new Uint8Array([0x82, 0xa0]));
    await new HTMLRewriter().on('a', {}).transform(new Response('<a>')).text();
  } catch {} // The same.
}

export const late = {
  async test() {
    const world = pollute('spy');
    const loading = load();
    try {
      await loading;
    } finally {
      world.restore();
    }
    assert(world.calls.length > 1000, `only ${world.calls.length} calls`);
    const roots = [];
    for (const { label, self, args } of world.calls) {
      roots.push([`this of ${label}`, self]);
      args.forEach((arg, i) => roots.push([`argument ${i} of ${label}`, arg]));
    }
    const problems = new Set();
    for (const [object, path] of crawl(roots, 100_000)) {
      if (typeof object === 'function') {
        if (NATIVE_NAMES.has(object.name) && apply(toString, object, []).endsWith('[native code] }')) problems.add(`${path} looks like the operation ${object.name}`);
        continue;
      }
      const keys = Object.getOwnPropertyNames(object);
      if (keys.includes('pyOp') || keys.includes('native') && keys.includes('internals')) problems.add(`${path} holds operations`);
      const proto = Object.getPrototypeOf(object);
      if (proto !== null && Reflect.ownKeys(proto).map(String).join() === 'constructor' && proto.constructor?.name === '' && Object.isExtensible(object)) problems.add(`${path} is a handle`);
    }
    if (problems.size > 0) throw new Error([...problems].join('\n'));
  },
};
