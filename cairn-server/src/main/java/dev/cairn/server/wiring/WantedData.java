package dev.cairn.server.wiring;

import dev.cairn.archive.Bucket;
import dev.cairn.catalog.CatalogException;
import dev.cairn.event.EventReader;
import dev.cairn.event.Parsed;
import dev.cairn.event.Place;
import dev.cairn.ledger.Origin;
import dev.cairn.server.bucket.DataEvents;
import dev.cairn.server.own.OwnRecord;
import dev.cairn.store.EventDataStore;
import dev.cairn.store.EventDataStores;
import dev.cairn.store.StoreState;
import dev.cairn.trail.TrailCourse;
import dev.cairn.trail.Trails;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which data events are recorded: those that the selectors of some trail or event data store take,
/// and all on a bucket that a trail delivers to.
record WantedData(Trails trails, EventDataStores stores, InstantSource clock)
        implements DataEvents {
    private static final Logger LOG = LoggerFactory.getLogger(WantedData.class);
    private static final EventReader READER = EventReader.lenient();

    @Override
    public Predicate<OwnRecord> wanted(Bucket bucket) {
        try {
            var courses = trails.current().courses();
            var delivered =
                    courses.stream()
                            .map(course -> course.latest())
                            .anyMatch(version ->
                                    !version.deleted()
                                            && version.trail().bucket().equals(bucket.name()));
            var taking =
                    stores.all().stream()
                            .filter(state -> state.status() == StoreState.Status.ENABLED)
                            .map(StoreState::store)
                            .filter(store -> store.selectors().takesDataEvents())
                            .toList();
            return record -> delivered || takes(courses, taking, record);
        } catch (CatalogException failure) {
            // Rather one event too many than one too few.
            LOG.warn("trails cannot be read", failure);
            return _ -> true;
        }
    }

    private boolean takes(
            List<TrailCourse> courses, List<EventDataStore> taking, OwnRecord record) {
        if (courses.isEmpty() && taking.isEmpty()) {
            return false;
        }
        var place = new Place(record.caller().account(), record.region());
        var parsed =
                READER.read(
                        record.json(),
                        clock.instant(),
                        EventReader.Known.recorded(place, record.eventId()));
        return parsed instanceof Parsed.Read(var event)
                && (courses.stream().anyMatch(course -> course.latest().takes(Origin.OWN, event))
                        || taking.stream().anyMatch(store -> store.takes(Origin.OWN, event)));
    }
}
