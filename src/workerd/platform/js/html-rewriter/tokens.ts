// The objects handlers are given. A token is a pointer into lol-html that is good for as long as its handler runs.
import { flags } from '../flags';
import { badArgument, defineInterface, illegalInvocation } from '../interface';
import { ObjectDefineProperty, ObjectGetPrototypeOf, ObjectSetPrototypeOf, SymbolIterator } from '../primordials';
import type { ReadableStream } from '../streams';
import { isHtml, toContent, toText, toTextContent } from './content';
import type { Lol } from './lol-html';
import type { Transform } from './transform';

let constructing = false;
/** The state of a live token; throws for anything else. */
let live: (token: unknown, kind: Kind) => State;
let newState: (token: Token, kind: Kind, transform: Transform, pointer: number) => void;
/** The handler of the token is done. */
export let endToken: (token: Token) => void;

export const enum Kind { Element, EndTag, Comment, Text, Doctype, DocumentEnd }

class State {
  /** Attribute iterators that are to notice changes. */
  iterators: IteratorState[] | undefined = undefined;
  /** Comment text or end tag name to be written when the handler is done. */
  changed: string | undefined = undefined;
  /** <esi:include> where the flag makes it a void element. */
  readonly esiVoid: boolean;
  constructor(readonly kind: Kind, readonly transform: Transform, readonly lol: Lol, public pointer: number) {
    this.esiVoid = kind === Kind.Element && flags.html_rewriter_treats_esi_include_as_void_tag === true
      && lol.takeText(lol.exports.element_tag_name(pointer)) === 'esi:include';
  }
}

function invalid(): TypeError {
  return new TypeError('This content token is no longer valid. Content tokens are only valid during the execution of the relevant ' +
    'content handler.');
}

class Token {
  #state: State | undefined = undefined;

  constructor() {
    if (!constructing) throw new TypeError('Illegal constructor');
    constructing = false;
  }

