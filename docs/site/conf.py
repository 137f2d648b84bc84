"""The settings of Sphinx; ./dev docs calls it."""
import re
import shutil
from pathlib import Path

scripts = Path("/usr/share/javascript")

project = html_title = "Rewind"
extensions = ["myst_parser", "sphinx.ext.mathjax"]
highlight_language = "text"

# The texts are written for GitHub: $formulas$, and links to headings.
myst_enable_extensions = ["dollarmath"]
myst_dmath_double_inline = True
myst_dmath_allow_labels = False
myst_heading_anchors = 4
myst_ref_domains = ["std"]
suppress_warnings = [
    "misc.highlighting_failure",  # code that leaves something out by "…"
]

html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
pygments_style = "friendly"
pygments_dark_style = "github-dark"

# MathJax 2, as Debian has it, drawing SVG: that takes no fonts.
mathjax_path = "mathjax/MathJax.js"
mathjax2_config = {
    "jax": ["input/TeX", "output/SVG"],
    "extensions": ["tex2jax.js", "TeX/AMSmath.js", "TeX/AMSsymbols.js"],
    "tex2jax": {"ignoreClass": "document", "processClass": "math"},
    "SVG": {"scale": 90, "linebreaks": {"automatic": True}},
    "messageStyle": "none",
    "showMathMenu": False,
}
myst_update_mathjax = False  # it would set up MathJax 3
mathjax_files = [
    "MathJax.js",
    "extensions/tex2jax.js",
    "extensions/MathEvents.js",
    "extensions/TeX",
    "jax/element/mml",
    "jax/input/TeX",
    "jax/output/SVG/autoload",
    "jax/output/SVG/config.js",
    "jax/output/SVG/fonts/TeX",
    "jax/output/SVG/jax.js",
]


def copy(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    (shutil.copytree if source.is_dir() else shutil.copy)(source, target)


def copy_mathjax(static):
    for name in mathjax_files:
        copy(scripts / "mathjax" / name, static / "mathjax" / name)


def mend_furo(static):
    """Furo as Debian 12 builds it takes a style sheet from the root of a web server, has lost what
    makes pages dark where the system is, and has a script that imports another, which browsers
    refuse for pages that are files."""
    style, script = static / "styles/furo.css", static / "scripts/furo.js"
    rules, code = style.read_text(), script.read_text()
    if "/javascript/normalize.css/" in rules:
        copy(scripts / "normalize.css/normalize.css", static / "styles/normalize.css")
        rules = rules.replace("/javascript/normalize.css/", "")
    if "prefers-color-scheme: dark" not in rules:
        dark = re.search(r'body\[data-theme="dark"\] (\{.*?\})', rules, re.S)[1]
        rules += "@media not print { @media (prefers-color-scheme: dark) { "
        rules += f'body:not([data-theme="light"]) {dark} }} }}\n'
    style.write_text(rules)
    if code.startswith("import Gumshoe"):
        imported = (static / "scripts/gumshoe-patched.js").read_text()
        script.write_text(imported + code.split("\n", 1)[1])


def is_source(page):
    return "." in page.rsplit("/", 1)[-1] and not page.startswith("reference/")


def lead_past_sources(app, page, template, context, doctree):
    """Previous and next are texts: the sources that a text has below it are not read in a row."""
    relations = app.builder.relations
    if page not in relations or is_source(page):
        return
    for name, place in (("prev", 1), ("next", 2)):
        other = relations[page][place]
        while other and is_source(other):
            other = relations[other][place]
        if other:
            title = app.builder.render_partial(app.env.titles[other])["title"]
            link = app.builder.get_relative_uri(page, other)
            context[name] = {"link": link, "title": title}
        else:
            context[name] = None


def break_code(app, page, template, context, doctree):
    """Code in tables may wrap where one of its words ends."""

    def broken(words):
        return re.sub(r"::|-&gt;|[({/]|(?<=\w)(?:_(?=\w)|\.(?=\w{3}))", r"\g<0><wbr/>", words[0])

    def in_table(table):
        return re.sub(r'(?<=<span class="pre">)[^<]+', broken, table[0])

    if "body" in context:
        context["body"] = re.sub(r"<table.*?</table>", in_table, context["body"], flags=re.S)


def complete(app, exception):
    copy_mathjax(Path(app.outdir) / "_static")
    mend_furo(Path(app.outdir) / "_static")


def setup(app):
    app.connect("html-page-context", lead_past_sources)
    app.connect("html-page-context", break_code)
    app.connect("build-finished", complete)
