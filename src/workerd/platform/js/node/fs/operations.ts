// The operations behind node:fs, on absolute paths and file descriptors. What each throws, and with which code, follows the runtime this
// one is compatible with rather than a POSIX kernel.
import { copyTree } from './copy';
import { DirNode, FileNode, FsFailure, LinkNode, MAX_FILE, type Node } from './nodes';
import { attempt, entriesOf, follow, fsError, getFile, getRoot, resolve, segments, split } from './vfs';
export { closeFile, openFile } from './vfs';

export interface Stat { type: Node['kind']; size: number; modified: number; created: number; writable: boolean; device: boolean }
export interface Entry { name: string; parentPath: string; type: number }

function statOf(node: Node): Stat {
  return { type: node.kind, size: node.size, modified: node.modified, created: node.created, writable: node.writable, device: node.device };
}

export function stat(where: string | number, followLinks = true): Stat | undefined {
  if (typeof where === 'number') {
    const opened = getFile(where);
    if (opened === undefined) throw fsError('EBADF', 'fstat');
    return statOf(opened.node);
  }
  return attempt('stat', () => {
    const node = resolve(where, followLinks);
    return node === undefined ? undefined : statOf(node);
  });
}

export function setModified(where: string | number, time: number, followLinks = true): void {
  const node = typeof where === 'number' ? getFile(where)?.node : attempt('futimes', () => resolve(where, followLinks));
  if (node === undefined) throw typeof where === 'number' ? fsError('EBADF', 'futimes') : fsError('ENOENT', 'utimes', where);
  if (node.kind !== 'file') return;
  if (!node.writable) throw fsError('EPERM', 'futimes');
  node.modified = time;
}

export function truncate(where: string | number, size: number): void {
  const node = typeof where === 'number' ? getFile(where)?.node : attempt('ftruncate', () => resolve(where));
  if (node === undefined) throw typeof where === 'number' ? fsError('EBADF', 'ftruncate') : fsError('ENOENT', 'ftruncate', where);
  if (node.kind === 'directory') throw fsError('EISDIR', 'ftruncate');
  if (node.kind === 'symlink') throw fsError('EINVAL', 'ftruncate');
  attempt('ftruncate', () => node.resize(size));
}

export function readLink(path: string, mustBeLink: boolean): string {
  const node = attempt('readlink', () => resolve(path, false));
  if (node === undefined) throw fsError('ENOENT', 'readlink', path);
  if (node.kind === 'symlink') return node.target;
  if (mustBeLink) throw fsError('EINVAL', 'readlink');
  return `/${segments(path).join('/')}`;
}

export function link(path: string, target: string, symbolic: boolean): void {
  attempt('link', () => {
    if (resolve(path) !== undefined) throw fsError('EEXIST', 'link', undefined, 'File already exists');
    const { parent, name } = split(path);
    if (name === '' || path.endsWith('/')) throw fsError('EINVAL', 'link', undefined, 'Invalid filename');
    const directory = resolve(parent);
    if (directory === undefined) throw fsError('ENOENT', 'link', target, 'Directory does not exist');
    if (directory.kind !== 'directory') throw fsError('EINVAL', 'link', undefined, 'Not a directory');
    if (symbolic) {
      directory.add(name, new LinkNode(target));
      return;
    }
    const node = resolve(target, false);
    if (node === undefined) throw fsError('ENOENT', 'link', target, 'File not found');
    if (node.kind === 'directory') throw fsError('EPERM', 'link', undefined, 'Cannot hardlink to a directory');
    directory.add(name, node);
  });
}

export function unlink(path: string): void {
  attempt('unlink', () => {
    const { parent, name } = split(path);
    const directory = resolve(parent);
    if (directory === undefined) throw fsError('ENOENT', 'unlink', name, 'File not found');
    if (directory.kind !== 'directory') throw fsError('ENOTDIR', 'unlink', undefined, 'Parent path is not a directory');
    const node = directory.child(name);
    if (node === undefined) throw fsError('ENOENT', 'unlink', name, 'File not found');
    if (node.kind === 'directory') throw fsError('EISDIR', 'unlink', undefined, 'Cannot unlink a directory');
    directory.remove(name, false);
  });
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength);
}

function checkPosition(position: number | bigint | null, fallback: number, syscall: string): number {
  if (position === null) return fallback;
  if (position > 0xffffffff) throw fsError('EINVAL', syscall, undefined, 'position out of range');
  return Number(position);
}

