"""A host for the tests of sockets, which wasmtime does not hand to programs of WASI's first version.

It has what those tests need: the standard output, the clock, and a listener as descriptor 3, whose
clients are told by the program what to do.
"""

import os
import select
import socket
import struct
import threading
import time

LISTENER = 3
SUCCESS, AGAIN, BADF, NOSYS, PIPE = 0, 6, 8, 52, 64
CLOCK, FD_READ, FD_WRITE = 0, 1, 2
STREAM, CHARACTER_DEVICE, NONBLOCK, HANGUP = 6, 2, 4, 1
ERRORS = {"BlockingIOError": AGAIN, "BrokenPipeError": PIPE, "ConnectionResetError": 15}


class Exit(Exception):
    """The program has ended."""


class Host:
    def __init__(self, arguments):
        self.memory = None
        self.code = 0
        self.arguments = [argument.encode() + b"\0" for argument in arguments]
        self.variables = [b"FERRIO_WASI_LISTENER=%d\0" % LISTENER]
        listener = socket.create_server(("127.0.0.1", 0))
        listener.setblocking(False)
        self.address = listener.getsockname()
        self.sockets = {LISTENER: listener}
        self.clients = []

    # What the program does with its clients.

    def connect(self):
        client = socket.create_connection(self.address)
        self.clients.append(client)
        return len(self.clients) - 1

    def send(self, client, count, after_ms):
        send = lambda: self.clients[client].sendall(b"x" * count)
        if after_ms:
            threading.Timer(after_ms / 1000, send).start()
        else:
            send()

    def receive(self, client, count):
        """Waits for `count` bytes, or for the end."""
        received = 0
        while received < count:
            chunk = self.clients[client].recv(count - received)
            if not chunk:
                break
            received += len(chunk)
        return received

    def close(self, client):
        self.clients[client].close()

    # WASI.

    def store(self, at, layout, *values):
        self.memory.write(self.caller, struct.pack("<" + layout, *values), at)

    def load(self, at, layout):
        size = struct.calcsize("<" + layout)
        return struct.unpack("<" + layout, bytes(self.memory.read(self.caller, at, at + size)))

    def buffers(self, at, count):
        return [self.load(at + 8 * index, "II") for index in range(count)]

    def sizes(self, strings, count, size):
        self.store(count, "I", len(strings))
        self.store(size, "I", sum(map(len, strings)))
        return SUCCESS

    def strings(self, strings, table, at):
        for index, string in enumerate(strings):
            self.store(table + 4 * index, "I", at)
            self.store(at, f"{len(string)}s", string)
            at += len(string)
        return SUCCESS

    def args_sizes_get(self, count, size):
        return self.sizes(self.arguments, count, size)

    def args_get(self, table, at):
        return self.strings(self.arguments, table, at)

    def environ_sizes_get(self, count, size):
        return self.sizes(self.variables, count, size)

    def environ_get(self, table, at):
        return self.strings(self.variables, table, at)

    def random_get(self, at, size):
        self.store(at, f"{size}s", os.urandom(size))
        return SUCCESS

    def clock_time_get(self, clock, _precision, at):
        self.store(at, "Q", time.time_ns() if clock == 0 else time.monotonic_ns())
        return SUCCESS

    def proc_exit(self, code):
        self.code = code
        raise Exit

    def fd_close(self, fd):
        # The listener is there for the next test too.
        if fd != LISTENER:
            self.sockets.pop(fd).close()
        return SUCCESS

    def fd_prestat_get(self, _fd, _at):
        # No directory was opened for the program.
        return BADF

    def fd_fdstat_get(self, fd, at):
        if fd not in self.sockets and fd > 2:
            return BADF
        kind, flags = (STREAM, NONBLOCK) if fd in self.sockets else (CHARACTER_DEVICE, 0)
        self.store(at, "BxHxxxxQQ", kind, flags, 0, 0)
        return SUCCESS

    def fd_fdstat_set_flags(self, fd, flags):
        return SUCCESS if flags == NONBLOCK and fd in self.sockets else NOSYS

    def fd_read(self, fd, at, count, result):
        (to, size), *_ = self.buffers(at, count)
        chunk = self.sockets[fd].recv(size)
        self.store(to, f"{len(chunk)}s", chunk)
        self.store(result, "I", len(chunk))
        return SUCCESS

    def fd_write(self, fd, at, count, result):
        data = b"".join(self.load(start, f"{size}s")[0] for start, size in self.buffers(at, count))
        if fd in self.sockets:
            size = self.sockets[fd].send(data)
        else:
            size = os.write(fd, data)
        self.store(result, "I", size)
        return SUCCESS

    def sock_accept(self, fd, _flags, result):
        stream, _ = self.sockets[fd].accept()
        stream.setblocking(False)
        # The lowest number that is free.
        number = next(number for number in range(LISTENER, 10_000) if number not in self.sockets)
        self.sockets[number] = stream
        self.store(result, "I", number)
        return SUCCESS

    def poll_oneoff(self, subscriptions, events, count, result):
        timeout_ms, clock, found = None, None, []
        poll, asked = select.poll(), {}
        for index in range(count):
            userdata, tag, fd, timeout_ns = self.load(subscriptions + 48 * index, "QBxxxxxxxIxxxxQ")
            if tag == CLOCK:
                timeout_ms, clock = -(-timeout_ns // 1_000_000), (userdata, SUCCESS, CLOCK, 0)
            elif fd in self.sockets:
                asked.setdefault(fd, []).append((userdata, tag))
            else:
                found.append((userdata, SUCCESS if fd <= 2 else BADF, tag, 0))
        for fd, wanted in asked.items():
            bits = [select.POLLIN | select.POLLRDHUP if tag == FD_READ else select.POLLOUT for _, tag in wanted]
            poll.register(self.sockets[fd], sum(bits))
        numbers = {stream.fileno(): fd for fd, stream in self.sockets.items()}
        for number, bits in poll.poll(0 if found else timeout_ms):
            for userdata, tag in asked[numbers[number]]:
                ends = select.POLLHUP | select.POLLERR | (select.POLLRDHUP if tag == FD_READ else 0)
                if bits & ((select.POLLIN if tag == FD_READ else select.POLLOUT) | ends):
                    found.append((userdata, SUCCESS, tag, HANGUP if bits & ends else 0))
        if not found:
            found.append(clock)
        for index, (userdata, error, tag, flags) in enumerate(found):
            self.store(events + 32 * index, "QHBxxxxxQHxxxxxx", userdata, error, tag, 1, flags)
        self.store(result, "I", len(found))
        return SUCCESS

    def function(self, imported):
        """What the program imports under this name."""
        call = getattr(self, imported.name, None)

        def run(caller, *arguments):
            self.caller, self.memory = caller, caller["memory"]
            if call is None:
                return NOSYS
            try:
                return call(*arguments)
            except Exit:
                raise
            except OSError as error:
                return ERRORS[type(error).__name__]

        return run


def run(linker, store, module, arguments):
    """Runs the program and gives its exit code."""
    host = Host(arguments)
    for imported in module.imports:
        linker.define_func(
            imported.module, imported.name, imported.type, host.function(imported), access_caller=True
        )
    try:
        linker.instantiate(store, module).exports(store)["_start"](store)
    except Exit:
        pass
    return host.code
