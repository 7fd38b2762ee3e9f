// The text/event-stream format (https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation).
import { utf8FromLatin1 } from './form-data/urlencoded';
import { native } from './ops';
import { RegExpPrototypeExec, StringPrototypeIndexOf, StringPrototypeSlice } from './primordials';

export interface Message { type: string; data: string; lastEventId: string }

const LINE_END = /\r\n|\n|\r/g;
const DIGITS = /^[0-9]{1,10}$/;

export class EventStreamParser {
  #rest = '';
  #started = false;
  #skipLineFeed = false;
  #data: string | undefined = undefined;
  #type = '';
  lastEventId = '';
  /** The last valid `retry`, in milliseconds. */
  retry: number | undefined = undefined;

  /** Messages that the bytes complete. */
  feed(bytes: Uint8Array): Message[] {
    let text = native.latin1Decode(bytes);
    if (!this.#started && text !== '') {
      this.#started = true;
      if (StringPrototypeSlice(text, 0, 3) === '\xef\xbb\xbf') text = StringPrototypeSlice(text, 3);
    }
    if (this.#skipLineFeed && text[0] === '\n') text = StringPrototypeSlice(text, 1);
    this.#skipLineFeed = false;
    text = this.#rest + text;
    const messages: Message[] = [];
    let at = 0;
    LINE_END.lastIndex = 0;
    for (let m = RegExpPrototypeExec(LINE_END, text); m !== null; m = RegExpPrototypeExec(LINE_END, text)) {
      this.#line(StringPrototypeSlice(text, at, m.index), messages);
      at = LINE_END.lastIndex;
      // A line feed in the next chunk would be the rest of this line's end.
      if (m[0] === '\r' && at === text.length) this.#skipLineFeed = true;
    }
    this.#rest = StringPrototypeSlice(text, at);
    return messages;
  }

  #line(bytes: string, messages: Message[]): void {
    if (bytes === '') {
      const data = this.#data;
      const type = this.#type;
      this.#data = undefined;
      this.#type = '';
      if (data !== undefined && data !== '') messages[messages.length] = { type: type || 'message', data, lastEventId: this.lastEventId };
      return;
    }
    const colon = StringPrototypeIndexOf(bytes, ':');
    if (colon === 0) return;
    const field = colon < 0 ? bytes : StringPrototypeSlice(bytes, 0, colon);
    let value = colon < 0 ? '' : StringPrototypeSlice(bytes, colon + 1);
    if (value[0] === ' ') value = StringPrototypeSlice(value, 1);
    value = utf8FromLatin1(value);
    if (field === 'data') this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
    else if (field === 'event') this.#type = value;
    else if (field === 'id') {
      if (StringPrototypeIndexOf(value, '\0') < 0) this.lastEventId = value;
    } else if (field === 'retry' && RegExpPrototypeExec(DIGITS, value) !== null) this.retry = +value;
  }
}
