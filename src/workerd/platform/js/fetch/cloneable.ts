// Requests and Responses in structured clones (and so in RPC). A body goes along as its stream, if streams may go where the clone goes.
import { isAbortSignal } from '../abort';
import { currentWriting } from '../rpc/writing';
import { isReadableStream } from '../streams';
import { CloneTag, cloneParts, dataCloneError, registerCloneable } from '../structured-clone';
import { isWebSocket } from '../websocket';
import { requestFromParts, requestParts, type RequestParts } from './request';
import { responseFromParts, responseParts, type Response, type ResponseParts } from './response';
import { reasonPhrase } from './status';

function check(ok: boolean): void {
  if (!ok) throw dataCloneError('Unable to deserialize cloned data.');
}

registerCloneable('Request', CloneTag.Request, requestParts, (data: unknown) => {
  const parts = cloneParts<RequestParts>(data, ['string', 'string', 'string', 'boolean', 'string?', 'string?', 'boolean', 'object?', 'object']);
  check(parts[7] === undefined || (parts[7] !== null && isAbortSignal(parts[7])));
  check(parts[8] === null || isReadableStream(parts[8]));
  return requestFromParts(parts);
});

registerCloneable('Response', CloneTag.Response, (response: Response) => {
  const parts = responseParts(response);
  // Other workers see the phrase that goes with the status where none was given.
  if (parts[1] === '' && currentWriting() !== undefined) parts[1] = reasonPhrase(parts[0]);
  return parts;
}, (data: unknown) => {
  const parts = cloneParts<ResponseParts>(data, ['number', 'string', 'string', 'string?', 'boolean', 'object', 'object']);
  check(parts[5] === null || isWebSocket(parts[5]));
  check(parts[6] === null || isReadableStream(parts[6]));
  return responseFromParts(parts);
});
