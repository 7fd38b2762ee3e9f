// The `unsafeEval` binding: evaluation of text for tools that live inside a worker.
import { isBufferSource } from './blob/bytes';
import { badArgument, defineInterface } from './interface';
import { native } from './ops';
import { ArrayPrototypeJoin } from './primordials';

class UnsafeEval {
  static {
    defineInterface(this, 'UnsafeEval');
  }
  eval(script: string, name?: string): unknown {
    return native.runScript(`${script}`, name === undefined ? 'eval' : `${name}`);
  }
  // Lines and columns are those of the script.
  newFunction(script: string, name?: string, ...args: string[]): Function {
    if (arguments.length === 0) throw badArgument('newFunction', 'UnsafeEval', 1, 'String');
    const parameters = texts(args);
    const made = native.compileFunction(`${script}`, labelOf(name), parameters, true) as Function | undefined;
    if (made === undefined) throw new SyntaxError(`One of these is not the name of a parameter: ${ArrayPrototypeJoin(parameters, ', ')}`);
    return made;
  }
  newAsyncFunction(script: string, name?: string, ...args: string[]): Function {
    if (arguments.length === 0) throw badArgument('newAsyncFunction', 'UnsafeEval', 1, 'String');
    const label = labelOf(name);
    let parameters = '';
    const list = texts(args);
    for (let i = 0; i < list.length; i++) parameters += `${list[i]},`;
    // A comment at the end of the script would hide the brace.
    return native.runScript(`async function ${label}(${parameters}) {${script}\n};${label}`, label) as Function;
  }
  newWasmModule(source: ArrayBuffer | ArrayBufferView): object {
    if (!isBufferSource(source)) throw badArgument('newWasmModule', 'UnsafeEval', 1, 'ArrayBuffer or ArrayBufferView');
    return native.compileWasm(source);
  }
}

function labelOf(name: string | undefined): string {
  return name === undefined ? 'anonymous' : `${name}`;
}

function texts(args: readonly unknown[]): string[] {
  const out: string[] = [];
  for (let i = 0; i < args.length; i++) out[i] = `${args[i] as string}`;
  return out;
}

export function unsafeEvalBinding(): UnsafeEval {
  return new UnsafeEval();
}
