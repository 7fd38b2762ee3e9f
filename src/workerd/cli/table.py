"""Every command, option and argument, once: the parser, `--help`, the man page and shell completions all read this."""

from __future__ import annotations

from workerd.config.record import Record


class Option(Record):
    """`flags`: e.g. ("-d", "--directory-path"). `metavar` None: a switch. `repeat`: every use counts, not the last."""

    flags: tuple[str, ...]
    dest: str
    metavar: str | None
    help: str
    repeat: bool = False
    #: What the value is, for completions: "file", "directory" or nothing special.
    completes: str = ""
    #: Set for options that are understood but do nothing yet: why.
    without_effect: str = ""


class Argument(Record):
    dest: str
    metavar: str
    help: str
    required: bool = True
    completes: str = "file"


class Command(Record):
    name: str
    summary: str
    description: str
    arguments: tuple[Argument, ...] = ()
    options: tuple[Option, ...] = ()
    #: Why the command cannot be used; it is known only to say so.
    unsupported: str = ""


VERBOSE = Option(("--verbose",), "verbose", None, "Log what happens inside, too.")
HELP = Option(("-h", "--help"), "help", None, "Print this help.")
VERSION = Option(("-V", "--version"), "version", None, "Print the version.")
GLOBAL = (VERBOSE, HELP, VERSION)

CONFIG_FILE = Argument("config_file", "<config-file>", "The configuration: a .capnp text, or with --binary a message.")
CONST_NAME = Argument(
    "const_name",
    "const-name",
    "The constant to use, if the file has several of type Config. May be dotted: outer.inner.",
    required=False,
    completes="",
)

_READING = (
    Option(
        ("-I", "--import-path"),
        "import_path",
        "<dir>",
        "Look in <dir> for imports that start with `/`. May be given several times.",
        repeat=True,
        completes="directory",
    ),
    Option(
        ("-b", "--binary"),
        "binary",
        None,
        "The configuration is an encoded Cap'n Proto message. `-` then means standard input.",
    ),
)

_PYTHON = "Python Workers are not supported by this release"

_RUNNING = (
    Option(
        ("-d", "--directory-path"),
        "directory_path",
        "<name>=<path>",
        "Use <path> for the disk service <name>.",
        repeat=True,
        completes="directory",
    ),
    Option(
        ("-e", "--external-addr"),
        "external_addr",
        "<name>=<addr>",
        "Use <addr> for the external service <name>.",
        repeat=True,
    ),
    Option(
        ("-s", "--socket-addr"),
        "socket_addr",
        "<name>=<addr>",
        "Let the socket <name> listen on <addr>.",
        repeat=True,
    ),
    Option(
        ("-i", "--inspector-addr"),
        "inspector_addr",
        "<addr>",
        "Listen on <addr> (default port 9229) for debuggers that speak the Chrome DevTools Protocol.",
    ),
    Option(
        ("-w", "--watch"),
        "watch",
        None,
        "Load the configuration again when it, or a file it embeds or imports, changes.",
    ),
    Option(
        ("--experimental",),
        "experimental",
        None,
        "Permit features and compatibility flags that may still change.",
    ),
    Option(
        ("--perfetto-trace",),
        "perfetto_trace",
        "<path>=<categories>",
        "Write a Perfetto trace.",
        completes="file",
        without_effect="Perfetto traces are not supported by this release",
    ),
    Option(
        ("--async-trace",),
        "async_trace",
        "<path>",
        "Write a trace of asynchronous activity.",
        completes="file",
        without_effect="Async traces are not supported by this release",
    ),
    Option(
        ("--async-trace-stacks",),
        "async_trace_stacks",
        "<frames>",
        "Stack frames to record in an async trace.",
        without_effect="Async traces are not supported by this release",
    ),
    Option(
        ("--async-trace-promises",),
        "async_trace_promises",
        None,
        "Record promises in an async trace.",
        without_effect="Async traces are not supported by this release",
    ),
    Option(
        ("--pyodide-package-disk-cache-dir",),
        "pyodide_package_disk_cache_dir",
        "<path>",
        "Keep packages of Python Workers in <path>.",
        completes="directory",
        without_effect=_PYTHON,
    ),
    Option(
        ("--pyodide-bundle-disk-cache-dir",),
        "pyodide_bundle_disk_cache_dir",
        "<path>",
        "Keep Pyodide in <path>.",
        completes="directory",
        without_effect=_PYTHON,
    ),
    Option(
        ("--python-save-snapshot",),
        "python_save_snapshot",
        None,
        "Save a memory snapshot of a Python Worker.",
        without_effect=_PYTHON,
    ),
    Option(
        ("--python-save-baseline-snapshot",),
        "python_save_baseline_snapshot",
        None,
        "Save a memory snapshot of Pyodide.",
        without_effect=_PYTHON,
    ),
    Option(
        ("--python-load-snapshot",),
        "python_load_snapshot",
        "<path>",
        "Start Python Workers from this snapshot.",
        completes="file",
        without_effect=_PYTHON,
    ),
    Option(
        ("--python-snapshot-dir",),
        "python_snapshot_dir",
        "<path>",
        "Where snapshots are.",
        completes="directory",
        without_effect=_PYTHON,
    ),
)

