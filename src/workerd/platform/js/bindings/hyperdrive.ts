// Hyperdrive (https://developers.cloudflare.com/hyperdrive/): a database behind a service. Its host name exists in this worker only.
import { makeFetcher } from '../fetch/fetcher';
import { defineInterface, illegalInvocation } from '../interface';
import { native } from '../ops';
import { ArrayPrototypeJoin, ObjectDefineProperty, PrimordialUint8Array, SafeSet, SetPrototypeAdd, SetPrototypeHas, StringPrototypeSplit } from '../primordials';
import { connectWith, setConnectOverride, type Socket } from '../sockets';

const KEY = {};

export interface HyperdriveOptions { target: number; database: string; user: string; password: string; scheme: string }

function portOf(options: HyperdriveOptions): number {
  return options.scheme === 'mysql' ? 3306 : 5432;
}

const taken = new SafeSet<number>();

/** Of 240.0.0.0/16, which nobody can reach otherwise; each is given once. */
function freeAddress(): string {
  const random = new PrimordialUint8Array(2);
  native.getRandomValues(random);
  const start = random[0]! << 8 | random[1]!;
  let n = start;
  while (SetPrototypeHas(taken, n)) {
    n = n + 1 & 0xffff;
    if (n === start) throw new Error('no free Hyperdrive address available');
  }
  SetPrototypeAdd(taken, n);
  return `240.0.${n >> 8}.${n & 255}`;
}

let ipOf: (h: Hyperdrive) => string;
let hostOf: (h: Hyperdrive) => string;
let openHyperdrive: (h: Hyperdrive) => Socket;

export class Hyperdrive {
  #options: HyperdriveOptions;
  /** Made when somebody asks: bindings are made where there is no randomness. */
  #host: string | undefined = undefined;
  #ip: string | undefined = undefined;

  constructor(key: unknown, options: HyperdriveOptions) {
    if (key !== KEY) throw new TypeError('Illegal constructor');
    this.#options = options;
    const { database, user, password, scheme } = options;
    const mysql = scheme === 'mysql';
    const property = (name: string, get: () => unknown): void => {
      ObjectDefineProperty(this, name, { get, enumerable: true, configurable: true });
    };
    property('database', () => database);
    property('user', () => user);
    property('password', () => password);
    property('host', () => hostOf(this));
    property('ip', () => ipOf(this));
    property('port', () => portOf(options));
    property('connectionString', () =>
      `${scheme}://${user}:${password}@${hostOf(this)}:${portOf(options)}/${database}?${mysql ? 'ssl-mode=disabled' : 'sslmode=disable'}`);
  }

  connect(): Socket {
    if (!(#options in this)) throw illegalInvocation();
    return openHyperdrive(this);
  }

  static {
    const address = (h: Hyperdrive): string => `${hostOf(h)}:${portOf(h.#options)}`;
    const open = (h: Hyperdrive): Socket => connectWith(makeFetcher(h.#options.target), address(h), undefined);
    openHyperdrive = open;
    hostOf = (h) => {
      if (h.#host === undefined) {
        h.#host = `${ArrayPrototypeJoin(StringPrototypeSplit(native.randomUUID(), '-'), '')}.hyperdrive.local`;
        setConnectOverride(address(h), () => open(h));
      }
      return h.#host;
    };
    ipOf = (h) => {
      if (h.#ip === undefined) {
        h.#ip = freeAddress();
        setConnectOverride(`${h.#ip}:${portOf(h.#options)}`, () => open(h));
      }
      return h.#ip;
    };
    defineInterface(this, 'Hyperdrive', { brand: (o) => #options in o });
  }
}

export function makeHyperdrive(options: HyperdriveOptions): Hyperdrive {
  return new Hyperdrive(KEY, options);
}
