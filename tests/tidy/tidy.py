#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks of taste, over every file that git knows. Prints one line a finding; exits 1 if there is one.

    tests/tidy/tidy.py [ROOT]
"""
import pathlib
import re
import subprocess
import sys

CODE = {".h", ".hpp", ".c", ".cpp"}
SCRIPTS = {".sh", ".py", ".cmake", ".txt"}
FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 70
TEST_LINES_MAX = 160  # Tables of cases are long, and are read row by row.

# What may not be called, where it may be all the same, and what to use instead.
BANNED = [
    (r"\bstrcpy\(|\bstrcat\(|\bsprintf\(|\bgets\(", ("tests/plugins/",), "std::string, std::snprintf"),
    (r"\batoi\(|\batol\(|\bstd::sto[iu]?l*\(", (), "std::from_chars, which says what is wrong"),
    (r"\bstrtok\(", (), "std::string_view::find"),
    (r"\bsystem\(|\bpopen\(", (), "posix_spawn"),
    (r"\brand\(\)|\bsrand\(", (), "<random>, or new_uuid() for ids"),
    (r"\bstd::regex\b", (), "a few lines that read the text: std::regex overflows the stack on long input"),
    (r"\bdlopen\(|\bdlclose\(|\bdlmopen\(", ("core/src/conformance/cases/",), "PluginImage"),
    (r"\bRTLD_DEEPBIND\b|\bRTLD_GLOBAL\b", (), "RTLD_LOCAL: plugins do not see each other"),
    (r"\bgetenv\(", ("tests/",), "the Environment that main hands down, or secure_getenv"),
    (r"\bsleep_for\(|\busleep\(|\bnanosleep\(", ("tests/bench/", "tests/plugins/"), "a wait for what must happen"),
    (r"\busing namespace\b", ("tests/",), "names as they are"),
    (r"\breinterpret_cast<.*(?:string|vector)", (), "a copy"),
]

# What may not be called in one folder.
BANNED_WITHIN = [
    ("core/src/access/", r"\b(?:std::)?(?:mem|str|strn|b)cmp\(|\bmac\b *[!=]=|[!=]= *(?:\w+(?:\.|->))*mac\b(?!\.)",
     "same_mac(), which looks at all bytes (AT-09)"),
]

# The only places in which every exception may stop.
CATCH_ALL = {
    "sdk/include/kist/thunks.hpp": "the barrier",
    "host/src/main.cpp": "main",
    "host/src/api/answer.cpp": "the request handler",
}

# Who may include whom: folder -> first parts of include paths in "" that are its own or below it.
ARROWS = {
    "sdk": {"kist"},
    "plugins": {"kist"},
    "core": {"kist", "core"},
    "host": {"kist", "core", "host"},
}


def tracked(root):
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=root,
                            check=True, capture_output=True).stdout.decode()
    return [pathlib.PurePosixPath(name) for name in listed.split("\0") if name and (root / name).is_file()]


def code_without_comments(text):
    return re.sub(r"//[^\n]*|/\*.*?\*/", lambda found: re.sub(r"[^\n]", " ", found.group()), text, flags=re.S)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def check_spdx(path, text):
    if path.suffix in CODE | {".sh", ".py"} and "SPDX-License-Identifier: Apache-2.0" not in "\n".join(text.split("\n")[:3]):
        yield 1, "no SPDX line among the first three"


def check_length(path, text):
    if path.suffix in CODE and (lines := text.count("\n")) > FILE_LINES_MAX:
        yield lines, f"{lines} lines; past {FILE_LINES_MAX}, ask what the second noun is"


def check_functions(path, text):
    """Relies on the format: a body ends with a brace as far left as the line that opened it began."""
    if path.suffix not in CODE:
        return
    limit = TEST_LINES_MAX if path.parts[0] == "tests" else FUNCTION_LINES_MAX
    lines = text.split("\n")
    scope = re.compile(r"^\s*(?:inline )?(?:namespace|class|struct|enum|union|extern|template|TEST_SUITE|typedef)\b")
    for number, line in enumerate(lines):
        if not line.endswith("{") or scope.match(line) or line.lstrip().startswith(("}", "//", "#")):
            continue
        indent = len(line) - len(line.lstrip())
        if line.lstrip().startswith(": "):  # A constructor's body opens behind its members.
            indent -= 4
        if indent > 4 or "= {" in line:
            continue
        for end in range(number + 1, len(lines)):
            if lines[end].startswith(" " * indent + "}") and len(lines[end]) - len(lines[end].lstrip()) == indent:
                if end - number > limit:
                    yield number + 1, f"a body of {end - number} lines; a function fits a screen ({limit})"
                break


def check_banned(path, text):
    if path.suffix not in CODE:
        return
    code = code_without_comments(text)
    for pattern, allowed, instead in BANNED:
        if any(str(path).startswith(folder) for folder in allowed):
            continue
        for found in re.finditer(pattern, code):
            yield line_of(code, found.start()), f"'{found.group().strip()}' is banned; use {instead}"


def check_banned_within(path, text):
    if path.suffix not in CODE:
        return
    code = code_without_comments(text)
    for folder, pattern, instead in BANNED_WITHIN:
        for found in re.finditer(pattern, code) if str(path).startswith(folder) else ():
            yield line_of(code, found.start()), f"'{found.group().strip()}' is banned in {folder}; use {instead}"


def check_catch_all(path, text):
    if path.suffix not in CODE or str(path) in CATCH_ALL or path.parts[0] == "tests":
        return
    code = code_without_comments(text)
    for found in re.finditer(r"catch \(\.\.\.\)", code):
        yield line_of(code, found.start()), "catch (...) stands at the SDK's barrier and in main only"


def owner_of(include, root):
    """The top-level folder that an include path in quotes or angle brackets leads to, if it is ours."""
    if include.startswith("kist/"):
        return "kist"
    for folder, base in (("core", "core/src"), ("host", "host/src")):
        if (root / base / include).is_file():
            return folder
    return None


def check_arrows(path, text, root):
    allowed = ARROWS.get(path.parts[0])
    if allowed is None or path.suffix not in CODE:
        return
    for found in re.finditer(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', text, flags=re.M):
        include = found.group(1)
        if include.startswith("boost/dll") and str(path) != "core/src/loader/plugin_image.cpp":
            yield line_of(text, found.start()), "Boost.DLL stays in core/src/loader/plugin_image.cpp"
        if (root / path.parent / include).is_file():
            continue
        owner = owner_of(include, root)
        if owner is not None and owner not in allowed:
            yield line_of(text, found.start()), f"{path.parts[0]} may not include '{include}' of {owner}"
        if path.parts[0] == "sdk" and include.startswith(("boost/", "openssl/", "sqlite")):
            yield line_of(text, found.start()), "the SDK needs the standard library alone"


def check_leftovers(path, text):
    if path.parts[:2] == ("tests", "tidy"):
        return
    for found in re.finditer(r"\bFIXME\b|\bXXX\b|^(?:<<<<<<<|>>>>>>>) ", text, flags=re.M):
        yield line_of(text, found.start()), f"'{found.group().strip()}' is left over"
    for found in re.finditer(r"[ \t]+$", text, flags=re.M):
        if path.suffix != ".md":
            yield line_of(text, found.start()), "white space at the end of the line"
    if text and not text.endswith("\n"):
        yield line_of(text, len(text)), "no line end at the end of the file"


def check_links(path, text, root):
    if path.suffix != ".md":
        return
    prose = re.sub(r"```.*?```|`[^`\n]*`", lambda found: re.sub(r"[^\n]", " ", found.group()), text, flags=re.S)
    for found in re.finditer(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", prose):
        target = found.group(1)
        if re.match(r"[a-z]+:", target):
            continue
        if not (root / path.parent / target).exists():
            yield line_of(text, found.start()), f"the link to '{target}' leads nowhere"
    titles = re.findall(r"^# .*$", prose, flags=re.M)
    if len(titles) != 1:
        yield 1, f"{len(titles)} titles; a page has one"


def findings(root, path, text):
    yield from check_spdx(path, text)
    yield from check_length(path, text)
    yield from check_functions(path, text)
    yield from check_banned(path, text)
    yield from check_banned_within(path, text)
    yield from check_catch_all(path, text)
    yield from check_arrows(path, text, root)
    yield from check_leftovers(path, text)
    yield from check_links(path, text, root)


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]).resolve()
    count = 0
    files = [path for path in tracked(root)
             if path.suffix in CODE | SCRIPTS | {".md"} and "corpus" not in path.parts]
    for path in files:
        for line, what in findings(root, path, (root / path).read_text(encoding="utf-8")):
            print(f"{path}:{line}: {what}")
            count += 1
    print(f"tidy: {len(files)} files, {count} findings")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
