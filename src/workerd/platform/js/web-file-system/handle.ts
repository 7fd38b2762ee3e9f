// FileSystemHandle (https://fs.spec.whatwg.org/#api-filesystemhandle): a name for a place, whether or not something is there.
import { DOMException } from '../dom-exception';
import { badArgument, defineInterface, illegalInvocation, toDictionary } from '../interface';
import { native } from '../ops';
import { ArrayPrototypeJoin, ArrayPrototypeSlice, SafeWeakMap, WeakMapPrototypeGet, WeakMapPrototypeSet } from '../primordials';
import { type Place, attempt, directoryAt, isLocked, nodeAt, notFound } from './vfs';

/** Set while the platform itself makes a handle. */
let making: Place | undefined;
export let placeOf: (handle: FileSystemHandle) => Place;
export let isHandle: (value: unknown) => value is FileSystemHandle;

const ids = new SafeWeakMap<object, string>();

export class FileSystemHandle {
  readonly #place: Place;

  constructor() {
    if (making === undefined) throw new TypeError('Illegal constructor');
    this.#place = making;
    making = undefined;
  }

  get kind(): string {
    if (!(#place in this)) throw illegalInvocation();
    return kindOf(this);
  }

  get name(): string {
    if (!(#place in this)) throw illegalInvocation();
    const place = this.#place;
    return place.length === 0 ? '' : place[place.length - 1]!;
  }

  async isSameEntry(other: FileSystemHandle): Promise<boolean> {
    if (!(#place in this)) throw illegalInvocation();
    if (!isHandle(other)) throw badArgument('isSameEntry', 'FileSystemHandle', 1, 'FileSystemHandle');
    return kindOf(this) === kindOf(other) && ArrayPrototypeJoin(this.#place, '/') === ArrayPrototypeJoin(other.#place, '/');
  }

  async getUniqueId(): Promise<string> {
    if (!(#place in this)) throw illegalInvocation();
    const node = nodeAt(this.#place);
    if (node === undefined) throw notFound('The entry was not found.');
    let id = WeakMapPrototypeGet(ids, node);
    if (id === undefined) WeakMapPrototypeSet(ids, node, id = native.randomUUID());
    return id;
  }

  async remove(options: { recursive?: boolean } = undefined!): Promise<void> {
    if (!(#place in this)) throw illegalInvocation();
    const given = toDictionary<{ recursive?: boolean }>(options, () => badArgument('remove', 'FileSystemHandle', 1, 'RemoveOptions'));
    const recursive = !!given?.recursive;
    const place = this.#place;
    if (place.length === 0) throw new DOMException('The root cannot be removed.', 'NotAllowedError');
    removeFrom(ArrayPrototypeSlice(place, 0, -1), place[place.length - 1]!, recursive, 'The entry was not found.');
  }

  static {
    placeOf = (handle) => handle.#place;
    isHandle = (value): value is FileSystemHandle => typeof value === 'object' && value !== null && #place in value;
    defineInterface(this, 'FileSystemHandle', { brand: isHandle });
  }
}

/** Set by the derived classes: a handle's kind is its class. */
let isDirectory: (handle: FileSystemHandle) => boolean = () => false;

export function setDirectoryTest(test: (handle: FileSystemHandle) => boolean): void {
  isDirectory = test;
}

function kindOf(handle: FileSystemHandle): string {
  return isDirectory(handle) ? 'directory' : 'file';
}

export function make<T extends FileSystemHandle>(Class: new () => T, place: Place): T {
  making = place;
  return new Class();
}

export function removeFrom(parent: Place, name: string, recursive: boolean, missing: string): void {
  const directory = directoryAt(parent);
  if (isLocked(directory, name)) throw new DOMException('Cannot remove an entry that is currently locked.', 'NoModificationAllowedError');
  if (!attempt(() => directory.remove(name, recursive))) throw notFound(missing);
}
