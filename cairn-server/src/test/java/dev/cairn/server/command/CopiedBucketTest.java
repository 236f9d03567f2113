package dev.cairn.server.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cairn.archive.ArchiveException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Keys that strangers chose, as names in a folder.
class CopiedBucketTest {
    @TempDir Path temp;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../secret",
                "AWSLogs/../../secret",
                "/secret",
                "AWSLogs/./a.json.gz",
                "AWSLogs//a.json.gz",
                "AWSLogs/",
                "AWSLogs/a\0b",
                "AWSLogs/a.json.gz.metadata"
            })
    void a_key_that_is_no_name_of_its_own_is_not_held(String key) {
        assertThat(CopiedBucket.canHold(key)).isFalse();
    }

    @Test
    void a_key_of_a_log_file_is_held() {
        assertThat(CopiedBucket.canHold("p.q/AWSLogs/1/CloudTrail/eu-west-1/a_b.json.gz")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../secret", "AWSLogs/../../secret", "a\0b"})
    void a_key_that_leads_elsewhere_is_an_answer_and_reads_nothing(String key) throws Exception {
        Files.writeString(temp.resolve("secret"), "not of the bucket");
        var copy = new CopiedBucket(Files.createDirectory(temp.resolve("copy")));
        assertThatExceptionOfType(ArchiveException.class).isThrownBy(() -> copy.get("any", key));
    }
}
