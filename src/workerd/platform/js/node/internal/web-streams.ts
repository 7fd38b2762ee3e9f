// Node streams <-> web streams: Readable.toWeb/fromWeb and the like. https://nodejs.org/api/stream.html#interoperability-with-web-streams
import { Buffer } from '../buffer';
import { AbortError, ERR_INVALID_ARG_TYPE, ERR_STREAM_PREMATURE_CLOSE } from './errors';
import { validateBoolean, validateObject } from './validators';

const { ReadableStream, WritableStream, ByteLengthQueuingStrategy, CountQueuingStrategy } = internals.web;

function isReadableNodeStream(value: any): boolean {
  return typeof value?.pipe === 'function' && typeof value.on === 'function' && (value._readableState || !value._writableState);
}
function isWritableNodeStream(value: any): boolean {
  return typeof value?.write === 'function' && typeof value.on === 'function' && (!value._readableState || value._writableState?.writable !== false);
}

export function addWebStreams(Stream: any): void {
  const { Readable, Writable, Duplex, finished } = Stream;

  function readableToWeb(stream: any, options: any = {}): any {
    if (!isReadableNodeStream(stream)) throw new ERR_INVALID_ARG_TYPE('streamReadable', 'stream.Readable', stream);
    validateObject(options, 'options');
    if (Stream.isDestroyed(stream) || !Stream.isReadable(stream)) {
      const closed = new ReadableStream();
      void closed.cancel();
      return closed;
    }
    const { readableObjectMode: objectMode, readableHighWaterMark: highWaterMark } = stream;
    const strategy = options.strategy ?? (objectMode ? new CountQueuingStrategy({ highWaterMark }) : { highWaterMark });
    let controller: any;
    let cancelled = false;
    const onData = (chunk: any): void => {
      if (Buffer.isBuffer(chunk) && !objectMode) chunk = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      controller.enqueue(chunk);
      if (controller.desiredSize <= 0) stream.pause();
    };
    stream.pause();
    const cleanup = finished(stream, (error: any) => {
      if (error?.code === 'ERR_STREAM_PREMATURE_CLOSE') {
        const cause = error;
        error = new AbortError(undefined, { cause });
      }
      cleanup();
      // The stream may go on reporting errors; nobody else listens now.
      stream.on('error', () => {});
      if (error) {
        controller.error(error);
        return;
      }
      if (!cancelled) controller.close();
    });
    stream.on('data', onData);
    return new ReadableStream({
      start(c: any) { controller = c; },
      pull() { stream.resume(); },
      cancel(reason: unknown) {
        cancelled = true;
        Stream.destroy(stream, reason);
      },
    }, strategy);
  }

  function readableFromWeb(web: any, options: any = {}): any {
    if (!(web instanceof ReadableStream)) throw new ERR_INVALID_ARG_TYPE('readableStream', 'ReadableStream', web);
    validateObject(options, 'options');
    const { highWaterMark, encoding, objectMode = false, signal } = options;
    if (encoding !== undefined && !Buffer.isEncoding(encoding)) throw new ERR_INVALID_ARG_TYPE('options.encoding', 'string', encoding);
    validateBoolean(objectMode, 'options.objectMode');
    const reader = web.getReader();
    let closed = false;
    const readable = new Readable({
      objectMode, highWaterMark, encoding, signal,
      read() {
        reader.read().then((chunk: any) => {
          readable.push(chunk.done ? null : chunk.value);
        }, (error: unknown) => Stream.destroy(readable, error));
      },
      destroy(error: unknown, callback: (error: unknown) => void) {
        const done = (): void => { callback(error); };
        if (!closed) {
          reader.cancel(error).then(done, done);
          return;
        }
        done();
      },
    });
    reader.closed.then(() => { closed = true; }, (error: unknown) => {
      closed = true;
      Stream.destroy(readable, error);
    });
    return readable;
  }

  function writableToWeb(stream: any): any {
    if (!isWritableNodeStream(stream)) throw new ERR_INVALID_ARG_TYPE('streamWritable', 'stream.Writable', stream);
    if (Stream.isDestroyed(stream) || !Stream.isWritable(stream)) {
      const closed = new WritableStream();
      void closed.close();
      return closed;
    }
    const highWaterMark = stream.writableHighWaterMark;
    const strategy = stream.writableObjectMode ? new CountQueuingStrategy({ highWaterMark }) : { highWaterMark };
    let controller: any;
    let backpressure: PromiseWithResolvers<void> | undefined;
    let closing: PromiseWithResolvers<void> | undefined;
    const deferred = (): any => {
      const parts: any = {};
      parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
      return parts;
    };
    const cleanup = finished(stream, (error: any) => {
      cleanup();
      stream.on('error', () => {});
      if (error != null) {
        backpressure?.reject(error);
        if (closing !== undefined) {
          closing.reject(error);
          closing = undefined;
        }
        controller.error(error);
        controller = undefined;
        return;
      }
      if (closing !== undefined) {
        closing.resolve();
        closing = undefined;
        return;
      }
      controller.error(new AbortError());
      controller = undefined;
    });
    stream.on('drain', () => backpressure?.resolve());
    return new WritableStream({
      start(c: any) { controller = c; },
      write(chunk: any) {
        if (stream.writableNeedDrain || !stream.write(chunk)) {
          backpressure = deferred();
          return backpressure!.promise.finally(() => { backpressure = undefined; });
        }
        return undefined;
      },
      abort(reason: unknown) {
        Stream.destroy(stream, reason);
      },
      close() {
        if (closing === undefined && !stream.writableEnded) {
          closing = deferred();
          stream.end();
          return closing!.promise;
        }
        controller = undefined;
        return Promise.resolve();
      },
    }, strategy);
  }

  function writableFromWeb(web: any, options: any = {}): any {
    if (!(web instanceof WritableStream)) throw new ERR_INVALID_ARG_TYPE('writableStream', 'WritableStream', web);
    validateObject(options, 'options');
    const { highWaterMark, decodeStrings = true, objectMode = false, signal } = options;
    validateBoolean(objectMode, 'options.objectMode');
    validateBoolean(decodeStrings, 'options.decodeStrings');
    const writer = web.getWriter();
    const sink = webSink(writer, () => writable, decodeStrings, objectMode);
    const writable = new Writable({ highWaterMark, objectMode, decodeStrings, signal, ...sink.methods });
    sink.watch();
    return writable;
  }

  /** The writable half of a Node stream on a web stream's writer. */
  function webSink(writer: any, self: () => any, decodeStrings: boolean, objectMode: boolean): any {
    let closed = false;
    const convert = (chunk: any, encoding: any): any => {
      if (typeof chunk === 'string' && decodeStrings && !objectMode) {
        const bytes = Buffer.from(chunk, encoding);
        return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      }
      return chunk;
    };
    const call = (callback: (error?: any) => void, error?: any): void => {
      try {
        callback(error);
      } catch (e) {
        // Would otherwise be an unhandled rejection of a promise nobody sees.
        internals.web.queueMicrotask(() => Stream.destroy(self(), e));
      }
    };
    return {
      watch() {
        writer.closed.then(() => {
          closed = true;
          if (!self().writableEnded && !Stream.isDestroyed(self())) Stream.destroy(self(), new ERR_STREAM_PREMATURE_CLOSE());
        }, (error: unknown) => {
          closed = true;
          Stream.destroy(self(), error);
        });
      },
      methods: {
        writev(chunks: any[], callback: (error?: any) => void) {
          const fail = (error?: any): void => call(callback, error);
          writer.ready.then(() => Promise.all(chunks.map((c) => writer.write(convert(c.chunk, c.encoding))))
            .then(() => call(callback), (errors: any) => fail(errors)), fail);
        },
        write(chunk: any, encoding: any, callback: (error?: any) => void) {
          const done = (error?: any): void => call(callback, error);
          writer.ready.then(() => writer.write(convert(chunk, encoding)).then(() => done(), done), done);
        },
        destroy(error: any, callback: (error?: any) => void) {
          const done = (): void => call(callback, error);
          if (!closed) {
            if (error != null) writer.abort(error).then(done, done);
            else writer.close().then(done, done);
            return;
          }
          done();
        },
        final(callback: (error?: any) => void) {
          const done = (error?: any): void => call(callback, error);
          if (!closed) writer.close().then(() => done(), done);
          else done();
        },
      },
    };
  }

  Readable.toWeb = function toWeb(stream: any, options?: any): any { return readableToWeb(stream, options); };
  Readable.fromWeb = function fromWeb(web: any, options?: any): any { return readableFromWeb(web, options); };
  Writable.toWeb = function toWeb(stream: any): any { return writableToWeb(stream); };
  Writable.fromWeb = function fromWeb(web: any, options?: any): any { return writableFromWeb(web, options); };
  Duplex.toWeb = function toWeb(duplex: any): any {
    if (!duplex?._readableState || !duplex._writableState) throw new ERR_INVALID_ARG_TYPE('duplex', 'stream.Duplex', duplex);
    if (Stream.isDestroyed(duplex)) {
      const writable = new WritableStream();
      const readable = new ReadableStream();
      void writable.close();
      void readable.cancel();
      return { readable, writable };
    }
    const writable = writableToWeb(duplex);
    return { writable, readable: readableToWeb(duplex) };
  };
  Duplex.fromWeb = function fromWeb(pair: any, options: any = {}): any {
    validateObject(pair, 'pair');
    const { readable: readableStream, writable: writableStream } = pair;
    if (!(readableStream instanceof ReadableStream)) throw new ERR_INVALID_ARG_TYPE('pair.readable', 'ReadableStream', readableStream);
    if (!(writableStream instanceof WritableStream)) throw new ERR_INVALID_ARG_TYPE('pair.writable', 'WritableStream', writableStream);
    validateObject(options, 'options');
    const { allowHalfOpen = false, objectMode = false, encoding, decodeStrings = true, highWaterMark, signal } = options;
    validateBoolean(objectMode, 'options.objectMode');
    if (encoding !== undefined && !Buffer.isEncoding(encoding)) throw new ERR_INVALID_ARG_TYPE('options.encoding', 'string', encoding);
    const writer = writableStream.getWriter();
    const reader = readableStream.getReader();
    let readerClosed = false;
    const sink = webSink(writer, () => duplex, decodeStrings, objectMode);
    const duplex = new Duplex({
      allowHalfOpen, highWaterMark, objectMode, encoding, decodeStrings, signal, ...sink.methods,
      read() {
        reader.read().then((chunk: any) => {
          duplex.push(chunk.done ? null : chunk.value);
        }, (error: unknown) => Stream.destroy(duplex, error));
      },
      destroy(error: any, callback: (error?: any) => void) {
        const cancel = readerClosed ? Promise.resolve() : reader.cancel(error);
        cancel.then(() => sink.methods.destroy(error, callback), () => sink.methods.destroy(error, callback));
      },
    });
    sink.watch();
    reader.closed.then(() => { readerClosed = true; }, (error: unknown) => {
      readerClosed = true;
      Stream.destroy(duplex, error);
    });
    return duplex;
  };
  void ByteLengthQueuingStrategy;
}
