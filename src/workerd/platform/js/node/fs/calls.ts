// The functions of node:fs, each in one form: it checks its arguments and gives back what does the work. The synchronous, the callback
// and the promise form of each are made of that (see ../fs.ts): they differ in where errors go.
import { Buffer } from '../buffer';
import { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_UNSUPPORTED_OPERATION } from '../internal/errors';
import { parseFileMode, validateBoolean, validateObject, validateOneOf, validateString, validateUint32 } from '../internal/validators';
import {
  accessArguments, checkBuffers, checkPosition, constants, encoded, mkdirArguments, modeArguments, openArguments, opendirArguments,
  ownerArguments, readArguments, readdirArguments, rmArguments, statArguments, toFd, toFlags, toPath, toTarget, toTime, withEncoding,
  writeArguments, writeFileArguments,
} from './arguments';
import { Dir, Dirent, makeStats } from './classes';
import { glob } from './glob';
import * as ops from './operations';
import { absolute, fsError } from './vfs';

type Work<T = unknown> = () => T;
const { COPYFILE_EXCL, COPYFILE_FICLONE, COPYFILE_FICLONE_FORCE, W_OK, X_OK } = constants as Record<string, number>;

/** For what changes nothing here (modes, owners): only that the file is there is checked. */
function mustExist(where: string | number, syscall: string, followLinks = true): void {
  if (ops.stat(where, followLinks) === undefined) throw fsError('ENOENT', syscall, where as string);
}

function statWork(where: string | number, bigint: boolean, throwIfNoEntry: boolean, followLinks: boolean, syscall: string): Work {
  return () => {
    const found = ops.stat(where, followLinks);
    if (found !== undefined) return makeStats(found, bigint);
    if (throwIfNoEntry) throw fsError('ENOENT', syscall, where as string);
    return undefined;
  };
}

function cpWork(source: any, target: any, options: any = {}): Work {
  validateObject(options, 'options');
  const { dereference = false, errorOnExist = false, force = true, mode = 0, preserveTimestamps = false, recursive = false,
    verbatimSymlinks = false, filter } = options;
  for (const [name, value] of Object.entries({ dereference, errorOnExist, force, preserveTimestamps, recursive, verbatimSymlinks })) {
    validateBoolean(value, `options.${name}`);
  }
  validateUint32(mode, 'options.mode');
  if (mode & COPYFILE_FICLONE_FORCE!) throw new ERR_INVALID_ARG_VALUE('options.mode', 'COPYFILE_FICLONE_FORCE is not supported');
  if (filter !== undefined) {
    if (typeof filter !== 'function') throw new ERR_INVALID_ARG_TYPE('options.filter', 'function', filter);
    throw new ERR_UNSUPPORTED_OPERATION();
  }
  const from = toPath(source);
  const to = toPath(target);
  return () => ops.cp(from, to, { dereference, recursive, force, errorOnExist, preserveTimestamps });
}

