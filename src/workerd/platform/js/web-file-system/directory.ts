// FileSystemDirectoryHandle (https://fs.spec.whatwg.org/#api-filesystemdirectoryhandle).
import { badArgument, defineInterface, illegalInvocation, toDictionary } from '../interface';
import {
  ArrayPrototypeSlice, ObjectDefineProperty, ReflectApply, StringPrototypeIncludes, StringPrototypeToWellFormed, SymbolAsyncIterator,
} from '../primordials';
import type { DirNode, Node } from '../node/fs/nodes';
import { fileHandle, type FileSystemFileHandle } from './file';
import { FileSystemHandle, isHandle, make, placeOf, removeFrom, setDirectoryTest } from './handle';
import { type Place, attempt, directoryAt, mismatch, nodeAt, notFound, virtualFiles } from './vfs';

const OWNER = 'FileSystemDirectoryHandle';

function fileName(given: unknown, message: string): string {
  const name = StringPrototypeToWellFormed(`${given as string}`);
  if (name === '' || name === '.' || name === '..' || StringPrototypeIncludes(name, '/') || StringPrototypeIncludes(name, '\\')) {
    throw new TypeError(message);
  }
  return name;
}

function below(place: Place, name: string): Place {
  const longer = ArrayPrototypeSlice(place, 0) as string[];
  longer[longer.length] = name;
  return longer;
}

/** The entry of that name, made by `create` if there is none. */
function open(place: Place, name: string, create: (() => Node) | undefined, missing: string): Node {
  const directory = directoryAt(place);
  const node = nodeAt(below(place, name));
  if (node !== undefined) return node;
  if (create === undefined) throw notFound(missing);
  const made = create();
  attempt(() => directory.add(name, made));
  return made;
}

function entriesIn(place: Place): [string, FileSystemHandle][] {
  const node = nodeAt(place);
  if (node === undefined) throw notFound('Not found');
  if (node.kind !== 'directory') throw mismatch('Not a directory');
  const entries = virtualFiles().entriesOf(node);
  const found: [string, FileSystemHandle][] = [];
  for (let i = 0; i < entries.length; i++) {
    const name = entries[i]![0];
    const here = below(place, name);
    // Symbolic links are what they lead to.
    const entry = nodeAt(here);
    if (entry !== undefined) found[found.length] = [name, entry.kind === 'directory' ? directoryHandle(here) : fileHandle(here)];
  }
  return found;
}

async function* iterate<T>(place: Place, pick: (entry: [string, FileSystemHandle]) => T): AsyncGenerator<T> {
  const entries = entriesIn(place);
  for (let i = 0; i < entries.length; i++) yield pick(entries[i]!);
}

let brand: (value: object) => boolean;

export class FileSystemDirectoryHandle extends FileSystemHandle {
  readonly #directory = true;

  async getFileHandle(name: string, options: { create?: boolean } = undefined!): Promise<FileSystemFileHandle> {
    if (!(#directory in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('getFileHandle', OWNER, 1, 'string');
    const file = fileName(name, 'Invalid file name');
    const given = toDictionary<{ create?: boolean }>(options, () => badArgument('getFileHandle', OWNER, 2, 'FileSystemGetFileOptions'));
    const { FileNode } = virtualFiles();
    const create = given?.create ? () => new FileNode(new Uint8Array(0), true, 0) : undefined;
    if (open(placeOf(this), file, create, 'Not found').kind !== 'file') throw mismatch('File name is a directory');
    return fileHandle(below(placeOf(this), file));
  }

  async getDirectoryHandle(name: string, options: { create?: boolean } = undefined!): Promise<FileSystemDirectoryHandle> {
    if (!(#directory in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('getDirectoryHandle', OWNER, 1, 'string');
    const directory = fileName(name, 'Invalid directory name');
    const given = toDictionary<{ create?: boolean }>(
      options, () => badArgument('getDirectoryHandle', OWNER, 2, 'FileSystemGetDirectoryOptions'));
    const { DirNode } = virtualFiles();
    const create = given?.create ? (): DirNode => new DirNode(true, 0) : undefined;
    if (open(placeOf(this), directory, create, 'Directory not opened or created').kind !== 'directory') throw mismatch('File name is a file');
    return directoryHandle(below(placeOf(this), directory));
  }

  async removeEntry(name: string, options: { recursive?: boolean } = undefined!): Promise<void> {
    if (!(#directory in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('removeEntry', OWNER, 1, 'string');
    const entry = fileName(name, 'Invalid name');
    const given = toDictionary<{ recursive?: boolean }>(options, () => badArgument('removeEntry', OWNER, 2, 'FileSystemRemoveOptions'));
    removeFrom(placeOf(this), entry, !!given?.recursive, 'File not found');
  }

  /** The names that lead from this directory to the other entry; null if it is not below. */
  async resolve(possibleDescendant: FileSystemHandle): Promise<string[] | null> {
    if (!(#directory in this)) throw illegalInvocation();
    if (!isHandle(possibleDescendant)) throw badArgument('resolve', OWNER, 1, 'FileSystemHandle');
    const own = placeOf(this);
    const other = placeOf(possibleDescendant);
    if (other.length < own.length) return null;
    for (let i = 0; i < own.length; i++) if (own[i] !== other[i]) return null;
    return ArrayPrototypeSlice(other, own.length) as string[];
  }

  entries(): AsyncGenerator<[string, FileSystemHandle]> {
    if (!(#directory in this)) throw illegalInvocation();
    return iterate(placeOf(this), (entry) => entry);
  }

  keys(): AsyncGenerator<string> {
    if (!(#directory in this)) throw illegalInvocation();
    return iterate(placeOf(this), (entry) => entry[0]);
  }

  values(): AsyncGenerator<FileSystemHandle> {
    if (!(#directory in this)) throw illegalInvocation();
    return iterate(placeOf(this), (entry) => entry[1]);
  }

  forEach(callback: (name: string, handle: FileSystemHandle, directory: FileSystemDirectoryHandle) => void, thisArg: unknown = undefined): void {
    if (!(#directory in this)) throw illegalInvocation();
    if (typeof callback !== 'function') throw badArgument('forEach', OWNER, 1, 'function');
    const entries = entriesIn(placeOf(this));
    for (let i = 0; i < entries.length; i++) ReflectApply(callback, thisArg ?? undefined, [entries[i]![0], entries[i]![1], this]);
  }

  static {
    brand = (value) => #directory in value;
    setDirectoryTest((handle) => #directory in handle);
    defineInterface(this, OWNER, { brand: (o) => brand(o) });
    ObjectDefineProperty(this.prototype, SymbolAsyncIterator, { value: this.prototype.entries, writable: true, enumerable: false, configurable: true });
  }
}

export function directoryHandle(place: Place): FileSystemDirectoryHandle {
  return make(FileSystemDirectoryHandle, place);
}
