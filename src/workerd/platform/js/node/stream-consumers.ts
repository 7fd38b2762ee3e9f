// node:stream/consumers. https://nodejs.org/api/webstreams.html#utility-consumers
import { Buffer } from './buffer';

async function blob(stream: AsyncIterable<any>): Promise<any> {
  const chunks: any[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return new internals.web.Blob(chunks);
}
async function arrayBuffer(stream: AsyncIterable<any>): Promise<ArrayBuffer> {
  return (await blob(stream)).arrayBuffer();
}
async function buffer(stream: AsyncIterable<any>): Promise<any> {
  return Buffer.from(await arrayBuffer(stream));
}
async function text(stream: AsyncIterable<any>): Promise<string> {
  const decoder = new internals.web.TextDecoder();
  let out = '';
  for await (const chunk of stream) out += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
  return out + decoder.decode(undefined, { stream: false });
}
async function json(stream: AsyncIterable<any>): Promise<unknown> {
  return JSON.parse(await text(stream));
}
export default { arrayBuffer, blob, buffer, text, json };
