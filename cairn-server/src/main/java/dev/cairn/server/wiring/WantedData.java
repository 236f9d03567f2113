package dev.cairn.server.wiring;

import dev.cairn.archive.Bucket;
import dev.cairn.catalog.CatalogException;
import dev.cairn.event.EventReader;
import dev.cairn.event.Parsed;
import dev.cairn.event.Place;
import dev.cairn.ledger.Origin;
import dev.cairn.server.door.S3Door;
import dev.cairn.server.own.OwnRecord;
import dev.cairn.trail.Trails;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which data events are recorded: those that some trail's selectors take, and all on a bucket that
/// a trail delivers to.
record WantedData(Trails trails, InstantSource clock) implements S3Door.DataEvents {
    private static final Logger LOG = LoggerFactory.getLogger(WantedData.class);
    private static final EventReader READER = EventReader.lenient();

    @Override
    public boolean wanted(OwnRecord record, Bucket bucket) {
        try {
            var courses = trails.current().courses();
            if (courses.isEmpty()) {
                return false;
            }
            if (courses.stream()
                    .map(course -> course.latest())
                    .anyMatch(version ->
                            !version.deleted() && version.trail().bucket().equals(bucket.name()))) {
                return true;
            }
            var place = new Place(record.caller().account(), record.region());
            var parsed =
                    READER.read(
                            record.json(),
                            clock.instant(),
                            EventReader.Known.recorded(place, record.eventId()));
            return parsed instanceof Parsed.Read(var event)
                    && courses.stream()
                            .anyMatch(course -> course.latest().takes(Origin.OWN, event));
        } catch (CatalogException failure) {
            // Rather one event too many than one too few.
            LOG.warn("trails cannot be read", failure);
            return true;
        }
    }
}
