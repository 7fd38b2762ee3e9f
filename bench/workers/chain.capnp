using Workerd = import "/workerd/workerd.capnp";

# Ten workers, each of which passes the request on to the next through a service binding.
const config :Workerd.Config = (
  services = [
    (name = "hop0", worker = (modules = [(name = "hop.js", esModule = embed "hop.js")], compatibilityDate = "2026-01-01", bindings = [(name = "NEXT", service = "hop1")])),
    (name = "hop1", worker = (modules = [(name = "hop.js", esModule = embed "hop.js")], compatibilityDate = "2026-01-01", bindings = [(name = "NEXT", service = "hop2")])),
    (name = "hop2", worker = (modules = [(name = "hop.js", esModule = embed "hop.js")], compatibilityDate = "2026-01-01", bindings = [(name = "NEXT", service = "hop3")])),
    (name = "hop3", worker = (modules = [(name = "hop.js", esModule = embed "hop.js")], compatibilityDate = "2026-01-01", bindings = [(name = "NEXT", service = "hop4")])),
    (name = "hop4", worker = (modules = [(name = "hop.js", esModule = embed "hop.js")], compatibilityDate = "2026-01-01", bindings = [(name = "NEXT", service = "hop5")])),
    (name = "hop5", worker = (modules = [(name = "hop.js", esModule = embed "hop.js")], compatibilityDate = "2026-01-01", bindings = [(name = "NEXT", service = "hop6")])),
    (name = "hop6", worker = (modules = [(name = "hop.js", esModule = embed "hop.js")], compatibilityDate = "2026-01-01", bindings = [(name = "NEXT", service = "hop7")])),
    (name = "hop7", worker = (modules = [(name = "hop.js", esModule = embed "hop.js")], compatibilityDate = "2026-01-01", bindings = [(name = "NEXT", service = "hop8")])),
    (name = "hop8", worker = (modules = [(name = "hop.js", esModule = embed "hop.js")], compatibilityDate = "2026-01-01", bindings = [(name = "NEXT", service = "hop9")])),
    (name = "hop9", worker = (modules = [(name = "hop.js", esModule = embed "hop.js")], compatibilityDate = "2026-01-01", bindings = [(name = "NEXT", service = "end")])),
    (name = "end", worker = (modules = [(name = "hello.js", esModule = embed "hello.js")], compatibilityDate = "2026-01-01")),
  ],
  sockets = [(name = "http", address = "*:8080", http = (), service = "hop0")],
);
