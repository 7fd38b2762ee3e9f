# One Worker made of two ES modules. The first of the list is the one whose handlers are called.

using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .helloWorld)],
  sockets = [(name = "http", address = "*:8080", http = (), service = "main")],
);

const helloWorld :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "worker.js"),
    (name = "greeting.js", esModule = embed "greeting.js"),
  ],
  # What the Worker finds in `env`.
  bindings = [(name = "GREETING", text = "Hello")],
  compatibilityDate = "2026-06-01",
);