_CLUSTER = "clusters are not supported by this release"

SERVE_ONLY = (
    Option(
        ("-S", "--socket-fd"),
        "socket_fd",
        "<name>=<fd>",
        "Let the socket <name> use the descriptor <fd>, inherited and already listening.",
        repeat=True,
    ),
    Option(
        ("--control-fd",),
        "control_fd",
        "<fd>",
        "Write a line of JSON to the descriptor <fd> for each socket when it is ready, with its port.",
    ),
    Option(
        ("--debug-port",),
        "debug_port",
        "<addr>",
        "Listen on <addr> for tools that wait for it. (Connections are refused: its protocol is not supported by "
        "this release.)",
    ),
    Option(("--access-log",), "access_log", None, "Log every request that a socket answers."),
    Option(
        ("--metrics-addr",),
        "metrics_addr",
        "<addr>",
        "Serve metrics for Prometheus on <addr> (default port 9464), at /metrics.",
    ),
    Option(
        ("--otlp-endpoint",),
        "otlp_endpoint",
        "<url>",
        "Send an OpenTelemetry trace of each request to <url>, an OTLP/HTTP collector such as http://localhost:4318.",
    ),
    Option(
        ("--cluster-addr",),
        "cluster_addr",
        "<addr>",
        "Where to listen for other members of a cluster.",
        without_effect=_CLUSTER,
    ),
    Option(
        ("--cluster-advertise",),
        "cluster_advertise",
        "<addr>",
        "Where other members reach this one.",
        without_effect=_CLUSTER,
    ),
)

_TEST_ONLY = (
    Option(
        ("--no-verbose",),
        "no_verbose",
        None,
        "Do not log uncaught exceptions and what else happens inside; only results and what Workers print.",
    ),
    Option(
        ("--predictable",),
        "predictable",
        None,
        "Ids and random numbers are the same in every run, time too with --fake-timers, and gc() is a global function.",
    ),
    Option(("--gc-stress",), "gc_stress", None, "Collect all garbage each time that a Worker's code is entered. Slow."),
    Option(("--all-autogates",), "all_autogates", None, "Switch all gradual rollouts on."),
    Option(
        ("--compat-date",),
        "compat_date",
        "<date>",
        "The compatibility date of all Workers, 2000-01-01 to 2999-12-31; none may have one in the configuration.",
    ),
    Option(
        ("-k", "--keyword"),
        "keyword",
        "<expression>",
        "Run tests whose names match: words with `and`, `or`, `not` and parentheses.",
    ),
    Option(("-j", "--jobs"), "jobs", "<n>", "Run tests in <n> processes; those of one service stay together."),
    Option(("--timeout",), "timeout", "<seconds>", "A test that takes longer has failed (default 60; 0: no limit)."),
    Option(("--junit",), "junit", "<file>", "Write results as JUnit XML.", completes="file"),
    Option(("--coverage",), "coverage", "<file>", "Write code coverage as lcov.", completes="file"),
    Option(
        ("--fake-timers",),
        "fake_timers",
        None,
        "Time jumps to the next timer when nothing else is going on, or moves as the test says: see controller.clock.",
    ),
)

