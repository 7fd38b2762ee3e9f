// The current directory in the virtual file system. Each request starts in /bundle; what one changes no other sees.
const START = '/bundle';
const ofRequest = new WeakMap<object, string>();
let outside = START;

export function getCwd(): string {
  const io = internals.async.currentIo();
  return io === undefined ? outside : ofRequest.get(io) ?? START;
}
export function setCwd(path: string): void {
  const io = internals.async.currentIo();
  if (io === undefined) outside = path;
  else ofRequest.set(io, path);
}
