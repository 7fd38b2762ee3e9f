// Compiles WebAssembly text: node tools/wat.mjs <platform/js> FILE.wat... makes FILE.wasm beside each. Called by tools/conformance.py.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const [source, ...files] = process.argv.slice(2);
const wabt = await createRequire(join(resolve(source), 'package.json'))('wabt')();
for (const file of files) {
  const module = wabt.parseWat(file, readFileSync(file, 'utf8'), { reference_types: true, bulk_memory: true });
  writeFileSync(file.replace(/\.wat$/, '.wasm'), module.toBinary({}).buffer);
}
