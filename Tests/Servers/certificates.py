"""Keys and certificates for one run, by the openssl command: an authority, servers, a client."""

import base64
import hashlib
import subprocess
from pathlib import Path

AUTHORITY_CONFIG = """\
[ca]
default_ca = this
[this]
new_certs_dir = @FOLDER@
database = @FOLDER@/issued
serial = @FOLDER@/serial
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
"""
LONG_AGO, LATER = ("20200101000000Z", "20200201000000Z"), ("20200101000000Z", "20491231235959Z")


class Certificates:
    """The files, below a folder: authority.pem, and NAME.pem with NAME.key for each name made."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority = folder / "authority.pem"
        (folder / "authority.conf").write_text(AUTHORITY_CONFIG.replace("@FOLDER@", str(folder)))
        (folder / "issued").write_text("")
        (folder / "serial").write_text("1000\n")
        self.request("authority", "Greenhouse test authority", "-x509", "-days", "7300")
        self.make("server", "localhost", "DNS:localhost,DNS:greenhouse.test,IP:127.0.0.1,IP:::1")
        self.make("elsewhere", "elsewhere.test", "DNS:elsewhere.test")
        self.make("expired", "localhost", "DNS:localhost,IP:127.0.0.1", LONG_AGO)
        self.make("client", "greenhouse-client", "DNS:client.test")

    def request(self, name: str, common_name: str, *options: str) -> None:
        output = self.authority if "-x509" in options else self.folder / f"{name}.request"
        openssl(
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-subj",
            f"/CN={common_name}", "-keyout", str(self.folder / f"{name}.key"), "-out", str(output), *options)

    def make(self, name: str, common_name: str, names: str, valid: tuple[str, str] = LATER) -> None:
        self.request(name, common_name, "-addext", f"subjectAltName={names}")
        openssl(
            "ca", "-batch", "-notext", "-config", str(self.folder / "authority.conf"),
            "-cert", str(self.authority), "-keyfile", str(self.folder / "authority.key"),
            "-startdate", valid[0], "-enddate", valid[1],
            "-in", str(self.folder / f"{name}.request"), "-out", str(self.folder / f"{name}.pem"))

    def certificate(self, name: str) -> str:
        return str(self.folder / f"{name}.pem")

    def key(self, name: str) -> str:
        return str(self.folder / f"{name}.key")

    def pin(self, name: str) -> str:
        """The public key as curl's --pinnedpubkey takes it."""
        public = openssl("pkey", "-in", self.key(name), "-pubout", "-outform", "DER")
        return "sha256//" + base64.b64encode(hashlib.sha256(public).digest()).decode()


def openssl(*arguments: str) -> bytes:
    result = subprocess.run(["openssl", *arguments], capture_output=True, stdin=subprocess.DEVNULL)
    if result.returncode != 0:
        raise OSError(f"openssl {arguments[0]} failed: {result.stderr.decode(errors='replace').strip()[-300:]}")
    return result.stdout
