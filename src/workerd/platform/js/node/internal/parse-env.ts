// util.parseEnv: the .env file format as Node reads it. https://nodejs.org/api/util.html#utilparseenvcontent
import { validateString } from './validators';

export function parseEnv(content: unknown): Record<string, string> {
  validateString(content, 'content');
  const out: Record<string, string> = {};
  const text = content.replaceAll('\r\n', '\n');
  let at = 0;
  while (at < text.length) {
    const lineEnd = text.indexOf('\n', at) === -1 ? text.length : text.indexOf('\n', at);
    const line = text.slice(at, lineEnd);
    const trimmed = line.trimStart();
    const equals = line.indexOf('=');
    if (trimmed === '' || trimmed[0] === '#' || equals === -1) {
      at = lineEnd + 1;
      continue;
    }
    let key = line.slice(0, equals).trim();
    if (key.startsWith('export ')) key = key.slice(7).trim();
    if (key === '') {
      at = lineEnd + 1;
      continue;
    }
    // Blanks before the value, but never past this line's end.
    let start = at + equals + 1;
    while (start < lineEnd && (text[start] === ' ' || text[start] === '\t')) start++;
    const quote = text[start];
    if (quote === '"' || quote === "'" || quote === '`') {
      const close = text.indexOf(quote, start + 1);
      if (close !== -1) {
        const value = text.slice(start + 1, close);
        out[key] = quote === '"' ? value.replaceAll('\\n', '\n') : value;
        const next = text.indexOf('\n', close + 1);
        at = next === -1 ? text.length : next + 1;
        continue;
      }
    }
    const value = text.slice(start, lineEnd);
    const comment = value.indexOf('#');
    out[key] = (comment === -1 ? value : value.slice(0, comment)).trim();
    at = lineEnd + 1;
  }
  return out;
}
