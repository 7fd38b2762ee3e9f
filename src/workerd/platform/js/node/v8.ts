// node:v8: nothing about the engine can be seen or changed from a worker.
import { ERR_INVALID_ARG_VALUE, ERR_METHOD_NOT_IMPLEMENTED } from './internal/errors';
import { allMissing, missingMethods } from './internal/stub';
import { validateBoolean, validateFunction, validateObject, validateOneOf, validateString, validateUint32 } from './internal/validators';

const no = (label: string): never => { throw new ERR_METHOD_NOT_IMPLEMENTED(label); };
function checkSnapshotOptions(options: any): void {
  validateObject(options, 'options');
  const { exposeInternals = false, exposeNumericValues = false } = options as any;
  validateBoolean(exposeInternals, 'options.exposeInternals');
  validateBoolean(exposeNumericValues, 'options.exposeNumericValues');
}
function writeHeapSnapshot(filename?: any, options: any = {}): never {
  if (filename !== undefined) validateString(filename, 'filename');
  checkSnapshotOptions(options);
  return no('writeHeapSnapshot');
}
function getHeapSnapshot(options: any = {}): never {
  checkSnapshotOptions(options);
  return no('getHeapSnapshot');
}
function setFlagsFromString(flags: any): never {
  validateString(flags, 'flags');
  return no('setFlagsFromString');
}
function isStringOneByteRepresentation(content: any): never {
  validateString(content, 'content');
  return no('isStringOneByteRepresentation');
}
const zeros = (names: string) => (): Record<string, number> => Object.fromEntries(names.trim().split(/\s+/).map((name) => [name, 0]));
function setHeapSnapshotNearHeapLimit(limit: any): never {
  validateUint32(limit, 'limit', true);
  return no('setHeapSnapshotNearHeapLimit');
}
function getCppHeapStatistics(type = 'detailed'): unknown {
  validateOneOf(type, 'type', ['brief', 'detailed']);
  return { committed_size_bytes: 0, resident_size_bytes: 0, used_size_bytes: 0, space_statistics: [], type_names: [], detail_level: type };
}
class Serializer {
  constructor() {
    no('Serializer');
  }
}
missingMethods(Serializer, `writeHeader writeValue releaseBuffer transferArrayBuffer writeUint32 writeUint64 writeDouble writeRawBytes _getDataCloneError
  _getSharedArrayBufferId _setTreatArrayBufferViewsAsHostObjects`);
class Deserializer {
  constructor(_buffer: unknown) {
    no('Deserializer');
  }
}
missingMethods(Deserializer, 'readHeader readValue transferArrayBuffer getWireFormatVersion readUint32 readUint64 readDouble readRawBytes _readHostObject');
class DefaultSerializer extends Serializer {}
missingMethods(DefaultSerializer, '_writeHostObject');
class DefaultDeserializer extends Deserializer {}
class GCProfiler {}
missingMethods(GCProfiler, 'start stop', 'GCProfiler.');
function queryObjects(constructor: any, options: any = {}): never {
  validateFunction(constructor, 'constructor');
  validateObject(options, 'options');
  const format = (options as any).format || 'count';
  if (format !== 'count' && format !== 'summary') throw new ERR_INVALID_ARG_VALUE('options.format', format);
  return no('queryObjects');
}
const { deserialize, takeCoverage, stopCoverage, serialize } = allMissing('deserialize takeCoverage stopCoverage serialize');
export default {
  cachedDataVersionTag: () => 0, getHeapSnapshot,
  getHeapStatistics: zeros(`total_heap_size total_heap_size_executable total_physical_size total_available_size used_heap_size heap_size_limit
    malloced_memory peak_malloced_memory does_zap_garbage number_of_native_contexts number_of_detached_contexts total_global_handles_size
    used_global_handles_size external_memory total_allocated_bytes`),
  getHeapSpaceStatistics: () => [],
  getHeapCodeStatistics: zeros('code_and_metadata_size bytecode_and_metadata_size external_script_source_size cpu_profiler_metadata_size'),
  getCppHeapStatistics, setFlagsFromString, Serializer, Deserializer, DefaultSerializer, DefaultDeserializer, deserialize, takeCoverage, stopCoverage,
  serialize, writeHeapSnapshot,
  promiseHooks: allMissing('createHook onInit onBefore onAfter onSettled', 'promiseHooks.'), queryObjects,
  startupSnapshot: {
    ...allMissing('addSerializeCallback addDeserializeCallback setDeserializeMainFunction', 'startupSnapshot.'), isBuildingSnapshot: () => false,
  },
  setHeapSnapshotNearHeapLimit, GCProfiler, isStringOneByteRepresentation,
};
