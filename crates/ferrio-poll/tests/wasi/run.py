"""Runs a WASI program: its path, then its arguments.

The host is wasmtime, or the one of `sockets_host.py` if FERRIO_WASI_HOST is `sockets`.
"""

import os
import sys
import tempfile

import sockets_host
from wasmtime import Engine, ExitTrap, FuncType, Linker, Module, Store, ValType, WasiConfig

engine = Engine()
store = Store(engine)
linker = Linker(engine)
module = Module.from_file(engine, sys.argv[1])

if os.environ.get("FERRIO_WASI_HOST") == "sockets":
    sys.exit(sockets_host.run(linker, store, module, sys.argv[1:]))

# The standard input is a pipe, into which the program has bytes written by `feed`.
reader, writer = os.pipe()
os.dup2(reader, 0)


def feed(count):
    os.write(writer, b"x" * count)


def hang_up():
    # The copy that became the standard input stays.
    os.close(writer)
    os.close(reader)


with tempfile.TemporaryDirectory() as folder:
    config = WasiConfig()
    config.argv = sys.argv[1:]
    config.inherit_env()
    config.inherit_stdin()
    config.inherit_stdout()
    config.inherit_stderr()
    config.preopen_dir(folder, "/")

    store.set_wasi(config)
    linker.define_wasi()
    linker.define_func("ferrio_test", "feed", FuncType([ValType.i32()], []), feed)
    linker.define_func("ferrio_test", "hang_up", FuncType([], []), hang_up)
    # Only the other host has clients.
    linker.define_unknown_imports_as_traps(module)
    try:
        linker.instantiate(store, module).exports(store)["_start"](store)
        code = 0
    except ExitTrap as trap:
        code = trap.code
    sys.stdout.flush()

sys.exit(code)
