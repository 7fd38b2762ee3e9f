// nodejs_als alone gives node:async_hooks and nothing else.
import { AsyncLocalStorage } from 'node:async_hooks';

export const only = {
  async test() {
    const storage = new AsyncLocalStorage();
    if (storage.run(1, () => storage.getStore()) !== 1) throw new Error('no store');
    for (const name of ['node:path', 'path', 'node:buffer']) {
      const failed = await import(name).then(() => false, () => true);
      if (!failed) throw new Error(`${name} is there`);
    }
    if ('process' in globalThis || 'Buffer' in globalThis) throw new Error('globals are there');
  },
};