  static {
    live = (token, kind) => {
      if (typeof token !== 'object' || token === null || !(#state in token)) throw illegalInvocation();
      const state = (token as Token).#state!;
      if (state.kind !== kind) throw illegalInvocation();
      if (state.pointer === 0) throw invalid();
      return state;
    };
    newState = (token, kind, transform, pointer) => {
      token.#state = new State(kind, transform, transform.lol, pointer);
    };
    endToken = (token) => {
      const state = token.#state!;
      const { iterators } = state;
      if (iterators !== undefined) for (let i = 0; i < iterators.length; i++) iterators[i]!.end();
      if (state.changed !== undefined) writeChange(state);
      state.transform.tokenEnds(state.kind, state.pointer);
      state.lol.exports[FREE[state.kind]!](state.pointer, 0);
      state.pointer = 0;
    };
  }
}

/** Names of lol-html's functions, by kind. */
const PREFIX = ['element', 'endtag', 'comment', 'textchunk', 'doctype', 'documentend'];
const FREE = ['__wbg_element_free', '__wbg_endtag_free', '__wbg_comment_free', '__wbg_textchunk_free', '__wbg_doctype_free',
  '__wbg_documentend_free'];
const NAMES = ['Element', 'EndTag', 'Comment', 'Text', 'Doctype', 'DocumentEnd'];

/** Calls the function of a token that inserts content. */
function insert(state: State, method: string, content: string, html: boolean): void {
  const { lol } = state;
  // The text goes in first: putting the option into its table could not make it move.
  const pointer = lol.putText(content);
  const size = lol.textSize;
  lol.takeVoid(lol.exports[`${PREFIX[state.kind]!}_${method}`](state.pointer, pointer, size, html ? lol.putObject(HTML) : 0));
}

const HTML = {};

/** What all insertions that may be streams have in common. */
function insertContent(token: Token, kind: Kind, method: string, given: number, value: unknown, options: unknown): void {
  const owner = NAMES[kind]!;
  const content: string | ReadableStream | undefined = toContent(value, given > 0, method, owner);
  const html = isHtml(options, method, owner);
  const state = live(token, kind);
  if (content === undefined) return;
  if (method === 'replace') state.changed = undefined;
  if (state.esiVoid) {
    const instead = esiMethod(state, method);
    if (instead === undefined) return;
    method = instead;
  }
  if (typeof content === 'string') insert(state, method, content, html);
  else insert(state, method, state.transform.placeholder(content, html), true);
}

// lol-html's WebAssembly does not know void <esi:include>. Its tag alone is changed here, and not what lol-html takes for its content;
// selectors cannot be helped.
function esiMethod(state: State, method: string): string | undefined {
  switch (method) {
    case 'before': return method;
    case 'after': return 'prepend';
    case 'replace':
      removeEsiTag(state);
      return 'before';
    default: return undefined;
  }
}

function removeEsiTag({ lol, pointer }: State): void {
  const { exports } = lol;
  if (lol.takeFlag(exports.element_removed(pointer))) return;
  lol.takeVoid(exports.element_removeAndKeepContent(pointer));
  // With it goes the end tag that ends it, which is its parent's: that one is put back.
  lol.takeVoid(exports.element_onEndTag(pointer, {
    call(tag: number): undefined {
      const text = lol.putText(`</${lol.takeText(exports.endtag_name(tag))}>`);
      lol.takeVoid(exports.endtag_replace(tag, text, lol.textSize, lol.putObject(HTML)));
      exports.__wbg_endtag_free(tag, 0);
      return undefined;
    },
  }));
}

function insertText(token: Token, kind: Kind, method: string, given: number, value: unknown, options: unknown): void {
  const owner = NAMES[kind]!;
  const content = toTextContent(value, given > 0, method, owner);
  const html = isHtml(options, method, owner);
  const state = live(token, kind);
  if (method === 'replace') state.changed = undefined;
  insert(state, method, content, html);
}

/** Comment text and end tag names cannot be set in place: the whole token is replaced. */
function writeChange(state: State): void {
  const text = state.changed!;
  insert(state, 'replace', state.kind === Kind.Comment ? `<!--${text}-->` : `</${text}>`, true);
  state.transform.changedTokens(state.kind, text);
}

// ---- Element

class Element extends Token {
  get tagName(): string {
    const { lol, pointer } = live(this, Kind.Element);
    return lol.takeText(lol.exports.element_tag_name(pointer));
  }
  set tagName(value: string) {
    const name = `${value}`;
    const { lol, pointer } = live(this, Kind.Element);
    const text = lol.putText(name);
    lol.takeVoid(lol.exports.element_set_tag_name(pointer, text, lol.textSize));
  }

  get attributes(): AttributesIterator {
    const state = live(this, Kind.Element);
    const { lol } = state;
    const result = lol.exports.element_attributes(state.pointer);
    if (result[2] !== 0) throw lol.takeError(result[1]);
    const list = lol.takeObject(result[0]) as Attribute[];
    const iterator = new IteratorState(list);
    const { iterators } = state;
    if (iterators === undefined) state.iterators = [iterator];
    else iterators[iterators.length] = iterator;
    return new AttributesIterator(iterator);
  }

  get removed(): boolean {
    const { lol, pointer } = live(this, Kind.Element);
    return lol.takeFlag(lol.exports.element_removed(pointer));
  }

  get namespaceURI(): string {
    return namespaceOf(live(this, Kind.Element));
  }

  getAttribute(...args: [name?: string]): string | null {
    const name = toText(args[0], args.length > 0, 'getAttribute', 'Element', 1);
    const { lol, pointer } = live(this, Kind.Element);
    const text = lol.putText(name);
    return lol.takeOptionalText(lol.exports.element_getAttribute(pointer, text, lol.textSize));
  }

  hasAttribute(...args: [name?: string]): boolean {
    const name = toText(args[0], args.length > 0, 'hasAttribute', 'Element', 1);
    const { lol, pointer } = live(this, Kind.Element);
    const text = lol.putText(name);
    return lol.takeFlag(lol.exports.element_hasAttribute(pointer, text, lol.textSize));
  }

  setAttribute(...args: [name?: string, value?: string]): this {
    const name = toText(args[0], args.length > 0, 'setAttribute', 'Element', 1);
    const value = toText(args[1], args.length > 1, 'setAttribute', 'Element', 2);
    const state = live(this, Kind.Element);
    const { lol } = state;
    const nameText = lol.putText(name);
    const nameSize = lol.textSize;
    const valueText = lol.putText(value);
    lol.takeVoid(lol.exports.element_setAttribute(state.pointer, nameText, nameSize, valueText, lol.textSize));
    attributesChanged(state);
    return this;
  }

  removeAttribute(...args: [name?: string]): this {
    const name = toText(args[0], args.length > 0, 'removeAttribute', 'Element', 1);
    const state = live(this, Kind.Element);
    const { lol } = state;
    const text = lol.putText(name);
    lol.takeVoid(lol.exports.element_removeAttribute(state.pointer, text, lol.textSize));
    attributesChanged(state);
    return this;
  }

  before(...args: unknown[]): this { insertContent(this, Kind.Element, 'before', args.length, args[0], args.length > 1 ? args[1] : undefined); return this; }
  after(...args: unknown[]): this { insertContent(this, Kind.Element, 'after', args.length, args[0], args.length > 1 ? args[1] : undefined); return this; }
  prepend(...args: unknown[]): this { insertContent(this, Kind.Element, 'prepend', args.length, args[0], args.length > 1 ? args[1] : undefined); return this; }
  append(...args: unknown[]): this { insertContent(this, Kind.Element, 'append', args.length, args[0], args.length > 1 ? args[1] : undefined); return this; }
  replace(...args: unknown[]): this { insertContent(this, Kind.Element, 'replace', args.length, args[0], args.length > 1 ? args[1] : undefined); return this; }

  remove(): this {
    const state = live(this, Kind.Element);
    if (state.esiVoid) removeEsiTag(state);
    else state.lol.takeVoid(state.lol.exports.element_remove(state.pointer));
    return this;
  }

  removeAndKeepContent(): this {
    const state = live(this, Kind.Element);
    if (state.esiVoid) removeEsiTag(state);
    else state.lol.takeVoid(state.lol.exports.element_removeAndKeepContent(state.pointer));
    return this;
  }

  setInnerContent(...args: unknown[]): this {
    insertContent(this, Kind.Element, 'setInnerContent', args.length, args[0], args.length > 1 ? args[1] : undefined);
    return this;
  }

  onEndTag(...args: unknown[]): void {
    const handler = args[0];
    if (typeof handler !== 'function') throw badArgument('onEndTag', 'Element', 1, 'function');
    const { pointer, transform, esiVoid } = live(this, Kind.Element);
    if (esiVoid || !transform.onEndTag(pointer, handler as (tag: object) => unknown)) throw new TypeError('Parser error: No end tag.');
  }
}

function namespaceOf({ lol, pointer }: State): string {
  const result = lol.exports.element_namespace_uri(pointer);
  if (result[2] !== 0) throw lol.takeError(result[1]);
  return lol.takeObject(result[0]) as string;
}

function attributesChanged({ iterators }: State): void {
  if (iterators !== undefined) for (let i = 0; i < iterators.length; i++) iterators[i]!.changed = true;
}

interface Attribute { readonly name: string; readonly value: string }

class IteratorState {
  at = 0;
  changed = false;
  ended = false;
  constructor(readonly list: readonly Attribute[]) {}
  end(): void {
    this.ended = true;
    this.changed = false;
  }
}

class AttributesIterator {
  readonly #state: IteratorState;

  constructor(state: IteratorState) {
    if (!(state instanceof IteratorState)) throw new TypeError('Illegal constructor');
    this.#state = state;
  }

  next(): { done: boolean; value?: string[] } {
    if (typeof this !== 'object' || this === null || !(#state in this)) throw illegalInvocation();
    const state = this.#state;
    if (state.changed) {
      throw new Error('The attributes of this element have been modified during iteration. You must create a new iterator after ' +
        'modifying attributes.');
    }
    if (state.ended) throw invalid();
    const attribute = state.list[state.at];
    if (attribute === undefined) return { done: true };
    state.at++;
    return { done: false, value: [attribute.name, attribute.value] };
  }

  [SymbolIterator](): this {
    return this;
  }
}

// ---- the others

class EndTag extends Token {
  get name(): string {
    const state = live(this, Kind.EndTag);
    const { lol } = state;
    return state.changed ?? state.transform.changedText(Kind.EndTag, state.pointer) ?? lol.takeText(lol.exports.endtag_name(state.pointer));
  }
  set name(value: string) {
    const name = `${value}`;
    live(this, Kind.EndTag).changed = name;
  }

  before(...args: unknown[]): this { insertContent(this, Kind.EndTag, 'before', args.length, args[0], args.length > 1 ? args[1] : undefined); return this; }
  after(...args: unknown[]): this { insertContent(this, Kind.EndTag, 'after', args.length, args[0], args.length > 1 ? args[1] : undefined); return this; }

  remove(): this {
    const state = live(this, Kind.EndTag);
    state.changed = undefined;
    state.lol.takeVoid(state.lol.exports.endtag_remove(state.pointer));
    return this;
  }
}

class Comment extends Token {
  get text(): string {
    const state = live(this, Kind.Comment);
    const { lol } = state;
    return state.changed ?? state.transform.changedText(Kind.Comment, state.pointer) ?? lol.takeText(lol.exports.comment_text(state.pointer));
  }
  set text(value: string) {
    const text = `${value}`;
    const state = live(this, Kind.Comment);
    if (closesComment(text)) throw new TypeError("Parser error: Comment text shouldn't contain a comment-closing sequence.");
    // A comment that is removed or replaced stays so.
    if (!commentRemoved(state)) state.changed = text;
  }

  get removed(): boolean {
    return commentRemoved(live(this, Kind.Comment));
  }

  before(...args: unknown[]): this { insertText(this, Kind.Comment, 'before', args.length, args[0], args.length > 1 ? args[1] : undefined); return this; }
  after(...args: unknown[]): this { insertText(this, Kind.Comment, 'after', args.length, args[0], args.length > 1 ? args[1] : undefined); return this; }
  replace(...args: unknown[]): this { insertText(this, Kind.Comment, 'replace', args.length, args[0], args.length > 1 ? args[1] : undefined); return this; }

  remove(): this {
    const state = live(this, Kind.Comment);
    state.changed = undefined;
    if (state.transform.changedText(Kind.Comment, state.pointer) !== undefined) insert(state, 'replace', '', true);
    state.lol.takeVoid(state.lol.exports.comment_remove(state.pointer));
    return this;
  }
}

function commentRemoved(state: State): boolean {
  // One that an earlier handler has changed is replaced for lol-html only.
  if (state.transform.changedText(Kind.Comment, state.pointer) !== undefined) return false;
  return state.lol.takeFlag(state.lol.exports.comment_removed(state.pointer));
}

/** What would end a comment within its text (as lol-html sees it). */
function closesComment(text: string): boolean {
  for (let i = 0; i + 2 < text.length; i++) {
    if (text[i] !== '-' || text[i + 1] !== '-') continue;
    if (text[i + 2] === '>' || (text[i + 2] === '!' && text[i + 3] === '>')) return true;
  }
  return false;
}

class Text extends Token {
  get text(): string {
    const { lol, pointer } = live(this, Kind.Text);
    return lol.takeText(lol.exports.textchunk_text(pointer));
  }

  get lastInTextNode(): boolean {
    const { lol, pointer } = live(this, Kind.Text);
    return lol.takeFlag(lol.exports.textchunk_last_in_text_node(pointer));
  }

  get removed(): boolean {
    const { lol, pointer } = live(this, Kind.Text);
    return lol.takeFlag(lol.exports.textchunk_removed(pointer));
  }

  before(...args: unknown[]): this { insertContent(this, Kind.Text, 'before', args.length, args[0], args.length > 1 ? args[1] : undefined); return this; }
  after(...args: unknown[]): this { insertContent(this, Kind.Text, 'after', args.length, args[0], args.length > 1 ? args[1] : undefined); return this; }
  replace(...args: unknown[]): this { insertContent(this, Kind.Text, 'replace', args.length, args[0], args.length > 1 ? args[1] : undefined); return this; }

  remove(): this {
    const { lol, pointer } = live(this, Kind.Text);
    lol.takeVoid(lol.exports.textchunk_remove(pointer));
    return this;
  }
}

class Doctype extends Token {
  get name(): string | null {
    const { lol, pointer } = live(this, Kind.Doctype);
    return lol.takeOptionalText(lol.exports.doctype_name(pointer));
  }
  get publicId(): string | null {
    const { lol, pointer } = live(this, Kind.Doctype);
    return lol.takeOptionalText(lol.exports.doctype_public_id(pointer));
  }
  get systemId(): string | null {
    const { lol, pointer } = live(this, Kind.Doctype);
    return lol.takeOptionalText(lol.exports.doctype_system_id(pointer));
  }
}

class DocumentEnd extends Token {
  append(...args: unknown[]): this { insertText(this, Kind.DocumentEnd, 'append', args.length, args[0], args.length > 1 ? args[1] : undefined); return this; }
}

const CLASSES = [Element, EndTag, Comment, Text, Doctype, DocumentEnd];
/** The properties that each token has of its own, as the reference has it, whatever the worker's flags; in the order it shows them. */
const OWN: readonly string[][] = [['namespaceURI', 'removed', 'attributes', 'tagName'], ['name'], ['removed', 'text'],
  ['removed', 'lastInTextNode', 'text'], ['systemId', 'publicId', 'name'], []];
const DESCRIPTORS: PropertyDescriptor[][] = [];
for (let i = 0; i < CLASSES.length; i++) {
  const { prototype } = CLASSES[i]!;
  const descriptors: PropertyDescriptor[] = [];
  for (let j = 0; j < OWN[i]!.length; j++) {
    const name = OWN[i]![j]!;
    descriptors[j] = { ...Object.getOwnPropertyDescriptor(prototype, name), enumerable: true, configurable: true };
    Object.setPrototypeOf(descriptors[j], null);
    delete (prototype as any)[name];
  }
  DESCRIPTORS[i] = descriptors;
  defineInterface(CLASSES[i]!, NAMES[i]!);
  // That they share a class is nobody's business.
  ObjectSetPrototypeOf(CLASSES[i]!.prototype, Object.prototype);
}
defineInterface(AttributesIterator, 'AttributesIterator');
ObjectSetPrototypeOf(AttributesIterator.prototype, ObjectGetPrototypeOf(ObjectGetPrototypeOf([][SymbolIterator]())) as object);
ObjectDefineProperty(AttributesIterator.prototype, SymbolIterator, { enumerable: false });

export type { Token };

export function makeToken(kind: Kind, transform: Transform, pointer: number): Token {
  constructing = true;
  const token = new CLASSES[kind]!();
  newState(token, kind, transform, pointer);
  const names = OWN[kind]!;
  const descriptors = DESCRIPTORS[kind]!;
  for (let i = 0; i < names.length; i++) ObjectDefineProperty(token, names[i]!, descriptors[i]!);
  return token;
}
