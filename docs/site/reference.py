"""The pages of the reference, from Doxygen's XML: what a header declares, in the header's order."""
import re
from xml.etree import ElementTree

shown = {"class", "concept", "enum", "friend", "function", "struct", "typedef", "variable"}


def flat(element):
    return " ".join("".join(element.itertext()).split()) if element is not None else ""


def markdown(element):
    """What a comment says."""

    def plain(text):
        return re.sub(r"([\\`*_<$\[])", r"\\\1", " ".join(text.split("\n")) if text else "")

    text = plain(element.text)
    for child in element:
        if child.tag == "computeroutput":
            text += f"`{flat(child)}`"
        elif child.tag == "emphasis":
            text += f"*{markdown(child)}*"
        elif child.tag == "ulink":
            text += f"[{markdown(child)}]({child.get('url')})"
        elif child.tag == "verbatim":
            text += f"\n\n```cpp\n{child.text.strip(chr(10))}\n```\n\n"
        elif child.tag == "programlisting":
            lines = ("".join(line.itertext()) for line in child)
            text += "\n\n```cpp\n" + "\n".join(lines).strip("\n") + "\n```\n\n"
        elif child.tag == "sp":
            text += " "
        elif child.tag == "listitem":
            text += "\n- " + indented(markdown(child).strip())
        elif child.tag in ("para", "itemizedlist"):
            text += f"\n\n{markdown(child).strip()}\n\n"
        else:
            text += markdown(child)
        text += plain(child.tail)
    return text


def indented(text):
    return text.replace("\n", "\n  ")


def comment(element):
    brief, detailed = (element.find(name) for name in ("briefdescription", "detaileddescription"))
    text = markdown(brief).strip() if brief is not None else ""
    more = markdown(detailed).strip() if detailed is not None else ""
    text += ("\n\n" if more.startswith(("```", "- ")) else " ") + more
    return re.sub(r"\n(\s*\n)+", "\n\n", text).strip()


def template(element):
    """With the line break behind it."""
    if element.find("templateparamlist") is None:
        return ""
    parameters = []
    for parameter in element.find("templateparamlist"):
        words = [flat(parameter.find("type")), flat(parameter.find("declname"))]
        default = flat(parameter.find("defval"))
        parameters.append(" ".join(filter(None, words + [default and f"= {default}"])))
    requires = flat(element.find("requiresclause"))
    text = f"template <{spaced(', '.join(parameters))}>\n"
    return text + (f"requires {requires}\n" if requires else "")


def name_of(element):
    return flat(element.find("name")) or flat(element.find("compoundname")).split("::")[-1]


def names_of(blocks):
    return list(dict.fromkeys(name_of(element) for block in blocks for element in block))


def declaration(element):
    """One of C++, as the sources are formatted, without the body."""
    kind, name, type_ = element.get("kind"), name_of(element), spaced(flat(element.find("type")))
    if kind == "concept":
        lines = "".join(element.find("initializer").itertext()).strip()
        lines = lines.replace("template<", "template <").replace("=  ", "= ")
        return re.sub(r"(?<=concept )[\w:]*::", "", lines) + ";"
    if element.tag == "compounddef":
        bases = [f"{base.get('prot')} {flat(base)}" for base in element.findall("basecompoundref")]
        bases = ", ".join(base for base in bases if "detail::" not in base).replace("rw::", "")
        text = f"{kind} {name}" + (f" : {spaced(bases)}" if bases else "")
    elif kind == "enum":
        text = ("enum class " if element.get("strong") == "yes" else "enum ") + name
        text += f" : {type_}" if type_ else ""
    elif kind == "typedef" and element.find("definition").text.startswith("using"):
        text = f"using {name} = {type_}"
    else:
        words = [word for word in ("static", "explicit") if element.get(word) == "yes"]
        overrides = element.find("reimplements") is not None
        if element.get("virt") in ("virtual", "pure-virtual") and not overrides:
            words.append("virtual")
        text = " ".join(filter(None, [*words, type_, name]))
        text += spaced(flat(element.find("argsstring")))
        value = flat(element.find("initializer")) if kind == "variable" else ""
        if value and len(value) < 60:
            text += value if value.startswith("{") else f" {spaced(value).strip()}"
    return template(element) + text + ";"


def spaced(text):
    text = re.sub(r"(?<=<) | (?=>)|(?<=::) ", "", text)
    text = re.sub(r" ?([&*]+) ?(?=\w)", r"\1 ", text)
    text = re.sub(r"(?<=[\w>]) ([&*]+)(?=[,)>]|\.\.\.|$)", r"\1", text)
    text = re.sub(r"(?<=[\w\])])=(?=[^=])", " = ", text.replace("&&!", "&& !"))
    return re.sub(r" ?= ?(default|delete|0)$", r" = \1", text)


def is_constructor(element):
    is_function = element.get("kind") == "function" and not flat(element.find("type"))
    return is_function and not re.match(r"~|operator\b", name_of(element))


