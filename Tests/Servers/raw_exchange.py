"""One request and its answer on a raw connection, and the table of pages. See raw_server.py."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

Header = tuple[str, str]


class HeadOnly(Exception):
    """The answer to a HEAD request ends with its head."""


class BadRequest(Exception):
    """The request cannot be answered as its page would; the message says why and becomes a 400."""


@dataclass
class Connection:
    """A client's connection; keys are those that its requests named, so that a test finds its own."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    number: int
    requests: int = 0
    keys: set[str] = field(default_factory=set)

    def reset(self) -> None:
        """Ends the connection with a TCP reset."""
        no_lingering = struct.pack("ii", 1, 0)
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_lingering)
        self.writer.transport.abort()


class Exchange:
    """What a page is called with: the request as it came, and ways to answer, the correct and the raw."""

    def __init__(self, connection: Connection, head: bytes) -> None:
        self.connection = connection
        self.head = head
        self.body = b""
        self.closes = False
        request_line, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
        try:
            self.method, self.target, self.version = request_line.split(" ")
        except ValueError:
            raise BadRequest(f"request line {request_line!r}: expected method, target and version") from None
        fields = (line.partition(":") for line in lines)
        self.headers = [(name.strip().lower(), value.strip()) for name, _, value in fields]
        parts = urlsplit(self.target)
        self.path = parts.path or "/"
        self.query = parse_qs(parts.query, keep_blank_values=True)
        if self.version != "HTTP/1.1" or self.header("connection").lower() == "close":
            self.closes = True

    def header(self, name: str) -> str:
        """The field's first value, or nothing."""
        return next((value for key, value in self.headers if key == name), "")

    def text(self, name: str, default: str = "") -> str:
        return self.query.get(name, [default])[0]

    def number(self, name: str, default: int) -> int:
        value = self.text(name, str(default))
        if not value.isdecimal():
            raise BadRequest(f"{name}={value}: expected a number")
        return int(value)

    @property
    def expects_continue(self) -> bool:
        return self.header("expect").lower() == "100-continue"

    async def pieces(self) -> AsyncIterator[tuple[bytes, bytes]]:
        """The request's body as it comes: what stood on the wire, and the data in it."""
        reader = self.connection.reader
        if self.header("transfer-encoding").lower() == "chunked":
            while True:
                line = await reader.readuntil(b"\r\n")
                size = int(line.split(b";")[0], 16)
                if size == 0:
                    break
                data = await reader.readexactly(size + 2)
                yield line + data, data[:-2]
            while line != b"\r\n":
                yield line, b""
                line = await reader.readuntil(b"\r\n")
            yield line, b""
        else:
            left = int(self.header("content-length") or 0)
            while left:
                data = await reader.read(min(left, 65_536))
                if not data:
                    raise asyncio.IncompleteReadError(data, left)
                left -= len(data)
                yield data, data

    async def read_body(self) -> None:
        if self.expects_continue:
            await self.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.body = b"".join([wire async for wire, _ in self.pieces()])

    async def send(self, data: bytes | str) -> None:
        self.connection.writer.write(data.encode("latin-1") if isinstance(data, str) else data)
        await self.connection.writer.drain()

    async def send_on(self, data: bytes) -> None:
        """For an answer without end: others have their turn even when the client reads faster than this writes."""
        await self.send(data)
        await asyncio.sleep(0)

    async def send_head(self, status: int = 200, headers: Iterable[Header] = ()) -> None:
        """A correct head with these fields; how the body is framed is the page's affair. Ends the page for HEAD."""
        try:
            reason = HTTPStatus(status).phrase
        except ValueError:
            reason = "Unheard Of"
        lines = [f"HTTP/1.1 {status} {reason}"]
        lines += [f"{name}: {value}" for name, value in headers]
        # Which connection this is, and which of its requests: shows a client's reuse.
        lines += [f"X-Connection: {self.connection.number}", f"X-Request: {self.connection.requests}"]
        if self.closes:
            lines.append("Connection: close")
        await self.send("\r\n".join(lines) + "\r\n\r\n")
        if self.method == "HEAD":
            raise HeadOnly

    async def reply(self, body: bytes | str = b"", status: int = 200, headers: Iterable[Header] = ()) -> None:
        """A correct response."""
        headers = list(headers)
        data = body.encode() if isinstance(body, str) else body
        if not any(name == "Content-Type" for name, _ in headers):
            headers.append(("Content-Type", "text/plain; charset=utf-8"))
        bodiless = status in (204, 304) or status < 200
        if not bodiless:
            headers.append(("Content-Length", str(len(data))))
        await self.send_head(status, headers)
        if not bodiless:
            await self.send(data)

    async def send_chunk(self, data: bytes) -> None:
        await self.send(b"%x\r\n%b\r\n" % (len(data), data))

    async def hang(self) -> None:
        """Nothing more, until the client goes."""
        await asyncio.Event().wait()


@dataclass(frozen=True)
class Page:
    answer: Callable[[Exchange], Awaitable[None]]
    usage: str
    reads_body: bool

    @property
    def meaning(self) -> str:
        return " ".join((self.answer.__doc__ or "").split())


PAGES: dict[str, Page] = {}


def page(usage: str, reads_body: bool = True) -> Callable:
    """Names a page by its first segment; the rest of `usage` is for people. The docstring says what it does.
    The server reads the request's body beforehand, with a 100 where that is expected, unless the page wants to."""

    def register(answer: Callable[[Exchange], Awaitable[None]]) -> Callable[[Exchange], Awaitable[None]]:
        first = "/" + usage.split("?")[0].split("/")[1]
        assert first not in PAGES, first
        PAGES[first] = Page(answer, usage, reads_body)
        return answer

    return register
