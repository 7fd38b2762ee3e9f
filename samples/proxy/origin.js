// Says what it was asked, so that one sees what a proxy changed.

export default {
  async fetch(request) {
    const lines = [`${request.method} ${request.url}`];
    for (const [name, value] of request.headers) {
      lines.push(`${name}: ${value}`);
    }
    const body = await request.text();
    if (body) {
      lines.push('', body);
    }
    return new Response(lines.join('\n') + '\n', { headers: { 'X-Internal': 'not for clients' } });
  },
};
