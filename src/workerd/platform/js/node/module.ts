// node:module: require() for ES modules, and the names of modules. Modules come from the worker's configuration, so that what would load,
// find or change them is not there.
import { ERR_INVALID_ARG_VALUE } from './internal/errors';
import { allMissing, missing } from './internal/stub';
import { nodeModuleNames } from './modules';

const requireFrom = internals.pyOp<(specifier: string, referrer: string) => unknown>('modules.create_require');
const PREFIX_ONLY = new Set(['node:test', 'node:sqlite']);
export const builtinModules = Object.freeze(nodeModuleNames.filter((name) => !PREFIX_ONLY.has(name)).map((name) => name.slice(5)));
const names = new Set([...builtinModules, ...nodeModuleNames]);

const _extensions: any = { '.js': missing('module._extensions.js'), '.json': missing('module._extensions.json'), '.node': missing('module._extensions.node') };

function createRequire(path: any): (specifier: string) => unknown {
  const text = `${path}`;
  if (!text.startsWith('/') && !text.startsWith('file:')) {
    throw new ERR_INVALID_ARG_VALUE('path', text, 'The argument must be a file URL object, a file URL string, or an absolute path string.');
  }
  const url = new internals.web.URL(text, 'file:///');
  if (!internals.flags.new_module_registry && (url.search !== '' || url.hash !== '')) {
    throw new Error('The specifier must not have query string parameters or hash fragments.');
  }
  // Without the registry of URLs modules are known by their paths in the bundle.
  const referrer = internals.flags.new_module_registry ? url.href : decodeURIComponent(url.pathname).slice(1);
  return function require(...given: any[]): unknown {
    return requireFrom(`${given[0]}`, referrer);
  };
}
Object.assign(createRequire, {
  resolve: missing('module.createRequire.resolve'), paths: missing('module.createRequire.resolve.paths'), cache: Object.create(null),
  extensions: _extensions, main: undefined,
});
function isBuiltin(specifier: any): boolean {
  const name = `${specifier}`;
  // Whatever has the prefix is, as in the reference; and this one is without it, too.
  return name.startsWith('node:') || name === 'sqlite' || names.has(name);
}
function enableCompileCache(): void {}
function getCompileCacheDir(): void {}
function flushCompileCache(): void {}
function getSourceMapsSupport(): unknown {
  return Object.freeze(Object.assign(Object.create(null), { enabled: false, nodeModules: false, generatedCode: false }));
}
const compileCacheStatus = Object.freeze(Object.assign(Object.create(null), { FAILED: 0, ENABLED: 1, ALREADY_ENABLED: 2, DISABLED: 3 }));

const Module: any = missing('module.Module');
Module.prototype.load = function load(): void {};
Module.prototype.require = function require(): void {};
Module.prototype._compile = function _compile(): void {};
Object.defineProperty(Module.prototype, 'isPreloading', { get: () => false });
const gone = allMissing(`register findPackageJSON stripTypeScriptTypes findSourceMap SourceMap setSourceMapsSupport runMain syncBuiltinESMExports wrap _debug
  _findPath _initPaths _load _preloadModules _resolveFilename _resolveLookupPaths _nodeModulePaths registerHooks`, 'module.');
Object.assign(Module, {
  ...gone, constants: Object.freeze(Object.assign(Object.create(null), { compileCacheStatus })), enableCompileCache, flushCompileCache, getCompileCacheDir,
  getSourceMapsSupport, createRequire, builtinModules, globalPaths: [], isBuiltin, _cache: Object.create(null), _extensions, _pathCache: Object.create(null),
  Module,
});
export default Module;
