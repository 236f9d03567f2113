package dev.cairn.kms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.catalog.Catalog.Document;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.kms.KmsKey.State;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KmsKeysTest {
    private final KeyWorld world = new KeyWorld();

    private void fails(ErrorCode code, KeyWorld.Act act) {
        assertThatThrownBy(() -> world.change(act))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.code()).isEqualTo(code));
    }

    private KmsKey now(KmsKey key) throws Exception {
        return world.keys.expect(key.arn());
    }

    private List<String> due() throws Exception {
        return world.catalog.list(KmsKeys.DUE, "", "", 10).stream().map(Document::key).toList();
    }

    @Test
    void a_new_key_is_enabled_and_its_account_decides_for_whom() throws Exception {
        KmsKey key = world.create();

        assertThat(now(key).state()).isEqualTo(State.ENABLED);
        assertThat(key.created()).isEqualTo(KeyWorld.NOW);
        assertThat(key.material()).isEqualTo(1);
        assertThat(key.arn().toString())
                .matches("arn:aws:kms:eu-central-1:123456789012:key/[0-9a-f-]{36}");
        assertThat(key.policyText()).contains("arn:aws:iam::123456789012:root");
        key.policy();
        assertThat(due()).isEmpty();
    }

    @Test
    void an_account_has_so_many_keys_in_a_region_and_no_more() throws Exception {
        for (int i = 0; i < KeyWorld.KEYS_MAX; i++) {
            world.create();
        }
        assertThatThrownBy(world::create).isInstanceOf(Failure.class);
        assertThat(world.keys.list(KeyWorld.ACCOUNT, KeyWorld.REGION, "", 100))
                .hasSize(KeyWorld.KEYS_MAX);
        world.change(tx ->
                world.keys.create(
                        tx,
                        KeyWorld.ACCOUNT,
                        "eu-west-1",
                        "",
                        Optional.empty(),
                        Map.of(),
                        KeyWorld.NOW));
        KeyArn first = world.keys.list(KeyWorld.ACCOUNT, KeyWorld.REGION, "", 1).getFirst();
        world.change(tx -> world.keys.delete(tx, world.keys.expect(tx, first)));
        world.create();
    }

    @Test
    void keys_are_listed_page_by_page() throws Exception {
        world.create();
        world.create();
        List<KeyArn> all = world.keys.list(KeyWorld.ACCOUNT, KeyWorld.REGION, "", 100);
        assertThat(world.keys.list(KeyWorld.ACCOUNT, KeyWorld.REGION, all.getFirst().id(), 100))
                .containsExactly(all.getLast());
        assertThat(world.keys.list("222222222222", KeyWorld.REGION, "", 100)).isEmpty();
    }

    /// KMS's table of states: what works in which.
    @ParameterizedTest
    @CsvSource({
        "enable,          OK,       OK,       KMS_INVALID_STATE",
        "disable,         OK,       OK,       KMS_INVALID_STATE",
        "describe,        OK,       OK,       KMS_INVALID_STATE",
        "putPolicy,       OK,       OK,       OK",
        "tag,             OK,       OK,       KMS_INVALID_STATE",
        "untag,           OK,       OK,       KMS_INVALID_STATE",
        "enableRotation,  OK,       DISABLED, KMS_INVALID_STATE",
        "disableRotation, OK,       DISABLED, KMS_INVALID_STATE",
        "rotate,          OK,       DISABLED, KMS_INVALID_STATE",
        "delete,          OK,       OK,       KMS_INVALID_STATE",
        "cancel,          KMS_INVALID_STATE, KMS_INVALID_STATE, OK",
        "alias,           OK,       OK,       KMS_INVALID_STATE",
    })
    void what_a_key_may_be_told_depends_on_its_state(
            String act, String enabled, String disabled, String ending) throws Exception {
        KmsKey key = world.create();
        told(act, key, enabled);
        KmsKey other = world.create();
        world.change(tx -> world.keys.disable(tx, other.arn()));
        told(act, other, disabled);
        KmsKey last = world.create();
        world.change(tx -> world.keys.scheduleDeletion(tx, last.arn(), 7, KeyWorld.NOW));
        told(act, last, ending);
    }

    private void told(String what, KmsKey key, String outcome) throws Exception {
        KeyArn arn = key.arn();
        KeyWorld.Act act =
                tx -> {
                    switch (what) {
                        case "enable" -> world.keys.enable(tx, arn);
                        case "disable" -> world.keys.disable(tx, arn);
                        case "describe" -> world.keys.describe(tx, arn, "x");
                        case "putPolicy" ->
                                world.keys.putPolicy(
                                        tx, arn, KmsKeys.defaultPolicy(KeyWorld.ACCOUNT));
                        case "tag" -> world.keys.tag(tx, arn, Map.of("a", "b"));
                        case "untag" -> world.keys.untag(tx, arn, List.of("a"));
                        case "enableRotation" ->
                                world.keys.enableRotation(tx, arn, 90, KeyWorld.NOW);
                        case "disableRotation" -> world.keys.disableRotation(tx, arn);
                        case "rotate" -> world.keys.rotateOnDemand(tx, arn, KeyWorld.NOW);
                        case "delete" -> world.keys.scheduleDeletion(tx, arn, 7, KeyWorld.NOW);
                        case "cancel" -> world.keys.cancelDeletion(tx, arn);
                        case "alias" ->
                                world.aliases.create(
                                        tx,
                                        KeyWorld.alias(arn.id()),
                                        world.keys.expect(tx, arn),
                                        KeyWorld.NOW);
                        default -> throw new AssertionError(what);
                    }
                };
        if (outcome.equals("OK")) {
            world.change(act);
        } else {
            fails(ErrorCode.valueOf(outcome), act);
        }
    }

    @Test
    void nothing_is_known_of_a_key_that_is_not_there() {
        KeyArn arn =
                new KeyArn(
                        KeyWorld.REGION,
                        KeyWorld.ACCOUNT,
                        "0".repeat(8) + "-0000".repeat(3) + "-" + "0".repeat(12));
        fails(ErrorCode.NOT_FOUND, tx -> world.keys.enable(tx, arn));
        assertThatThrownBy(() -> world.keys.expect(arn))
                .hasMessage("Key '%s' does not exist".formatted(arn));
    }

    @Test
    void rotations_are_due_when_the_key_is_enabled() throws Exception {
        KmsKey key = world.create();
        world.change(tx -> world.keys.enableRotation(tx, key.arn(), 90, KeyWorld.NOW));
        assertThat(now(key).rotation().orElseThrow().next())
                .isEqualTo(KeyWorld.NOW.plus(Duration.ofDays(90)));
        List<String> due = due();
        assertThat(due).hasSize(1);
        world.change(tx -> world.keys.disable(tx, key.arn()));
        assertThat(due()).isEmpty();
        world.change(tx -> world.keys.enable(tx, key.arn()));
        assertThat(due()).isEqualTo(due);
        world.change(tx -> world.keys.scheduleDeletion(tx, key.arn(), 30, KeyWorld.NOW));
        assertThat(due()).hasSize(1).isNotEqualTo(due);
        world.change(tx -> world.keys.cancelDeletion(tx, key.arn()));
        assertThat(due()).isEmpty();
        assertThat(now(key).deletion()).isEmpty();
        world.change(tx -> world.keys.enable(tx, key.arn()));
        world.change(tx -> world.keys.disableRotation(tx, key.arn()));
        assertThat(due()).isEmpty();
        assertThat(now(key).rotation()).isEmpty();
    }

    @Test
    void one_rotation_on_demand_at_a_time_and_ten_in_all() throws Exception {
        KmsKey key = world.create();
        for (int i = 1; i <= KmsKeys.ON_DEMAND_MAX; i++) {
            world.change(tx -> world.keys.rotateOnDemand(tx, key.arn(), KeyWorld.NOW));
            fails(ErrorCode.CONFLICT, tx -> world.keys.rotateOnDemand(tx, key.arn(), KeyWorld.NOW));
            world.change(tx ->
                    world.keys.rotate(
                            tx,
                            world.keys.expect(tx, key.arn()).withoutRotationAsked(),
                            Material.How.ON_DEMAND,
                            KeyWorld.NOW));
        }
        fails(
                ErrorCode.LIMIT_EXCEEDED,
                tx -> world.keys.rotateOnDemand(tx, key.arn(), KeyWorld.NOW));
        assertThat(world.told).isGreaterThanOrEqualTo(KmsKeys.ON_DEMAND_MAX);
        assertThat(now(key).material()).isEqualTo(11);
        assertThat(world.keys.rotations(key.arn(), 0, 100))
                .hasSize(10)
                .allSatisfy(r -> assertThat(r.how()).isEqualTo(Material.How.ON_DEMAND));
        assertThat(world.keys.rotations(key.arn(), 9, 1))
                .singleElement()
                .satisfies(r -> assertThat(r.number()).isEqualTo(10));
    }

    @Test
    void a_policy_of_32_kilobytes_is_taken_and_one_byte_more_is_not() throws Exception {
        KmsKey key = world.create();
        String policy = KmsKeys.defaultPolicy(KeyWorld.ACCOUNT);
        String full = policy + " ".repeat(KmsKeys.POLICY_BYTES_MAX - policy.length());
        world.change(tx -> world.keys.putPolicy(tx, key.arn(), full));
        assertThat(now(key).policyText()).isEqualTo(full);
        fails(ErrorCode.LIMIT_EXCEEDED, tx -> world.keys.putPolicy(tx, key.arn(), full + " "));
        fails(ErrorCode.MALFORMED_POLICY_DOCUMENT, tx -> world.keys.putPolicy(tx, key.arn(), "{}"));
        assertThat(now(key).policyText()).isEqualTo(full);
    }

    @Test
    void a_key_has_fifty_tags_and_none_of_awss() throws Exception {
        KmsKey key = world.create();
        var tags = new HashMap<String, String>();
        for (int i = 0; i < KmsKeys.TAGS_MAX; i++) {
            tags.put("tag" + i, "value");
        }
        world.change(tx -> world.keys.tag(tx, key.arn(), tags));
        world.change(tx -> world.keys.tag(tx, key.arn(), Map.of("tag0", "other")));
        fails(ErrorCode.TAG, tx -> world.keys.tag(tx, key.arn(), Map.of("one more", "")));
        fails(ErrorCode.TAG, tx -> world.keys.tag(tx, key.arn(), Map.of("aws:a", "")));
        world.change(tx -> world.keys.untag(tx, key.arn(), List.of("tag0", "never")));
        assertThat(now(key).tags()).hasSize(49).doesNotContainKey("tag0");
    }

    @Test
    void an_alias_moves_from_key_to_key() throws Exception {
        KmsKey one = world.create();
        KmsKey other = world.create();
        AliasArn alias = KeyWorld.alias("audit/logs");
        world.change(tx -> world.aliases.create(tx, alias, one, KeyWorld.NOW));
        assertThat(world.aliases.of(one.arn())).containsExactly("alias/audit/logs");
        fails(ErrorCode.ALREADY_EXISTS, tx -> world.aliases.create(tx, alias, other, KeyWorld.NOW));
        world.change(tx -> world.aliases.update(tx, alias, other, KeyWorld.NOW.plusSeconds(1)));
        assertThat(world.aliases.of(one.arn())).isEmpty();
        assertThat(world.aliases.of(other.arn())).containsExactly("alias/audit/logs");
        Alias found = world.aliases.find(alias).orElseThrow();
        assertThat(found.target()).isEqualTo(other.arn());
        assertThat(found.created()).isEqualTo(KeyWorld.NOW);
        assertThat(found.updated()).isEqualTo(KeyWorld.NOW.plusSeconds(1));
        world.change(tx -> world.aliases.delete(tx, alias));
        assertThat(world.aliases.of(other.arn())).isEmpty();
        fails(ErrorCode.NOT_FOUND, tx -> world.aliases.delete(tx, alias));
        fails(ErrorCode.NOT_FOUND, tx -> world.aliases.update(tx, alias, one, KeyWorld.NOW));
    }

    @Test
    void a_key_has_fifty_aliases_and_no_more() throws Exception {
        KmsKey key = world.create();
        for (int i = 0; i < Aliases.OF_KEY_MAX; i++) {
            AliasArn alias = KeyWorld.alias("a" + i);
            world.change(tx -> world.aliases.create(tx, alias, key, KeyWorld.NOW));
        }
        fails(
                ErrorCode.LIMIT_EXCEEDED,
                tx -> world.aliases.create(tx, KeyWorld.alias("b"), key, KeyWorld.NOW));
    }

    @Test
    void a_deleted_key_leaves_nothing() throws Exception {
        KmsKey key = world.rotate(world.create());
        world.change(tx -> {
            world.aliases.create(tx, KeyWorld.alias("a"), key, KeyWorld.NOW);
            world.keys.scheduleDeletion(tx, key.arn(), 7, KeyWorld.NOW);
        });
        world.change(tx -> {
            world.aliases.deleteOf(tx, key.arn());
            world.keys.delete(tx, world.keys.expect(tx, key.arn()));
        });
        for (String kind :
                List.of("kms-key", "kms-material", "kms-alias", "kms-alias-of", "kms-due")) {
            assertThat(world.catalog.list(kind, "", "", 10)).as(kind).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1234abcd-12ab-34cd-56ef-1234567890ab, arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "arn:aws:kms:eu-central-1:222222222222:key/1234abcd-12ab-34cd-56ef-1234567890ab, arn:aws:kms:eu-central-1:222222222222:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "alias/a, arn:aws:kms:eu-central-1:123456789012:alias/a",
        "arn:aws:kms:eu-central-1:222222222222:alias/a/b, arn:aws:kms:eu-central-1:222222222222:alias/a/b",
    })
    void a_key_has_four_kinds_of_names(String text, String arn) {
        KeyId id = KeyId.of(text, KeyWorld.ACCOUNT, KeyWorld.REGION).orElseThrow();
        assertThat(id.text()).isEqualTo(arn);
        assertThat(id.account()).isEqualTo(arn.split(":", -1)[4]);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a",
                "alias/",
                "alias/a b",
                "1234ABCD-12ab-34cd-56ef-1234567890ab",
                "key/1234abcd-12ab-34cd-56ef-1234567890ab",
                "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
                "arn:aws:kms:us-east-1:123456789012:alias/a",
                "arn:aws:kms:eu-central-1:123456789012:key/a/../b",
                "arn:aws:s3:::bucket"
            })
    void other_names_are_none_of_the_region(String text) {
        assertThat(KeyId.of(text, KeyWorld.ACCOUNT, KeyWorld.REGION)).isEmpty();
        assertThat(KeyId.invalid(text).code()).isIn(ErrorCode.NOT_FOUND, ErrorCode.INVALID_ARN);
    }
}
