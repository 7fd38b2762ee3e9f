// Streams given as content: their bytes must be UTF-8, are escaped unless they are HTML, and come out in the document's encoding.
import { concatBytes, isBufferSource, subBytes, viewBytes } from '../blob/bytes';
import { native } from '../ops';
import { TypedArrayPrototypeGetByteLength } from '../primordials';
import type { Lol } from './lol-html';
import type { Output } from './output';

const AMPERSAND = native8('&amp;');
const LESS = native8('&lt;');
const GREATER = native8('&gt;');

function native8(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

export class Inserter {
  /** The beginning of a character whose end is still to come. */
  #rest: Uint8Array<ArrayBuffer> | undefined;

  constructor(readonly lol: Lol, readonly encoding: string | undefined, readonly html: boolean, readonly output: Output) {}

  /** A chunk of the stream. Throws TypeError for what is not UTF-8. */
  write(chunk: unknown): void {
    let bytes: Uint8Array<ArrayBuffer>;
    if (typeof chunk === 'string') bytes = native.utf8Encode(chunk) as Uint8Array<ArrayBuffer>;
    else if (isBufferSource(chunk)) bytes = viewBytes(chunk);
    else throw new TypeError('This ReadableStream did not return bytes.');
    if (this.#rest !== undefined) bytes = concatBytes([this.#rest, bytes]);
    const size = TypedArrayPrototypeGetByteLength(bytes);
    const whole = size - unfinished(bytes, size);
    this.#rest = whole === size ? undefined : concatBytes([subBytes(bytes, whole, size)]);
    if (whole === 0) return;
    const complete = subBytes(bytes, 0, whole);
    let text: string;
    try {
      // Decoding is the check; the text itself is needed only for other encodings.
      text = native.utf8Decode(complete, true, true);
    } catch {
      throw new TypeError('Parser error: Invalid UTF-8');
    }
    if (this.encoding !== undefined) encode(this.lol, this.encoding, text, this.html, this.output);
    else if (this.html) this.output.append(complete, 0, whole);
    else this.#escape(complete, whole);
  }

  #escape(bytes: Uint8Array, size: number): void {
    const { output } = this;
    let done = 0;
    for (let i = 0; i < size; i++) {
      const code = bytes[i];
      const entity = code === 0x26 ? AMPERSAND : code === 0x3c ? LESS : code === 0x3e ? GREATER : undefined;
      if (entity === undefined) continue;
      output.append(bytes, done, i);
      output.append(entity, 0, TypedArrayPrototypeGetByteLength(entity));
      done = i + 1;
    }
    output.append(bytes, done, size);
  }
}

/** How many bytes at the end begin a character without ending it; 0 if they are not UTF-8, which decoding finds out. */
function unfinished(bytes: Uint8Array, size: number): number {
  for (let back = 1; back <= 3 && back <= size; back++) {
    const code = bytes[size - back]!;
    if (code < 0x80) return 0;
    if (code < 0xc0) continue;
    if (code < 0xc2 || code > 0xf4 || back >= (code >= 0xf0 ? 4 : code >= 0xe0 ? 3 : 2)) return 0;
    if (back === 1) return 1;
    // Overlong forms, surrogates and what is beyond Unicode show in the second byte.
    const second = bytes[size - back + 1]!;
    const least = code === 0xe0 ? 0xa0 : code === 0xf0 ? 0x90 : 0x80;
    const most = code === 0xed ? 0x9f : code === 0xf4 ? 0x8f : 0xbf;
    return second >= least && second <= most ? back : 0;
  }
  return 0;
}

/** Encodes as lol-html does, by having it append the text to an empty document. */
function encode(lol: Lol, encoding: string, text: string, html: boolean, output: Output): void {
  const { exports } = lol;
  const sink = { call: (): undefined => output.append(lol.bytes(), lol.outputAt(), lol.outputAt() + lol.outputSize()) as undefined };
  const label = lol.putText(encoding);
  const made = exports.htmlrewriter_new(label, lol.textSize, sink);
  if (made[2] !== 0) throw lol.takeError(made[1]);
  const rewriter = made[0] >>> 0;
  try {
    lol.takeVoid(exports.htmlrewriter_onDocument(rewriter, {
      __proto__: null,
      end: {
        call(pointer: number): undefined {
          const content = lol.putText(text);
          lol.takeVoid(exports.documentend_append(pointer, content, lol.textSize, html ? lol.putObject({}) : 0));
          exports.__wbg_documentend_free(pointer, 0);
          return undefined;
        },
      },
    }));
    lol.begin(rewriter);
    lol.takeVoid(exports.htmlrewriter_end(rewriter));
  } finally {
    exports.__wbg_htmlrewriter_free(rewriter, 0);
  }
}
