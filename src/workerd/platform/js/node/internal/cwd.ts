// The worker's current directory in the virtual file system.
let cwd = '/bundle';
export function getCwd(): string {
  return cwd;
}
export function setCwd(path: string): void {
  cwd = path;
}
