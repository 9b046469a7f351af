"""Nouns that are talked about everywhere and say nothing about an item."""

from __future__ import annotations

from typing import Final

_NOUNS: Final = """
    thing things stuff lot lots bit kind sort way ways part parts piece point points reason reasons
    time times day days week weeks month months year years hour hours minute minutes moment moments
    people person man woman guy guys kid kids friend friends family everyone anyone someone nobody
    one ones something anything nothing everything example case fact idea ideas deal job problem
    problems issue issues question questions answer result results side end beginning rest top
    bottom place places world life home house room hand hands head eye eyes heart mind word words
    name number amount level matter course luck success failure mistake shame surprise fun joy
    pleasure laugh choice option options buy purchase money bucks dollars alternative addition start
    review reviews reviewer reviewers star stars opinion opinions fan fans favorite news sense use
    user users need needs chance thanks experience experiences work works effort attempt try change
    changes difference reputation condition shape item items product products thought thoughts
    feeling feelings sounding looking playing using watching viewing buying reading listening
    memories gamers pros cons plus minus nt ca wo ve ll alot tho cant dont doesnt didnt isnt wont im
    ive id
"""

GENERIC_NOUNS: Final = frozenset(_NOUNS.split())
