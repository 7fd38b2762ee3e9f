// application/x-www-form-urlencoded (https://url.spec.whatwg.org/#application/x-www-form-urlencoded): query strings and form bodies
// as a flat list [name, value, name, value...].
import { native } from '../ops';
import { ArrayPrototypeJoin, StringPrototypeCharCodeAt, StringPrototypeSlice } from '../primordials';

/** The pairs of a query string or body. */
export function parseForm(text: string): string[] {
  if (text === '') return [];
  const list = native.formParse(text);
  const places = native.formPlaces;
  // Slices cost a fraction of what strings made by C++ do, and none has to be made for elements that the list has already.
  if (places[0] !== 0) cut(list, places[0] === 0xffffffff ? list[1] as unknown as Uint32Array : places);
  return list;
}

function cut(list: string[], places: Uint32Array): void {
  const { length } = list;
  const text = list[0]!;
  for (let i = 0; i < length; i++) {
    const start = places[2 * i + 1]!;
    const end = places[2 * i + 2]!;
    list[i] = start === end ? '' : StringPrototypeSlice(text, start, end);
  }
}

export function serializeForm(list: readonly string[]): string {
  const { length } = list;
  if (length === 0) return '';
  const text = native.formSerialize(ArrayPrototypeJoin(list, '\0'), length);
  return text ?? serializeEach(list);
}

function serializeEach(list: readonly string[]): string {
  let text = '';
  for (let i = 0; i < list.length; i += 2) {
    text += `${i === 0 ? '' : '&'}${native.formEncode(list[i]!)}=${native.formEncode(list[i + 1]!)}`;
  }
  return text;
}

/** Drops one leading '?'. */
export function withoutQuestionMark(text: string): string {
  return StringPrototypeCharCodeAt(text, 0) === 0x3f ? StringPrototypeSlice(text, 1) : text;
}
