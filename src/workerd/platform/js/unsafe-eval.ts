// The `unsafeEval` binding: evaluation of text for tools that live inside a worker.
import { isBufferSource } from './blob/bytes';
import { badArgument } from './interface';
import { native } from './ops';
import { ArrayPrototypeSlice } from './primordials';

class UnsafeEval {
  eval(script: string, name?: string): unknown {
    return native.runScript(`${script}`, name === undefined ? 'eval' : `${name}`);
  }
  newFunction(script: string, name?: string, ...args: string[]): Function {
    return makeFunction('function', script, name, args);
  }
  newAsyncFunction(script: string, name?: string, ...args: string[]): Function {
    return makeFunction('async function', script, name, args);
  }
  newWasmModule(source: ArrayBuffer | ArrayBufferView): object {
    if (!isBufferSource(source)) throw badArgument('newWasmModule', 'UnsafeEval', 1, 'ArrayBuffer or ArrayBufferView');
    return native.compileWasm(source);
  }
}

function makeFunction(kind: string, script: string, name: string | undefined, args: string[]): Function {
  const label = name === undefined ? 'anonymous' : `${name}`;
  const list: string[] = ArrayPrototypeSlice(args);
  // An expression around the body, so that `arguments`, `this` and the name are those of a real function.
  const text = `(${kind} ${label}(${list}\n) {\n${script}\n})`;
  return native.runScript(text, label) as Function;
}

export function unsafeEvalBinding(): UnsafeEval {
  return new UnsafeEval();
}
