# A Worker that uses the client side of everything: see test_from_a_worker.py.

using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      bindings = [
        (name = "external", service = "external"),
        (name = "nobody", service = "nobody"),
      ],
      globalOutbound = "private",
      compatibilityDate = "2026-06-01",
    )),
    (name = "private", network = (allow = ["private"])),
    (name = "external", external = (address = "localhost:1", http = (injectResponseHeaders = [(name = "X-Set", value = "1")]))),
    (name = "nobody", external = "localhost:1"),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
