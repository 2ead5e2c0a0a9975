# SPDX-License-Identifier: Apache-2.0
"""The ABI of a folder of headers as text: what each compiler makes of every struct, member and enumerator.

    layout.py HEADERS    prints it, as gcc-12 sees it
"""
import json
import pathlib
import re
import subprocess
import sys

CLANG = ["clang-14", "-x", "c", "-std=c11"]
# -ffreestanding: the headers need nothing but the compiler's own, so that a foreign target needs no sysroot.
COMPILERS = {
    "gcc-12": ["gcc-12", "-x", "c", "-std=c11"],
    "g++-12": ["g++-12", "-x", "c++", "-std=c++17"],
    "clang-14": CLANG,
    "clang++-14": ["clang++-14", "-x", "c++", "-std=c++17"],
    "clang-14 for aarch64": [*CLANG, "--target=aarch64-linux-gnu"],
    "clang++-14 for aarch64": ["clang++-14", "-x", "c++", "-std=c++17", "--target=aarch64-linux-gnu"],
}
MACROS = ["KIST_ABI_MAJOR", "KIST_ABI_MINOR", "KIST_NOTE_TYPE", "KIST_MANIFEST_SIZE_MAX"]


def compile_text(compiler, headers, text, *options):
    words = [*compiler, "-ffreestanding", f"-I{headers}", *options, "-o", "-", "-"]
    done = subprocess.run(words, input=f'#include "plugin.h"\n{text}', capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(words)}:\n{done.stderr}")
    return done.stdout


def declared(headers):
    """{struct: [(member, type)]} and [enumerator], in the order of the headers."""
    tree = json.loads(compile_text(CLANG, headers, "", "-fsyntax-only", "-Xclang", "-ast-dump=json"))
    structs, enumerators = {}, []
    for node in tree["inner"]:
        inner = node.get("inner", [])
        if node["kind"] == "RecordDecl" and node.get("completeDefinition") and node.get("name", "").startswith("kist_"):
            fields = [field for field in inner if field["kind"] == "FieldDecl"]
            structs[node["name"]] = [(field["name"], spelled(field["type"]["qualType"])) for field in fields]
        elif node["kind"] == "EnumDecl":
            enumerators += [item["name"] for item in inner if item["name"].startswith("KIST_")]
    return structs, enumerators


def spelled(type_name):
    """In C the type of a function does not say whether it throws; in C++17 it does."""
    return type_name + " KIST_NOEXCEPT" if "(*)" in type_name else type_name


def measured(compiler, headers, structs, numbers):
    """The constants, read from the assembly that the compiler writes: none of it need run here."""
    asked = []
    for name, members in structs.items():
        asked += [f"sizeof({name})", f"_Alignof({name})"]
        for member, _ in members:
            asked += [f"offsetof({name}, {member})", f"sizeof((({name}*)0)->{member})"]
    asked += [f"(long)({number})" for number in numbers]
    same = []
    for name, members in structs.items():
        for member, type_name in members:
            own = f"__typeof__((({name}*)0)->{member})"
            same.append(f'KIST_SAME({own}, __typeof__({type_name}), "{name}.{member} is no {type_name}");')
    lines = "\n".join(f'  __asm__ volatile(".ascii \\"=> %c0 <=\\"" : : "i"({constant}));' for constant in asked)
    text = f"""
#if defined(__cplusplus)
#define _Alignof alignof
#define KIST_SAME(a, b, words) static_assert(__is_same(a, b), words)
#else
#define KIST_SAME(a, b, words) _Static_assert(__builtin_types_compatible_p(a, b), words)
#endif
{chr(10).join(same)}
void measure(void) {{
{lines}
}}
"""
    found = re.findall(r"=> (-?\d+) <=", compile_text(compiler, headers, text, "-O0", "-S"))
    if len(found) != len(asked):
        raise RuntimeError(f"{compiler}: {len(found)} of {len(asked)} constants found")
    return iter(map(int, found))


def layout(headers, compiler=COMPILERS["gcc-12"]):
    """One line a struct, a member, a number."""
    structs, enumerators = declared(headers)
    numbers = MACROS + enumerators
    value = measured(compiler, headers, structs, numbers)
    lines = []
    for name, members in structs.items():
        lines.append(f"struct {name}: size {next(value)}, alignment {next(value)}")
        lines += [f"  {name}.{member}: offset {next(value)}, size {next(value)}, {type_name}"
                  for member, type_name in members]
    lines += [f"{number} = {next(value)}" for number in numbers]
    return "\n".join(lines) + "\n"


def parsed(text):
    """{struct: (size, alignment, [member's line])} and {number: value} of a layout."""
    structs, numbers = {}, {}
    for line in text.splitlines():
        if line.startswith("struct "):
            name, size, alignment = re.fullmatch(r"struct (\w+): size (\d+), alignment (\d+)", line).groups()
            structs[name] = (int(size), int(alignment), [])
        elif line.startswith("  "):
            structs[line.split(".")[0].strip()][2].append(line.strip())
        else:
            name, number = line.split(" = ")
            numbers[name] = int(number)
    return structs, numbers


def broken_promises(old, new):
    """What a program built against the layout `old` would find wrong in `new`: sentences, none when it may stay."""
    (old_structs, old_numbers), (new_structs, new_numbers) = parsed(old), parsed(new)
    found = []
    for name, (size, alignment, members) in old_structs.items():
        if name not in new_structs:
            found.append(f"{name} is gone")
            continue
        new_size, new_alignment, new_members = new_structs[name]
        grows = ".struct_size: offset 0," in members[0]
        if new_members[:len(members)] != members:
            found.append(f"{name} does not begin with the members it had")
        if new_alignment != alignment:
            found.append(f"{name} is aligned to {new_alignment}, not to {alignment}")
        if not grows and (new_size != size or len(new_members) != len(members)):
            found.append(f"{name} is frozen and has changed")
        for member in new_members[len(members):]:
            if int(re.search(r"offset (\d+)", member)[1]) < size:
                found.append(f"{member.split(':')[0]} lies in what was padding of {name}")
    for name, number in old_numbers.items():
        if name != "KIST_ABI_MINOR" and new_numbers.get(name) != number:
            found.append(f"{name} is {new_numbers.get(name)}, not {number}")
    return found


if __name__ == "__main__":
    print(layout(pathlib.Path(sys.argv[1])), end="")
