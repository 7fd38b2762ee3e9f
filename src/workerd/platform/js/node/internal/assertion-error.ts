// AssertionError and the messages that show what differs.
import { ERR_INVALID_ARG_TYPE } from './errors';
import { diffLists } from './diff';

const HEADINGS: Record<string, string> = {
  deepStrictEqual: 'Expected values to be strictly deep-equal:',
  partialDeepStrictEqual: 'Expected values to be partially and strictly deep-equal:',
  strictEqual: 'Expected values to be strictly equal:',
  strictEqualObject: 'Expected "actual" to be reference-equal to "expected":',
  deepEqual: 'Expected values to be loosely deep-equal:',
  notDeepStrictEqual: 'Expected "actual" not to be strictly deep-equal to:',
  notStrictEqual: 'Expected "actual" to be strictly unequal to:',
  notStrictEqualObject: 'Expected "actual" not to be reference-equal to "expected":',
  notDeepEqual: 'Expected "actual" not to be loosely deep-equal to:',
  notIdentical: 'Values have same structure but are not reference-equal:',
  notDeepEqualUnequal: 'Expected values not to be loosely deep-equal:',
};
const SHORT = 12; // characters of both sides together that are shown as `a !== b`
const COLUMNS = 80;
const MAX_LINES = 50;
const CONTEXT = 2; // equal lines shown around a difference

