// How the node bundle is made: npm's readable-stream finds this project's buffer, events, errors and so on instead of its own copies.
//   import { nodeBundle } from './node/esbuild-plugin.mjs'; await esbuild.build({ ...nodeBundle(jsDir), outfile })
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const NAMES = { buffer: 'buffer', events: 'events', string_decoder: 'string-decoder', process: 'process', 'abort-controller': 'abort' };
const INNER = {
  'ours/errors': 'errors', 'ours/util': 'util', 'internal/validators': 'validators', 'internal/shims/process': 'process',
};

const VIEWS = [
  ['Stream._isUint8Array(chunk)', 'ArrayBuffer.isView(chunk)'], ["['string', 'Buffer', 'Uint8Array']", "['string', 'Buffer', 'TypedArray', 'DataView']"],
];
const FINE = '(internals.flags.enable_streams_nodejs_v24_compat ? null : undefined)';

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
      // end()'s callback gets null when all went well; when it is late, as in newer Node, only by a flag.
      build.onLoad({ filter: /readable-stream[\\/]lib[\\/]internal[\\/]streams[\\/]writable\.js$/ }, (args) => ({
        contents: replaced(fs.readFileSync(args.path, 'utf8'), [
          ['onfinishCallbacks[i]()', 'onfinishCallbacks[i](null)'], ['process.nextTick(cb, err)', `process.nextTick(cb, err ?? ${FINE})`],
          ...VIEWS,
          // Only text has a default encoding.
          ['if (!encoding) encoding = state.defaultEncoding', 'if (!encoding) { if (!state.objectMode) encoding = state.defaultEncoding }'],
        ]),
        loader: 'js',
      }));
      // Chunks may be any views, as in newer Node.
      build.onLoad({ filter: /readable-stream[\\/]lib[\\/]internal[\\/]streams[\\/]readable\.js$/ }, (args) => ({
        contents: replaced(fs.readFileSync(args.path, 'utf8'), VIEWS), loader: 'js',
      }));
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
