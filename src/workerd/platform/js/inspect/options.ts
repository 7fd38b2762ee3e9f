// Options, styles and colours of inspect(), as Node.js documents them (https://nodejs.org/api/util.html#utilinspectobject-options).

export type Style =
  'special' | 'number' | 'bigint' | 'boolean' | 'undefined' | 'null' | 'string' | 'symbol' | 'date' | 'regexp' | 'name' | 'module';
export type Stylize = (text: string, style: Style) => string;

export interface InspectOptions {
  showHidden?: boolean;
  depth?: number | null;
  colors?: boolean;
  customInspect?: boolean;
  showProxy?: boolean;
  maxArrayLength?: number | null;
  maxStringLength?: number | null;
  breakLength?: number;
  compact?: boolean | number;
  sorted?: boolean | ((a: string, b: string) => number);
  getters?: boolean | 'get' | 'set';
  numericSeparator?: boolean;
  stylize?: Stylize;
}

/** The state of one call of inspect(). */
export interface Context extends Required<InspectOptions> {
  maxArrayLength: number;
  maxStringLength: number;
  /** Characters put out at each indentation, to stop before strings get too long for V8. */
  budget: Record<number, number>;
  indentationLvl: number;
  /** The objects being printed, outermost first. */
  seen: object[];
  /** The depth of the object printed last. */
  currentDepth: number;
  /** The options object as given, when it has properties that inspect() does not know (they go to custom inspect functions). */
  userOptions: object | undefined;
  /** Numbers of the objects that something inside of them refers back to. */
  circular: Map<object, number> | undefined;
}

export const customInspect: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;

export const defaultOptions = Object.seal({
  showHidden: false,
  depth: 2 as number | null,
  colors: false,
  customInspect: true,
  showProxy: false,
  maxArrayLength: 100 as number | null,
  maxStringLength: 10000 as number | null,
  breakLength: 80,
  compact: 3 as boolean | number,
  sorted: false as boolean | ((a: string, b: string) => number),
  getters: false as boolean | 'get' | 'set',
  numericSeparator: false,
});

const FOREGROUND = 39;
const BACKGROUND = 49;

/** Escape codes: [set, reset]. */
export const colors: Record<string, [number, number]> = {
  __proto__: null,
  reset: [0, 0], bold: [1, 22], dim: [2, 22], italic: [3, 23], underline: [4, 24], blink: [5, 25], inverse: [7, 27],
  hidden: [8, 28], strikethrough: [9, 29], doubleunderline: [21, 24],
} as never;
const NAMES = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];
NAMES.forEach((name, i) => { colors[name] = [30 + i, FOREGROUND]; });
NAMES.forEach((name, i) => { colors[`bg${name[0]!.toUpperCase()}${name.slice(1)}`] = [40 + i, BACKGROUND]; });
colors.framed = [51, 54];
colors.overlined = [53, 55];
colors.gray = [90, FOREGROUND];
NAMES.slice(1).forEach((name, i) => { colors[`${name}Bright`] = [91 + i, FOREGROUND]; });
colors.bgGray = [100, BACKGROUND];
NAMES.slice(1).forEach((name, i) => { colors[`bg${name[0]!.toUpperCase()}${name.slice(1)}Bright`] = [101 + i, BACKGROUND]; });

const ALIASES: Record<string, string> = {
  grey: 'gray', blackBright: 'gray', bgGrey: 'bgGray', bgBlackBright: 'bgGray', faint: 'dim', crossedout: 'strikethrough',
  strikeThrough: 'strikethrough', crossedOut: 'strikethrough', conceal: 'hidden', swapColors: 'inverse', swapcolors: 'inverse',
  doubleUnderline: 'doubleunderline',
};
for (const alias of Object.keys(ALIASES)) {
  const target = ALIASES[alias]!;
  Object.defineProperty(colors, alias, {
    get() { return (this as typeof colors)[target]; },
    set(value) { (this as typeof colors)[target] = value; },
    configurable: true, enumerable: false,
  });
}

export const styles: Record<string, string | undefined> = {
  __proto__: null,
  special: 'cyan', number: 'yellow', bigint: 'yellow', boolean: 'yellow', undefined: 'grey', null: 'bold', string: 'green',
  symbol: 'green', date: 'magenta', regexp: 'red', module: 'underline',
} as never;

export const plain: Stylize = (text) => text;

export const coloured: Stylize = (text, style) => {
  const name = styles[style];
  const color = name === undefined ? undefined : colors[name];
  return color === undefined ? text : `\u001b[${color[0]}m${text}\u001b[${color[1]}m`;
};

const CODES = /[\u001B\u009B][[\]()#;?]*(?:(?:(?:(?:;[-a-zA-Z\d/#&.:=?%@~_]+)*|[a-zA-Z\d]+(?:;[-a-zA-Z\d/#&.:=?%@~_]*)*)?(?:\u0007|\u001B\u005C|\u009C))|(?:(?:\d{1,4}(?:;\d{0,4})*)?[\dA-PR-TZcf-nq-uy=><~]))/g;

/** Removes terminal escape sequences. */
export function stripEscapes(text: string): string {
  return text.includes('\u001b') || text.includes('\u009b') ? text.replace(CODES, '') : text;
}

/** Columns a text takes on a terminal: none for combining characters, two for wide ones. */
export function textWidth(text: string, strip = true): number {
  if (strip) text = stripEscapes(text);
  // Printable ASCII, the usual case.
  if (!/[^\x20-\x7e]/.test(text)) return text.length;
  let width = 0;
  for (const char of text.normalize('NFC')) {
    const code = char.codePointAt(0)!;
    if (isWide(code)) width += 2;
    else if (!isZeroWidth(code)) width++;
  }
  return width;
}

function isZeroWidth(code: number): boolean {
  return code <= 0x1f || (code >= 0x7f && code <= 0x9f) || (code >= 0x300 && code <= 0x36f) || (code >= 0x200b && code <= 0x200f) ||
    (code >= 0x20d0 && code <= 0x20ff) || (code >= 0xfe00 && code <= 0xfe0f) || (code >= 0xfe20 && code <= 0xfe2f) ||
    (code >= 0xe0100 && code <= 0xe01ef);
}

// East Asian wide and fullwidth ranges, both ends included.
const WIDE = [
  0x1100, 0x115f, 0x2329, 0x232a, 0x2e80, 0x303e, 0x3040, 0x3247, 0x3250, 0x4dbf, 0x4e00, 0xa4c6, 0xa960, 0xa97c, 0xac00, 0xd7a3,
  0xf900, 0xfaff, 0xfe10, 0xfe19, 0xfe30, 0xfe6b, 0xff01, 0xff60, 0xffe0, 0xffe6, 0x1b000, 0x1b001, 0x1f200, 0x1f251, 0x1f300,
  0x1f64f, 0x20000, 0x3fffd,
];

function isWide(code: number): boolean {
  if (code < 0x1100) return false;
  for (let i = 0; i < WIDE.length; i += 2) if (code >= WIDE[i]! && code <= WIDE[i + 1]!) return true;
  return false;
}
