// cloudflare:node: requests of a worker go to the node:http servers it runs.

interface PortServer { fetch(request: unknown, env: unknown, ctx: unknown): Promise<unknown> }
/** Ports on which servers of node:http listen. */
export const serverPorts = new Map<number, PortServer>();

function checkPort(port: unknown): number {
  if (!Number.isFinite(port) || (port as number) < 0 || (port as number) > 65535) throw new Error('Failed to determine port for server');
  return port as number;
}

async function handleAsNodeRequest(server: any, request: unknown, env?: unknown, ctx?: unknown): Promise<unknown> {
  const port = checkPort(typeof server === 'number' ? server : server?.port);
  const found = serverPorts.get(port);
  if (found === undefined) {
    throw Object.assign(new Error(`Http server with port ${port} not found. This is likely a bug with your code. `
      + `You should check if server.listen() was called with the same port (${port})`), { code: 'ERR_INVALID_ARG_VALUE' });
  }
  return found.fetch(request, env, ctx);
}

function httpServerHandler(server: any): object {
  if (typeof server === 'number') server = { port: server };
  if (server == null) throw new Error('Server descriptor cannot be null or undefined');
  let { port } = server;
  if (port == null && typeof server.listen === 'function') {
    // A server: it is made to listen if it does not yet.
    port = server.address()?.port;
    if (typeof port !== 'number') {
      server.listen();
      port = server.address()?.port;
    }
  }
  port = checkPort(port);
  return { fetch: (request: unknown, env?: unknown, ctx?: unknown) => handleAsNodeRequest({ port }, request, env, ctx) };
}

export function cloudflareNode(): Record<string, unknown> {
  return { handleAsNodeRequest, httpServerHandler };
}
