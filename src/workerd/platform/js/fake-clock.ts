// `workerd test --fake-timers`: timers, and the time that Date, performance and console.time() see, follow a clock that tests control
// through `controller.clock`. The runtime sets the time of the isolate itself (testing/clock.py).
import { defineInterface } from './interface';
import { native, pyOp } from './ops';
import { MathFloor, ObjectDefineProperty } from './primordials';

const clock_ops = {
  now: pyOp<() => number>('clock.now'),
  start: pyOp<() => number>('clock.start'),
  set: pyOp<(ms: number) => void>('clock.set'),
  automatic: pyOp<(on?: boolean) => boolean>('clock.automatic'),
  advance: pyOp<(ms: number) => Promise<void>>('clock.advance'),
  next: pyOp<() => Promise<boolean>>('clock.next'),
  runAll: pyOp<() => Promise<number>>('clock.run_all'),
};

/** The first argument of `test()`. `clock`: only where tests control the time. */
export class TestController {
  declare readonly clock: TestClock;

  static {
    defineInterface(this, 'TestController');
  }
}

export function makeController(withClock: boolean): TestController {
  const controller = new TestController();
  if (withClock) ObjectDefineProperty(controller, 'clock', { value: new TestClock(), writable: true, enumerable: true, configurable: true });
  return controller;
}

/** What a test controls time with. All workers of the run share one clock. */
export class TestClock {
  /** Milliseconds since 1970: what Date.now() is. */
  get now(): number {
    return MathFloor(clock_ops.now());
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
    if (!(ms >= 0 && ms <= 8.64e15)) throw new RangeError('Not a time after 1970.');
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

/** Called at bootstrap. */
export function installFakeClock(): void {
  const start = clock_ops.start();
  (native as { now: () => number }).now = () => clock_ops.now() - start;
}
