def tell_where(channel):
    """Shortly before the time is up: which of the operator's lines is running."""
    frame = sys._current_frames().get(threading.main_thread().ident)
    for frame, line in traceback.walk_stack(frame):
        if is_operators(frame.f_code.co_filename):
            return channel.say(event="stuck", file=label(frame.f_code.co_filename), line=line)


def main():
    channel = Channel()
    hub = Hub(channel)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    while True:
        ask = channel.hear()
        if ask["do"] == "load":
            for path, name in ask["labels"]:
                LABELS[os.path.abspath(path)] = name
            find_beside(ask["files"])
        alarm = threading.Timer(ask["limit"] * 0.9, tell_where, [channel])
        alarm.daemon = True
        alarm.start()
        try:
            answer = loop.run_until_complete(getattr(hub, ask["do"])(ask))
        except BaseException as error:
            if isinstance(error, SystemExit) and isinstance(error.__context__, Exception):
                error = error.__context__  # traitlets ends the hub by `exit` for what the configuration has wrong
            try:
                answer = {"raised": described(error), "stage": hub.stage}
            except ImportError:
                answer = {"raised": {"class": type(error).__name__, "message": str(error), "frames": []}, "stage": "config"}
        alarm.cancel()
        channel.say(event="done", answer=answer)


main()