def line(element):
    return int(element.find("location").get("line"))


def sections(elements):
    """Lists of lists: of what follows each other, all of one name or comment is a section, and of
    that, all of one comment a block."""
    result = []
    for element in sorted(elements, key=line):
        kind, said = element.get("kind"), comment(element)
        last = result[-1][-1] if result else [element]
        if not result or kind != last[0].get("kind") or kind not in ("function", "variable"):
            result.append([[element]])
        elif said and said == comment(last[0]):
            last.append(element)
        elif name_of(element) not in names_of(result[-1]):
            result.append([[element]])
        elif said:
            result[-1].append([element])
        else:
            last.append(element)
    return result


def listed(elements, shown_as):
    items = ((shown_as(element), indented(comment(element))) for element in elements)
    # Doxygen takes a macro between enumerators for one.
    items = (f"- `{name}`{said and ': ' + said}" for name, said in items if "REWIND_" not in name)
    return "\n" + "\n".join(items) + "\n"


class Reference:
    def __init__(self, folder):
        index = ElementTree.parse(folder / "index.xml").getroot()
        refs = [entry.get("refid") for entry in index]
        self.compounds = {it: ElementTree.parse(folder / f"{it}.xml").getroot()[0] for it in refs}
        files = [it for it in self.compounds.values() if it.get("kind") == "file"]
        self.headers = {it.find("location").get("file") for it in files}
        classes = [it for it in self.compounds.values() if it.get("kind") in ("class", "struct")]
        members = [member for each in classes for member in each.iter("memberdef")]
        self.comments = {member.get("id"): comment(member) for member in members}
        self.inner = {it.get("refid") for each in classes for it in each.findall("innerclass")}

    def page(self, header, source):
        """What a header declares in namespaces, but for those called detail."""
        scopes = {}
        for ref, compound in self.compounds.items():
            name = flat(compound.find("compoundname"))
            if compound.get("kind") == "namespace":
                scope, elements = name, compound.iter("memberdef")
            elif compound.get("kind") in shown and ref not in self.inner:
                scope, elements = name.rpartition("::")[0], [compound]
            else:
                continue
            here = [it for it in elements if it.find("location").get("file") == header]
            if here and "detail" not in scope:
                scopes.setdefault(scope, []).extend(here)
        # Comments such as `// --- Views ---` are headings.
        headings = [(number, match[1]) for number, text in enumerate(source.splitlines(), 1)
                    if (match := re.match(r"\s*// --- (.*?) -+$", text))]
        text = ""
        for scope, elements in scopes.items():
            text += f"\nIn the namespace `{scope}`:\n" if scope != "rw" else ""
            text += self.described(elements, headings, 2)
        return text

    def says_nothing(self, element):
        """Friends that are classes, overrides without a comment of their own, and what is deleted
        for reasons of the library's own."""
        arguments = flat(element.find("argsstring"))
        if "detail::" in arguments and arguments.endswith("delete"):
            return True
        overridden = element.find("reimplements")
        if overridden is not None:
            return comment(element) in ("", self.comments.get(overridden.get("refid")))
        return bool(re.match(r"(friend )?(class|struct)\b", flat(element.find("type"))))

    def members(self, compound):
        inner = [self.compounds.get(it.get("refid")) for it in compound.findall("innerclass")]
        members = [*compound.iter("memberdef"), *(it for it in inner if it is not None)]
        return [member for member in members if member.get("prot") != "private"]

    def described(self, elements, headings, level, owner=None):
        """Of the members of a class, its owner, variables are a list ahead of all else."""
        elements = [it for it in elements if it.get("kind") in shown and not self.says_nothing(it)]
        variables = [it for it in elements if owner and it.get("kind") == "variable"]
        text = listed(sorted(variables, key=line), lambda it: declaration(it)[:-1])
        below = level  # of headings, once there is one
        for blocks in sections(it for it in elements if it not in variables):
            first = blocks[0][0]
            while headings and headings[0][0] < line(first):
                text += f"\n{'#' * level} {headings.pop(0)[1]}\n"
                below = level + 1
            made = {name_of(it) for block in blocks for it in block if owner and is_constructor(it)}
            names = ["Constructors" if it in made else f"`{it}`" for it in names_of(blocks)]
            names = names if len(names) < 6 else names[:4] + ["…"]
            text += f"\n{'#' * below} {', '.join(names)}\n"
            for block in blocks:
                for element in block:
                    kind = "" if element.get("kind") == "concept" else ":class: declaration\n\n"
                    shown_as = declaration(element)
                    if name_of(element) in made:  # perhaps of a base
                        shown_as = shown_as.replace(f"{name_of(element)}(", f"{owner}(", 1)
                    text += f"\n```{{code-block}} cpp\n{kind}{shown_as}\n```\n"
                text += f"\n{comment(block[0])}\n"
            text += listed(first.findall("enumvalue"), name_of)
            if first.tag == "compounddef":
                text += self.described(self.members(first), headings, below + 1, name_of(first))
        return text
