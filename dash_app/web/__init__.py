"""The browser's part: ES modules in ``src``, gathered into ``dist`` by ``tools/build_web.py``."""
