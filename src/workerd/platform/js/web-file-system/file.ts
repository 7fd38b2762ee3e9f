// FileSystemFileHandle (https://fs.spec.whatwg.org/#api-filesystemfilehandle).
import { type File, makeFile } from '../blob';
import { badArgument, defineInterface, illegalInvocation, toDictionary } from '../interface';
import { ArrayPrototypeSlice } from '../primordials';
import type { FileNode } from '../node/fs/nodes';
import { FileSystemHandle, make, placeOf } from './handle';
import { type Place, attempt, directoryAt, lock, mismatch, nodeAt, notFound, virtualFiles } from './vfs';
import { type FileSystemWritableFileStream, writableFor } from './writable';

function fileAt(place: Place, missing: string): FileNode {
  const node = nodeAt(place);
  if (node === undefined) throw notFound(missing);
  if (node.kind === 'directory') throw mismatch('Is a directory');
  if (node.kind === 'symlink') throw mismatch('Is a symbolic link');
  return node;
}

let brand: (value: object) => boolean;

export class FileSystemFileHandle extends FileSystemHandle {
  readonly #file = true;

  async getFile(): Promise<File> {
    if (!(#file in this)) throw illegalInvocation();
    const node = fileAt(placeOf(this), 'Not found');
    return makeFile(attempt(() => node.readAll()) as Uint8Array<ArrayBuffer>, this.name, '', node.modified);
  }

  async createWritable(options: { keepExistingData?: boolean } = undefined!): Promise<FileSystemWritableFileStream> {
    if (!(#file in this)) throw illegalInvocation();
    const given = toDictionary<{ keepExistingData?: boolean }>(
      options, () => badArgument('createWritable', 'FileSystemFileHandle', 1, 'FileSystemCreateWritableOptions'));
    const keep = !!given?.keepExistingData;
    const place = placeOf(this);
    const node = fileAt(place, 'File not found');
    const { FileNode } = virtualFiles();
    // Writes go to a copy, which takes the file's place when the stream is closed.
    const copy = keep ? attempt(() => node.clone()) : new FileNode(new Uint8Array(0), true, 0);
    const parent = directoryAt(ArrayPrototypeSlice(place, 0, -1));
    const name = place[place.length - 1]!;
    return writableFor(copy, lock(parent, name), () => {
      const now = nodeAt(place);
      if (now?.kind === 'directory') throw mismatch('Is a directory');
      attempt(() => {
        if (now !== undefined) (now as FileNode).replaceWith(copy);
        else directoryAt(ArrayPrototypeSlice(place, 0, -1)).add(name, copy);
      });
    });
  }

  static {
    brand = (value) => #file in value;
    defineInterface(this, 'FileSystemFileHandle', { brand: (o) => brand(o) });
  }
}

export function fileHandle(place: Place): FileSystemFileHandle {
  return make(FileSystemFileHandle, place);
}
