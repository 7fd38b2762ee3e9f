export { createPerformance, installPerformance, Performance } from './performance';
export { PerformanceEntry, PerformanceMark, PerformanceMeasure, PerformanceResourceTiming } from './entries';
export { PerformanceObserver, PerformanceObserverEntryList } from './observer';
