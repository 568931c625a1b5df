-- Schools are looked up by their URN: a trust's file has one on each line.
CREATE INDEX agency_by_urn ON agency(urn) WHERE urn <> '';
