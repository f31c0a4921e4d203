# Configuration that is no Python file: what stands in it, then its pieces of Python, as the chart's or TLJH's own
# configuration file would run them.

HOME = "/usr/local/etc/jupyterhub"
WORKING = "/srv/jupyterhub"


class NotHere:
    """A value of the hub's that is not on this machine. Whoever needs it is told so."""

    def __init__(self, reason):
        self.reason = reason

    def refuse(self, *args):
        raise ValueError("the value is not here: " + self.reason)

    __str__ = __format__ = __bool__ = __eq__ = __iter__ = __len__ = __getitem__ = __add__ = __radd__ = refuse
    __hash__ = None

    def __repr__(self):
        return "<not here: {}>".format(self.reason)


def made(value):
    """The inverse of `plain`."""
    if isinstance(value, list):
        return [made(item) for item in value]
    if not isinstance(value, dict):
        return value
    kind = value.get(MARK)
    if kind is None:
        return {key: made(item) for key, item in value.items()}
    if kind == "bytes":
        return bytes.fromhex(value["hex"])
    if kind == "float":
        return float(value["text"])
    if kind == "missing":
        return NotHere(value["reason"])
    items = [made(item) for item in value["items"]]
    return {"tuple": tuple, "set": set, "dict": dict}[kind](items)


class Parts:
    """A values file or a `config.yaml`, as far as oauthctl has read it."""

    def __init__(self, told):
        self.config = told["config"]
        self.values = made(told["values"])
        self.mounted = {path: bytes.fromhex(data) for path, data in told["mounted"]}
        self.pieces = told["pieces"]
        self.files = told["files"]

    def load(self, config):
        """Fills a traitlets `Config`."""
        for section, options in made(self.config).items():
            target = config
            if isinstance(options, dict):
                target[section].update(options)
            else:
                target[section] = options
        names = self.names(config)
        if self.mounted:
            mount(self.mounted)
        for piece in self.pieces:
            # Line numbers are those of the file that the piece stands in.
            text = "\n" * (piece["line"] - 1) + piece["text"]
            LABELS[piece["file"]] = piece["file"]
            exec(compile(text, piece["file"], "exec"), names)
        if self.values is None and not self.pieces:
            let_plugins_change(config)
        for path in self.files:
            from traitlets.config import PyFileConfigLoader

            config.merge(PyFileConfigLoader(os.path.abspath(path)).load_config())

    def names(self, config):
        """The names that the pieces find, and leave for each other."""
        names = {"c": config, "get_config": lambda: config, "__name__": "jupyterhub_config"}
        names["__file__"] = os.path.join(HOME, "jupyterhub_config.py")
        if self.values is None:
            return names
        import glob
        import re
        import types

        from jupyterhub.utils import url_path_join
        from tornado.httpclient import AsyncHTTPClient

        helpers = chart_helpers(self.values)
        if "z2jh" not in sys.modules:
            module = sys.modules["z2jh"] = types.ModuleType("z2jh")
            vars(module).update(helpers)
        modules = {"os": os, "re": re, "sys": sys, "glob": glob}
        names.update(helpers, url_path_join=url_path_join, AsyncHTTPClient=AsyncHTTPClient, **modules)
        try:
            from kubernetes_asyncio import client

            names["client"] = client
        except ImportError:
            pass  # a piece that names it is told so by Python
        return names


def chart_helpers(values):
    """What the chart's own module gives to its configuration."""

    def get_config(key, default=None):
        found = values
        for level in key.split("."):
            if not isinstance(found, dict) or level not in found:
                return default
            found = found[level]
        return found

    def set_config_if_not_none(section, option, key):
        value = get_config(key)
        if value is not None:
            setattr(section, option, value)

    def get_name(name):
        prefix = get_config("fullnameOverride")
        if prefix is None:
            return name
        return (prefix + "-" if prefix else "") + name

    def get_name_env(name, suffix=""):
        return os.environ[name.upper().replace("-", "_") + suffix]

    def get_secret_value(key, default="never-explicitly-set"):
        if default != "never-explicitly-set":
            return default
        raise Exception("{} is in a secret of the cluster, and not here".format(key))

    return {
        "get_config": get_config,
        "set_config_if_not_none": set_config_if_not_none,
        "get_name": get_name,
        "get_name_env": get_name_env,
        "get_secret_value": get_secret_value,
    }


def let_plugins_change(config):
    """TLJH's plugins, where they are installed."""
    try:
        from tljh.utils import get_plugin_manager
    except ImportError:
        return
    get_plugin_manager().hook.tljh_custom_jupyterhub_config(c=config)


def mount(files):
    """Lets Python find the files of the hub's container that are written in the values: to read, and to import."""
    import builtins
    import importlib.abc
    import importlib.util
    import io

    def inside(path):
        try:
            return os.path.normpath(os.path.join(WORKING, os.fsdecode(os.fspath(path))))
        except TypeError:
            return None

    original, exists = builtins.open, os.path.exists

    def open_(file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, *rest, **more):
        data = None if isinstance(file, int) else files.get(inside(file))
        if data is None or set(mode) & set("wax+") or exists(file):
            return original(file, mode, buffering, encoding, errors, newline, *rest, **more)
        stream = io.BytesIO(data)
        return stream if "b" in mode else io.TextIOWrapper(stream, encoding or "utf-8", errors, newline)

    builtins.open = io.open = open_

    def asking(function, knows):
        def ask(path):
            return function(path) or knows(inside(path))

        return ask

    def is_folder(path):
        return path is not None and any(name.startswith(path.rstrip("/") + "/") for name in files)

    os.path.isfile = asking(os.path.isfile, lambda path: path in files)
    os.path.isdir = asking(os.path.isdir, is_folder)
    os.path.exists = asking(exists, lambda path: path in files or is_folder(path))

    class Finder(importlib.abc.MetaPathFinder, importlib.abc.SourceLoader):
        def find_spec(self, name, path=None, target=None):
            file = "{}/{}.py".format(HOME, name)
            if file not in files:
                return None
            LABELS[file] = file
            return importlib.util.spec_from_file_location(name, file, loader=self)

        def get_filename(self, name):
            return "{}/{}.py".format(HOME, name)

        def get_data(self, path):
            return files[path]

    # The chart puts its own folder first.
    sys.meta_path.insert(0, Finder())
