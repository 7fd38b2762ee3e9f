// Lines written to standard output go through console.log, whatever it is at that time.
import assert from 'node:assert';
import fs from 'node:fs';

export default {
  test() {
    const { log } = console;
    const seen = [];
    let reads = 0;
    Object.defineProperty(console, 'log', {
      get() {
        if (reads++ === 0) fs.writeSync(1, 'from within\n');
        return (...args) => seen.push(args);
      },
      configurable: true,
    });
    try {
      fs.writeSync(1, 'one ');
      fs.writeSync(1, 'line %s\n\n');
      process.stderr.write('another\n');
    } finally {
      Object.defineProperty(console, 'log', { value: log, writable: true, configurable: true, enumerable: true });
    }
    assert.deepStrictEqual(seen, [['stdout: from within'], ['stdout: one line %s'], ['stdout:'], ['stderr: another']]);
  },
};
