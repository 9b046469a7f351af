"""Outside knowledge about the shop's brands and makers, as triples with a link file."""

from __future__ import annotations

from collections.abc import Sequence

from recommender.sample.world import World, slug

_BRANDS = {
    "Halden": ("Norway", 1998, "Audio Makers Guild"),
    "Orbitone": ("Taiwan", 2012, None),
    "Quietside": ("Denmark", 2009, "Audio Makers Guild"),
    "Lumaer": ("Sweden", 2015, "Right to Repair Alliance"),
    "Brennwerk": ("Germany", 1961, None),
    "Kopiko Works": ("Indonesia", 2016, None),
    "Altura": ("Colombia", 2004, "Right to Repair Alliance"),
    "Tamp & Tide": ("Portugal", 2013, None),
    "Fjellvik": ("Norway", 1977, "Right to Repair Alliance"),
    "Northfold": ("Scotland", 2001, "Fair Wear Circle"),
    "Sorrel Creek": ("Canada", 1988, None),
    "Stonefly": ("New Zealand", 2011, "Fair Wear Circle"),
    "Mossby": ("Denmark", 1954, "Right to Repair Alliance"),
    "Hearthline": ("Poland", 1992, None),
    "Veldt": ("Netherlands", 2008, None),
    "Plainfield": ("Canada", 2018, None),
}
_MATERIALS = {
    "cast iron": "Iron", "carbon steel": "Steel", "steel": "Steel", "steel burrs": "Steel",
    "down": "Goose down", "recycled": "Recycled polyester", "wooden": "Walnut",
    "ceramic lined": "Ceramic",
}  # fmt: skip


def knowledge(world: World) -> tuple[bytes, bytes]:
    """Return a file of tab-separated triples, and one that links items to its entities."""
    triples, links = [], []
    for brand, (country, founded, club) in _BRANDS.items():
        triples.append((slug(brand), "based_in", slug(country)))
        triples.append((slug(brand), "founded_in", f"{founded // 10 * 10}s"))
        if club:
            triples.append((slug(brand), "member_of", slug(club)))
    for item in world.items:
        entity = f"product/{item.item_id}"
        links.append((item.item_id, entity))
        triples.append((entity, "made_by", slug(item.brand)))
        materials = {_MATERIALS[f] for f in item.features if f in _MATERIALS}
        triples.extend((entity, "made_of", slug(material)) for material in sorted(materials))
    return _tabbed(triples), _tabbed(links)


def _tabbed(rows: Sequence[tuple[str, ...]]) -> bytes:
    return "".join("\t".join(row) + "\n" for row in rows).encode()
