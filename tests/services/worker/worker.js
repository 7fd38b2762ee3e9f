import { connect } from 'cloudflare:sockets';

const tests = {
  async fetch(origin) {
    const response = await fetch(`http://${origin}/hello?x#fragment`, { headers: { 'X-A': '1' } });
    return { status: response.status, url: response.url, set: response.headers.get('x-server'), text: await response.text() };
  },

  async stream(origin) {
    const { readable, writable } = new IdentityTransformStream();
    const sent = (async () => {
      const writer = writable.getWriter();
      for (let i = 0; i < 40; i++) await writer.write(new Uint8Array(50_000).fill(i));
      await writer.close();
    })();
    const response = await fetch(`http://${origin}/echo`, { method: 'POST', body: readable });
    let size = 0;
    for await (const chunk of response.body) size += chunk.byteLength;
    await sent;
    return { size };
  },

  async external(origin, env) {
    const response = await env.external.fetch('http://elsewhere/path');
    return { set: response.headers.get('x-set'), text: await response.text() };
  },

  async refused(origin, env) {
    return env.nobody.fetch('http://x/').then(() => 'no error', (e) => ({ message: e.message, retryable: e.retryable }));
  },

  async broken(origin) {
    const response = await fetch(`http://${origin}/broken`);
    return response.text().then(() => 'no error', (e) => ({ status: response.status, message: e.message, retryable: e.retryable }));
  },

  async away(origin) {
    return fetch(`http://${origin}/away`).then(() => 'no error', (e) => e.message.replace(/= .*/, '= ID'));
  },

  async public(origin, env) {
    return fetch('http://1.1.1.1/').then(() => 'no error', (e) => e.message.replace(/= .*/, '= ID'));
  },

  async connect(origin) {
    const socket = connect(origin);
    const writer = socket.writable.getWriter();
    await writer.write(new TextEncoder().encode('RAW hello\r\n'));
    const { value } = await socket.readable.getReader().read();
    await socket.close();
    return { text: new TextDecoder().decode(value) };
  },

  async websocket(origin) {
    const response = await fetch(`http://${origin}/ws`, { headers: { Upgrade: 'websocket' } });
    const socket = response.webSocket;
    const seen = [];
    const closed = new Promise((resolve) => {
      socket.addEventListener('message', ({ data }) => {
        seen.push(data);
        if (seen.length === 2) socket.close(1000, 'enough');
      });
      socket.addEventListener('close', ({ code, reason }) => resolve({ code, reason }));
    });
    socket.accept();
    socket.send('one');
    socket.send('two');
    return { status: response.status, seen, ...(await closed) };
  },

  async abort(origin) {
    const controller = new AbortController();
    const asked = fetch(`http://${origin}/silence`, { signal: controller.signal });
    await scheduler.wait(50);
    controller.abort();
    return asked.then(() => 'no error', (e) => e.name);
  },

  async cancelled(origin) {
    const response = await fetch(`http://${origin}/endless?cancelled`);
    await response.body.cancel();
    return response.status;
  },

  async unread(origin) {
    return (await fetch(`http://${origin}/endless?unread`)).status;
  },

  async unreadStream(origin) {
    const response = await fetch(`http://${origin}/endless?unreadStream`);
    return response.body.locked;
  },

  async passedOn(origin) {
    // The answer of this handler is the stream: it must live on when the handler has returned.
    return fetch(`http://${origin}/slow`);
  },
};

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    try {
      const result = await tests[pathname.slice(1)](searchParams.get('origin'), env);
      return result instanceof Response ? result : Response.json(result);
    } catch (error) {
      return new Response(error.stack, { status: 500 });
    }
  },
};
