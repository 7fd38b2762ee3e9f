# A Worker with a WebAssembly module beside its JavaScript.

using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .helloWasm)],
  sockets = [(name = "http", address = "*:8080", http = (), service = "main")],
);

const helloWasm :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "worker.js"),
    (name = "greet.wasm", wasm = embed "greet.wasm"),
  ],
  compatibilityDate = "2026-06-01",
);
