// ETags in If-Match and If-None-Match (https://httpwg.org/specs/rfc9110.html#field.etag), and in conditions.
import { StringPrototypeEndsWith, StringPrototypeIndexOf, StringPrototypeSlice, StringPrototypeStartsWith } from '../../primordials';

export interface Etag { value?: string; type: 'strong' | 'weak' | 'wildcard' }

function unexpected(what: string, more = ''): Error {
  return new Error(`Comma was expected to separate etags. Encountered a ${what} instead.${more}`);
}

/** What follows the first thing that is no ETag is ignored. Throws Error. */
export function parseEtags(text: string): Etag[] {
  const etags: Etag[] = [];
  let needsComma = false;
  let at = 0;
  for (;;) {
    while (text[at] === ' ' || text[at] === '\t') at++;
    switch (text[at]) {
      case ',':
        at++;
        needsComma = false;
        continue;
      case '*':
        if (needsComma) throw unexpected("wildcard character '*'");
        return [{ type: 'wildcard' }];
      case 'W': case '"': {
        const weak = text[at] === 'W';
        if (needsComma) {
          throw weak ? unexpected("weak quotation character 'W'", ' This would otherwise indicate the start of a new weak etag.')
            : unexpected("double quote character '\"'", ' This would otherwise indicate the start of a new strong etag.');
        }
        if (weak) {
          if (text[at + 1] !== '/' || text[at + 2] !== '"') throw new Error('Weak etags must start with W/ and their value must be quoted');
          at += 2;
        }
        const end = StringPrototypeIndexOf(text, '"', at + 1);
        if (end < 0) throw new Error('Unclosed double quote for Etag');
        etags[etags.length] = { value: StringPrototypeSlice(text, at + 1, end), type: weak ? 'weak' : 'strong' };
        at = end + 1;
        needsComma = true;
        continue;
      }
      default:
        return etags;
    }
  }
}

/** The ETag of a condition: without quotes. */
export function singleEtag(value: string): Etag[] {
  if (StringPrototypeStartsWith(value, '"') && StringPrototypeEndsWith(value, '"')) {
    throw new TypeError(`Conditional ETag should not be wrapped in quotes (${value}).`);
  }
  return value === '*' ? [{ type: 'wildcard' }] : [{ value, type: 'strong' }];
}
