"""Says when a file of the site changes: at once where the system tells (inotify on Linux), else by looking."""

from __future__ import annotations

import ctypes
import os
import struct
import sys

from builder import cache

NONBLOCK, CLOSE_ON_EXEC = 0o4000, 0o2000000
# Written, closed after writing, moved from or to, created, deleted (inotify(7)).
EVENTS = 0x2 | 0x8 | 0x40 | 0x80 | 0x100 | 0x200

HEAD = struct.Struct("iIII")  # of an event: the watch, what happened, a cookie, the length of the name that follows
FOLDER, OVERFLOW = 0x40000000, 0x4000


class Watch:
    """The files of a site. `handle` becomes readable when something happens below them, if it is not -1."""

    def __init__(self, root: str) -> None:
        self.root, self.handle = root, -1
        self._system = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
        if self._system:
            self.handle = self._system.inotify_init1(NONBLOCK | CLOSE_ON_EXEC)
        self._follow()
        self._known = cache.scan(root)

    def _follow(self) -> None:
        """Folders may have come: all are named to the system again, which knows those that it has."""
        if self.handle < 0 or not self._system:
            return
        folders = [self.root]
        for top in cache.FOLDERS:
            folders += [folder for folder, _, _ in os.walk(os.path.join(self.root, top))]
        for folder in folders:
            if self._system.inotify_add_watch(self.handle, os.fsencode(folder), EVENTS) < 0 and os.path.isdir(folder):
                os.close(self.handle)
                self.handle = -1  # the system follows no more folders for us
                return

    def _folders_changed(self) -> bool:
        """Takes what the system told; was any of it about a folder, or too much to be told?"""
        found = False
        while self.handle >= 0:
            try:
                data = os.read(self.handle, 1 << 16)
            except BlockingIOError:
                break
            at = 0
            while at < len(data):
                _, kind, _, length = HEAD.unpack_from(data, at)
                found = found or bool(kind & (FOLDER | OVERFLOW))
                at += HEAD.size + length
        return found

    def changed(self) -> set[str]:
        """The files that came, went or changed since this was asked last."""
        if self._folders_changed():
            self._follow()  # before looking: what comes into a new folder afterwards is told
        now, before = cache.scan(self.root), self._known
        self._known = now
        return {path for path in now.keys() | before.keys() if now.get(path) != before.get(path)}
