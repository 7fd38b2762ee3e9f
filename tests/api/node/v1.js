// nodejs_compat at an early date: modules by their full names only, no globals.
import { Buffer } from 'node:buffer';
import { strictEqual, rejects } from 'node:assert';

export const first = {
  async test() {
    strictEqual(Buffer.from('a').toString('hex'), '61');
    strictEqual(typeof process, 'undefined');
    strictEqual(globalThis.Buffer, undefined);
    for (const name of ['buffer', 'node:fs', 'node:http']) await rejects(import(name), /No such module/);
  },
};
