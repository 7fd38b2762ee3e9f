// DiffieHellman, DiffieHellmanGroup, ECDH and crypto.diffieHellman().
import { Buffer } from '../buffer';
import { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE } from '../internal/errors';
import { validateInt32, validateObject, validateOneOf, validateString } from '../internal/validators';
import { isKeyObject, materialOf } from './keys';
import { sync } from './ops';
import { isBytes, output, toBytes } from './util';

const dh_ops = {
  make: sync<Uint8Array[]>('dh_new'), group: sync<Uint8Array[]>('dh_group'), check: sync<number>('dh_check'),
  generate: sync<Uint8Array[]>('dh_generate'), validate: sync<void>('dh_validate'), compute: sync<Uint8Array>('dh_compute'),
  agree: sync<Uint8Array>('diffie_hellman'),
  curve: sync<void>('ecdh_check'), ecGenerate: sync<Uint8Array>('ecdh_generate'), ecCheck: sync<void>('ecdh_check_private'),
  ecPublic: sync<Uint8Array>('ecdh_public'), ecCompute: sync<Uint8Array>('ecdh_compute'), ecConvert: sync<Uint8Array>('ecdh_convert'),
};
const SOURCES = ['number', 'string', 'ArrayBuffer', 'Buffer', 'TypedArray', 'DataView'];
const kState = Symbol('kState');

interface State { prime: Uint8Array; generator: Uint8Array; publicKey?: Uint8Array | undefined; privateKey?: Uint8Array | undefined; error: number | undefined }

export function DiffieHellman(this: any, sizeOrKey: any, keyEncoding?: any, generator?: any, genEncoding?: any): any {
  if (!(this instanceof (DiffieHellman as any))) return new (DiffieHellman as any)(sizeOrKey, keyEncoding, generator, genEncoding);
  if (typeof sizeOrKey !== 'number' && typeof sizeOrKey !== 'string' && !isBytes(sizeOrKey)) throw new ERR_INVALID_ARG_TYPE('sizeOrKey', SOURCES, sizeOrKey);
  if (typeof sizeOrKey === 'number') validateInt32(sizeOrKey, 'sizeOrKey');
  if (keyEncoding && keyEncoding !== 'buffer' && !Buffer.isEncoding(keyEncoding)) {
    // (prime, generator, generatorEncoding)
    genEncoding = generator;
    generator = keyEncoding;
    keyEncoding = 'utf8';
  }
  const prime = typeof sizeOrKey === 'number' ? sizeOrKey : toBytes(sizeOrKey, 'sizeOrKey', keyEncoding ?? 'utf8').slice();
  if (!generator) generator = 2;
  else if (typeof generator === 'number') validateInt32(generator, 'generator');
  else generator = toBytes(generator, 'generator', genEncoding ?? 'utf8', SOURCES);
  const [p, g] = dh_ops.make(prime, generator);
  this[kState] = { prime: p!, generator: g!, error: undefined } satisfies State;
  return undefined;
}
export function DiffieHellmanGroup(this: any, name: any): any {
  if (!(this instanceof (DiffieHellmanGroup as any))) return new (DiffieHellmanGroup as any)(name);
  validateString(name, 'name');
  const [p, g] = dh_ops.group(name);
  this[kState] = { prime: p!, generator: g!, error: 0 } satisfies State;
  return undefined;
}
const methods: any = {
  generateKeys(this: any, encoding?: any): any {
    const state: State = this[kState];
    const [publicKey, privateKey] = dh_ops.generate(state.prime, state.generator, state.privateKey);
    state.publicKey = publicKey;
    state.privateKey = privateKey;
    return output(publicKey!, encoding);
  },
  computeSecret(this: any, key: any, inputEncoding?: any, outputEncoding?: any): any {
    const state: State = this[kState];
    const peer = toBytes(key, 'key', inputEncoding);
    dh_ops.validate(state.prime, peer, 'invalid peer public key');
    if (state.privateKey === undefined) throw new Error('No private key - did you forget to generate one?');
    return output(dh_ops.compute(state.prime, state.privateKey, peer), outputEncoding);
  },
  getPrime(this: any, encoding?: any): any {
    return output(this[kState].prime.slice(), encoding);
  },
  getGenerator(this: any, encoding?: any): any {
    return output(this[kState].generator.slice(), encoding);
  },
  getPublicKey(this: any, encoding?: any): any {
    const { publicKey } = this[kState];
    if (publicKey === undefined) throw new Error('No public key - did you forget to generate one?');
    return output(publicKey.slice(), encoding);
  },
  getPrivateKey(this: any, encoding?: any): any {
    const { privateKey } = this[kState];
    if (privateKey === undefined) throw new Error('No private key - did you forget to generate one?');
    return output(privateKey.slice(), encoding);
  },
};
for (const Class of [DiffieHellman, DiffieHellmanGroup] as any[]) {
  Object.assign(Class.prototype, methods);
  Object.defineProperty(Class.prototype, 'verifyError', {
    configurable: true, enumerable: true,
    get(this: any) {
      const state: State = this[kState];
      return (state.error ??= dh_ops.check(state.prime, state.generator));
    },
  });
}
DiffieHellman.prototype.setPublicKey = function setPublicKey(this: any, key: any, encoding?: any): any {
  const bytes = toBytes(key, 'key', encoding).slice();
  dh_ops.validate(this[kState].prime, bytes, 'invalid public key');
  this[kState].publicKey = bytes;
  return this;
};
DiffieHellman.prototype.setPrivateKey = function setPrivateKey(this: any, key: any, encoding?: any): any {
  this[kState].privateKey = toBytes(key, 'key', encoding).slice();
  return this;
};
export function createDiffieHellman(sizeOrKey: any, keyEncoding?: any, generator?: any, genEncoding?: any): any {
  return new (DiffieHellman as any)(sizeOrKey, keyEncoding, generator, genEncoding);
}
export function createDiffieHellmanGroup(name: any): any {
  return new (DiffieHellmanGroup as any)(name);
}
export function getDiffieHellman(name: any): any {
  return createDiffieHellmanGroup(name);
}

