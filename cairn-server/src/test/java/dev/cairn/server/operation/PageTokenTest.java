package dev.cairn.server.operation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.event.Place;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.history.Query;
import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageTokenTest {
    @ParameterizedTest
    @ValueSource(strings = {"5", "5\n123456789012", "5\n123456789012\nus-east-1", "five\na\nb\nc"})
    void a_token_made_up_with_the_right_digest_is_refused(String body) throws Exception {
        var sha = MessageDigest.getInstance("SHA-256");
        sha.update("question\0".getBytes(UTF_8));
        var token = new ByteArrayOutputStream();
        token.writeBytes(body.getBytes(UTF_8));
        token.writeBytes(Arrays.copyOf(sha.digest(body.getBytes(UTF_8)), 12));
        var text = Base64.getUrlEncoder().withoutPadding().encodeToString(token.toByteArray());

        assertThatThrownBy(() -> PageToken.read(text, "question"))
                .isInstanceOfSatisfying(
                        Failure.class,
                        failure ->
                                assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_NEXT_TOKEN));
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 0, 1_795_241_400_000L})
    void a_token_is_never_taken_for_an_option_of_a_command_line(long millis) {
        for (int event = 0; event < 1000; event++) {
            var cursor =
                    new Query.Cursor(
                            Instant.ofEpochMilli(millis),
                            "event-" + event,
                            new Place("123456789012", "eu-west-1"));

            var token = PageToken.write(cursor, "question");

            assertThat(token).matches("[A-Za-z][A-Za-z0-9_-]*");
            assertThat(PageToken.read(token, "question")).isEqualTo(cursor);
        }
    }
}
