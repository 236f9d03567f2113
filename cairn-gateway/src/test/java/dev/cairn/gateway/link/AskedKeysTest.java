package dev.cairn.gateway.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.gateway.principal.Identity;
import dev.cairn.testkit.catalog.MemoryCatalog;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AskedKeysTest {
    private static final String MARY =
            "{\"accountId\":\"111122223333\",\"userIdentity\":{\"type\":\"IAMUser\",\"userName\":\"mary\"}}";
    private static final String JOE = MARY.replace("mary", "joe");

    private final MemoryCatalog catalog = new MemoryCatalog();
    private FakeCairn cairn;
    private CairnLink link;
    private AskedKeys keys;

    @BeforeEach
    void open() throws IOException {
        cairn = new FakeCairn();
        link = cairn.link();
        keys = new AskedKeys(link, catalog, cairn::now);
    }

    @AfterEach
    void close() throws IOException {
        link.close();
        cairn.close();
    }

    private Optional<String> name(AskedKeys keys, String key) throws Exception {
        return keys.find(key).map(it -> it.json().path("userName").asText());
    }

    @Test
    void cairn_is_asked_whose_a_key_is() throws Exception {
        cairn.says(200, MARY);

        assertThat(keys.find("K/E+Y").map(Identity::account)).contains("111122223333");

        assertThat(cairn.nextHead())
                .startsWith("GET /intake/v1/gateway/caller?key=K%2FE%2BY HTTP/1.1\r\n");
    }

    @Test
    void of_a_caller_elsewhere_the_account_is_known() throws Exception {
        cairn.says(200, "{\"accountId\":\"444455556666\"}");

        assertThat(keys.find("AKIA").map(Identity::account)).contains("444455556666");
    }

    @Test
    void an_answer_is_good_for_a_second_and_no_longer() throws Exception {
        cairn.says(200, MARY);
        assertThat(name(keys, "AKIA")).contains("mary");
        cairn.says(200, JOE);

        cairn.passes(AskedKeys.GOOD_FOR.minusMillis(1));
        assertThat(name(keys, "AKIA")).contains("mary");
        cairn.passes(Duration.ofMillis(1));
        assertThat(name(keys, "AKIA")).contains("joe");
        assertThat(cairn.asked()).isEqualTo(2);
    }

    @Test
    void an_answer_is_no_better_for_a_clock_that_is_set_back() throws Exception {
        cairn.says(200, MARY);
        assertThat(name(keys, "AKIA")).contains("mary");
        cairn.says(200, JOE);

        cairn.passes(Duration.ofHours(-1));
        assertThat(name(keys, "AKIA")).contains("joe");
    }

    @Test
    void who_was_known_stays_known_while_cairn_is_away_and_to_the_next_process() throws Exception {
        cairn.says(200, MARY);
        assertThat(name(keys, "AKIA")).contains("mary");
        cairn.close();
        cairn.passes(AskedKeys.GOOD_FOR);

        assertThat(name(keys, "AKIA")).contains("mary");
        assertThat(name(keys, "OTHER")).isEmpty();
        var next = new AskedKeys(link, catalog, cairn::now);
        assertThat(name(next, "AKIA")).contains("mary");
    }

    @Test
    void whom_cairn_no_longer_knows_nobody_knows() throws Exception {
        cairn.says(200, MARY);
        assertThat(name(keys, "AKIA")).contains("mary");
        cairn.says(200, "{}").passes(AskedKeys.GOOD_FOR);
        assertThat(name(keys, "AKIA")).isEmpty();

        cairn.close();
        cairn.passes(AskedKeys.GOOD_FOR);
        assertThat(name(keys, "AKIA")).isEmpty();
    }

    @Test
    void what_is_no_answer_to_the_question_changes_nothing() throws Exception {
        cairn.says(200, MARY);
        assertThat(name(keys, "AKIA")).contains("mary");
        cairn.says(403, "{}").passes(AskedKeys.GOOD_FOR);
        assertThat(name(keys, "AKIA")).contains("mary");
        cairn.says(200, "<html>a proxy</html>").passes(AskedKeys.GOOD_FOR);
        assertThat(name(keys, "AKIA")).contains("mary");
    }
}
