// Requests and Responses in structured clones (and so in RPC). A body goes along as its stream, if streams may go where the clone goes.
import { CloneTag, registerCloneable } from '../structured-clone';
import { requestFromParts, requestParts } from './request';
import { currentWriting } from '../rpc/writing';
import { responseFromParts, responseParts, type Response } from './response';
import { reasonPhrase } from './status';

registerCloneable('Request', CloneTag.Request, requestParts, requestFromParts);
registerCloneable('Response', CloneTag.Response, (response: Response) => {
  const parts = responseParts(response);
  // Other workers see the phrase that goes with the status where none was given.
  if (parts[1] === '' && currentWriting() !== undefined) parts[1] = reasonPhrase(parts[0]);
  return parts;
}, responseFromParts);
