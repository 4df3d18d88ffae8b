"""The nine models: number, name, who waits and who works, and the chapter that tells of them.

python3 -m docs.book.programs.the_nine
"""

from __future__ import annotations

from servers.catalog import MODELS

CHAPTERS = {1: 1, 2: 2, 3: 2, 4: 3, 5: 3, 6: 3, 7: 3, 8: 4, 9: 6}


def lines() -> list[str]:
    return [
        f"{model.number}  {model.name:<16}{model.summary:<78}{CHAPTERS[model.number]}"
        for model in MODELS
    ]


if __name__ == "__main__":
    print("   model           who waits, who works" + " " * 58 + "chapter")
    print("\n".join(lines()))
