// fs.cp: copying files, links and trees.
import { DirNode, FileNode, FsFailure, LinkNode, type Node } from './nodes';
import { attempt, entriesOf, follow, fsError, getRoot, resolve, segments, split } from './vfs';

export interface CopyOptions { dereference: boolean; recursive: boolean; force: boolean; errorOnExist: boolean; preserveTimestamps: boolean }

function cpError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
const exists = (): Error => cpError('ERR_FS_CP_EEXIST', 'File already exists');
const existing = (name: string): Error => fsError('EEXIST', 'cp', undefined, `Destination already exists: ${name}`);

/** The directory at a path, made with all its parents where there is none. */
function directoryAt(path: string): DirNode {
  let current: Node = getRoot();
  const parts = segments(path);
  for (let i = 0; i < parts.length; i++) {
    let next = resolve(`/${parts.slice(0, i + 1).join('/')}`);
    if (next === undefined) {
      next = new DirNode(true, 0);
      (current as DirNode).add(parts[i]!, next);
    }
    if (next.kind !== 'directory') throw new FsFailure('ENOTDIR');
    current = next;
  }
  return current as DirNode;
}

function copyOf(node: FileNode | LinkNode, { preserveTimestamps }: CopyOptions): FileNode | LinkNode {
  if (node.kind !== 'file') return node;
  const copy = node.clone();
  copy.modified = preserveTimestamps ? node.modified : Date.now();
  return copy;
}

/** Puts a copy of a file, or a link, at a path, in place of what is there. */
function place(node: FileNode | LinkNode, path: string, options: CopyOptions): void {
  const { parent, name } = split(path);
  const directory = directoryAt(parent);
  directory.remove(name, false);
  directory.add(name, copyOf(node, options));
}

function replaceChild(directory: DirNode, name: string, node: FileNode | LinkNode, options: CopyOptions): void {
  const copy = copyOf(node, options);
  directory.remove(name, false);
  directory.add(name, copy);
}

function copyDirectory(from: DirNode, to: DirNode, options: CopyOptions): void {
  if (!to.writable) throw fsError('EPERM', 'cp', undefined, 'Destination directory is not writable');
  for (const [name, entry] of entriesOf(from)) {
    const node = options.dereference && entry.kind === 'symlink' ? follow(entry) : entry;
    if (node === undefined) continue;
    let there = to.child(name);
    if (options.dereference && there?.kind === 'symlink') there = follow(there);
    if (node.kind === 'directory') {
      if (there === undefined) to.add(name, (there = new DirNode(true, 0)));
      if (there.kind === 'file') throw fsError('ENOTDIR', 'cp', undefined, `Cannot copy directory to file: ${name}`);
      if (there.kind === 'symlink') throw fsError('EISDIR', 'cp', undefined, `Cannot copy directory to symbolic link: ${name}`);
      copyDirectory(node, there, options);
    } else if (there === undefined) to.add(name, copyOf(node, options));
    else if (there.kind === 'directory') {
      throw fsError('EISDIR', 'cp', undefined, `Cannot copy ${node.kind === 'file' ? 'file' : 'link'} to directory: ${name}`);
    } else if (there === node) continue;
    else if (options.force) replaceChild(to, name, node, options);
    else if (options.errorOnExist) throw existing(name);
  }
}

export function copyTree(from: string, to: string, options: CopyOptions): void {
  attempt('cp', () => {
    const source = `/${segments(from).join('/')}`;
    const target = `/${segments(to).join('/')}`;
    if (source === target) throw new Error('Source and destination paths must not be the same');
    if (target.startsWith(source === '/' ? '/' : `${source}/`)) {
      throw cpError('ERR_FS_CP_EINVAL', `Cannot copy '${from}' to a subdirectory of itself, '${to}'`);
    }
    const node = resolve(source, options.dereference);
    const there = resolve(target, options.dereference);
    if (node === undefined) throw fsError('ENOENT', 'cp', from);
    if (node.kind === 'directory') {
      if (!options.recursive) throw cpError('ERR_FS_EISDIR', 'Expected a file but found a directory');
      if (there === undefined) copyDirectory(node, directoryAt(target), options);
      else if (there.kind === 'file') throw cpError('ERR_FS_CP_DIR_TO_NON_DIR', 'Cannot copy directory to non-directory');
      else if (there.kind === 'symlink') throw new FsFailure('ENOTDIR');
      else copyDirectory(node, there, options);
      return;
    }
    if (there !== undefined) {
      if (there.kind === 'directory') {
        if (node.kind === 'symlink') throw new FsFailure('ENOTDIR');
        throw cpError('ERR_FS_CP_NON_DIR_TO_DIR', 'Cannot copy non-directory to directory');
      }
      if (!options.force) {
        if (options.errorOnExist) throw exists();
        return;
      }
    }
    place(node, target, options);
  });
}
