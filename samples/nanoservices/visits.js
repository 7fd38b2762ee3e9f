// Counts, and lets the next one do the words. The counts live as long as this isolate.

const counts = new Map();

export default {
  async fetch(request, env) {
    const { name } = await request.json();
    if (name === 'nobody') {
      throw new Error('nobody is not welcome');
    }
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    const greeting = await env.greeting.fetch('http://greeting/?' + new URLSearchParams({ name, count }));
    // Handed on as a stream, unread.
    return greeting;
  },
};
