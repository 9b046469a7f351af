"""`kgrec rdf`: the graph as RDF, out and in."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from recommender.cli.options import DEFAULT_RUNS, Dataset, RunsDir

app = typer.Typer(
    help="The graph as RDF: Turtle, N-Triples, JSON-LD, TriG, N-Quads.\n\n"
    "[bold]Examples[/]\n\n"
    "kgrec rdf export -o graph.ttl\n\n"
    "kgrec rdf export -o graph.nq.gz --base https://example.org/shop/\n\n"
    "kgrec rdf import graph.ttl --dataset copy\n\n"
    "kgrec rdf link dbpedia.nt.gz --mapping films.yaml -o knowledge",
    no_args_is_help=True,
)


class Form(StrEnum):
    """The forms of RDF."""

    TURTLE = "turtle"
    NTRIPLES = "ntriples"
    JSONLD = "jsonld"
    TRIG = "trig"
    NQUADS = "nquads"


class PageForm(StrEnum):
    """How the vocabulary is printed."""

    TURTLE = "turtle"
    MARKDOWN = "markdown"


FormOption = Annotated[
    Form | None,
    typer.Option("--format", "-f", help="The form of RDF; default: what the file's ending says."),
]


@app.command("export")
def export(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The file: .ttl .nt .jsonld .trig .nq, also .gz.")
    ],
    form: FormOption = None,
    base: Annotated[
        str | None,
        typer.Option("--base", help="What names of nodes begin with; default: urn:kgrec:data:"),
    ] = None,
    dataset: Dataset = None,
    runs_dir: RunsDir = DEFAULT_RUNS,
) -> None:
    """Write all nodes and relationships of a dataset's graph, with their properties.

    Whatever the form, memory does not grow with the graph. Let nothing write meanwhile.
    """
    from kg.rdf.export import export as write
    from kg.rdf.terms import DEFAULT_BASE
    from recommender.cli.bar import progress_bar
    from recommender.graph import open_graph

    with open_graph(dataset, runs_dir) as graph, progress_bar("written") as progress:
        report = write(
            graph.store,
            output,
            form=form and form.value,
            base=base or DEFAULT_BASE,
            progress=progress,
        )
    print(
        f"{output}: {report.nodes.total():,} nodes, "
        f"{report.relationships.total():,} relationships, {report.triples:,} triples"
    )
    for what, count in sorted(report.left_out.items()):
        print(f"left out, as the schema or RDF has no word for it: {count:,} {what}")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="What `kgrec rdf export` wrote.")],
    dataset: Annotated[
        str, typer.Option("--dataset", help="The dataset whose graph, an empty one, takes it.")
    ],
    form: FormOption = None,
) -> None:
    """Write an export into an empty graph, which then equals the one that was exported."""
    from kg.rdf.restore import restore
    from recommender.cli.bar import progress_bar
    from recommender.environment import Environment
    from recommender.graph import Graph

    with (
        Graph(Environment.read(), dataset) as graph,
        graph.alone(),
        progress_bar("written") as progress,
    ):
        report = restore(graph.store, file, form=form and form.value, progress=progress)
    print(
        f"{graph.target}: {report.nodes.total():,} nodes, "
        f"{report.relationships.total():,} relationships"
    )


@app.command("link")
def link(
    file: Annotated[Path, typer.Argument(help="Outside knowledge: any form of RDF, also .gz.")],
    mapping: Annotated[
        Path, typer.Option("--mapping", "-m", help="What of it to take: a YAML file.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The folder for what was found.")
    ] = Path("knowledge"),
    dataset: Dataset = None,
    runs_dir: RunsDir = DEFAULT_RUNS,
) -> None:
    """Find the items of a graph in outside knowledge, and make that ready for a config.

    Writes triples, links with their confidence, names, attributes and the entries of `sources`
    that read them. Look through links.tsv, put the entries into the config, and run it.
    """
    from etl.knowledge.files import gather, write
    from etl.knowledge.linking import read_items
    from etl.knowledge.settings import KnowledgeMapping
    from recommender.config_file import read_settings
    from recommender.graph import open_graph

    wanted = read_settings(KnowledgeMapping, mapping, (), {})
    with open_graph(dataset, runs_dir) as graph:
        items = read_items(graph.store)
    knowledge = gather(file, items, wanted)
    by = ", ".join(f"{count:,} by {way}" for way, count in sorted(knowledge.by.items()))
    print(
        f"{len(knowledge.links):,} of {len(items):,} items linked{f' ({by})' if by else ''}; "
        f"{len(knowledge.triples):,} triples, {len(knowledge.names):,} names, "
        f"attributes of {len(knowledge.attributes):,} items"
    )
    for place in write(knowledge, output):
        print(place)


@app.command("vocabulary")
def vocabulary(
    form: Annotated[
        PageForm, typer.Option("--format", "-f", help="turtle, or markdown: docs/vocabulary.md.")
    ] = PageForm.TURTLE,
) -> None:
    """Print the vocabulary of exported graphs: every label, relationship type and property."""
    from kg.rdf import vocabulary as words

    page = words.vocabulary_page if form is PageForm.MARKDOWN else words.vocabulary
    print(page(), end="")


@app.command("shapes")
def shapes() -> None:
    """Print what an exported graph must hold, as SHACL shapes."""
    from kg.rdf import shapes as made

    print(made.shapes(), end="")
