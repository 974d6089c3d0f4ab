"""A program in a pseudo-terminal: `screen.py WORD KEYS PROGRAM...` types KEYS once WORD is on the screen, waits until
the screen has half-blocks, and prints what is on it then as JSON: lines of text, and the colors of half-blocks as
[line, column, upper, lower]. Run by a Python that has pyte, which is the terminal.
"""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

import pyte

COLUMNS, LINES = 160, 60
PATIENCE = 60
# A terminal answers when it is asked what it is: cursor, attributes, background, foreground.
ANSWERS = {
    b"\x1b[6n": b"\x1b[1;1R",
    b"\x1b[c": b"\x1b[?62c",
    b"\x1b]11;?": b"\x1b]11;rgb:0000/0000/0000\x1b\\",
    b"\x1b]10;?": b"\x1b]10;rgb:ffff/ffff/ffff\x1b\\",
}


class Terminal:
    def __init__(self, program):
        self.screen = pyte.Screen(COLUMNS, LINES)
        self.stream = pyte.ByteStream(self.screen)
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
            os.execv(program[0], program)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))

    def listen(self, seconds):
        if not select.select([self.fd], [], [], seconds)[0]:
            return False
        data = os.read(self.fd, 1 << 16)
        for question, answer in ANSWERS.items():
            if question in data:
                os.write(self.fd, answer)
        self.stream.feed(data)
        return True

    def wait_for(self, condition):
        """Until the condition holds and nothing has moved for a second."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if not self.listen(1.0) and condition():
                return
        print("\n".join(self.screen.display), file=sys.stderr)
        sys.exit("this was not to be seen in time")

    def half_blocks(self):
        for line in range(LINES):
            for column in range(COLUMNS):
                cell = self.screen.buffer[line][column]
                if cell.data in "▀▄":
                    upper, lower = (cell.fg, cell.bg) if cell.data == "▀" else (cell.bg, cell.fg)
                    if len(upper) == len(lower) == 6:
                        yield line, column, upper, lower


def main(word, keys, *program):
    terminal = Terminal(program)
    terminal.wait_for(lambda: any(word in line for line in terminal.screen.display))
    os.write(terminal.fd, keys.encode())
    terminal.wait_for(lambda: any(terminal.half_blocks()))
    found = {"text": terminal.screen.display, "blocks": list(terminal.half_blocks())}
    os.kill(terminal.pid, signal.SIGTERM)
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
