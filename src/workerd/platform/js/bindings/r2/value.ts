// Values that can be stored.
import { isBlob } from '../../blob';
import { copyBytes, isBufferSource } from '../../blob/bytes';
import { badArgument } from '../../interface';
import { isReadableStream } from '../../streams';
import type { Value } from './wire';

/** Bytes are copied: the caller may change its buffer. undefined: nothing, where that is allowed. */
export function valueOf(value: unknown, optional: boolean, method: string, owner: string): Value | undefined {
  if (optional && (value === null || value === undefined)) return undefined;
  if (typeof value === 'string' || isReadableStream(value) || isBlob(value)) return value;
  if (isBufferSource(value)) return copyBytes(value);
  throw badArgument(method, owner, 2, 'ReadableStream or ArrayBuffer or ArrayBufferView or string or Blob');
}
