package dev.cairn.embedded.ledger;

import static dev.cairn.embedded.ledger.FilledLedger.EVENTS;
import static dev.cairn.embedded.ledger.FilledLedger.event;
import static dev.cairn.testkit.ledger.Entries.append;
import static dev.cairn.testkit.ledger.Entries.entry;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.disk.DiskFile;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.LedgerException;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import dev.cairn.testkit.fault.FaultyDisk;
import dev.cairn.testkit.fault.SimulatedDisk;
import dev.cairn.testkit.ledger.Entries;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

/// A place that the disk does not give back costs the events in it, for as long as it does not, and
/// no others.
final class LedgerBadSectorTest {
    private final SimulatedDisk disk = new SimulatedDisk();
    private final FaultyDisk faulty =
            new FaultyDisk(disk, RandomGeneratorFactory.of("L64X128MixRandom").create(1));

    private String file(String ending, int number) {
        return disk.files().stream().filter(name -> name.endsWith(ending)).toList().get(number);
    }

    private Footer footer(String file) throws Exception {
        return Objects.requireNonNull(SealedSegment.footer(disk, file));
    }

    /// What cannot be read; all other events are checked to be as they were.
    private static List<Slice.Lost> unreadable(Ledger ledger) throws LedgerException {
        List<Slice.Lost> unreadable = new ArrayList<>();
        long next = 0;
        while (next < EVENTS) {
            try {
                Slice slice = ledger.read(new Position(0, next), (int) (EVENTS - next), 1 << 20);
                for (Slice.Item item : slice.items()) {
                    Slice.Held held = (Slice.Held) item;
                    assertThat(held.position().offset()).isEqualTo(next);
                    assertThat(held.entry().json()).isEqualTo(event((int) next).json());
                    next++;
                }
                assertThat(slice.next()).isEqualTo(next);
            } catch (LedgerException e) {
                assertThat(e.kind()).isEqualTo(LedgerException.Kind.UNAVAILABLE);
                Slice.Lost place = e.unreadable();
                if (place == null) {
                    throw e;
                }
                assertThat(place.first().offset()).isEqualTo(next);
                unreadable.add(place);
                next += place.count();
            }
        }
        return unreadable;
    }

    @Test
    void a_bad_sector_of_a_sealed_segment_hides_its_block_only() throws Exception {
        FilledLedger.fill(faulty);
        String file = file(".sealed", 1);
        faulty.badSector(file, SealedSegment.HEADER + Block.HEADER + 30);
        try (SegmentLedger ledger = FilledLedger.open(faulty)) {
            Footer footer = footer(file);
            assertThat(unreadable(ledger))
                    .singleElement()
                    .satisfies(place -> {
                        assertThat(place.first().offset()).isEqualTo(footer.first());
                        assertThat(place.count()).isEqualTo(footer.count());
                        assertThat(place.reason()).contains(file);
                    });
            // It may come back, so nothing counts as lost.
            assertThat(ledger.state().damaged()).isEmpty();
            faulty.mendSectors();
            assertThat(unreadable(ledger)).isEmpty();
        }
    }

    @Test
    void a_bad_sector_of_the_segment_written_to_hides_its_group_only() throws Exception {
        FilledLedger.fill(faulty);
        String file = file(".segment", 0);
        try (SegmentLedger ledger = FilledLedger.open(faulty)) {
            long first = Segment.first(file.substring(file.lastIndexOf('/') + 1));
            faulty.badSector(file, placeOf(file, event((int) first + 1)));
            assertThat(unreadable(ledger))
                    .singleElement()
                    .satisfies(place -> {
                        assertThat(place.first().offset()).isEqualTo(first);
                        assertThat(place.count()).isEqualTo(3);
                        assertThat(place.reason()).contains(file);
                    });
            assertThat(append(ledger, event(EVENTS))).isInstanceOf(Append.Recorded.class);
            faulty.mendSectors();
            assertThat(Entries.held(ledger, 0)).hasSize(EVENTS + 1);
        }
    }

    private long placeOf(String file, Entry entry) throws Exception {
        try (DiskFile in = disk.open(file)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) in.size());
            in.read(bytes, 0);
            String text = new String(bytes.array(), StandardCharsets.ISO_8859_1);
            return text.indexOf(new String(entry.json(), StandardCharsets.ISO_8859_1));
        }
    }

    @Test
    void bad_sectors_under_what_leads_to_the_events_hide_none_and_let_duplicates_be_told()
            throws Exception {
        FilledLedger.fill(faulty);
        String file = file(".sealed", 1);
        Footer footer = footer(file);
        for (long at : new long[] {footer.idsAt() + 5, footer.indexAt() + 5}) {
            faulty.badSector(file, at);
            try (SegmentLedger ledger = FilledLedger.open(faulty)) {
                for (int i = 0; i < EVENTS; i++) {
                    assertThat(append(ledger, event(i)))
                            .isEqualTo(new Append.Duplicate(new Position(0, i)));
                }
                assertThat(append(ledger, entry("new" + at))).isInstanceOf(Append.Recorded.class);
                assertThat(unreadable(ledger)).isEmpty();
            }
        }
    }

    @Test
    void fsck_names_the_file_that_cannot_be_read_and_proves_the_others() throws Exception {
        FilledLedger.fill(faulty);
        String file = file(".sealed", 1);
        Footer footer = footer(file);
        faulty.badSector(file, SealedSegment.HEADER + Block.HEADER + 30);
        Fsck.Report report = Fsck.check(faulty, (_, _) -> {});
        assertThat(report.findings()).singleElement().asString().contains(file, "Input/output");
        assertThat(report.events()).isEqualTo(EVENTS - footer.count());
    }
}
