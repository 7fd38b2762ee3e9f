// `ctx.exports`: stubs of the worker's own entrypoints.
const stubs: Record<string, unknown> = { __proto__: null } as unknown as Record<string, unknown>;

export function getLoopbackExports(): Record<string, unknown> {
  return stubs;
}

export function setLoopbackExport(name: string, stub: unknown): void {
  stubs[name] = stub;
}
