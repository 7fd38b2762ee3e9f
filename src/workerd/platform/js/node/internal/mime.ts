// util.MIMEType and MIMEParams. https://nodejs.org/api/util.html#class-utilmimetype, https://mimesniff.spec.whatwg.org/#parsing-a-mime-type
import { ERR_INVALID_MIME_SYNTAX } from './errors';

const NOT_TOKEN = /[^!#$%&'*+\-.^_`|~A-Za-z0-9]/;
const NOT_QUOTED_TEXT = /[^\t\u0020-~\u0080-\u00FF]/;
const END_BLANKS = /[\r\n\t ]*$/;
const START_BLANKS = /^[\r\n\t ]*/;

function token(text: string, production: string, whole: string): string {
  const bad = text.search(NOT_TOKEN);
  if (text === '' || bad !== -1) throw new ERR_INVALID_MIME_SYNTAX(production, whole, bad);
  return text.toLowerCase();
}

function quoteIfNeeded(value: string): string {
  if (value === '') return '""';
  return NOT_TOKEN.test(value) ? `"${value.replaceAll(/["\\]/g, '\\$&')}"` : value;
}

export class MIMEParams {
  #data = new Map<string, string>();

  delete(name: string): void {
    this.#data.delete(name);
  }
  get(name: string): string | null {
    return this.#data.get(name) ?? null;
  }
  has(name: string): boolean {
    return this.#data.has(name);
  }
  set(name: string, value: string): void {
    name = `${name}`;
    value = `${value}`;
    const badName = name.search(NOT_TOKEN);
    if (name.length === 0 || badName !== -1) throw new ERR_INVALID_MIME_SYNTAX('parameter name', name, badName);
    const badValue = value.search(NOT_QUOTED_TEXT);
    if (badValue !== -1) throw new ERR_INVALID_MIME_SYNTAX('parameter value', value, badValue);
    this.#data.set(name, value);
  }
  *entries(): IterableIterator<[string, string]> {
    yield* this.#data.entries();
  }
  *keys(): IterableIterator<string> {
    yield* this.#data.keys();
  }
  *values(): IterableIterator<string> {
    yield* this.#data.values();
  }
  toString(): string {
    let out = '';
    for (const [key, value] of this.#data) out += `${out === '' ? '' : '; '}${key}=${quoteIfNeeded(value)}`;
    return out;
  }
  toJSON(): string {
    return this.toString();
  }
  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.entries();
  }

  /** Reads `;name=value;...`; what is malformed is skipped, the first of equal names wins. */
  static parse(params: MIMEParams, text: string): void {
    const data = params.#data;
    let at = 0;
    while (at < text.length) {
      at += START_BLANKS.exec(text.slice(at))![0].length;
      const rest = text.slice(at);
      const semicolon = rest.indexOf(';') === -1 ? rest.length : rest.indexOf(';');
      const equals = rest.indexOf('=');
      if (equals === -1 || equals > semicolon) {
        at += semicolon + 1;
        continue;
      }
      const name = rest.slice(0, equals).toLowerCase();
      at += equals + 1;
      let value = '';
      if (text[at] === '"') {
        at++;
        while (at < text.length && text[at] !== '"') {
          if (text[at] === '\\' && at + 1 < text.length) at++;
          value += text[at++];
        }
        const end = text.indexOf(';', at);
        at = end === -1 ? text.length : end + 1;
      } else {
        const end = text.indexOf(';', at) === -1 ? text.length : text.indexOf(';', at);
        value = text.slice(at, end).replace(END_BLANKS, '');
        at = end + 1;
        if (value === '') continue;
      }
      if (name !== '' && !NOT_TOKEN.test(name) && !NOT_QUOTED_TEXT.test(value) && !data.has(name)) data.set(name, value);
    }
  }
}
Object.defineProperty(MIMEParams.prototype, Symbol.toStringTag, { value: 'MIMEParams', configurable: true });

export class MIMEType {
  #type: string;
  #subtype: string;
  #params = new MIMEParams();

  constructor(input: string) {
    const text = `${input}`.replace(START_BLANKS, '');
    const slash = text.indexOf('/');
    const type = slash === -1 ? text : text.slice(0, slash);
    if (slash === -1) throw new ERR_INVALID_MIME_SYNTAX('type', text, -1);
    this.#type = token(type, 'type', text);
    const rest = text.slice(slash + 1);
    const semicolon = rest.indexOf(';');
    this.#subtype = token((semicolon === -1 ? rest : rest.slice(0, semicolon)).replace(END_BLANKS, ''), 'subtype', text);
    if (semicolon !== -1) MIMEParams.parse(this.#params, rest.slice(semicolon + 1));
  }
  get type(): string {
    return this.#type;
  }
  set type(value: string) {
    this.#type = token(`${value}`, 'type', `${value}`);
  }
  get subtype(): string {
    return this.#subtype;
  }
  set subtype(value: string) {
    this.#subtype = token(`${value}`, 'subtype', `${value}`);
  }
  get essence(): string {
    return `${this.#type}/${this.#subtype}`;
  }
  get params(): MIMEParams {
    return this.#params;
  }
  toString(): string {
    const params = this.#params.toString();
    return params === '' ? this.essence : `${this.essence};${params}`;
  }
  toJSON(): string {
    return this.toString();
  }
}
Object.defineProperty(MIMEType.prototype, Symbol.toStringTag, { value: 'MIMEType', configurable: true });
