package dev.cairn.server.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.account.Caller;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Bucket;
import dev.cairn.archive.BucketRegister;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.kms.AliasArn;
import dev.cairn.kms.EncryptCheck;
import dev.cairn.kms.KeyArn;
import dev.cairn.kms.KmsKeys;
import dev.cairn.log.LogGroupName;
import dev.cairn.log.LogGroups;
import dev.cairn.server.http.SpooledBody;
import dev.cairn.topic.TopicArn;
import dev.cairn.topic.TopicAttribute;
import dev.cairn.trail.Deliveries;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrailOperationsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String HOME = "us-east-1";
    private static final String AWAY = "eu-west-1";
    private static final String OTHER_ACCOUNT = "210987654321";
    private static final String MAIN = "arn:aws:cloudtrail:us-east-1:123456789012:trail/main";
    private static final String MANAGEMENT =
            "[{'FieldSelectors':[{'Field':'eventCategory','Equals':['Management']}]}]";

    @TempDir private Path folder;
    private TestParts parts;

    @BeforeEach
    void open() throws Exception {
        parts = new TestParts(folder);
    }

    @AfterEach
    void close() {
        parts.ledger.close();
    }

    // Trails.

    @Test
    void a_trail_is_made_with_awss_defaults() throws Exception {
        var made = ask("CreateTrail", "{'Name':'main','S3BucketName':'logs'}");

        assertThat(made)
                .isEqualTo(
                        tree(
                                "{'Name':'main','S3BucketName':'logs','IncludeGlobalServiceEvents':true,"
                                        + "'IsMultiRegionTrail':false,'TrailARN':'"
                                        + MAIN
                                        + "','LogFileValidationEnabled':false,"
                                        + "'IsOrganizationTrail':false,'RecursiveLogging':true}"));
        assertThat(ask("GetTrail", "{'Name':'main'}").path("Trail"))
                .isEqualTo(
                        made.deepCopy()
                                .put("HomeRegion", HOME)
                                .put("HasCustomEventSelectors", false)
                                .put("HasInsightSelectors", false));
        assertThat(ask("GetTrailStatus", "{'Name':'main'}").path("IsLogging").asBoolean())
                .isFalse();
    }

    @Test
    void an_update_changes_what_it_names_and_nothing_else() throws Exception {
        ask(
                "CreateTrail",
                "{'Name':'main','S3BucketName':'logs','S3KeyPrefix':'a/b','EnableLogFileValidation':true}");
        var updated =
                ask(
                        "UpdateTrail",
                        "{'Name':'main','IsMultiRegionTrail':true,'RecursiveLogging':false}");

        assertThat(updated.path("S3KeyPrefix").asText()).isEqualTo("a/b");
        assertThat(updated.path("LogFileValidationEnabled").asBoolean()).isTrue();
        assertThat(updated.path("IsMultiRegionTrail").asBoolean()).isTrue();
        assertThat(updated.path("RecursiveLogging").asBoolean()).isFalse();
        assertThat(
                        ask("UpdateTrail", "{'Name':'main','S3KeyPrefix':'','SnsTopicName':''}")
                                .has("S3KeyPrefix"))
                .isFalse();
    }

    @Test
    void a_trail_gets_a_topic_that_is_there_and_lets_cloudtrail_publish() throws Exception {
        var topic = new TopicArn(HOME, TestParts.ACCOUNT, "audit");
        var create = "{'Name':'main','S3BucketName':'logs','SnsTopicName':'audit'}";
        fails(ErrorCode.INSUFFICIENT_SNS_TOPIC_POLICY, HOME, "CreateTrail", create);
        parts.catalog.<Object, RuntimeException>write(
                tx -> parts.topics.topics().create(tx, topic, Map.of(), Map.of()));
        fails(ErrorCode.INSUFFICIENT_SNS_TOPIC_POLICY, HOME, "CreateTrail", create);
        parts.catalog.<Object, RuntimeException>write(tx -> {
            parts.topics
                    .topics()
                    .set(
                            tx,
                            topic,
                            TopicAttribute.POLICY,
                            "{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"cloudtrail.amazonaws.com\"},\"Action\":\"SNS:Publish\",\"Resource\":\"*\"}}");
            return true;
        });

        var made = ask("CreateTrail", create);
        assertThat(made.path("SnsTopicName").asText()).isEqualTo("audit");
        assertThat(made.path("SnsTopicARN").asText()).isEqualTo(topic.toString());
        assertThat(parts.topics.notices().waiting()).hasSize(1);
        assertThat(
                        ask("UpdateTrail", "{'Name':'main','EnableLogFileValidation':true}")
                                .path("SnsTopicARN")
                                .asText())
                .isEqualTo(topic.toString());
        assertThat(ask("UpdateTrail", "{'Name':'main','SnsTopicName':''}").has("SnsTopicARN"))
                .isFalse();
    }

    private KeyArn key(String policy) throws Exception {
        return parts.catalog.<KeyArn, CatalogException>write(tx ->
                parts.kms
                        .keys()
                        .create(
                                tx,
                                TestParts.ACCOUNT,
                                HOME,
                                "",
                                Optional.of(policy),
                                Map.of(),
                                TestParts.NOW)
                        .arn());
    }

    @Test
    void a_trail_keeps_the_arn_of_the_key_that_it_is_given_in_any_form() throws Exception {
        var arn = key(EncryptCheck.policy(TestParts.ACCOUNT, List.of(MAIN)));
        var alias = new AliasArn(HOME, TestParts.ACCOUNT, "alias/logs");
        parts.catalog.<Boolean, CatalogException>write(tx -> {
            var key = parts.kms.keys().expect(tx, arn);
            parts.kms.aliases().create(tx, alias, key, TestParts.NOW);
            return true;
        });
        ask("CreateTrail", "{'Name':'main','S3BucketName':'logs','KmsKeyId':'alias/logs'}");
        for (var named : List.of(arn.id(), arn.toString(), alias.name(), alias.toString())) {
            ask("UpdateTrail", "{'Name':'main','KmsKeyId':''}");
            assertThat(ask("GetTrail", "{'Name':'main'}").path("Trail").has("KmsKeyId")).isFalse();
            ask("UpdateTrail", "{'Name':'main','KmsKeyId':'%s'}".formatted(named));
            assertThat(ask("UpdateTrail", "{'Name':'main'}").path("KmsKeyId").asText())
                    .as(named)
                    .isEqualTo(arn.toString());
        }
        assertThat(ask("DescribeTrails", "{}").at("/trailList/0/KmsKeyId").asText())
                .isEqualTo(arn.toString());
    }

    @Test
    void a_key_that_could_not_encrypt_is_refused() throws Exception {
        var create = "{'Name':'main','S3BucketName':'logs','KmsKeyId':'%s'}";
        var closed = key(KmsKeys.defaultPolicy(TestParts.ACCOUNT));
        fails(
                ErrorCode.INSUFFICIENT_ENCRYPTION_POLICY,
                HOME,
                "CreateTrail",
                create.formatted(closed));
        var disabled = key(EncryptCheck.policy(TestParts.ACCOUNT, List.of(MAIN)));
        parts.catalog.<Boolean, CatalogException>write(tx -> {
            parts.kms.keys().disable(tx, disabled);
            return true;
        });
        fails(ErrorCode.KMS, HOME, "CreateTrail", create.formatted(disabled));
        var open = key(EncryptCheck.policy(TestParts.ACCOUNT, List.of(MAIN)));
        parts.catalog.<Boolean, CatalogException>write(tx -> {
            new BucketRegister(parts.catalog)
                    .create(
                            tx,
                            new Bucket(
                                    "faraway", TestParts.ACCOUNT, AWAY, TestParts.NOW, null, ""));
            return true;
        });
        fails(
                ErrorCode.KMS_KEY_NOT_FOUND,
                HOME,
                "CreateTrail",
                "{'Name':'main','S3BucketName':'faraway','KmsKeyId':'%s'}".formatted(open));
        ask("CreateTrail", create.formatted(open));
        fails(
                ErrorCode.KMS_KEY_NOT_FOUND,
                HOME,
                "UpdateTrail",
                "{'Name':'main','S3BucketName':'faraway'}");
    }

    @Test
    void a_multi_region_trail_is_a_shadow_elsewhere() throws Exception {
        ask("CreateTrail", "{'Name':'main','S3BucketName':'logs','IsMultiRegionTrail':true}");
        ask("CreateTrail", "{'Name':'local','S3BucketName':'logs'}");
        ask(AWAY, "CreateTrail", "{'Name':'main','S3BucketName':'logs'}");

        assertThat(described(HOME, "{}"))
                .containsExactlyInAnyOrder("us-east-1 main", "us-east-1 local");
        assertThat(described(AWAY, "{}"))
                .containsExactlyInAnyOrder("us-east-1 main", "eu-west-1 main");
        assertThat(described(AWAY, "{'includeShadowTrails':false}"))
                .containsExactly("eu-west-1 main");
        assertThat(described("xx-new-1", "{}")).containsExactly("us-east-1 main");
        assertThat(described(AWAY, "{'trailNameList':['main','local','nobody']}"))
                .containsExactly("eu-west-1 main");
        assertThat(described(AWAY, "{'trailNameList':['" + MAIN + "']}"))
                .containsExactly("us-east-1 main");
        var listed = new ArrayList<String>();
        ask(AWAY, "ListTrails", "{}")
                .path("Trails")
                .forEach(t -> listed.add(t.path("TrailARN").asText()));
        assertThat(listed).hasSize(3).isSorted().contains(MAIN);
        var status = ask(AWAY, "GetTrailStatus", "{'Name':'" + MAIN + "'}");
        assertThat(status.path("IsLogging").asBoolean()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UpdateTrail Name",
                "DeleteTrail Name",
                "StartLogging Name",
                "StopLogging Name",
                "PutEventSelectors TrailName",
                "PutEventConfiguration TrailName"
            })
    void a_trail_is_changed_in_its_home_region_only(String asked) throws Exception {
        var operation = asked.substring(0, asked.indexOf(' '));
        var member = asked.substring(asked.indexOf(' ') + 1);
        ask("CreateTrail", "{'Name':'main','S3BucketName':'logs','IsMultiRegionTrail':true}");
        var more = operation.equals("PutEventSelectors") ? ",'EventSelectors':[{}]" : "";

        fails(
                ErrorCode.INVALID_HOME_REGION,
                AWAY,
                operation,
                "{'%s':'%s'%s}".formatted(member, MAIN, more));
        fails(
                ErrorCode.TRAIL_NOT_FOUND,
                AWAY,
                operation,
                "{'%s':'main'%s}".formatted(member, more));
        fails(
                ErrorCode.CLOUDTRAIL_ARN_INVALID,
                HOME,
                operation,
                "{'%s':'arn:aws:s3:::main'%s}".formatted(member, more));
        fails(
                ErrorCode.INVALID_TRAIL_NAME,
                HOME,
                operation,
                "{'%s':'a'%s}".formatted(member, more));
        ask(operation, "{'%s':'%s'%s}".formatted(member, MAIN, more));
    }

    @Test
    void trails_of_another_account_do_not_exist() throws Exception {
        ask("CreateTrail", "{'Name':'main','S3BucketName':'logs','IsMultiRegionTrail':true}");

        assertThatThrownBy(() ->
                        run(
                                Caller.root(OTHER_ACCOUNT, "AKIA1"),
                                HOME,
                                "GetTrail",
                                "{'Name':'" + MAIN + "'}"))
                .isInstanceOfSatisfying(
                        Failure.class,
                        failure -> {
                            assertThat(failure.code()).isEqualTo(ErrorCode.TRAIL_NOT_FOUND);
                            assertThat(failure.message())
                                    .isEqualTo(
                                            "Unknown trail: "
                                                    + MAIN
                                                    + " for the user: "
                                                    + OTHER_ACCOUNT);
                        });
        assertThat(
                        run(Caller.root(OTHER_ACCOUNT, "AKIA1"), HOME, "DescribeTrails", "{}")
                                .path("trailList"))
                .isEmpty();
    }

    @Test
    void a_trail_gets_a_log_group_beside_it_that_is_there_and_loses_it_again() throws Exception {
        for (var region : List.of(HOME, AWAY)) {
            parts.catalog.<Object, RuntimeException>write(tx -> {
                new LogGroups(parts.catalog)
                        .create(
                                tx,
                                new LogGroupName(region, TestParts.ACCOUNT, "audit"),
                                Map.of(),
                                TestParts.NOW);
                return true;
            });
        }
        var group = "arn:aws:logs:us-east-1:123456789012:log-group:audit:*";
        var role = "arn:aws:iam::123456789012:role/service-role/CloudTrail";
        var logs =
                "'CloudWatchLogsLogGroupArn':'%s','CloudWatchLogsRoleArn':'%s'"
                        .formatted(group, role);
        var made = ask("CreateTrail", "{'Name':'main','S3BucketName':'logs',%s}".formatted(logs));
        assertThat(made.path("CloudWatchLogsLogGroupArn").asText()).isEqualTo(group);
        for (var elsewhere : List.of(group.replace(HOME, AWAY), group.replace(":*", ""))) {
            fails(
                    ErrorCode.INVALID_CLOUD_WATCH_LOGS_LOG_GROUP_ARN,
                    HOME,
                    "UpdateTrail",
                    "{'Name':'main','CloudWatchLogsLogGroupArn':'%s'}".formatted(elsewhere));
        }
        assertThat(ask("UpdateTrail", "{'Name':'main','S3KeyPrefix':'a'}"))
                .isEqualTo(made.deepCopy().put("S3KeyPrefix", "a"));
        assertThat(ask("GetTrail", "{'Name':'main'}").at("/Trail/CloudWatchLogsRoleArn").asText())
                .isEqualTo(role);
        assertThat(
                        ask(
                                        "UpdateTrail",
                                        "{'Name':'main','CloudWatchLogsLogGroupArn':'','CloudWatchLogsRoleArn':''}")
                                .has("CloudWatchLogsLogGroupArn"))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "InvalidTrailName | {'Name':'ab','S3BucketName':'logs'}",
                "InvalidTrailName | {'Name':'','S3BucketName':'logs'}",
                "InvalidTrailName | {'Name':'-abc','S3BucketName':'logs'}",
                "InvalidTrailName | {'Name':'abc.','S3BucketName':'logs'}",
                "InvalidTrailName | {'Name':'my-_name','S3BucketName':'logs'}",
                "InvalidTrailName | {'Name':'192.168.5.4','S3BucketName':'logs'}",
                "InvalidTrailName | {'Name':'a b c','S3BucketName':'logs'}",
                "InvalidTrailName | {'Name':'arn:aws:cloudtrail:us-east-1:123456789012:trail/x','S3BucketName':'logs'}",
                "InvalidS3BucketName | {'Name':'main','S3BucketName':'Logs'}",
                "InvalidS3BucketName | {'Name':'main','S3BucketName':'lo'}",
                "InvalidS3BucketName | {'Name':'main','S3BucketName':'a..b'}",
                "InvalidS3BucketName | {'Name':'main','S3BucketName':'192.168.5.4'}",
                "InvalidS3Prefix | {'Name':'main','S3BucketName':'logs','S3KeyPrefix':'/a'}",
                "InvalidS3Prefix | {'Name':'main','S3BucketName':'logs','S3KeyPrefix':'a/'}",
                "InvalidParameterCombination | {'Name':'main','S3BucketName':'logs','IsMultiRegionTrail':true,'IncludeGlobalServiceEvents':false}",
                "InsufficientSnsTopicPolicy | {'Name':'main','S3BucketName':'logs','SnsTopicName':'audit'}",
                "InvalidSnsTopicName | {'Name':'main','S3BucketName':'logs','SnsTopicName':'au dit'}",
                "KmsKeyNotFound | {'Name':'main','S3BucketName':'logs','KmsKeyId':'alias/x'}",
                "KmsKeyNotFound | {'Name':'main','S3BucketName':'logs','KmsKeyId':'1234abcd-12ab-34cd-56ef-1234567890ab'}",
                "InvalidKmsKeyId | {'Name':'main','S3BucketName':'logs','KmsKeyId':'my key'}",
                "InvalidKmsKeyId | {'Name':'main','S3BucketName':'logs','KmsKeyId':'arn:aws:kms:us-east-1:123456789012:key/x'}",
                "InvalidCloudWatchLogsRoleArn | {'Name':'main','S3BucketName':'logs','CloudWatchLogsLogGroupArn':'arn:aws:logs:us-east-1:123456789012:log-group:audit:*'}",
                "InvalidCloudWatchLogsRoleArn | {'Name':'main','S3BucketName':'logs','CloudWatchLogsLogGroupArn':'arn:aws:logs:us-east-1:123456789012:log-group:audit:*','CloudWatchLogsRoleArn':'arn:aws:iam::123456789012:user/a'}",
                "InvalidCloudWatchLogsLogGroupArn | {'Name':'main','S3BucketName':'logs','CloudWatchLogsRoleArn':'arn:aws:iam::123456789012:role/a'}",
                "InvalidCloudWatchLogsLogGroupArn | {'Name':'main','S3BucketName':'logs','CloudWatchLogsLogGroupArn':'arn:aws:logs:us-east-1:123456789012:log-group:nowhere:*','CloudWatchLogsRoleArn':'arn:aws:iam::123456789012:role/a'}",
                "UnsupportedOperation | {'Name':'main','S3BucketName':'logs','IsOrganizationTrail':true}",
                "InvalidTagParameter | {'Name':'main','S3BucketName':'logs','TagsList':[{'Key':'aws:x'}]}",
                "InvalidTagParameter | {'Name':'main','S3BucketName':'logs','TagsList':[{'Key':'x'},{'Key':'x'}]}"
            })
    void what_aws_refuses_is_refused_and_makes_nothing(String error, String input)
            throws Exception {
        assertThatThrownBy(() -> ask("CreateTrail", input))
                .isInstanceOfSatisfying(
                        Failure.class,
                        failure ->
                                assertThat(failure.code().awsName())
                                        .isEqualTo(error + "Exception"));
        assertThat(described(HOME, "{}")).isEmpty();
    }

    @Test
    void names_and_prefixes_have_their_limits() throws Exception {
        var name = "n".repeat(128);
        ask(
                "CreateTrail",
                "{'Name':'%s','S3BucketName':'logs','S3KeyPrefix':'%s'}"
                        .formatted(name, "p".repeat(200)));

        fails(
                ErrorCode.INVALID_TRAIL_NAME,
                HOME,
                "CreateTrail",
                "{'Name':'%sn','S3BucketName':'logs'}".formatted(name));
        fails(
                ErrorCode.INVALID_S3_PREFIX,
                HOME,
                "CreateTrail",
                "{'Name':'main','S3BucketName':'logs','S3KeyPrefix':'%s'}"
                        .formatted("p".repeat(201)));
        fails(
                ErrorCode.TRAIL_ALREADY_EXISTS,
                HOME,
                "CreateTrail",
                "{'Name':'%s','S3BucketName':'logs'}".formatted(name));
        for (var i = 0; i < 4; i++) {
            ask("CreateTrail", "{'Name':'trail%d','S3BucketName':'logs'}".formatted(i));
        }
        fails(
                ErrorCode.MAXIMUM_NUMBER_OF_TRAILS_EXCEEDED,
                HOME,
                "CreateTrail",
                "{'Name':'sixth','S3BucketName':'logs'}");
    }

    @Test
    void the_bucket_is_asked_before_anything_is_changed() throws Exception {
        var asked = new ArrayList<String>();
        parts.buckets =
                (as, bucket, prefix) -> {
                    asked.add(as.trailArn() + " " + bucket + " " + prefix);
                    return switch (bucket) {
                        case "missing" ->
                                throw new ArchiveException(
                                        ArchiveException.Kind.NO_SUCH_BUCKET, "NoSuchBucket", "no");
                        case "slow" ->
                                throw new ArchiveException(
                                        ArchiveException.Kind.TIMEOUT, "SlowDown", "no");
                        case "closed" -> Optional.of("Add this statement.");
                        default -> Optional.empty();
                    };
                };

        fails(
                ErrorCode.S3_BUCKET_DOES_NOT_EXIST,
                HOME,
                "CreateTrail",
                "{'Name':'main','S3BucketName':'missing'}");
        fails(
                ErrorCode.SERVICE_UNAVAILABLE,
                HOME,
                "CreateTrail",
                "{'Name':'main','S3BucketName':'slow'}");
        fails(
                ErrorCode.INSUFFICIENT_S3_BUCKET_POLICY,
                HOME,
                "CreateTrail",
                "{'Name':'main','S3BucketName':'closed'}");
        asked.clear();
        fails(
                ErrorCode.INVALID_TAG_PARAMETER,
                HOME,
                "CreateTrail",
                "{'Name':'main','S3BucketName':'missing','TagsList':[{'Key':'aws:x'}]}");
        assertThat(asked).isEmpty();
        assertThat(described(HOME, "{}")).isEmpty();
        ask("CreateTrail", "{'Name':'main','S3BucketName':'open','S3KeyPrefix':'p'}");
        assertThat(asked).containsExactly(MAIN + " open p/AWSLogs/123456789012/");
        fails(
                ErrorCode.INSUFFICIENT_S3_BUCKET_POLICY,
                HOME,
                "UpdateTrail",
                "{'Name':'main','S3BucketName':'closed'}");
        ask("UpdateTrail", "{'Name':'main','S3KeyPrefix':''}");
        assertThat(asked.getLast()).isEqualTo(MAIN + " open AWSLogs/123456789012/");
    }

    @Test
    void the_status_tells_of_logging_and_of_deliveries() throws Exception {
        ask("CreateTrail", "{'Name':'main','S3BucketName':'logs'}");

        assertThat(ask("GetTrailStatus", "{'Name':'main'}"))
                .isEqualTo(
                        tree(
                                "{'IsLogging':false,'LatestDeliveryAttemptTime':'','LatestNotificationAttemptTime':'',"
                                        + "'LatestNotificationAttemptSucceeded':'','LatestDeliveryAttemptSucceeded':'',"
                                        + "'TimeLoggingStarted':'','TimeLoggingStopped':''}"));

        ask("StartLogging", "{'Name':'main'}");
        parts.deliveries =
                (id, region) ->
                        new Deliveries.Figures(
                                TestParts.NOW,
                                Instant.parse("2026-11-21T08:05:00.250Z"),
                                "AccessDenied",
                                Instant.parse("2026-11-21T08:00:00.500Z"),
                                "NoSuchBucket");
        var status = ask("GetTrailStatus", "{'Name':'main'}");
        assertThat(status.path("IsLogging").asBoolean()).isTrue();
        assertThat(status.path("StartLoggingTime").asDouble())
                .isEqualTo((double) TestParts.NOW.getEpochSecond());
        assertThat(status.has("StopLoggingTime")).isFalse();
        assertThat(status.path("TimeLoggingStarted").asText()).isEqualTo("2026-11-21T08:00:00Z");
        assertThat(status.path("LatestDeliveryError").asText()).isEqualTo("AccessDenied");
        assertThat(status.path("LatestDeliveryAttemptTime").asText())
                .isEqualTo("2026-11-21T08:05:00Z");
        assertThat(status.path("LatestDeliveryAttemptSucceeded").asText())
                .isEqualTo("2026-11-21T08:00:00Z");
        assertThat(status.path("LatestDigestDeliveryTime").asDouble())
                .isEqualTo(TestParts.NOW.getEpochSecond() + 0.5);
        assertThat(status.path("LatestDigestDeliveryError").asText()).isEqualTo("NoSuchBucket");

        ask("StopLogging", "{'Name':'main'}");
        status = ask("GetTrailStatus", "{'Name':'main'}");
        assertThat(status.path("IsLogging").asBoolean()).isFalse();
        assertThat(status.path("TimeLoggingStopped").asText()).isEqualTo("2026-11-21T08:00:00Z");
        fails(ErrorCode.TRAIL_NOT_FOUND, AWAY, "GetTrailStatus", "{'Name':'" + MAIN + "'}");
    }

    @Test
    void a_deleted_trail_is_gone() throws Exception {
        ask("CreateTrail", "{'Name':'main','S3BucketName':'logs'}");
        assertThat(ask("DeleteTrail", "{'Name':'" + MAIN + "'}")).isEmpty();

        fails(ErrorCode.TRAIL_NOT_FOUND, HOME, "GetTrail", "{'Name':'main'}");
        fails(ErrorCode.TRAIL_NOT_FOUND, HOME, "DeleteTrail", "{'Name':'main'}");
    }

    @Test
    void more_trails_than_a_page_holds_are_listed_page_by_page() throws Exception {
        for (var region = 0; region < 101; region++) {
            ask("xx-region-" + region, "CreateTrail", "{'Name':'main','S3BucketName':'logs'}");
        }
        var first = ask("ListTrails", "{}");
        var second =
                ask("ListTrails", "{'NextToken':'%s'}".formatted(first.path("NextToken").asText()));

        assertThat(first.path("Trails")).hasSize(100);
        assertThat(second.path("Trails")).hasSize(1);
        assertThat(second.has("NextToken")).isFalse();
        fails(ErrorCode.INVALID_NEXT_TOKEN, HOME, "ListTrails", "{'NextToken':'%'}");
    }

    // Selectors.

    @Test
    void a_trail_without_selectors_has_the_default_one() throws Exception {
        ask("CreateTrail", "{'Name':'main','S3BucketName':'logs'}");

        assertThat(ask("GetEventSelectors", "{'TrailName':'main'}"))
                .isEqualTo(
                        tree(
                                "{'TrailARN':'"
                                        + MAIN
                                        + "','EventSelectors':[{'ReadWriteType':'All','IncludeManagementEvents':true,"
                                        + "'DataResources':[],'ExcludeManagementEventSources':[]}]}"));
    }

    @Test
    void one_kind_of_selectors_takes_the_place_of_the_other() throws Exception {
        ask("CreateTrail", "{'Name':'main','S3BucketName':'logs'}");
        var put =
                ask(
                        "PutEventSelectors",
                        "{'TrailName':'main','AdvancedEventSelectors':" + MANAGEMENT + "}");

        assertThat(put.path("TrailARN").asText()).isEqualTo(MAIN);
        assertThat(put.path("AdvancedEventSelectors")).isEqualTo(tree(MANAGEMENT));
        assertThat(put.has("EventSelectors")).isFalse();
        assertThat(ask("GetEventSelectors", "{'TrailName':'" + MAIN + "'}")).isEqualTo(put);
        assertThat(
                        ask("GetTrail", "{'Name':'main'}")
                                .path("Trail")
                                .path("HasCustomEventSelectors")
                                .asBoolean())
                .isTrue();

        put = ask("PutEventSelectors", "{'TrailName':'main','EventSelectors':[{}]}");
        assertThat(put.has("AdvancedEventSelectors")).isFalse();
        assertThat(
                        ask("GetTrail", "{'Name':'main'}")
                                .path("Trail")
                                .path("HasCustomEventSelectors")
                                .asBoolean())
                .isFalse();
        fails(ErrorCode.INVALID_EVENT_SELECTORS, HOME, "PutEventSelectors", "{'TrailName':'main'}");
        fails(
                ErrorCode.INVALID_EVENT_SELECTORS,
                HOME,
                "PutEventSelectors",
                "{'TrailName':'main','EventSelectors':[{}],'AdvancedEventSelectors':"
                        + MANAGEMENT
                        + "}");
    }

    @Test
    void a_trail_of_data_events_has_them_summed_up() throws Exception {
        ask("CreateTrail", "{'Name':'main','S3BucketName':'logs'}");
        var none = tree("{'TrailARN':'" + MAIN + "','AggregationConfigurations':[]}");
        var two =
                tree(
                        "{'TrailARN':'"
                                + MAIN
                                + "','AggregationConfigurations':[{'EventCategory':'Data','Templates':['API_ACTIVITY','USER_ACTIONS']}]}");
        var wanted =
                "{'TrailName':'main','AggregationConfigurations':[{'EventCategory':'Data','Templates':['USER_ACTIONS','API_ACTIVITY','USER_ACTIONS']}]}";

        assertThat(ask("GetEventConfiguration", "{'TrailName':'main'}")).isEqualTo(none);
        fails(ErrorCode.INVALID_PARAMETER_COMBINATION, HOME, "PutEventConfiguration", wanted);
        ask(
                "PutEventSelectors",
                "{'TrailName':'main','EventSelectors':[{'DataResources':[{'Type':'AWS::S3::Object','Values':['arn:aws:s3:::customers/']}]}]}");
        assertThat(ask("PutEventConfiguration", wanted)).isEqualTo(two);
        assertThat(ask("GetEventConfiguration", "{'TrailName':'main'}")).isEqualTo(two);
        ask("UpdateTrail", "{'Name':'main','EnableLogFileValidation':true}");
        ask("StartLogging", "{'Name':'main'}");
        assertThat(ask("PutEventConfiguration", "{'TrailName':'main'}")).isEqualTo(two);
        assertThat(
                        ask(
                                "PutEventConfiguration",
                                "{'TrailName':'main','AggregationConfigurations':[]}"))
                .isEqualTo(none);
        assertThat(ask("GetEventConfiguration", "{'TrailName':'main'}")).isEqualTo(none);
    }

    @Test
    void event_configurations_of_trails_have_no_members_of_event_data_stores() throws Exception {
        ask("CreateTrail", "{'Name':'main','S3BucketName':'logs'}");

        fails(
                ErrorCode.INVALID_PARAMETER_COMBINATION,
                HOME,
                "PutEventConfiguration",
                "{'TrailName':'main','MaxEventSize':'Large'}");
        fails(ErrorCode.INVALID_PARAMETER_COMBINATION, HOME, "GetEventConfiguration", "{}");
        fails(
                ErrorCode.INVALID_PARAMETER_COMBINATION,
                HOME,
                "GetEventConfiguration",
                "{'TrailName':'main','EventDataStore':'x'}");
        fails(
                ErrorCode.UNSUPPORTED_OPERATION,
                HOME,
                "GetEventConfiguration",
                "{'EventDataStore':'x'}");
    }

    // Tags.

    @Test
    void tags_are_added_replaced_listed_and_removed() throws Exception {
        ask(
                "CreateTrail",
                "{'Name':'main','S3BucketName':'logs','TagsList':[{'Key':'a','Value':'1'},{'Key':'b'}]}");
        ask(
                "AddTags",
                "{'ResourceId':'"
                        + MAIN
                        + "','TagsList':[{'Key':'a','Value':'2'},{'Key':'c','Value':'3'}]}");
        ask("RemoveTags", "{'ResourceId':'" + MAIN + "','TagsList':[{'Key':'b'},{'Key':'z'}]}");

        assertThat(ask("ListTags", "{'ResourceIdList':['" + MAIN + "']}"))
                .isEqualTo(
                        tree(
                                "{'ResourceTagList':[{'ResourceId':'"
                                        + MAIN
                                        + "','TagsList':[{'Key':'a','Value':'2'},{'Key':'c','Value':'3'}]}]}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CloudTrailARNInvalid | main",
                "CloudTrailARNInvalid | arn:aws:s3:::main",
                "ResourceNotFound | arn:aws:cloudtrail:us-east-1:123456789012:trail/other",
                "ResourceNotFound | arn:aws:cloudtrail:us-east-1:210987654321:trail/main",
                "ChannelARNInvalid | arn:aws:cloudtrail:us-east-1:123456789012:channel/x",
                "ResourceNotFound | arn:aws:cloudtrail:us-east-1:123456789012:dashboard/x"
            })
    void tags_belong_to_the_arns_of_trails(String error, String id) throws Exception {
        ask("CreateTrail", "{'Name':'main','S3BucketName':'logs'}");

        for (var operation : new String[] {"AddTags", "RemoveTags"}) {
            assertThatThrownBy(() ->
                            ask(
                                    operation,
                                    "{'ResourceId':'%s','TagsList':[{'Key':'a'}]}".formatted(id)))
                    .isInstanceOfSatisfying(
                            Failure.class,
                            failure ->
                                    assertThat(failure.code().awsName())
                                            .isEqualTo(error + "Exception"));
        }
        assertThatThrownBy(() -> ask("ListTags", "{'ResourceIdList':['%s']}".formatted(id)))
                .isInstanceOf(Failure.class);
    }

    @Test
    void a_trail_has_at_most_fifty_tags_and_a_list_twenty_trails() throws Exception {
        ask("CreateTrail", "{'Name':'main','S3BucketName':'logs'}");
        var tags = new StringBuilder();
        for (var i = 0; i < 51; i++) {
            tags.append(i == 0 ? "" : ",").append("{'Key':'k%d'}".formatted(i));
        }

        fails(
                ErrorCode.TAGS_LIMIT_EXCEEDED,
                HOME,
                "AddTags",
                "{'ResourceId':'%s','TagsList':[%s]}".formatted(MAIN, tags));
        fails(
                ErrorCode.VALIDATION,
                HOME,
                "ListTags",
                "{'ResourceIdList':[%s]}"
                        .formatted(("'" + MAIN + "',").repeat(20) + "'" + MAIN + "'"));
    }

    // How they are asked.

    private java.util.List<String> described(String region, String input) throws Exception {
        var found = new ArrayList<String>();
        for (var trail : ask(region, "DescribeTrails", input).path("trailList")) {
            found.add(trail.path("HomeRegion").asText() + " " + trail.path("Name").asText());
        }
        return found;
    }

    private ObjectNode ask(String operation, String input) throws Exception {
        return ask(HOME, operation, input);
    }

    private ObjectNode ask(String region, String operation, String input) throws Exception {
        return run(Caller.root(TestParts.ACCOUNT, "AKIA0"), region, operation, input);
    }

    /// The answer, as it comes over the wire: numbers are numbers, whatever their class.
    private ObjectNode run(Caller caller, String region, String operation, String input)
            throws Exception {
        var call =
                new Invocation(
                        caller,
                        region,
                        (ObjectNode) tree(input),
                        SpooledBody.of(new byte[0]),
                        TestParts.NOW);
        var built =
                parts.operations
                        .signedAs("cloudtrail")
                        .orElseThrow()
                        .operation(operation)
                        .orElseThrow();
        var output = parts.run(built.operation(), call);
        return (ObjectNode) JSON.readTree(output.toString());
    }

    private static JsonNode tree(String json) throws Exception {
        return JSON.readTree(json.replace('\'', '"'));
    }

    private void fails(ErrorCode code, String region, String operation, String input) {
        assertThatThrownBy(() -> ask(region, operation, input))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.code()).isEqualTo(code));
    }
}
