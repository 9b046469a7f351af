"""A household of four people and five things, small enough to answer every query by hand.

Ada likes the lamp and not the kettle. Ben likes lamp and desk, Cy lamp, desk and radio, Dora the
kettle. Lumo makes lamp, desk and mug, Hob makes kettle and radio.
"""

from __future__ import annotations

from kg.store import Store

WORLD = """
CREATE (ada:User {userId: 'ada', itemCount: 2, likedCount: 1,
                  listAt: datetime('2024-06-02T00:00:00Z')}),
       (ben:User {userId: 'ben', itemCount: 2, likedCount: 2}),
       (cy:User {userId: 'cy', itemCount: 3, likedCount: 3}),
       (dora:User {userId: 'dora', itemCount: 1, likedCount: 1,
                   listAt: datetime('2024-06-02T00:00:00Z')}),
       (lamp:Item {itemId: 'lamp', title: 'Lamp', userCount: 3, likedCount: 3}),
       (desk:Item {itemId: 'desk', title: 'Desk', userCount: 2, likedCount: 2}),
       (kettle:Item {itemId: 'kettle', title: 'Kettle', userCount: 2, likedCount: 1}),
       (mug:Item {itemId: 'mug', userCount: 0, likedCount: 0}),
       (radio:Item {itemId: 'radio', title: 'Radio', userCount: 1, likedCount: 1}),
       (lumo:Attribute:Brand {attributeId: 'Brand:lumo', kind: 'Brand', name: 'Lumo'}),
       (hob:Attribute:Brand {attributeId: 'Brand:hob', kind: 'Brand', name: 'Hob'}),
       (light:Aspect {aspectId: 'light', name: 'light', reviewCount: 3, itemCount: 2}),
       (noise:Aspect {aspectId: 'noise', name: 'noise', reviewCount: 2, itemCount: 1}),
       (leeds:Entity {entityId: 'leeds', name: 'Leeds'}),
       (home:Topic {topicId: 'home', label: 'home, light', words: ['home', 'light'],
                    reviewCount: 3, itemCount: 3, coherence: 0.1, weak: false}),
       (ada)-[:RATED {positive: true, attention: 0.2, attentionBack: 0.7}]->(lamp),
       (ada)-[:RATED {positive: false, attention: 0.1, attentionBack: 0.1}]->(kettle),
       (ada)-[:VIEWED]->(lamp),
       (ben)-[:RATED {positive: true}]->(lamp), (ben)-[:RATED {positive: true}]->(desk),
       (cy)-[:RATED {positive: true}]->(lamp), (cy)-[:RATED {positive: true}]->(desk),
       (cy)-[:PURCHASED]->(radio), (dora)-[:RATED {positive: true}]->(kettle),
       (lamp)-[:HAS_ATTRIBUTE]->(lumo), (desk)-[:HAS_ATTRIBUTE {attention: 0.3}]->(lumo),
       (mug)-[:HAS_ATTRIBUTE]->(lumo), (kettle)-[:HAS_ATTRIBUTE]->(hob),
       (radio)-[:HAS_ATTRIBUTE]->(hob),
       (r1:Review {reviewId: 'r1', text: 'A warm light.', sentiment: 0.8,
                   writtenAt: datetime('2023-03-01T00:00:00Z')}),
       (r2:Review {reviewId: 'r2', text: 'Superb light on this desk', sentiment: 0.9,
                   writtenAt: datetime('2024-03-01T00:00:00Z')}),
       (r3:Review {reviewId: 'r3', text: 'Such noise!', sentiment: -0.7,
                   writtenAt: datetime('2024-05-01T00:00:00Z')}),
       (r4:Review {reviewId: 'r4', text: 'No noise here, but dim light', sentiment: 0.1}),
       (ada)-[:WROTE]->(r1)-[:ABOUT]->(lamp), (cy)-[:WROTE]->(r2)-[:ABOUT]->(desk),
       (ada)-[:WROTE]->(r3)-[:ABOUT]->(kettle), (ben)-[:WROTE]->(r4)-[:ABOUT]->(desk),
       (r1)-[:MENTIONS {sentiment: 0.8, starts: [7], ends: [12]}]->(light),
       (r2)-[:MENTIONS {sentiment: 0.9, starts: [7], ends: [12]}]->(light),
       (r3)-[:MENTIONS {sentiment: -0.7, starts: [5], ends: [10]}]->(noise),
       (r4)-[:MENTIONS {sentiment: -0.5, starts: [23], ends: [28]}]->(light),
       (r4)-[:MENTIONS {sentiment: 0.4, starts: [3], ends: [8]}]->(noise),
       (r1)-[:HAS_TOPIC {weight: 0.9}]->(home), (r2)-[:HAS_TOPIC {weight: 0.6}]->(home),
       (r3)-[:HAS_TOPIC {weight: 0.2}]->(home),
       (lamp)-[:DESCRIBED_BY {weight: 0.5, sentiment: 0.8, support: 1}]->(light),
       (desk)-[:DESCRIBED_BY {weight: 0.6, sentiment: 0.2, support: 2, attention: 0.4}]->(light),
       (desk)-[:DESCRIBED_BY {weight: 0.6, sentiment: 0.9, support: 1}]->(home),
       (radio)-[:DESCRIBED_BY {weight: 0.2, sentiment: 0.5, support: 1}]->(leeds),
       (ada)-[:INTERESTED_IN {weight: 0.7, sentiment: 0.8, support: 1}]->(light),
       (ada)-[:INTERESTED_IN {weight: 0.2, sentiment: -0.7, support: 1}]->(noise),
       (ada)-[:INTERESTED_IN {weight: 0.4, sentiment: 1.0, support: 1}]->(lumo),
       (ada)-[:INTERESTED_IN {weight: 0.5, sentiment: 0.5, support: 2}]->(home),
       (ada)-[:INTERESTED_IN {weight: 0.3, support: 1}]->(leeds),
       (lamp)-[:SIMILAR_TO {rank: 1, score: 0.8}]->(desk),
       (lamp)-[:SIMILAR_TO {rank: 2, score: 0.3}]->(radio),
       (kettle)-[:SIMILAR_TO {rank: 1, score: 0.6}]->(radio),
       (ada)-[:RECOMMENDED {rank: 1, score: 2.0, probability: 0.5, coldStart: true, runId: 'm1',
           at: datetime('2024-06-02T00:00:00Z'),
           reasons: ['item|0.9000|lamp', 'aspect|0.5000|light', 'topic|0.2000|home']}]->(desk),
       (ada)-[:RECOMMENDED {rank: 2, score: 1.5, coldStart: true, runId: 'm1',
           at: datetime('2024-06-02T00:00:00Z'),
           reasons: ['user|0.4000|cy', 'entity|0.3000|leeds', 'popular|0.1000|radio']}]->(radio),
       (ada)-[:RECOMMENDED {rank: 3, score: 1.0, coldStart: true, runId: 'm1',
           at: datetime('2024-06-02T00:00:00Z'),
           reasons: ['attribute|0.3000|Brand:lumo']}]->(mug),
       (dora)-[:RECOMMENDED {rank: 1, score: 1.2, probability: 0.3, coldStart: true, runId: 'm1',
           at: datetime('2024-06-02T00:00:00Z'),
           reasons: ['popular|0.1000|desk']}]->(desk),
       (dora)-[:RECOMMENDED {rank: 2, score: 1.1, coldStart: true, runId: 'm1',
           at: datetime('2024-06-02T00:00:00Z'),
           reasons: ['popular|0.1000|lamp']}]->(lamp),
       (:EtlRun {runId: 'e1', status: 'done', startedAt: datetime('2024-06-01T00:00:00Z')}),
       (:ModelRun {runId: 'm1', status: 'done', startedAt: datetime('2024-06-02T00:00:00Z')})
"""


def build(store: Store) -> Store:
    """Put the household into an empty graph."""
    store.run_text(WORLD)
    return store


OTHERS = """
MATCH (ben:User {userId: 'ben'}), (cy:User {userId: 'cy'}), (dora:User {userId: 'dora'}),
      (light:Aspect {aspectId: 'light'}), (noise:Aspect {aspectId: 'noise'}),
      (hob:Attribute {attributeId: 'Brand:hob'})
CREATE (ben)-[:INTERESTED_IN {weight: 0.6, sentiment: -0.5, support: 1}]->(light),
       (ben)-[:INTERESTED_IN {weight: 0.8, sentiment: 0.4, support: 1}]->(noise),
       (cy)-[:INTERESTED_IN {weight: 0.3, sentiment: 0.9, support: 1,
                             lastAt: datetime('2024-03-01T00:00:00Z')}]->(light),
       (cy)-[:INTERESTED_IN {weight: 0.4, sentiment: 1.0, support: 1}]->(hob),
       (dora)-[:INTERESTED_IN {weight: 0.9, sentiment: 1.0, support: 1}]->(hob)
"""
"""What the others of the household are interested in, beside Ada."""
