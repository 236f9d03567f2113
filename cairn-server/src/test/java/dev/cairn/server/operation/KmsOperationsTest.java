package dev.cairn.server.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Access;
import dev.cairn.access.Context;
import dev.cairn.access.Decision;
import dev.cairn.account.Allow;
import dev.cairn.account.Caller;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import dev.cairn.server.http.SpooledBody;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// KMS's operations without a wire: each call is judged as the door judges it, then run.
class KmsOperationsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Caller ROOT = Caller.root(TestParts.ACCOUNT, "AKIA0");
    private static final Caller OTHER = Caller.root("222222222222", "AKIA1");
    private static final Caller READER =
            Caller.user(TestParts.ACCOUNT, "reader", "AIDA2", "AKIA2", Allow.READ);
    private static final Caller OPERATOR =
            Caller.user(TestParts.ACCOUNT, "operator", "AIDA3", "AKIA3", Allow.OPERATE);
    private static final String SECRET =
            Base64.getEncoder().encodeToString("secret".getBytes(StandardCharsets.UTF_8));

    private final TestParts parts;
    private Instant now = TestParts.NOW;
    private String id = "";
    private String arn = "";

    KmsOperationsTest(@TempDir Path folder) throws Exception {
        parts = new TestParts(folder);
    }

    @BeforeEach
    void makeKey() throws Exception {
        var made = ask("CreateKey", "{'Description':'trail'}").path("KeyMetadata");
        id = made.path("KeyId").asText();
        arn = made.path("Arn").asText();
    }

    // Calls.

    private ObjectNode ask(String operation, String input) throws Exception {
        return ask(ROOT, operation, input);
    }

    private ObjectNode ask(Caller caller, String operation, String input) throws Exception {
        var call =
                new Invocation(
                        caller,
                        "us-east-1",
                        (ObjectNode) JSON.readTree(input.replace('\'', '"')),
                        SpooledBody.of(new byte[0]),
                        now);
        var built =
                parts.operations.signedAs("kms").orElseThrow().operation(operation).orElseThrow();
        var access = new Access("999999999999");
        for (var right : built.rights(call)) {
            if (access.decide(
                            caller,
                            right.action(),
                            right.target(),
                            new Context(now, "us-east-1", "192.0.2.1", false),
                            right.policy(),
                            right.keys())
                    instanceof Decision.Denied(String message)) {
                throw new Failure(ErrorCode.ACCESS_DENIED, message);
            }
        }
        var output = parts.run(built.operation(), call);
        return (ObjectNode) JSON.readTree(output.toString());
    }

    private Failure fails(ErrorCode code, Caller caller, String operation, String input) {
        var failures = new ArrayList<Failure>();
        assertThatThrownBy(() -> ask(caller, operation, input))
                .isInstanceOfSatisfying(
                        Failure.class,
                        failure -> {
                            assertThat(failure.code()).isEqualTo(code);
                            failures.add(failure);
                        });
        return failures.getFirst();
    }

    private String named(String rest) {
        return "{'KeyId':'%s'%s}".formatted(id, rest);
    }

    private String encrypt(Caller caller, String rest) throws Exception {
        return ask(
                        caller,
                        "Encrypt",
                        "{'KeyId':'%s','Plaintext':'%s'%s}".formatted(arn, SECRET, rest))
                .path("CiphertextBlob")
                .asText();
    }

    private void put(String statements) throws Exception {
        var policy =
                JSON.createObjectNode()
                        .put("KeyId", id)
                        .put("BypassPolicyLockoutSafetyCheck", true)
                        .put(
                                "Policy",
                                "{'Statement':[%s]}".formatted(statements).replace('\'', '"'));
        ask(ROOT, "PutKeyPolicy", policy.toString());
    }

    private static String allow(String principal, String action, String rest) {
        return "{'Effect':'Allow','Principal':{'AWS':'%s'},'Action':'%s','Resource':'*'%s}"
                .formatted(principal, action, rest);
    }

    private static final String ACCOUNT_MAY = allow("arn:aws:iam::123456789012:root", "kms:*", "");

    // Keys.

    @Test
    void a_key_is_described_as_aws_does() throws Exception {
        var metadata = ask("DescribeKey", named("")).path("KeyMetadata");

        assertThat(metadata)
                .isEqualTo(
                        JSON.readTree(
                                """
                                {"AWSAccountId":"123456789012","KeyId":"%s","Arn":"%s","CreationDate":1795248000.000,
                                 "Enabled":true,"Description":"trail","KeyUsage":"ENCRYPT_DECRYPT","KeyState":"Enabled",
                                 "Origin":"AWS_KMS","KeyManager":"CUSTOMER","CustomerMasterKeySpec":"SYMMETRIC_DEFAULT",
                                 "KeySpec":"SYMMETRIC_DEFAULT","MultiRegion":false,"EncryptionAlgorithms":["SYMMETRIC_DEFAULT"]}\
                                """
                                        .formatted(id, arn)));
        ask("UpdateKeyDescription", named(",'Description':'other'"));
        ask("DisableKey", named(""));
        metadata = ask("DescribeKey", "{'KeyId':'%s'}".formatted(arn)).path("KeyMetadata");
        assertThat(metadata.path("Enabled").asBoolean()).isFalse();
        assertThat(metadata.path("KeyState").asText()).isEqualTo("Disabled");
        assertThat(metadata.path("Description").asText()).isEqualTo("other");
        fails(ErrorCode.DISABLED, ROOT, "GenerateDataKey", named(",'KeySpec':'AES_256'"));
        ask("EnableKey", named(""));
        ask("GenerateDataKey", named(",'KeySpec':'AES_256'"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "UNSUPPORTED_OPERATION | CreateKey | {'KeySpec':'RSA_2048','KeyUsage':'SIGN_VERIFY'}",
                "UNSUPPORTED_OPERATION | CreateKey | {'KeySpec':'HMAC_256'}",
                "UNSUPPORTED_OPERATION | CreateKey | {'CustomerMasterKeySpec':'ECC_NIST_P256'}",
                "UNSUPPORTED_OPERATION | CreateKey | {'KeyUsage':'GENERATE_VERIFY_MAC'}",
                "UNSUPPORTED_OPERATION | CreateKey | {'Origin':'EXTERNAL'}",
                "UNSUPPORTED_OPERATION | CreateKey | {'MultiRegion':true}",
                "UNSUPPORTED_OPERATION | CreateKey | {'CustomKeyStoreId':'cks-1'}",
                "VALIDATION | CreateKey | {'KeySpec':'SYMMETRIC_DEFAULT','CustomerMasterKeySpec':'SYMMETRIC_DEFAULT'}",
                "TAG | CreateKey | {'Tags':[{'TagKey':'a','TagValue':'b'},{'TagKey':'a','TagValue':'c'}]}",
                "TAG | TagResource | {'KeyId':'ID','Tags':[{'TagKey':'aws:a','TagValue':'b'}]}",
                "MALFORMED_POLICY_DOCUMENT | CreateKey | {'Policy':'{}'}",
                "NOT_FOUND | DescribeKey | {'KeyId':'alias/none'}",
                "NOT_FOUND | DescribeKey | {'KeyId':'none'}",
                "NOT_FOUND | DescribeKey | {'KeyId':'12345678-1234-1234-1234-123456789012'}",
                "NOT_FOUND | DescribeKey | {'KeyId':'arn:aws:kms:eu-west-1:123456789012:key/12345678-1234-1234-1234-123456789012'}",
                "INVALID_ARN | DescribeKey | {'KeyId':'arn:aws:s3:::bucket'}",
                "NOT_FOUND | DisableKey | {'KeyId':'alias/none'}",
                "NOT_FOUND | GetKeyPolicy | {'KeyId':'ID','PolicyName':'other'}",
                "VALIDATION | ScheduleKeyDeletion | {'KeyId':'ID','PendingWindowInDays':6}",
                "VALIDATION | ScheduleKeyDeletion | {'KeyId':'ID','PendingWindowInDays':31}",
                "KMS_INVALID_STATE | CancelKeyDeletion | {'KeyId':'ID'}",
                "VALIDATION | ListAliases | {'Limit':101}",
                "VALIDATION | ListResourceTags | {'KeyId':'ID','Limit':51}",
                "INVALID_MARKER | ListKeys | {'Marker':'%%%'}",
                "VALIDATION | CreateAlias | {'AliasName':'a','TargetKeyId':'ID'}",
                "INVALID_ALIAS_NAME | CreateAlias | {'AliasName':'alias/a:b','TargetKeyId':'ID'}",
                "NOT_AUTHORIZED | CreateAlias | {'AliasName':'alias/aws/s3','TargetKeyId':'ID'}",
                "VALIDATION | CreateAlias | {'AliasName':'alias/a','TargetKeyId':'alias/b'}",
                "NOT_FOUND | CreateAlias | {'AliasName':'alias/a','TargetKeyId':'12345678-1234-1234-1234-123456789012'}",
                "NOT_FOUND | DeleteAlias | {'AliasName':'alias/a'}",
                "VALIDATION | GenerateDataKey | {'KeyId':'ID'}",
                "VALIDATION | GenerateDataKey | {'KeyId':'ID','KeySpec':'AES_256','NumberOfBytes':32}",
                "INVALID_GRANT_TOKEN | GenerateDataKey | {'KeyId':'ID','KeySpec':'AES_256','GrantTokens':['a']}",
                "UNSUPPORTED_OPERATION | GenerateDataKey | {'KeyId':'ID','KeySpec':'AES_256','Recipient':{}}",
                "DRY_RUN_OPERATION | GenerateDataKey | {'KeyId':'ID','KeySpec':'AES_256','DryRun':true}",
                "INVALID_KEY_USAGE | Encrypt | {'KeyId':'ID','Plaintext':'YQ==','EncryptionAlgorithm':'RSAES_OAEP_SHA_1'}",
                "INVALID_CIPHERTEXT | Decrypt | {'CiphertextBlob':'YQ=='}",
            })
    void what_cannot_be_done_is_refused(ErrorCode code, String operation, String input) {
        fails(code, ROOT, operation, input.replace("'ID'", "'" + id + "'"));
    }

    @Test
    void keys_aliases_and_tags_are_listed_page_by_page() throws Exception {
        for (var i = 1; i < 103; i++) {
            var other = ask("CreateKey", "{}").at("/KeyMetadata/KeyId").asText();
            ask(
                    "CreateAlias",
                    "{'AliasName':'alias/%03d','TargetKeyId':'%s'}"
                            .formatted(999 - i, i % 3 == 0 ? id : other));
        }
        assertThat(walk("ListKeys", "Keys", "{'Limit':10")).hasSize(103);
        assertThat(walk("ListKeys", "Keys", "{'Limit':103")).hasSize(103);
        assertThat(walk("ListKeys", "Keys", "{'Limit':1000")).hasSize(103);
        assertThat(walk("ListAliases", "Aliases", "{'Limit':34")).hasSize(102);
        assertThat(walk("ListAliases", "Aliases", "{'KeyId':'%s','Limit':17".formatted(id)))
                .hasSize(34)
                .allSatisfy(alias -> assertThat(alias.path("TargetKeyId").asText()).isEqualTo(id));
        assertThat(ask("ListAliases", "{}").path("Aliases")).hasSize(50);
        ask(
                "TagResource",
                named(
                        ",'Tags':[{'TagKey':'a','TagValue':'1'},{'TagKey':'b','TagValue':'2'},{'TagKey':'c','TagValue':''}]"));
        ask("UntagResource", named(",'TagKeys':['b']"));
        assertThat(walk("ListResourceTags", "Tags", "{'KeyId':'%s','Limit':1".formatted(id)))
                .extracting(tag -> tag.path("TagKey").asText())
                .containsExactly("a", "c");
    }

    private List<JsonNode> walk(String operation, String list, String input) throws Exception {
        var all = new ArrayList<JsonNode>();
        var page = ask(operation, input + "}");
        page.path(list).forEach(all::add);
        while (page.path("Truncated").asBoolean()) {
            page =
                    ask(
                            operation,
                            "%s,'Marker':'%s'}".formatted(input, page.path("NextMarker").asText()));
            page.path(list).forEach(all::add);
        }
        assertThat(page.has("NextMarker")).isFalse();
        return all;
    }

    // Encrypting.

    @Test
    void what_is_encrypted_by_any_name_of_the_key_opens_without_naming_it() throws Exception {
        ask("CreateAlias", "{'AliasName':'alias/trail','TargetKeyId':'%s'}".formatted(id));
        for (var name :
                List.of(id, arn, "alias/trail", "arn:aws:kms:us-east-1:123456789012:alias/trail")) {
            var made =
                    ask(
                            "Encrypt",
                            "{'KeyId':'%s','Plaintext':'%s','EncryptionContext':{'a':'b'}}"
                                    .formatted(name, SECRET));
            assertThat(made.path("KeyId").asText()).isEqualTo(arn);
            var blob = made.path("CiphertextBlob").asText();
            var opened =
                    ask(
                            "Decrypt",
                            "{'CiphertextBlob':'%s','EncryptionContext':{'a':'b'}}"
                                    .formatted(blob));
            assertThat(opened.path("Plaintext").asText()).isEqualTo(SECRET);
            assertThat(opened.path("KeyId").asText()).isEqualTo(arn);
            assertThat(opened.path("EncryptionAlgorithm").asText()).isEqualTo("SYMMETRIC_DEFAULT");
            fails(
                    ErrorCode.INVALID_CIPHERTEXT,
                    ROOT,
                    "Decrypt",
                    "{'CiphertextBlob':'%s'}".formatted(blob));
            ask(
                    "Decrypt",
                    "{'CiphertextBlob':'%s','EncryptionContext':{'a':'b'},'KeyId':'%s'}"
                            .formatted(blob, name));
        }
    }

    @Test
    void the_wrong_key_and_a_deleted_one_are_told_apart() throws Exception {
        var blob = encrypt(ROOT, "");
        var other = ask("CreateKey", "{}").at("/KeyMetadata/KeyId").asText();
        fails(
                ErrorCode.INCORRECT_KEY,
                ROOT,
                "Decrypt",
                "{'CiphertextBlob':'%s','KeyId':'%s'}".formatted(blob, other));
        ask("ScheduleKeyDeletion", named(",'PendingWindowInDays':7"));
        fails(
                ErrorCode.KMS_INVALID_STATE,
                ROOT,
                "Decrypt",
                "{'CiphertextBlob':'%s'}".formatted(blob));
        now = now.plus(Duration.ofDays(7));
        assertThat(parts.keyCare.step(now)).isTrue();
        assertThat(
                        fails(
                                        ErrorCode.ACCESS_DENIED,
                                        ROOT,
                                        "Decrypt",
                                        "{'CiphertextBlob':'%s'}".formatted(blob))
                                .message())
                .startsWith("The ciphertext refers to a customer master key that does not exist");
    }

    @Test
    void data_keys_have_the_length_that_is_asked_for() throws Exception {
        for (var length :
                new String[][] {
                    {"'KeySpec':'AES_128'", "16"},
                    {"'KeySpec':'AES_256'", "32"},
                    {"'NumberOfBytes':1024", "1024"}
                }) {
            var made = ask("GenerateDataKey", named("," + length[0]));
            var plaintext = made.path("Plaintext").asText();
            assertThat(Base64.getDecoder().decode(plaintext)).hasSize(Integer.parseInt(length[1]));
            assertThat(
                            ask(
                                            "Decrypt",
                                            "{'CiphertextBlob':'%s'}"
                                                    .formatted(
                                                            made.path("CiphertextBlob").asText()))
                                    .path("Plaintext")
                                    .asText())
                    .isEqualTo(plaintext);
        }
        assertThat(
                        ask("GenerateDataKeyWithoutPlaintext", named(",'KeySpec':'AES_256'"))
                                .has("Plaintext"))
                .isFalse();
    }

    @Test
    void re_encrypting_changes_key_and_context_and_needs_both_rights() throws Exception {
        var blob = encrypt(ROOT, ",'EncryptionContext':{'a':'b'}");
        var other = ask("CreateKey", "{}").at("/KeyMetadata/Arn").asText();
        var request =
                "{'CiphertextBlob':'%s','SourceEncryptionContext':{'a':'b'},'DestinationKeyId':'%s','DestinationEncryptionContext':{'c':'d'}}"
                        .formatted(blob, other);
        var made = ask("ReEncrypt", request);
        assertThat(made.path("SourceKeyId").asText()).isEqualTo(arn);
        assertThat(made.path("KeyId").asText()).isEqualTo(other);
        assertThat(
                        ask(
                                        "Decrypt",
                                        "{'CiphertextBlob':'%s','EncryptionContext':{'c':'d'}}"
                                                .formatted(made.path("CiphertextBlob").asText()))
                                .path("Plaintext")
                                .asText())
                .isEqualTo(SECRET);
        put(
                ACCOUNT_MAY
                        + ",{'Effect':'Deny','Principal':'*','Action':'kms:ReEncryptFrom','Resource':'*'}");
        fails(ErrorCode.ACCESS_DENIED, ROOT, "ReEncrypt", request);
    }

    // Rights.

    @Test
    void users_may_what_their_keys_allow_where_the_policy_leaves_it_to_the_account()
            throws Exception {
        var blob = encrypt(OPERATOR, "");
        var decrypt = "{'CiphertextBlob':'%s'}".formatted(blob);
        ask(READER, "Decrypt", decrypt);
        ask(READER, "DescribeKey", named(""));
        fails(ErrorCode.ACCESS_DENIED, READER, "GenerateDataKey", named(",'KeySpec':'AES_256'"));
        fails(ErrorCode.ACCESS_DENIED, READER, "CreateKey", "{}");
        ask(OPERATOR, "CreateKey", "{}");
        for (var operation : List.of("DisableKey", "ScheduleKeyDeletion", "DisableKeyRotation")) {
            fails(ErrorCode.ACCESS_DENIED, OPERATOR, operation, named(""));
        }
    }

    @Test
    void without_its_policy_nobody_has_a_right_to_a_key() throws Exception {
        var blob = encrypt(ROOT, "");
        put(allow("arn:aws:iam::123456789012:user/reader", "kms:Decrypt", ""));
        var decrypt = "{'CiphertextBlob':'%s'}".formatted(blob);
        ask(READER, "Decrypt", decrypt);
        for (var caller : List.of(ROOT, OPERATOR, OTHER)) {
            fails(ErrorCode.ACCESS_DENIED, caller, "Decrypt", decrypt);
        }
        fails(ErrorCode.ACCESS_DENIED, ROOT, "PutKeyPolicy", named(",'Policy':'{}'"));
    }

    @Test
    void a_policy_that_shuts_out_who_puts_it_is_refused_unless_they_say_so() throws Exception {
        var lockout = allow("arn:aws:iam::222222222222:root", "kms:*", "").replace("'", "\\\"");
        var request = "{\"KeyId\":\"%s\",\"Policy\":\"{\\\"Statement\\\":[%s]}\"%s}";
        var refused =
                fails(
                        ErrorCode.MALFORMED_POLICY_DOCUMENT,
                        ROOT,
                        "PutKeyPolicy",
                        request.formatted(id, lockout, ""));
        assertThat(refused.message()).contains("will not allow you to update the key policy");
        assertThat(ask("GetKeyPolicy", named("")).path("Policy").asText())
                .contains("key-default-1");
        ask(
                "PutKeyPolicy",
                request.formatted(id, lockout, ",\"BypassPolicyLockoutSafetyCheck\":true"));
        fails(ErrorCode.ACCESS_DENIED, ROOT, "GetKeyPolicy", named(""));
    }

    @Test
    void other_accounts_may_use_a_key_when_its_policy_lets_them_and_never_administer_it()
            throws Exception {
        var named = "{'KeyId':'%s'".formatted(arn);
        fails(ErrorCode.ACCESS_DENIED, OTHER, "GenerateDataKey", named + ",'KeySpec':'AES_256'}");
        put(ACCOUNT_MAY + "," + allow("222222222222", "kms:*", ""));
        var blob =
                ask(OTHER, "GenerateDataKey", named + ",'KeySpec':'AES_256'}")
                        .path("CiphertextBlob")
                        .asText();
        ask(OTHER, "Decrypt", "{'CiphertextBlob':'%s'}".formatted(blob));
        ask(OTHER, "DescribeKey", named + "}");
        for (var operation :
                List.of(
                        "DisableKey",
                        "ScheduleKeyDeletion",
                        "GetKeyPolicy",
                        "ListResourceTags",
                        "RotateKeyOnDemand")) {
            fails(ErrorCode.ACCESS_DENIED, OTHER, operation, named + "}");
        }
    }

    @Test
    void conditions_on_the_encryption_context_and_the_alias_hold() throws Exception {
        ask("CreateAlias", "{'AliasName':'alias/trail','TargetKeyId':'%s'}".formatted(id));
        put(
                "%s,%s"
                        .formatted(
                                allow("arn:aws:iam::123456789012:root", "kms:PutKeyPolicy", ""),
                                allow(
                                        "arn:aws:iam::123456789012:user/operator",
                                        "kms:GenerateDataKey*",
                                        ",'Condition':{'StringLike':{'kms:EncryptionContext:aws:cloudtrail:arn':'arn:aws:cloudtrail:*:123456789012:trail/*'},'StringEquals':{'kms:RequestAlias':'alias/trail'}}")));
        var request =
                "{'KeyId':'%s','KeySpec':'AES_256','EncryptionContext':{'aws:cloudtrail:arn':'arn:aws:cloudtrail:us-east-1:%s:trail/main'}}";
        ask(OPERATOR, "GenerateDataKey", request.formatted("alias/trail", "123456789012"));
        for (var wrong :
                List.of(
                        request.formatted("alias/trail", "222222222222"),
                        request.formatted(id, "123456789012"),
                        "{'KeyId':'alias/trail','KeySpec':'AES_256'}")) {
            fails(ErrorCode.ACCESS_DENIED, OPERATOR, "GenerateDataKey", wrong);
        }
    }

    @Test
    void who_moves_an_alias_needs_the_right_on_both_keys() throws Exception {
        ask("CreateAlias", "{'AliasName':'alias/trail','TargetKeyId':'%s'}".formatted(id));
        var other = ask("CreateKey", "{}").at("/KeyMetadata/KeyId").asText();
        put(
                ACCOUNT_MAY
                        + ",{'Effect':'Deny','Principal':'*','Action':'kms:UpdateAlias','Resource':'*'}");
        fails(
                ErrorCode.ACCESS_DENIED,
                ROOT,
                "UpdateAlias",
                "{'AliasName':'alias/trail','TargetKeyId':'%s'}".formatted(other));
        ask("DeleteAlias", "{'AliasName':'alias/trail'}");
    }

    // Time.

    @Test
    void rotation_on_demand_is_done_after_the_call_and_recorded() throws Exception {
        var before = encrypt(ROOT, "");
        assertThat(ask("RotateKeyOnDemand", named("")).path("KeyId").asText()).isEqualTo(id);
        assertThat(ask("GetKeyRotationStatus", named("")).has("OnDemandRotationStartDate"))
                .isTrue();
        fails(ErrorCode.CONFLICT, ROOT, "RotateKeyOnDemand", named(""));

        assertThat(parts.keyCare.step(now)).isTrue();
        assertThat(parts.keyCare.step(now)).isFalse();

        assertThat(ask("GetKeyRotationStatus", named("")).has("OnDemandRotationStartDate"))
                .isFalse();
        assertThat(walk("ListKeyRotations", "Rotations", "{'KeyId':'%s','Limit':1".formatted(id)))
                .singleElement()
                .satisfies(rotation ->
                        assertThat(rotation.path("RotationType").asText()).isEqualTo("ON_DEMAND"));
        assertThat(
                        ask("Decrypt", "{'CiphertextBlob':'%s'}".formatted(before))
                                .path("Plaintext")
                                .asText())
                .isEqualTo(SECRET);
        var event = events().getLast();
        assertThat(event.path("eventName").asText()).isEqualTo("RotateKey");
        assertThat(event.path("eventType").asText()).isEqualTo("AwsServiceEvent");
        assertThat(event.path("eventSource").asText()).isEqualTo("kms.amazonaws.com");
        assertThat(event.at("/userIdentity/invokedBy").asText()).isEqualTo("AWS Internal");
        assertThat(event.at("/resources/0/ARN").asText()).isEqualTo(arn);
        assertThat(event.at("/serviceEventDetails/keyId").asText()).isEqualTo(id);
    }

    private List<JsonNode> events() throws Exception {
        var events = new ArrayList<JsonNode>();
        for (var item : parts.ledger.read(new Position(0, 0), 1000, 1 << 20).items()) {
            if (item instanceof Slice.Held held) {
                events.add(JSON.readTree(held.entry().json()));
            }
        }
        return events;
    }

    @Test
    void automatic_rotation_keeps_its_schedule_and_makes_up_once_for_what_was_missed()
            throws Exception {
        ask("EnableKeyRotation", named(",'RotationPeriodInDays':90"));
        assertThat(parts.keyCare.step(now.plus(Duration.ofDays(90)).minusMillis(1))).isFalse();
        assertThat(parts.keyCare.step(now.plus(Duration.ofDays(90)))).isTrue();
        var late = now.plus(Duration.ofDays(90 * 4 + 7));
        assertThat(parts.keyCare.step(late)).isTrue();
        assertThat(parts.keyCare.step(late)).isFalse();

        assertThat(ask("ListKeyRotations", named("")).path("Rotations")).hasSize(2);
        var status = ask("GetKeyRotationStatus", named(""));
        assertThat(status.path("KeyRotationEnabled").asBoolean()).isTrue();
        assertThat(status.path("RotationPeriodInDays").asInt()).isEqualTo(90);
        assertThat(status.path("NextRotationDate").decimalValue())
                .isEqualByComparingTo(KmsCall.seconds(now.plus(Duration.ofDays(90 * 5))));
        ask("ScheduleKeyDeletion", named(""));
        assertThat(ask("GetKeyRotationStatus", named("")).path("KeyRotationEnabled").asBoolean())
                .isFalse();
    }

    @Test
    void a_clock_that_goes_back_neither_delays_nor_reorders_what_was_done() throws Exception {
        ask("EnableKeyRotation", named(",'RotationPeriodInDays':90"));
        var later = now.plus(Duration.ofDays(91));
        assertThat(parts.keyCare.step(later)).isTrue();
        ask("RotateKeyOnDemand", named(""));
        assertThat(parts.keyCare.step(now.minus(Duration.ofDays(1)))).isTrue();

        assertThat(ask("ListKeyRotations", named("")).path("Rotations"))
                .extracting(rotation -> rotation.path("RotationDate").decimalValue())
                .allSatisfy(date -> assertThat(date).isEqualByComparingTo(KmsCall.seconds(later)));
    }

    @Test
    void a_key_is_deleted_when_its_time_has_come_unless_that_is_taken_back() throws Exception {
        ask("CreateAlias", "{'AliasName':'alias/trail','TargetKeyId':'%s'}".formatted(id));
        var scheduled = ask("ScheduleKeyDeletion", named(",'PendingWindowInDays':7"));
        assertThat(scheduled.path("KeyState").asText()).isEqualTo("PendingDeletion");
        assertThat(scheduled.path("KeyId").asText()).isEqualTo(arn);
        var end = now.plus(Duration.ofDays(7));
        assertThat(scheduled.path("DeletionDate").decimalValue())
                .isEqualByComparingTo(KmsCall.seconds(end));
        assertThat(ask("CancelKeyDeletion", named("")).path("KeyId").asText()).isEqualTo(arn);
        assertThat(ask("DescribeKey", named("")).at("/KeyMetadata/KeyState").asText())
                .isEqualTo("Disabled");
        assertThat(parts.keyCare.step(end)).isFalse();
        ask("ScheduleKeyDeletion", named(",'PendingWindowInDays':7"));
        assertThat(parts.keyCare.step(end.minusMillis(1))).isFalse();
        assertThat(parts.keyCare.step(end)).isTrue();
        fails(ErrorCode.NOT_FOUND, ROOT, "DescribeKey", named(""));
        fails(ErrorCode.NOT_FOUND, ROOT, "DescribeKey", "{'KeyId':'alias/trail'}");
        assertThat(ask("ListAliases", "{}").path("Aliases")).isEmpty();
        assertThat(events().getLast().path("eventName").asText()).isEqualTo("DeleteKey");
    }
}