_FILTER = Argument(
    "filter",
    "filter",
    "Which tests: <service>, <service>:<entrypoint> or <const-name>:<service>:<entrypoint>; `*` and `?` are wildcards.",
    required=False,
    completes="",
)

SERVE = Command(
    "serve",
    "run the server",
    "Serves what a configuration describes, until it gets SIGTERM or SIGINT. It then takes no new connections, "
    "finishes the requests it has, and exits with status 0.",
    (CONFIG_FILE, CONST_NAME),
    (*_READING, *_RUNNING, *SERVE_ONLY),
)

TEST = Command(
    "test",
    "run unit tests",
    "Runs tests: the `test()` handlers that Workers of the configuration export, under `default` and other names.\n\n"
    "    export default { async test(controller, env, ctx) { if (1 + 1 != 2) throw new Error('no'); } };\n"
    "    export const other = { async test() { } };\n\n"
    "A test passes unless it throws. The exit status is 0 if at least one ran and all passed.",
    (CONFIG_FILE, _FILTER),
    (*_READING, *_RUNNING, *_TEST_ONLY),
)

COMPILE = Command(
    "compile",
    "make one self-contained executable of a configuration",
    "Writes an executable file to standard output that contains the configuration, all code it embeds, and workerd. It "
    "takes the options of `serve`. It runs where the same minor version of Python is, on the same operating system and "
    "architecture, without anything installed: what cannot be run from inside the file is unpacked into a cache "
    "directory at the first run ($XDG_CACHE_HOME/workerd, else ~/.cache/workerd).",
    (CONFIG_FILE, CONST_NAME),
    (
        *_READING,
        Option(
            ("--config-only",),
            "config_only",
            None,
            "Write only the encoded configuration, for `serve --binary`.",
        ),
        Option(
            ("-o", "--output"),
            "output",
            "<file>",
            "Write to <file> instead of standard output.",
            completes="file",
        ),
    ),
)

_CHECKABLE = ("directory_path", "external_addr", "socket_addr", "experimental")

VALIDATE = Command(
    "validate",
    "check a configuration without serving it",
    "Reads a configuration and reports everything that is wrong with it.",
    (CONFIG_FILE, CONST_NAME),
    (*_READING, *(option for option in _RUNNING if option.dest in _CHECKABLE)),
)

DOCTOR = Command(
    "doctor",
    "check this installation",
    "Prints versions, V8's flags and the limits of this process, and checks that everything that `serve` needs is "
    "there and works. The exit status is 1 if something does not.",
    (),
    (),
)

COMPLETIONS = Command(
    "completions",
    "print a completion script for a shell",
    'Prints a script for a shell: for bash, put `eval "$(workerd completions bash)"` into ~/.bashrc.',
    (Argument("shell", "<shell>", "bash, zsh or fish.", completes="bash zsh fish"),),
)

MAN = Command("man", "print the manual page", "Prints the manual page: `workerd man > workerd.1; man ./workerd.1`.")

#: Environment variables: name -> what it does.
ENVIRONMENT = {
    "WORKERD_HEAP_LIMIT_MB": "MiB of JavaScript heap that one Worker may use (default 512).",
    "WORKERD_BUFFER_LIMIT_MB": "MiB of ArrayBuffers that one Worker may use (default 1024).",
    "WORKERD_STARTUP_LIMIT_MS": "Milliseconds that a Worker's code may run without a pause while it starts (10000).",
    "WORKERD_CPU_LIMIT_MS": "Milliseconds that it may run without a pause later (10000).",
    "XDG_CACHE_HOME": "Where to keep what is made once: in workerd/ below it (default ~/.cache).",
}

COMMANDS: tuple[Command, ...] = (
    SERVE,
    COMPILE,
    TEST,
    VALIDATE,
    DOCTOR,
    COMPLETIONS,
    MAN,
    Command(
        "pyodide-lock",
        "print the package lock of Pyodide",
        "",
        unsupported=_PYTHON,
    ),
    Command(
        "make-pyodide-baseline-snapshot",
        "make a memory snapshot of Pyodide",
        "",
        unsupported=_PYTHON,
    ),
    Command("deploy", "publish to a cluster", "", unsupported=_CLUSTER),
    Command("bench", "run benchmarks", "", unsupported="benchmarks are run by bench/run in the source tree"),
)
