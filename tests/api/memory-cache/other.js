export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === '/leave') {
      // Makes a value that never comes: this request is over before.
      env.SHARED.read('left', () => new Promise(() => {}));
      return new Response('left');
    }
    return Response.json(await env.SHARED.read(pathname, async () => ({ value: 'made by the other' })));
  },
};
