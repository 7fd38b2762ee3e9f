// node:stream: the npm package readable-stream is Node's own streams; here come what it lacks, above all the web streams adapters.
// https://nodejs.org/api/stream.html
// @ts-expect-error no types
import Stream from 'readable-stream/lib/stream.js';
import { addWebStreams } from './internal/web-streams';
import { duplexPair } from './internal/duplex-pair';

export const { Readable, Writable, Duplex, Transform, PassThrough, pipeline, finished, promises, addAbortSignal, compose } = Stream;

// As in newer Node than the package: larger default buffers, and a destroyed Duplex fails the writes it had buffered.
Stream.setDefaultHighWaterMark(false, 64 * 1024);
Duplex.prototype.destroy = Writable.prototype.destroy;
addWebStreams(Stream);
Stream._isArrayBufferView = (value: unknown): boolean => ArrayBuffer.isView(value);
Stream.duplexPair = duplexPair;
for (const [name, Class] of Object.entries({ Readable, Writable, Duplex, Transform, PassThrough })) {
  if (Class.name !== name) Object.defineProperty(Class, 'name', { value: name, configurable: true });
}
export default Stream;
