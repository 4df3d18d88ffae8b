"""Make the pages: `python -m docs.site FOLDER`, from the top of the project.

Law of this file: what Sphinx warns of is an error, and all pages are made anew, since one that was
made before would not be warned of.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from sphinx.cmd.build import main

HERE = Path(__file__).parent

if __name__ == "__main__":
    with TemporaryDirectory() as notes:
        options = ["--quiet", "--fail-on-warning", "--keep-going", "--doctree-dir", notes]
        sys.exit(main([*options, "--conf-dir", str(HERE), str(HERE.parents[1]), sys.argv[1]]))
