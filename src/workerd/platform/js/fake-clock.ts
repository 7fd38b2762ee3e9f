// `workerd test --fake-timers`: Date, performance and timers follow a clock that tests control, through `controller.clock`.
import { native, pyOp } from './ops';
import { MathFloor, ObjectDefineProperty, ReflectConstruct, setDateNow } from './primordials';

const clock_ops = {
  now: pyOp<() => number>('clock.now'),
  start: pyOp<() => number>('clock.start'),
  set: pyOp<(ms: number) => void>('clock.set'),
  automatic: pyOp<(on?: boolean) => boolean>('clock.automatic'),
  advance: pyOp<(ms: number) => Promise<void>>('clock.advance'),
  next: pyOp<() => Promise<boolean>>('clock.next'),
  runAll: pyOp<() => Promise<number>>('clock.run_all'),
};

const current = (): number => MathFloor(clock_ops.now());

/** What a test controls time with. All workers of the run share one clock. */
export class TestClock {
  /** Milliseconds since 1970: what Date.now() is. */
  get now(): number {
    return current();
  }

  /** Whether time jumps to the next timer when nothing else is going on. On at first. */
  get automatic(): boolean {
    return clock_ops.automatic();
  }

  set automatic(on: boolean) {
    clock_ops.automatic(!!on);
  }

  /** Sets the time of day. Timers keep the time they still have to wait. */
  set(time: number | Date): void {
    const ms = Number(time);
    if (!(ms >= -8.64e15 && ms <= 8.64e15)) throw new RangeError('Not a time.');
    clock_ops.set(ms);
  }

  /** Moves time on; timers that become due fire in order, each when it is due, with all it sets going. */
  async advance(ms: number): Promise<void> {
    await clock_ops.advance(Number(ms));
  }

  /** Moves time on to the next timer, and fires it. False: there is none. */
  async next(): Promise<boolean> {
    return await clock_ops.next();
  }

  /** Fires timers, those set meanwhile too, until none is left; resolves with their number. */
  async runAll(): Promise<number> {
    return await clock_ops.runAll();
  }
}

/** Puts the clock in the place of the real one. Called at bootstrap. */
export function installFakeClock(global: object): void {
  const start = clock_ops.start();
  setDateNow(current);
  (native as { now: () => number }).now = () => clock_ops.now() - start;
  const RealDate = Date;
  const FakeDate = function (this: unknown, ...args: unknown[]): unknown {
    if (new.target === undefined) return new RealDate(current()).toString();
    return ReflectConstruct(RealDate, args.length === 0 ? [current()] : args, new.target);
  };
  const hidden = (target: object, name: string, value: unknown, writable = true): void => {
    ObjectDefineProperty(target, name, { value, writable, enumerable: false, configurable: writable });
  };
  hidden(FakeDate, 'prototype', RealDate.prototype, false);
  ObjectDefineProperty(FakeDate, 'name', { value: 'Date', configurable: true });
  ObjectDefineProperty(FakeDate, 'length', { value: 7, configurable: true });
  hidden(FakeDate, 'now', function now(): number { return current(); });
  hidden(FakeDate, 'parse', RealDate.parse);
  hidden(FakeDate, 'UTC', RealDate.UTC);
  hidden(RealDate.prototype, 'constructor', FakeDate);
  hidden(global, 'Date', FakeDate);
}
