// crypto.DigestStream: a WritableStream that digests what is written to it.
import { currentIo } from '../async-context';
import { isBufferSource, byteLengthOf, viewBytes } from '../blob/bytes';
import { addOwnProperties, badConstructorArgument, defineInterface, illegalInvocation, legacyOwnProperties } from '../interface';
import { native } from '../ops';
import { PrimordialBigInt, PrimordialPromise, PromiseReject, StringPrototypeToLowerCase, SymbolDispose } from '../primordials';
import { WritableStream } from '../streams';
import { wrapNext } from '../streams/writable';
import { type Sink, WritableController, WritableState } from '../streams/writable-state';
import { Crc32c, Crc64Nvme, type Checksum } from './crc';
import { lookupHash } from './hash';
import { type Bytes, bufferOf, digestStart } from './ops';

/** Bytes of a chunk that is worth a copy and a thread: a few milliseconds. */
const HEAVY_CHUNK = 1 << 22;

/** What the sink works on. The stream cannot be it: the sink is made before `this` exists. */
class Digester implements Sink {
  /** undefined once closed. */
  #checksum: Checksum | undefined;
  #failed = false;
  #reason: unknown;
  bytesWritten = 0;
  readonly promise: Promise<ArrayBuffer>;
  #resolve!: (digest: ArrayBuffer) => void;
  #reject!: (reason: unknown) => void;

  constructor(algorithm: string) {
    this.#checksum = makeChecksum(algorithm);
    this.promise = new PrimordialPromise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Nobody has to look at the digest.
    native.markPromiseHandled(this.promise);
  }

  write(chunk: unknown): Promise<void> | undefined {
    let data: Uint8Array;
    if (typeof chunk === 'string') data = native.utf8Encode(chunk);
    else if (!isBufferSource(chunk)) {
      return PromiseReject(new TypeError('DigestStream is a byte stream but received an object of ' +
        'non-ArrayBuffer/ArrayBufferView/string type on its writable side.'));
    } else if (byteLengthOf(chunk) === 0) return undefined;
    else data = viewBytes(chunk);
    if (this.#failed) return PromiseReject(this.#reason);
    if (this.#checksum === undefined) return undefined;
    const size = byteLengthOf(data);
    this.bytesWritten += size;
    if (size >= HEAVY_CHUNK && this.#checksum.updateLater !== undefined && currentIo() !== undefined) {
      return this.#checksum.updateLater(data);
    }
    this.#checksum.update(data);
    return undefined;
  }

  close(): Promise<void> | undefined {
    if (this.#failed) return PromiseReject(this.#reason);
    if (this.#checksum !== undefined) this.#resolve(bufferOf(this.#checksum.digest() as Bytes));
    this.#checksum = undefined;
    return undefined;
  }

  abort(reason: unknown): void {
    if (this.#failed || this.#checksum === undefined) return;
    this.#failed = true;
    this.#reason = reason;
    this.#checksum = undefined;
    this.#reject(reason);
  }
}

function makeChecksum(algorithm: string): Checksum {
  const name = StringPrototypeToLowerCase(algorithm);
  switch (name) {
    case 'crc32c': return new Crc32c();
    case 'crc64nvme': return new Crc64Nvme();
    default: {
      const pair = digestStart(name === 'crc32' ? name : lookupHash(algorithm).name);
      return { update: pair[0], digest: pair[1], updateLater: pair[2] };
    }
  }
}

function algorithmName(value: unknown): string {
  if ((typeof value === 'object' && value !== null) || typeof value === 'function') return `${(value as { name: unknown }).name}`;
  if (value === undefined) throw badConstructorArgument('DigestStream', 1, 'string or HashAlgorithm');
  return `${value}`;
}

let isDigestStream: (value: unknown) => boolean;

class DigestStream extends WritableStream<ArrayBuffer | ArrayBufferView | string> {
  readonly #digester: Digester;

  // The default parameter keeps `length` at the reference's 0.
  constructor(algorithm: unknown = undefined) {
    const digester = new Digester(algorithmName(algorithm));
    const state = new WritableState();
    new WritableController(state, digester, 1, undefined).startNow();
    wrapNext(state);
    super();
    this.#digester = digester;
    if (legacyOwnProperties) addOwnProperties(this);
  }

  get digest(): Promise<ArrayBuffer> {
    if (!isDigestStream(this)) throw illegalInvocation();
    return this.#digester.promise;
  }

  get bytesWritten(): bigint {
    if (!isDigestStream(this)) throw illegalInvocation();
    return PrimordialBigInt(this.#digester.bytesWritten);
  }

  [SymbolDispose](): void {
    if (!isDigestStream(this)) throw illegalInvocation();
    this.#digester.abort(new TypeError('The DigestStream was disposed.'));
  }

  static {
    isDigestStream = (value) => typeof value === 'object' && value !== null && #digester in value;
  }
}

defineInterface(DigestStream, 'DigestStream', {
  brand: (o) => isDigestStream(o), ownProperties: ['digest', 'bytesWritten'],
});
export { DigestStream };
