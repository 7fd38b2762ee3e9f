// What the outside talks to: turns an HTTP request into a question, and failures of the others into a page.

export default {
  async fetch(request, env) {
    const name = decodeURIComponent(new URL(request.url).pathname.slice(1)) || 'world';
    try {
      const answer = await env.visits.fetch('http://visits/', { method: 'POST', body: JSON.stringify({ name }) });
      return new Response(answer.body, { status: answer.status, headers: { 'Content-Type': 'text/plain; charset=utf-8' } });
    } catch (error) {
      // An exception in another Worker ends only the request that was made to it.
      return new Response(`Something behind this page failed: ${error.message}\n`, { status: 502 });
    }
  },
};
