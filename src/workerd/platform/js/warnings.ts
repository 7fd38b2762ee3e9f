// Warnings that the platform gives to the worker's author. They go where console.warn goes; console.ts sets the way there.
let sink: (message: string) => void = () => {};

export function setWarningSink(fn: (message: string) => void): void {
  sink = fn;
}

/** Shows a warning about something the worker does that is surely not meant. */
export function logWarning(message: string): void {
  sink(message);
}
