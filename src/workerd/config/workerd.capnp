@0xe6afd26682091c01;
# The configuration of a workerd server.
#
# A config is either a text file that imports this one and defines a constant of type `Config`, or the encoded message
# that some tool produced (`--binary`). A text file needs no file id of its own, and may use everything that Cap'n
# Proto's language has: `using`, `import`, `embed` to take a value from a file, and references to other constants.
#
#     using Workerd = import "/workerd/workerd.capnp";
#
#     const config :Workerd.Config = (
#       services = [ (name = "hello", worker = .helloWorker) ],
#       sockets = [ (name = "http", address = "*:8080", http = (), service = "hello") ],
#     );
#
#     const helloWorker :Workerd.Worker = (
#       modules = [ (name = "worker.js", esModule = embed "worker.js") ],
#       compatibilityDate = "2026-11-17",
#     );
#
# Nothing is reachable that the config does not make reachable: a Worker has no file, address or other Worker at its
# disposal except through its bindings and `globalOutbound`, and no service answers the outside world unless a socket
# names it.

struct Config {
  # Everything one server process runs.

  services @0 :List(Service);
  # What can answer requests. Names must be unique; they are seen in this config, in overrides on the command line and
  # in logs, and nowhere else. Unless the list has a service named `internet`, one is added that reaches public
  # addresses and checks certificates against the system's authorities:
  #
  #     (name = "internet", network = (allow = ["public"], tlsOptions = (trustBrowserCas = true)))

  sockets @1 :List(Socket);
  # Where the server listens, and which service answers there.

  v8Flags @2 :List(Text);
  # Flags for V8, such as `--expose-gc`, set before the first Worker is loaded and valid for all of them. They can
  # change or break anything, and differ between V8's versions.

  extensions @3 :List(Extension);
  # Modules offered to all Workers beside those built in.

  autogates @4 :List(Text);
  # Names of gradual rollouts to switch on (`workerd-autogate-...`). Names this release does not know are ignored.

  structuredLogging @5 :Bool = false;
  # Write logs as lines of JSON. Superseded by `logging`, which wins when both are given.

  logging @6 :LoggingOptions;
  # How logs are written.

  cluster @7 :ClusterConfig;
  # Makes this process a member of a cluster. Not supported by this release: refused at start.
}

struct ClusterConfig {
  # Membership in a cluster of processes that share Durable Objects through a bucket. Kept so that configs stay
  # readable; this release refuses to start with it.

  bucket @0 :Text;
  # URL of the bucket with the cluster's state, `s3://bucket/prefix` or `gs://bucket/prefix`.

  bucketOptions @1 :List(Text);
  # Settings `key=value` for reaching an `s3://` bucket, such as `aws_endpoint` and `aws_region`.

  address @2 :Text;
  # `host:port` on which other members reach this one.

  advertise @4 :Text;
  # The address to tell other members, when it is not the one listened on.

  key @3 :Text;
  # The secret that members share, at least 32 bytes.

  unsafePublicAddress @5 :Bool = false;
  # Permit public addresses for `address` and `advertise`, though the traffic is not encrypted.

  stopTimeoutMs @6 :UInt32 = 8000;
  # Milliseconds that a stopping member may take to hand its objects over.

  unsafeTimeDivisor @7 :UInt32 = 1;
  # Divides the waiting times of the protocol, for tests.
}

struct LoggingOptions {
  # How logs are written.

  structuredLogging @0 :Bool = false;
  # One JSON object a line (`timestamp`, `level`, `message`) instead of text for people.

  stdoutPrefix @1 :Text;
  # Put before what a Worker writes to `process.stdout`. Default: `stdout: `.

  stderrPrefix @2 :Text;
  # Put before what a Worker writes to `process.stderr`. Default: `stderr: `.
}

# ---- Sockets

struct Socket {
  # A place where the server listens.

  name @0 :Text;
  # Names the socket for `--socket-addr NAME=ADDR`, `--socket-fd NAME=FD` and the messages of `--control-fd`.

  address @1 :Text;
  # Where to listen. May be left out if the command line says it. Forms:
  #
  # - `*:8080`: all interfaces, IPv4 and IPv6; port 0 takes any free port
  # - `127.0.0.1:8080`, `[::1]:8080`: one address
  # - `127.0.0.1`, `::1`: the protocol's default port, 80 or 443
  # - `unix:/run/app.sock`: a Unix socket; `unix-abstract:name`: one in Linux's abstract namespace
  # - `localhost:8080`: every address the name resolves to