export function show(value: unknown): string {
  return internals.inspect.inspect(value, {
    compact: true, customInspect: false, depth: 1000, maxArrayLength: Infinity, showHidden: false, showProxy: false, sorted: true, getters: true,
  });
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function clip(lines: string[]): string[] {
  return lines.length > MAX_LINES ? [...lines.slice(0, 46), '...'] : lines;
}

/** Lines count as equal when they differ in a trailing comma only. */
function sameLine(a: string, b: string): boolean {
  return a === b || (a.endsWith(',') && a.slice(0, -1) === b) || (b.endsWith(',') && b.slice(0, -1) === a);
}

function lineDiff(actual: string[], expected: string[]): { text: string; skipped: boolean } {
  const edits = diffLists(actual, expected, sameLine);
  const near = new Uint8Array(edits.length);
  edits.forEach(([operation], i) => {
    if (operation === 0) return;
    for (let j = Math.max(0, i - CONTEXT); j <= Math.min(edits.length - 1, i + CONTEXT); j++) near[j] = 1;
  });
  let text = '';
  let printed = 0;
  let skipped = false;
  for (let i = 0; i < edits.length; i++) {
    const [operation, value] = edits[i]!;
    // One hidden line would be replaced by one line of dots: show it.
    if (!near[i] && (near[i - 1] || i === 0) && near[i + 1]) near[i] = 1;
    if (!near[i]) {
      if (i === 0 || near[i - 1]) {
        text += '\n...';
        skipped = true;
      }
      continue;
    }
    text += `\n${operation === 1 ? '+' : operation === -1 ? '-' : ' '} ${value}`;
    if (++printed > MAX_LINES && i < edits.length - 2) return { text: `${text}\n...`, skipped: true };
  }
  return { text, skipped };
}

function differenceMessage(actual: unknown, expected: unknown, operator: string): string {
  const actualLines = show(actual).split('\n');
  const expectedLines = show(expected).split('\n');
  const functions = typeof actual === 'function' && typeof expected === 'function';
  if (operator === 'strictEqual' && ((isObject(actual) && isObject(expected)) || functions)) operator = 'strictEqualObject';
  let indicator = '';
  if (actualLines.length === 1 && expectedLines.length === 1) {
    const a = actualLines[0]!;
    const e = expectedLines[0]!;
    if (a === e) return `${HEADINGS.notIdentical}\n\n${a}\n`;
    if (a.length + e.length <= SHORT) {
      if (!isObject(actual) && !isObject(expected) && (actual !== 0 || expected !== 0)) return `${HEADINGS[operator]}\n\n${a} !== ${e}\n`;
    } else if (operator !== 'strictEqualObject' && a.length + e.length < COLUMNS) {
      let i = 0;
      while (a[i] === e[i]) i++;
      if (i > 2) indicator = `\n  ${' '.repeat(i)}^`;
    }
  } else if (actualLines.join('\n') === expectedLines.join('\n')) {
    return `${HEADINGS.notIdentical}\n\n${clip(actualLines).join('\n')}\n`;
  }
  const { text, skipped } = lineDiff(actualLines, expectedLines);
  return `${HEADINGS[operator]}\n+ actual - expected${skipped ? ' ... Lines skipped' : ''}\n${text}${indicator}`;
}

function unexpectedSame(actual: unknown, operator: string): string {
  let heading = HEADINGS[operator]!;
  if (operator === 'notStrictEqual' && (isObject(actual) || typeof actual === 'function')) heading = HEADINGS.notStrictEqualObject!;
  const lines = clip(show(actual).split('\n'));
  if (lines.length === 1) return `${heading}${lines[0]!.length > 5 ? '\n\n' : ' '}${lines[0]}`;
  return `${heading}\n\n${lines.join('\n')}\n`;
}

function shorten(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max - 3)}...` : text;
}

function messageFor(actual: unknown, expected: unknown, operator: string): string {
  if (operator === 'deepStrictEqual' || operator === 'strictEqual' || operator === 'partialDeepStrictEqual') {
    return differenceMessage(actual, expected, operator);
  }
  if (operator === 'notDeepStrictEqual' || operator === 'notStrictEqual') return unexpectedSame(actual, operator);
  const a = show(actual);
  const e = show(expected);
  if (operator === 'notDeepEqual' && a === e) return shorten(`${HEADINGS[operator]}\n\n${a}`, 1024);
  const left = shorten(a, 512);
  const right = shorten(e, 512);
  if (operator === 'deepEqual') return `${HEADINGS[operator]}\n\n${left}\n\nshould loosely deep-equal\n\n${right}`;
  const unequal = HEADINGS[`${operator}Unequal`];
  if (unequal !== undefined) return `${unequal}\n\n${left}\n\nshould not loosely deep-equal\n\n${right}`;
  return `${left} ${operator} ${right}`;
}

/** Errors hide their stacks in the message: shown without, so that only what is compared appears. */
function withoutStack(error: Error): Error {
  const copy = Object.create(Object.getPrototypeOf(error), Object.getOwnPropertyDescriptors(Object.assign({}, error)));
  Object.defineProperty(copy, 'message', { value: error.message });
  return copy;
}

export class AssertionError extends Error {
  [key: string]: unknown;
  constructor(options: any) {
    if (typeof options !== 'object' || options === null) throw new ERR_INVALID_ARG_TYPE('options', 'Object', options);
    let { actual, expected } = options;
    const { message, operator, stackStartFn, stackStartFunction, details } = options;
    if (message == null && actual instanceof Error && expected instanceof Error && 'stack' in actual && 'stack' in expected) {
      actual = withoutStack(actual);
      expected = withoutStack(expected);
    }
    const E = Error as any;
    const limit = E.stackTraceLimit;
    E.stackTraceLimit = 0; // the real stack is captured below, without the assert functions
    try {
      super(message != null ? String(message) : messageFor(actual, expected, operator));
    } finally {
      E.stackTraceLimit = limit;
    }
    this.generatedMessage = !message;
    Object.defineProperty(this, 'name', { value: 'AssertionError [ERR_ASSERTION]', enumerable: false, writable: true, configurable: true });
    this.code = 'ERR_ASSERTION';
    if (details) {
      this.actual = this.expected = this.operator = undefined;
      details.forEach((detail: any, i: number) => {
        this[`message ${i}`] = detail.message;
        this[`actual ${i}`] = detail.actual;
        this[`expected ${i}`] = detail.expected;
        this[`operator ${i}`] = detail.operator;
        this[`stack trace ${i}`] = detail.stack;
      });
    } else {
      this.actual = actual;
      this.expected = expected;
      this.operator = operator;
    }
    E.captureStackTrace(this, stackStartFn || stackStartFunction);
    void this.stack; // fixes the first line, with the code in it
    this.name = 'AssertionError';
  }

  override toString(): string {
    return `${this.name} [${this.code}]: ${this.message}`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](_depth: number, context: object): string {
    const { actual, expected } = this;
    for (const key of ['actual', 'expected']) {
      const value = this[key];
      if (typeof value === 'string') {
        const lines = value.split('\n');
        if (lines.length > 10) this[key] = `${lines.slice(0, 10).join('\n')}\n...`;
        else if (value.length > 512) this[key] = `${value.slice(512)}...`;
      }
    }
    const shown = internals.inspect.inspect(this, { ...context, customInspect: false, depth: 0 });
    this.actual = actual;
    this.expected = expected;
    return shown;
  }
}
