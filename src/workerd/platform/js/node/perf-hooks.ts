// node:perf_hooks: the worker's own performance object and its classes.
import constants from './data/perf-constants.json';
import { missing } from './internal/stub';

const { web } = internals;
function eventLoopUtilization(_first?: unknown, _second?: unknown): { idle: number; active: number; utilization: number } {
  return { idle: 0, active: 0, utilization: 0 };
}
function timerify<T>(fn: T): T {
  return fn;
}
export default {
  Performance: web.Performance ?? web.performance.constructor, PerformanceEntry: web.PerformanceEntry, PerformanceMark: web.PerformanceMark,
  PerformanceMeasure: web.PerformanceMeasure, PerformanceObserver: web.PerformanceObserver,
  PerformanceObserverEntryList: web.PerformanceObserverEntryList, PerformanceResourceTiming: web.PerformanceResourceTiming,
  monitorEventLoopDelay: missing('monitorEventLoopDelay'), createHistogram: missing('createHistogram'), eventLoopUtilization, timerify,
  performance: web.performance, constants: Object.freeze(constants),
};
