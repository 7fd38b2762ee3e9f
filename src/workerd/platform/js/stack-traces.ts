// What `error.stack` says: frames of the platform layer are left out, as frames of native code would be. Called by V8 when a stack is first
// looked at. `Error.prepareStackTrace`, where the user defines it, has the last word.
import { ReflectApply, StringPrototypeSlice, uncurryThis } from './primordials';

interface Site { getFileName(): string | null | undefined; toString(): string }

const PLATFORM = 'workerd:';
const NODE = 'node:internal';
const errorToString = uncurryThis(Error.prototype.toString) as (error: unknown) => string;
const ErrorClass = Error as unknown as { prepareStackTrace?: unknown };
let siteName: ((site: Site) => string | null | undefined) | undefined;
let siteText: ((site: Site) => string) | undefined;

function isOurs(site: Site): boolean {
  const name = siteName!(site);
  return typeof name === 'string' && (StringPrototypeSlice(name, 0, PLATFORM.length) === PLATFORM || StringPrototypeSlice(name, 0, NODE.length) === NODE);
}

export function prepareStack(error: unknown, sites: Site[]): unknown {
  if (siteName === undefined && sites.length > 0) {
    // V8's class of frames has no name to find it by.
    const proto = Object.getPrototypeOf(sites[0]) as Site;
    // Not the name that a `//# sourceURL=` comment gives: anybody could call themselves ours.
    siteName = uncurryThis(proto.getFileName);
    siteText = uncurryThis(proto.toString);
  }
  const shown: Site[] = [];
  for (let i = 0; i < sites.length; i++) if (!isOurs(sites[i]!)) shown[shown.length] = sites[i]!;
  const user = ErrorClass.prepareStackTrace;
  if (typeof user === 'function') return ReflectApply(user as (...args: unknown[]) => unknown, Error, [error, shown]);
  let text: string;
  try {
    text = errorToString(error);
  } catch {
    text = '<error>';
  }
  for (let i = 0; i < shown.length; i++) text += `\n    at ${siteText!(shown[i]!)}`;
  return text;
}
