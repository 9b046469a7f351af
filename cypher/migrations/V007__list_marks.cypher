// V007__list_marks: which of its lists a user's readers see
MATCH (u:User)-[r:RECOMMENDED]->() WITH u, max(r.at) AS at SET u.listAt = at;
MATCH (r:ModelRun {status: 'done'}) WITH r ORDER BY r.finishedAt DESC LIMIT 1 SET r.publishedAt = r.finishedAt;
