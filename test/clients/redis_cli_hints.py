"""redis-cli at a terminal: `redis_cli_hints.py PORT`.

Types the beginnings of commands and prints what the terminal showed, hints included: redis-cli
makes them from COMMAND DOCS. Needs no module.
"""

import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import time

PORT = sys.argv[1]
TYPED = ["set ", "hset ", "ft.search ", "client kill "]
WAIT_SECONDS = 60

child, terminal = pty.fork()
if child == 0:
    os.environ["TERM"] = "xterm"
    # Without a width redis-cli would ask the terminal, and nobody would answer.
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
    os.execvp("redis-cli", ["redis-cli", "-h", "127.0.0.1", "-p", PORT])


def read_until(found):
    """What the terminal shows until `found(text)` holds."""
    shown, deadline = "", time.monotonic() + WAIT_SECONDS
    while not found(shown):
        if time.monotonic() > deadline:
            raise SystemExit(f"waited in vain; the terminal showed {shown!r}")
        if select.select([terminal], [], [], 0.1)[0]:
            shown += os.read(terminal, 65536).decode(errors="replace")
    return shown


def hint_of(text):
    """The grey part behind what was typed."""
    shown = re.findall(r"\x1b\[0;\d+;\d+m(.*?)\x1b\[0m", text)
    return shown[-1].strip() if shown else ""


prompt = f"127.0.0.1:{PORT}> "
read_until(lambda text: prompt in text)
for command in TYPED:
    os.write(terminal, command.encode())
    shown = read_until(lambda text: hint_of(text) != "" and command.strip() in text)
    print(f"{command.strip()}: {hint_of(shown)}")
    os.write(terminal, b"\x15")
    read_until(lambda text: prompt in text)
os.write(terminal, b"ping\r")
print("reply:", "PONG" in read_until(lambda text: "PONG" in text))
# It ends with its terminal; asked to exit, it would wait for somebody to read the rest.
os.close(terminal)
os.waitpid(child, 0)
