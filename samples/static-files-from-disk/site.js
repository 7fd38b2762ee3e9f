const TYPES = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
  wasm: 'application/wasm',
};

export default {
  async fetch(request, env) {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return new Response('Method Not Allowed\n', { status: 405, headers: { Allow: 'GET, HEAD' } });
    }
    const url = new URL(request.url);
    const found = await env.files.fetch(url, request);
    if (found.status === 404) {
      return new Response('There is no such page.\n', { status: 404 });
    }
    // A directory comes as JSON, a file as a stream of bytes.
    if (found.headers.get('Content-Type') === 'application/json') {
      return directory(url, request, env, found);
    }
    return page(url.pathname, found);
  },
};

async function directory(url, request, env, listing) {
  if (!url.pathname.endsWith('/')) {
    // Relative links need the slash.
    url.pathname += '/';
    return Response.redirect(url, 301);
  }
  const index = await env.files.fetch(new URL('index.html', url), request);
  if (index.ok) {
    return page('index.html', index);
  }
  if (request.method === 'HEAD') {
    return new Response(null, { headers: { 'Content-Type': TYPES.html } });
  }
  const items = (await listing.json()).map(({ name, type }) => {
    const label = escape(type === 'directory' ? `${name}/` : name);
    return `<li><a href="${encodeURIComponent(name)}${type === 'directory' ? '/' : ''}">${label}</a>`;
  });
  const title = escape(decodeURIComponent(url.pathname));
  return new Response(`<!doctype html>\n<title>${title}</title>\n<h1>${title}</h1>\n<ul>\n${items.join('\n')}\n</ul>\n`, {
    headers: { 'Content-Type': TYPES.html },
  });
}

// The body passes through without entering JavaScript; ranges and lengths stay as the disk service gave them.
function page(path, found) {
  const headers = new Headers(found.headers);
  const extension = path.slice(path.lastIndexOf('.') + 1).toLowerCase();
  headers.set('Content-Type', TYPES[extension] ?? 'application/octet-stream');
  return new Response(found.body, { status: found.status, statusText: found.statusText, headers });
}

function escape(text) {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
