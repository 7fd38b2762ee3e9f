// What the requests of network.js reach.
const RECORDS = {
  A: ['192.0.2.1'], AAAA: ['2001:db8::1'], MX: ['10 mail.test.'], TXT: ['"a""b c"'], CAA: ['\\# 14 00 05 69 73 73 75 65 63 61 2e 74 65 73 74'],
};
export default {
  async fetch(request) {
    const { hostname, searchParams } = new URL(request.url);
    if (hostname === 'cloudflare-dns.com') {
      const name = searchParams.get('name');
      const answer = name === 'host.test' ? RECORDS[searchParams.get('type')]?.map((data) => ({ name, TTL: 1, data })) : undefined;
      return Response.json({ Status: 0, Question: [{ name }], Answer: answer });
    }
    return Response.json({ method: request.method, url: request.url, a: request.headers.get('x-a') ?? undefined, body: (await request.text()) || undefined });
  },
};
