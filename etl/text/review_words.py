"""Words of praise and blame that people use of products, films and games and VADER does not know.

Valences on VADER's scale of -4 … 4. Words whose colour depends on the thing (cheap, heavy, soft,
tight) are left out.
"""

from __future__ import annotations

from typing import Final

_BY_VALENCE: Final = {
    2.6: """
        impeccable immaculate exceptional phenomenal spectacular stellar tremendous incredible
        unforgettable masterful captivating mesmerizing enthralling riveting dazzling exquisite
        bulletproof
        """,
    2.0: """
        sturdy durable reliable dependable comfy cozy ergonomic seamless effortless intuitive snappy
        crisp handy versatile affordable inexpensive accurate precise consistent polished refined
        stylish sleek punchy lush silky buttery velvety smooth articulate memorable engrossing
        gripping immersive addictive refreshing tasty flavorful luscious fragrant witty inventive
        imaginative ingenious poignant touching endearing likable believable authentic attentive
        knowledgeable prompt speedy rugged spacious roomy plush spotless topnotch vivid juicy
        readable legible breathable nuanced textured hearty snug springy zippy favourite
        favourites deft plentiful generous ample gem
        """,
    1.2: """
        quick fast lightweight balanced detailed reasonable sharp plausible waterproof mellow quiet
        """,
    0.0: "alone tough",  # VADER means loneliness and hardship: "worth it for the case alone"
    -1.2: """
        pricey bulky dated mediocre predictable uneven generic slow stiff simplistic shallow
        inconsistent fragile scuffed cumbersome clumsy fiddly finicky overlong wooden derivative
        cheaply subpar
        """,
    -2.0: """
        flimsy brittle shoddy sloppy wobbly rickety creaky squeaky rattly rattles rattling scratchy
        tinny muddy muffled boomy shrill hissy grainy pixelated laggy clunky lumpy misaligned warped
        cracked dented frayed leaky leaks unreliable unresponsive buggy glitchy glitches janky
        monotonous tedious tiresome plodding bland tasteless stale soggy greasy mushy watery musty
        smelly stained overcooked undercooked overpriced outdated forgettable uninspired formulaic
        contrived cliched clichéd cheesy corny stilted convoluted muddled incoherent lifeless
        bloated overblown overwrought pretentious unnecessary pointless unhelpful underwhelming
        ripped tore refused rattle creaks wobbles unreadable illegible rubbery drains peels smudges
        crashes soulless
        """,
    -2.6: """
        junk junky cruddy unusable unplayable unwatchable unfunny atrocious abysmal deplorable
        shambles
        """,
}

REVIEW_WORDS: Final[dict[str, float]] = {
    word: valence for valence, words in _BY_VALENCE.items() for word in words.split()
}
