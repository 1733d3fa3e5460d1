"""`stakactl` and `python -m stakactl`."""

import gc

#: New objects before Python looks for garbage among them; its own 700 fits smaller programs.
_GC_THRESHOLD = 50_000


def main() -> None:
    """Most of what a short command makes are modules, which stay to the end: looking for garbage
    among them, at the end once more, would take a quarter of its time."""
    gc.set_threshold(_GC_THRESHOLD)
    try:
        from stakactl.cli.app import run

        run()
    finally:
        gc.freeze()


if __name__ == "__main__":
    main()
