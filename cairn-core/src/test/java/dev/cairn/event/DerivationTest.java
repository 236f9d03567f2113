package dev.cairn.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What is told of records that do not say it themselves.
final class DerivationTest {

    private static Event read(String members) {
        String json = "{\"eventTime\":\"2020-01-01T00:00:00Z\"," + members + "}";
        return switch (EventReader.lenient()
                .read(json.getBytes(StandardCharsets.UTF_8), Instant.EPOCH)) {
            case Parsed.Read(Event event) -> event;
            case Parsed.Refused(RefusalCode code, String message) ->
                    throw new AssertionError(code + " " + message);
        };
    }

    private static @Nullable String username(String identity) {
        return read("\"userIdentity\":{" + identity + "}").username();
    }

    @Test
    void usernamesAreThoseOfLookupEvents() {
        assertThat(username("\"type\":\"Root\",\"userName\":\"company-alias\"")).isEqualTo("root");
        assertThat(username("\"type\":\"IAMUser\",\"userName\":\"Alice\"")).isEqualTo("Alice");
        assertThat(username("\"type\":\"IAMUser\",\"arn\":\"arn:aws:iam::1:user/team/bob\""))
                .isEqualTo("bob");
        assertThat(
                        username(
                                "\"type\":\"AssumedRole\",\"principalId\":\"AROA:session\",\"sessionContext\":{\"sessionIssuer\":{\"userName\":\"role\"}}"))
                .isEqualTo("session");
        assertThat(username("\"type\":\"AssumedRole\",\"arn\":\"arn:aws:sts::1:assumed-role/R/S\""))
                .isEqualTo("S");
        assertThat(
                        username(
                                "\"type\":\"AssumedRole\",\"sessionContext\":{\"sessionIssuer\":{\"userName\":\"role\"}}"))
                .isEqualTo("role");
        assertThat(username("\"type\":\"FederatedUser\",\"principalId\":\"111122223333:fed\""))
                .isEqualTo("fed");
        assertThat(username("\"type\":\"AWSService\",\"invokedBy\":\"ec2.amazonaws.com\""))
                .isEqualTo("ec2.amazonaws.com");
        assertThat(
                        username(
                                "\"type\":\"AWSAccount\",\"principalId\":\"AIDAX\",\"accountId\":\"1\""))
                .isEqualTo("AIDAX");
        assertThat(username("\"type\":\"SAMLUser\",\"principalId\":\"q:s\",\"userName\":\"s\""))
                .isEqualTo("s");
        assertThat(username("\"type\":\"WebIdentityUser\",\"userName\":\"w\"")).isEqualTo("w");
        assertThat(username("\"type\":\"IdentityCenterUser\",\"onBehalfOf\":{\"userId\":\"u-1\"}"))
                .isEqualTo("u-1");
        assertThat(username("\"accountId\":\"1\",\"invokedBy\":\"AWS Internal\"")).isNull();
        assertThat(username("\"type\":\"Unknown\"")).isNull();
    }

    @Test
    void readingIsToldFromTheNameWhereTheRecordDoesNotTell() {
        for (String name :
                List.of(
                        "GetObject",
                        "ListBuckets",
                        "DescribeInstances",
                        "HeadBucket",
                        "LookupEvents",
                        "BatchGetItem",
                        "SearchResources",
                        "Query",
                        "Scan",
                        "ListObjects20060301")) {
            assertThat(read("\"eventName\":\"" + name + "\"").readOnly()).as(name).isTrue();
        }
        for (String name :
                List.of(
                        "PutObject",
                        "RunInstances",
                        "Getaway",
                        "BatchWriteItem",
                        "Batch",
                        "ConsoleLogin",
                        "")) {
            assertThat(read("\"eventName\":\"" + name + "\"").readOnly()).as(name).isFalse();
        }
        assertThat(
                        read("\"eventName\":\"AssumeRole\",\"eventSource\":\"sts.amazonaws.com\"")
                                .readOnly())
                .isTrue();
        assertThat(
                        read("\"eventName\":\"Decrypt\",\"eventSource\":\"kms.amazonaws.com\"")
                                .readOnly())
                .isTrue();
        assertThat(
                        read("\"eventName\":\"GetSessionToken\",\"eventSource\":\"sts.amazonaws.com\"")
                                .readOnly())
                .isFalse();
        assertThat(read("\"eventName\":\"GetObject\",\"readOnly\":false").readOnly()).isFalse();
    }

    @Test
    void theCategoryIsToldFromTypeManagementFlagAndName() {
        assertThat(read("\"eventCategory\":\"Data\"").category()).isEqualTo(Category.DATA);
        assertThat(read("\"eventCategory\":\"Novel\"").category()).isEqualTo(Category.OTHER);
        assertThat(read("\"eventType\":\"AwsVpceEvent\"").category())
                .isEqualTo(Category.NETWORK_ACTIVITY);
        assertThat(read("\"eventType\":\"AwsCloudTrailInsight\"").category())
                .isEqualTo(Category.INSIGHT);
        assertThat(read("\"managementEvent\":false").category()).isEqualTo(Category.DATA);
        String get = "\"eventName\":\"GetObject\",\"eventSource\":\"s3.amazonaws.com\"";
        assertThat(read(get).category()).isEqualTo(Category.DATA);
        assertThat(read(get + ",\"managementEvent\":true").category())
                .isEqualTo(Category.MANAGEMENT);
        assertThat(
                        read("\"eventName\":\"GetBucketAcl\",\"eventSource\":\"s3.amazonaws.com\"")
                                .category())
                .isEqualTo(Category.MANAGEMENT);
    }

