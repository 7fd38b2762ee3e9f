// The import gives a WebAssembly.Module: compiled when the server started, instantiated here once for all requests.
import module from './greet.wasm';

const { memory, greet, NAME, MAX_NAME, GREETING } = new WebAssembly.Instance(module).exports;

export default {
  fetch(request) {
    const name = decodeURIComponent(new URL(request.url).pathname.slice(1)) || 'world';
    const input = new Uint8Array(memory.buffer, NAME.value, MAX_NAME.value);
    const { read, written } = new TextEncoder().encodeInto(name, input);
    if (read < name.length) {
      return new Response('That name is too long.\n', { status: 400 });
    }
    const length = greet(written);
    // A copy: the next request writes over this memory.
    const text = new Uint8Array(memory.buffer, GREETING.value, length).slice();
    return new Response(text, { headers: { 'Content-Type': 'text/plain; charset=utf-8' } });
  },
};
