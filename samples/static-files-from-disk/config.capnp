# A Worker in front of a directory on disk. The Worker has no file access of its own: it asks the disk service.

using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "site", worker = .site),
    # Relative to where the server was started, or `--directory-path site-files=PATH`. Dot files stay hidden.
    (name = "site-files", disk = "content"),
  ],
  sockets = [(name = "http", address = "*:8080", http = (), service = "site")],
);

const site :Workerd.Worker = (
  modules = [(name = "site.js", esModule = embed "site.js")],
  bindings = [(name = "files", service = "site-files")],
  compatibilityDate = "2026-06-01",
);
