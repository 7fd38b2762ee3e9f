// fs.glob: walks the tree along the pattern.
import { expandBraces, globToRegExp } from '../internal/glob';
import { getCwd } from '../internal/cwd';
import { validateObject, validateString } from '../internal/validators';
import { toPath } from './arguments';
import { Dirent } from './classes';
import { readdir, stat, type Entry } from './operations';

interface Found { path: string; type: number }
const DIRECTORY = 2;
const LINK = 3;

function list(directory: string): Entry[] {
  try {
    return readdir(directory, false);
  } catch {
    // Not there, or no directory: matches nothing.
    return [];
  }
}

function isDirectory(path: string): boolean {
  try {
    return stat(path)?.type === 'directory';
  } catch {
    return false;
  }
}

function walk(base: string, prefix: string, segments: string[], out: Map<string, Found>, globstar: boolean): void {
  const [segment, ...rest] = segments;
  const at = prefix === '' ? base : `${base === '/' ? '' : base}/${prefix}`;
  const join = (name: string): string => (prefix === '' ? name : `${prefix}/${name}`);
  if (segment === undefined) return;
  if (segment === '**') {
    if (rest.length === 0) {
      if (!globstar && prefix !== '' && isDirectory(at)) out.set(prefix, { path: prefix, type: DIRECTORY });
    } else walk(base, prefix, rest, out, true);
    for (const entry of list(at)) {
      const path = join(entry.name);
      if (rest.length === 0) out.set(path, { path, type: entry.type });
      // Links are not followed, so that a loop of them ends.
      if (entry.type === DIRECTORY) walk(base, path, segments, out, rest.length === 0);
    }
    return;
  }
  if (segment === '..') {
    const cut = prefix.lastIndexOf('/');
    const up = prefix === '' || prefix.endsWith('..') ? join('..') : cut === -1 ? '' : prefix.slice(0, cut);
    walk(base, up, rest, out, false);
    return;
  }
  const pattern = globToRegExp(segment);
  for (const entry of list(at)) {
    if (!pattern.test(entry.name)) continue;
    const path = join(entry.name);
    if (rest.length === 0) out.set(path, { path, type: entry.type });
    else if (entry.type === DIRECTORY || (entry.type === LINK && isDirectory(`${at}/${entry.name}`))) walk(base, path, rest, out, false);
  }
}

export function glob(pattern: any, options: any): () => any[] {
  const patterns: string[] = typeof pattern === 'string' ? [pattern] : Array.isArray(pattern) ? pattern : [pattern];
  for (const item of patterns) validateString(item, 'pattern');
  validateObject(options, 'options');
  const cwd = options.cwd instanceof internals.web.URL ? toPath(options.cwd) : options.cwd ?? getCwd();
  validateString(cwd, 'options.cwd');
  const { withFileTypes = false, exclude } = options;
  const excluded = Array.isArray(exclude) ? exclude.flatMap(expandBraces).map((one) => globToRegExp(one, true)) : [];
  return () => {
    const found = new Map<string, Found>();
    for (const one of patterns.flatMap(expandBraces)) {
      const root = one.startsWith('/');
      const segments = one.split('/').filter((part) => part !== '' && part !== '.');
      const collapsed = segments.filter((part, i) => part !== '**' || segments[i - 1] !== '**');
      const results = new Map<string, Found>();
      walk(root ? '/' : toPath(cwd), '', collapsed, results, false);
      for (const [path, item] of results) found.set(root ? `/${path}` : path, { ...item, path: root ? `/${path}` : path });
    }
    const out: any[] = [];
    for (const { path, type } of found.values()) {
      if (excluded.some((e) => e.test(path))) continue;
      let item: any = path;
      if (withFileTypes) {
        const cut = path.lastIndexOf('/');
        item = new Dirent(path.slice(cut + 1), type, cut === -1 ? cwd : `${cwd}/${path.slice(0, cut)}`);
      }
      if (typeof exclude === 'function' && exclude(item)) continue;
      out.push(item);
    }
    return out;
  };
}
