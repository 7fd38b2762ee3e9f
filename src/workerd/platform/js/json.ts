// JSON.parse for long texts: C++ reads the text into a tape of numbers and strings (native/web/json_tape.cpp), and functions
// compiled for the shapes of objects that come often make the value of it. What has no such shape V8 reads, piece by piece
// or as a whole; errors are V8's own.
import { JSONParse, JSONStringify, ObjectCreate } from './primordials';
import { native } from './ops';

/** Characters, or bytes: V8 alone is as fast for less. */
const LONG = 4096;

let tape = new Int32Array(0);
let doubles = new Float64Array(0);
let values: unknown[] = [];
let at = 0;
/** By the ids of the shapes. Without a prototype: nobody's setter for an index gets them. */
const makers = ObjectCreate(null) as (() => object)[];
let known = 0;

// The words are explained in native/web/json_tape.h.
function next(): unknown {
  const word = tape[at++]!;
  const operand = word >> 3;
  switch (word & 7) {
    case 0: return operand;
    case 1: return doubles[operand];
    case 2: return values[operand];
    case 3: return makers[operand]!();
    case 4: {
      const array = values[operand] as unknown[];
      for (let i = 0; i < array.length; i++) array[i] = next();
      return array;
    }
    case 5: return literal(operand);
    default: return numbers(operand);
  }
}

// Literals: what user code did to the prototypes of arrays makes no difference to them. Arrays of numbers are made apart
// from others, for V8 keeps them in another way.
function literal(length: number): unknown[] {
  switch (length) {
    case 0: return [];
    case 1: return [next()];
    case 2: return [next(), next()];
    case 3: return [next(), next(), next()];
    case 4: return [next(), next(), next(), next()];
    case 5: return [next(), next(), next(), next(), next()];
    case 6: return [next(), next(), next(), next(), next(), next()];
    case 7: return [next(), next(), next(), next(), next(), next(), next()];
    default: return [next(), next(), next(), next(), next(), next(), next(), next()];
  }
}

function numbers(length: number): unknown[] {
  switch (length) {
    case 0: return [];
    case 1: return [next()];
    case 2: return [next(), next()];
    case 3: return [next(), next(), next()];
    case 4: return [next(), next(), next(), next()];
    case 5: return [next(), next(), next(), next(), next()];
    case 6: return [next(), next(), next(), next(), next(), next()];
    case 7: return [next(), next(), next(), next(), next(), next(), next()];
    default: return [next(), next(), next(), next(), next(), next(), next(), next()];
  }
}

/** Names as native/web/json_shapes.cpp lets them through: none needs care in a literal but for its quotes. */
function makerOf(keys: string[]): () => object {
  let fields = '';
  for (let i = 0; i < keys.length; i++) fields += `${JSONStringify(keys[i])}:next(),`;
  return native.compileFunction(`return () => ({${fields}});`, 'workerd:json', ['next'])(next) as () => object;
}

function fromTape(result: NonNullable<ReturnType<typeof native.jsonTape>>): unknown {
  const shapes = result[3];
  for (let i = 0; i < shapes.length; i++) makers[known++] = makerOf(shapes[i]!);
  tape = result[0];
  doubles = result[1];
  values = result[2];
  at = 0;
  try {
    return next();
  } finally {
    values = [];
  }
}

/** As JSON.parse(text). */
export function parseJson(text: string): unknown {
  const result = text.length >= LONG ? native.jsonTape(text, known) : undefined;
  return result ? fromTape(result) : JSONParse(text);
}

/** What JSON.parse makes of ASCII; undefined if it is not ASCII or not long: the caller is to decode it. */
export function parseJsonBytes(bytes: Uint8Array): { value: unknown } | undefined {
  if (bytes.length < LONG) return undefined;
  const result = native.jsonTape(bytes, known);
  if (result === null) return undefined;
  return { value: result === undefined ? JSONParse(native.latin1Decode(bytes)) : fromTape(result) };
}
