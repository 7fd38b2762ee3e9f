using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "web.js", esModule = embed "web.js")],
    compatibilityDate = "2026-01-01",
    compatibilityFlags = ["nodejs_als"],
  ))],
  sockets = [(name = "http", address = "*:8080", http = (), service = "main")],
);
