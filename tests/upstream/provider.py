"""A provider that answers as a script says, to the byte, and remembers what it was asked."""

import asyncio
import base64
import json
import ssl
import tempfile
from urllib.parse import parse_qs, urlsplit

KEPT_HEADERS = ("accept", "accept-encoding", "authorization", "content-type", "user-agent")
REASONS = {200: "OK", 201: "Created", 204: "No Content", 301: "Moved Permanently", 302: "Found", 303: "See Other"}


class Provider:
    """One listener on a free port of 127.0.0.1.

    `script` maps a path to an answer, or to a list of answers of which the last one repeats:
    `{"status": 200, "headers": [[name, value]], "body": text | "hex": bytes, "fault": "close | truncate | stall"}`,
    or `{"raw": bytes}`, the whole answer; bytes are in hexadecimal.

    It is a proxy too: what goes through it, to whatever host, is answered by the same script; `#tls` of the script holds
    the certificate and key for that, in PEM. `#GET` and `#POST` hold the answers to the first requests of that method,
    whatever their path; `#signer` holds the public key that assertions must be signed with.
    """

    def __init__(self, script):
        self.script = script
        self.requests = []
        self.counts = {}
        self.tasks = set()

    async def start(self):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    def stop(self):
        self.server.close()
        for task in self.tasks:
            task.cancel()

    async def serve(self, reader, writer):
        task = asyncio.current_task()
        self.tasks.add(task)
        try:
            request = await self.read(reader, writer)
            if request is not None:
                self.requests.append(request)
                await self.answer(request, writer)
        except (asyncio.CancelledError, ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.tasks.discard(task)
            writer.close()

    async def read(self, reader, writer):
        first = await reader.read(1)
        if not first.isalpha():
            return None  # nothing, or a TLS handshake
        line = first + await reader.readline()
        parts = line.decode("latin-1").split(" ")
        if len(parts) != 3:
            writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()
            return None
        method, target, _version = parts
        if method == "CONNECT":
            await self.encrypt(reader, writer)
            return await self.read(reader, writer)
        if target.startswith("http://"):
            target = target.removeprefix("http://").partition("/")[2].join(["/", ""])
        headers = {}
        while (line := await reader.readline()) not in (b"\r\n", b"\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        if headers.get("expect", "").lower() == "100-continue":
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = (await reader.readexactly(int(headers.get("content-length", 0)))).decode("latin-1")
        # An Accept of everything is as good as none (RFC 9110 12.5.1).
        headers = {name: headers[name] for name in KEPT_HEADERS if headers.get(name) not in (None, "*/*")}
        if body.startswith("assertion="):
            # Another client of the hub's makes this one, and it holds the time.
            body = self.checked(body)
            headers = {"content-type": headers["content-type"]}
        return {"method": method, "target": target, "headers": headers, "body": body}

    async def encrypt(self, reader, writer):
        """The answer to CONNECT, and the handshake after it."""
        while await reader.readline() not in (b"\r\n", b"\n", b""):
            pass
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(self.script["#tls"])
            file.flush()
            context.load_cert_chain(file.name)
        await writer.start_tls(context)

    def checked(self, body):
        """What an assertion says, without the time, and whether it is signed with the right key."""
        from google.auth import crypt

        fields = {name: values[0] for name, values in parse_qs(body).items()}
        signed, _, signature = fields.pop("assertion").rpartition(".")
        header, payload = (json.loads(decoded(part)) for part in signed.split("."))
        valid = crypt.verify_signature(signed, decoded(signature), self.script["#signer"])
        payload["exp"] -= payload.pop("iat")
        shapes = [decoded(part).decode().count(" ") for part in signed.split(".")]
        return json.dumps({**fields, "header": header, "payload": payload, "valid": valid, "blanks": shapes})

    async def answer(self, request, writer):
        path = urlsplit(request["target"]).path
        answers = self.script.get(path, {"status": 404, "body": "not found"})
        first = self.script.get("#" + request["method"], [])
        if (count := self.counts.get(request["method"], 0)) < len(first):
            self.counts[request["method"]] = count + 1
            answers = first[count]
        elif isinstance(answers, list):
            count = self.counts[path] = self.counts.get(path, 0) + 1
            answers = answers[min(count, len(answers)) - 1]
        fault = answers.get("fault")
        if fault == "close":
            return
        if "raw" in answers:
            writer.write(bytes.fromhex(answers["raw"]))
            return await writer.drain()
        status = answers.get("status", 200)
        body = bytes.fromhex(answers["hex"]) if "hex" in answers else answers.get("body", "").encode()
        body = body.replace(b"{P}", f"http://127.0.0.1:{self.port}".encode())
        head = [f"HTTP/1.1 {status} {REASONS.get(status, 'Whatever')}"]
        for name, value in answers.get("headers", []):
            value = value.replace("{P}", f"http://127.0.0.1:{self.port}").replace("{PORT}", str(self.port))
            head.append(f"{name}: {value}")
        names = {name.lower() for name, _ in answers.get("headers", [])}
        if "content-length" not in names and "transfer-encoding" not in names and status != 204:
            head.append(f"Content-Length: {len(body) + (10 if fault == 'truncate' else 0)}")
        head.append("Connection: close")
        writer.write("\r\n".join(head).encode("latin-1") + b"\r\n\r\n")
        if fault == "stall":
            await writer.drain()
            await asyncio.sleep(600)
        if request["method"] != "HEAD":
            writer.write(body)
        await writer.drain()


def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
