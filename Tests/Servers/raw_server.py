"""A server that speaks raw bytes, for what a correct server never sends. `raw_server.py --paths` lists its pages.

The pages are in raw_faults.py (broken answers), raw_content.py (odd but correct bodies and heads), raw_events.py
(event streams), raw_hostile.py (answers made to do harm) and raw_state.py (requests: echoed, counted, redirected,
expecting); each page's docstring is its description in that list.

For every page: `key=K` in the query marks the connection, for /connections?of=K. Correct answers tell the
connection's number in X-Connection and the request's number on it in X-Request. When the client closes its side, what
runs for it ends at once. A connection lives two minutes at most.
"""

import argparse
import asyncio
import sys
from contextlib import suppress

import raw_content
import raw_events
import raw_faults
import raw_hostile
import raw_state
from raw_exchange import PAGES, BadRequest, Connection, Exchange, HeadOnly

LONGEST_SECONDS = 120
LONGEST_HEAD = 1_048_576


class NoticingReader(asyncio.StreamReader):
    """Tells when the client has closed its side, whether or not anybody reads."""

    def __init__(self) -> None:
        super().__init__(limit=LONGEST_HEAD)
        self.ended = asyncio.Event()

    def feed_eof(self) -> None:
        super().feed_eof()
        self.ended.set()

    def set_exception(self, error: Exception) -> None:
        super().set_exception(error)
        self.ended.set()


async def serve_connection(reader: NoticingReader, writer: asyncio.StreamWriter) -> None:
    connection = raw_state.TALLY.opened(reader, writer)
    work = asyncio.create_task(serve_requests(connection))
    gone = asyncio.create_task(reader.ended.wait())
    try:
        await asyncio.wait({work, gone}, timeout=LONGEST_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    finally:
        raw_state.TALLY.closed(connection)
        gone.cancel()
        work.cancel()
        # What the client did to the connection is its affair; a fault of ours belongs into the log.
        (outcome,) = await asyncio.gather(work, return_exceptions=True)
        expected = (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError)
        if isinstance(outcome, BaseException) and not isinstance(outcome, expected):
            print(f"connection {connection.number}: {outcome!r}", file=sys.stderr, flush=True)
        writer.close()


async def serve_requests(connection: Connection) -> None:
    closes = False
    while not closes:
        try:
            head = await connection.reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            await connection.writer.drain()
            return
        connection.requests += 1
        try:
            exchange = Exchange(connection, head)
        except BadRequest as fault:
            connection.writer.write(f"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n{fault}\n".encode())
            return
        with suppress(HeadOnly):
            try:
                await answer(exchange)
            except BadRequest as fault:
                await exchange.reply(f"{fault}\n", status=400)
        closes = exchange.closes
    await connection.writer.drain()


async def answer(exchange: Exchange) -> None:
    if exchange.text("key"):
        raw_state.TALLY.marked(exchange.connection, exchange.text("key"))
    page = PAGES.get("/" + exchange.path.split("/")[1])
    if page is None or page.reads_body:
        await exchange.read_body()
    if page is None:
        await exchange.reply(f"no page {exchange.path}: see scripts/test-servers --paths\n", status=404)
    else:
        await page.answer(exchange)


async def serve(port: int) -> None:
    loop = asyncio.get_running_loop()

    def protocol() -> asyncio.StreamReaderProtocol:
        return asyncio.StreamReaderProtocol(NoticingReader(), serve_connection)

    server = await loop.create_server(protocol, "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


def list_pages() -> None:
    for module in (raw_faults, raw_content, raw_events, raw_hostile, raw_state):
        print((module.__doc__ or "").strip())
        for page in PAGES.values():
            if page.answer.__module__ == module.__name__:
                print(f"  {page.usage:<46}{page.meaning}")
        print()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--port", type=int, help="serve on this port of 127.0.0.1")
    what.add_argument("--paths", action="store_true", help="list the pages")
    options = parser.parse_args()
    if options.paths:
        list_pages()
    else:
        asyncio.run(serve(options.port))
