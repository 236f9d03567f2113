package dev.cairn.embedded.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DataFolderTest {
    @TempDir Path temp;

    @Test
    void a_folder_is_created_and_opened_again() throws Exception {
        Path path = temp.resolve("a/b");
        DataFolder.openOrCreate(path).close();
        DataFolder.openOrCreate(path).close();
        DataFolder.open(path).close();
    }

    @Test
    void a_new_folder_is_for_its_owner_only() throws Exception {
        Path path = temp.resolve("new");
        DataFolder.openOrCreate(path).close();

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rwx------");
    }

    @Test
    void a_second_holder_is_told_the_first_one_s_process() throws Exception {
        DataFolder first = DataFolder.openOrCreate(temp);

        refused(() -> DataFolder.openOrCreate(temp), DataFolderException.Kind.IN_USE)
                .hasMessageContaining("process " + ProcessHandle.current().pid());

        first.close();
        DataFolder.open(temp).close();
    }

    @Test
    void a_folder_of_another_version_is_refused_by_name() throws Exception {
        DataFolder.openOrCreate(temp).close();
        Files.writeString(temp.resolve("format"), "cairn data 7\n");

        refused(() -> DataFolder.openOrCreate(temp), DataFolderException.Kind.FOREIGN)
                .hasMessageContaining("from another version")
                .hasMessageContaining("cairn data 7");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void a_folder_of_before_is_marked_before_it_is_used(int version) throws Exception {
        DataFolder.openOrCreate(temp).close();
        Files.writeString(temp.resolve("format"), "cairn data %d\n".formatted(version));

        DataFolder.open(temp).close();

        assertThat(temp.resolve("format")).hasContent("cairn data 3\n");
        DataFolder.openOrCreate(temp).close();
    }

    @Test
    void a_folder_of_something_else_is_left_alone() throws Exception {
        Files.writeString(temp.resolve("thesis.tex"), "\\begin");

        refused(() -> DataFolder.openOrCreate(temp), DataFolderException.Kind.FOREIGN)
                .hasMessageContaining("thesis.tex");
        assertThat(temp.toFile().list()).containsExactly("thesis.tex");
    }

    @Test
    void a_folder_that_is_not_there_is_not_made_by_opening() {
        refused(() -> DataFolder.open(temp.resolve("x")), DataFolderException.Kind.NOT_FOUND);
        assertThat(temp.toFile().list()).isEmpty();
    }

    @Test
    void a_folder_half_created_is_finished() throws Exception {
        Files.writeString(temp.resolve("lock"), "1\n");
        Files.writeString(temp.resolve("format.draft"), "cai");

        DataFolder.openOrCreate(temp).close();

        assertThat(temp.resolve("format")).hasContent("cairn data 3\n");
    }

    private static org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable> refused(
            ThrowingCallable call, DataFolderException.Kind kind) {
        return assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        DataFolderException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }
}
