package dev.cairn.testkit.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.archive.ColdFiles;
import dev.cairn.disk.DiskException;
import dev.cairn.disk.OpenFile;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What every [ColdFiles] does. An implementation's test extends this.
public abstract class ColdFilesContract {
    /// More than the S3 twin puts or reads at once, and no multiple of anything.
    private static final int LARGE = (35 << 20) + 7;

    protected static final String NAME = "00000001/a0/a0000000000000000000000000000001";
    private static final String OTHER = "00000001/a0/a0000000000000000000000000000002";

    /// A place without a mark and without files; the suite closes it.
    protected abstract ColdFiles newPlace() throws Exception;

    /// The place that was made last, as another process sees it; the suite closes it.
    protected abstract ColdFiles samePlace() throws Exception;

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    /// Writes a file in pieces of uneven length.
    protected static void write(ColdFiles files, String name, byte[] content) throws DiskException {
        try (ColdFiles.Draft draft = files.create(name)) {
            int step = 65_552;
            for (int at = 0; at < content.length; at += step) {
                draft.append(ByteBuffer.wrap(content, at, Math.min(step, content.length - at)));
            }
            draft.finish();
        }
    }

    private static byte[] read(OpenFile file, long at, int length) throws DiskException {
        byte[] bytes = new byte[length];
        assertThat(file.read(ByteBuffer.wrap(bytes), at)).isEqualTo(length);
        return bytes;
    }

    private static void isNotThere(ColdFiles files, String name) {
        assertThatThrownBy(() -> files.open(name).close())
                .isInstanceOfSatisfying(
                        DiskException.class,
                        e -> assertThat(e.kind()).isEqualTo(DiskException.Kind.NOT_FOUND));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100, 4 << 20, (4 << 20) + 1, 16 << 20, (16 << 20) + 1, LARGE})
    void what_was_written_is_read_from_anywhere(int length) throws Exception {
        byte[] content = random(length);
        try (ColdFiles files = newPlace()) {
            write(files, NAME, content);
        }
        try (ColdFiles files = samePlace();
                OpenFile file = files.open(NAME)) {
            assertThat(file.size()).isEqualTo(length);
            // As an object's file is read: its end, its start, then all of it.
            int end = Math.min(12, length);
            assertThat(read(file, length - end, end))
                    .isEqualTo(Arrays.copyOfRange(content, length - end, length));
            assertThat(read(file, 0, 1)).isEqualTo(new byte[] {content[0]});
            assertThat(Arrays.equals(read(file, 0, length), content)).isTrue();
            var past = ByteBuffer.allocate(10);
            assertThat(file.read(past, length - 1L)).isEqualTo(1);
            assertThat(file.read(past, length)).isZero();
        }
    }

    @Test
    void what_is_deleted_is_gone_and_may_be_deleted_again() throws Exception {
        try (ColdFiles files = newPlace()) {
            write(files, NAME, random(100));
            write(files, OTHER, random(10));
            files.delete(NAME);
            files.delete(NAME);
            isNotThere(files, NAME);
            files.delete("00000009/b0/b0000000000000000000000000000001");
            try (OpenFile other = files.open(OTHER)) {
                assertThat(read(other, 0, 10)).isEqualTo(random(10));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 100, LARGE})
    void what_was_never_finished_can_be_deleted(int length) throws Exception {
        try (ColdFiles files = newPlace()) {
            try (ColdFiles.Draft draft = files.create(NAME)) {
                draft.append(ByteBuffer.wrap(random(length)));
            }
            files.delete(NAME);
            isNotThere(files, NAME);
        }
        leftNothing();
    }

    /// Sees that the place that was made last has neither files nor parts of any.
    protected abstract void leftNothing() throws Exception;

    @Test
    void a_place_is_marked_for_everyone() throws Exception {
        try (ColdFiles files = newPlace();
                ColdFiles same = samePlace()) {
            assertThat(files.mark()).isEmpty();
            assertThat(same.mark()).isEmpty();
            isNotThere(files, NAME);
            files.mark("cairn cold 1 é");
            assertThat(files.mark()).isEqualTo("cairn cold 1 é");
            assertThat(same.mark()).isEqualTo("cairn cold 1 é");
        }
    }
}
