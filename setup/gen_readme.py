"""Write each addon's README.rst and static/description/index.html from readme/*.md.

The same sections, in the same order, as OCA's own generator, which is not on PyPI.
Exits with 1 when a file changed, as a pre-commit hook does.
"""

import ast
import sys
from pathlib import Path

import pypandoc
from docutils.core import publish_string

#: Where a fragment finds its pictures.
PICTURES = "../static/description/"
SECTIONS = {
    "DESCRIPTION": None,
    "CONTEXT": "Use Cases / Context",
    "INSTALL": "Installation",
    "CONFIGURE": "Configuration",
    "USAGE": "Usage",
    "ROADMAP": "Known issues / Roadmap",
    "HISTORY": "Changelog",
    "CONTRIBUTORS": "Contributors",
    "CREDITS": "Other credits",
}


def readme(addon):
    """The text of README.rst."""
    manifest = ast.literal_eval((addon / "__manifest__.py").read_text())
    parts = [_heading(manifest["name"], over=True)]
    for fragment, title in SECTIONS.items():
        path = addon / "readme" / f"{fragment}.md"
        if path.exists():
            parts += [_heading(title)] if title else []
            rst = pypandoc.convert_file(path, "rst", format="gfm").strip()
            parts += [rst.replace(PICTURES, PICTURES.removeprefix("../"))]
    return "\n\n".join(parts) + "\n"


def _heading(title, over=False):
    line = "=" * len(title)
    return "\n".join([line, title, line] if over else [title, line])


def page(addon, text):
    """The page that Odoo shows in the Apps menu."""
    name = addon.resolve().name
    text = text.replace(f" {PICTURES.removeprefix('../')}", f" /{name}{PICTURES[2:]}")
    settings = {
        "generator": False,
        "datestamp": False,
        "source_link": False,
        "halt_level": 2,  # a warning is an error
        "output_encoding": "unicode",
    }
    html = publish_string(text, writer="html5", settings_overrides=settings)
    return "\n".join(line.rstrip() for line in html.splitlines()).rstrip() + "\n"


def write(path, text):
    """Whether the file had to be written."""
    if path.exists() and path.read_text() == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    sys.stderr.write(f"written: {path}\n")
    return True


def main():
    changed = False
    for manifest in sorted(Path(__file__).parents[1].glob("*/__manifest__.py")):
        addon = manifest.parent
        text = readme(addon)
        changed |= write(addon / "README.rst", text)
        changed |= write(
            addon / "static" / "description" / "index.html", page(addon, text)
        )
    return int(changed)


if __name__ == "__main__":
    sys.exit(main())
