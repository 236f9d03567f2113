package dev.cairn.embedded.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.embedded.backup.BackupException.Kind;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BackupFileTest {
    private static final String HASH = "0123456789abcdef".repeat(4);

    @Test
    void a_line_is_read_as_it_was_written_however_many_chunks_the_file_has() throws Exception {
        for (int count : new int[] {0, 1, 2, 100_000}) {
            List<String> chunks = Collections.nCopies(count, HASH);
            var file = new BackupFile("ledger/0/1.sealed", 5L << 30, HASH, HASH, chunks);
            assertThat(BackupFile.of(file.line())).isEqualTo(file);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "path",
                "\t1\tHASH\tHASH\tHASH",
                "path\t-1\tHASH\tHASH\tHASH",
                "path\t1\tHAS\tHASH\tHASH",
                "path\t1\tHASH\tHASH",
                "path\t1\tHASH\tHASH\tHASH\t",
                "path\t1\tHASH\tHASH\tHASH,",
                "path\t1\tHASH\tHASH\tHASH,../../../keys/master",
            })
    void another_line_is_refused(String line) {
        assertThatThrownBy(() -> BackupFile.of(line.replace("HASH", HASH)))
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CORRUPT));
    }
}
