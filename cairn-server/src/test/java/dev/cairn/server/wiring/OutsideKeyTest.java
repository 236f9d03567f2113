package dev.cairn.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.server.configuration.Configuration;
import dev.cairn.server.configuration.Settings;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;

/// A data folder whose master key is wrapped by a key of AWS KMS; here that of another Cairn, over
/// HTTP.
class OutsideKeyTest {
    private static final String ID = "AKIAOUTSIDEKEYTEST01";
    private static final String SECRET = "outside/key/secret/0123456789abcdef01234";
    private static final String WRAPPED = "keys/master.wrapped";

    @TempDir private Path temporary = Path.of("");

    private Cairn keeper;
    private KmsClient kms;
    private Path data = Path.of("");

    @BeforeEach
    void startKeeper() throws Exception {
        data = temporary.resolve("data");
        var settings = new Settings();
        settings.set("http.port", "0", "test");
        settings.set("auth.root-access-key", ID, "test");
        settings.set("auth.root-secret-key", SECRET, "test");
        keeper = Cairn.start(Configuration.of(temporary.resolve("keeper"), settings));
        kms =
                KmsClient.builder()
                        .endpointOverride(keeper.endpoint())
                        .credentialsProvider(
                                StaticCredentialsProvider.create(
                                        AwsBasicCredentials.create(ID, SECRET)))
                        .region(Region.US_EAST_1)
                        .build();
        // Where the SDK looks first.
        System.setProperty("aws.accessKeyId", ID);
        System.setProperty("aws.secretAccessKey", SECRET);
    }

    @AfterEach
    void forgetCredentials() {
        System.clearProperty("aws.accessKeyId");
        System.clearProperty("aws.secretAccessKey");
        stopKeeper();
    }

    private void stopKeeper() {
        kms.close();
        keeper.close();
    }

    private String newKey() {
        return kms.createKey(_ -> {}).keyMetadata().arn();
    }

    private String setting(String arn, URI endpoint) {
        return "aws-kms://" + arn + "?endpoint=" + endpoint;
    }

    private String setting(String arn) {
        return setting(arn, keeper.endpoint());
    }

    /// Serves the folder for a moment.
    ///
    /// @return its root access key, which opens under the right master key alone
    private String rootCredentials(String keysMaster) throws Exception {
        var settings = new Settings();
        settings.set("http.port", "0", "test");
        settings.set("keys.master", keysMaster, "test");
        var note = data.resolve("keys/root-credentials");
        Files.deleteIfExists(note);
        try (var _ = Cairn.start(Configuration.of(data, settings))) {
            return Files.readString(note);
        }
    }

    private void refused(String keysMaster, String... words) throws Exception {
        var wrapped = Files.readAllBytes(data.resolve(WRAPPED));
        var catalog = Files.readAllBytes(data.resolve("catalog.db"));
        assertThatThrownBy(() -> rootCredentials(keysMaster))
                .isInstanceOf(StartException.class)
                .hasMessageContainingAll(words)
                .hasMessageContaining("nothing was changed");
        assertThat(data.resolve(WRAPPED)).hasBinaryContent(wrapped);
        assertThat(data.resolve("catalog.db")).hasBinaryContent(catalog);
    }

    @Test
    void a_folder_opens_as_long_as_the_key_outside_lets_it() throws Exception {
        var arn = newKey();
        var root = rootCredentials(setting(arn));
        assertThat(data.resolve("keys/master")).doesNotExist();
        assertThat(Files.readString(data.resolve(WRAPPED))).startsWith("v1 aws-kms://" + arn);
        assertThat(rootCredentials(setting(arn))).isEqualTo(root);

        // Another key, which did not wrap it.
        var other = newKey();
        refused(setting(other), other, "which is under aws-kms://" + arn, "IncorrectKeyException");
        // The right is gone.
        kms.disableKey(ask -> ask.keyId(arn));
        refused(setting(arn), "DisabledException");
        kms.enableKey(ask -> ask.keyId(arn));
        System.setProperty("aws.secretAccessKey", SECRET + "x");
        refused(setting(arn), "does not unwrap");
        System.setProperty("aws.secretAccessKey", SECRET);
        // An alias names the key as well; so does a key that was rotated.
        kms.createAlias(ask -> ask.aliasName("alias/cairn").targetKeyId(arn));
        assertThat(rootCredentials(setting(arn.replaceFirst("key/.*", "alias/cairn"))))
                .isEqualTo(root);
        assertThat(rootCredentials(setting(arn))).isEqualTo(root);
    }

