// V005__segments: groups of people by what they care for
CREATE CONSTRAINT segment_key IF NOT EXISTS FOR (n:Segment) REQUIRE n.segmentId IS UNIQUE;
