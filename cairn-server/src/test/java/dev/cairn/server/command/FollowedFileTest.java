package dev.cairn.server.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.server.command.FollowedFile.Mark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FollowedFileTest {
    private static final int BATCH = 8;

    @TempDir private Path folder;
    private Path file = Path.of("");
    private final List<String> warnings = new ArrayList<>();
    private Mark mark = Mark.START;

    @BeforeEach
    void name() {
        file = folder.resolve("ops.log");
    }

    private FollowedFile open() {
        return new FollowedFile(file, mark, BATCH, warnings::add);
    }

    private void write(String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /// Reads all there is, as a command would.
    private String drain(FollowedFile followed) throws IOException {
        var text = new StringBuilder();
        for (var lines = followed.next(); lines.isPresent(); lines = followed.next()) {
            text.append(new String(lines.get().bytes(), UTF_8));
            followed.done(lines.get());
            mark = lines.get().next();
        }
        return text.toString();
    }

    @Test
    void whole_lines_are_read_and_no_other() throws Exception {
        try (var followed = open()) {
            assertThat(followed.next()).isEmpty();
            write("one\ntwo\nthree is longer than a batch\nfo");
            assertThat(drain(followed)).isEqualTo("one\ntwo\nthree is longer than a batch\n");
            write("ur\n");
            assertThat(drain(followed)).isEqualTo("four\n");
        }
    }

    @Test
    void lines_that_are_not_dealt_with_come_again() throws Exception {
        write("one\n");
        try (var followed = open()) {
            assertThat(followed.next().orElseThrow().bytes()).asString().isEqualTo("one\n");
            assertThat(followed.next().orElseThrow().bytes()).asString().isEqualTo("one\n");
        }
    }

    @Test
    void a_later_start_goes_on_where_it_was_left() throws Exception {
        write("one\n");
        try (var followed = open()) {
            assertThat(drain(followed)).isEqualTo("one\n");
        }
        write("two\n");
        try (var followed = open()) {
            assertThat(drain(followed)).isEqualTo("two\n");
        }
        assertThat(warnings).isEmpty();
    }

    @Test
    void a_renamed_file_is_read_to_its_end_before_the_new_one() throws Exception {
        write("one\n");
        try (var followed = open()) {
            assertThat(drain(followed)).isEqualTo("one\n");
            write("two\nhalf");
            Files.move(file, folder.resolve("ops.log.1"));
            assertThat(drain(followed)).isEqualTo("two\n");
            write("new\n");
            assertThat(drain(followed)).isEqualTo("halfnew\n");
        }
        assertThat(warnings).isEmpty();
    }

    @Test
    void a_file_renamed_while_nobody_read_is_found() throws Exception {
        write("one\n");
        try (var followed = open()) {
            assertThat(drain(followed)).isEqualTo("one\n");
        }
        write("two\n");
        Files.move(file, folder.resolve("ops.log.1"));
        write("new\n");
        try (var followed = open()) {
            assertThat(drain(followed)).isEqualTo("two\nnew\n");
        }
        assertThat(warnings).isEmpty();
    }

    @Test
    void what_is_gone_is_told() throws Exception {
        write("one\n");
        try (var followed = open()) {
            assertThat(drain(followed)).isEqualTo("one\n");
        }
        Files.delete(file);
        // Most file systems give the new file the old one's key.
        write("new and longer than the old one\n");
        try (var followed = open()) {
            assertThat(drain(followed)).isEqualTo("new and longer than the old one\n");
        }
        assertThat(warnings).singleElement().asString().contains("byte 4", "gone");
    }

    @Test
    void a_file_that_is_cut_off_is_read_from_its_start() throws Exception {
        write("one\ntwo\n");
        try (var followed = open()) {
            assertThat(drain(followed)).isEqualTo("one\ntwo\n");
            Files.writeString(file, "new\n");
            assertThat(drain(followed)).isEqualTo("new\n");
        }
        assertThat(warnings).singleElement().asString().contains("cut off");
    }
}
