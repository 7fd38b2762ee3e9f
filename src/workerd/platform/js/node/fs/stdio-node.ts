// File descriptors 0, 1 and 2. Output goes out in whole lines, as the runtime's logs do.
import { FileNode } from './nodes';

const pending = ['', '', ''];

/** Text to standard output or error; what has no line end yet waits for it. */
export function writeStdio(fd: number, text: string): void {
  const all = pending[fd] + text;
  const end = all.lastIndexOf('\n') + 1;
  if (end > 0) internals.writeStdio(fd as 1 | 2, all.slice(0, end));
  pending[fd] = all.slice(end);
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
    if (this.fd !== 0) writeStdio(this.fd, this.#decoder.decode(from, { stream: true }));
    return from.length;
  }
  override writeAll(from: Uint8Array): number {
    return this.write(0, from);
  }
  override resize(): void {}
}
