// ctx.mapVirtualHost(): a made-up host name under which connect() of cloudflare:sockets reaches a service.
import type { Fetcher } from '../fetch/fetcher';
import { native } from '../ops';
import { NumberPrototypeToString, SafeWeakMap, StringPrototypePadStart, WeakMapPrototypeGet, WeakMapPrototypeSet } from '../primordials';
import { connectWith, setConnectOverride } from './index';

const hosts = new SafeWeakMap<Fetcher, string>();

/** "host:port". A service keeps the first one it is given. */
export function virtualHost(fetcher: Fetcher, port: number): string {
  const known = WeakMapPrototypeGet(hosts, fetcher);
  if (known !== undefined) return known;
  const bytes = new Uint8Array(16);
  native.getRandomValues(bytes);
  let address = '';
  for (let i = 0; i < 16; i++) address += StringPrototypePadStart(NumberPrototypeToString(bytes[i]!, 16), 2, '0');
  address += `.workers.alt:${port}`;
  setConnectOverride(address, () => connectWith(fetcher, address, undefined));
  WeakMapPrototypeSet(hosts, fetcher, address);
  return address;
}