export function diffieHellman(options: any): any {
  validateObject(options, 'options');
  const { publicKey, privateKey } = options;
  if (!isKeyObject(publicKey)) throw new ERR_INVALID_ARG_TYPE('options.publicKey', 'KeyObject', publicKey);
  if (!isKeyObject(privateKey)) throw new ERR_INVALID_ARG_TYPE('options.privateKey', 'KeyObject', privateKey);
  if (publicKey.type !== 'public') throw new ERR_INVALID_ARG_TYPE('options.publicKey', 'public key', publicKey);
  if (privateKey.type !== 'private') throw new ERR_INVALID_ARG_TYPE('options.privateKey', 'private key', privateKey);
  const kind = (publicKey as any).asymmetricKeyType;
  if (kind !== (privateKey as any).asymmetricKeyType) {
    throw new ERR_INVALID_ARG_VALUE('options.publicKey.asymmetricKeyType', kind, 'must equal privateKey.asymmetricKeyType');
  }
  return output(dh_ops.agree(materialOf(privateKey).der, materialOf(publicKey).der, false));
}

const FORMATS = ['compressed', 'uncompressed', 'hybrid'];
const BYTES = ['string', 'Buffer', 'TypedArray', 'DataView'];
function optionalString(value: any, name: string): void {
  if (value != null) validateString(value, name);
}

export function ECDH(this: any, curve: any): any {
  if (!(this instanceof (ECDH as any))) return new (ECDH as any)(curve);
  validateString(curve, 'curveName');
  dh_ops.curve(curve);
  this[kState] = { curve, privateKey: undefined };
  return undefined;
}
function privateOf(self: any): Uint8Array {
  const { privateKey } = self[kState];
  if (privateKey === undefined) throw new Error('Failed to get ECDH private key');
  return privateKey;
}
Object.assign(ECDH.prototype, {
  computeSecret(this: any, other: any, inputEncoding?: any, outputEncoding?: any): any {
    const peer = toBytes(other, 'otherPublicKey', inputEncoding, BYTES);
    optionalString(inputEncoding, 'inputEncoding');
    optionalString(outputEncoding, 'outputEncoding');
    return output(dh_ops.ecCompute(this[kState].curve, privateOf(this), peer), outputEncoding);
  },
  generateKeys(this: any, encoding?: any, format?: any): any {
    optionalString(encoding, 'encoding');
    if (format != null) validateOneOf(format, 'format', FORMATS);
    this[kState].privateKey = dh_ops.ecGenerate(this[kState].curve);
    return this.getPublicKey(encoding, format);
  },
  getPrivateKey(this: any, encoding?: any): any {
    optionalString(encoding, 'encoding');
    return output(privateOf(this).slice(), encoding);
  },
  getPublicKey(this: any, encoding?: any, format: any = 'uncompressed'): any {
    optionalString(encoding, 'encoding');
    validateOneOf(format ?? 'uncompressed', 'format', FORMATS);
    if (this[kState].privateKey === undefined) throw new Error('Failed to get ECDH public key');
    return output(dh_ops.ecPublic(this[kState].curve, this[kState].privateKey, format ?? 'uncompressed'), encoding);
  },
  setPrivateKey(this: any, key: any, encoding?: any): void {
    optionalString(encoding, 'encoding');
    const bytes = toBytes(key, 'key', encoding, BYTES).slice();
    dh_ops.ecCheck(this[kState].curve, bytes);
    this[kState].privateKey = bytes;
  },
});
(ECDH as any).convertKey = function convertKey(key: any, curve: any, inputEncoding?: any, outputEncoding?: any, format: any = 'uncompressed'): any {
  const bytes = toBytes(key, 'key', inputEncoding, BYTES);
  validateString(curve, 'curve');
  optionalString(inputEncoding, 'inputEncoding');
  optionalString(outputEncoding, 'outputEncoding');
  validateOneOf(format, 'format', FORMATS);
  return output(dh_ops.ecConvert(bytes, curve, format), outputEncoding);
};
export function createECDH(curve: any): any {
  return new (ECDH as any)(curve);
}
export function getCurves(): string[] {
  return ['secp224r1', 'prime256v1', 'secp384r1', 'secp521r1'];
}
