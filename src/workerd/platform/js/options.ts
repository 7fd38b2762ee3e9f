// What the runtime tells the platform layer about its worker at bootstrap.
export interface BootstrapOptions {
  flags: string[];
  /** Every enable flag and whether it is on, for Cloudflare.compatibilityFlags. */
  allFlags?: Record<string, boolean>;
  /** Target numbers of the capability table. */
  globalOutbound: number;
  cacheApiOutbound: number | undefined;
  /** Deterministic ids, time and random numbers (`workerd test --predictable`). */
  predictable: boolean;
  /** Service-worker syntax. */
  serviceWorker: boolean;
  compatibilityDate: string;
  workerName: string;
  /** Whether what the console prints is coloured. */
  consoleColors: boolean;
  /** Time is what tests make it (`workerd test --fake-timers`). */
  fakeTimers: boolean;
}

export const options: BootstrapOptions = {
  flags: [], globalOutbound: 0, cacheApiOutbound: undefined, predictable: false, serviceWorker: false, compatibilityDate: '', workerName: '', consoleColors: false,
  fakeTimers: false,
};
