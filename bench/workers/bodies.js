const CHUNK = 65536;

function generate(bytes) {
  return new ReadableStream({
    pull(controller) {
      const size = Math.min(CHUNK, bytes);
      controller.enqueue(new Uint8Array(size).fill(97));
      bytes -= size;
      if (bytes === 0) controller.close();
    },
  });
}

async function read(stream) {
  let total = 0;
  for await (const chunk of stream) total += chunk.byteLength;
  return total;
}

export default {
  async fetch(request) {
    const url = new URL(request.url);
    if (url.pathname === '/generate') return new Response(generate(Number(url.searchParams.get('mb')) * 1_000_000));
    return new Response(`${await read(request.body)}\n`);
  },
};