export const calls: Record<string, (...args: any[]) => Work> = {
  access(path, mode) {
    const [where, wanted] = accessArguments(path, mode);
    return () => {
      const found = (wanted & X_OK!) !== 0 ? undefined : ops.stat(where);
      if (found === undefined || ((wanted & W_OK!) !== 0 && !found.writable)) throw fsError('ENOENT', 'access', where);
    };
  },
  appendFile(path, data, options) {
    const { where, data: bytes, exclusive } = writeFileArguments(path, data, options, 'a');
    return () => ops.writeAll(where, bytes, true, exclusive);
  },
  chmod(path, mode) {
    const where = modeArguments(path, mode);
    return () => mustExist(where, 'chmod');
  },
  chown(path, uid, gid) {
    const where = ownerArguments(path, uid, gid);
    return () => mustExist(where, 'chown');
  },
  close(fd) {
    const valid = toFd(fd);
    return () => ops.closeFile(valid);
  },
  copyFile(source: any, target: any, mode: any = 0) {
    const from = toPath(source);
    const to = toPath(target);
    validateOneOf<any>(mode, 'mode', [0, COPYFILE_EXCL, COPYFILE_FICLONE_FORCE, COPYFILE_FICLONE]);
    if (mode & COPYFILE_FICLONE_FORCE!) throw new ERR_UNSUPPORTED_OPERATION();
    return () => {
      if (mode & COPYFILE_EXCL! && ops.stat(to) !== undefined) throw fsError('EEXIST', 'copyFile', to);
      ops.renameOrCopy(from, to, true);
    };
  },
  cp: cpWork,
  fchmod(fd, mode) {
    const valid = toFd(fd);
    parseFileMode(mode, 'mode');
    return () => mustExist(valid, 'fchmod');
  },
  fchown(fd, uid, gid) {
    const valid = ownerArguments(toFd(fd), uid, gid);
    return () => mustExist(valid, 'fchown');
  },
  fdatasync(fd) {
    const valid = toFd(fd);
    return () => mustExist(valid, 'datasync');
  },
  fstat(fd, options = {}) {
    const { where, bigint } = statArguments(fd, options, true);
    return statWork(where, bigint, true, true, 'fstat');
  },
  fsync(fd) {
    const valid = toFd(fd);
    return () => mustExist(valid, 'sync');
  },
  ftruncate(fd, length = 0) {
    validateUint32(length, 'len');
    const valid = toFd(fd);
    return () => ops.truncate(valid, length);
  },
  futimes(fd, atime, mtime) {
    const time = toTime(atime, mtime);
    const valid = toFd(fd);
    return () => ops.setModified(valid, time());
  },
  glob: (pattern, options = {}) => glob(pattern, options),
  lchmod(path, mode) {
    const where = modeArguments(path, mode);
    return () => mustExist(where, 'lchmod', false);
  },
  lchown(path, uid, gid) {
    const where = ownerArguments(path, uid, gid);
    return () => mustExist(where, 'lchown', false);
  },
  link(existing, path) {
    const target = toPath(existing);
    const where = toPath(path);
    return () => ops.link(where, target, false);
  },
  lstat(path, options = {}) {
    const { where, bigint, throwIfNoEntry } = statArguments(path, options);
    return statWork(where, bigint, throwIfNoEntry, false, 'lstat');
  },
  lutimes(path, atime, mtime) {
    const time = toTime(atime, mtime);
    const where = toPath(path);
    return () => ops.setModified(where, time(), false);
  },
  mkdir(path, options) {
    const { where, recursive } = mkdirArguments(path, options);
    return () => ops.mkdir(where, { recursive, temporary: false });
  },
  mkdtemp(prefix, options) {
    const { encoding } = withEncoding(options, 'utf8');
    const where = toPath(prefix, encoding, 'prefix');
    return () => ops.mkdir(where, { recursive: false, temporary: true });
  },
  open(path, flags = 'r', mode = 0o666) {
    const { where, options } = openArguments(path, flags, mode);
    return () => ops.openFile(where, options);
  },
  opendir(path, options = {}) {
    const { where, encoding, recursive } = opendirArguments(path, options);
    return () => new Dir(ops.readdir(where, recursive), path, { encoding });
  },
  read(fd, buffer, offsetOrOptions, length, position) {
    const { fd: valid, buffers, length: wanted, position: at } = readArguments(fd, buffer, offsetOrOptions, length, position);
    return () => (wanted === 0 || buffer.byteLength === 0 ? 0 : ops.read(valid, buffers, at));
  },
  readFile(path, options) {
    const { encoding, flag = 'r' } = withEncoding(options, null);
    toFlags(flag);
    const where = toTarget(path);
    return () => {
      const bytes = ops.readAll(where);
      const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      return typeof encoding === 'string' && encoding !== 'buffer' ? buffer.toString(encoding) : buffer;
    };
  },
  readdir(path, options) {
    const { where, encoding, withFileTypes, recursive } = readdirArguments(path, options);
    return () => ops.readdir(where, recursive).map((entry) => (withFileTypes
      ? new Dirent(encoding === 'buffer' ? Buffer.from(entry.name) : entry.name, entry.type, entry.parentPath)
      : encoded(entry.name, encoding)));
  },
  readlink(path, options) {
    const { encoding } = withEncoding(options, 'utf8');
    const where = toPath(path);
    return () => encoded(ops.readLink(where, true), encoding);
  },
  readv(fd, buffers, position = null) {
    const valid = toFd(fd);
    checkBuffers(buffers);
    checkPosition(position);
    return () => (buffers.length === 0 ? 0 : ops.read(valid, buffers, position));
  },
  realpath(path, options) {
    const { encoding } = withEncoding(options, 'utf8');
    const where = toPath(path);
    return () => encoded(ops.readLink(where, false), encoding);
  },
  rename(from, to) {
    const source = toPath(from);
    const target = toPath(to);
    return () => ops.renameOrCopy(source, target, false);
  },
  rm(path, options = {}) {
    const { where, recursive, force } = rmArguments(path, options, true);
    return () => ops.rm(where, { recursive, force, directoryOnly: false });
  },
  rmdir(path, options = {}) {
    const { where, recursive } = rmArguments(path, options, false);
    return () => ops.rm(where, { recursive, force: false, directoryOnly: true });
  },
  stat(path, options = {}) {
    const { where, bigint, throwIfNoEntry } = statArguments(path, options);
    return statWork(where, bigint, throwIfNoEntry, true, 'stat');
  },
  statfs(path, options = {}) {
    toPath(path);
    validateObject(options, 'options');
    const { bigint = false } = options;
    validateBoolean(bigint, 'options.bigint');
    // There is no device to tell of.
    const zero = bigint ? 0n : 0;
    return () => ({ type: zero, bsize: zero, blocks: zero, bfree: zero, bavail: zero, files: zero, ffree: zero });
  },
  symlink(target, path, type = null) {
    validateOneOf(type, 'type', ['dir', 'file', 'junction', null, undefined]);
    const to = toPath(target, 'utf8', 'target');
    const where = toPath(path);
    return () => ops.link(where, to, true);
  },
  truncate(path, length = 0) {
    validateUint32(length, 'len');
    const where = toPath(path);
    return () => ops.truncate(where, length);
  },
  unlink(path) {
    const where = toPath(path);
    return () => ops.unlink(where);
  },
  utimes(path, atime, mtime) {
    const time = toTime(atime, mtime);
    const where = toPath(path);
    return () => ops.setModified(where, time());
  },
  write(fd, buffer, offsetOrOptions, length, position) {
    const { fd: valid, buffers, position: at } = writeArguments(fd, buffer, offsetOrOptions, length, position);
    return () => ops.write(valid, buffers, at);
  },
  writeFile(path, data, options) {
    const { where, data: bytes, append, exclusive } = writeFileArguments(path, data, options);
    return () => ops.writeAll(where, bytes, append, exclusive);
  },
  writev(fd, buffers, position = null) {
    const valid = toFd(fd);
    checkBuffers(buffers);
    checkPosition(position);
    return () => (buffers.length === 0 ? 0 : ops.write(valid, buffers, position));
  },
};

export function openAsBlob(path: any, options: any = {}): unknown {
  const where = toPath(path);
  validateObject(options, 'options');
  const { type = '' } = options;
  validateString(type, 'options.type');
  return new internals.web.Blob([ops.readAll(where)], { type });
}

/** process.chdir(): the new directory, if it is one. */
export function changeDirectory(directory: string): string {
  if (directory.length > 4096) throw fsError('ENAMETOOLONG', 'chdir', undefined, 'File path is too long');
  const where = absolute(directory);
  const found = directory === '' ? undefined : ops.stat(where);
  if (found === undefined) throw fsError('ENOENT', 'chdir', where);
  if (found.type !== 'directory') throw fsError('ENOTDIR', 'chdir', where);
  return where.length > 1 && where.endsWith('/') ? where.slice(0, -1) : where;
}