  union {
    http @2 :HttpOptions;
    # HTTP without TLS.

    https :group {
      # HTTP over TLS.

      options @3 :HttpOptions;
      # As for `http`.

      tlsOptions @4 :TlsOptions;
      # The certificate and what is asked of clients.
    }

    tcp :group {
      # Raw connections, each given to the Worker's `connect()` handler.

      tlsOptions @6 :TlsOptions;
      # Accept TLS instead of plain TCP.

      tlsMode @9 :TcpTlsMode = implicit;
      # When the handshake happens, given `tlsOptions`.
    }

    udp :group {
      # Datagrams. The packets of one peer make a flow, given to the Worker's `connect()` handler once.

      idleTimeoutMs @7 :UInt32 = 30000;
      # A flow ends after this many milliseconds without a packet.

      maxPendingBytes @8 :UInt32 = 262144;
      # Bytes that may wait in a flow until the Worker reads them; packets beyond are dropped.
    }
  }

  service @5 :ServiceDesignator;
  # Which service answers.

  enum TcpTlsMode {
    # When a TCP socket with TLS options starts TLS.

    implicit @0;
    # At once, before the handler sees the connection.

    startTls @1;
    # When the handler calls `startTls()`.
  }
}

# ---- Services

struct Service {
  # Something that answers requests, known in this config by its name.

  name @0 :Text;
  # The name that designators, overrides and logs use.

  union {
    unspecified @1 :Void;
    # Nothing was chosen, which is an error.

    worker @2 :Worker;
    # Code.

    network @3 :Network;
    # Whatever server the request's URL names, within limits.

    external @4 :ExternalServer;
    # One particular server, whatever the URL says.

    disk @5 :DiskDirectory;
    # The files of a directory.

    bucket @6 :ClusterBucket;
    # A directory in the cluster's bucket. Not supported by this release.

    assets @7 :AssetsService;
    # Static assets as Cloudflare serves them. Not supported by this release.
  }
}

struct ClusterBucket {
  # A directory in the cluster's bucket. Not supported by this release.

  path @0 :Text;
  # Names separated by `/`, below the bucket's `services/`.
}

struct AssetsService {
  # A directory of static assets with Cloudflare's routing rules. Not supported by this release.

  path @0 :Text;
  # The directory, relative to where the server is started.

  config @1 :Text;
  # JSON: `html_handling`, `not_found_handling`, `base_path`, `run_worker_first`, `headers`, `redirects`, `ignore`.

  userWorker @2 :ServiceDesignator;
  # The Worker that gets what is no asset.

  compatibilityDate @3 :Text;
  # Compatibility date for asset rules when there is no user Worker.

  compatibilityFlags @4 :List(Text);
  # Compatibility flags likewise.
}

struct ServiceDesignator {
  # Names a service. Where only the name is needed, a string will do: `service = "foo"` means
  # `service = (name = "foo")`.

  name @0 :Text;
  # The service.

  entrypoint @1 :Text;
  # Which export of the Worker to use instead of the default one: the name of an exported class or object.

  props :union {
    # What the Worker finds in `ctx.props` when it is called through this designator.

    empty @2 :Void;
    # An empty object.

    json @3 :Text;
    # The value of this JSON text.
  }
}

struct WorkflowsEngine {
  # What runs the Workflows of a Worker. Not supported by this release.

  actorClass @0 :ServiceDesignator;
  # The Durable Object class that implements the engine.

  workflows @1 :List(Workflow);
  # Those that may run, and get a binding in `ctx.exports`.

  struct Workflow {
    # One workflow.

    className @0 :Text;
    # The exported class that extends `WorkflowEntrypoint`.

    name @1 :Text;
    # Its name.

    bindingService @2 :ServiceDesignator;
    # The service behind its public API.
  }
}

struct Worker {
  # A service made of JavaScript, WebAssembly or Python code.

  union {
    modules @0 :List(Module);
    # ES modules syntax. The first module is the main one; its exports are the entrypoints.

    serviceWorkerScript @1 :Text;
    # Service worker syntax: one script that calls `addEventListener("fetch", ...)`. Usually
    # `embed "worker.js"`.

    inherit @2 :Text;
    # The same code as another Worker, with other bindings. Not supported: the reference does not implement it either.
  }

  struct Module {
    # A module that the Worker can import.

    name @0 :Text;
    # The name to import it by, usually a path like `lib/util.js`. Imports that start with `./` or `../` are resolved
    # against the importing module's name.

