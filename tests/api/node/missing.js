// Modules that a worker can import and hardly use, and which modules there are.
import assert from 'node:assert/strict';
import childProcess from 'node:child_process';
import cluster from 'node:cluster';
import inspector from 'node:inspector';
import module from 'node:module';
import perf from 'node:perf_hooks';
import v8 from 'node:v8';
import vm from 'node:vm';
import worker from 'node:worker_threads';

export const refusals = {
  test() {
    const calls = { spawn: () => childProcess.spawn('ls'), fork: () => cluster.fork(), Session: () => new inspector.Session(), Worker: () => new worker.Worker('x'), serialize: () => v8.serialize(1), runInThisContext: () => vm.runInThisContext('1'), histogram: () => perf.createHistogram() };
    for (const [name, call] of Object.entries(calls)) assert.throws(call, { code: 'ERR_METHOD_NOT_IMPLEMENTED' }, name);
    // Arguments are looked at first.
    assert.throws(() => new vm.Script('1', { lineOffset: 'x' }), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.ok(vm.isContext(vm.createContext()));
    assert.ok(new worker.MessageChannel().port1 instanceof worker.MessagePort);
  },
};
export const everything = {
  async test() {
    assert.ok(module.builtinModules.length > 60);
    for (const name of module.builtinModules) assert.ok((await import(`node:${name}`)).default, name);
    assert.ok(module.isBuiltin('fs') && module.isBuiltin('node:test') && !module.isBuiltin('test'));
  },
};
