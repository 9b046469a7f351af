// V004__alerts: what trends are watched for
CREATE CONSTRAINT alert_key IF NOT EXISTS FOR (n:Alert) REQUIRE n.alertId IS UNIQUE;
