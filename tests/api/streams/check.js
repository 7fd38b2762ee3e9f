// The few assertions the stream tests need, so that they run without node: modules.
export function equal(actual, expected, what = '') {
  if (!Object.is(actual, expected)) throw new Error(`${what}: expected ${String(expected)}, got ${String(actual)}`);
}

export function same(actual, expected, what = '') {
  equal(JSON.stringify(actual), JSON.stringify(expected), what);
}

export function ok(value, what = 'condition') {
  if (!value) throw new Error(`${what} does not hold`);
}

function matches(error, expected) {
  if (Object.is(error, expected)) return true;
  if (typeof expected === 'string') return error instanceof Error && error.message.includes(expected);
  return typeof expected === 'function' && error instanceof expected;
}

export function throws(fn, expected) {
  try {
    fn();
  } catch (error) {
    if (matches(error, expected)) return error;
    throw new Error(`threw ${String(error)} instead of ${String(expected)}`);
  }
  throw new Error('did not throw');
}

export async function rejects(promise, expected) {
  try {
    await promise;
  } catch (error) {
    if (matches(error, expected)) return error;
    throw new Error(`rejected with ${String(error)} instead of ${String(expected)}`);
  }
  throw new Error('did not reject');
}

export const bytes = (...values) => new Uint8Array(values);
export const encode = (text) => new TextEncoder().encode(text);
export const decode = (data) => new TextDecoder().decode(data);
export const tick = () => scheduler.wait(1);

export async function collect(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

export async function text(stream) {
  let result = '';
  const decoder = new TextDecoder();
  for await (const chunk of stream) result += decoder.decode(chunk, { stream: true });
  return result + decoder.decode();
}
