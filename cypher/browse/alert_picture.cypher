// browse/alert_picture: an alert with what it is about, where, and the reviews that show it
// access: read
// param alertId: string — the alert, as browse/alerts gives it
// returns path: path — alert, relationship, thing, place or review
:param alertId => '';
MATCH path = (:Alert {alertId: $alertId})-[:RAISED_ON|RAISED_IN|SHOWN_BY]->()
RETURN path
