// The encoding a stream takes strings in, from the options of its constructor. Unknown ones are refused only since Node 24.
import { Buffer } from '../buffer';
import { ERR_UNKNOWN_ENCODING } from '../internal/errors';

export function defaultEncoding(options: { defaultEncoding?: unknown } | null | undefined): unknown {
  const given = options ? options.defaultEncoding : undefined;
  if (given === undefined || given === null) return 'utf8';
  if (internals.flags.enable_streams_nodejs_v24_compat && !Buffer.isEncoding(given as string)) throw new ERR_UNKNOWN_ENCODING(given);
  return given;
}
