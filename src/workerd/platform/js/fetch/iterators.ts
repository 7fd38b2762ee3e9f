// Iterator classes of the fetch family (Headers, FormData, WebSocketPair): a `next` method over a function that gives the n-th item.
import { flags } from '../flags';
import { setLength } from '../function-lengths';
import { defineTag, markAsInterface } from '../interface';
import { ObjectDefineProperty, ObjectGetPrototypeOf, ObjectSetPrototypeOf, SymbolIterator } from '../primordials';

const IteratorPrototype = ObjectGetPrototypeOf(ObjectGetPrototypeOf([][SymbolIterator]())) as object;

function iterate(this: unknown): unknown {
  return this;
}
ObjectDefineProperty(iterate, 'name', { value: '' });

/** The item at an index, or undefined where there is none (now: an iterator at its end goes on if there are more later). */
export type ItemAt<T> = (index: number) => T | undefined;
export type IteratorFactory = <T>(at: ItemAt<T>) => IterableIterator<T>;

/** A function that makes iterators of one class; `tag` is what they say to Object.prototype.toString. */
export function iteratorFactory(tag: string): IteratorFactory {
  class ItemIterator<T> {
    #at: ItemAt<T>;
    #index = 0;
    constructor(at: ItemAt<T>) {
      this.#at = at;
    }
    next(): IteratorResult<T> {
      const at = this.#at;
      const value = at(this.#index);
      if (value === undefined) return flags.enable_fast_jsg_struct ? { done: true, value: undefined as any } : { done: true } as never;
      this.#index++;
      return { done: false, value };
    }
  }
  ObjectSetPrototypeOf(ItemIterator.prototype, IteratorPrototype);
  ObjectDefineProperty(ItemIterator.prototype, 'next', { enumerable: true });
  defineTag(ItemIterator.prototype, tag);
  ObjectDefineProperty(ItemIterator.prototype, SymbolIterator, { value: iterate, writable: true, configurable: true });
  markAsInterface(ItemIterator.prototype);
  ObjectDefineProperty(ItemIterator, 'name', { value: tag });
  setLength(ItemIterator, 0);
  return <T>(at: ItemAt<T>) => new ItemIterator<T>(at) as unknown as IterableIterator<T>;
}

export const entryIterator = iteratorFactory('EntryIterator');
export const keyIterator = iteratorFactory('KeyIterator');
export const valueIterator = iteratorFactory('ValueIterator');
