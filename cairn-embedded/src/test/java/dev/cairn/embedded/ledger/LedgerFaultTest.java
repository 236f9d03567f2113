package dev.cairn.embedded.ledger;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Random work on a disk that fails and crashes. A failing seed is printed; to see it alone, run
/// `mvn test -pl cairn-embedded -am -Dtest=LedgerFaultTest -Dcairn.seed=SEED`.
final class LedgerFaultTest {
    private static final long RUNS = 200;
    private static final long LONG_RUNS = 20_000;

    @Test
    void whatever_fails_the_acknowledged_is_there_once() {
        Long one = Long.getLong("cairn.seed");
        if (one == null) {
            LongStream.rangeClosed(1, RUNS).forEach(LedgerFaultTest::run);
        } else {
            run(one);
        }
    }

    @Test
    @Tag("long")
    void whatever_fails_the_acknowledged_is_there_once_for_many_seeds() {
        LongStream.rangeClosed(RUNS + 1, LONG_RUNS).forEach(LedgerFaultTest::run);
    }

    private static void run(long seed) {
        try {
            new FaultRun(seed).run();
        } catch (Exception | AssertionError e) {
            throw new AssertionError(
                    "seed "
                            + seed
                            + "; again: mvn test -pl cairn-embedded -am"
                            + " -Dtest=LedgerFaultTest -Dsurefire.failIfNoSpecifiedTests=false"
                            + " -Dcairn.seed="
                            + seed,
                    e);
        }
    }
}
