// V002__names: things that people look up by name
CREATE INDEX item_title IF NOT EXISTS FOR (n:Item) ON (n.title);
CREATE INDEX attribute_name IF NOT EXISTS FOR (n:Attribute) ON (n.name);
CREATE INDEX entity_name IF NOT EXISTS FOR (n:Entity) ON (n.name);
CREATE INDEX aspect_name IF NOT EXISTS FOR (n:Aspect) ON (n.name);
