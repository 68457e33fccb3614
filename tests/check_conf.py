#!/usr/bin/python3
"""Every option is named in the code's table, in the example file and in both READMEs, or this fails.

In a README the options stand in the first column of the tables under a heading whose section names the file.
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
READMES = ("README.md", "README.zh-CN.md")

# file, table in the code, prefix of an option's name in the file
FILES = (
    ("mosquitto.conf", "plugin/options.c", "plugin_opt_"),
    ("login-svc.conf", "login-svc/config.c", ""),
)


def in_code(text):
    return set(re.findall(r'\{\s*"(\w+)",\s*MW_OPT_\w+', text))


def in_example(text, prefix):
    """Set, or switched off by a '#' right in front of the name."""
    return set(re.findall(rf"^#?{prefix}([a-z_]+) \S", text, re.M))


def in_readme(text, file, prefix):
    sections = re.split(r"^#+ ", text, flags=re.M)
    return {name for section in sections if file in section
            for name in re.findall(rf"^\|\s*`(?:{prefix})?([a-z_]+)`\s*\|", section, re.M)}


def differences(read=lambda path: (ROOT / path).read_text(encoding="utf-8")):
    """One line for each option that is missing somewhere."""
    found = []
    for file, code, prefix in FILES:
        places = {code: in_code(read(code)), f"{file}.example": in_example(read(f"{file}.example"), prefix)}
        places |= {readme: in_readme(read(readme), file, prefix) for readme in READMES}
        every = set().union(*places.values())
        found += [f"{file}: {prefix}{name} is not in {place}"
                  for name in sorted(every) for place, names in places.items() if name not in names]
        found += [f"{place} names no option of {file}" for place, names in places.items() if not names]
    return found


if __name__ == "__main__":
    try:
        problems = differences()
    except OSError as missing:
        problems = [str(missing)]
    print("\n".join(problems) or "Every option is named everywhere.")
    sys.exit(bool(problems))
