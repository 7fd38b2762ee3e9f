// A service worker hears events. `respondWith` takes a Response or a promise for one.

addEventListener('fetch', (event) => {
  event.respondWith(hello(event.request));
});

function hello(request) {
  const { pathname } = new URL(request.url);
  return new Response(`Hello, ${decodeURIComponent(pathname.slice(1)) || 'world'}!\n`, {
    headers: { 'Content-Type': 'text/plain; charset=utf-8' },
  });
}
