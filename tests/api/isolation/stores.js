// A key-value store and a queue, as their bindings ask for them.
export default {
  async fetch(request) {
    const url = new URL(request.url);
    if (url.pathname === '/message' || url.pathname === '/batch') return Response.json({ metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } });
    if (request.method === 'PUT' || request.method === 'DELETE') return new Response(null, { status: 204 });
    if (url.pathname === '/') return Response.json({ keys: [{ name: 'key' }], list_complete: true });
    if (url.pathname === '/missing') return new Response(null, { status: 404 });
    return new Response('value', { headers: { 'CF-KV-Metadata': '{"m":1}' } });
  },
};
