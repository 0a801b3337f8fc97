"""Event streams, by the rules of the HTML standard, section 9.2."""

import asyncio

from raw_exchange import Exchange, page

# What a reader makes of it: (type, data, id)
#   message "first" "" · message "two\nlines" "1" · update '{"n": 3}' "1" · message "" "1" · message "last é" "zwei"
STREAM = (
    b"\xef\xbb\xbf: a comment, after a byte-order mark\n\n"
    b"data: first\n\n"
    b"id: 1\r\ndata: two\r\ndata: lines\r\n\r\n"
    b"retry: 250\revent: update\rdata: {\"n\": 3}\r\r"
    b"event: nothing is sent without data\n\n"
    b"data\n\n"
    b"retry: soon\nunknown: field\nid: zwei\ndata:last \xc3\xa9\n\n"
    b"data: never ended, so never sent\n"
)


@page("/sse?split=1&ms=0")
async def sse(exchange: Exchange) -> None:
    """An event stream with all that the standard allows (raw_events.py says what is in it), in chunks of 1, 2, 3 …
    bytes again and again, `ms` apart; split=0 sends it as one."""
    await exchange.send_head(200, [("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked")])
    start, size = 0, 1
    while start < len(STREAM):
        end = start + size if exchange.number("split", 1) else len(STREAM)
        await exchange.send_chunk(STREAM[start:end])
        # A turn of the loop at least, so that the pieces leave as pieces.
        await asyncio.sleep(exchange.number("ms", 0) / 1000)
        start, size = end, size % 7 + 1
    await exchange.send(b"0\r\n\r\n")


@page("/sse-resume?to=6&retry=20")
async def sse_resume(exchange: Exchange) -> None:
    """Two events after the Last-Event-ID that the client names, with numbers as id and data, and the end of the
    stream; 204 once `to` is reached, which tells the client to stop."""
    named = exchange.header("last-event-id")
    seen = int(named) if named.isdecimal() else 0
    if seen >= exchange.number("to", 6):
        return await exchange.reply(status=204)
    events = "".join(f"id: {number}\ndata: {number}\n\n" for number in (seen + 1, seen + 2))
    body = f"retry: {exchange.number('retry', 20)}\n\n{events}"
    await exchange.reply(body, headers=[("Content-Type", "text/event-stream")])
