import { greet } from './greeting.js';

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    if (url.pathname !== '/') {
      return Response.json({ error: `nothing at ${url.pathname}` }, { status: 404 });
    }
    return Response.json({ message: greet(env.GREETING, url.searchParams.get('name') ?? 'world') });
  },
};
