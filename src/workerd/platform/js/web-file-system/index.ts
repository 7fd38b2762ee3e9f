// The File System API (https://fs.spec.whatwg.org/) over the worker's virtual file system, for workers with enable_web_file_system.
import { flags } from '../flags';
import { defineInterface, illegalInvocation } from '../interface';
import { ObjectDefineProperty } from '../primordials';
import { directoryHandle, FileSystemDirectoryHandle } from './directory';
import { FileSystemFileHandle } from './file';
import { FileSystemHandle } from './handle';
import { FileSystemWritableFileStream } from './writable';

let constructing = false;

class StorageManager {
  readonly #manager = true;

  constructor() {
    if (!constructing) throw new TypeError('Illegal constructor');
  }

  async getDirectory(): Promise<FileSystemDirectoryHandle> {
    if (!(#manager in this)) throw illegalInvocation();
    return directoryHandle([]);
  }

  static {
    defineInterface(this, 'StorageManager', { brand: (o) => #manager in o });
  }
}

export function install(global: any): void {
  if (!flags.enable_web_file_system) return;
  const classes = { FileSystemHandle, FileSystemFileHandle, FileSystemDirectoryHandle, FileSystemWritableFileStream, StorageManager };
  for (const name in classes) {
    ObjectDefineProperty(global, name, { value: classes[name as keyof typeof classes], writable: true, enumerable: false, configurable: true });
  }
  if (global.navigator === undefined) return;
  constructing = true;
  const storage = new StorageManager();
  constructing = false;
  ObjectDefineProperty(global.navigator, 'storage', { value: storage, writable: false, enumerable: true, configurable: true });
}
