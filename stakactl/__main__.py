"""`stakactl` and `python -m stakactl`."""

import gc

#: Objects made before young garbage is looked for: imports make 300,000 that all stay.
_GC_THRESHOLD = 100_000


def main() -> None:
    """A third of a short command would go into collecting garbage that is not there: while
    modules are loaded, and once more when Python ends."""
    gc.set_threshold(_GC_THRESHOLD)
    try:
        from stakactl.cli.app import run

        run()
    finally:
        gc.freeze()


if __name__ == "__main__":
    main()
