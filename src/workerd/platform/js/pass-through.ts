// passThroughOnException(): a request whose handler failed before it answered goes to the worker's next service.
import { fetchWith } from './fetch/fetch';
import { requestFromNative } from './fetch/request';
import { responseToNative, type Response } from './fetch/response';
import type { Exchange } from './native';
import { native } from './ops';
import { PromisePrototypeThen } from './primordials';

export function passThrough(exchange: Exchange, method: string, url: string, headers: string, cf: string | undefined, done: () => void): void {
  // The body, if there was one, may be consumed already: as the reference, only the head is sent on.
  PromisePrototypeThen(fetchWith(undefined, requestFromNative(undefined, method, url, headers, null, cf), { redirect: 'manual' } as never),
    (response: Response) => {
      const out = responseToNative(response, headers);
      native.respond(exchange, out.status, out.statusText, out.rawHeaders, out.body, out.webSocket);
      done();
    },
    (error: unknown) => {
      native.respondError(exchange, error);
      done();
    });
}
