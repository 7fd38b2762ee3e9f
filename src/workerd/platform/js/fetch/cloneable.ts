// Requests and Responses in structured clones (and so in RPC). A body goes along as its stream, if streams may go where the clone goes.
import { CloneTag, registerCloneable } from '../structured-clone';
import { requestFromParts, requestParts } from './request';
import { responseFromParts, responseParts } from './response';

registerCloneable('Request', CloneTag.Request, requestParts, requestFromParts);
registerCloneable('Response', CloneTag.Response, responseParts, responseFromParts);
