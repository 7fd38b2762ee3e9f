// node:vm: arguments are checked, and no code runs; workers cannot make code out of text.
import { Buffer } from './buffer';
import { ERR_INVALID_ARG_TYPE, ERR_METHOD_NOT_IMPLEMENTED } from './internal/errors';
import {
  kValidateObjectAllowArray, kValidateObjectAllowNullable, validateArray, validateBoolean, validateBuffer, validateInt32, validateObject, validateOneOf,
  validateString, validateStringArray, validateUint32,
} from './internal/validators';

const constants = Object.freeze(Object.assign(Object.create(null), {
  USE_MAIN_CONTEXT_DEFAULT_LOADER: Symbol('vm_dynamic_import_main_context_default'), DONT_CONTEXTIFY: Symbol('vm_context_no_contextify'),
}));
const kContext = Symbol('vm_context_symbol');

function isContext(object: any): boolean {
  validateObject(object, 'object', kValidateObjectAllowArray);
  return (object as any)[kContext] === true;
}
function checkContext(object: any): void {
  if (!isContext(object)) throw new ERR_INVALID_ARG_TYPE('contextifiedObject', 'vm.Context', object);
}
function checkRun(options: any): void {
  validateObject(options, 'options');
  const { breakOnSigint = false, displayErrors = true, timeout } = options as any;
  validateBoolean(breakOnSigint, 'options.breakOnSigint');
  validateBoolean(displayErrors, 'options.displayErrors');
  if (timeout !== undefined) validateUint32(timeout, 'options.timeout', true);
}
function checkSource({ filename, lineOffset = 0, columnOffset = 0, cachedData, produceCachedData = false, importModuleDynamically = false }: any): void {
  validateString(filename, 'options.filename');
  validateInt32(lineOffset, 'options.lineOffset');
  validateInt32(columnOffset, 'options.columnOffset');
  if (cachedData !== undefined) validateBuffer(cachedData, 'options.cachedData');
  validateBoolean(produceCachedData, 'options.produceCachedData');
  validateBoolean(importModuleDynamically, 'options.importModuleDynamically');
}

class Script {
  cachedDataRejected = undefined;
  cachedDataProduced = undefined;
  cachedData = undefined;
  sourceMapURL = undefined;
  constructor(_code: any, options: any = {}) {
    if (typeof options === 'string') options = { filename: options };
    else validateObject(options, 'options');
    checkSource({ filename: 'evalmachine.<anonymous>', ...options });
  }
  createCachedData(): unknown {
    return Buffer.alloc(0);
  }
  runInThisContext(options: any = {}): never {
    checkRun(options);
    throw new ERR_METHOD_NOT_IMPLEMENTED('runInThisContext');
  }
  runInContext(object: any, options: any = {}): never {
    checkContext(object);
    checkRun(options);
    throw new ERR_METHOD_NOT_IMPLEMENTED('runInThisContext');
  }
  runInNewContext(object: any, options: any = {}): never {
    return this.runInContext(createContext(object, contextOptions(options)), options);
  }
}

function checkGeneration(value: any, name: string): any {
  if (value === undefined) return undefined;
  validateObject(value, name);
  const { strings, wasm } = value as any;
  if (strings !== undefined) validateBoolean(strings, `${name}.strings`);
  if (wasm !== undefined) validateBoolean(wasm, `${name}.wasm`);
  return { strings, wasm };
}
function contextOptions(options: any): any {
  if (!options) return {};
  const { contextName, contextOrigin, contextCodeGeneration, microtaskMode } = options;
  if (contextName !== undefined) validateString(contextName, 'options.contextName');
  if (contextOrigin !== undefined) validateString(contextOrigin, 'options.contextOrigin');
  const codeGeneration = checkGeneration(contextCodeGeneration, 'options.contextCodeGeneration');
  if (microtaskMode !== undefined) validateString(microtaskMode, 'options.microtaskMode');
  return { name: contextName, origin: contextOrigin, codeGeneration, microtaskMode };
}
function createContext(object: any = {}, options: any = {}): any {
  if (object !== constants.DONT_CONTEXTIFY && isContext(object)) return object;
  validateObject(options, 'options');
  const { name = 'VM Context', origin, codeGeneration, microtaskMode, importModuleDynamically = false } = options as any;
  validateString(name, 'options.name');
  if (origin !== undefined) validateString(origin, 'options.origin');
  checkGeneration(codeGeneration, 'options.codeGeneration');
  validateBoolean(importModuleDynamically, 'options.importModuleDynamically');
  validateOneOf(microtaskMode, 'options.microtaskMode', ['afterEvaluate', undefined]);
  return Object.create(null, { [kContext]: { value: true } });
}
function createScript(code: any, options: any = {}): Script {
  return new Script(code, options);
}
const named = (options: any): any => (typeof options === 'string' ? { filename: options } : options);
function runInContext(code: any, object: any, options: any = {}): never {
  checkContext(object);
  return createScript(code, named(options)).runInContext(object, named(options));
}
function runInNewContext(code: any, object: any, options?: any): never {
  options = typeof options === 'string' ? named(options) : { ...options };
  return createScript(code, options).runInNewContext(createContext(object, contextOptions(options)), options);
}
function runInThisContext(code: any, options: any = {}): never {
  return createScript(code, named(options)).runInThisContext(named(options));
}
function compileFunction(code: any, params: any = [], options: any = {}): never {
  validateString(code, 'code');
  validateObject(options, 'options');
  validateStringArray(params, 'params');
  checkSource({ filename: '', ...options });
  const { parsingContext, contextExtensions = [] } = options as any;
  if (parsingContext !== undefined && (typeof parsingContext !== 'object' || !isContext(parsingContext))) {
    throw new ERR_INVALID_ARG_TYPE('options.parsingContext', 'Context', parsingContext);
  }
  validateArray(contextExtensions, 'options.contextExtensions');
  (contextExtensions as any[]).forEach((extension, i) => validateObject(extension, `options.contextExtensions[${i}]`, kValidateObjectAllowNullable));
  throw new ERR_METHOD_NOT_IMPLEMENTED('compileFunction');
}
function measureMemory(options: any = {}): never {
  validateObject(options, 'options');
  const { mode = 'summary', execution = 'default' } = options as any;
  validateOneOf(mode, 'options.mode', ['summary', 'detailed']);
  validateOneOf(execution, 'options.execution', ['default', 'eager']);
  throw new ERR_METHOD_NOT_IMPLEMENTED('measureMemory');
}
export default {
  Script, createContext, createScript, runInContext, runInNewContext, runInThisContext, isContext, compileFunction, measureMemory, constants,
};