export function write(fd: number, buffers: ArrayBufferView[], position: number | bigint | null): number {
  const opened = getFile(fd);
  if (opened === undefined) throw fsError('EBADF', 'write');
  const { node } = opened;
  if (node.kind === 'directory') throw fsError('EISDIR', 'write');
  if (node.kind === 'symlink') throw fsError('EINVAL', 'write');
  let at = opened.append ? node.size : checkPosition(position, opened.position, 'write');
  if (at > MAX_FILE) throw fsError('EPERM', 'write', undefined, 'File size limit exceeded');
  let total = 0;
  for (const buffer of buffers) {
    const written = attempt('write', () => node.write(at, bytesOf(buffer)));
    at += written;
    total += written;
  }
  if (position === null && !opened.append) opened.position += total;
  return total;
}

export function read(fd: number, buffers: ArrayBufferView[], position: number | bigint | null): number {
  const opened = getFile(fd);
  if (opened === undefined || !opened.read) throw fsError('EBADF', 'read');
  const { node } = opened;
  if (node.kind === 'directory') throw fsError('EISDIR', 'read');
  if (node.kind === 'symlink') throw fsError('EINVAL', 'read');
  let at = checkPosition(position, opened.position, 'read');
  let total = 0;
  for (const buffer of buffers) {
    const count = node.read(at, bytesOf(buffer));
    at += count;
    total += count;
    if (count < buffer.byteLength) break;
  }
  if (position === null) opened.position += total;
  return total;
}

export function readAll(where: string | number): Uint8Array {
  if (typeof where === 'number') {
    const opened = getFile(where);
    if (opened === undefined || !opened.read || opened.node.kind !== 'file') throw fsError('EBADF', 'fread');
    // The whole file, wherever the descriptor stands; it then stands at the end.
    const bytes = opened.node.readAll();
    opened.position = opened.node.size;
    return bytes;
  }
  const node = attempt('readAll', () => resolve(where));
  if (node === undefined) throw fsError('ENOENT', 'readAll', where);
  if (node.kind === 'directory') throw fsError('EISDIR', 'readAll');
  return (node as FileNode).readAll();
}

export function writeAll(where: string | number, data: ArrayBufferView, append: boolean, exclusive: boolean): number {
  const bytes = bytesOf(data);
  if (typeof where === 'number') {
    const opened = getFile(where);
    if (opened === undefined || !opened.write || opened.node.kind !== 'file') throw fsError('EBADF', 'fwrite');
    const { node } = opened;
    if (!node.writable) throw fsError('EPERM', 'fwrite');
    try {
      if (opened.append || append) return attempt('write', () => node.write(node.size, bytes));
      return attempt('fwriteAll', () => node.writeAll(bytes));
    } finally {
      opened.position = node.size;
    }
  }
  if (bytes.length > MAX_FILE * 16) throw fsError('EFBIG', 'writeAll');
  return attempt('writeAll', () => {
    const node = resolve(where);
    if (node !== undefined) {
      if (exclusive) throw fsError('EEXIST', 'writeAll', undefined, 'file already exists');
      if (node.kind === 'directory') throw new FsFailure('EISDIR');
      if (node.kind === 'symlink') throw new FsFailure('EINVAL');
      if (!node.writable) throw new FsFailure('EPERM');
      return append ? node.write(node.size, bytes) : node.writeAll(bytes);
    }
    const { parent, name } = split(where);
    const directory = resolve(parent);
    if (directory === undefined) throw fsError('ENOENT', 'writeAll', where);
    if (directory.kind === 'file') throw new FsFailure('ENOTDIR');
    if (directory.kind === 'symlink') throw new FsFailure('EINVAL');
    if (!directory.writable) throw new FsFailure('EPERM');
    const file = new FileNode(new Uint8Array(0), true, 0);
    const written = file.writeAll(bytes);
    directory.add(name, file);
    return written;
  });
}

export function renameOrCopy(from: string, to: string, copy: boolean): void {
  const syscall = copy ? 'copy' : 'rename';
  attempt(syscall, () => {
    if (resolve(to) !== undefined) throw fsError('EEXIST', syscall);
    const target = split(to);
    const directory = resolve(target.parent);
    if (directory === undefined) throw fsError('ENOENT', syscall, target.name);
    if (directory.kind !== 'directory') throw new FsFailure('ENOTDIR');
    const source = split(from);
    let sourceParent: Node | undefined;
    if (!copy) {
      sourceParent = resolve(source.parent);
      if (sourceParent === undefined) throw fsError('ENOENT', syscall, source.name);
      if (sourceParent.kind !== 'directory') throw new FsFailure('ENOTDIR');
      if (!sourceParent.writable) throw new FsFailure('EPERM');
    }
    const node = resolve(from);
    if (node === undefined) throw fsError('ENOENT', syscall, from);
    if (copy && node.kind === 'directory') throw new FsFailure('EISDIR');
    directory.add(target.name, copy && node.kind === 'file' ? node.clone() : node);
    if (sourceParent !== undefined) (sourceParent as DirNode).remove(source.name, true);
  });
}

