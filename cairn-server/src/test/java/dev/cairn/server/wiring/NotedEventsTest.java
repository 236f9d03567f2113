package dev.cairn.server.wiring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Outbox;
import dev.cairn.event.Place;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.testkit.catalog.MemoryCatalog;
import dev.cairn.testkit.delivery.ListLedger;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class NotedEventsTest {
    private final MemoryCatalog catalog = new MemoryCatalog();
    private final Full ledger = new Full();
    private final Outbox outbox = new Outbox(catalog, ledger);
    private final NotedEvents noted = new NotedEvents(outbox);
    private int rounds;

    /// A ledger that takes nothing when it is told to.
    private static final class Full extends ListLedger {
        private boolean full;
        private boolean broken;

        Full() {
            super(1);
        }

        @Override
        public List<Append> append(List<Entry> entries) {
            if (broken) {
                throw new IllegalStateException("broken");
            }
            return full
                    ? entries.stream()
                            .<Append>map(_ -> new Append.Pushback(Duration.ofSeconds(1), "full"))
                            .toList()
                    : super.append(entries);
        }
    }

    private boolean round() throws CatalogException {
        rounds++;
        catalog.<Boolean, RuntimeException>write(tx -> {
            noted.put(
                    tx,
                    new Entry(
                            new Place("123456789012", "us-east-1"),
                            "id" + rounds,
                            Origin.OWN,
                            "{}".getBytes(UTF_8)),
                    () -> {});
            return true;
        });
        return rounds % 3 != 0;
    }

    private void look() throws CatalogException {
        noted.recordAfterEach(this::round, () -> false);
    }

    private long recorded() {
        return ledger.span(0).end();
    }

    @Test
    void what_a_round_puts_is_recorded_before_the_next_one() throws Exception {
        noted.recordAfterEach(
                () -> {
                    assertThat(recorded()).isEqualTo(rounds);
                    return round();
                },
                () -> false);
        assertThat(rounds).isEqualTo(3);
        assertThat(recorded()).isEqualTo(3);
    }

    @Test
    void what_the_ledger_does_not_take_is_recorded_by_a_later_look() throws Exception {
        ledger.full = true;
        look();
        assertThat(rounds).isEqualTo(1);
        ledger.broken = true;
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(this::look);
        assertThat(outbox.waiting()).isEqualTo(2);
        ledger.full = false;
        ledger.broken = false;
        noted.recordAfterEach(() -> false, () -> false);
        assertThat(recorded()).isEqualTo(2);
        assertThat(outbox.waiting()).isZero();
    }
}