    union {
      esModule @1 :Text;
      # JavaScript source with `import` and `export`.

      commonJsModule @2 :Text;
      # JavaScript source with `require()` and `module.exports`.

      text @3 :Text;
      # Its default export is this string.

      data @4 :Data;
      # Its default export is an ArrayBuffer with these bytes.

      wasm @5 :Data;
      # Its default export is the `WebAssembly.Module` compiled from these bytes.

      json @6 :Text;
      # Its default export is the value of this JSON text.

      obsolete @7 :Text;
      # Was a Node.js module once. An error today.

      pythonModule @8 :Text;
      # Python source. Not supported by this release.

      obsoletePythonRequirement @9 :Text;
      # Was a Python requirement once. An error today.

      bundled @11 :Text;
      # An ES module that comes with the reference, by name. Not supported by this release.
    }

    namedExports @10 :List(Text);
    # For `commonJsModule`: the names that `import { ... }` may ask for beside `default`.
  }

  compatibilityDate @3 :Text;
  # Which behaviour the Worker gets, as a date: everything that changed by default on or before this day. Must be
  # given. See docs/compatibility.md.

  compatibilityFlags @4 :List(Text);
  # Single changes to take early, or to stay away from, whatever the date.

  bindings @5 :List(Binding);
  # What the Worker is given: properties of `env`, or global variables in service worker syntax.

  struct Binding {
    # One thing the Worker is given.

    name @0 :Text;
    # The property's name in `env`.

    union {
      unspecified @1 :Void;
      # Nothing was chosen, which is an error.

      parameter :group {
        # To be filled in by a Worker that inherits this one. Not supported: see `Worker.inherit`.

        type @2 :Type;
        # What kind of binding is wanted.

        optional @3 :Bool;
        # Whether it may be missing.
      }

      text @4 :Text;
      # This string.

      data @5 :Data;
      # An ArrayBuffer with these bytes.

      json @6 :Text;
      # The value of this JSON text.

      wasmModule @7 :Data;
      # A `WebAssembly.Module`. Only in service worker syntax; with modules, use a `wasm` module.

      cryptoKey @8 :CryptoKey;
      # A `CryptoKey` for `crypto.subtle`, whose secret the code may not be able to read.

      service @9 :ServiceDesignator;
      # Another service: `env.NAME.fetch(...)`, and RPC if it is a Worker.

      durableObjectClass @26 :ServiceDesignator;
      # A Durable Object class without a namespace, for facets. Needs `--experimental`.

      durableObjectNamespace @10 :DurableObjectNamespaceDesignator;
      # The objects of a Durable Object class. A string names a class of this Worker:
      # `durableObjectNamespace = "Counter"`.

      kvNamespace @11 :ServiceDesignator;
      # A KV namespace. Its operations become HTTP requests to the service.

      r2Bucket @12 :ServiceDesignator;
      # An R2 bucket. Its operations become HTTP requests to the service.

      obsolete0 @13 :ServiceDesignator;
      # Was in use once. An error today.

      wrapped @14 :WrappedBinding;
      # Whatever a module makes of some inner bindings.

      queue @15 :ServiceDesignator;
      # A queue to send to. Messages become HTTP requests to the service.

      fromEnvironment @16 :Text;
      # The value of this environment variable at start, or null if it is not set.

      analyticsEngine @17 :ServiceDesignator;
      # An Analytics Engine dataset. Data points become HTTP requests to the service. Needs `--experimental`.

      hyperdrive :group {
        # A database behind a service that takes connections.

        designator @18 :ServiceDesignator;
        # Where connections go: a `tcp` external service.

        database @19 :Text;
        # Part of `connectionString`.

        user @20 :Text;
        # Part of `connectionString`.

        password @21 :Text;
        # Part of `connectionString`.

        scheme @22 :Text;
        # Part of `connectionString`, such as `postgres`.
      }

      unsafeEval @23 :Void;
      # An object that compiles code at run time: `eval()`, `newFunction()`, ... Needs `--experimental`.

      memoryCache :group {
        # A cache in the server's memory. Needs `--experimental`.

        id @24 :Text;
        # Bindings with the same id share one cache. Without: a cache of the Worker's own.

        limits @25 :MemoryCacheLimits;
        # Must be given.
      }

      workerLoader :group {
        # Loads Workers from code given at run time. Needs `--experimental`.

        id @27 :Text;
        # Bindings with the same id share the Workers they loaded. Without: not shared.
      }

