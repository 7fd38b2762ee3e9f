// What path.resolve() needs of process. Paths resolve from the root, whatever process.cwd() says: a path means the same in all workers.
export const process = { cwd: () => '/', platform: 'linux', env: {} as Record<string, string> };
