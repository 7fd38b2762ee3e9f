// File descriptors 0, 1 and 2. Output goes out in whole lines, as the runtime's logs do: what one piece of code writes before it returns
// is joined, and its last line needs no end.
import { FileNode } from './nodes';

/** Of a line without end, what is kept. */
const MAX_LINE = 4096;
/** What one write through the file descriptor takes. */
const MAX_WRITE = 16 * 1024;
const pending = ['', '', ''];
let scheduled = false;

function flush(): void {
  scheduled = false;
  for (const fd of [1, 2] as const) {
    const line = pending[fd];
    if (line === '') continue;
    pending[fd] = '';
    internals.writeStdio(fd, line!);
  }
}

/** Text to standard output or error. */
export function writeStdio(fd: number, text: string): void {
  const all = pending[fd] + text;
  const end = all.lastIndexOf('\n') + 1;
  // Before the lines go out: that may run user code, which may write more.
  pending[fd] = all.slice(end).slice(-MAX_LINE);
  if (end > 0) internals.writeStdio(fd as 1 | 2, all.slice(0, end));
  if (pending[fd] === '' || scheduled) return;
  scheduled = true;
  internals.native.enqueueMicrotask(flush);
}

export class StdioNode extends FileNode {
  #decoder = new internals.web.TextDecoder();
  constructor(readonly fd: number) {
    super(new Uint8Array(0), true, 0);
  }
  override read(): number {
    return 0;
  }
  override write(_position: number, from: Uint8Array): number {
    from = from.subarray(0, MAX_WRITE);
    if (this.fd !== 0) writeStdio(this.fd, this.#decoder.decode(from, { stream: true }));
    return from.length;
  }
  override writeAll(from: Uint8Array): number {
    return this.write(0, from);
  }
  override resize(): void {}
}
