// Glob patterns, as path.matchesGlob and fs.glob take them: * ? [set] {a,b} ** and extglobs are turned into regular expressions.

/** Expands braces: "a{b,c}d" -> ["abd", "acd"]. Numeric ranges too: "{1..3}". */
export function expandBraces(pattern: string): string[] {
  let depth = 0;
  let start = -1;
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i];
    if (c === '\\') i++;
    else if (c === '{') {
      if (depth++ === 0) start = i;
    } else if (c === '}' && depth > 0 && --depth === 0) {
      const body = pattern.slice(start + 1, i);
      const parts = splitTop(body);
      const range = /^(-?\d+)\.\.(-?\d+)$/.exec(body);
      if (parts.length < 2 && range === null) continue;
      const before = pattern.slice(0, start);
      const after = expandBraces(pattern.slice(i + 1));
      const options = range === null ? parts.flatMap(expandBraces) : numbers(+range[1]!, +range[2]!);
      return options.flatMap((option) => after.map((rest) => before + option + rest));
    }
  }
  return [pattern];
}

function numbers(from: number, to: number): string[] {
  const out: string[] = [];
  const step = from <= to ? 1 : -1;
  for (let n = from; out.length < 10000; n += step) {
    out.push(String(n));
    if (n === to) break;
  }
  return out;
}

function splitTop(body: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < body.length; i++) {
    if (body[i] === '\\') i++;
    else if (body[i] === '{') depth++;
    else if (body[i] === '}') depth--;
    else if (body[i] === ',' && depth === 0) {
      parts.push(body.slice(from, i));
      from = i + 1;
    }
  }
  parts.push(body.slice(from));
  return parts;
}

const escape = (c: string): string => c.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

function segmentSource(segment: string): string {
  let out = '';
  const closers: string[] = [];
  for (let i = 0; i < segment.length; i++) {
    const c = segment[i]!;
    if (c === '\\' && i + 1 < segment.length) out += escape(segment[++i]!);
    else if ('?*+@!'.includes(c) && segment[i + 1] === '(') {
      i++;
      closers.push(c === '!' ? ')[^/]*' : c === '@' ? ')' : `)${c}`);
      out += c === '!' ? '(?!' : '(?:';
    } else if (c === ')' && closers.length > 0) {
      const close = closers.pop()!;
      out += close.startsWith(')[') ? `(?=/|$)${close}` : close;
    } else if (c === '|' && closers.length > 0) out += '|';
    else if (c === '*') out += '[^/]*';
    else if (c === '?') out += '[^/]';
    else if (c === '[') {
      const end = segment.indexOf(']', i + 2);
      if (end === -1) out += '\\[';
      else {
        let set = segment.slice(i + 1, end).replace(/[\\[]/g, '\\$&');
        if (set[0] === '!' || set[0] === '^') set = `^${set.slice(1)}`;
        out += `[${set}]`;
        i = end;
      }
    } else out += escape(c);
  }
  return out;
}

/** A regular expression for one pattern without braces, on paths with forward slashes. */
function patternSource(pattern: string, hidden: boolean): string {
  const notHidden = hidden ? '' : '(?!\\.)';
  const segments = pattern.split('/');
  let out = '';
  segments.forEach((segment, i) => {
    const last = i === segments.length - 1;
    if (segment === '**') {
      // Names that begin with a dot are only matched by patterns that say so.
      out += last ? `(?:${notHidden}[^/]+(?:/${notHidden}[^/]+)*)?` : `(?:${notHidden}[^/]+/)*`;
      return;
    }
    const wild = segment.startsWith('*') || segment.startsWith('?') || segment.startsWith('[');
    out += (wild ? notHidden : '') + (wild && segment === '*' ? '[^/]+' : segmentSource(segment)) + (last ? '' : '/');
  });
  return out;
}

/** `hidden`: wildcards also match names that begin with a dot. */
export function globToRegExp(pattern: string, hidden = false): RegExp {
  return new RegExp(`^(?:${expandBraces(pattern).map((one) => patternSource(one, hidden)).join('|')})$`);
}

export function matchGlob(path: string, pattern: string, windows: boolean): boolean {
  if (windows) {
    path = path.replaceAll('\\', '/');
    pattern = pattern.replaceAll('\\', '/');
  }
  return globToRegExp(pattern).test(path);
}