    @Test
    void a_service_that_is_away_starts_nothing_and_the_next_try_does() throws Exception {
        var arn = newKey();
        var away = keeper.endpoint();
        stopKeeper();
        assertThatThrownBy(() -> rootCredentials(setting(arn, away)))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("does not wrap a master key");
        assertThat(data.resolve(WRAPPED)).doesNotExist();

        startKeeper();
        var root = rootCredentials(setting(arn));
        var back = keeper.endpoint();
        stopKeeper();
        refused(setting(arn, back), "does not unwrap the master key");

        startKeeper();
        assertThat(rootCredentials(setting(arn))).isEqualTo(root);
    }

    @Test
    void the_master_key_moves_under_a_key_outside_on_to_another_and_out_again() throws Exception {
        var root = rootCredentials("");
        var first = newKey();
        var second = newKey();

        assertThat(MasterKeyChange.run(data, "", setting(first))).isEqualTo(2);
        assertThat(data.resolve("keys/master")).doesNotExist();
        assertThatThrownBy(() -> rootCredentials("")).isInstanceOf(StartException.class);
        assertThat(rootCredentials(setting(first))).isEqualTo(root);

        assertThat(MasterKeyChange.run(data, setting(first), setting(second))).isEqualTo(2);
        assertThat(rootCredentials(setting(second))).isEqualTo(root);

        var outside = temporary.resolve("outside");
        Files.writeString(outside, "ab".repeat(32));
        assertThat(MasterKeyChange.run(data, setting(second), "file:" + outside)).isEqualTo(2);
        assertThat(rootCredentials("file:" + outside)).isEqualTo(root);
        assertThat(data.resolve(WRAPPED)).doesNotExist();
    }

    @Test
    void a_move_that_was_cut_short_at_its_end_is_completed_by_the_next_start() throws Exception {
        var root = rootCredentials("");
        var arn = newKey();
        var plain = Files.readAllBytes(data.resolve("keys/master"));
        MasterKeyChange.run(data, "", setting(arn));
        // As if it had ended before the last two steps.
        Files.write(data.resolve("keys/master"), plain);
        Files.move(data.resolve(WRAPPED), data.resolve(WRAPPED + ".next"));
        var next = Files.readAllBytes(data.resolve(WRAPPED + ".next"));

        // Doing it again must not write over the only key that opens.
        assertThatThrownBy(() -> MasterKeyChange.run(data, "", setting(arn)))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("does not open");
        assertThat(data.resolve(WRAPPED + ".next")).hasBinaryContent(next);

        assertThat(rootCredentials(setting(arn))).isEqualTo(root);
        assertThat(data.resolve(WRAPPED)).hasBinaryContent(next);
        assertThat(data.resolve(WRAPPED + ".next")).doesNotExist();
        assertThat(data.resolve("keys/master")).doesNotExist();
    }

    @Test
    void a_move_from_one_key_outside_to_another_that_was_cut_short_is_settled() throws Exception {
        var first = setting(newKey());
        var second = setting(newKey());
        var root = rootCredentials(first);
        var old = Files.readAllBytes(data.resolve(WRAPPED));
        var before = Files.readAllBytes(data.resolve("catalog.db"));
        MasterKeyChange.run(data, first, second);
        var fresh = Files.readAllBytes(data.resolve(WRAPPED));
        var after = Files.readAllBytes(data.resolve("catalog.db"));

        // As if it had ended before the last step: what is sealed opens under the later key.
        Files.write(data.resolve(WRAPPED + ".next"), fresh);
        Files.write(data.resolve(WRAPPED), old);
        assertThatThrownBy(() -> rootCredentials(first)).isInstanceOf(StartException.class);
        assertThat(data.resolve(WRAPPED + ".next")).hasBinaryContent(fresh);
        assertThat(data.resolve("catalog.db")).hasBinaryContent(after);
        assertThat(rootCredentials(second)).isEqualTo(root);
        assertThat(data.resolve(WRAPPED)).hasBinaryContent(fresh);
        assertThat(data.resolve(WRAPPED + ".next")).doesNotExist();

        // As if it had ended before that: it opens under the former one.
        Files.write(data.resolve(WRAPPED + ".next"), fresh);
        Files.write(data.resolve(WRAPPED), old);
        Files.write(data.resolve("catalog.db"), before);
        refused(second, "does not unwrap the master key");
        assertThat(data.resolve(WRAPPED + ".next")).hasBinaryContent(fresh);
        assertThat(rootCredentials(first)).isEqualTo(root);
        assertThat(data.resolve(WRAPPED)).hasBinaryContent(old);
        assertThat(data.resolve(WRAPPED + ".next")).doesNotExist();
    }
}
