# Three Workers, each with one task. A service binding's fetch() is a function call between isolates: nothing goes over the
# network, and a Worker reaches only what its bindings name.

using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "front", worker = .front),
    (name = "visits", worker = .visits),
    (name = "greeting", worker = .greeting),
  ],
  sockets = [(name = "http", address = "*:8080", http = (), service = "front")],
);

const front :Workerd.Worker = (
  modules = [(name = "front.js", esModule = embed "front.js")],
  bindings = [(name = "visits", service = "visits")],
  compatibilityDate = "2026-06-01",
);

const visits :Workerd.Worker = (
  modules = [(name = "visits.js", esModule = embed "visits.js")],
  bindings = [(name = "greeting", service = "greeting")],
  compatibilityDate = "2026-06-01",
);

const greeting :Workerd.Worker = (
  modules = [(name = "greeting.js", esModule = embed "greeting.js")],
  compatibilityDate = "2026-06-01",
);
