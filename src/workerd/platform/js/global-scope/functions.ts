// Functions of the global scope that belong to no other feature.
import { bindToFrame } from '../async-context';
import { badArgument } from '../interface';
import { native } from '../ops';
import { ReflectApply } from '../primordials';
import { reportError as report, reportFromCallback } from '../uncaught-errors';

const SCOPE = 'ServiceWorkerGlobalScope';

// A method, so that it is no constructor.
export const { queueMicrotask } = {
  queueMicrotask(task: () => void): void {
    if (typeof task !== 'function') throw badArgument('queueMicrotask', SCOPE, 1, 'function');
    native.enqueueMicrotask(bindToFrame(() => {
      try {
        ReflectApply(task, undefined, []);
      } catch (e) {
        reportFromCallback(e);
      }
    }));
  },
};

// A method, so that it is no constructor.
export const { reportError } = {
  reportError(error: unknown): void {
    if (arguments.length === 0) throw badArgument('reportError', SCOPE, 1, 'Value');
    report(error);
  },
};

// A method, so that it is no constructor.
export const { importScripts } = {
  importScripts(...urls: string[]): never {
    void urls;
    throw new Error("Failed to execute 'importScripts' on 'WorkerGlobalScope': the method is not implemented.");
  },
};
