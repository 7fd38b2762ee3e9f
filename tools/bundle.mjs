// Bundles the JS layer: node tools/bundle.mjs <platform/js> <dist>. Called by tools/build.py.
import { mkdirSync, existsSync, readdirSync, rmSync, writeFileSync, renameSync, readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { define, freeSlots, list, prelude } from './intrinsics.mjs';

const [source, dist] = process.argv.slice(2, 4).map((path) => resolve(path));
const { build } = createRequire(join(source, 'package.json'))('esbuild');
mkdirSync(dist, { recursive: true });

// `#x in this` is written for "is this one of ours?", but throws when a method is called on no object at all, as `const { text } = blob`
// makes users do; the answer is no then too.
const brandChecks = {
  name: 'brand-checks',
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      if (path.includes('node_modules')) return undefined;
      const text = readFileSync(path, 'utf8');
      const checked = text.replace(/!\((#\w+) in this\)/g, '!(typeof this === "object" && this !== null && $1 in this)');
      return { contents: freeSlots(checked), loader: 'ts' };
    });
  },
};

const common = {
  bundle: true, target: 'es2024', charset: 'utf8', legalComments: 'none', write: false, logLevel: 'warning', absWorkingDir: source,
  // Only what V8 14.4 lacks would be lowered: nothing. Names stay, for stack traces and Function.name.
  keepNames: false, minifySyntax: true, minifyWhitespace: true, platform: 'neutral', mainFields: ['module', 'main'], treeShaking: true,
  loader: { '.wasm': 'binary' }, plugins: [brandChecks], define, inject: ['free-slot.ts'],
};

// Written only when changed, and at once: a reader never sees half a file, and the startup snapshot is rebuilt only when needed.
function put(name, text) {
  const path = join(dist, name);
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  writeFileSync(path + '.tmp', text);
  renameSync(path + '.tmp', path);
  console.log(`bundled ${name} (${(text.length / 1024).toFixed(0)} KiB)`);
}

// A class that speaks of itself becomes `Name = class _Name`, and V8's messages would call it that.
function ownNames(text) {
  const names = new Set([...text.matchAll(/\b([\w$]+)=class _\1\b/g)].map((found) => found[1]));
  return text.replace(/(?<![\w$.#])_([\w$]+)/g, (all, name) => (names.has(name) ? name : all));
}

const STRICT = '"use strict";';
/** A bundle with the builtins it uses as constants: taken when it is evaluated, or from the list `builtins`. */
function inFunction(text, first = '') {
  return `${STRICT}(()=>{${first}${prelude(text)}${text.slice(text.startsWith(STRICT) ? STRICT.length : 0)}})();`;
}
function withBuiltins(text, from = 'builtins') {
  return `${STRICT}${prelude(text, from)}${text.slice(text.startsWith(STRICT) ? STRICT.length : 0)}`;
}

// ASCII: V8 keeps this text outside of its heap, one byte a character (native/engine/platform.cpp).
const result = await build({ ...common, charset: 'ascii', entryPoints: ['index.ts'], format: 'iife' });
const platform = inFunction(ownNames(result.outputFiles[0].text), `const $builtins=${list};`);
// Its hash at its end: who reads the text knows what it is, without making the hash of a megabyte (platform/bundles.py).
put('platform.js', `${platform}\n//${createHash('sha256').update(platform).digest('hex')}\n`);

if (existsSync(join(source, 'node/index.ts'))) {
  // A function body with the parameter `internals`, giving the registry.
  const plugins = [brandChecks];
  const plugin = join(source, 'node/esbuild-plugin.mjs');
  if (existsSync(plugin)) plugins.push(...[(await import(pathToFileURL(plugin))).default].flat().map((p) => (typeof p === 'function' ? p() : p)));
  const node = await build({ ...common, entryPoints: ['node/index.ts'], format: 'iife', globalName: '__registry', plugins });
  put('node.js', `${withBuiltins(node.outputFiles[0].text, 'internals.builtins')}\nreturn __registry.default ?? __registry;`);
}

const lazy = join(source, 'lazy');
for (const file of existsSync(lazy) ? readdirSync(lazy).filter((f) => f.endsWith('.ts')) : []) {
  const out = await build({ ...common, entryPoints: [`lazy/${file}`], format: 'iife', globalName: '__lazy' });
  put(`${file.slice(0, -3)}.lazy.js`, `${withBuiltins(out.outputFiles[0].text)}\nreturn __lazy;`);
}
function putBinary(name, bytes) {
  const path = join(dist, name);
  if (existsSync(path) && readFileSync(path).equals(bytes)) return;
  writeFileSync(path + '.tmp', bytes);
  renameSync(path + '.tmp', path);
  console.log(`copied ${name} (${(bytes.length / 1024).toFixed(0)} KiB)`);
}

// WebAssembly that Python hands to the JS layer as it is (platform/html_rewriter.py).
putBinary('lol_html.wasm', readFileSync(join(source, 'node_modules/lol-html/lol_html_bg.wasm')));

// What strips types (runtime/modules/typescript.py): the package's glue, and its WebAssembly beside it instead of inside as base64.
const stripper = readFileSync(join(source, 'node_modules/@swc/wasm-typescript/wasm.js'), 'utf8');
const inside = /Buffer\.from\('([A-Za-z0-9+/=]+)', 'base64'\)/.exec(stripper);
if (inside === null) throw new Error('@swc/wasm-typescript no longer has its WebAssembly where tools/bundle.mjs looks for it');
putBinary('typescript.wasm', Buffer.from(inside[1], 'base64'));
put('typescript.js', stripper.replace(inside[0], "require('typescript.wasm')"));
if (process.argv.includes('--clean')) rmSync(dist, { recursive: true });
