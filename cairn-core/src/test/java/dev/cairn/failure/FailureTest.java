package dev.cairn.failure;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class FailureTest {
    @Test
    void noTwoCodesShareAName() {
        assertThat(Arrays.stream(ErrorCode.values()).map(ErrorCode::awsName))
                .doesNotHaveDuplicates();
    }

    @Test
    void theStatusFitsTheCategory() {
        assertThat(ErrorCode.values())
                .allSatisfy(code -> {
                    switch (code.category()) {
                        case CALLER, REFUSED -> assertThat(code.status()).isBetween(400, 499);
                        case BUSY -> assertThat(code.status()).isIn(400, 503);
                        case BUG -> assertThat(code.status()).isEqualTo(500);
                    }
                    assertThat(code.defaultMessage()).isNotBlank();
                });
    }

    @Test
    void aFailureSaysWhenToComeBack() {
        Failure busy = new Failure(ErrorCode.SERVICE_UNAVAILABLE, "Full.", Duration.ofSeconds(2));
        assertThat(busy.retryAfter()).contains(Duration.ofSeconds(2));
        assertThat(busy.message()).isEqualTo("Full.");
        assertThat(new Failure(ErrorCode.THROTTLING).message()).isEqualTo("Rate exceeded");
    }

    @Test
    void onlyABugCarriesAStackTrace() {
        assertThat(new Failure(ErrorCode.INTERNAL_FAILURE).getStackTrace()).isNotEmpty();
        assertThat(new Failure(ErrorCode.VALIDATION).getStackTrace()).isEmpty();
    }
}
