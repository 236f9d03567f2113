package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.AliasListEntry;
import software.amazon.awssdk.services.kms.model.AlreadyExistsException;
import software.amazon.awssdk.services.kms.model.DataKeySpec;
import software.amazon.awssdk.services.kms.model.DisabledException;
import software.amazon.awssdk.services.kms.model.DryRunOperationException;
import software.amazon.awssdk.services.kms.model.IncorrectKeyException;
import software.amazon.awssdk.services.kms.model.InvalidCiphertextException;
import software.amazon.awssdk.services.kms.model.InvalidMarkerException;
import software.amazon.awssdk.services.kms.model.KeySpec;
import software.amazon.awssdk.services.kms.model.KeyState;
import software.amazon.awssdk.services.kms.model.KmsInvalidStateException;
import software.amazon.awssdk.services.kms.model.MalformedPolicyDocumentException;
import software.amazon.awssdk.services.kms.model.NotFoundException;
import software.amazon.awssdk.services.kms.model.RotationType;
import software.amazon.awssdk.services.kms.model.Tag;
import software.amazon.awssdk.services.kms.model.TagException;
import software.amazon.awssdk.services.kms.model.UnsupportedOperationException;

/// Keys by AWS SDK for Java 2: what it sends is taken, what it gets it reads, and errors arrive as
/// the classes it has for them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class JavaSdkKmsTest {
    private static final SdkBytes TEXT = SdkBytes.fromUtf8String("the moon is made of basalt");
    private static final Map<String, String> CONTEXT =
            Map.of("aws:cloudtrail:arn", "arn:aws:cloudtrail:us-east-1:123456789012:trail/main");

    private LiveServer server;
    private KmsClient client;

    @BeforeAll
    void start() throws Exception {
        server = LiveServer.start();
        client = client();
    }

    @AfterAll
    void stop() throws Exception {
        client.close();
        server.close();
    }

    private KmsClient client() {
        return JavaSdk.root(server.endpoint(), KmsClient.builder()).build();
    }

    private String create() {
        return client.createKey(_ -> {}).keyMetadata().keyId();
    }

    private static Tag tag(String key, String value) {
        return Tag.builder().tagKey(key).tagValue(value).build();
    }

    private SdkBytes encrypt(String key) {
        return client.encrypt(ask -> ask.keyId(key).plaintext(TEXT).encryptionContext(CONTEXT))
                .ciphertextBlob();
    }

    private SdkBytes decrypt(KmsClient by, SdkBytes blob) {
        return by.decrypt(ask -> ask.ciphertextBlob(blob).encryptionContext(CONTEXT)).plaintext();
    }

    @Test
    void what_was_encrypted_opens_after_a_rotation_and_after_a_kill() throws Exception {
        var key = create();
        var before = encrypt(key);
        client.rotateKeyOnDemand(ask -> ask.keyId(key));
        Await.until(
                Await.Bound.of("the rotation", Duration.ofSeconds(30)),
                () -> client.listKeyRotations(ask -> ask.keyId(key)).rotations().size() == 1);
        var after = encrypt(key);
        client.enableKeyRotation(ask -> ask.keyId(key).rotationPeriodInDays(90));

        assertThat(client.listKeyRotations(ask -> ask.keyId(key)).rotations().getFirst())
                .satisfies(rotation -> {
                    assertThat(rotation.rotationType()).isEqualTo(RotationType.ON_DEMAND);
                    assertThat(rotation.keyId()).isEqualTo(key);
                });
        server.kill();
        server.restart();
        try (var again = client()) {
            assertThat(decrypt(again, before)).isEqualTo(TEXT);
            assertThat(decrypt(again, after)).isEqualTo(TEXT);
            var status = again.getKeyRotationStatus(ask -> ask.keyId(key));
            assertThat(status.keyRotationEnabled()).isTrue();
            assertThat(status.rotationPeriodInDays()).isEqualTo(90);
            assertThat(status.nextRotationDate()).isAfter(Instant.now());
        }
        client.close();
        client = client();
    }

    @Test
    void a_key_is_made_named_found_used_and_ended() {
        var made =
                client.createKey(ask -> ask.description("trail").tags(tag("team", "audit")))
                        .keyMetadata();
        assertThat(made.keyState()).isEqualTo(KeyState.ENABLED);
        assertThat(made.keySpec()).isEqualTo(KeySpec.SYMMETRIC_DEFAULT);
        client.createAlias(ask -> ask.aliasName("alias/trail").targetKeyId(made.keyId()));
        assertThat(client.listAliases(ask -> ask.keyId(made.arn())).aliases())
                .extracting(AliasListEntry::aliasName)
                .containsExactly("alias/trail");
        assertThat(client.listResourceTags(ask -> ask.keyId(made.keyId())).tags())
                .singleElement()
                .satisfies(tag -> assertThat(tag.tagValue()).isEqualTo("audit"));
        assertThat(client.listKeysPaginator(ask -> ask.limit(1)).keys())
                .anySatisfy(key -> assertThat(key.keyArn()).isEqualTo(made.arn()));
        assertThat(client.getKeyPolicy(ask -> ask.keyId(made.keyId())).policy())
                .contains("key-default-1");
        var data =
                client.generateDataKey(ask ->
                        ask.keyId("alias/trail")
                                .keySpec(DataKeySpec.AES_256)
                                .encryptionContext(CONTEXT));
        assertThat(data.keyId()).isEqualTo(made.arn());
        assertThat(decrypt(client, data.ciphertextBlob())).isEqualTo(data.plaintext());
        var moved =
                client.reEncrypt(ask ->
                        ask.ciphertextBlob(data.ciphertextBlob())
                                .sourceEncryptionContext(CONTEXT)
                                .destinationKeyId(made.keyId())
                                .destinationEncryptionContext(Map.of()));
        assertThat(client.decrypt(ask -> ask.ciphertextBlob(moved.ciphertextBlob())).plaintext())
                .isEqualTo(data.plaintext());
        client.disableKey(ask -> ask.keyId(made.keyId()));
        assertThatExceptionOfType(DisabledException.class)
                .isThrownBy(() -> decrypt(client, data.ciphertextBlob()));
        client.enableKey(ask -> ask.keyId(made.keyId()));
        decrypt(client, data.ciphertextBlob());
        var ending =
                client.scheduleKeyDeletion(ask -> ask.keyId(made.keyId()).pendingWindowInDays(7));
        assertThat(ending.deletionDate())
                .isBetween(
                        Instant.now().plus(Duration.ofDays(7)).minusSeconds(600),
                        Instant.now().plus(Duration.ofDays(7)));
        assertThatExceptionOfType(KmsInvalidStateException.class)
                .isThrownBy(() -> decrypt(client, data.ciphertextBlob()));
        client.cancelKeyDeletion(ask -> ask.keyId(made.keyId()));
        assertThat(client.describeKey(ask -> ask.keyId("alias/trail")).keyMetadata().keyState())
                .isEqualTo(KeyState.DISABLED);
    }

    @Test
    void a_refusal_is_an_exception_of_its_own() {
        var key = create();
        var other = create();
        var blob = encrypt(key);
        client.createAlias(ask -> ask.aliasName("alias/taken").targetKeyId(key));
        refused(
                AlreadyExistsException.class,
                () -> client.createAlias(ask -> ask.aliasName("alias/taken").targetKeyId(key)));
        refused(NotFoundException.class, () -> client.describeKey(ask -> ask.keyId("alias/none")));
        refused(
                InvalidCiphertextException.class,
                () -> client.decrypt(ask -> ask.ciphertextBlob(blob)));
        refused(
                IncorrectKeyException.class,
                () ->
                        client.decrypt(ask ->
                                ask.ciphertextBlob(blob).encryptionContext(CONTEXT).keyId(other)));
        refused(InvalidMarkerException.class, () -> client.listKeys(ask -> ask.marker("%")));
        refused(
                MalformedPolicyDocumentException.class,
                () -> client.putKeyPolicy(ask -> ask.keyId(key).policy("{}")));
        refused(
                TagException.class,
                () -> client.tagResource(ask -> ask.keyId(key).tags(tag("aws:a", ""))));
        refused(
                DryRunOperationException.class,
                () -> client.encrypt(ask -> ask.keyId(key).plaintext(TEXT).dryRun(true)));
        refused(
                UnsupportedOperationException.class,
                () -> client.createKey(ask -> ask.keySpec(KeySpec.RSA_2048)));
        refused(
                UnsupportedOperationException.class,
                () ->
                        client.createGrant(ask ->
                                ask.keyId(key)
                                        .granteePrincipal("arn:aws:iam::123456789012:user/mary")
                                        .operationsWithStrings("Decrypt")));
    }

    private static void refused(
            Class<? extends Throwable> type,
            org.assertj.core.api.ThrowableAssert.ThrowingCallable act) {
        assertThatExceptionOfType(type).isThrownBy(act);
    }
}
