package dev.cairn.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.testkit.proof.DigestKeys;
import dev.cairn.testkit.proof.MapBuckets;
import dev.cairn.testkit.proof.SealedBucket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyCommandTest {
    private static final DigestKeys KEYS = new DigestKeys();

    @TempDir private Path folder = Path.of("");
    private SealedBucket.Trail trail = trail(new MapBuckets("audit-logs"));

    private static SealedBucket.Trail trail(MapBuckets buckets) {
        return new SealedBucket(buckets, "audit-logs", new SplittableRandom(3))
                .trail("", "123456789012", "us-east-1", "main", KEYS);
    }

    @BeforeEach
    void a_copy_with_signatures() throws Exception {
        var buckets = new MapBuckets("audit-logs");
        trail = trail(buckets).hours(Instant.parse("2026-11-20T20:00:00Z"), 8, 2);
        for (var item : buckets.items().entrySet()) {
            var file = folder.resolve("copy").resolve(item.getKey());
            Files.createDirectories(file.resolveSibling("."));
            Files.write(file, item.getValue().bytes());
            if (!item.getValue().metadata().isEmpty()) {
                new ObjectMapper()
                        .writeValue(
                                file.resolveSibling(file.getFileName() + CopiedBucket.METADATA)
                                        .toFile(),
                                item.getValue().metadata());
            }
        }
        Files.writeString(folder.resolve("keys.json"), KEYS.listing());
    }

    @Test
    void an_untouched_copy_is_proved_and_its_head_noted() {
        assertThat(verify("--save-head", folder.resolve("head.json").toString())).isZero();
        assertThat(verify("--head", folder.resolve("head.json").toString(), "--json")).isZero();
    }

    @Test
    void a_changed_file_exits_1() throws Exception {
        Files.write(
                folder.resolve("copy").resolve(trail.files().get(3).key()),
                SealedBucket.gzip(new byte[] {'{', '}'}));
        assertThat(verify()).isEqualTo(1);
    }

    @Test
    void an_end_cut_off_exits_1_with_the_head_and_only_then() throws Exception {
        assertThat(verify("--save-head", folder.resolve("head.json").toString())).isZero();
        Files.delete(folder.resolve("copy").resolve(trail.digests().getLast().key()));
        for (var file : trail.files().subList(14, 16)) {
            Files.delete(folder.resolve("copy").resolve(file.key()));
        }
        assertThat(verify()).isZero();
        assertThat(verify("--head", folder.resolve("head.json").toString())).isEqualTo(1);
    }

    @Test
    void what_is_later_than_until_does_not_count() throws Exception {
        Files.write(
                folder.resolve("copy").resolve(trail.files().getLast().key()),
                SealedBucket.gzip(new byte[] {'{', '}'}));
        assertThat(verify("--until", "2026-11-21T03:30:00Z")).isZero();
        assertThat(verify("--until", "2026-11-22")).isEqualTo(1);
        assertThat(verify("--until", "2026-11-20")).isEqualTo(2);
        assertThat(verify("--until", "tomorrow")).isEqualTo(2);
        assertThat(verify("--until", "2026-11-20", "--since", "1s")).isEqualTo(2);
    }

    @Test
    void a_head_noted_up_to_a_time_must_be_there_later() throws Exception {
        var head = folder.resolve("head.json").toString();
        assertThat(verify("--until", "2026-11-21T00:00:00Z", "--save-head", head)).isZero();
        assertThat(verify("--head", head)).isZero();
        Files.delete(folder.resolve("copy").resolve(trail.digests().get(3).key()));
        assertThat(verify("--head", head, "--until", "2026-11-21T00:00:00Z")).isEqualTo(1);
    }

    @Test
    void nothing_to_judge_exits_2() throws Exception {
        Files.createDirectory(folder.resolve("empty"));
        assertThat(run("verify", folder.resolve("empty").toString())).isEqualTo(2);
        assertThat(verify("--keys", folder.resolve("none.json").toString())).isEqualTo(2);
    }

    private int verify(String... more) {
        var arguments = new java.util.ArrayList<String>();
        arguments.add("verify");
        arguments.add(folder.resolve("copy").toString());
        arguments.addAll(java.util.List.of(more));
        return run(arguments.toArray(String[]::new));
    }

    private int run(String... arguments) {
        var all = new java.util.ArrayList<>(java.util.List.of(arguments));
        if (!all.contains("--keys")) {
            all.add("--keys");
            all.add(folder.resolve("keys.json").toString());
        }
        return CairnCommand.run(all.toArray(String[]::new));
    }
}
