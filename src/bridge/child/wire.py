# What Python asks of the network, told or, where oauthctl has the answer, asked of it.


class Unsaved(Exception):
    """A request without an answer."""


class Wire:
    def __init__(self, hub):
        self.hub = hub
        self.offline = False
        self.told = 0
        self.reroute = []
        self.patch_tornado()
        after_import("requests.adapters", self.patch_requests)
        after_import("urllib.request", self.patch_urllib)
        after_import("httpx", self.patch_httpx)
        after_import("aiohttp.client", self.patch_aiohttp)

    def tell(self, request, started, answer=None, error=None):
        """Gives the number of the exchange."""
        if error is not None:
            error = "{}: {}".format(type(error).__name__, error) if isinstance(error, BaseException) else error
        self.told += 1
        elapsed = time.monotonic() - started
        self.hub.channel.say(event="exchange", stage=self.hub.stage, elapsed=elapsed, answer=answer, error=error, **request)
        return self.told - 1

    def tell_body(self, number, body):
        """The body of an answer that was told before its body was read."""
        self.hub.channel.say(event="body", number=number, body=body.hex())

    def saved(self, request, failed):
        """What oauthctl has, or fetches itself. `failed` is what this client raises where no answer comes."""
        reply = self.hub.channel.ask(event="fetch", stage=self.hub.stage, **request)
        if "unsaved" in reply:
            raise Unsaved(reply["unsaved"])
        if "failed" in reply:
            raise failed(reply["failed"])
        return reply["answer"]

    def moved(self, url):
        for origin, instead in self.reroute:
            if url.startswith(origin):
                return instead + url[len(origin) :]
        return url

    def patch_tornado(self):
        from io import BytesIO

        from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest, HTTPResponse
        from tornado.httputil import HTTPHeaders

        original, wire = AsyncHTTPClient.fetch, self

        async def fetch(client, request, raise_error=True, **kwargs):
            if not isinstance(request, HTTPRequest):
                request = HTTPRequest(url=request, **kwargs)
            asked = exchange(request.method, request.url, HTTPHeaders(request.headers).get_all(), request.body)
            started = time.monotonic()
            if wire.offline:
                saved = wire.saved(dict(asked, validate_cert=request.validate_cert), lambda why: HTTPClientError(599, why))
                headers = HTTPHeaders({name: value for name, value in saved["headers"]})
                body = BytesIO(bytes.fromhex(saved["body"]))
                response = HTTPResponse(request, saved["status"], headers, body, request.url)
                if raise_error and response.error:
                    raise response.error
                return response
            request.url = wire.moved(request.url)
            try:
                response = await original(client, request, raise_error=raise_error)
            except HTTPClientError as error:
                given = tornado_answer(error.response) if error.response is not None and error.code != 599 else None
                wire.tell(asked, started, given, None if given else str(error))
                raise
            except Exception as error:
                wire.tell(asked, started, error=error)
                raise
            wire.tell(asked, started, tornado_answer(response))
            return response

        def tornado_answer(response):
            return answer(response.code, response.reason, response.headers.get_all(), response.body)

        AsyncHTTPClient.fetch = fetch


def exchange(method, url, headers, body):
    if isinstance(body, bytes):
        body = body.decode("utf-8", "replace")
    body = body if isinstance(body, str) else None
    return {"method": method, "url": str(url), "headers": pairs(headers), "body": body}


def answer(status, reason, headers, body):
    return {"status": status, "reason": reason or "", "headers": pairs(headers), "body": (body or b"").hex()}


def pairs(headers):
    def text(part):
        return part.decode("latin-1") if isinstance(part, bytes) else str(part)

    return [[text(name), text(value)] for name, value in headers]


def after_import(name, patch):
    """Patches a module as soon as it is there; one that nobody imports costs nothing."""
    if name in sys.modules:
        patch(sys.modules[name])
        return

    class Finder:
        """Finds the module as the others do, and has the last word when it is loaded."""

        @classmethod
        def find_spec(cls, wanted, path=None, target=None):
            if wanted != name:
                return None
            for finder in sys.meta_path:
                ask = None if finder is cls else getattr(finder, "find_spec", None)
                spec = ask(wanted, path, target) if ask else None
                if spec is not None:
                    break
            else:
                return None
            if spec.loader is not None and hasattr(spec.loader, "exec_module"):
                execute = spec.loader.exec_module

                def execute_and_patch(module):
                    execute(module)
                    if cls in sys.meta_path:
                        sys.meta_path.remove(cls)
                        patch(module)

                spec.loader.exec_module = execute_and_patch
            return spec

    sys.meta_path.insert(0, Finder)
