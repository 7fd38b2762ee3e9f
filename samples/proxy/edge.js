// Refuses some requests, passes the others on, and streams the answers back untouched.

export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith('/private/')) {
      return new Response('Not through here.\n', { status: 403 });
    }
    const headers = new Headers(request.headers);
    headers.set('X-Edge', 'seen');
    return fetch(new Request(request, { headers }));
  },
};
