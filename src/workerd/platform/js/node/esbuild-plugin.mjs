// How the node bundle is made: npm's readable-stream finds this project's buffer, events, errors and so on instead of its own copies.
//   import { nodeBundle } from './node/esbuild-plugin.mjs'; await esbuild.build({ ...nodeBundle(jsDir), outfile })
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const NAMES = { buffer: 'buffer', events: 'events', string_decoder: 'string-decoder', process: 'process', 'abort-controller': 'abort' };
const INNER = {
  'ours/errors': 'errors', 'ours/util': 'util', 'ours/encoding': 'encoding', 'internal/validators': 'validators', 'internal/shims/process': 'process',
};

const VIEWS = [
  ['Stream._isUint8Array(chunk)', 'ArrayBuffer.isView(chunk)'], ["['string', 'Buffer', 'Uint8Array']", "['string', 'Buffer', 'TypedArray', 'DataView']"],
];
// What Node 24 changed is behind a flag.
const V24 = 'internals.flags.enable_streams_nodejs_v24_compat';
const ENCODING = [
  "this.defaultEncoding = (options && options.defaultEncoding) || 'utf8'", "this.defaultEncoding = require('../../ours/encoding').defaultEncoding(options)",
];
const MEASURE = 'state.length < state.highWaterMark || state.length === 0';
const WRITABLE = [
  ENCODING, ...VIEWS,
  // Whether a writer is to wait is told from what is left after the write, not from what there was before it.
  ['const ret = state.length < state.highWaterMark\n', `let ret = ${MEASURE}\n`],
  ['if (!ret) state.needDrain = true', `if (!ret && !${V24}) state.needDrain = true`],
  ['  // Return false if errored or destroyed in order to break', `  if (${V24}) {
    ret = ${MEASURE}
    if (!ret) state.needDrain = true
  }
  // Return false if errored or destroyed in order to break`],
  ['    state.pendingcb--\n    cb()', `    state.pendingcb--\n    cb(${V24} ? null : undefined)`],
  // end()'s callback gets null when all went well, and the stream's error if there was one.
  ['onfinishCallbacks[i]()', 'onfinishCallbacks[i](null)'],
  ['    if (err || state.finished) {\n      process.nextTick(cb, err)\n    } else {', `    if (err) {
      process.nextTick(cb, err)
    } else if (state.finished && !${V24}) {
      process.nextTick(cb, undefined)
    } else if (state.errored) {
      process.nextTick(cb, state.errored)
    } else if (state.finished) {
      process.nextTick(cb, null)
    } else {`],
  // Only text has a default encoding.
  ['if (!encoding) encoding = state.defaultEncoding', 'if (!encoding) { if (!state.objectMode) encoding = state.defaultEncoding }'],
];
const READABLE = [
  ENCODING, ...VIEWS,
  // A destination that throws is destroyed.
  ['    const ret = dest.write(chunk)\n', `    let ret
    if (${V24}) {
      try {
        ret = dest.write(chunk)
      } catch (error) {
        dest.destroy(error)
        return
      }
    } else {
      ret = dest.write(chunk)
    }
`],
];
const TRANSFORM = [
  // After push(null) the end is announced before the write is done.
  ['    if (\n      wState.ended ||', `    if (${V24} && rState.ended) {
      require('process/').nextTick(callback)
      return
    }
    if (
      wState.ended ||`],
];

function replaced(text, pairs) {
  for (const [from, to] of pairs) {
    if (!text.includes(from)) throw new Error(`readable-stream has changed: no ${from}`);
    text = text.replaceAll(from, to);
  }
  return text;
}

export function nodePlugin(dir) {
  const shim = (name) => ({ path: path.join(dir, 'node/stream-shims', `${name}.ts`) });
  return {
    name: 'node-compat',
    setup(build) {
      for (const [file, changes] of [['writable', WRITABLE], ['readable', READABLE], ['transform', TRANSFORM]]) {
        build.onLoad({ filter: new RegExp(`readable-stream[\\\\/]lib[\\\\/]internal[\\\\/]streams[\\\\/]${file}\\.js$`) }, (args) => ({
          contents: replaced(fs.readFileSync(args.path, 'utf8'), changes), loader: 'js',
        }));
      }
      // What is written between the end of the construction and its announcement must not overtake what waits.
      build.onLoad({ filter: /readable-stream[\\/]lib[\\/]internal[\\/]streams[\\/]destroy\.js$/ }, (args) => ({
        contents: replaced(fs.readFileSync(args.path, 'utf8'), [['process.nextTick(emitConstructNT, stream)', 'emitConstructNT(stream)']]),
        loader: 'js',
      }));
      // path-unified takes `process` from the global scope, which a worker may not have.
      build.onLoad({ filter: /path-unified[\\/]src[\\/](path|isWindows)\.js$/ }, (args) => ({
        contents: `import { process } from ${JSON.stringify(path.join(dir, 'node/stream-shims/path-process.ts'))};\n${fs.readFileSync(args.path, 'utf8')}`,
        loader: 'js',
      }));
      build.onResolve({ filter: /.*/ }, (args) => {
        if (/path-unified/.test(args.importer) && args.path === './validators.js') return shim('validators');
        if (!args.importer.includes(`${path.sep}readable-stream${path.sep}`)) return undefined;
        const bare = args.path.replace(/\/$/, '');
        if (NAMES[bare]) return shim(NAMES[bare]);
        if (!args.path.startsWith('.')) return undefined;
        const target = path.join(path.dirname(args.importer), args.path).split(`${path.sep}lib${path.sep}`).pop().replaceAll('\\', '/').replace(/\.js$/, '');
        return INNER[target] ? shim(INNER[target]) : undefined;
      });
    },
  };
}

/** What tools/bundle.mjs takes. */
export default () => nodePlugin(path.dirname(path.dirname(fileURLToPath(import.meta.url))));

/** esbuild options of dist/node.js: the body of `function (internals) { ... return registry }` is the output plus `return __node`. */
export function nodeBundle(dir) {
  return {
    entryPoints: [path.join(dir, 'node/index.ts')], bundle: true, format: 'iife', globalName: '__node', target: 'es2024', platform: 'neutral',
    mainFields: ['module', 'main'], plugins: [nodePlugin(dir)], legalComments: 'none', logLevel: 'warning',
  };
}
