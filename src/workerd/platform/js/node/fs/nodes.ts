// What the virtual file system is made of. All of it is in memory.

export type Node = FileNode | DirNode | LinkNode;

/** The largest file, in bytes. */
export const MAX_FILE = 128 * 1024 * 1024;

export class FsFailure extends Error {
  constructor(readonly code: string, readonly detail?: string) {
    super(code);
  }
}

export class FileNode {
  readonly kind = 'file';
  #data: Uint8Array;
  #size: number;
  modified: number;
  constructor(data: Uint8Array, readonly writable: boolean, readonly created: number) {
    this.#data = data;
    this.#size = data.byteLength;
    this.modified = created;
  }
  get device(): boolean {
    return false;
  }
  get size(): number {
    return this.#size;
  }
  read(position: number, into: Uint8Array): number {
    if (position >= this.#size) return 0;
    const count = Math.min(into.length, this.#size - position);
    into.set(this.#data.subarray(position, position + count));
    return count;
  }
  readAll(): Uint8Array {
    return this.#data.slice(0, this.#size);
  }
  write(position: number, from: Uint8Array): number {
    this.#check();
    const end = position + from.length;
    this.#grow(end);
    this.#data.set(from, position);
    if (end > this.#size) this.#size = end;
    this.modified = Date.now();
    return from.length;
  }
  writeAll(from: Uint8Array): number {
    this.#check();
    if (from.length > MAX_FILE) throw new FsFailure('EPERM', 'File size limit exceeded');
    this.#data = from.slice();
    this.#size = from.length;
    this.modified = Date.now();
    return from.length;
  }
  resize(size: number): void {
    this.#check();
    if (size > this.#size) this.#grow(size);
    else this.#data.fill(0, size, this.#size);
    this.#size = size;
    this.modified = Date.now();
  }
  replaceWith(other: FileNode): void {
    this.writeAll(other.readAll());
  }
  clone(): FileNode {
    return new FileNode(this.readAll(), true, 0);
  }
  #check(): void {
    if (!this.writable) throw new FsFailure('EPERM');
  }
  #grow(size: number): void {
    if (size > MAX_FILE) throw new FsFailure('EPERM', 'File size limit exceeded');
    if (size <= this.#data.byteLength) return;
    const bigger = new Uint8Array(Math.min(MAX_FILE, Math.max(size, this.#data.byteLength * 2)));
    bigger.set(this.#data.subarray(0, this.#size));
    this.#data = bigger;
  }
}

/** /dev/null and its like: no content of their own. */
export class DeviceNode extends FileNode {
  constructor(readonly name: 'null' | 'zero' | 'full' | 'random') {
    super(new Uint8Array(0), true, 0);
  }
  override get device(): boolean {
    return true;
  }
  override read(_position: number, into: Uint8Array): number {
    if (this.name === 'null') return 0;
    if (this.name === 'random') for (let i = 0; i < into.length; i += 65536) internals.native.getRandomValues(into.subarray(i, i + 65536));
    else into.fill(0);
    return into.length;
  }
  override readAll(): Uint8Array {
    if (this.name === 'null') return new Uint8Array(0);
    const out = new Uint8Array(4096);
    this.read(0, out);
    return out;
  }
  override write(_position: number, from: Uint8Array): number {
    if (this.name === 'full') throw new FsFailure('EIO');
    return from.length;
  }
  override writeAll(from: Uint8Array): number {
    return this.write(0, from);
  }
  override resize(): void {
    if (this.name === 'full') throw new FsFailure('EPERM');
  }
  override clone(): FileNode {
    throw new FsFailure('ENOSYS');
  }
}

export class DirNode {
  readonly kind = 'directory';
  readonly entries = new Map<string, Node>();
  modified: number;
  constructor(readonly writable: boolean, readonly created: number) {
    this.modified = created;
  }
  get size(): number {
    return 0;
  }
  get device(): boolean {
    return false;
  }
  child(name: string): Node | undefined {
    return this.entries.get(name);
  }
  add(name: string, node: Node): void {
    if (!this.writable) throw new FsFailure('EPERM');
    if (name === '' || name === '.' || name === '..' || name.includes('/')) throw new FsFailure('EINVAL', 'Invalid path');
    if (this.entries.has(name)) throw new FsFailure('EEXIST');
    this.entries.set(name, node);
  }
  /** False when there is nothing of that name. */
  remove(name: string, recursive: boolean): boolean {
    if (!this.writable) throw new FsFailure('EPERM');
    const node = this.entries.get(name);
    if (node === undefined) return false;
    if (node.kind === 'directory' && !recursive && node.entries.size > 0) throw new FsFailure('ENOTEMPTY');
    return this.entries.delete(name);
  }
}

export class LinkNode {
  readonly kind = 'symlink';
  readonly writable = false;
  readonly created = 0;
  modified = this.created;
  constructor(readonly target: string) {}
  get size(): number {
    return 0;
  }
  get device(): boolean {
    return false;
  }
}
