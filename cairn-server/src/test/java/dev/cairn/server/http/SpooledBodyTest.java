package dev.cairn.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Random;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpooledBodyTest {
    @TempDir private Path folder;

    private static final int MEMORY = 32 << 20;
    private static final int PLACES = 16;

    private Bodies bodies;

    @BeforeEach
    void room() {
        bodies = bodies(MEMORY);
    }

    private Bodies bodies(long memory) {
        return new Bodies(folder, memory, PLACES);
    }

    private static Exchange exchange(int bytes, boolean announced, String address) {
        return new Exchange(
                new Request("POST", "/", "", Headers.NONE),
                new ByteArrayInputStream(new byte[bytes]),
                announced ? bytes : -1,
                address,
                null);
    }

    private static SpooledBody read(Bodies from, int bytes, boolean stranger) throws IOException {
        return SpooledBody.read(exchange(bytes, true, "192.0.2.1"), 1 << 30, stranger, from);
    }

    private static void refused(BodyException.Kind kind, ThrowingCallable reading) {
        assertThatThrownBy(reading)
                .asInstanceOf(InstanceOfAssertFactories.type(BodyException.class))
                .extracting(BodyException::kind)
                .isEqualTo(kind);
    }

    @Test
    void a_body_that_finds_no_room_on_disk_is_not_the_callers_fault() {
        var nowhere = new Bodies(folder.resolve("absent"), MEMORY, PLACES);

        refused(
                BodyException.Kind.NO_ROOM,
                () -> read(nowhere, SpooledBody.MEMORY_BYTES_MAX + 1, false));
    }

    @Test
    void a_body_is_the_same_in_memory_and_on_disk() throws Exception {
        for (var length :
                new int[] {
                    0, 1, 8192, 8193, 256 << 10, (256 << 10) + 1, 4 << 20, (4 << 20) + 1, 9 << 20
                }) {
            var bytes = new byte[length];
            new Random(length).nextBytes(bytes);
            for (var announced : new boolean[] {true, false}) {
                var exchange =
                        new Exchange(
                                new Request("POST", "/", "", Headers.NONE),
                                new ByteArrayInputStream(bytes),
                                announced ? length : -1,
                                "192.0.2.1",
                                null);
                try (var body = SpooledBody.read(exchange, 1 << 30, false, bodies)) {
                    assertThat(body.length()).isEqualTo(length);
                    assertThat(body.sha256()).isEqualTo(SpooledBody.of(bytes).sha256());
                    try (var in = body.open()) {
                        assertThat(in.readAllBytes()).isEqualTo(bytes);
                    }
                }
            }
        }
    }

    @Test
    void bodies_in_flight_are_bounded_together_and_give_back_what_they_had() throws Exception {
        var open = new ArrayList<SpooledBody>();
        for (var i = 0; i < 8; i++) {
            open.add(read(bodies, 4 << 20, false));
        }
        refused(BodyException.Kind.NO_ROOM, () -> read(bodies, 8192, false));

        for (var body : open) {
            body.close();
            body.close();
        }
        try (var all = read(bodies, 4 << 20, false)) {
            all.reserve(28 << 20);
            refused(BodyException.Kind.NO_ROOM, () -> all.reserve(1));
        }
        read(bodies, 4 << 20, false).close();
    }

    @Test
    void what_need_not_be_leaves_half_of_the_memory_to_others() throws Exception {
        try (var body = read(bodies, 9, false)) {
            assertThat(body.reserveSpare(15 << 20)).isTrue();
            assertThat(body.reserveSpare(1 << 20)).isFalse();
            body.reserve(1 << 20);
        }
        try (var all = read(bodies, 9, false)) {
            assertThat(all.reserveSpare(15 << 20)).as("given back").isTrue();
        }
    }

    @Test
    void a_body_on_disk_takes_next_to_no_memory() throws Exception {
        var small = bodies(6 << 20);
        try (var first = read(small, 5 << 20, false);
                var second = read(small, 5 << 20, false)) {
            assertThat(first.length()).isEqualTo(second.length());
        }
    }

    @Test
    void a_stranger_has_no_large_body_taken_in() {
        var large = SpooledBody.MEMORY_BYTES_MAX + 1;

        refused(BodyException.Kind.NO_HASH, () -> read(bodies, large, true));
        refused(
                BodyException.Kind.NO_HASH,
                () -> SpooledBody.read(exchange(large, false, "192.0.2.1"), 1 << 30, true, bodies));
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void strangers_leave_memory_and_places_to_those_who_are_known() throws Exception {
        var strangers = new ArrayList<SpooledBody>();
        for (var address : new String[] {"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"}) {
            for (var i = 0; i < PLACES / 8; i++) {
                strangers.add(SpooledBody.read(exchange(9, true, address), 99, true, bodies));
            }
            refused(
                    BodyException.Kind.NO_ROOM,
                    () -> SpooledBody.read(exchange(9, true, address), 99, true, bodies));
        }
        // Half the places, whatever the address.
        refused(
                BodyException.Kind.NO_ROOM,
                () -> SpooledBody.read(exchange(9, true, "192.0.2.5"), 99, true, bodies));
        read(bodies, 9, false).close();

        strangers.getFirst().known();
        strangers.add(SpooledBody.read(exchange(9, true, "192.0.2.1"), 99, true, bodies));
        strangers.getLast().close();
        strangers.add(SpooledBody.read(exchange(9, true, "192.0.2.5"), 99, true, bodies));
    }

    @Test
    void strangers_have_half_the_memory() throws Exception {
        var small = bodies(6 << 20);

        refused(BodyException.Kind.NO_ROOM, () -> read(small, 4 << 20, true));
        read(small, 4 << 20, false).close();
        try (var body = read(small, 1 << 20, true)) {
            body.known();
            body.reserve(4 << 20);
        }
    }

    @Test
    void a_body_that_is_kept_unpacked_pays_for_it() throws Exception {
        try (var body = read(bodies, 9, false);
                var endless =
                        new PaidInputStream(
                                new ByteArrayInputStream(new byte[MEMORY]), body::reserve)) {
            refused(BodyException.Kind.NO_ROOM, endless::readAllBytes);
        }
    }
}
