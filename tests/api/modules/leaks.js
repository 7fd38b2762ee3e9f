// User code that has replaced every builtin sees no internal operation go by, whatever the platform does.
import { found, look } from './recorders.js';
import { builtinModules, createRequire } from 'node:module';
import process from 'node:process';

const tasks = {
  modules: async () => {
    const require = createRequire('/leaks.js');
    for (const name of builtinModules) {
      // All of a module's exports may be looked at: `vm.runInContext` and the like have names of their own.
      const module = process.getBuiltinModule(name);
      for (const key in module) look(module[key], 2, `node:${name}`);
      await import(`node:${name}`);
      require(name);
    }
    for (const name of ['cloudflare:workers', 'cloudflare:sockets', 'cloudflare:node']) look(await import(name), 3, name);
    for (const name of ['./c.cjs', './w.wasm', './j.json', './none.js']) await import(name).catch(() => undefined);
  },
  fetch: async (env) => {
    const body = new ReadableStream({ start(c) { c.enqueue(new Uint8Array(3)); c.close(); } });
    await (await env.SELF.fetch('http://x/', { method: 'POST', body })).text();
    await fetch('http://127.0.0.1:1/').catch(() => undefined);
  },
  rpc: (env) => env.SELF.method({ a: 1, f: () => 1 }).catch(() => undefined),
  crypto: async () => {
    await crypto.subtle.digest('SHA-256', new Uint8Array(3));
    await crypto.subtle.generateKey({ name: 'AES-GCM', length: 128 }, true, ['encrypt']);
  },
  clone: () => structuredClone(new Map([[1, { a: new Date(), b: new Headers() }]])),
  rewriter: () => new HTMLRewriter().on('a', { element(e) { e.setAttribute('x', 'y'); } }).transform(new Response('<a>b</a>')).text(),
  bodies: async () => {
    await new Response(new Response('x').body.pipeThrough(new CompressionStream('gzip'))).arrayBuffer();
    await new Response(new URLSearchParams('a=b')).formData();
    new TextDecoder('gbk').decode(new Uint8Array([0x81, 0x40]));
  },
  sockets: () => {
    const [a, b] = Object.values(new WebSocketPair());
    a.accept();
    b.accept();
    b.addEventListener('message', () => undefined);
    a.send('x');
  },
  timers: () => new Promise((resolve) => setTimeout(resolve, 1)),
  node: () => {
    process.getBuiltinModule('fs').readdirSync('/bundle');
    process.getBuiltinModule('zlib').gzipSync('x');
    process.getBuiltinModule('crypto').createHash('sha1').update('x').digest('hex');
  },
  console: () => console.log('%o', { a: 1 }, new Error('x'), new Proxy({}, {}), [1]),
  errors: () => {
    new Error('x').stack;
    reportError(new Error('reported on purpose'));
  },
};

export default {
  async test(controller, env) {
    for (const name in tasks) {
      try {
        await tasks[name](env);
      } catch (error) {
        throw new Error(`${name}: ${error.stack}`);
      }
    }
    if (found.length > 0) throw new Error(`internal operations were seen: ${found.join('; ')}`);
  },
  fetch: (request) => new Response(request.body),
};
