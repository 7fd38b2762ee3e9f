// fs.Stats, fs.Dirent and fs.Dir.
import { Buffer } from '../buffer';
import { ERR_DIR_CLOSED, ERR_MISSING_ARGS } from '../internal/errors';
import { validateFunction, validateObject, validateString } from '../internal/validators';
import { constants, encoded } from './arguments';
import type { Entry, Stat } from './operations';

const making = Symbol('making');
const KIND = Symbol('type');
const c = constants as Record<string, number>;

export class Stats {
  [key: string]: any;
  constructor(key: unknown, stat: Stat, bigint: boolean) {
    if (key !== making) throw new TypeError('Illegal constructor');
    let mode = 0o444 | (stat.writable ? 0o222 : 0);
    mode |= stat.device ? c.S_IFCHR! : stat.type === 'file' ? c.S_IFREG! : stat.type === 'directory' ? c.S_IFDIR! : c.S_IFLNK!;
    const number = (n: number): any => (bigint ? BigInt(Math.trunc(n)) : n);
    // The virtual file system has no meaning for most of them.
    Object.assign(this, {
      dev: number(Number(stat.device)), ino: number(0), mode: number(mode), nlink: number(1), uid: number(0), gid: number(0), rdev: number(0),
      size: number(stat.size), blksize: number(0), blocks: number(0),
    });
    const times = Object.entries({ atime: 0, mtime: stat.modified, ctime: stat.modified, birthtime: stat.created });
    for (const [name, ms] of times) this[`${name}Ms`] = number(ms);
    for (const [name, ms] of times) this[`${name}Ns`] = bigint ? BigInt(Math.trunc(ms)) * 1_000_000n : undefined;
    for (const [name, ms] of times) this[name] = new Date(ms);
  }
  static make(stat: Stat, bigint: boolean): Stats {
    return new Stats(making, stat, bigint);
  }
  #is(type: number): boolean {
    return (Number(this.mode) & c.S_IFMT!) === type;
  }
  isBlockDevice(): boolean { return this.#is(c.S_IFBLK!); }
  isCharacterDevice(): boolean { return this.#is(c.S_IFCHR!); }
  isDirectory(): boolean { return this.#is(c.S_IFDIR!); }
  isFIFO(): boolean { return this.#is(c.S_IFIFO!); }
  isFile(): boolean { return this.#is(c.S_IFREG!); }
  isSocket(): boolean { return this.#is(c.S_IFSOCK!); }
  isSymbolicLink(): boolean { return this.#is(c.S_IFLNK!); }
}
export const makeStats = Stats.make;
delete (Stats as any).make;

export class Dirent {
  name: any;
  parentPath: any;
  [KIND]: number;
  constructor(name: any, type: number, path: any) {
    this.name = name;
    this.parentPath = path;
    this[KIND] = type;
  }
  isDirectory(): boolean { return this[KIND] === c.UV_DIRENT_DIR; }
  isFile(): boolean { return this[KIND] === c.UV_DIRENT_FILE; }
  isBlockDevice(): boolean { return this[KIND] === c.UV_DIRENT_BLOCK; }
  isCharacterDevice(): boolean { return this[KIND] === c.UV_DIRENT_CHAR; }
  isSymbolicLink(): boolean { return this[KIND] === c.UV_DIRENT_LINK; }
  isFIFO(): boolean { return this[KIND] === c.UV_DIRENT_FIFO; }
  isSocket(): boolean { return this[KIND] === c.UV_DIRENT_SOCKET; }
}

export class Dir {
  #entries: Entry[] | undefined;
  #encoding: any;
  #path: any;
  constructor(entries: Entry[] | undefined, path: any, options: any) {
    if (entries == null) throw new ERR_MISSING_ARGS('handle');
    validateObject(options, 'options');
    const { encoding = 'utf8' } = options;
    validateString(encoding, 'options.encoding');
    this.#entries = [...entries];
    this.#path = path;
    this.#encoding = encoding;
  }
  get path(): any {
    return this.#path;
  }
  read(callback?: any): any {
    let entry: Dirent | null = null;
    let failure: unknown = null;
    try {
      entry = this.readSync();
    } catch (e) {
      failure = e;
    }
    if (callback === undefined) return failure === null ? Promise.resolve(entry) : Promise.reject(failure);
    validateFunction(callback, 'callback');
    internals.web.queueMicrotask(() => callback(failure, entry));
    return undefined;
  }
  readSync(): Dirent | null {
    if (this.#entries === undefined) throw new ERR_DIR_CLOSED();
    const entry = this.#entries.shift();
    return entry === undefined ? null : new Dirent(encoded(entry.name, this.#encoding), entry.type, entry.parentPath);
  }
  close(callback?: any): any {
    if (callback !== undefined) validateFunction(callback, 'callback');
    this.closeSync();
    if (callback === undefined) return Promise.resolve();
    internals.web.queueMicrotask(() => callback(null));
    return undefined;
  }
  closeSync(): void {
    if (this.#entries === undefined) throw new ERR_DIR_CLOSED();
    this.#entries = undefined;
  }
  async* entries(): AsyncGenerator<Dirent> {
    for (;;) {
      const entry = await this.read();
      if (entry === null) return;
      yield entry;
    }
  }
  [Symbol.asyncIterator](): AsyncGenerator<Dirent> {
    return this.entries();
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
  [Symbol.dispose](): void {
    this.closeSync();
  }
}
void Buffer;
