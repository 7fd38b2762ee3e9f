// How Node's error messages name a value they did not expect.
function short(value: unknown, limit: number): string {
  const text: string = internals.inspect.inspect(value, { colors: false });
  return text.length > limit ? `${text.slice(0, 25)}...` : text;
}

/** "type number (5)", "an instance of Foo", "function f", "null". */
export function inspectShort(value: unknown, limit = 28): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'function') return `function ${value.name}`;
  if (typeof value === 'object') {
    const name = (value as object).constructor?.name;
    return name ? `an instance of ${name}` : internals.inspect.inspect(value, { depth: -1 });
  }
  return `type ${typeof value} (${short(value, limit)})`;
}

/** The " Received ..." end of ERR_INVALID_ARG_TYPE. */
export function describeForError(value: unknown): string {
  return ` Received ${inspectShort(value, 25)}`;
}
