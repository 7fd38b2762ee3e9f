// node:path: the npm package path-unified is Node's own path module. https://nodejs.org/api/path.html
import * as posixParts from 'path-unified/posix';
import * as win32Parts from 'path-unified/win32';
import { matchGlob } from './internal/glob';
import { validateString } from './internal/validators';

const FUNCTIONS = ['resolve', 'normalize', 'isAbsolute', 'join', 'relative', 'toNamespacedPath', 'dirname', 'basename', 'extname', 'format', 'parse'];

function make(parts: any, sep: string, delimiter: string, windows: boolean): any {
  const out: any = {};
  for (const name of FUNCTIONS) out[name] = Object.defineProperty(parts[name], 'name', { value: name, configurable: true });
  out.matchesGlob = function matchesGlob(path: unknown, pattern: unknown): boolean {
    validateString(path, 'path');
    validateString(pattern, 'pattern');
    return matchGlob(path, pattern, windows);
  };
  return Object.assign(out, { sep, delimiter, win32: null, posix: null });
}

const posix = make(posixParts, '/', ':', false);
const win32 = make(win32Parts, '\\', ';', true);
posix.win32 = win32.win32 = win32;
posix.posix = win32.posix = posix;
export const { resolve, join, dirname, basename, relative, isAbsolute, normalize } = posix;
export default posix;
