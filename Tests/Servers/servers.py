"""The servers of a run: their files and command lines, and the variables that name them."""

import sys
import time
from pathlib import Path

from certificates import Certificates
from processes import START_SECONDS, Probe, Server, free_ports

HERE = Path(__file__).resolve().parent
PREFIX = "GREENHOUSE_TEST_"
USER, PASSWORD = "green", "house"

# Each variable (without the prefix) and what it names.
VARIABLES = {
    "HTTP": "nginx, http://127.0.0.1:port",
    "OTHER": "the same pages at another origin, http://localhost:port",
    "HTTPS": "nginx with TLS 1.2 and 1.3 and, by ALPN, HTTP/2: https://localhost:port",
    "HTTPS1": "the same without HTTP/2",
    "MTLS": "the same as HTTPS, but asks for a client certificate and answers 400 without",
    "WRONG_HOST": "HTTPS with a certificate for elsewhere.test only",
    "EXPIRED": "HTTPS with a certificate that was good in January 2020",
    "UNIX": "path of a Unix socket with nginx's pages",
    "CA": "file with the certificate authority of all TLS servers",
    "CERT": "file with a client certificate of that authority, CN=greenhouse-client",
    "KEY": "file with its key",
    "PIN": "sha256//… of the public key of HTTPS, HTTPS1, MTLS and WSS",
    "PROXY": "tinyproxy, http://127.0.0.1:port; its answers have the field Via: 1.1 greenhouse-proxy",
    "PROXY_AUTH": f"tinyproxy that asks for user {USER} and password {PASSWORD}; Via: 1.1 greenhouse-proxy-auth",
    "SOCKS": "microsocks, socks5h://127.0.0.1:port",
    "SOCKS_AUTH": f"microsocks that asks for user {USER} and password {PASSWORD}",
    "HTTPBIN": "httpbin, http://127.0.0.1:port",
    "HTTPBIN_TLS": "the same through nginx with TLS and, by ALPN, HTTP/2: https://localhost:port",
    "RAW": "the raw-bytes server, 127.0.0.1:port (scripts/test-servers --paths); also at /raw/ of nginx",
    "WS": "WebSocket server, ws://127.0.0.1:port; pages: scripts/test-servers --paths",
    "WSS": "the same with TLS, wss://localhost:port",
    "LOGS": "folder with a log for each server: proxy.log and socks.log tell who came through",
}


