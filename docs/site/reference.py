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
    parts = (element.find(name) for name in ("briefdescription", "detaileddescription"))
    text = "".join(markdown(part) for part in parts if part is not None)
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
    return f"template <{', '.join(parameters)}>\n" + (f"requires {requires}\n" if requires else "")


def name_of(element):
    return flat(element.find("name")) or flat(element.find("compoundname")).split("::")[-1]


def declaration(element):
    kind, name, type_ = element.get("kind"), name_of(element), spaced(flat(element.find("type")))
    if kind == "concept":
        lines = "".join(element.find("initializer").itertext()).strip()
        return re.sub(r"^(template.*)<(?:class|typename) (.*)>$", r"\1 <class \2>",
                      re.sub(r"(?<=concept )[\w:]*::", "", lines), flags=re.M) + ";"
    if element.tag == "compounddef":
        bases = [f"{base.get('prot')} {flat(base)}" for base in element.findall("basecompoundref")]
        bases = ", ".join(base for base in bases if "detail::" not in base)
        text = f"{kind} {name}" + (f" : {spaced(bases)}" if bases else "")
    elif kind == "enum":
        text = ("enum class " if element.get("strong") == "yes" else "enum ") + name
        text += f" : {type_}" if type_ else ""
    elif kind == "typedef" and element.find("definition").text.startswith("using"):
        text = f"using {name} = {type_}"
    else:
        words = [word for word in ("static", "explicit") if element.get(word) == "yes"]
        words += ["virtual"] if element.get("virt") in ("virtual", "pure-virtual") else []
        text = " ".join(filter(None, [*words, type_, name])) + spaced(flat(element.find("argsstring")))
        value = flat(element.find("initializer")) if kind == "variable" else ""
        if value and len(value) < 60:
            text += value if value.startswith("{") else f" {value}"
    return template(element) + text + ";"


def spaced(text):
    """As the sources are formatted."""
    text = re.sub(r" ?([&*]+) ?(?=\w)", r"\1 ", text.replace("< ", "<").replace(" >", ">"))
    text = re.sub(r"(?<=[\w>]) ([&*]+)(?=[,)]|\.\.\.|$)", r"\1", text)
    text = re.sub(r"(?<=[\w\])])=(?=[^=])", " = ", text)
    return re.sub(r" ?= ?(default|delete|0)$", r" = \1", text)


def line(element):
    return int(element.find("location").get("line"))


class Reference:
    def __init__(self, folder):
        refs = [entry.get("refid") for entry in ElementTree.parse(folder / "index.xml").getroot()]
        self.compounds = {ref: ElementTree.parse(folder / f"{ref}.xml").getroot()[0] for ref in refs}
        classes = [it for it in self.compounds.values() if it.get("kind") in ("class", "struct")]
        self.inner = {it.get("refid") for each in classes for it in each.findall("innerclass")}

    def page(self, header, source):
        """What a header declares in namespaces, but for those called detail."""
        scopes = {}
        for ref, compound in self.compounds.items():
            name = flat(compound.find("compoundname"))
            elements = [compound] if compound.get("kind") in shown and ref not in self.inner else []
            scope = name.rpartition("::")[0]
            if compound.get("kind") == "namespace":
                elements, scope = compound.iter("memberdef"), name
            for element in elements:
                if element.find("location").get("file") == header and "detail" not in scope:
                    scopes.setdefault(scope, []).append(element)
        # Comments such as `// --- Views ---` are headings.
        headings = [(number, match[1]) for number, text in enumerate(source.splitlines(), 1)
                    if (match := re.match(r"\s*// --- (.*?) -+$", text))]
        return "".join((f"\nIn the namespace `{scope}`:\n" if scope != "rw" else "")
                       + self.described(elements, headings, 2) for scope, elements in scopes.items())

    def members(self, compound):
        inner = [self.compounds.get(it.get("refid")) for it in compound.findall("innerclass")]
        members = [*compound.iter("memberdef"), *(it for it in inner if it is not None)]
        return [member for member in members if member.get("prot") != "private"]

    def described(self, elements, headings, level):
        """Sections of declarations: those of a name, and of a comment, that follow each other."""
        elements = [it for it in elements if it.get("kind") in shown
                    and not re.match(r"(friend )?(class|struct)\b", flat(it.find("type")))]
        variables = [it for it in elements if it.get("kind") == "variable"] if level > 2 else []
        elements = sorted((it for it in elements if it not in variables), key=line)
        # Plain members of a class are a list, ahead of all else.
        text = "\n" + "".join(f"- `{declaration(it)[:-1]}`" + (f": {indented(comment(it))}\n" if comment(it) else "\n")
                       for it in sorted(variables, key=line)) + "\n"
        sections = []  # each a list of blocks, each a list of elements
        for element in elements:
            last = sections[-1][-1] if sections else None
            function = last and last[0].get("kind") == element.get("kind") == "function"
            if function and comment(element) and comment(last[0]) == comment(element):
                last.append(element)
            elif function and name_of(last[0]) == name_of(element):
                sections[-1].append([element])
            else:
                sections.append([[element]])
        for blocks in sections:
            first = blocks[0][0]
            while headings and headings[0][0] < line(first):
                text += f"\n{'#' * level} {headings.pop(0)[1]}\n"
            names = list(dict.fromkeys(name_of(element) for block in blocks for element in block))
            text += f"\n{'#' * level} {', '.join(f'`{name}`' for name in names)}\n"
            for block in blocks:
                lines = "\n".join(declaration(element) for element in block)
                text += f"\n```{{code-block}} cpp\n:class: declaration\n\n{lines}\n```\n"
                text += f"\n{comment(block[0])}\n"
            for value in first.findall("enumvalue"):
                text += f"\n- `{name_of(value)}`" + (f": {comment(value)}\n" if comment(value) else "\n")
            if first.tag == "compounddef":
                text += self.described(self.members(first), headings, level + 1)
        return text
