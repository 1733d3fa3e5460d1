"""Pages laid out by the Jinja2 templates of `templates/reports`, and put where a person says.

Whatever a page says is escaped, because names and titles in it were written by customers; the
page's own Content-Security-Policy lets it load and run nothing besides.
"""

from collections.abc import Mapping
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from stakactl.adapters.resources import templates_dir
from stakactl.adapters.storage.places import named_file, require_place


def render_page(template: str, values: Mapping[str, object]) -> str:
    """One self-contained HTML file."""
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(templates_dir() / "reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(values)


def save_page(path: Path, template: str, values: Mapping[str, object], *, overwrite: bool) -> None:
    """The whole file or none. Raises Refused where one exists that may not be overwritten."""
    require_place(path, overwrite=overwrite)
    text = render_page(template, values)
    with named_file(path, overwrite=overwrite) as file:
        file.write(text.encode())
