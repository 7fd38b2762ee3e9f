// The platform layer. Evaluated once into the startup snapshot; `__bootstrap` makes a worker's world of it.
import './function-text'; // before what looks at the text of functions
import { bootstrap } from './bootstrap';

Object.defineProperty(globalThis, '__bootstrap', { value: bootstrap, configurable: true, writable: true });