      workerdDebugPort @28 :Void;
      # Connects to the debug port of a workerd. For tools. Needs `--experimental`.
    }

    struct Type {
      # Kinds of binding, for `parameter`.

      union {
        unspecified @0 :Void;
        # Nothing was chosen, which is an error.

        text @1 :Void;
        data @2 :Void;
        json @3 :Void;
        wasm @4 :Void;
        cryptoKey @5 :List(CryptoKey.Usage);
        service @6 :Void;
        durableObjectNamespace @7 :Void;
        kvNamespace @8 :Void;
        r2Bucket @9 :Void;
        obsolete0 @10 :Void;
        queue @11 :Void;
        analyticsEngine @12 :Void;
        hyperdrive @13 :Void;
        durableObjectClass @14 :Void;
        workerdDebugPort @15 :Void;
      }
    }

    struct DurableObjectNamespaceDesignator {
      # Names a Durable Object class.

      className @0 :Text;
      # The exported class.

      serviceName @1 :Text;
      # The Worker that exports it, if it is not this one.

      obsolete2 @2 :AnyPointer;
      # Was in use once. Ignored.
    }

    struct CryptoKey {
      # What `crypto.subtle.importKey()` would be given.

      union {
        raw @0 :Data;
        # The secret as bytes, often `embed "secret.key"`.

        hex @1 :Text;
        # The secret in hexadecimal.

        base64 @2 :Text;
        # The secret in base64.

        pkcs8 @3 :Text;
        # A private key in PEM (`BEGIN PRIVATE KEY`).

        spki @4 :Text;
        # A public key in PEM (`BEGIN PUBLIC KEY`).

        jwk @5 :Text;
        # A key as JSON Web Key.
      }

      algorithm :union {
        # The `algorithm` argument.

        name @6 :Text;
        # Just its name, such as `AES-GCM`.

        json @7 :Text;
        # An object, as JSON.
      }

      extractable @8 :Bool = false;
      # Whether code may export the key.

      usages @9 :List(Usage);
      # What the key may be used for.

      enum Usage {
        # Web Crypto's key usages.

        encrypt @0;
        decrypt @1;
        sign @2;
        verify @3;
        deriveKey @4;
        deriveBits @5;
        wrapKey @6;
        unwrapKey @7;
      }
    }

    struct MemoryCacheLimits {
      # How much a memory cache holds before it drops what was not used for longest.

      maxKeys @0 :UInt32;
      # Number of entries.

      maxValueSize @1 :UInt32;
      # Bytes of one entry.

      maxTotalValueSize @2 :UInt64;
      # Bytes of all entries.
    }

    struct WrappedBinding {
      # A binding made by code: a module's function gets the inner bindings, and what it returns is the binding.

      moduleName @0 :Text;
      # The module: one built in, or an `internal` one of an extension.

      entrypoint @1 :Text = "default";
      # The exported function, called once with an object of the inner bindings.

      innerBindings @2 :List(Binding);
      # What the function is given. The Worker itself does not see these.
    }
  }

  globalOutbound @6 :ServiceDesignator = "internet";
  # Where the global `fetch()` and `connect()` go.

  cacheApiOutbound @11 :ServiceDesignator;
  # Where `caches.default` and `caches.open()` keep their entries, by HTTP. Without it, using a cache fails.

  durableObjectNamespaces @7 :List(DurableObjectNamespace);
  # The Durable Object classes that this Worker implements.

  struct DurableObjectNamespace {
    # A Durable Object class.

    className @0 :Text;
    # The exported class. It may be renamed as long as `uniqueKey` stays.

    union {
      uniqueKey @1 :Text;
      # Any text that no other class in the world uses. Object ids are derived from it, and objects are stored under
      # it: who changes it loses sight of all stored objects. Who does not know it cannot make up valid ids.

      ephemeralLocal @2 :Void;
      # Objects without storage, with any string for an id (`get("name")`). Needs `--experimental`.
    }

    preventEviction @3 :Bool;
    # Keep idle objects in memory, which are dropped after 10 seconds otherwise (70 with clients connected).

    enableSql @4 :Bool;
    # Offer `storage.sql`. All objects are stored in SQLite, this only shows it.

    container @5 :ContainerOptions;
    # A container that belongs to each object (`ctx.container`). Not supported by this release: objects start, their
    # containers do not.

    struct ContainerOptions {
      # What container an object has.

