# What Python asks of the network, told or, offline, asked of oauthctl.


class Unsaved(Exception):
    """A request without a saved answer."""


class Wire:
    def __init__(self, hub):
        self.hub = hub
        self.offline = False
        self.reroute = []
        for patch in (self.patch_tornado, self.patch_requests, self.patch_urllib):
            try:
                patch()
            except ImportError:
                pass

    def tell(self, request, started, answer=None, error=None):
        elapsed = time.monotonic() - started
        self.hub.channel.say(event="exchange", stage=self.hub.stage, elapsed=elapsed, answer=answer, error=error, **request)

    def saved(self, request):
        reply = self.hub.channel.ask(event="fetch", stage=self.hub.stage, **request)
        if "answer" not in reply:
            raise Unsaved(reply["unsupported"])
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

        def answer_of(response):
            headers = [list(pair) for pair in response.headers.get_all()]
            body = (response.body or b"").hex()
            return {"status": response.code, "reason": response.reason or "", "headers": headers, "body": body}

        async def fetch(client, request, raise_error=True, **kwargs):
            if not isinstance(request, HTTPRequest):
                request = HTTPRequest(url=request, **kwargs)
            asked = exchange(request.method, request.url, HTTPHeaders(request.headers).get_all(), request.body)
            started = time.monotonic()
            if wire.offline:
                saved = wire.saved(asked)
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
                given = answer_of(error.response) if error.response is not None and error.code != 599 else None
                wire.tell(asked, started, given, None if given else str(error))
                raise
            except Exception as error:
                wire.tell(asked, started, error="{}: {}".format(type(error).__name__, error))
                raise
            wire.tell(asked, started, answer_of(response))
            return response

        AsyncHTTPClient.fetch = fetch

    def patch_requests(self):
        import requests

        original, wire = requests.Session.send, self

        def send(session, request, **kwargs):
            asked = exchange(request.method, request.url, request.headers.items(), request.body)
            started = time.monotonic()
            if wire.offline:
                saved = wire.saved(asked)
                response = requests.Response()
                response.status_code, response.reason = saved["status"], saved["reason"]
                response.headers.update(dict(saved["headers"]))
                response._content, response.url, response.request = bytes.fromhex(saved["body"]), request.url, request
                return response
            request.url = wire.moved(request.url)
            try:
                response = original(session, request, **kwargs)
            except Exception as error:
                wire.tell(asked, started, error="{}: {}".format(type(error).__name__, error))
                raise
            body = b"" if kwargs.get("stream") else response.content
            headers = [list(pair) for pair in response.headers.items()]
            answer = {"status": response.status_code, "reason": response.reason or "", "headers": headers}
            wire.tell(asked, started, dict(answer, body=body.hex()))
            return response

        requests.Session.send = send

    def patch_urllib(self):
        import urllib.error
        from urllib.request import OpenerDirector, Request

        original, wire = OpenerDirector.open, self

        def open_(opener, request, data=None, *args, **kwargs):
            if not isinstance(request, Request):
                request = Request(request, data)
            asked = exchange(request.get_method(), request.full_url, request.header_items(), request.data or data)
            started = time.monotonic()
            if wire.offline:
                raise Unsaved("there is no saved answer of {} {}".format(asked["method"], asked["url"].split("?")[0]))
            try:
                response = original(opener, request, data, *args, **kwargs)
            except urllib.error.HTTPError as error:
                headers = [list(pair) for pair in error.headers.items()]
                answer = {"status": error.code, "reason": str(error.reason), "headers": headers, "body": ""}
                wire.tell(asked, started, answer)
                raise
            except Exception as error:
                wire.tell(asked, started, error="{}: {}".format(type(error).__name__, error))
                raise
            # The body belongs to whoever asked, and can be read only once.
            headers = [list(pair) for pair in response.headers.items()]
            answer = {"status": response.status or 200, "reason": response.reason or "", "headers": headers, "body": ""}
            wire.tell(asked, started, answer)
            return response

        OpenerDirector.open = open_


def exchange(method, url, headers, body):
    if isinstance(body, bytes):
        body = body.decode("utf-8", "replace")
    headers = [[str(name), value.decode("latin-1") if isinstance(value, bytes) else str(value)] for name, value in headers]
    return {"method": method, "url": url, "headers": headers, "body": body if isinstance(body, str) else None}
