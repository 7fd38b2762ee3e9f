// node:fs and node:fs/promises over the virtual file system. https://nodejs.org/api/fs.html
import { ERR_UNSUPPORTED_OPERATION } from './internal/errors';
import type { Fn } from './internal/validators';
import { constants } from './fs/arguments';
import { callbacks } from './fs/callbacks';
import { calls, changeDirectory, openAsBlob } from './fs/calls';
import { Dir, Dirent, Stats } from './fs/classes';
import { FileHandle } from './fs/file-handle';
import { createReadStream, createWriteStream, ReadStream, WriteStream } from './fs/streams';

/** In the order Node lists them; `exists` has no promise form. */
const NAMES = ('access appendFile chmod chown close copyFile cp exists fchmod fchown fdatasync fstat fsync ftruncate futimes glob lchmod lchown ' +
  'link lstat lutimes mkdir mkdtemp open opendir read readFile readdir readlink readv realpath rename rm rmdir stat statfs symlink truncate ' +
  'unlink utimes write writeFile writev').split(' ');
const NO_PROMISE = new Set('close exists fchmod fchown fdatasync fstat fsync ftruncate futimes read readv write writev'.split(' '));

function unsupported(name: string): Fn {
  return { [name]() { throw new ERR_UNSUPPORTED_OPERATION(); } }[name] as Fn;
}

// ---- promises
const promises: any = { FileHandle, constants };
for (const name of NAMES) {
  if (NO_PROMISE.has(name)) continue;
  const call = calls[name]!;
  promises[name] = { async [name](...args: any[]): Promise<unknown> {
    const result = call(...args)();
    if (name === 'open') return FileHandle.make(result as number);
    return name === 'appendFile' || name === 'writeFile' ? undefined : result;
  } }[name];
}
promises.glob = async function* glob(pattern: any, options: any = {}): AsyncGenerator<unknown> {
  yield* calls.glob!(pattern, options)() as any[];
};
promises.watch = unsupported('watch');

// ---- the callback and the synchronous forms
const fs: any = { constants, F_OK: constants.F_OK, R_OK: constants.R_OK, W_OK: constants.W_OK, X_OK: constants.X_OK, promises, Dirent, Dir, Stats };
for (const name of NAMES) fs[name] = callbacks[name];
for (const name of ['unwatchFile', 'watch', 'watchFile']) fs[name] = unsupported(name);
fs.realpath.native = fs.realpath;
for (const name of NAMES) {
  if (name === 'exists') continue;
  const call = calls[name]!;
  fs[`${name}Sync`] = { [`${name}Sync`]: (...args: any[]) => call(...args)() }[`${name}Sync`];
}
fs.existsSync = function existsSync(path: any): boolean {
  try {
    calls.access!(path)();
    return true;
  } catch {
    return false;
  }
};
fs.realpathSync.native = fs.realpathSync;
Object.defineProperty(fs.exists, Symbol.for('nodejs.util.promisify.custom'), { value: async (path: any) => fs.existsSync(path) });
for (const [name, names] of Object.entries({ read: ['bytesRead', 'buffer'], readv: ['bytesRead', 'buffers'], write: ['bytesWritten', 'buffer'], writev: ['bytesWritten', 'buffers'] })) {
  Object.defineProperty(fs[name], Symbol.for('nodejs.util.promisify.custom.args'), { value: names, enumerable: false });
}
Object.assign(fs, {
  WriteStream, ReadStream, FileWriteStream: WriteStream, FileReadStream: ReadStream, createReadStream, createWriteStream, openAsBlob,
});

export { changeDirectory };
export default fs;
