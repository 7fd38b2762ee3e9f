// Runs one file of the Web Platform Tests inside a worker and prints its results as lines of JSON.
//
// Bindings: FILES reads the tests' folder, UNSAFE evaluates text, RUN says what to run (see batch.py):
//   { path, query, origin, scripts, seconds, imports, rewritten, substitutions, server,
//     plainListeners }
const MARK = '@@wpt ';
const HARNESS = '/resources/testharness.js';
const LINE_SUBTESTS = 200;
const MESSAGE_LENGTH = 400;

// Tests patch builtins: what is used after they ran is taken before.
const print = console.log.bind(console);
const quote = JSON.stringify;
const start = setTimeout;
const stop = clearTimeout;
const dispatch = dispatchEvent.bind(globalThis);

/** The root of the file system has no room for files: tests get a directory of their own instead. */
async function installFiles() {
  const root = await navigator.storage.getDirectory();
  const temporary = await root.getDirectoryHandle('tmp');
  const own = await temporary.getDirectoryHandle(crypto.randomUUID(), { create: true });
  navigator.storage.getDirectory = async () => own;
}

async function read(env, path) {
  const response = await env.FILES.fetch(`http://files${env.RUN.rewritten[path] ?? path}`);
  if (response.status !== 200) throw new Error(`${path} is not among the files (status ${response.status})`);
  return response.text();
}

function substitute(text, table) {
  return text.replace(/\{\{([^}]+)\}\}/g, (whole, name) => (Object.hasOwn(table, name) ? table[name] : whole));
}

/** Connections that tests leave open: a worker's test lasts as long as they do. */
const open = new Set();

function closeAll() {
  for (const connection of open) {
    try {
      connection.close();
    } catch {
      // Not one that can be closed: it is none that stays open either.
    }
  }
}

/** Workers have no base URL: what tests give as relative URLs is resolved against the test's own address. */
function resolveRelativeUrls(env, run, base) {
  const absolute = (input) => (typeof input === 'string' || input instanceof URL ? new URL(input, base).href : input);
  const platformFetch = globalThis.fetch;
  const own = new URL(base).origin;
  globalThis.fetch = async function fetch(input, init) {
    const target = absolute(input);
    if (!run.server && typeof target === 'string' && target.startsWith(`${own}/`)) {
      return env.FILES.fetch(target);
    }
    return platformFetch(target, init);
  };
  if (!run.server || looksAtInterfaces(run)) return;
  const relative = (constructor) =>
    new Proxy(constructor, {
      construct: (target, [first, ...rest], newTarget) =>
        Reflect.construct(target, [absolute(first), ...rest], newTarget),
    });
  const kept = (constructor) =>
    new Proxy(constructor, {
      construct: (target, args, newTarget) => {
        const connection = Reflect.construct(target, args, newTarget);
        open.add(connection);
        return connection;
      },
    });
  globalThis.Request = relative(Request);
  globalThis.EventSource = kept(relative(EventSource));
  globalThis.WebSocket = kept(WebSocket);
  const platformRedirect = Response.redirect;
  Response.redirect = function redirect(url, ...rest) {
    return platformRedirect.call(this, absolute(url), ...rest);
  };
}

function looksAtInterfaces(run) {
  return [...run.scripts, ...run.imports].includes('/resources/idlharness.js');
}

/** What a worker of a browser has and these tests lean on. */
function installScope(env, run, texts) {
  const address = `${run.origin}${run.path}${run.query}`;
  const location = new URL(address);
  Object.defineProperty(globalThis, 'location', { value: location, configurable: true, writable: true });
  globalThis.GLOBAL = { isWindow: () => false, isWorker: () => true, isShadowRealm: () => false };
  globalThis.importScripts = (...urls) => {
    for (const url of urls) {
      const { pathname } = new URL(url, address);
      if (pathname === HARNESS) continue; // it is there already
      if (!texts.has(pathname)) throw new DOMException(`${url} was not loaded beforehand`, 'NetworkError');
      env.UNSAFE.eval(texts.get(pathname), pathname);
    }
  };
  resolveRelativeUrls(env, run, address);
  if (run.plainListeners) {
    const add = EventTarget.prototype.addEventListener;
    EventTarget.prototype.addEventListener = function addEventListener(type, callback, options) {
      return add.call(this, type, callback, options === true ? false : options);
    };
  }
  if (looksAtInterfaces(run)) {
    // It makes its objects by eval(), long after the scripts were run; Workers may not.
    globalThis.eval = (text) => (typeof text === 'string' ? env.UNSAFE.eval(text) : text);
  }
}

function printResults(tests, status) {
  const lines = tests.map((test) => {
    const message = test.message === null || test.message === undefined ? '' : String(test.message);
    return `[${quote(String(test.name))},${test.status},${quote(message.slice(0, MESSAGE_LENGTH))}]`;
  });
  for (let at = 0; at < lines.length; at += LINE_SUBTESTS) {
    let line = lines[at];
    for (let next = at + 1; next < at + LINE_SUBTESTS && next < lines.length; next++) line += `,${lines[next]}`;
    print(`${MARK}{"subtests":[${line}]}`);
  }
  const message = status.message === null || status.message === undefined ? '' : String(status.message);
  print(`${MARK}{"status":${status.status},"message":${quote(message.slice(0, MESSAGE_LENGTH))}}`);
}

export default {
  async test(_controller, env) {
    const run = env.RUN;
    print(`${MARK}{"start":${quote(run.path + run.query)}}`);
    const texts = new Map();
    for (const path of [HARNESS, ...run.scripts, ...run.imports, run.path]) {
      if (!texts.has(path)) texts.set(path, substitute(await read(env, path), run.substitutions));
    }
    installScope(env, run, texts);
    if (navigator.storage) await installFiles();
    env.UNSAFE.eval(texts.get(HARNESS), HARNESS);
    const { timeout: expire, done: finish } = globalThis;
    const finished = new Promise((resolve) => {
      globalThis.add_completion_callback((tests, status) => {
        printResults(tests, status);
        resolve();
      });
    });
    globalThis.setup({ explicit_timeout: true, output: false });
    const timer = start(() => expire(), run.seconds * 1000);
    try {
      for (const path of [...run.scripts, run.path]) env.UNSAFE.eval(texts.get(path), path);
    } catch (error) {
      // The scripts' own errors are a state of the file, beside the subtests that had been made by then.
      print(`${MARK}{"thrown":${quote(String(error?.stack ?? error).slice(0, MESSAGE_LENGTH))}}`);
    }
    dispatch(new Event('install'));
    finish();
    await finished;
    stop(timer);
    closeAll();
  },
};