    private static List<String> resources(String members) {
        return read(members).resources().stream().map(r -> r.type() + " " + r.name()).toList();
    }

    private static List<String> request(String service, String parameters) {
        // The source stands last: rules wait for it.
        return resources(
                "\"requestParameters\":"
                        + parameters
                        + ",\"eventSource\":\""
                        + service
                        + ".amazonaws.com\"");
    }

    @Test
    void theRecordsOwnListComesFirstByNameNotArn() {
        assertThat(
                        resources(
                                "\"requestParameters\":{\"bucketName\":\"b\",\"key\":\"k/x\"},\"eventSource\":\"s3.amazonaws.com\",\"resources\":[{\"type\":\"AWS::S3::Object\",\"ARN\":\"arn:aws:s3:::b/k/x\"},{\"accountId\":\"1\",\"type\":\"AWS::S3::Bucket\",\"ARN\":\"arn:aws:s3:::b\"},{\"ARN\":\"arn:aws:iam::1:role/p/r\"},{\"type\":\"T\",\"ARNPrefix\":\"plain\"},{\"type\":\"AWS::CloudWatch::Metric\"}]"))
                .containsExactly(
                        "AWS::S3::Object b/k/x",
                        "AWS::S3::Bucket b",
                        "AWS::IAM::Role r",
                        "T plain");
    }

    @Test
    void wellKnownMembersNameResourcesOfTheirService() {
        assertThat(
                        request(
                                "ec2",
                                "{\"instancesSet\":{\"items\":[{\"instanceId\":\"i-1\"},{\"instanceId\":\"i-2\"},{\"instanceId\":\"i-1\"}]}}"))
                .containsExactly("AWS::EC2::Instance i-1", "AWS::EC2::Instance i-2");
        assertThat(request("ssm", "{\"instanceIds\":[\"i-1\"],\"documentName\":\"D\"}"))
                .containsExactly("AWS::EC2::Instance i-1", "AWS::SSM::Document D");
        assertThat(
                        request(
                                "iam",
                                "{\"groupName\":\"g\",\"userName\":\"u\",\"policyArn\":\"arn:aws:iam::aws:policy/x/P\"}"))
                .containsExactly("AWS::IAM::Group g", "AWS::IAM::User u", "AWS::IAM::Policy P");
        assertThat(request("ec2", "{\"groupName\":\"g\",\"groupId\":\"sg-1\"}"))
                .containsExactly("AWS::EC2::SecurityGroup g", "AWS::EC2::SecurityGroup sg-1");
        assertThat(request("cloudtrail", "{\"name\":\"t\",\"filter\":{\"name\":\"no\"}}"))
                .containsExactly("AWS::CloudTrail::Trail t");
        assertThat(request("sqs", "{\"queueUrl\":\"https://sqs.us-east-1.amazonaws.com/1/q\"}"))
                .containsExactly("AWS::SQS::Queue q");
        assertThat(
                        request(
                                "lambda",
                                "{\"functionName\":\"arn:aws:lambda:us-east-1:1:function:f:PROD\"}"))
                .containsExactly("AWS::Lambda::Function f");
        assertThat(
                        request(
                                "secretsmanager",
                                "{\"secretId\":\"arn:aws:secretsmanager:us-east-1:1:secret:a/b-xY3zQ9\"}"))
                .containsExactly("AWS::SecretsManager::Secret a/b");
        assertThat(request("ssm", "{\"resourceId\":\"/p\",\"name\":\"/p\"}"))
                .containsExactly("AWS::SSM::Parameter /p");
        assertThat(request("iam", "{\"userName\":\"HIDDEN_DUE_TO_SECURITY_REASONS\"}")).isEmpty();
    }

    @Test
    void ec2IdsAndArnsAreFoundUnderAnyMember() {
        assertThat(
                        request(
                                "mystery",
                                "{\"x\":[[\"vol-0123456789abcdef0\"],{\"y\":\"sg-01234567\"}],\"z\":\"arn:aws:dynamodb:r:1:table/t/index/i\"}"))
                .containsExactly(
                        "AWS::EC2::Volume vol-0123456789abcdef0",
                        "AWS::EC2::SecurityGroup sg-01234567",
                        "AWS::DynamoDB::Table t");
        assertThat(
                        request(
                                "mystery",
                                "{\"a\":\"i-0123\",\"b\":\"x-0123456789abcdef0\",\"c\":\"i-0123456789abcdeg0\",\"d\":7}"))
                .isEmpty();
        assertThat(request("ec2", "{\"associationId\":\"rtbassoc-0123456789abcdef0\"}"))
                .containsExactly(
                        "AWS::EC2::SubnetRouteTableAssociation rtbassoc-0123456789abcdef0");
    }

    @Test
    void aDeniedCallIsFoundUnderWhatItWasDenied() {
        assertThat(
                        resources(
                                "\"errorMessage\":\"User: arn:aws:iam::1:user/u is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::1:role/R because no policy allows it\",\"requestParameters\":null"))
                .containsExactly("AWS::IAM::Role R");
    }

    @Test
    void noMoreThanTheMostAreListed() {
        StringBuilder ids = new StringBuilder();
        for (int i = 0; i < 3_000; i++) {
            ids.append(i > 0 ? "," : "").append("\"i-").append("%08x".formatted(i)).append('"');
        }
        assertThat(request("ec2", "{\"instanceIds\":[" + ids + "]}"))
                .hasSize(EventReader.RESOURCES_MAX)
                .startsWith("AWS::EC2::Instance i-00000000");
    }
}
