using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "bodies.js", esModule = embed "bodies.js")],
    compatibilityDate = "2026-01-01",
  ))],
  sockets = [(name = "http", address = "*:8080", http = (), service = "main")],
);
