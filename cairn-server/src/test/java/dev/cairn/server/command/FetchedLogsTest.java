package dev.cairn.server.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.testkit.proof.MapBuckets;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Log files of a bucket, kept on this machine.
final class FetchedLogsTest {
    @TempDir private Path folder = Path.of("");

    private final MapBuckets buckets = new MapBuckets("old-logs");

    private void put(String key, String text) {
        buckets.items()
                .put(key, new MapBuckets.Item(text.getBytes(StandardCharsets.UTF_8), Map.of()));
    }

    private FetchedLogs logs(long bytesMax) {
        return new FetchedLogs(folder, bytesMax);
    }

    private static BucketPlace place(String prefix) {
        return new BucketPlace("old-logs", prefix);
    }

    private static List<String> files(Path root) throws Exception {
        try (var files = Files.walk(root)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> root.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void what_is_new_is_fetched_and_what_is_gone_goes() throws Exception {
        put("AWSLogs/1/a.json", "a");
        put("AWSLogs/1/b.json.gz", "b");
        put("AWSLogs/1/c_CloudTrail-Digest_.json.gz", "digest");
        put("AWSLogs/1/readme", "?");
        put("other/d.json", "d");
        try (var logs = logs(100)) {
            var root = logs.fetch(buckets, "here", place("AWSLogs/")).getFirst();
            assertThat(files(root)).containsExactly("AWSLogs/1/a.json", "AWSLogs/1/b.json.gz");
            assertThat(logs.whole()).isTrue();
        }
        put("AWSLogs/2/new.json", "new");
        put("AWSLogs/1/a.json", "longer");
        buckets.items().remove("AWSLogs/1/b.json.gz");
        try (var logs = logs(100)) {
            var root = logs.fetch(buckets, "here", place("AWSLogs/")).getFirst();
            assertThat(files(root)).containsExactly("AWSLogs/1/a.json", "AWSLogs/2/new.json");
            assertThat(root.resolve("AWSLogs/1/a.json")).hasContent("longer");
        }
    }

    @Test
    void nothing_is_taken_away_while_another_process_reads() throws Exception {
        put("AWSLogs/a.json", "a");
        put("AWSLogs/b.json", "b");
        Path root;
        try (var logs = logs(100)) {
            root = logs.fetch(buckets, "here", place("AWSLogs/")).getFirst();
        }
        buckets.items().remove("AWSLogs/b.json");
        put("AWSLogs/c.json", "c");
        var reader =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Reader.class.getName(),
                                root + ".reading")
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (var logs = logs(100);
                var said = reader.inputReader()) {
            assertThat(said.readLine()).isEqualTo("reading");
            assertThat(logs.fetch(buckets, "here", place("AWSLogs/")))
                    .as("what is there, and nothing else")
                    .containsExactly(
                            root.resolve("AWSLogs/a.json"), root.resolve("AWSLogs/c.json"));
            assertThat(files(root))
                    .containsExactly("AWSLogs/a.json", "AWSLogs/b.json", "AWSLogs/c.json");
        } finally {
            reader.destroyForcibly().waitFor();
        }
        try (var logs = logs(100)) {
            assertThat(logs.fetch(buckets, "here", place("AWSLogs/"))).containsExactly(root);
            assertThat(files(root)).containsExactly("AWSLogs/a.json", "AWSLogs/c.json");
        }
    }

    /// Another process that reads, until it is ended.
    static final class Reader {
        public static void main(String[] arguments) throws Exception {
            try (var channel =
                            FileChannel.open(
                                    Path.of(arguments[0]),
                                    StandardOpenOption.READ,
                                    StandardOpenOption.WRITE);
                    var _ = channel.lock(0, Long.MAX_VALUE, true)) {
                System.out.println("reading");
                var _ = System.in.read();
            }
        }
    }

    @Test
    void one_object_is_one_file_whatever_its_name() throws Exception {
        put("dump", "{}");
        try (var logs = logs(100)) {
            assertThat(logs.fetch(buckets, "here", place("dump")).getFirst())
                    .isRegularFile()
                    .hasContent("{}");
        }
    }

    @Test
    void no_key_leads_out_of_the_folder_and_what_cannot_be_fetched_is_told() throws Exception {
        put("logs/../../evil.json", "evil");
        put("logs/good.json", "good");
        put("logs/lost.json", "lost");
        buckets.away().add("logs/lost.json");
        try (var logs = logs(100)) {
            var root = logs.fetch(buckets, "here", place("logs/")).getFirst();
            assertThat(files(root)).containsExactly("logs/good.json");
            assertThat(logs.whole()).isFalse();
        }
        assertThat(folder.resolve("../evil.json")).doesNotExist();
    }

    @Test
    void the_place_asked_for_longest_ago_goes_unless_it_is_read() throws Exception {
        put("a/1.json", "x".repeat(60));
        put("b/1.json", "x".repeat(60));
        try (var reading = logs(100)) {
            var first = reading.fetch(buckets, "here", place("a/")).getFirst();
            // As another process would, which this one cannot be: it only counts.
            var second = reading.fetch(buckets, "here", place("b/")).getFirst();
            assertThat(files(first)).hasSize(1);
            assertThat(files(second)).hasSize(1);
        }
        try (var logs = logs(100)) {
            var second = logs.fetch(buckets, "here", place("b/")).getFirst();
            assertThat(files(second)).hasSize(1);
        }
        try (var places = Files.newDirectoryStream(folder, Files::isDirectory)) {
            assertThat(places).hasSize(1);
        }
    }

    @Test
    void more_than_may_be_kept_is_refused_before_it_is_fetched() throws Exception {
        put("a/1.json", "x".repeat(60));
        put("a/2.json", "x".repeat(60));
        try (var logs = logs(100)) {
            assertThatThrownBy(() -> logs.fetch(buckets, "here", place("a/")))
                    .isInstanceOf(CommandException.class)
                    .hasMessageContaining("120 bytes");
            assertThatThrownBy(() -> logs.fetch(buckets, "here", place("none/")))
                    .isInstanceOf(CommandException.class)
                    .hasMessageContaining("no log files");
        }
    }
}
