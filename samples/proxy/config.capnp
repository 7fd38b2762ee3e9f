# Two proxies without a line of code, and a third one with a Worker in the middle.

using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    # Reverse: every request goes to one server, whatever its URL says.
    (name = "backend", external = (
      address = "localhost:8082",
      http = (
        # Tells the server how the client came in.
        forwardedProtoHeader = "X-Forwarded-Proto",
        injectRequestHeaders = [(name = "Via", value = "workerd-sample")],
        injectResponseHeaders = [(name = "X-Proxied", value = "yes"), (name = "X-Internal")],
      ),
    )),

    # Forward: requests go where their URL says, to public addresses and to this network.
    (name = "anywhere", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true))),

    # The same as "backend", with a Worker that sees each request.
    (name = "edge", worker = .edge),

    # Something to be in front of.
    (name = "origin", worker = .origin),
  ],

  sockets = [
    (name = "reverse", address = "*:8080", http = (), service = "backend"),
    # Proxy style: the request line has the whole URL. Not for the world: this one only listens to this machine.
    (name = "forward", address = "127.0.0.1:8081", http = (style = proxy), service = "anywhere"),
    (name = "origin", address = "127.0.0.1:8082", http = (), service = "origin"),
    (name = "edge", address = "*:8083", http = (), service = "edge"),
  ],
);

const edge :Workerd.Worker = (
  modules = [(name = "edge.js", esModule = embed "edge.js")],
  # fetch() itself goes to the server behind, so the Worker can reach nothing else.
  globalOutbound = "backend",
  compatibilityDate = "2026-06-01",
);

const origin :Workerd.Worker = (
  modules = [(name = "origin.js", esModule = embed "origin.js")],
  compatibilityDate = "2026-06-01",
);
