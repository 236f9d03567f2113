package dev.cairn.account;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.catalog.CatalogException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RememberedTest {
    private final Remembered<String> remembered = new Remembered<>(2);
    private final List<String> asked = new ArrayList<>();

    @Test
    void aValueIsLookedUpOnce() throws Exception {
        assertThat(get("a")).contains("value of a");
        assertThat(get("a")).contains("value of a");
        assertThat(asked).containsExactly("a");
    }

    @Test
    void theValueLeftAloneLongestMakesRoom() throws Exception {
        get("a");
        get("b");
        get("a");
        get("c");
        assertThat(remembered.size()).isEqualTo(2);
        get("a");
        get("b");
        assertThat(asked).containsExactly("a", "b", "c", "b");
    }

    @Test
    void whatIsAbsentTakesNoRoom() throws Exception {
        get("a");
        for (int i = 0; i < 10; i++) {
            assertThat(remembered.get("guess " + i, _ -> Optional.empty())).isEmpty();
        }
        assertThat(remembered.size()).isEqualTo(1);
    }

    @Test
    void aValueReadBeforeAForgettingIsNotKeptAfterIt() throws Exception {
        Optional<String> old =
                remembered.get(
                        "a",
                        _ -> {
                            remembered.forget("a");
                            return Optional.of("old");
                        });
        assertThat(old).contains("old");
        assertThat(get("a")).contains("value of a");
    }

    @Test
    void thatThereIsNoValueIsLookedUpOnceWhereItIsKept() throws Exception {
        var knowing = new Remembered<String>(2, 2);
        assertThat(knowing.get("a", this::nothing)).isEmpty();
        assertThat(knowing.get("a", this::nothing)).isEmpty();
        assertThat(asked).containsExactly("a");

        knowing.get("b", this::nothing);
        knowing.get("c", this::nothing);
        assertThat(knowing.size()).isZero();
        knowing.get("c", this::nothing);
        knowing.get("a", this::nothing);
        assertThat(asked).containsExactly("a", "b", "c", "a");
    }

    @Test
    void aValueThatIsMadeIsFoundOnceItsKeyIsForgotten() throws Exception {
        var knowing = new Remembered<String>(2, 2);
        knowing.get("a", this::nothing);
        knowing.forget("a");
        assertThat(knowing.get("a", _ -> Optional.of("new"))).contains("new");

        Optional<String> old =
                knowing.get(
                        "b",
                        _ -> {
                            knowing.forget("b");
                            return Optional.empty();
                        });
        assertThat(old).isEmpty();
        assertThat(knowing.get("b", _ -> Optional.of("new"))).contains("new");
    }

    private Optional<String> nothing(String key) {
        asked.add(key);
        return Optional.empty();
    }

    private Optional<String> get(String key) throws CatalogException {
        return remembered.get(
                key,
                wanted -> {
                    asked.add(wanted);
                    return Optional.of("value of " + wanted);
                });
    }
}