let temporaryCount = 0;

export function mkdir(path: string, options: { recursive: boolean; temporary: boolean }): string | undefined {
  return attempt('mkdir', () => {
    const existing = resolve(path, false);
    if (existing !== undefined && !options.temporary) {
      if (existing.kind !== 'directory') throw new FsFailure('EEXIST');
      return undefined;
    }
    if (options.recursive) {
      const parts = segments(path);
      let current: DirNode = getRoot();
      let created: string | undefined;
      parts.forEach((part, i) => {
        const here = `/${parts.slice(0, i + 1).join('/')}`;
        const next = resolve(here, false);
        if (next === undefined) {
          if (!current.writable) throw new FsFailure('EPERM');
          const made = new DirNode(true, 0);
          current.add(part, made);
          current = made;
          created ??= i < parts.length - 1 ? here : undefined;
        } else if (next.kind !== 'directory') throw new FsFailure('ENOTDIR');
        else current = next;
      });
      return created;
    }
    const { parent, name } = split(path);
    const directory = resolve(parent);
    if (directory === undefined) throw fsError('ENOENT', 'mkdir', name);
    if (directory.kind !== 'directory') throw new FsFailure('ENOTDIR');
    if (!directory.writable) throw new FsFailure('EPERM');
    if (options.temporary) {
      // A prefix that ends in a slash names the directory to make it in.
      const inside = path.endsWith('/') && existing?.kind === 'directory';
      const unique = `${inside ? '' : name}${temporaryCount++}`;
      (inside ? (existing as DirNode) : directory).add(unique, new DirNode(true, 0));
      return inside ? `${path}${unique}` : `${parent === '/' ? '' : parent}/${unique}`;
    }
    directory.add(name, new DirNode(true, 0));
    return undefined;
  });
}

export function rm(path: string, options: { recursive: boolean; force: boolean; directoryOnly: boolean }): void {
  const { parent, name } = split(path);
  attempt('rm', () => {
    const directory = resolve(parent);
    if (directory === undefined) {
      if (options.force) return;
      throw fsError('ENOENT', 'rm', name);
    }
    if (directory.kind !== 'directory') throw fsError('ENOTDIR', 'rm', name);
    if (!directory.writable) throw fsError('EPERM', 'rm');
    if (options.directoryOnly) {
      const node = directory.child(name);
      if (node === undefined) throw fsError('ENOENT', 'rm', name);
      if (node.kind !== 'directory') throw fsError('ENOTDIR', 'rm');
    }
    directory.remove(name, options.recursive);
  }, name);
}

const ENTRY_TYPES = { file: 1, directory: 2, symlink: 3 } as const;
const CHARACTER_DEVICE = 6;

function list(directory: DirNode, base: string[], recursive: boolean, out: Entry[], seen: Set<LinkNode>): void {
  for (const [name, node] of entriesOf(directory)) {
    out.push({
      name: recursive ? [...base, name].join('/') : name, parentPath: `/${base.join('/')}`,
      type: node.device ? CHARACTER_DEVICE : ENTRY_TYPES[node.kind],
    });
    if (!recursive) continue;
    if (node.kind === 'directory') list(node, [...base, name], recursive, out, seen);
    else if (node.kind === 'symlink') {
      if (seen.has(node)) throw new FsFailure('ELOOP', 'symlink depth exceeded');
      const target = follow(node);
      if (target?.kind === 'directory') list(target, [...base, name], recursive, out, new Set(seen).add(node));
    }
  }
}

export function readdir(path: string, recursive: boolean): Entry[] {
  return attempt('readdir', () => {
    const node = resolve(path, false);
    if (node === undefined) throw new FsFailure('ENOENT');
    if (node.kind === 'file') throw new FsFailure('ENOTDIR');
    if (node.kind === 'symlink') throw new FsFailure('EINVAL');
    const entries: Entry[] = [];
    list(node, segments(path), recursive, entries, new Set());
    return entries;
  }, path);
}

export const cp = copyTree;
