// write/erase_reasons: take reasons that name things which are gone out of published places
// access: write
// param gone: list<string> — 'kind|key' of what is gone
// returns places: integer — how many places had one
MATCH (:User)-[r:RECOMMENDED]->(:Item)
WITH r, [reason IN r.reasons
         WHERE NOT split(reason, '|')[0] + '|' + substring(
           reason, size(split(reason, '|')[0]) + size(split(reason, '|')[1]) + 2) IN $gone] AS kept
WHERE size(kept) < size(r.reasons)
SET r.reasons = kept
RETURN count(*) AS places
