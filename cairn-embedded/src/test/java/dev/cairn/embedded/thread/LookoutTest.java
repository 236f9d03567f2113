package dev.cairn.embedded.thread;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.catalog.CatalogException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class LookoutTest {
    private static final Duration NEVER = Duration.ofDays(1);

    @Test
    void goesOnLookingAfterLooksThatFail() throws InterruptedException {
        var looks = new LinkedBlockingQueue<Integer>();
        var count = new AtomicInteger();
        var wake = new Semaphore(0);
        try (var lookout =
                new Lookout(
                        "test",
                        "tests wait",
                        NEVER,
                        wake,
                        () -> {
                            int number = count.incrementAndGet();
                            looks.add(number);
                            switch (number) {
                                case 1 ->
                                        throw new CatalogException(
                                                CatalogException.Kind.UNAVAILABLE, "busy");
                                case 2 -> throw new IllegalStateException("a mistake");
                                case 3 -> throw new OutOfMemoryError("for a moment");
                                default -> {
                                    // Nothing to do.
                                }
                            }
                        })) {
            lookout.start();
            for (int expected = 1; expected <= 4; expected++) {
                assertThat(looks.poll(1, TimeUnit.MINUTES)).isEqualTo(expected);
                wake.release();
            }
        }
    }

    @Test
    void looksEverySoOftenWithoutBeingWoken() throws InterruptedException {
        var looks = new CountDownLatch(3);
        try (var lookout =
                new Lookout(
                        "test",
                        "tests wait",
                        Duration.ofMillis(1),
                        new Semaphore(0),
                        looks::countDown)) {
            lookout.start();
            assertThat(looks.await(1, TimeUnit.MINUTES)).isTrue();
        }
    }

    @Test
    void tellsALookThatItShouldEnd() throws InterruptedException {
        var under = new CountDownLatch(1);
        var told = new AtomicInteger();
        var self = new LinkedBlockingQueue<Lookout>();
        try (var lookout =
                new Lookout(
                        "test",
                        "tests wait",
                        NEVER,
                        new Semaphore(0),
                        () -> {
                            var me = self.remove();
                            under.countDown();
                            while (!me.closing()) {
                                Thread.onSpinWait();
                            }
                            told.incrementAndGet();
                        })) {
            self.add(lookout);
            lookout.start();
            assertThat(under.await(1, TimeUnit.MINUTES)).isTrue();
        }
        assertThat(told).hasValue(1);
    }
}
