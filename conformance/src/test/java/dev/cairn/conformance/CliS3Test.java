package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `aws s3` and `aws s3api`, as a person uses them on the built-in archive.
class CliS3Test {
    private static final Path PROGRAM = Path.of("/usr/bin/aws");
    private static final Duration MAX = Duration.ofSeconds(60);

    private static LiveServer server;

    @BeforeAll
    static void start(@TempDir Path cold) throws Exception {
        if (!Files.isExecutable(PROGRAM)) {
            throw Clients.absent("expected the AWS CLI at " + PROGRAM + ": apt-get install awscli");
        }
        server = LiveServer.start("archive.cold=" + cold, "archive.lifecycle-interval=1s");
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    private static Command aws(String... words) throws Exception {
        var all = new ArrayList<>(List.of(PROGRAM.toString()));
        all.addAll(List.of(words));
        all.addAll(List.of("--endpoint-url", server.endpoint().toString()));
        var environment = new HashMap<>(server.environment(LiveServer.ROOT));
        environment.put("AWS_EC2_METADATA_DISABLED", "true");
        environment.put("AWS_MAX_ATTEMPTS", "1");
        environment.put("AWS_PAGER", "");
        return Command.run(server.home(), environment, all);
    }

    private static HttpResponse<byte[]> get(String url, String range) throws Exception {
        try (var client = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(URI.create(url));
            if (!range.isEmpty()) {
                request.header("Range", range);
            }
            return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        }
    }

    @Test
    void a_bucket_is_made_filled_read_listed_and_removed() throws Exception {
        var content = new byte[9_000_000]; // more than one part
        new Random(1).nextBytes(content);
        Files.write(server.home().resolve("big"), content);
        Files.writeString(server.home().resolve("small"), "hello");

        aws("s3", "mb", "s3://box").exited(0);
        aws("s3", "cp", "--quiet", "big", "s3://box/in/big").exited(0);
        aws("s3", "cp", "--quiet", "small", "s3://box/in/a b+c.txt").exited(0);
        aws("s3", "cp", "--quiet", "s3://box/in/big", "back").exited(0);
        assertThat(Files.readAllBytes(server.home().resolve("back"))).isEqualTo(content);
        assertThat(aws("s3", "cp", "s3://box/in/a b+c.txt", "-").exited(0).out())
                .isEqualTo("hello");
        assertThat(aws("s3", "ls", "s3://box/").exited(0).out().strip()).isEqualTo("PRE in/");
        assertThat(aws("s3", "ls", "--recursive", "s3://box/").exited(0).out().lines())
                .hasSize(2)
                .first()
                .asString()
                .endsWith("5 in/a b+c.txt");

        var url = aws("s3", "presign", "s3://box/in/big").exited(0).out().strip();
        var part = get(url, "bytes=100-199");
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo(java.util.Arrays.copyOfRange(content, 100, 200));
        assertThat(get(url.replace("in/big", "in/bag"), "").statusCode()).isEqualTo(403);

        assertThat(aws("s3", "rb", "s3://box").err()).contains("BucketNotEmpty");
        aws("s3", "rm", "--quiet", "--recursive", "s3://box").exited(0);
        aws("s3", "rb", "s3://box").exited(0);
        assertThat(aws("s3", "ls", "s3://box").err()).contains("NoSuchBucket");
    }

    @Test
    void a_policy_opens_what_it_says_and_no_more() throws Exception {
        aws("s3", "mb", "s3://open-door").exited(0);
        Files.writeString(server.home().resolve("page"), "seen");
        aws("s3", "cp", "--quiet", "page", "s3://open-door/public/page").exited(0);
        aws("s3", "cp", "--quiet", "page", "s3://open-door/private/page").exited(0);
        var base = server.endpoint() + "/open-door/";
        assertThat(get(base + "public/page", "").statusCode()).isEqualTo(403);

        String[] open = {
            "s3api",
            "put-bucket-policy",
            "--bucket",
            "open-door",
            "--policy",
            """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",
            "Action":"s3:GetObject","Resource":"arn:aws:s3:::open-door/public/*"}]}\
            """
        };
        assertThat(aws(open).err()).contains("AccessDenied").contains("BlockPublicPolicy");
        assertThat(publicAccess("get-public-access-block", "--output", "text").exited(0).out())
                .contains("True\tTrue\tTrue\tTrue");
        publicAccess("delete-public-access-block").exited(0);
        assertThat(publicAccess("get-public-access-block").err())
                .contains("NoSuchPublicAccessBlockConfiguration");
        aws(open).exited(0);
        assertThat(publicAccess("get-bucket-policy-status", "--output", "text").exited(0).out())
                .contains("True");
        assertThat(get(base + "public/page", "").body())
                .isEqualTo("seen".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThat(get(base + "private/page", "").statusCode()).isEqualTo(403);
        assertThat(get(base + "public/none", "").statusCode()).isEqualTo(403);
        assertThat(aws("s3api", "get-bucket-policy", "--bucket", "open-door").exited(0).out())
                .contains("s3:GetObject");
        assertThat(
                        aws(
                                        "s3api",
                                        "put-bucket-policy",
                                        "--bucket",
                                        "open-door",
                                        "--policy",
                                        "{\"Statement\":[]}")
                                .err())
                .contains("MalformedPolicy");
        var events =
                aws(
                                "cloudtrail",
                                "lookup-events",
                                "--lookup-attributes",
                                "AttributeKey=EventName,AttributeValue=PutBucketPolicy")
                        .exited(0)
                        .out();
        assertThat(events).contains("arn:aws:s3:::open-door").contains("MalformedPolicy");

        publicAccess(
                        "put-public-access-block",
                        "--public-access-block-configuration",
                        "BlockPublicPolicy=true")
                .exited(0);
        assertThat(publicAccess("get-public-access-block", "--output", "text").exited(0).out())
                .contains("False\tTrue\tFalse\tFalse");
        assertThat(aws(open).err()).contains("AccessDenied");
        assertThat(get(base + "public/page", "").statusCode()).isEqualTo(200);
    }

    private static Command publicAccess(String operation, String... words) throws Exception {
        var all = new ArrayList<>(List.of("s3api", operation, "--bucket", "open-door"));
        all.addAll(List.of(words));
        return aws(all.toArray(String[]::new));
    }

    @Test
    void a_locked_version_stays_by_the_cli_s_words_too() throws Exception {
        aws("s3api", "create-bucket", "--bucket", "vault", "--object-lock-enabled-for-bucket")
                .exited(0);
        aws(
                        "s3api",
                        "put-object-lock-configuration",
                        "--bucket",
                        "vault",
                        "--object-lock-configuration",
                        "{\"ObjectLockEnabled\":\"Enabled\",\"Rule\":{\"DefaultRetention\":{\"Mode\":\"GOVERNANCE\",\"Years\":7}}}")
                .exited(0);
        Files.writeString(server.home().resolve("log"), "delivered");
        aws("s3", "cp", "--quiet", "log", "s3://vault/log").exited(0);
        aws("s3", "rm", "--quiet", "s3://vault/log").exited(0);
        var version =
                aws(
                                "s3api",
                                "list-object-versions",
                                "--bucket",
                                "vault",
                                "--query",
                                "Versions[0].VersionId",
                                "--output",
                                "text")
                        .exited(0)
                        .out()
                        .strip();
        var delete =
                List.of(
                        "s3api",
                        "delete-object",
                        "--bucket",
                        "vault",
                        "--key",
                        "log",
                        "--version-id",
                        version);
        assertThat(aws(delete.toArray(String[]::new)).err()).contains("AccessDenied");
        assertThat(
                        aws(
                                        "s3api",
                                        "get-object-retention",
                                        "--bucket",
                                        "vault",
                                        "--key",
                                        "log",
                                        "--version-id",
                                        version)
                                .exited(0)
                                .out())
                .contains("GOVERNANCE");
        server.kill();
        server.restart();
        var bypass = new ArrayList<>(delete);
        assertThat(aws(delete.toArray(String[]::new)).err()).contains("AccessDenied");
        bypass.add("--bypass-governance-retention");
        aws(bypass.toArray(String[]::new)).exited(0);
    }

    @Test
    void versions_are_kept_and_locked_one_by_one() throws Exception {
        aws("s3", "mb", "s3://kept-box").exited(0);
        s3api("put-bucket-versioning", "kept-box", "--versioning-configuration", "Status=Enabled");
        assertThat(s3api("get-bucket-versioning", "kept-box")).contains("Enabled");
        Files.writeString(server.home().resolve("page"), "first");
        s3api("put-object", "kept-box", "--key", "page", "--body", "page");
        s3api("put-object", "kept-box", "--key", "page", "--body", "page");
        assertThat(Wire.JSON.readTree(s3api("list-object-versions", "kept-box")).path("Versions"))
                .hasSize(2);
        s3api(
                "put-object-lock-configuration",
                "kept-box",
                "--object-lock-configuration",
                "ObjectLockEnabled=Enabled");
        assertThat(s3api("get-object-lock-configuration", "kept-box")).contains("Enabled");
        s3api(
                "put-object-retention",
                "kept-box",
                "--key",
                "page",
                "--retention",
                "Mode=GOVERNANCE,RetainUntilDate=2100-01-01T00:00:00Z");
        assertThat(s3api("get-object-retention", "kept-box", "--key", "page"))
                .contains("2100-01-01");
        s3api("put-object-legal-hold", "kept-box", "--key", "page", "--legal-hold", "Status=ON");
        assertThat(s3api("get-object-legal-hold", "kept-box", "--key", "page")).contains("ON");
    }

    @Test
    void what_a_rule_moved_to_the_colder_place_is_brought_back() throws Exception {
        aws("s3", "mb", "s3://aged-box").exited(0);
        Files.writeString(server.home().resolve("old"), "old ".repeat(50_000));
        s3api("put-object", "aged-box", "--key", "logs/old", "--body", "old");
        s3api(
                "put-bucket-lifecycle-configuration",
                "aged-box",
                "--lifecycle-configuration",
                """
                {"Rules":[{"ID":"cold","Status":"Enabled","Filter":{"Prefix":"logs/"},
                "Transitions":[{"Date":"2020-01-01T00:00:00Z","StorageClass":"DEEP_ARCHIVE"}]}]}\
                """);
        assertThat(s3api("get-bucket-lifecycle-configuration", "aged-box"))
                .contains("DEEP_ARCHIVE");
        Await.until(
                Await.Bound.of("an object in the colder place", MAX),
                () -> headOfOld().path("StorageClass").asText().equals("DEEP_ARCHIVE"));
        s3api("restore-object", "aged-box", "--key", "logs/old", "--restore-request", "Days=2");
        Await.until(
                Await.Bound.of("a copy of it", MAX),
                () -> headOfOld().path("Restore").asText().contains("ongoing-request=\"false\""));
        assertThat(aws("s3", "cp", "s3://aged-box/logs/old", "-").exited(0).out())
                .startsWith("old old");
    }

    private static JsonNode headOfOld() throws Exception {
        return Wire.JSON.readTree(s3api("head-object", "aged-box", "--key", "logs/old"));
    }

    private static String s3api(String operation, String bucket, String... words) throws Exception {
        var all = new ArrayList<>(List.of("s3api", operation, "--bucket", bucket));
        all.addAll(List.of(words));
        return aws(all.toArray(String[]::new)).exited(0).out();
    }

    @Test
    void what_is_stored_survives_a_kill() throws Exception {
        aws("s3", "mb", "s3://keep").exited(0);
        Files.writeString(server.home().resolve("kept"), "still here");
        aws("s3", "cp", "--quiet", "kept", "s3://keep/kept").exited(0);
        server.kill();
        server.restart();
        assertThat(aws("s3", "cp", "s3://keep/kept", "-").exited(0).out()).isEqualTo("still here");
    }
}