      imageName @0 :Text;
      # The image to start unless code names another.

      privileges @1 :ContainerPrivileges;
      # Rights for the container, handed to Docker as they are.

      images @2 :List(NamedImage);
      # Images that code may choose from, by name.

      struct NamedImage {
        # A name for an image.

        name @0 :Text;
        # The name code uses.

        image @1 :Text;
        # The image's reference.
      }

      struct ContainerPrivileges {
        # Fields of Docker's HostConfig.

        capabilities @0 :List(Text);
        # CapAdd.

        devices @1 :List(Device);
        # Devices.

        securityOpt @2 :List(Text);
        # SecurityOpt.

        struct Device {
          # A device of the host, seen in the container.

          pathOnHost @0 :Text;
          pathInContainer @1 :Text;
          cgroupPermissions @2 :Text;
        }
      }
    }
  }

  durableObjectUniqueKeyModifier @8 :Text;
  # Tells apart the objects of Workers that inherit the same one. Not supported: see `inherit`.

  durableObjectStorage :union {
    # Where this Worker's Durable Objects are kept.

    none @9 :Void;
    # Nowhere: there are no classes, or only `ephemeralLocal` ones.

    inMemory @10 :Void;
    # In memory, until the server stops.

    localDisk @12 :Text;
    # In files, below the directory of the `disk` service with this name: `<uniqueKey>/<object id>.sqlite`.
  }

  moduleFallback @13 :Text;
  # `host:port` of an HTTP service that is asked for modules that are nowhere else. For tools. Needs
  # `--experimental`.

  tails @14 :List(ServiceDesignator);
  # Workers whose `tail()` handler gets what this one logged, after each of its invocations.

  streamingTails @15 :List(ServiceDesignator);
  # Workers whose `tailStream()` handler gets events while they happen.

  containerEngine :union {
    # What runs containers.

    none @16 :Void;
    # Nothing.

    localDocker @17 :DockerConfiguration;
    # The Docker daemon of this machine. Accepted, but this release starts no containers.
  }

  struct DockerConfiguration {
    # How to reach Docker.

    socketPath @0 :Text;
    # Path of its socket.

    containerEgressInterceptorImage @1 :Text;
    # Image of the helper that catches what containers send out.

    sessionId @2 :Text;
    # Set apart what belongs to one run of the program that started this server.
  }

  accessBlobHeader @18 :Text;
  # Header with what Cloudflare Access knows of the user, as JSON; it fills `ctx.access`. Needs `--experimental`.

  accessBindingService @19 :ServiceDesignator;
  # The Worker behind `ctx.access.getIdentity()`.

  workflowsEngine @20 :WorkflowsEngine;
  # What runs this Worker's Workflows. Not supported by this release.
}

struct ExternalServer {
  # One particular server. All requests go to it, whatever host and scheme their URLs have; it sees those in the
  # `Host` header and, if configured, in `forwardedProtoHeader`.

  address @0 :Text;
  # Where the server is; may be left out if `--external-addr NAME=ADDR` says it. The forms of `Socket.address`, except
  # `*`. Default ports: 80 and 443.

  union {
    http @1 :HttpOptions;
    # It speaks HTTP without TLS.

    https :group {
      # It speaks HTTP over TLS.

      options @2 :HttpOptions;
      # As for `http`.

      tlsOptions @3 :TlsOptions;
      # Whose certificates to trust.

      certificateHost @4 :Text;
      # The name its certificate must be for. Default: the host in `address`.
    }

    tcp :group {
      # It is no HTTP server: a binding to it has `connect()` only.

      tlsOptions @5 :TlsOptions;
      # Use TLS.

      certificateHost @6 :Text;
      # As for `https`.
    }
  }
}

struct Network {
  # Servers in general: a request goes where its URL says, if the address is allowed.
  #
  # Lists hold blocks like `192.0.2.0/24` and `2001:db8::/32`, and these words:
  #
  # - `public`: everything not `private`
  # - `private`: ranges reserved for private networks, such as 10.0.0.0/8, and everything `local`
  # - `local`: this machine only, such as 127.0.0.0/8 and Unix sockets
  # - `network`: everything not `local`
  # - `unix`, `unix-abstract`: Unix sockets of either kind
  #
  # Names are checked after they are resolved; one without an allowed address does not exist.

  allow @0 :List(Text) = ["public"];
  # Addresses that may be reached.

  deny @1 :List(Text);
  # Addresses that may not, even if allowed.

