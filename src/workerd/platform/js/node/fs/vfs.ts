// The virtual file system of a worker: /bundle (its modules, read-only), /tmp (each request has its own) and /dev.
// Operations throw errors shaped like libuv's: code, syscall, path.
import { getCwd } from '../internal/cwd';
import { errnos } from '../internal/constants';
import { DeviceNode, DirNode, FileNode, FsFailure, LinkNode, type Node } from './nodes';
import { StdioNode } from './stdio-node';

const TEXTS: Record<string, string> = {
  EBADF: 'bad file descriptor', EEXIST: 'file already exists', EFBIG: 'file too large', EINVAL: 'invalid argument',
  EISDIR: 'illegal operation on a directory', ELOOP: 'too many symbolic links encountered', EMFILE: 'too many open files',
  ENOENT: 'no such file or directory', ENOSYS: 'function not implemented', ENOTDIR: 'not a directory', ENOTEMPTY: 'directory not empty',
  EPERM: 'operation not permitted', EIO: 'input/output error',
};
const MAX_LINKS = 40;
const MAX_PATH = 4096;
const MAX_SEGMENTS = 48;

export function fsError(code: string, syscall: string, path?: string, text?: string): Error {
  let message = text ?? TEXTS[code] ?? code;
  if (text === undefined && path !== undefined) message += `, ${syscall} '${path}'`;
  const error: any = new Error(message);
  error.syscall = syscall;
  error.code = code;
  if (errnos[code] !== undefined) error.errno = -errnos[code];
  if (path !== undefined) error.path = path;
  return error;
}

/** Runs an operation on nodes; their failures become errors of the system call. */
export function attempt<T>(syscall: string, fn: () => T, path?: string): T {
  try {
    return fn();
  } catch (e) {
    if (e instanceof FsFailure) throw fsError(e.code, syscall, path, e.detail);
    throw e;
  }
}

// ---- the tree
let root: DirNode | undefined;
const temporary = new WeakMap<object, DirNode>();
const outsideRequests = new DirNode(true, 0);

function makeRoot(): DirNode {
  const top = new DirNode(false, 0);
  const bundle = new DirNode(false, 0);
  const encoder = new internals.web.TextEncoder();
  for (const [name, content] of internals.bundleFiles()) {
    // Names like "abc:foo" are URLs of another scheme, not files.
    if (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(name) && !name.startsWith('file:///bundle/')) continue;
    const parts = name.replace(/^file:\/\/\/bundle\//, '').split('/').filter((part) => part !== '' && part !== '.' && part !== '..');
    if (parts.length === 0) continue;
    let directory = bundle;
    for (const part of parts.slice(0, -1)) {
      let next = directory.entries.get(part);
      if (next === undefined || next.kind !== 'directory') directory.entries.set(part, (next = new DirNode(false, 0)));
      directory = next;
    }
    const bytes = typeof content === 'string' ? encoder.encode(content) : content;
    directory.entries.set(parts[parts.length - 1]!, new FileNode(bytes, false, 0));
  }
  const devices = new DirNode(false, 0);
  for (const name of ['null', 'zero', 'full', 'random'] as const) devices.entries.set(name, new DeviceNode(name));
  top.entries.set('bundle', bundle);
  // Stands for the request's own directory; see child().
  top.entries.set('tmp', outsideRequests);
  top.entries.set('dev', devices);
  return top;
}

export function getRoot(): DirNode {
  return (root ??= makeRoot());
}

function child(directory: DirNode, name: string): Node | undefined {
  const found = directory.child(name);
  if (found !== outsideRequests) return found;
  const io = internals.async.currentIo();
  if (io === undefined) return found;
  let own = temporary.get(io);
  if (own === undefined) temporary.set(io, (own = new DirNode(true, 0)));
  return own;
}

/** Entries as readdir shows them. */
export function entriesOf(directory: DirNode): [string, Node][] {
  return [...directory.entries.keys()].map((name) => [name, child(directory, name)!]);
}

// ---- paths: absolute, without '.', '..' or empty parts
export function segments(path: string): string[] {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return parts;
}

/** Paths are compared as URLs are: an escape means the character, and its case does not matter. */
function unescape(escape: string): string {
  const code = parseInt(escape.slice(1), 16);
  return code < 0x20 || code >= 0x7f || code === 0x25 || code === 0x2f ? escape.toUpperCase() : String.fromCharCode(code);
}

export function absolute(path: string): string {
  const given = path.includes('%') ? path.replace(/%[0-9a-fA-F]{2}/g, unescape) : path;
  const full = given.startsWith('/') ? given : `${getCwd()}/${given}`;
  if (full.length > MAX_PATH) throw new Error('File path is too long');
  const parts = segments(full);
  if (parts.length > MAX_SEGMENTS) throw new Error('File path has too many segments');
  return `/${parts.join('/')}${parts.length > 0 && full.endsWith('/') ? '/' : ''}`;
}

export function split(path: string): { parent: string; name: string } {
  const parts = segments(path);
  const name = parts.pop() ?? '';
  return { parent: `/${parts.join('/')}`, name };
}

/** What is at a path, or undefined. Throws FsFailure('ELOOP') for links without end. */
export function resolve(path: string, followLast = true, budget = { links: 0 }): Node | undefined {
  const parts = segments(path);
  let node: Node = getRoot();
  for (let i = 0; i < parts.length; i++) {
    if (node.kind !== 'directory') return undefined;
    const next = child(node, parts[i]!);
    if (next === undefined) return undefined;
    node = next;
    if (node.kind === 'symlink' && (followLast || i < parts.length - 1)) {
      const target = follow(node, budget);
      if (target === undefined) return undefined;
      node = target;
    }
  }
  return node;
}

export function follow(link: LinkNode, budget = { links: 0 }): Node | undefined {
  if (++budget.links > MAX_LINKS) throw new FsFailure('ELOOP', 'symlink depth exceeded');
  return resolve(link.target, true, budget);
}

// ---- open files
export interface OpenFile { fd: number; node: Node; position: number; read: boolean; write: boolean; append: boolean }
const open = new Map<number, OpenFile>();
let nextFd = 3;

export function openFile(path: string, options: { read: boolean; write: boolean; append: boolean; exclusive: boolean }): number {
  return attempt('open', () => {
    let node = resolve(path);
    if (options.exclusive && options.write && node !== undefined) throw new FsFailure('EEXIST');
    if (node === undefined) {
      // A file is made whatever the mode, as the runtime this one is compatible with does in a writable directory.
      const { parent, name } = split(path);
      const directory = resolve(parent);
      if (directory === undefined || directory.kind !== 'directory') throw new FsFailure('ENOENT');
      node = new FileNode(new Uint8Array(0), true, 0);
      directory.add(name, node);
    }
    if (options.write) {
      if (node.kind === 'directory') throw new FsFailure('EISDIR');
      if (!node.writable) throw new FsFailure('EPERM');
    }
    const fd = nextFd++;
    const { read, write, append } = options;
    open.set(fd, { fd, node, position: 0, read, write, append });
    return fd;
  }, path);
}

export function getFile(fd: number): OpenFile | undefined {
  const found = open.get(fd);
  if (found !== undefined || fd < 0 || fd > 2) return found;
  const stdio: OpenFile = { fd, node: new StdioNode(fd), position: 0, read: fd === 0, write: true, append: true };
  open.set(fd, stdio);
  return stdio;
}

export function closeFile(fd: number): void {
  // Standard input and output stay; closing what is not open does nothing.
  if (fd > 2) open.delete(fd);
}
