// The virtual file system, which node:fs shows too. It lives in the bundle of the node: modules, loaded at the first use.
import { DOMException } from '../dom-exception';
import type { DirNode, FileNode, FsFailure, Node } from '../node/fs/nodes';
import { pyOp } from '../ops';
import { ArrayPrototypeJoin, ObjectCreate, SafeWeakMap, WeakMapPrototypeGet, WeakMapPrototypeSet } from '../primordials';

interface VirtualFiles {
  resolve(path: string): Node | undefined;
  entriesOf(directory: DirNode): [string, Node][];
  FileNode: typeof FileNode;
  DirNode: typeof DirNode;
  FsFailure: typeof FsFailure;
}

const load = pyOp<() => VirtualFiles>('modules.virtual_files');
let loaded: VirtualFiles | undefined;

export function virtualFiles(): VirtualFiles {
  return (loaded ??= load());
}

// What the failures of operations on nodes mean here: https://fs.spec.whatwg.org/
const failures: Readonly<Record<string, readonly [name: string, message: string]>> = {
  __proto__: null as never,
  ENOTDIR: ['NotSupportedError', 'Not a directory'],
  ENOTEMPTY: ['InvalidModificationError', 'Directory not empty'],
  EPERM: ['NotAllowedError', 'Operation not permitted'],
  EIO: ['NotAllowedError', 'Operation not permitted'],
  EISDIR: ['NotAllowedError', 'Operation not permitted on a directory'],
  EEXIST: ['InvalidStateError', 'File already exists'],
  EINVAL: ['TypeMismatchError', 'Invalid file path'],
  ENOSYS: ['NotSupportedError', 'Operation not supported'],
  EMFILE: ['QuotaExceededError', 'Too many open files, please close some files and try again'],
  ELOOP: ['InvalidStateError', 'Symbolic link depth exceeded, please check the symbolic links'],
};

export function attempt<T>(operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    if (!(error instanceof virtualFiles().FsFailure)) throw error;
    if (error.detail === 'File size limit exceeded') {
      throw new DOMException('File size limit exceeded, please reduce the file size and try again', 'QuotaExceededError');
    }
    const [name, message] = failures[error.code] ?? ['UnknownError', 'File system operation failed'];
    throw new DOMException(message, name);
  }
}

/** Where an entry is: the names from the root on. */
export type Place = readonly string[];

export function nodeAt(place: Place): Node | undefined {
  return attempt(() => virtualFiles().resolve(`/${ArrayPrototypeJoin(place, '/')}`));
}

export function notFound(message: string): DOMException {
  return new DOMException(message, 'NotFoundError');
}

export function mismatch(message: string): DOMException {
  return new DOMException(message, 'TypeMismatchError');
}

export function directoryAt(place: Place): DirNode {
  const node = nodeAt(place);
  if (node === undefined) throw notFound('Directory not found');
  if (node.kind !== 'directory') throw mismatch('Not a directory');
  return node;
}

// ---- locks: how many writable streams are open for each entry of a directory

const locks = new SafeWeakMap<DirNode, Record<string, number>>();

/** Whether an entry, or one below it, is locked. */
export function isLocked(directory: DirNode, name: string): boolean {
  if ((WeakMapPrototypeGet(locks, directory)?.[name] ?? 0) > 0) return true;
  const node = directory.child(name);
  if (node?.kind !== 'directory') return false;
  const below = virtualFiles().entriesOf(node);
  for (let i = 0; i < below.length; i++) if (isLocked(node, below[i]![0])) return true;
  return false;
}

/** Locks an entry; the function returned gives the lock back, once. */
export function lock(directory: DirNode, name: string): () => void {
  let held = WeakMapPrototypeGet(locks, directory);
  if (held === undefined) WeakMapPrototypeSet(locks, directory, held = ObjectCreate(null) as Record<string, number>);
  const counts = held;
  counts[name] = (counts[name] ?? 0) + 1;
  let over = false;
  return () => {
    if (over) return;
    over = true;
    if (--counts[name]! === 0) delete counts[name];
  };
}
