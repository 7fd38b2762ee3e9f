// What flags-on-off.js asks: handlers that answer with something else than a promise.
let waited = false;

export default {
  fetch(request, _env, ctx) {
    switch (new URL(request.url).pathname) {
      case '/thenable':
        return { then(resolve) { resolve(new Response('from a thenable')); } };
      case '/number':
        return 5;
      case '/wait':
        waited = false;
        ctx.waitUntil({
          then(resolve) {
            waited = true;
            resolve();
          },
        });
        return new Response('waiting');
      default:
        return new Response(`${waited}`);
    }
  },
};