  tlsOptions @2 :TlsOptions;
  # For https URLs, which fail without it.
}

struct DiskDirectory {
  # Files over HTTP: GET, HEAD, and PUT and DELETE if `writable`. Meant to be bound to a Worker, which adds what it
  # knows of content types and access.
  #
  # - A file's answer has `Content-Length`, `Last-Modified` and `Content-Type: application/octet-stream`. One byte
  #   range is honoured.
  # - A directory's answer is JSON: `[{"name":"a.txt","type":"file"}, ...]`. Types: `file`, `directory`, `symlink`,
  #   `blockDevice`, `characterDevice`, `namedPipe`, `socket`, `other`.
  # - PUT writes to a temporary file, which then takes the place of the old one; missing directories are made.

  path @0 :Text;
  # The directory, relative to where the server is started (not to the config file). May be left out if
  # `--directory-path NAME=PATH` says it.

  writable @1 :Bool = false;
  # Permit PUT and DELETE.

  allowDotfiles @2 :Bool = false;
  # Show names that start with a dot. `.` and `..` never work.
}

# ---- Protocols

struct HttpOptions {
  # How HTTP is spoken, on a socket or to a server.

  style @0 :Style = host;
  # What the request line looks like.

  enum Style {
    # What the request line looks like.

    host @0;
    # A path, with the host in the `Host` header: normal HTTP.

    proxy @1;
    # A whole URL, as proxies are spoken to.
  }

  forwardedProtoHeader @1 :Text;
  # Header with the scheme (`http` or `https`) the client used, for servers behind one that ends TLS: read and removed
  # on a socket, added to requests to a server. Ignored with style `proxy`.

  cfBlobHeader @2 :Text;
  # Header that carries `request.cf` as JSON. Without it, `request.cf` does not leave the process.

  injectRequestHeaders @3 :List(Header);
  # Headers to set on every request that passes here, in place of any with the same name.

  injectResponseHeaders @4 :List(Header);
  # Likewise for responses.

  struct Header {
    # A header to set or remove.

    name @0 :Text;
    # Case does not matter.

    value @1 :Text;
    # Not given: the header is removed.
  }

  capnpConnectHost @5 :Text;
  # A CONNECT request for this host starts a Cap'n Proto RPC session between two workerds, which carries what HTTP
  # cannot.
}

struct TlsOptions {
  # TLS, for servers and clients.

  keypair @0 :Keypair;
  # What this side shows. Servers need it; clients may have one.

  struct Keypair {
    # A certificate with its key.

    privateKey @0 :Text;
    # PEM, often `embed "key.pem"`.

    certificateChain @1 :Text;
    # PEM: the certificate, then those of its issuers.
  }

  requireClientCerts @1 :Bool = false;
  # For servers: refuse clients without a certificate that a trusted authority issued.

  trustBrowserCas @2 :Bool = false;
  # Trust the system's certificate authorities.

  trustedCertificates @3 :List(Text);
  # More authorities to trust, in PEM.

  minVersion @4 :Version = goodDefault;
  # Refuse older versions.

  enum Version {
    # Versions of TLS.

    goodDefault @0;
    # What is good practice at the time of this release.

    ssl3 @1;
    tls1Dot0 @2;
    tls1Dot1 @3;
    tls1Dot2 @4;
    tls1Dot3 @5;
  }

  cipherList @5 :Text;
  # Ciphers, in OpenSSL's notation. Better left alone.
}

# ---- Extensions

struct Extension {
  # Modules offered to all Workers.

  modules @0 :List(Module);
  # The modules.

  struct Module {
    # One module of an extension.

    name @0 :Text;
    # The name to import it by, of the form of a URL with a scheme of the extension's own: `burrito:kitchen`.

    internal @1 :Bool = false;
    # Only other extension modules and wrapped bindings can use it.

    esModule @2 :Text;
    # JavaScript source.
  }
}

# ---- Module fallback

struct FallbackServiceRequest {
  # The JSON that a module fallback service is asked with when the new module registry is in use.

  type @0 :Text;
  # How the module was asked for: `import`, `require` or `internal`.

  specifier @1 :Text;
  # URL of the module.

  rawSpecifier @2 :Text;
  # As the importer wrote it.

  referrer @3 :Text;
  # URL of the importer.

  struct Attribute {
    # An import attribute.

    name @0 :Text;
    value @1 :Text;
  }

  attributes @4 :List(Attribute);
  # Those of the import.
}
