// upkeep/rebuild_keys: indexes that hold keys and names of people's words, made anew
// The embedded graph marks what was deleted in an index, and keeps its bytes until that is dropped.
DROP CONSTRAINT user_key IF EXISTS;
CREATE CONSTRAINT user_key IF NOT EXISTS FOR (n:User) REQUIRE n.userId IS UNIQUE;
DROP CONSTRAINT review_key IF EXISTS;
CREATE CONSTRAINT review_key IF NOT EXISTS FOR (n:Review) REQUIRE n.reviewId IS UNIQUE;
DROP CONSTRAINT entity_key IF EXISTS;
CREATE CONSTRAINT entity_key IF NOT EXISTS FOR (n:Entity) REQUIRE n.entityId IS UNIQUE;
DROP INDEX entity_name IF EXISTS;
CREATE INDEX entity_name IF NOT EXISTS FOR (n:Entity) ON (n.name);
DROP CONSTRAINT aspect_key IF EXISTS;
CREATE CONSTRAINT aspect_key IF NOT EXISTS FOR (n:Aspect) REQUIRE n.aspectId IS UNIQUE;
DROP INDEX aspect_name IF EXISTS;
CREATE INDEX aspect_name IF NOT EXISTS FOR (n:Aspect) ON (n.name);