def start(folder: Path) -> dict[str, str]:
    """Starts all servers and returns the variables once each answers."""
    deadline = time.monotonic() + START_SECONDS
    names = [
        "HTTP", "OTHER", "HTTPS", "HTTPS1", "MTLS", "WRONG_HOST", "EXPIRED", "PROXY", "PROXY_AUTH", "SOCKS",
        "SOCKS_AUTH", "HTTPBIN", "HTTPBIN_TLS", "RAW", "WS", "WSS",
    ]
    port = dict(zip(names, free_ports(len(names)), strict=True))

    # The Python servers take longest to start: they go first, and what takes time here runs beside them.
    running = [
        python_server(folder, "httpbin", [Probe(port["HTTPBIN"])], f"--port={port['HTTPBIN']}"),
        python_server(folder, "raw", [Probe(port["RAW"])], f"--port={port['RAW']}"),
    ]
    certificates = Certificates(folder)
    certificate = f"{certificates.certificate('server')},{certificates.key('server')}"
    running.append(python_server(
        folder, "websocket", [Probe(port["WS"]), Probe(port["WSS"], tls=True)],
        f"--port={port['WS']}", f"--tls-port={port['WSS']}", f"--certificate={certificate}"))

    fill(folder, "tinyproxy.conf", "proxy.conf", PORT=port["PROXY"], VIA="greenhouse-proxy", AUTHENTICATION="")
    fill(
        folder, "tinyproxy.conf", "proxy-auth.conf", PORT=port["PROXY_AUTH"], VIA="greenhouse-proxy-auth",
        AUTHENTICATION=f"BasicAuth {USER} {PASSWORD}")
    socks_hello = b"\5\2\0\2"
    credentials = ["-u", USER, "-P", PASSWORD]
    for name, argv, probe in [
        ("proxy", ["tinyproxy", "-d", "-c", "proxy.conf"], Probe(port["PROXY"])),
        ("proxy-auth", ["tinyproxy", "-d", "-c", "proxy-auth.conf"], Probe(port["PROXY_AUTH"])),
        ("socks", ["microsocks", "-i", "127.0.0.1", "-p", str(port["SOCKS"])], Probe(port["SOCKS"], socks_hello)),
        ("socks-auth", ["microsocks", "-i", "127.0.0.1", "-p", str(port["SOCKS_AUTH"]), *credentials],
         Probe(port["SOCKS_AUTH"], socks_hello)),
    ]:
        running.append(Server(name, argv, [probe], folder / f"{name}.log"))

    unix = folder / "nginx.socket"
    redirects = " ".join(f"{number} {number - 1};" for number in range(1, 51))
    fill(folder, "nginx.conf", "nginx.conf", **port, UNIX=unix, REDIRECTS=redirects)
    fill(folder, "nginx-pages.conf", "pages.conf", **port)
    write_pages(folder)
    over_tls = ("HTTPS", "HTTPS1", "HTTPBIN_TLS", "MTLS", "WRONG_HOST", "EXPIRED")
    encrypted = [Probe(port[name], tls=True) for name in over_tls]
    running.append(Server(
        "nginx", ["nginx", "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")],
        [Probe(port["HTTP"]), Probe(port["OTHER"]), *encrypted], folder / "nginx.log"))

    for server in running:
        server.await_answers(deadline)

    values = {name: f"http://127.0.0.1:{port[name]}" for name in ("HTTP", "PROXY", "PROXY_AUTH", "HTTPBIN")}
    values |= {name: f"https://localhost:{port[name]}" for name in over_tls}
    values |= {name: f"socks5h://127.0.0.1:{port[name]}" for name in ("SOCKS", "SOCKS_AUTH")}
    values |= {
        "OTHER": f"http://localhost:{port['OTHER']}",
        "UNIX": str(unix),
        "CA": str(certificates.authority),
        "CERT": certificates.certificate("client"),
        "KEY": certificates.key("client"),
        "PIN": certificates.pin("server"),
        "RAW": f"127.0.0.1:{port['RAW']}",
        "WS": f"ws://127.0.0.1:{port['WS']}",
        "WSS": f"wss://localhost:{port['WSS']}",
        "LOGS": str(folder),
    }
    return {PREFIX + name: values[name] for name in VARIABLES}


def python_server(folder: Path, name: str, probes: list[Probe], *arguments: str) -> Server:
    argv = [sys.executable, "-B", str(HERE / f"{name}_server.py"), *arguments]
    return Server(name, argv, probes, folder / f"{name}.log")


def fill(folder: Path, template: str, name: str, **values: object) -> None:
    text = (HERE / f"{template}.in").read_text()
    for key, value in values.items():
        text = text.replace(f"@{key}@", str(value))
    (folder / name).write_text(text)


def write_pages(folder: Path) -> None:
    """nginx's files: their bytes can be told from their place, so that a test needs no copy."""
    (folder / "temporary").mkdir()
    files = folder / "files"
    files.mkdir()
    (files / "index.html").write_text("<!doctype html><meta charset=utf-8><title>Greenhouse</title>\n")
    (files / "small.txt").write_text("small\n")
    (files / "empty.txt").write_text("")
    (files / "lines.txt").write_text("".join(f"line {number}\n" for number in range(1, 10_001)))
    (files / "data.json").write_text('{"name": "Ada", "numbers": [1, 2, 3], "text": "é"}\n')
    # Byte number n is n modulo 256.
    (files / "1MiB.bin").write_bytes(bytes(range(256)) * 4_096)
    (files / "10MiB.bin").write_bytes(bytes(range(256)) * 40_960)
